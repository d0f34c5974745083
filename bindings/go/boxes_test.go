package tfckpt

import (
	"slices"
	"testing"
)

// Any range of elements is cut into slices that have just these, in their order.
func TestBoxesAreTheRange(t *testing.T) {
	for _, shape := range []Shape{{}, {7}, {3, 4}, {1, 5, 1}, {2, 3, 4}, {2, 1, 3, 2}} {
		count := shape.NumElements()
		for first := range count {
			for last := first + 1; last <= count; last++ {
				cut := boxes(shape, first, last)
				var got []int64
				for _, box := range cut {
					got = append(got, elements(shape, box)...)
				}
				if len(cut) > max(1, 2*len(shape)) || int64(len(got)) != last-first {
					t.Fatalf("%v, %d to %d: %v", shape, first, last, cut)
				}
				for i := range got {
					if got[i] != first+int64(i) {
						t.Fatalf("%v, %d to %d: %v", shape, first, last, cut)
					}
				}
			}
		}
	}
}

// elements are the positions of those of a slice, in C order.
func elements(shape Shape, slice Slice) []int64 {
	positions := []int64{0}
	for i, dim := range slice.Shape(shape) {
		var start int64
		if len(slice.Starts) > 0 {
			start = slice.Starts[i]
		}
		var next []int64
		for _, position := range positions {
			for at := range dim {
				next = append(next, position*shape[i]+start+at)
			}
		}
		positions = next
	}
	return slices.Clip(positions)
}
