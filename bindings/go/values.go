package tfckpt

// #include "shim.h"
import "C"

import "unsafe"

// Values reads a tensor as a slice of Go values. Its dtype must be that of T, as [DTypeOf]
// has it, or it is [ErrInvalidArgument]; otherwise errors are those of [Reader.Read].
//
//	kernel, err := tfckpt.Values[float32](reader, "dense/kernel")
func Values[T Element](r *Reader, name string, opts ...Option) ([]T, error) {
	return ValuesSlice[T](r, name, Slice{}, opts...)
}

// ValuesSlice reads a slice of a tensor, otherwise as [Values].
func ValuesSlice[T Element](r *Reader, name string, slice Slice, opts ...Option) ([]T, error) {
	if err := expectTensor[T](r, name); err != nil {
		return nil, err
	}
	size, err := r.readSize(name, slice)
	if err != nil {
		return nil, err
	}
	values := make([]T, size/int(unsafe.Sizeof(*new(T))))
	return values, fill(r, name, slice, values, opts)
}

// ReadValues reads a tensor into the front of dst, and returns that. [ErrBufferTooSmall]
// where dst is; otherwise as [Values].
func ReadValues[T Element](r *Reader, name string, dst []T, opts ...Option) ([]T, error) {
	if err := expectTensor[T](r, name); err != nil {
		return nil, err
	}
	size, err := r.readSize(name, Slice{})
	if err != nil {
		return nil, err
	}
	if count := size / int(unsafe.Sizeof(*new(T))); count <= len(dst) {
		dst = dst[:count]
	}
	if err := fill(r, name, Slice{}, dst, opts); err != nil {
		return nil, err
	}
	return dst, nil
}

func expectTensor[T Element](r *Reader, name string) error {
	tensor, err := r.Lookup(name)
	if err != nil {
		return err
	}
	return expectDType(name, tensor.DType, DTypeOf[T]())
}

func fill[T Element](r *Reader, name string, slice Slice, dst []T, opts []Option) error {
	options, err := newReadOptions("Values", opts)
	if err != nil {
		return err
	}
	defer C.tfckpt_read_options_free(options)
	// Never as T before it is known to be one.
	data := bytesOf(dst)
	err = r.readInto(name, slice, data, options)
	if DTypeOf[T]() == Bool {
		makeBools(data)
	}
	return err
}
