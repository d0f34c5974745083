package tfckpt

// #include "shim.h"
import "C"

// Add adds a tensor, whose dtype is that of T, as of [DTypeOf]. [ErrInvalidArgument] for an
// empty name, or where the shape does not have as many elements; [ErrAlreadyExists] for a name
// that was added before; [ErrIO], after which the Writer can only be aborted.
//
//	err := tfckpt.Add(w, "dense/bias", tfckpt.Shape{3}, []float32{1, 2, 3})
func Add[T Element](w *Writer, name string, shape Shape, values []T) error {
	return w.AddBytes(name, DTypeOf[T](), shape, bytesOf(values))
}

// AddSlice adds a slice of a tensor that is stored in several; shape is that of the whole
// tensor. Slices may come in any order, and among other tensors, but must not overlap.
// Otherwise as [Add].
func AddSlice[T Element](w *Writer, name string, shape Shape, slice Slice, values []T) error {
	return w.AddSliceBytes(name, DTypeOf[T](), shape, slice, bytesOf(values))
}

// AddBytes adds a tensor of any dtype of a fixed element size, whose elements lie in data in
// C order, in the byte order of this machine. Otherwise as [Add].
func (w *Writer) AddBytes(name string, dtype DType, shape Shape, data []byte) error {
	text, length := nameArg(name)
	bytes, size := bytesArg(data)
	return w.do(func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		return C.shim_add(c, text, length, C.int32_t(dtype), int64sArg(shape),
			C.size_t(len(shape)), bytes, size, err)
	})
}

// AddSliceBytes adds a slice of a tensor of any dtype, as [AddSlice] and [Writer.AddBytes].
func (w *Writer) AddSliceBytes(name string, dtype DType, shape Shape, slice Slice, data []byte) error {
	if err := sameRank(shape, slice); err != nil {
		return err
	}
	text, length := nameArg(name)
	bytes, size := bytesArg(data)
	return w.do(func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		return C.shim_add_slice(c, text, length, C.int32_t(dtype), int64sArg(shape),
			C.size_t(len(shape)), int64sArg(slice.Starts), int64sArg(slice.Lengths), bytes, size, err)
	})
}

// AddStrings adds a string tensor. Otherwise as [Add].
func (w *Writer) AddStrings(name string, shape Shape, elements []string) error {
	return w.AddStringData(name, shape, NewStringData(elements))
}

// AddStringsSlice adds a slice of a string tensor. Otherwise as [AddSlice].
func (w *Writer) AddStringsSlice(name string, shape Shape, slice Slice, elements []string) error {
	return w.AddStringDataSlice(name, shape, slice, NewStringData(elements))
}

// AddStringData adds a string tensor from offsets and bytes. [ErrInvalidArgument] where the
// offsets don't rise from 0 to the length of the data; otherwise as [Writer.AddStrings].
func (w *Writer) AddStringData(name string, shape Shape, elements StringData) error {
	offsets, err := elements.offsetsFor(shape.NumElements())
	if err != nil {
		return err
	}
	text, length := nameArg(name)
	bytes, size := bytesArg(elements.Data)
	return w.do(func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		return C.shim_add_strings(c, text, length, int64sArg(shape), C.size_t(len(shape)),
			int64sArg(offsets), bytes, size, err)
	})
}

// AddStringDataSlice adds a slice of a string tensor from offsets and bytes.
func (w *Writer) AddStringDataSlice(name string, shape Shape, slice Slice, elements StringData) error {
	if err := sameRank(shape, slice); err != nil {
		return err
	}
	offsets, err := elements.offsetsFor(slice.Shape(shape).NumElements())
	if err != nil {
		return err
	}
	text, length := nameArg(name)
	bytes, size := bytesArg(elements.Data)
	return w.do(func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		return C.shim_add_strings_slice(c, text, length, int64sArg(shape), C.size_t(len(shape)),
			int64sArg(slice.Starts), int64sArg(slice.Lengths), int64sArg(offsets), bytes, size, err)
	})
}

// AddVariants adds a variant tensor, each element a serialized VariantTensorDataProto.
// Otherwise as [Writer.AddStringData].
func (w *Writer) AddVariants(name string, shape Shape, elements StringData) error {
	offsets, err := elements.offsetsFor(shape.NumElements())
	if err != nil {
		return err
	}
	text, length := nameArg(name)
	bytes, size := bytesArg(elements.Data)
	return w.do(func(c *C.tfckpt_writer, err **C.tfckpt_error) C.tfckpt_status {
		return C.shim_add_variants(c, text, length, int64sArg(shape), C.size_t(len(shape)),
			int64sArg(offsets), bytes, size, err)
	})
}

// offsetsFor returns the offsets, of which C takes one more than there are elements.
func (s StringData) offsetsFor(count int64) ([]int64, error) {
	if int64(s.Len()) != count {
		return nil, invalid("there are %d strings for %d elements", s.Len(), count)
	}
	if len(s.Offsets) == 0 {
		return []int64{0}, nil
	}
	return s.Offsets, nil
}

// sameRank refuses a slice of other dimensions than the tensor has: C takes one number for
// both.
func sameRank(shape Shape, slice Slice) error {
	rank, err := slice.rank()
	if err == nil && rank != len(shape) {
		err = invalid("slice %v of a tensor of shape %v", slice, shape)
	}
	return err
}
