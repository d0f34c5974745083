package tfckpt

// #include "shim.h"
import "C"

// WithFormat sets the format: [V2], or [V1] for programs that read no other. Of [Create];
// default V2.
func WithFormat(format Format) Option {
	return newOptionOf("WithFormat", func(c *C.tfckpt_writer_options) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_writer_options_set_format(c, C.int32_t(format), &cerr), cerr)
	})
}

// WithShards sets over how many data shards, or files of V1, the tensors are spread: 1 to
// 1000. Of [Create] and [OpenManager], default 1; and of [Copy], default as many as the
// source has.
func WithShards(shards int) Option {
	return newOption("WithShards", func(options any) error {
		var cerr *C.tfckpt_error
		switch c := options.(type) {
		case *C.tfckpt_writer_options:
			return check(C.tfckpt_writer_options_set_shards(c, C.int64_t(shards), &cerr), cerr)
		case *C.tfckpt_copy_options:
			return check(C.tfckpt_copy_options_set_shards(c, C.int64_t(shards), &cerr), cerr)
		}
		return errRefused
	})
}

// WithAlignment sets at what multiple of bytes a tensor begins in its shard: a power of two up
// to 1 MiB, or 0 for 64 where a tensor has 4 KiB or more and the size of an element where it
// has fewer. 1 packs tensors as TensorFlow does: the files are then byte for byte those that
// TensorFlow writes for the same tensors in the same order. Of [Create], [OpenManager] and
// [Copy]; default 0.
func WithAlignment(alignment int) Option {
	return newOption("WithAlignment", func(options any) error {
		size, err := sizeArg("WithAlignment", alignment)
		if err != nil {
			return err
		}
		var cerr *C.tfckpt_error
		switch c := options.(type) {
		case *C.tfckpt_writer_options:
			return check(C.tfckpt_writer_options_set_alignment(c, size, &cerr), cerr)
		case *C.tfckpt_copy_options:
			return check(C.tfckpt_copy_options_set_alignment(c, size, &cerr), cerr)
		}
		return errRefused
	})
}

// WithBigEndian says whether values are stored highest byte first. They are given in the byte
// order of this machine all the same. Of [Create] and [OpenManager]; default false.
func WithBigEndian(bigEndian bool) Option {
	return newOptionOf("WithBigEndian", func(c *C.tfckpt_writer_options) error {
		C.tfckpt_writer_options_set_big_endian(c, C.bool(bigEndian))
		return nil
	})
}

// WithSync says whether what writes returns only when everything is on stable storage.
// Without, a power cut may leave a checkpoint that is not whole. Of [Create], [OpenManager],
// [Merge], [Copy] and [Repair]; default true.
func WithSync(sync bool) Option {
	return newOption("WithSync", func(options any) error {
		switch c := options.(type) {
		case *C.tfckpt_writer_options:
			C.tfckpt_writer_options_set_sync(c, C.bool(sync))
		case *C.tfckpt_merge_options:
			C.tfckpt_merge_options_set_sync(c, C.bool(sync))
		case *C.tfckpt_copy_options:
			C.tfckpt_copy_options_set_sync(c, C.bool(sync))
		case *C.tfckpt_state_options:
			C.tfckpt_state_options_set_sync(c, C.bool(sync))
		default:
			return errRefused
		}
		return nil
	})
}

// WithReplace says whether a checkpoint that is at the prefix already is replaced. At every
// instant of a crash one of the two is there, whole; only of V1 in several files, and where the
// file system has no hard links, it may be neither, though never a mixture. Of [Create], [OpenManager] and [Copy]; default false.
func WithReplace(replace bool) Option {
	return newOption("WithReplace", func(options any) error {
		switch c := options.(type) {
		case *C.tfckpt_writer_options:
			C.tfckpt_writer_options_set_replace(c, C.bool(replace))
		case *C.tfckpt_copy_options:
			C.tfckpt_copy_options_set_replace(c, C.bool(replace))
		default:
			return errRefused
		}
		return nil
	})
}

func newWriterOptions(call string, opts []Option) (*C.tfckpt_writer_options, error) {
	return optionsIfAny(call, opts,
		func() *C.tfckpt_writer_options { return C.tfckpt_writer_options_new() },
		func(c *C.tfckpt_writer_options) { C.tfckpt_writer_options_free(c) })
}
