//! Floating types of 16 bits and fewer.

use super::DType;

/// A floating type of 16 bits or fewer: a sign, an exponent, a fraction.
#[derive(Clone, Copy, Debug)]
pub(super) struct SmallFloat {
    exponent_bits: u32,
    fraction_bits: u32,
    bias: i32,
    special: Special,
}

/// Which codes are no numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Special {
    /// Those with the highest exponent: infinity, and NaN.
    HighestExponent,
    /// The highest code of either sign is NaN; there is no infinity.
    HighestCode,
    /// What would be negative zero is NaN; there is no infinity.
    NegativeZero,
    /// All are numbers.
    None,
}

impl SmallFloat {
    /// The type that `dtype` is, if it is one of these.
    pub(super) fn of(dtype: DType) -> Option<Self> {
        use Special::*;
        let new = |exponent_bits, fraction_bits, bias, special| {
            Some(Self { exponent_bits, fraction_bits, bias, special })
        };
        match dtype {
            DType::HALF => new(5, 10, 15, HighestExponent),
            DType::BFLOAT16 => new(8, 7, 127, HighestExponent),
            DType::FLOAT8_E5M2 => new(5, 2, 15, HighestExponent),
            DType::FLOAT8_E4M3FN => new(4, 3, 7, HighestCode),
            DType::FLOAT8_E4M3FNUZ => new(4, 3, 8, NegativeZero),
            DType::FLOAT8_E4M3B11FNUZ => new(4, 3, 11, NegativeZero),
            DType::FLOAT8_E5M2FNUZ => new(5, 2, 16, NegativeZero),
            DType::FLOAT4_E2M1FN => new(2, 1, 1, None),
            _ => Option::None,
        }
    }

    fn sign(self) -> u16 {
        1 << (self.exponent_bits + self.fraction_bits)
    }

    /// The code of the largest number.
    fn largest(self) -> u16 {
        let highest = self.sign() - 1;
        match self.special {
            Special::HighestExponent => highest - (1 << self.fraction_bits),
            Special::HighestCode => highest - 1,
            Special::NegativeZero | Special::None => highest,
        }
    }

    fn nan(self) -> u16 {
        match self.special {
            Special::HighestExponent => self.largest() + 1 + (1 << (self.fraction_bits - 1)),
            Special::HighestCode => self.largest() + 1,
            Special::NegativeZero | Special::None => self.sign(),
        }
    }

    /// The value of a code; bits above its own are left alone.
    pub(super) fn decode(self, code: u16) -> f64 {
        let negative = code & self.sign() != 0;
        let magnitude = code & (self.sign() - 1);
        let value = match self.special {
            Special::NegativeZero if negative && magnitude == 0 => f64::NAN,
            Special::HighestExponent if magnitude == self.largest() + 1 => f64::INFINITY,
            _ if magnitude > self.largest() => f64::NAN,
            _ => self.decode_magnitude(magnitude),
        };
        if negative { -value } else { value }
    }

    fn decode_magnitude(self, magnitude: u16) -> f64 {
        let exponent = i32::from(magnitude >> self.fraction_bits);
        let fraction = magnitude & ((1 << self.fraction_bits) - 1);
        let one = if exponent == 0 { 0 } else { 1 << self.fraction_bits };
        f64::from(one + fraction)
            * power_of_two(exponent.max(1) - self.bias - self.fraction_bits as i32)
    }

    /// The code of the nearest value; of two as near, that with an even code.
    /// What is too large becomes infinity, or NaN where there is none.
    pub(super) fn encode(self, value: f64) -> u16 {
        let sign = if value.is_sign_negative() { self.sign() } else { 0 };
        let magnitude = self.encode_magnitude(value.abs());
        match (self.special, magnitude) {
            // There the sign of zero and of NaN is one code.
            (Special::NegativeZero, 0) => 0,
            _ => magnitude | sign,
        }
    }

    fn encode_magnitude(self, value: f64) -> u16 {
        if value.is_nan() {
            return self.nan();
        }
        // Below the smallest exponent, numbers keep its spacing.
        let exponent = (((value.to_bits() >> 52) as i32) - 1023).max(1 - self.bias);
        let spacing = exponent.min(1000) - self.fraction_bits as i32;
        let steps = round_ties_even(value * power_of_two(-spacing));
        let below = ((exponent + self.bias - 1) << self.fraction_bits) as f64;
        let code = below + steps;
        if code <= f64::from(self.largest()) {
            code as u16
        } else if self.special == Special::None {
            self.largest()
        } else if self.special == Special::HighestExponent {
            self.largest() + 1
        } else {
            self.nan()
        }
    }
}

/// What `f64::round_ties_even` does to numbers that are not negative, without the
/// function call that it is on older processors: from 2^52 on the spacing is 1.
fn round_ties_even(value: f64) -> f64 {
    const SPACING_ONE: f64 = (1u64 << 52) as f64;
    if value < SPACING_ONE { (value + SPACING_ONE) - SPACING_ONE } else { value }
}

/// 2 to the power of `exponent`, which is within what an `f64` has.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: [DType; 8] = [
        DType::HALF,
        DType::BFLOAT16,
        DType::FLOAT8_E5M2,
        DType::FLOAT8_E4M3FN,
        DType::FLOAT8_E4M3FNUZ,
        DType::FLOAT8_E4M3B11FNUZ,
        DType::FLOAT8_E5M2FNUZ,
        DType::FLOAT4_E2M1FN,
    ];

    fn codes(float: SmallFloat) -> impl Iterator<Item = u16> {
        0..=(float.sign() | (float.sign() - 1))
    }

    #[test]
    fn every_code_comes_back() {
        for float in TYPES.map(|dtype| SmallFloat::of(dtype).unwrap()) {
            for code in codes(float) {
                let value = float.decode(code);
                if value.is_nan() {
                    assert!(float.decode(float.encode(value)).is_nan(), "{float:?} {code:x}");
                } else {
                    assert_eq!(float.encode(value), code, "{float:?} {value}");
                }
            }
        }
    }

    #[test]
    fn halfway_goes_to_the_even_code() {
        for float in TYPES.map(|dtype| SmallFloat::of(dtype).unwrap()) {
            for code in 0..float.largest() {
                let (low, high) = (float.decode(code), float.decode(code + 1));
                let middle = (low + high) / 2.0;
                assert_eq!(float.encode(middle), code + code % 2, "{float:?} {middle}");
                assert_eq!(float.encode(f64::from_bits(middle.to_bits() - 1)), code);
                assert_eq!(float.encode(f64::from_bits(middle.to_bits() + 1)), code + 1);
            }
        }
    }

    /// As `ml_dtypes`, which is what TensorFlow has these types from, says.
    #[test]
    fn values_are_what_tensorflow_takes_them_for() {
        let largest = [65504.0, 3.3895313892515355e38, 57344.0, 448.0, 240.0, 30.0, 57344.0, 6.0];
        let least = [
            5.960464477539063e-8,
            9.183549615799121e-41,
            1.52587890625e-05,
            0.001953125,
            0.0009765625,
            0.0001220703125,
            7.62939453125e-06,
            0.5,
        ];
        let nans = [2046, 254, 6, 2, 1, 1, 1, 0];
        for (at, dtype) in TYPES.iter().enumerate() {
            let float = SmallFloat::of(*dtype).unwrap();
            assert_eq!(float.decode(float.largest()), largest[at], "{dtype}");
            assert_eq!(float.decode(1), least[at], "{dtype}");
            let found = codes(float).filter(|&code| float.decode(code).is_nan()).count();
            assert_eq!(found, nans[at], "{dtype}");
        }
    }

    #[test]
    fn what_does_not_fit() {
        let encode = |dtype, value| SmallFloat::of(dtype).unwrap().encode(value);
        for (value, expected) in [
            (f64::NAN, [0x7e00, 0x7fc0, 0x7e, 0x7f, 0x80, 0x80, 0x80]),
            (-f64::NAN, [0xfe00, 0xffc0, 0xfe, 0xff, 0x80, 0x80, 0x80]),
            (f64::INFINITY, [0x7c00, 0x7f80, 0x7c, 0x7f, 0x80, 0x80, 0x80]),
            (-1e300, [0xfc00, 0xff80, 0xfc, 0xff, 0x80, 0x80, 0x80]),
            (-0.0, [0x8000, 0x8000, 0x80, 0x80, 0, 0, 0]),
            (-1e-300, [0x8000, 0x8000, 0x80, 0x80, 0, 0, 0]),
        ] {
            for (dtype, expected) in TYPES.iter().zip(expected) {
                assert_eq!(encode(*dtype, value), expected, "{dtype} {value}");
            }
        }
        assert_eq!(encode(DType::HALF, 65519.99), 0x7bff);
        assert_eq!(encode(DType::HALF, 65520.0), 0x7c00);
        assert_eq!(encode(DType::FLOAT8_E4M3FN, 464.0), 0x7e);
        assert_eq!(encode(DType::FLOAT8_E4M3FN, 464.1), 0x7f);
    }
}
