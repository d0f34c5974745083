package tfckpt

// #include "shim.h"
import "C"

import (
	"slices"
	"unsafe"
)

// StringData is the elements of a string tensor, or the serialized VariantTensorDataProto of
// each element of a variant tensor, one behind the other: element i is Data[Offsets[i] :
// Offsets[i+1]].
type StringData struct {
	Offsets []int64 // one more than there are elements; the first is 0
	Data    []byte
}

// NewStringData puts strings one behind the other.
func NewStringData(elements []string) StringData {
	size := 0
	for _, element := range elements {
		size += len(element)
	}
	s := StringData{Offsets: make([]int64, 1, len(elements)+1), Data: make([]byte, 0, size)}
	for _, element := range elements {
		s.Data = append(s.Data, element...)
		s.Offsets = append(s.Offsets, int64(len(s.Data)))
	}
	return s
}

// Len returns how many elements there are.
func (s StringData) Len() int { return max(len(s.Offsets)-1, 0) }

// At returns the bytes of an element: a part of Data.
func (s StringData) At(i int) []byte { return s.Data[s.Offsets[i]:s.Offsets[i+1]] }

// Strings returns the elements, which share one copy of Data.
func (s StringData) Strings() []string {
	data := string(s.Data)
	elements := make([]string, s.Len())
	for i := range elements {
		elements[i] = data[s.Offsets[i]:s.Offsets[i+1]]
	}
	return elements
}

// ReadStrings reads the elements of a string or variant tensor, in C order. They share
// memory: whoever keeps a few of many should [strings.Clone] them. [ErrInvalidArgument] for
// types of a fixed element size; otherwise errors are those of [Reader.Read].
func (r *Reader) ReadStrings(name string, opts ...Option) ([]string, error) {
	return r.ReadStringsSlice(name, Slice{}, opts...)
}

// ReadStringsSlice reads a slice of a string or variant tensor, as [Reader.ReadStrings].
func (r *Reader) ReadStringsSlice(name string, slice Slice, opts ...Option) ([]string, error) {
	var elements []string
	err := r.withStrings(name, slice, opts, func(s StringData) { elements = s.Strings() })
	return elements, err
}

// ReadStringData reads a string or variant tensor as offsets and bytes, for those that have
// very many elements. Otherwise as [Reader.ReadStrings].
func (r *Reader) ReadStringData(name string, opts ...Option) (StringData, error) {
	return r.ReadStringDataSlice(name, Slice{}, opts...)
}

// ReadStringDataSlice reads a slice of a string or variant tensor as offsets and bytes.
func (r *Reader) ReadStringDataSlice(name string, slice Slice, opts ...Option) (StringData, error) {
	var data StringData
	err := r.withStrings(name, slice, opts, func(s StringData) {
		data = StringData{Offsets: slices.Clone(s.Offsets), Data: slices.Clone(s.Data)}
	})
	return data, err
}

// withStrings shows the elements as C has them, for as long as the call takes.
func (r *Reader) withStrings(name string, slice Slice, opts []Option, call func(StringData)) error {
	options, err := newReadOptions("ReadStrings", opts)
	if err != nil {
		return err
	}
	defer C.tfckpt_read_options_free(options)
	c, err := r.readStrings(name, slice, options)
	if err != nil {
		return err
	}
	defer C.tfckpt_strings_free(c)
	count := int(C.tfckpt_strings_count(c))
	size := int(C.tfckpt_strings_data_size(c))
	call(StringData{
		Offsets: goInt64s(C.tfckpt_strings_offsets(c), count+1),
		Data:    unsafe.Slice((*byte)(C.tfckpt_strings_data(c)), size),
	})
	return nil
}

func (r *Reader) readStrings(name string, slice Slice, options *C.tfckpt_read_options) (*C.tfckpt_strings, error) {
	rank, err := slice.rank()
	if err != nil {
		return nil, err
	}
	c, err := r.h.use()
	if err != nil {
		return nil, err
	}
	defer r.h.done()
	var elements *C.tfckpt_strings
	var cerr *C.tfckpt_error
	text, length := nameArg(name)
	if rank == 0 {
		err = check(C.tfckpt_reader_read_strings(c, text, length, options, &elements, &cerr), cerr)
	} else {
		err = check(C.tfckpt_reader_read_strings_slice(c, text, length, int64sArg(slice.Starts),
			int64sArg(slice.Lengths), C.size_t(rank), options, &elements, &cerr), cerr)
	}
	return elements, err
}
