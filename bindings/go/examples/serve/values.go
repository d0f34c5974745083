package main

import (
	"fmt"
	"math"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// values are the elements of a slice in C order, as JSON has them: numbers, strings, true and
// false; and what is no number in JSON as a string: "NaN", "+Inf", "-Inf", "(1+2i)".
func values(r *tfckpt.Reader, t tfckpt.Tensor, slice tfckpt.Slice) (any, error) {
	switch t.DType {
	case tfckpt.String:
		return r.ReadStringsSlice(t.Name, slice)
	case tfckpt.Bool:
		return tfckpt.ValuesSlice[bool](r, t.Name, slice)
	case tfckpt.Int8:
		return tfckpt.ValuesSlice[int8](r, t.Name, slice)
	case tfckpt.Int16:
		return tfckpt.ValuesSlice[int16](r, t.Name, slice)
	case tfckpt.Int32:
		return tfckpt.ValuesSlice[int32](r, t.Name, slice)
	case tfckpt.Int64:
		return tfckpt.ValuesSlice[int64](r, t.Name, slice)
	case tfckpt.UInt8: // a []uint8 would become base64
		return numbers(r, t, slice, func(v uint8) any { return v })
	case tfckpt.UInt16:
		return tfckpt.ValuesSlice[uint16](r, t.Name, slice)
	case tfckpt.UInt32:
		return tfckpt.ValuesSlice[uint32](r, t.Name, slice)
	case tfckpt.UInt64:
		return tfckpt.ValuesSlice[uint64](r, t.Name, slice)
	case tfckpt.Half:
		return numbers(r, t, slice, func(v tfckpt.Float16) any { return number(v.Float32()) })
	case tfckpt.BFloat16Type:
		return numbers(r, t, slice, func(v tfckpt.BFloat16) any { return number(v.Float32()) })
	case tfckpt.Float:
		return numbers(r, t, slice, func(v float32) any { return number(v) })
	case tfckpt.Double:
		return numbers(r, t, slice, func(v float64) any { return number(v) })
	case tfckpt.Complex64:
		return numbers(r, t, slice, func(v complex64) any { return fmt.Sprint(v) })
	case tfckpt.Complex128:
		return numbers(r, t, slice, func(v complex128) any { return fmt.Sprint(v) })
	}
	return nil, &tfckpt.Error{
		Code: tfckpt.ErrUnsupported, Message: fmt.Sprintf("there is no JSON for elements of %v", t.DType),
		Tensor: t.Name, Shard: -1, Offset: -1,
	}
}

// numbers reads values and shows each.
func numbers[T tfckpt.Element](r *tfckpt.Reader, t tfckpt.Tensor, slice tfckpt.Slice, show func(T) any) (any, error) {
	values, err := tfckpt.ValuesSlice[T](r, t.Name, slice)
	if err != nil {
		return nil, err
	}
	shown := make([]any, len(values))
	for i, value := range values {
		shown[i] = show(value)
	}
	return shown, nil
}

// number is a float as JSON has it. Those of 32 bits stay so, for their shorter text.
func number[F float32 | float64](f F) any {
	if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
		return fmt.Sprint(f)
	}
	return f
}
