package tfckpt

// #include "shim.h"
import "C"

import "errors"

// An Option changes how a call works, and is made by one of the functions that begin with
// With, which say what they are for. A call refuses one that is not for it with
// [ErrInvalidArgument].
type Option struct {
	name string
	// set changes the options of C that it is for; errRefused for others.
	set func(options any) error
}

var errRefused = errors.New("not an option of this")

// optionsIfAny makes options of C, or none where there is nothing to say.
func optionsIfAny[P comparable](call string, opts []Option, create func() P, free func(P)) (P, error) {
	if len(opts) == 0 {
		var none P
		return none, nil
	}
	return newOptions(call, opts, create, free)
}

// newOptions makes options of C, and sets others that go with them.
func newOptions[P comparable](call string, opts []Option, create func() P, free func(P), others ...any) (P, error) {
	options := create()
	if err := setOptions(call, opts, append(others, options)...); err != nil {
		free(options)
		var none P
		return none, err
	}
	return options, nil
}

// setOptions tries each option on the targets, until one takes it.
func setOptions(call string, opts []Option, targets ...any) error {
	for _, opt := range opts {
		if err := opt.setFirst(targets); errors.Is(err, errRefused) {
			return invalid("%s is no option of %s", opt.name, call)
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (o Option) setFirst(targets []any) error {
	if o.set == nil {
		return nil
	}
	for _, target := range targets {
		if err := o.set(target); !errors.Is(err, errRefused) {
			return err
		}
	}
	return errRefused
}

// newOptionOf is an option of calls whose options are of type P alone.
func newOptionOf[P any](name string, set func(P) error) Option {
	return newOption(name, func(options any) error {
		c, ok := options.(P)
		if !ok {
			return errRefused
		}
		return set(c)
	})
}

// newOption names an option as its function is named.
func newOption(name string, set func(options any) error) Option {
	return Option{name: name, set: set}
}

// sizeArg refuses a number of bytes, or of threads, that is negative.
func sizeArg(name string, n int) (C.size_t, error) {
	if n < 0 {
		return 0, invalid("%s(%d)", name, n)
	}
	return C.size_t(n), nil
}
