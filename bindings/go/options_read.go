package tfckpt

// #include "shim.h"
import "C"

// WithMapped has data shards read through a mapping of the file rather than by positioned
// reads. That saves a copy within the operating system; but a file that another process cuts
// short then ends the program by SIGBUS. Of [Open]; default false.
func WithMapped(mapped bool) Option {
	return newOptionOf("WithMapped", func(c *C.tfckpt_reader_options) error {
		C.tfckpt_reader_options_set_mapped(c, C.bool(mapped))
		return nil
	})
}

// WithIndexCache sets how many bytes of the index are kept in memory for the next look at
// them. Of [Open] and [Verify]; default 64 MiB.
func WithIndexCache(bytes int) Option {
	return newOptionOf("WithIndexCache", func(c *C.tfckpt_reader_options) error {
		size, err := sizeArg("WithIndexCache", bytes)
		C.tfckpt_reader_options_set_index_cache(c, size)
		return err
	})
}

// WithMaxBlock sets the largest block of the index, in bytes, that is taken into memory; a
// larger one is [ErrResourceLimit]. Of [Open] and [Verify]; default 1 GiB, of V1 4 GiB.
func WithMaxBlock(bytes int) Option {
	return newOptionOf("WithMaxBlock", func(c *C.tfckpt_reader_options) error {
		size, err := sizeArg("WithMaxBlock", bytes)
		C.tfckpt_reader_options_set_max_block(c, size)
		return err
	})
}

// WithMaxIndex sets the largest index, in bytes of its file, that is opened; a larger one is
// [ErrResourceLimit]. Of V1, whose files have the values in them, the largest file. Of [Open]
// and [Verify]; default any size.
func WithMaxIndex(bytes int) Option {
	return newOptionOf("WithMaxIndex", func(c *C.tfckpt_reader_options) error {
		size, err := sizeArg("WithMaxIndex", bytes)
		C.tfckpt_reader_options_set_max_index(c, size)
		return err
	})
}

// WithMaxTensors sets how many tensors a checkpoint may have; of more, V1 is not opened, and V2
// not counted: [ErrResourceLimit]. Of [Open] and [Verify]; default 2^28.
func WithMaxTensors(count int64) Option {
	return newOptionOf("WithMaxTensors", func(c *C.tfckpt_reader_options) error {
		C.tfckpt_reader_options_set_max_tensors(c, C.int64_t(count))
		return nil
	})
}

// WithMaxTensorBytes sets for how many bytes of values one call may take memory; more is
// [ErrResourceLimit]. What is read into memory of yours has the limits of that. Of [Open];
// default as many as the files have.
func WithMaxTensorBytes(bytes int) Option {
	return newOptionOf("WithMaxTensorBytes", func(c *C.tfckpt_reader_options) error {
		size, err := sizeArg("WithMaxTensorBytes", bytes)
		C.tfckpt_reader_options_set_max_tensor_bytes(c, size)
		return err
	})
}

// WithVerify says whether bytes are checked against their CRC-32C. A CRC is over all of a
// stored tensor, so checking a slice reads all the stored pieces that it touches; without,
// only the wanted ranges are read, and damage in them is not seen. Of all that reads values;
// and of [LatestValid] and [Repair], which without it look only whether data is
// missing. Default true.
func WithVerify(verify bool) Option {
	return newOption("WithVerify", func(options any) error {
		switch c := options.(type) {
		case *C.tfckpt_read_options:
			C.tfckpt_read_options_set_verify(c, C.bool(verify))
		case *sectionOptions:
			c.verify = verify
		case *C.tfckpt_state_options:
			C.tfckpt_state_options_set_verify(c, C.bool(verify))
		default:
			return errRefused
		}
		return nil
	})
}

// WithThreads sets on how many threads values are read or checked, one long tensor too, or
// written by [Writer.AddMany], [Copy] or [Merge], the caller's included; more than 256 count as
// 256. The others are started for the call and end with it. Of all that reads values but
// [Reader.Section], of those three, and of [Verify]; default 1.
func WithThreads(threads int) Option {
	return newOption("WithThreads", func(options any) error {
		count, err := sizeArg("WithThreads", threads)
		if err != nil {
			return err
		}
		switch c := options.(type) {
		case *C.tfckpt_read_options:
			C.tfckpt_read_options_set_threads(c, count)
		case *verification:
			c.threads = count
		case *C.tfckpt_write_options:
			C.tfckpt_write_options_set_threads(c, count)
		case *C.tfckpt_copy_options:
			C.tfckpt_copy_options_set_threads(c, count)
		case *C.tfckpt_merge_options:
			C.tfckpt_merge_options_set_threads(c, count)
		default:
			return errRefused
		}
		return nil
	})
}

// WithMaxInFlight sets how many bytes [Reader.ReadMany] may hold at once besides the buffers
// it fills, or [Writer.AddMany] besides the values, default 8 MiB; or [Copy] and [Merge] in
// all, default 64 MiB.
func WithMaxInFlight(bytes int) Option {
	return newOption("WithMaxInFlight", func(options any) error {
		size, err := sizeArg("WithMaxInFlight", bytes)
		if err != nil {
			return err
		}
		switch c := options.(type) {
		case *C.tfckpt_read_options:
			C.tfckpt_read_options_set_max_in_flight(c, size)
		case *C.tfckpt_write_options:
			C.tfckpt_write_options_set_max_in_flight(c, size)
		case *C.tfckpt_copy_options:
			C.tfckpt_copy_options_set_max_in_flight(c, size)
		case *C.tfckpt_merge_options:
			C.tfckpt_merge_options_set_max_in_flight(c, size)
		default:
			return errRefused
		}
		return nil
	})
}

func newReaderOptions(call string, opts []Option) (*C.tfckpt_reader_options, error) {
	return optionsIfAny(call, opts,
		func() *C.tfckpt_reader_options { return C.tfckpt_reader_options_new() },
		func(c *C.tfckpt_reader_options) { C.tfckpt_reader_options_free(c) })
}

func newReadOptions(call string, opts []Option) (*C.tfckpt_read_options, error) {
	return optionsIfAny(call, opts, createReadOptions, freeReadOptions)
}

func createReadOptions() *C.tfckpt_read_options { return C.tfckpt_read_options_new() }

func freeReadOptions(c *C.tfckpt_read_options) { C.tfckpt_read_options_free(c) }
