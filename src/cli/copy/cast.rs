//! From one floating type to another.

use tfckpt::tensor::DType;

use crate::small_float::SmallFloat;
use crate::value;

/// The type that tensors of floating types get.
#[derive(Clone, Copy, Debug)]
pub struct Cast(DType);

impl Cast {
    /// Parses the name of a type: `DT_BFLOAT16`, `bfloat16`, `float32`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let name = text.to_uppercase();
        let name = match name.strip_prefix("DT_").unwrap_or(&name) {
            "FLOAT16" => "HALF",
            "FLOAT32" => "FLOAT",
            "FLOAT64" => "DOUBLE",
            name => name,
        };
        let dtype = DType::from_name(&format!("DT_{name}"));
        match dtype.ok_or("there is no such dtype")? {
            DType::FLOAT4_E2M1FN => Err("it has no NaN to say that a value does not fit".into()),
            dtype if is_floating(dtype) => Ok(Self(dtype)),
            _ => Err("only floating types can be cast to".into()),
        }
    }

    /// The type that a tensor of type `from` gets.
    pub fn of(self, from: DType) -> DType {
        if is_floating(from) { self.0 } else { from }
    }
}

fn is_floating(dtype: DType) -> bool {
    matches!(dtype, DType::FLOAT | DType::DOUBLE) || SmallFloat::of(dtype).is_some()
}

/// Elements of one floating type as another: each the nearest there is, of two as
/// near the one with an even last bit. What is too large becomes infinity, or NaN
/// in types without infinity.
pub fn convert(elements: &[u8], from: DType, to: DType, converted: &mut Vec<u8>) {
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
    elements.chunks_exact(size).filter_map(move |element| value::float(dtype, element))
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
    fn names_of_types() {
        for (text, dtype) in [
            ("DT_BFLOAT16", DType::BFLOAT16),
            ("bfloat16", DType::BFLOAT16),
            ("float16", DType::HALF),
            ("half", DType::HALF),
            ("float32", DType::FLOAT),
            ("float64", DType::DOUBLE),
            ("float8_e4m3fn", DType::FLOAT8_E4M3FN),
        ] {
            assert_eq!(Cast::parse(text).unwrap().of(DType::FLOAT), dtype, "{text}");
        }
        for text in ["", "DT_INT32", "string", "complex64", "float4_e2m1fn", "float_ref"] {
            assert!(Cast::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_floats_are_cast() {
        let cast = Cast::parse("half").unwrap();
        assert_eq!(cast.of(DType::FLOAT8_E5M2), DType::HALF);
        for dtype in [DType::INT64, DType::BOOL, DType::STRING, DType::COMPLEX64] {
            assert_eq!(cast.of(dtype), dtype);
        }
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
