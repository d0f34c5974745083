package tfckpt

// #include "shim.h"
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// A WriteRequest is one of the tensors that [Writer.AddMany] adds.
type WriteRequest struct {
	// Name is the tensor's name.
	Name string
	// DType is the type of its elements, which has a fixed size.
	DType DType
	// Shape is that of the whole tensor.
	Shape Shape
	// Slice is the part of it that Data is; the zero Slice is all of it.
	Slice Slice
	// Data has the elements in C order, in the byte order of this machine.
	Data []byte
}

// From asks for a tensor to be added whose dtype is that of T, as of [DTypeOf].
func From[T Element](name string, shape Shape, values []T) WriteRequest {
	return WriteRequest{Name: name, DType: DTypeOf[T](), Shape: shape, Data: bytesOf(values)}
}

// AddMany adds many tensors, or slices of them, on as many threads as [WithThreads] says;
// with as many shards as threads they get on best. The files are the same as if each had been
// added by [Writer.AddBytes] or [Writer.AddSliceBytes], one after the other.
//
// Errors are as of these, of the first request that has one: none of them is added then, or
// in the V1 format those before it. Nothing is written before all were checked. When ctx is
// done, writing stops soon: the error then is both [ErrCancelled] and what [context.Cause]
// says; after that, as after [ErrIO], the Writer can only be aborted. It takes [WithThreads],
// [WithMaxInFlight] and [WithProgress].
func (w *Writer) AddMany(ctx context.Context, requests []WriteRequest, opts ...Option) error {
	var watch watch
	options, err := newOptions("AddMany", opts, createWriteOptions, freeWriteOptions, &watch)
	if err != nil {
		return err
	}
	defer freeWriteOptions(options)
	batch, err := newWriteBatch(requests)
	if err != nil {
		return err
	}
	defer batch.free()
	return watch.run(ctx, func(progress *C.tfckpt_progress) error {
		C.tfckpt_write_options_set_progress(options, progress)
		return w.do(func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
			return C.tfckpt_writer_add_many(c, unsafe.SliceData(batch.c), C.size_t(len(batch.c)), options, err)
		})
	})
}

// A writeBatch is requests as C takes them, in memory of C. What they lead to is the caller's
// and pinned.
type writeBatch struct {
	requests []WriteRequest
	c        []C.tfckpt_write_request
	pinner   runtime.Pinner
}

const writeRequestSize = int(unsafe.Sizeof(C.tfckpt_write_request{}))

func newWriteBatch(requests []WriteRequest) (*writeBatch, error) {
	b := &writeBatch{requests: requests}
	for i := range requests {
		if len(requests[i].Slice.Starts)+len(requests[i].Slice.Lengths) == 0 {
			continue
		}
		if err := sameRank(requests[i].Shape, requests[i].Slice); err != nil {
			return nil, err
		}
	}
	if len(requests) == 0 {
		return b, nil
	}
	memory := C.calloc(C.size_t(len(requests)), C.size_t(writeRequestSize))
	b.c = unsafe.Slice((*C.tfckpt_write_request)(memory), len(requests))
	for i := range requests {
		b.set(i)
	}
	return b, nil
}

// set fills in a request.
func (b *writeBatch) set(i int) {
	request, c := &b.requests[i], &b.c[i]
	c.name = (*C.char)(pinned(&b.pinner, unsafe.StringData(request.Name), len(request.Name)))
	c.name_len = C.size_t(len(request.Name))
	c.dtype = C.int32_t(request.DType)
	c.dims = (*C.int64_t)(pinned(&b.pinner, unsafe.SliceData(request.Shape), len(request.Shape)))
	c.rank = C.size_t(len(request.Shape))
	starts, lengths := request.Slice.Starts, request.Slice.Lengths
	c.starts = (*C.int64_t)(pinned(&b.pinner, unsafe.SliceData(starts), len(starts)))
	c.lengths = (*C.int64_t)(pinned(&b.pinner, unsafe.SliceData(lengths), len(lengths)))
	c.data = pinned(&b.pinner, unsafe.SliceData(request.Data), len(request.Data))
	c.data_len = C.size_t(len(request.Data))
}

// pinned holds memory where it is, if there is any.
func pinned[T any](pinner *runtime.Pinner, data *T, length int) unsafe.Pointer {
	if length == 0 {
		return nil
	}
	pinner.Pin(data)
	return unsafe.Pointer(data)
}

// free gives the memory back to C, and lets go of what it led to, in that order.
func (b *writeBatch) free() {
	C.free(unsafe.Pointer(unsafe.SliceData(b.c)))
	b.pinner.Unpin()
	runtime.KeepAlive(b.requests)
}

func createWriteOptions() *C.tfckpt_write_options { return C.tfckpt_write_options_new() }

func freeWriteOptions(c *C.tfckpt_write_options) { C.tfckpt_write_options_free(c) }
