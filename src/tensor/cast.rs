//! From one floating type to another.

use super::DType;
use super::small_float::SmallFloat;
use crate::error::{Error, Result};

/// The type that elements of floating types get.
#[derive(Clone, Copy, Debug)]
pub struct Cast(DType);

impl Cast {
    /// To `dtype`, a floating type that has a NaN to say that a value does not fit.
    ///
    /// # Errors
    /// `InvalidArgument` for other types.
    pub fn to(dtype: DType) -> Result<Self> {
        match dtype {
            DType::FLOAT4_E2M1FN => Err(Error::invalid(format!(
                "{dtype} can't be cast to: it has no NaN to say that a value does not fit"
            ))),
            dtype if dtype.is_floating() => Ok(Self(dtype)),
            _ => Err(Error::invalid(format!("only floating types can be cast to, not {dtype}"))),
        }
    }

    /// The type that a tensor of type `from` gets.
    pub fn of(self, from: DType) -> DType {
        if from.is_floating() { self.0 } else { from }
    }

    /// Elements of the floating type `from` as this one, in `converted` alone: each the
    /// nearest there is, of two as near the one with an even last bit. What is too large
    /// becomes infinity, or NaN in types without infinity.
    pub fn convert(self, elements: &[u8], from: DType, converted: &mut Vec<u8>) {
        convert(elements, from, self.of(from), converted);
    }
}

/// Elements of one floating type as another: each the nearest there is, of two as
/// near the one with an even last bit. What is too large becomes infinity, or NaN
/// in types without infinity.
pub(crate) fn convert(elements: &[u8], from: DType, to: DType, converted: &mut Vec<u8>) {
    converted.clear();
    // The same thrice: where the type is known beforehand the loop is a tight one.
    match from {
        DType::FLOAT => encode(decode(elements, DType::FLOAT), to, converted),
        DType::DOUBLE => encode(decode(elements, DType::DOUBLE), to, converted),
        from => encode(decode(elements, from), to, converted),
    }
}

#[inline]
fn decode(elements: &[u8], dtype: DType) -> impl Iterator<Item = f64> {
    let size = dtype.size().unwrap_or(1);
    elements.chunks_exact(size).filter_map(move |element| dtype.float_value(element))
}

#[inline]
fn encode(values: impl Iterator<Item = f64>, dtype: DType, encoded: &mut Vec<u8>) {
    match SmallFloat::of(dtype) {
        Some(float) if dtype.size() == Some(1) => {
            encoded.extend(values.map(|value| float.encode(value) as u8));
        }
        Some(float) => put_all(values.map(|value| float.encode(value).to_ne_bytes()), encoded),
        None if dtype == DType::FLOAT => {
            put_all(values.map(|value| (value as f32).to_ne_bytes()), encoded);
        }
        None => put_all(values.map(f64::to_ne_bytes), encoded),
    }
}

fn put_all<const N: usize>(elements: impl Iterator<Item = [u8; N]>, encoded: &mut Vec<u8>) {
    elements.for_each(|element| encoded.extend_from_slice(&element));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_floats_are_cast() {
        let cast = Cast::to(DType::HALF).unwrap();
        assert_eq!(cast.of(DType::FLOAT8_E5M2), DType::HALF);
        for dtype in [DType::INT64, DType::BOOL, DType::STRING, DType::COMPLEX64] {
            assert_eq!(cast.of(dtype), dtype);
            assert!(Cast::to(dtype).is_err(), "{dtype}");
        }
        assert!(Cast::to(DType::FLOAT4_E2M1FN).is_err());
    }

    #[test]
    fn a_double_is_rounded_once() {
        let mut half = Vec::new();
        // By way of an f32 this would be a tie, and go down.
        let value = 1.0 + 2f64.powi(-11) + 2f64.powi(-30);
        convert(&value.to_ne_bytes(), DType::DOUBLE, DType::HALF, &mut half);
        assert_eq!(half, 0x3c01u16.to_ne_bytes());
        convert(&1e39f64.to_ne_bytes(), DType::DOUBLE, DType::FLOAT, &mut half);
        assert_eq!(half, f32::INFINITY.to_ne_bytes());
    }
}
