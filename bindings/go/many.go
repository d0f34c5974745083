package tfckpt

// #include "shim.h"
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// A Request is one of the tensors that [Reader.ReadMany] reads.
type Request struct {
	// Name is the tensor's name.
	Name string
	// Slice is the part of it that is wanted; the zero Slice is all of it.
	Slice Slice
	// Dst is where the values go: its front is filled. Where it is nil, ReadMany sets it to
	// new memory of just the size. Small ones share memory then: whoever keeps a few of many
	// should [bytes.Clone] them.
	Dst []byte
	// Strides says how many bytes lie between the first of neighbours along each dimension of
	// what is read, in Dst: it is then a part of a larger array, whose other bytes stay as they
	// are. Each is a multiple of the element size, and no less than what neighbours along it
	// take. Empty where Dst is packed; otherwise Dst must be there.
	Strides []int64

	// dtype is what the tensor must be of, or 0.
	dtype DType
}

// Into asks for a tensor whose dtype must be that of T, as of [Values], into the front of dst.
func Into[T Element](name string, dst []T) Request {
	return Request{Name: name, Dst: notNil(bytesOf(dst)), dtype: DTypeOf[T]()}
}

// notNil tells memory of no bytes from none.
func notNil(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

// ReadMany reads many tensors, or slices of them, in the order in which they lie in the
// files, whatever order they are asked for in. The memory of two requests must not overlap.
//
// [ErrNotFound] lists all the names that there are no tensors of: see [Error.Missing].
// Otherwise the error is the first that was met. What is in all of the memory after an error
// is not defined. When ctx is done, reading stops soon: the error then is both
// [ErrCancelled] and what [context.Cause] says. It takes [WithVerify], [WithThreads],
// [WithMaxInFlight] and [WithProgress].
func (r *Reader) ReadMany(ctx context.Context, requests []Request, opts ...Option) error {
	var watch watch
	options, err := newOptions("ReadMany", opts, createReadOptions, freeReadOptions, &watch)
	if err != nil {
		return err
	}
	defer C.tfckpt_read_options_free(options)
	batch, err := newBatch(requests)
	if err != nil {
		return err
	}
	defer batch.free()
	if err := batch.measure(r); err != nil {
		return err
	}
	batch.pin()
	return watch.run(ctx, func(progress *C.tfckpt_progress) error {
		C.tfckpt_read_options_set_progress(options, progress)
		return batch.read(r, options)
	})
}

// A batch is requests as C takes them, in memory of C: names are copied there, and the
// buffers, which are not, are pinned.
type batch struct {
	requests []Request
	c        []C.tfckpt_read_request
	pinner   runtime.Pinner
}

func newBatch(requests []Request) (*batch, error) {
	size, err := batchSize(requests)
	if err != nil {
		return nil, err
	}
	b := &batch{requests: requests}
	if len(requests) == 0 {
		return b, nil
	}
	// One piece: the requests, the numbers of the slices, the names.
	memory := C.calloc(1, C.size_t(size))
	b.c = unsafe.Slice((*C.tfckpt_read_request)(memory), len(requests))
	rest := unsafe.Slice((*byte)(memory), size)[len(requests)*requestSize:]
	for i := range requests {
		rest = b.setStrides(i, b.setSlice(i, rest))
	}
	for i := range requests {
		rest = b.setName(i, rest)
	}
	return b, nil
}

const requestSize = int(unsafe.Sizeof(C.tfckpt_read_request{}))

// batchSize is how many bytes of C the requests take.
func batchSize(requests []Request) (int, error) {
	size := 0
	for i := range requests {
		rank, err := requests[i].Slice.rank()
		if err != nil {
			return 0, err
		}
		if err := requests[i].checkStrides(rank); err != nil {
			return 0, err
		}
		size += requestSize + 8*(2*rank+len(requests[i].Strides)) + len(requests[i].Name)
	}
	return size, nil
}

// checkStrides refuses strides of other dimensions than the slice has, and those of no memory.
func (r *Request) checkStrides(rank int) error {
	if len(r.Strides) == 0 {
		return nil
	}
	if r.Dst == nil {
		return invalid("strides of %q, but no memory", r.Name)
	}
	if rank != 0 && rank != len(r.Strides) {
		return invalid("strides %v of slice %v of %q", r.Strides, r.Slice, r.Name)
	}
	return nil
}

// setStrides copies the strides of a request into the front of memory, and returns what is left.
func (b *batch) setStrides(i int, memory []byte) []byte {
	rank := len(b.requests[i].Strides)
	if rank == 0 {
		return memory
	}
	numbers := unsafe.Slice((*int64)(unsafe.Pointer(unsafe.SliceData(memory))), rank)
	copy(numbers, b.requests[i].Strides)
	b.c[i].dst_strides = int64sArg(numbers)
	b.c[i].rank = C.size_t(rank)
	return memory[8*rank:]
}

// setSlice copies the slice of a request into the front of memory, and returns what is left.
func (b *batch) setSlice(i int, memory []byte) []byte {
	rank := len(b.requests[i].Slice.Starts)
	if rank == 0 {
		return memory
	}
	numbers := unsafe.Slice((*int64)(unsafe.Pointer(unsafe.SliceData(memory))), 2*rank)
	copy(numbers, b.requests[i].Slice.Starts)
	copy(numbers[rank:], b.requests[i].Slice.Lengths)
	b.c[i].starts = int64sArg(numbers)
	b.c[i].lengths = int64sArg(numbers[rank:])
	b.c[i].rank = C.size_t(rank)
	return memory[2*8*rank:]
}

// setName does so with the name.
func (b *batch) setName(i int, memory []byte) []byte {
	n := copy(memory, b.requests[i].Name)
	b.c[i].name = (*C.char)(unsafe.Pointer(unsafe.SliceData(memory)))
	b.c[i].name_len = C.size_t(n)
	return memory[n:]
}

// measure takes memory for those requests that have none, and looks at the dtype of those
// that say which it must be.
func (b *batch) measure(r *Reader) error {
	count := len(b.requests)
	wantSize, wantDType := make([]C.uint8_t, count), make([]C.uint8_t, count)
	something := false
	for i, request := range b.requests {
		if request.Dst == nil {
			wantSize[i], something = 1, true
		}
		if request.dtype != 0 {
			wantDType[i], something = 1, true
		}
	}
	if !something {
		return nil
	}
	sizes, dtypes, err := b.ask(r, wantSize, wantDType)
	if err != nil {
		return err
	}
	for i, request := range b.requests {
		if is := DType(dtypes[i]); is != 0 && is != request.dtype {
			return expectDType(request.Name, is, request.dtype)
		}
	}
	b.allocate(sizes)
	return nil
}

// ask finds sizes and dtypes in one call; of a tensor that is not there they are 0.
func (b *batch) ask(r *Reader, wantSize, wantDType []C.uint8_t) ([]C.size_t, []C.int32_t, error) {
	c, err := r.h.use()
	if err != nil {
		return nil, nil, err
	}
	defer r.h.done()
	sizes, dtypes := make([]C.size_t, len(b.c)), make([]C.int32_t, len(b.c))
	var cerr *C.tfckpt_error
	status := C.shim_measure(c, unsafe.SliceData(b.c), C.size_t(len(b.c)), unsafe.SliceData(wantSize),
		unsafe.SliceData(wantDType), unsafe.SliceData(sizes), unsafe.SliceData(dtypes), &cerr)
	return sizes, dtypes, check(status, cerr)
}

// Buffers below smallBuffer are taken from slabs of slabSize: a hundred thousand of them, each
// by itself, would be as much work as to read them.
const (
	smallBuffer = 32 << 10
	slabSize    = 1 << 20
)

// allocate gives memory to the requests that have none.
func (b *batch) allocate(sizes []C.size_t) {
	var slab []byte
	for i := range b.requests {
		request, size := &b.requests[i], int(sizes[i])
		switch {
		case request.Dst != nil:
		case size == 0:
			request.Dst = []byte{}
		case size >= smallBuffer:
			request.Dst = make([]byte, size)
		default:
			room := (size + 15) &^ 15
			if len(slab) < room {
				slab = make([]byte, slabSize)
				b.pinner.Pin(unsafe.SliceData(slab))
			}
			request.Dst, slab = slab[:size:size], slab[room:]
			b.setDst(i, request.Dst)
		}
	}
}

// pin holds the buffers where they are that are not yet, and tells C where that is.
func (b *batch) pin() {
	for i := range b.requests {
		dst := b.requests[i].Dst
		if len(dst) == 0 || b.c[i].dst != nil {
			continue
		}
		b.pinner.Pin(unsafe.SliceData(dst))
		b.setDst(i, dst)
	}
}

// setDst tells C of a buffer that is pinned.
func (b *batch) setDst(i int, dst []byte) {
	b.c[i].dst = unsafe.Pointer(unsafe.SliceData(dst))
	b.c[i].dst_len = C.size_t(len(dst))
}

func (b *batch) read(r *Reader, options *C.tfckpt_read_options) error {
	c, err := r.h.use()
	if err != nil {
		return err
	}
	defer r.h.done()
	var cerr *C.tfckpt_error
	err = check(C.tfckpt_reader_read_many(c, unsafe.SliceData(b.c), C.size_t(len(b.c)), options, &cerr), cerr)
	for _, request := range b.requests {
		if request.dtype == Bool {
			makeBools(request.Dst)
		}
	}
	return err
}

// free gives the memory back to C, and lets go of the buffers, in that order: what C has must
// never point to what may move.
func (b *batch) free() {
	C.free(unsafe.Pointer(unsafe.SliceData(b.c)))
	b.pinner.Unpin()
	runtime.KeepAlive(b.requests)
}
