package tfckpt

// #include "shim.h"
import "C"

// Read reads a tensor, as its elements lie in memory: in C order, in the byte order of this
// machine, without padding. It fills the front of dst and returns that; where dst is nil, new
// memory, of just the size, which is taken only when the files have as many bytes.
//
// [ErrBufferTooSmall] where dst is; [ErrInvalidArgument] for strings and variants, which
// [Reader.ReadStrings] is for; [ErrDataLoss] where bytes are damaged or missing. What is in
// dst after an error is not defined. It takes [WithVerify] and [WithThreads].
func (r *Reader) Read(name string, dst []byte, opts ...Option) ([]byte, error) {
	return r.ReadSlice(name, Slice{}, dst, opts...)
}

// ReadSlice reads a slice of a tensor, otherwise as [Reader.Read]. [ErrInvalidArgument] where
// it reaches outside.
func (r *Reader) ReadSlice(name string, slice Slice, dst []byte, opts ...Option) ([]byte, error) {
	options, err := newReadOptions("Read", opts)
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_read_options_free(options)
	size, err := r.readSize(name, slice)
	if err != nil {
		return nil, err
	}
	if dst == nil {
		dst = make([]byte, size)
	}
	if err := r.readInto(name, slice, dst, options); err != nil {
		return nil, err
	}
	return dst[:size], nil
}

// Check reads all that is stored of a tensor, checks it, and keeps nothing of it: parts of it
// may then be read without a check, by [WithVerify]. Errors are those of [Reader.Read].
func (r *Reader) Check(name string) error {
	c, err := r.h.use()
	if err != nil {
		return err
	}
	defer r.h.done()
	var cerr *C.tfckpt_error
	text, length := nameArg(name)
	return check(C.tfckpt_reader_check(c, text, length, &cerr), cerr)
}

// readSize says how many bytes a read takes, which the files really have.
func (r *Reader) readSize(name string, slice Slice) (int, error) {
	rank, err := slice.rank()
	if err != nil {
		return 0, err
	}
	c, err := r.h.use()
	if err != nil {
		return 0, err
	}
	defer r.h.done()
	var size C.size_t
	var cerr *C.tfckpt_error
	text, length := nameArg(name)
	err = check(C.tfckpt_reader_read_size(c, text, length, int64sArg(slice.Starts),
		int64sArg(slice.Lengths), C.size_t(rank), &size, &cerr), cerr)
	return int(size), err
}

// readInto reads a slice, or all, into the front of dst.
func (r *Reader) readInto(name string, slice Slice, dst []byte, options *C.tfckpt_read_options) error {
	rank, err := slice.rank()
	if err != nil {
		return err
	}
	c, err := r.h.use()
	if err != nil {
		return err
	}
	defer r.h.done()
	var cerr *C.tfckpt_error
	text, length := nameArg(name)
	data, size := bytesArg(dst)
	return check(C.shim_read(c, text, length, int64sArg(slice.Starts), int64sArg(slice.Lengths),
		C.size_t(rank), options, data, size, &cerr), cerr)
}
