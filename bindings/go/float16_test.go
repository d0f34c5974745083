package tfckpt_test

import (
	"math"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// Every number of 16 bits survives the way through a float32.
func TestFloat16IsExact(t *testing.T) {
	for bits := range 1 << 16 {
		half := tfckpt.Float16(bits)
		if f := half.Float32(); f == f {
			if back := tfckpt.Float16FromFloat32(f); back != half {
				t.Fatalf("%#04x is %v, and that %#04x", bits, f, back)
			}
		} else if back := tfckpt.Float16FromFloat32(f); back.Float32() == back.Float32() {
			t.Fatalf("%#04x is NaN, and that %#04x", bits, back)
		}
		brain := tfckpt.BFloat16(bits)
		if f := brain.Float32(); f == f {
			if back := tfckpt.BFloat16FromFloat32(f); back != brain {
				t.Fatalf("%#04x is %v, and that %#04x", bits, f, back)
			}
		}
	}
}

// Rounding is to the nearest of all numbers there are, ties to even.
func TestFloat16Rounds(t *testing.T) {
	// Between neighbours of the same sign, halfway and beside it.
	for bits := range 0x7c00 - 1 {
		low, high := tfckpt.Float16(bits), tfckpt.Float16(bits+1)
		middle := (low.Float32() + high.Float32()) / 2 // exact in 24 bits
		even := low
		if bits%2 == 1 {
			even = high
		}
		for f, wanted := range map[float32]tfckpt.Float16{
			middle:                           even,
			math.Nextafter32(middle, 0):      low,
			math.Nextafter32(middle, 100000): high,
		} {
			if got := tfckpt.Float16FromFloat32(f); got != wanted {
				t.Fatalf("%v is %#04x, not %#04x", f, got, wanted)
			}
			if got := tfckpt.Float16FromFloat32(-f); got != wanted|0x8000 {
				t.Fatalf("%v is %#04x", -f, got)
			}
		}
	}
	for f, wanted := range map[float32]tfckpt.Float16{
		65519: 0x7bff, 65520: 0x7c00, math.MaxFloat32: 0x7c00, 0x1p-25: 0, 0x1.000002p-25: 1,
		float32(math.Inf(-1)): 0xfc00, float32(math.Copysign(0, -1)): 0x8000, 1: 0x3c00,
	} {
		if got := tfckpt.Float16FromFloat32(f); got != wanted {
			t.Errorf("%v is %#04x, not %#04x", f, got, wanted)
		}
	}
}

func TestBFloat16Rounds(t *testing.T) {
	for bits, wanted := range map[uint32]tfckpt.BFloat16{
		0x3f808000: 0x3f80, 0x3f818000: 0x3f82, 0x3f808001: 0x3f81, 0x3f807fff: 0x3f80,
		0x7f7fffff: 0x7f80, 0xff7fffff: 0xff80, 0x00008001: 0x0001,
	} {
		if got := tfckpt.BFloat16FromFloat32(math.Float32frombits(bits)); got != wanted {
			t.Errorf("%#08x is %#04x, not %#04x", bits, got, wanted)
		}
	}
	for _, nan := range []uint32{0x7f800001, 0xff800001, 0x7fc00000} {
		if f := tfckpt.BFloat16FromFloat32(math.Float32frombits(nan)).Float32(); f == f {
			t.Errorf("%#08x is %v", nan, f)
		}
	}
}
