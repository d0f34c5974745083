package tfckpt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// All, as a length of a [Slice], is all of a dimension.
const All = -1

// A Slice is a part of a tensor: of each dimension as many elements as Lengths says, from
// Starts on. The zero Slice is the whole tensor.
type Slice struct {
	Starts  []int64
	Lengths []int64 // [All] for all of a dimension
}

// ParseSlice takes a slice as TensorFlow writes it: "start,length" for each dimension, "-"
// for all of one, joined by ":"; "0,2:-" are the first two rows of a matrix. An empty text
// is the whole tensor.
func ParseSlice(text string) (Slice, error) {
	var slice Slice
	if text == "" {
		return slice, nil
	}
	for _, extent := range strings.Split(text, ":") {
		start, length, err := parseExtent(extent)
		if err != nil {
			return Slice{}, invalid("%q is no slice: %v", text, err)
		}
		slice.Starts = append(slice.Starts, start)
		slice.Lengths = append(slice.Lengths, length)
	}
	return slice, nil
}

func parseExtent(text string) (start, length int64, err error) {
	if text == "-" {
		return 0, All, nil
	}
	first, second, found := strings.Cut(text, ",")
	if !found {
		return 0, 0, fmt.Errorf("%q is neither - nor START,LENGTH", text)
	}
	if start, err = strconv.ParseInt(first, 10, 64); err != nil {
		return 0, 0, err
	}
	length, err = strconv.ParseInt(second, 10, 64)
	if err == nil && (start < 0 || length < 0) {
		err = fmt.Errorf("%q has a negative number", text)
	}
	return start, length, err
}

// String returns the slice as TensorFlow writes it.
func (s Slice) String() string {
	var text strings.Builder
	for i, start := range s.Starts {
		if i > 0 {
			text.WriteByte(':')
		}
		switch {
		case i < len(s.Lengths) && s.Lengths[i] != All:
			fmt.Fprintf(&text, "%d,%d", start, s.Lengths[i])
		default:
			text.WriteByte('-')
		}
	}
	return text.String()
}

// Equal tells whether both say the same.
func (s Slice) Equal(other Slice) bool {
	return slices.Equal(s.Starts, other.Starts) && slices.Equal(s.Lengths, other.Lengths)
}

// Shape returns the shape of the slice of a tensor. It does not look whether the slice
// reaches outside.
func (s Slice) Shape(of Shape) Shape {
	shape := slices.Clone(of)
	for i := range min(len(shape), len(s.Lengths)) {
		if s.Lengths[i] != All {
			shape[i] = s.Lengths[i]
		}
	}
	return shape
}

// rank returns how many dimensions the slice has, the same in both of its lists.
func (s Slice) rank() (int, error) {
	if len(s.Starts) != len(s.Lengths) {
		return 0, invalid("a slice has %d starts and %d lengths", len(s.Starts), len(s.Lengths))
	}
	return len(s.Starts), nil
}
