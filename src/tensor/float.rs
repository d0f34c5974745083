//! The values of floating types.

use super::DType;
use super::small_float::SmallFloat;

impl DType {
    /// Whether its elements are real floating-point numbers.
    pub fn is_floating(self) -> bool {
        matches!(self, Self::FLOAT | Self::DOUBLE) || SmallFloat::of(self).is_some()
    }

    /// The value of an element of a floating type, in this machine's byte order;
    /// `None` for other types, and where `element` has not the size of one.
    #[inline]
    pub fn float_value(self, element: &[u8]) -> Option<f64> {
        match (self, element) {
            (Self::FLOAT, &[a, b, c, d]) => Some(f32::from_ne_bytes([a, b, c, d]).into()),
            (Self::DOUBLE, element) => Some(f64::from_ne_bytes(element.try_into().ok()?)),
            (dtype, element) => Some(SmallFloat::of(dtype)?.decode(code(element)?)),
        }
    }
}

/// The bits of an element of one byte or two.
fn code(element: &[u8]) -> Option<u16> {
    match *element {
        [byte] => Some(byte.into()),
        [a, b] => Some(u16::from_ne_bytes([a, b])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_floats_have_float_values() {
        for &dtype in DType::ALL {
            let value = dtype.size().and_then(|size| dtype.float_value(&vec![0; size]));
            assert_eq!(value.is_some(), dtype.is_floating(), "{dtype}");
        }
        assert_eq!(DType::FLOAT.float_value(&1.5f32.to_ne_bytes()), Some(1.5));
        assert_eq!(DType::FLOAT.float_value(&[0; 8]), None);
        assert_eq!(DType::DOUBLE.float_value(&[0; 4]), None);
    }
}
