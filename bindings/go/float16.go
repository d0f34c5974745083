package tfckpt

import "math"

// A Float16 is an IEEE 754 number of 16 bits, as its bits: an element of [Half].
type Float16 uint16

// Float16FromFloat32 rounds to the nearest, ties to even; what is too large becomes
// infinity.
func Float16FromFloat32(f float32) Float16 {
	bits := math.Float32bits(f)
	sign := uint16(bits >> 16 & 0x8000)
	bits &= 0x7fffffff
	switch {
	case bits > 0x7f800000: // NaN stays NaN, with what fits of its payload
		return Float16(sign | 0x7e00 | uint16(bits>>13&0x03ff))
	case bits >= 0x47800000: // 65536 and above
		return Float16(sign | 0x7c00)
	case bits >= 0x38800000: // normal; rounding may carry into the exponent, up to infinity
		return Float16(sign | uint16(roundedShift(bits-0x38000000, 13)))
	case bits < 0x33000000: // below half of the least there is
		return Float16(sign)
	}
	mantissa := bits&0x7fffff | 0x800000
	return Float16(sign | uint16(roundedShift(mantissa, 126-bits>>23)))
}

// roundedShift shifts to the right and rounds, ties to even.
func roundedShift(bits, by uint32) uint32 {
	half := uint32(1) << (by - 1)
	return (bits + half - 1 + bits>>by&1) >> by
}

// Float32 returns the same number, which a float32 always has.
func (h Float16) Float32() float32 {
	sign := uint32(h&0x8000) << 16
	exponent, mantissa := uint32(h>>10&0x1f), uint32(h&0x03ff)
	switch exponent {
	case 0: // zero, or a multiple of 2 to the -24
		return math.Float32frombits(math.Float32bits(float32(mantissa)*0x1p-24) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | mantissa<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | mantissa<<13)
}

// A BFloat16 is the upper half of a float32, as its bits: an element of [BFloat16Type].
type BFloat16 uint16

// BFloat16FromFloat32 rounds to the nearest, ties to even; what is too large becomes
// infinity.
func BFloat16FromFloat32(f float32) BFloat16 {
	bits := math.Float32bits(f)
	if f != f { // keeps a payload that lies in the lower half alone from becoming infinity
		return BFloat16(bits>>16 | 0x40)
	}
	return BFloat16((bits + 0x7fff + bits>>16&1) >> 16)
}

// Float32 returns the same number, which a float32 always has.
func (b BFloat16) Float32() float32 { return math.Float32frombits(uint32(b) << 16) }
