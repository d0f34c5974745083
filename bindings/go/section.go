package tfckpt

import (
	"io"
	"sync"
	"unsafe"
)

// #include "shim.h"
import "C"

// A Section is the bytes of one tensor, as [Reader.Read] would read them, to be read in parts
// or to be written elsewhere: an [io.ReaderAt] and an [io.WriterTo]. Any number of goroutines
// may use one at once.
//
// Unless [WithVerify] says not to, the first of them has all of the tensor checked once,
// without keeping it; from then on only what is wanted is read.
type Section struct {
	reader *Reader
	tensor Tensor
	size   int64
	check  func() error
}

type sectionOptions struct{ verify bool }

var (
	_ io.ReaderAt = (*Section)(nil)
	_ io.WriterTo = (*Section)(nil)
)

// Section returns the bytes of a tensor to be read in parts. Errors are those of
// [Reader.Read]. It takes [WithVerify].
func (r *Reader) Section(name string, opts ...Option) (*Section, error) {
	options := sectionOptions{verify: true}
	if err := setOptions("Section", opts, &options); err != nil {
		return nil, err
	}
	tensor, err := r.Lookup(name)
	if err != nil {
		return nil, err
	}
	size, err := r.readSize(name, Slice{})
	if err != nil {
		return nil, err
	}
	s := &Section{reader: r, tensor: tensor, size: int64(size), check: func() error { return nil }}
	if options.verify {
		s.check = sync.OnceValue(func() error { return r.Check(name) })
	}
	return s, nil
}

// Tensor returns what the tensor is.
func (s *Section) Tensor() Tensor { return s.tensor }

// Size returns how many bytes there are.
func (s *Section) Size() int64 { return s.size }

// NewReader returns an [io.SectionReader] over all of the bytes, with a position of its own.
func (s *Section) NewReader() *io.SectionReader { return io.NewSectionReader(s, 0, s.size) }

// ReadAt reads the bytes from off on, as [io.ReaderAt] says.
func (s *Section) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, invalid("the offset %d is negative", off)
	}
	if off >= s.size {
		return 0, io.EOF
	}
	if err := s.check(); err != nil {
		return 0, err
	}
	wanted := p[:min(int64(len(p)), s.size-off)]
	if err := s.readRange(wanted, off); err != nil {
		return 0, err
	}
	if len(wanted) < len(p) {
		return len(wanted), io.EOF
	}
	return len(wanted), nil
}

// pieceSize is what WriteTo holds in memory at once.
const pieceSize = 1 << 20

// WriteTo writes all of the bytes. Nothing is written of a tensor that is damaged.
func (s *Section) WriteTo(w io.Writer) (int64, error) {
	if err := s.check(); err != nil {
		return 0, err
	}
	piece := make([]byte, min(s.size, s.piece()))
	var written int64
	for written < s.size {
		wanted := piece[:min(int64(len(piece)), s.size-written)]
		if err := s.readRange(wanted, written); err != nil {
			return written, err
		}
		n, err := w.Write(wanted)
		written += int64(n)
		if err != nil {
			return written, err
		}
		if n < len(wanted) {
			return written, io.ErrShortWrite
		}
	}
	return written, nil
}

// piece is how much is read at once. What a V1 file has of a tensor is decoded as a whole for
// any part of it.
func (s *Section) piece() int64 {
	if s.reader.format == V1 {
		return s.size
	}
	return pieceSize
}

// readRange fills p, which may begin and end within elements.
func (s *Section) readRange(p []byte, off int64) error {
	size := int64(s.tensor.DType.Size())
	for len(p) > 0 {
		first, within := off/size, off%size
		n := int64(len(p))
		var err error
		if whole := n / size; within == 0 && whole > 0 {
			n = whole * size
			err = s.readElements(p[:n], first, first+whole)
		} else {
			n = min(n, size-within)
			err = s.readWithin(p[:n], first, within)
		}
		if err != nil {
			return err
		}
		p, off = p[n:], off+n
	}
	return nil
}

// readWithin reads bytes of a single element, from one of its bytes on.
func (s *Section) readWithin(p []byte, element, from int64) error {
	var whole [unsafe.Sizeof(complex128(0))]byte
	bytes := whole[:s.tensor.DType.Size()]
	err := s.readElements(bytes, element, element+1)
	copy(p, bytes[from:])
	return err
}

// readElements reads the elements from first up to last, counted in C order.
func (s *Section) readElements(p []byte, first, last int64) error {
	options, err := newReadOptions("Section", []Option{WithVerify(false)})
	if err != nil {
		return err
	}
	defer C.tfckpt_read_options_free(options)
	size := int64(s.tensor.DType.Size())
	for _, box := range boxes(s.tensor.Shape, first, last) {
		n := box.Shape(s.tensor.Shape).NumElements() * size
		if err := s.reader.readInto(s.tensor.Name, box, p[:n], options); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// boxes cuts the elements from first up to last, counted in C order, into slices, which are
// at most two for each dimension.
func boxes(shape Shape, first, last int64) []Slice {
	return appendBoxes(nil, nil, shape, first, last)
}

// appendBoxes does so for the elements of one row, whose place is that of outer.
func appendBoxes(all []Slice, outer []int64, shape Shape, first, last int64) []Slice {
	if first >= last {
		return all
	}
	if len(shape) == 0 {
		return append(all, box(outer, 0, 0, 0))
	}
	row := shape[1:].NumElements()
	into := func(at, first, last int64) {
		inner := append(outer[:len(outer):len(outer)], at)
		all = appendBoxes(all, inner, shape[1:], first, last)
	}
	top, bottom := (first+row-1)/row, last/row
	if top > bottom { // within one row
		into(bottom, first%row, last%row)
		return all
	}
	if first%row != 0 {
		into(first/row, first%row, row)
	}
	if top < bottom {
		all = append(all, box(outer, top, bottom-top, len(shape)))
	}
	if last%row != 0 {
		into(bottom, 0, last%row)
	}
	return all
}

// box is a slice at a place of the outer dimensions, of some rows, and of all that there is
// of the dimensions within: in all, rank more than outer has.
func box(outer []int64, start, length int64, rank int) Slice {
	var slice Slice
	for _, at := range outer {
		slice.Starts = append(slice.Starts, at)
		slice.Lengths = append(slice.Lengths, 1)
	}
	for i := range rank {
		if i == 0 {
			slice.Starts = append(slice.Starts, start)
			slice.Lengths = append(slice.Lengths, length)
			continue
		}
		slice.Starts = append(slice.Starts, 0)
		slice.Lengths = append(slice.Lengths, All)
	}
	return slice
}
