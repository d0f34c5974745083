package tfckpt

import (
	"fmt"
	"strings"
)

// A Shape is the dimensions of a tensor, outermost first; that of a scalar has none.
type Shape []int64

// NumElements returns the product of the dimensions, 1 for a scalar.
func (s Shape) NumElements() int64 {
	count := int64(1)
	for _, dim := range s {
		count *= dim
	}
	return count
}

// String returns "[2,3]", and "[]" for a scalar.
func (s Shape) String() string {
	return strings.ReplaceAll(fmt.Sprint([]int64(s)), " ", ",")
}

// A Tensor is what a tensor is, and where its bytes are: a snapshot that needs its
// [Reader] no more.
type Tensor struct {
	// Name is any bytes, in practice UTF-8.
	Name  string
	DType DType
	Shape Shape

	// Shard is the data shard that has its bytes, from 0; -1 for a tensor that is stored
	// as slices, and in V1. So are Offset and StoredSize.
	Shard int
	// Offset is where in that shard its bytes begin.
	Offset int64
	// StoredSize is how many bytes it has there.
	StoredSize int64
	// CRC32C is the masked CRC-32C of these bytes; 0 where there are none.
	CRC32C uint32

	// Slices are those in which it is stored; empty for one that is stored whole.
	Slices []Slice

	err error
}

// Err is what [Reader.All] met in the place of a tensor; nil for every true one.
func (t Tensor) Err() error { return t.err }

// NumElements returns how many elements the tensor has; 1 for a scalar.
func (t Tensor) NumElements() int64 { return t.Shape.NumElements() }

// ByteSize returns how many bytes the elements take in memory; -1 where they have no fixed
// size. The files need not have as many: [Reader.Read] looks before it takes memory.
func (t Tensor) ByteSize() int64 {
	size := int64(t.DType.Size())
	if size == 0 {
		return -1
	}
	return size * t.NumElements()
}

// HasStrings tells whether the elements are strings or variants, for [Reader.ReadStrings].
func (t Tensor) HasStrings() bool { return t.DType == String || t.DType == Variant }
