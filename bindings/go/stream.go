package tfckpt

// #include "shim.h"
import "C"

import "io"

// A Stream is a tensor being written in pieces, which may end within an element: an
// [io.WriteCloser]. Until it is closed or aborted nothing else can be added to its [Writer].
type Stream struct {
	w    *Writer
	done bool
	err  error // what Close returned
}

var _ io.WriteCloser = (*Stream)(nil)

// Stream begins a tensor whose bytes are then written to the Stream. Errors are those of
// [Add]; [ErrInvalidArgument] where another Stream is open.
func (w *Writer) Stream(name string, dtype DType, shape Shape) (*Stream, error) {
	text, length := nameArg(name)
	return w.begin(func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		return C.tfckpt_writer_begin(c, text, length, C.int32_t(dtype), int64sArg(shape),
			C.size_t(len(shape)), err)
	})
}

// StreamSlice begins a slice of a tensor, as [Writer.Stream] and [AddSlice].
func (w *Writer) StreamSlice(name string, dtype DType, shape Shape, slice Slice) (*Stream, error) {
	if err := sameRank(shape, slice); err != nil {
		return nil, err
	}
	text, length := nameArg(name)
	return w.begin(func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		return C.tfckpt_writer_begin_slice(c, text, length, C.int32_t(dtype), int64sArg(shape),
			C.size_t(len(shape)), int64sArg(slice.Starts), int64sArg(slice.Lengths), err)
	})
}

func (w *Writer) begin(call func(*C.tfckpt_writer, **C.tfckpt_error) C.tfckpt_status) (*Stream, error) {
	stream := &Stream{w: w}
	err := w.do(func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		status := call(c, err)
		if status == C.TFCKPT_OK {
			w.stream = stream
		}
		return status
	})
	if err != nil {
		return nil, err
	}
	return stream, nil
}

// Write adds the next bytes: all of them or, with an error, none. [ErrInvalidArgument] where
// they are more than the tensor takes.
func (s *Stream) Write(p []byte) (int, error) {
	bytes, size := bytesArg(p)
	err := s.do(func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		return C.shim_append(c, bytes, size, err)
	})
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close ends the tensor. Where bytes of it are missing it is [ErrInvalidArgument], the tensor
// is given up, and the [Writer] goes on without it. Closing again returns the same.
func (s *Stream) Close() error {
	s.w.mu.Lock()
	done, err := s.done, s.err
	s.w.mu.Unlock()
	if done {
		return err
	}
	err = s.do(func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		s.end()
		status := C.tfckpt_writer_end(c, err)
		if status != C.TFCKPT_OK {
			C.tfckpt_writer_cancel(c, nil)
		}
		return status
	})
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.err = err
	return err
}

// Abort gives the tensor up: it will not be in the checkpoint, and its name is free again.
// After [Stream.Close] it does nothing. The error is always nil.
func (s *Stream) Abort() error {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.isOpen() {
		C.tfckpt_writer_cancel(s.w.c, nil)
		s.end()
	}
	return nil
}

// isOpen tells whether what is written to the Stream goes anywhere. The mutex is held.
func (s *Stream) isOpen() bool { return !s.done && s.w.stream == s }

// end lets the Writer take something else. The mutex is held.
func (s *Stream) end() { s.done, s.w.stream = true, nil }

// do makes a call with the writer of C, where the Stream is what it is at.
func (s *Stream) do(call func(*C.tfckpt_writer, **C.tfckpt_error) C.tfckpt_status) error {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if !s.isOpen() {
		return closed("stream")
	}
	var cerr *C.tfckpt_error
	return check(call(s.w.c, &cerr), cerr)
}
