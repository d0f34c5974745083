package tfckpt

// #include "shim.h"
import "C"

import "time"

// Collected is what [GC] did.
type Collected struct {
	Removed  []string // or what would be removed
	InUse    []string // left to writers that live
	TooYoung []string // too young to say that they are forgotten
	Problems []*Error // what could not be looked at or removed
}

// WithTensorFlowFiles says whether to remove, too, what saves of TensorFlow have left. It does
// not tell whether it is still at work on them, so their age decides. Of [GC]; default false.
func WithTensorFlowFiles(remove bool) Option {
	return newOptionOf("WithTensorFlowFiles", func(c *C.tfckpt_gc_options) error {
		C.tfckpt_gc_options_set_tensorflow(c, C.bool(remove))
		return nil
	})
}

// WithOrphans says whether to remove, too, data files that no index names: what a crash leaves
// between data and index. They may as well be of another program's save, or of a download,
// whose index is still to come, so their age decides. Of [GC]; default false.
func WithOrphans(remove bool) Option {
	return newOptionOf("WithOrphans", func(c *C.tfckpt_gc_options) error {
		C.tfckpt_gc_options_set_orphans(c, C.bool(remove))
		return nil
	})
}

// WithMinAge sets how long ago a file must have been written last, if nothing else tells
// whether its writer lives; whole seconds. Of [GC]; default a day.
func WithMinAge(age time.Duration) Option {
	return newOptionOf("WithMinAge", func(c *C.tfckpt_gc_options) error {
		var cerr *C.tfckpt_error
		seconds := C.int64_t(age / time.Second)
		return check(C.tfckpt_gc_options_set_min_age(c, seconds, &cerr), cerr)
	})
}

// WithDryRun says whether to tell only what would be removed. Of [GC]; default false.
func WithDryRun(dryRun bool) Option {
	return newOptionOf("WithDryRun", func(c *C.tfckpt_gc_options) error {
		C.tfckpt_gc_options_set_dry_run(c, C.bool(dryRun))
		return nil
	})
}

// GC removes the temporary files in a directory that no writer will ever finish: what crashes
// have left. Checkpoints, whole or not, are not touched. [ErrNotFound] where there is no such
// directory. It takes [WithTensorFlowFiles], [WithOrphans], [WithMinAge] and [WithDryRun].
func GC(dir string, opts ...Option) (*Collected, error) {
	options, err := optionsIfAny("GC", opts,
		func() *C.tfckpt_gc_options { return C.tfckpt_gc_options_new() },
		func(c *C.tfckpt_gc_options) { C.tfckpt_gc_options_free(c) })
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_gc_options_free(options)
	var c *C.tfckpt_collected
	err = withPath(dir, func(dir *C.char) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_directory_gc(dir, options, &c, &cerr), cerr)
	})
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_collected_free(c)
	return collectedOf(c), nil
}

func collectedOf(c *C.tfckpt_collected) *Collected {
	return &Collected{
		Removed: texts(C.tfckpt_collected_removed_count(c), func(i C.int64_t) *C.char {
			return C.tfckpt_collected_removed(c, i)
		}),
		InUse: texts(C.tfckpt_collected_in_use_count(c), func(i C.int64_t) *C.char {
			return C.tfckpt_collected_in_use(c, i)
		}),
		TooYoung: texts(C.tfckpt_collected_too_young_count(c), func(i C.int64_t) *C.char {
			return C.tfckpt_collected_too_young(c, i)
		}),
		Problems: problems(C.tfckpt_collected_problem_count(c), func(i C.int64_t) *C.tfckpt_error {
			return C.tfckpt_collected_problem(c, i)
		}),
	}
}
