package tfckpt

// #include "shim.h"
import "C"

import (
	"context"
	"slices"
)

// CopyData is what becomes of the data of a copy.
type CopyData int32

// What becomes of the data.
const (
	// DataRewrite: it is written anew, every byte is checked on the way, and what was left
	// out takes no room.
	DataRewrite CopyData = C.TFCKPT_COPY_DATA_REWRITE
	// DataCopy: only the index is written; the data files are copied as they are, unchecked.
	DataCopy CopyData = C.TFCKPT_COPY_DATA_COPY
	// DataLink: only the index is written; the data files get a second name, as hard links.
	DataLink CopyData = C.TFCKPT_COPY_DATA_LINK
)

// WithFilter says that tensors are copied whose whole names are as one of the patterns: *
// stands for anything, / included, ? for one character, [a-z_] and [!a-z] for one byte of a
// set or not of it; a backslash takes the meaning from what follows. Of [Copy]; without it
// everything is copied.
func WithFilter(patterns ...string) Option {
	patterns = slices.Clone(patterns)
	return newOptionOf("WithFilter", func(c *C.tfckpt_copy_options) error {
		for _, pattern := range patterns {
			var cerr *C.tfckpt_error
			text, length := nameArg(pattern)
			if err := check(C.tfckpt_copy_options_add_filter(c, text, length, &cerr), cerr); err != nil {
				return err
			}
		}
		return nil
	})
}

// WithNames gives tensors other names. Of several rules that fit a tensor the first counts;
// one that none fits keeps its name. Of [Copy].
func WithNames(rules ...Rule) Option {
	rules = slices.Clone(rules)
	return newOptionOf("WithNames", func(c *C.tfckpt_copy_options) error {
		for _, rule := range rules {
			if err := rule.addToCopy(c); err != nil {
				return err
			}
		}
		return nil
	})
}

// WithoutOptimizerState leaves out what is an optimizer's alone, which the object graph tells.
// Of [Copy].
func WithoutOptimizerState() Option {
	return newOptionOf("WithoutOptimizerState", func(c *C.tfckpt_copy_options) error {
		C.tfckpt_copy_options_set_drop_optimizer_state(c, true)
		return nil
	})
}

// WithData sets what becomes of the data. It can stay as it is where it comes from V2, and
// there is neither a cast nor a number of shards nor an alignment. Of [Copy]; default
// [DataRewrite].
func WithData(data CopyData) Option {
	return newOptionOf("WithData", func(c *C.tfckpt_copy_options) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_copy_options_set_data(c, C.int32_t(data), &cerr), cerr)
	})
}

// WithCast turns tensors of all floating types into this one; 0 is none. Values are rounded
// once, to the nearest, ties to even. Of [Copy].
func WithCast(dtype DType) Option {
	return newOptionOf("WithCast", func(c *C.tfckpt_copy_options) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_copy_options_set_cast(c, C.int32_t(dtype), &cerr), cerr)
	})
}

// Copy copies a checkpoint into a new one of V2, at the prefix dst. The path src is as of
// [Open]. The copy appears whole or not at all, and nothing ever happens to the source. An
// object graph comes along and stays true. When ctx is done, the copy ends with
// [ErrCancelled] and leaves nothing behind.
//
// [ErrAlreadyExists] where there is a checkpoint at dst; [ErrNotFound] for a filter or a rule
// that fits no tensor; [ErrInvalidArgument] where several tensors would have the same name,
// with all such names. It takes [WithFilter], [WithNames], [WithoutOptimizerState],
// [WithData], [WithCast], [WithShards], [WithAlignment], [WithSync], [WithReplace],
// [WithThreads], [WithMaxInFlight] and [WithProgress].
func Copy(ctx context.Context, dst, src string, opts ...Option) error {
	r, err := Open(src)
	if err != nil {
		return err
	}
	defer r.Close()
	return r.CopyTo(ctx, dst, opts...)
}

// CopyTo copies what the Reader reads, as [Copy] does: of an overlay, the tensors of all its
// checkpoints, under the names that they have there.
func (r *Reader) CopyTo(ctx context.Context, dst string, opts ...Option) error {
	var watch watch
	options, err := newOptions("Copy", opts, createCopyOptions, freeCopyOptions, &watch)
	if err != nil {
		return err
	}
	defer C.tfckpt_copy_options_free(options)
	c, err := r.h.use()
	if err != nil {
		return err
	}
	defer r.h.done()
	return withPath(dst, func(dst *C.char) error {
		return watch.run(ctx, func(progress *C.tfckpt_progress) error {
			C.tfckpt_copy_options_set_progress(options, progress)
			var cerr *C.tfckpt_error
			return check(C.tfckpt_reader_copy(c, dst, options, &cerr), cerr)
		})
	})
}

func createCopyOptions() *C.tfckpt_copy_options { return C.tfckpt_copy_options_new() }

func freeCopyOptions(c *C.tfckpt_copy_options) { C.tfckpt_copy_options_free(c) }
