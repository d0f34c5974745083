package tfckpt

// #include "shim.h"
import "C"

import (
	"fmt"
	"runtime/debug"
	"unsafe"
)

// View shows the elements of a tensor in its mapped data file, without a copy, to a function,
// and is done with them when that returns. The bytes are there for as long as the function
// runs, whoever closes the Reader meanwhile; they must not be written to, and must not be
// kept, nor a part of them: [bytes.Clone] what is to stay. Whatever the function returns,
// View returns.
//
// The CRC is checked once, before the function is called, unless [WithVerify] says not to.
// Should another process cut the file short, then touching the bytes that are gone ends the
// function, and View returns [ErrIO]; in other goroutines that the function has started it
// ends the program.
//
// [ErrUnsupported] for V1, for a foreign byte order, for a tensor that is stored as slices,
// and for types without a fixed element size; otherwise errors are those of [Reader.Read].
func (r *Reader) View(name string, look func(data []byte) error, opts ...Option) error {
	view, err := r.view(name, opts)
	if err != nil {
		return err
	}
	defer C.tfckpt_view_free(view)
	return guarded(name, viewBytes(view), look)
}

// ViewValues shows the elements of a tensor as Go values; otherwise as [Reader.View]. The
// dtype must be that of T, as of [Values]. [ErrUnsupported] where the file has them at an
// address that is not right for T, as may happen in files of TensorFlow: read them then. It
// is not for bool, since a file may have bytes other than 0 and 1.
func ViewValues[T Element](r *Reader, name string, look func(values []T) error, opts ...Option) error {
	if DTypeOf[T]() == Bool {
		return invalid("tensor %q can't be viewed as bool: a file may have other bytes than 0 and 1", name)
	}
	view, err := r.view(name, opts)
	if err != nil {
		return err
	}
	defer C.tfckpt_view_free(view)
	if err := expectDType(name, DType(C.tfckpt_view_dtype(view)), DTypeOf[T]()); err != nil {
		return err
	}
	return guarded(name, viewBytes(view), func(data []byte) error {
		first := unsafe.Pointer(unsafe.SliceData(data))
		if align := unsafe.Alignof(*new(T)); len(data) > 0 && uintptr(first)%align != 0 {
			return misaligned(name, align)
		}
		return look(unsafe.Slice((*T)(first), len(data)/int(unsafe.Sizeof(*new(T)))))
	})
}

func misaligned(name string, align uintptr) error {
	return &Error{
		Code:    ErrUnsupported,
		Message: fmt.Sprintf("tensor %q does not begin at a multiple of %d bytes", name, align),
		Tensor:  name, Shard: -1, Offset: -1,
	}
}

func (r *Reader) view(name string, opts []Option) (*C.tfckpt_view, error) {
	options, err := newReadOptions("View", opts)
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_read_options_free(options)
	c, err := r.h.use()
	if err != nil {
		return nil, err
	}
	defer r.h.done()
	var view *C.tfckpt_view
	var cerr *C.tfckpt_error
	text, length := nameArg(name)
	err = check(C.tfckpt_reader_view(c, text, length, options, &view, &cerr), cerr)
	return view, err
}

// viewBytes shows the bytes of a view; nobody can append to them.
func viewBytes(view *C.tfckpt_view) []byte {
	size := int(C.tfckpt_view_size(view))
	return unsafe.Slice((*byte)(C.tfckpt_view_data(view)), size)[:size:size]
}

// guarded calls look, and turns a fault on the mapping into an error.
func guarded(name string, data []byte, look func([]byte) error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(before)
	defer func() {
		panicked := recover()
		if panicked == nil {
			return
		}
		if !faultedIn(panicked, data) {
			panic(panicked)
		}
		err = &Error{
			Code:    ErrIO,
			Message: fmt.Sprintf("the mapped file of tensor %q was cut short", name),
			Tensor:  name, Shard: -1, Offset: -1,
		}
	}()
	return look(data)
}

// faultedIn tells whether a panic is that of touching a mapping that has no file any more.
func faultedIn(panicked any, data []byte) bool {
	fault, ok := panicked.(interface{ Addr() uintptr })
	if !ok || len(data) == 0 {
		return false
	}
	first := uintptr(unsafe.Pointer(unsafe.SliceData(data)))
	return fault.Addr()-first < uintptr(len(data))
}
