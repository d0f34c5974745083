package tfckpt

// #include "shim.h"
import "C"

import (
	"fmt"
	"reflect"
	"unsafe"
)

// A DType is the type of the elements of a tensor, under the number of TensorFlow's
// DataType. A number that is 100 higher stands for a reference to that type; no
// checkpoint has values of those.
type DType int32

// The types of elements.
const (
	Float             DType = C.TFCKPT_DT_FLOAT
	Double            DType = C.TFCKPT_DT_DOUBLE
	Int32             DType = C.TFCKPT_DT_INT32
	UInt8             DType = C.TFCKPT_DT_UINT8
	Int16             DType = C.TFCKPT_DT_INT16
	Int8              DType = C.TFCKPT_DT_INT8
	String            DType = C.TFCKPT_DT_STRING // bytes, as many as each element likes
	Complex64         DType = C.TFCKPT_DT_COMPLEX64
	Int64             DType = C.TFCKPT_DT_INT64
	Bool              DType = C.TFCKPT_DT_BOOL // a byte, 0 or 1
	QInt8             DType = C.TFCKPT_DT_QINT8
	QUInt8            DType = C.TFCKPT_DT_QUINT8
	QInt32            DType = C.TFCKPT_DT_QINT32
	BFloat16Type      DType = C.TFCKPT_DT_BFLOAT16 // in Go a [BFloat16]
	QInt16            DType = C.TFCKPT_DT_QINT16
	QUInt16           DType = C.TFCKPT_DT_QUINT16
	UInt16            DType = C.TFCKPT_DT_UINT16
	Complex128        DType = C.TFCKPT_DT_COMPLEX128
	Half              DType = C.TFCKPT_DT_HALF     // in Go a [Float16]
	Resource          DType = C.TFCKPT_DT_RESOURCE // there are no values of it in a file
	Variant           DType = C.TFCKPT_DT_VARIANT  // each element a serialized VariantTensorDataProto
	UInt32            DType = C.TFCKPT_DT_UINT32
	UInt64            DType = C.TFCKPT_DT_UINT64
	Float8E5M2        DType = C.TFCKPT_DT_FLOAT8_E5M2
	Float8E4M3FN      DType = C.TFCKPT_DT_FLOAT8_E4M3FN
	Float8E4M3FNUZ    DType = C.TFCKPT_DT_FLOAT8_E4M3FNUZ
	Float8E4M3B11FNUZ DType = C.TFCKPT_DT_FLOAT8_E4M3B11FNUZ
	Float8E5M2FNUZ    DType = C.TFCKPT_DT_FLOAT8_E5M2FNUZ
	Int4              DType = C.TFCKPT_DT_INT4 // a byte each, as are the three below
	UInt4             DType = C.TFCKPT_DT_UINT4
	Int2              DType = C.TFCKPT_DT_INT2
	UInt2             DType = C.TFCKPT_DT_UINT2
	Float4E2M1FN      DType = C.TFCKPT_DT_FLOAT4_E2M1FN
)

// ParseDType returns the type of a name such as "DT_FLOAT".
func ParseDType(name string) (DType, error) {
	var number C.int32_t
	var cerr *C.tfckpt_error
	text, length := nameArg(name)
	err := check(C.tfckpt_dtype_from_name(text, length, &number, &cerr), cerr)
	return DType(number), err
}

// String returns TensorFlow's name: "DT_FLOAT".
func (d DType) String() string {
	if name := C.tfckpt_dtype_name(C.int32_t(d)); name != nil {
		return C.GoString(name)
	}
	return fmt.Sprintf("dtype %d", int32(d))
}

// MarshalText returns TensorFlow's name.
func (d DType) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText takes a name as [ParseDType] does.
func (d *DType) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDType(string(text))
	return err
}

// Size returns the bytes of one element; 0 for strings and variants, whose elements have
// no fixed size, and for types without values in a file.
func (d DType) Size() int { return int(C.tfckpt_dtype_size(C.int32_t(d))) }

// An Element is a Go type that tensors can have values of. The dtype is the one of the
// same name; int and uint are [Int64] and [UInt64], float32 and float64 [Float] and
// [Double], [Float16] is [Half].
type Element interface {
	~bool | ~int | ~int8 | ~int16 | ~int32 | ~int64 |
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 |
		~float32 | ~float64 | ~complex64 | ~complex128
}

// DTypeOf returns the dtype of a Go type.
func DTypeOf[T Element]() DType {
	switch any(*new(T)).(type) {
	case Float16:
		return Half
	case BFloat16:
		return BFloat16Type
	}
	return kinds[reflect.TypeFor[T]().Kind()]
}

var kinds = map[reflect.Kind]DType{
	reflect.Bool:       Bool,
	reflect.Int:        Int64,
	reflect.Int8:       Int8,
	reflect.Int16:      Int16,
	reflect.Int32:      Int32,
	reflect.Int64:      Int64,
	reflect.Uint:       UInt64,
	reflect.Uint8:      UInt8,
	reflect.Uint16:     UInt16,
	reflect.Uint32:     UInt32,
	reflect.Uint64:     UInt64,
	reflect.Float32:    Float,
	reflect.Float64:    Double,
	reflect.Complex64:  Complex64,
	reflect.Complex128: Complex128,
}

// The library is for 64-bit systems, as int and uint are taken to be.
const _ = uint(8 - unsafe.Sizeof(int(0)))
const _ = uint(unsafe.Sizeof(int(0)) - 8)

// expectDType refuses a Go type that is not that of a tensor.
func expectDType(name string, is, wanted DType) error {
	if is == wanted {
		return nil
	}
	return &Error{
		Code:    ErrInvalidArgument,
		Message: fmt.Sprintf("tensor %q has elements of %v, and is asked for %v", name, is, wanted),
		Tensor:  name, Shard: -1, Offset: -1,
	}
}

// bytesOf shows the memory of values as bytes.
func bytesOf[T Element](values []T) []byte {
	first := (*byte)(unsafe.Pointer(unsafe.SliceData(values)))
	return unsafe.Slice(first, len(values)*int(unsafe.Sizeof(*new(T))))
}

// makeBools turns every byte but 0 into 1: files may have others, Go's bool must not.
func makeBools(data []byte) {
	for i, b := range data {
		if b > 1 {
			data[i] = 1
		}
	}
}
