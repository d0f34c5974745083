//! One element of a tensor: as a number, and as text.

use std::fmt::Write;

use tfckpt::tensor::DType;

/// Real and imaginary part of an element of a complex type.
pub fn complex(dtype: DType, element: &[u8]) -> Option<(f64, f64)> {
    let part = match dtype {
        DType::COMPLEX64 => DType::FLOAT,
        DType::COMPLEX128 => DType::DOUBLE,
        _ => return None,
    };
    let (real, imaginary) = element.split_at_checked(element.len() / 2)?;
    Some((part.float_value(real)?, part.float_value(imaginary)?))
}

/// Appends an element of a fixed size as text: integers in decimal, floats with
/// as few digits as lead back to them, complex numbers as `1.0+2.0j`. `element`
/// has the size of the type.
pub fn put(text: &mut String, dtype: DType, element: &[u8]) {
    let written = match dtype {
        DType::COMPLEX64 | DType::COMPLEX128 => put_complex(text, dtype, element),
        DType::BOOL => put_display(text, element.first().map(|&byte| byte != 0)),
        dtype if dtype.is_floating() => put_float(text, dtype, element),
        dtype => put_display(text, integer(dtype, element)),
    };
    debug_assert!(written.is_some(), "{dtype} {element:?}");
}

fn put_display(text: &mut String, value: Option<impl std::fmt::Display>) -> Option<()> {
    write!(text, "{}", value?).ok()
}

fn put_float(text: &mut String, dtype: DType, element: &[u8]) -> Option<()> {
    let value = dtype.float_value(element)?;
    match dtype {
        DType::DOUBLE => write!(text, "{value:?}"),
        _ => write!(text, "{:?}", value as f32),
    }
    .ok()
}

fn put_complex(text: &mut String, dtype: DType, element: &[u8]) -> Option<()> {
    let part = if dtype == DType::COMPLEX64 { DType::FLOAT } else { DType::DOUBLE };
    let (real, imaginary) = element.split_at_checked(element.len() / 2)?;
    put_float(text, part, real)?;
    let start = text.len();
    put_float(text, part, imaginary)?;
    if !text[start..].starts_with('-') {
        text.insert(start, '+');
    }
    text.push('j');
    Some(())
}

/// The value of an element of an integer type, quantized ones included.
fn integer(dtype: DType, element: &[u8]) -> Option<i128> {
    let byte = element.first().copied()?;
    Some(match dtype {
        DType::INT4 => i128::from((byte << 4) as i8 >> 4),
        DType::INT2 => i128::from((byte << 6) as i8 >> 6),
        DType::UINT4 => i128::from(byte & 0xf),
        DType::UINT2 => i128::from(byte & 0x3),
        DType::INT8 | DType::QINT8 => i128::from(byte as i8),
        DType::UINT8 | DType::QUINT8 => i128::from(byte),
        DType::INT16 | DType::QINT16 => i16::from_ne_bytes(element.try_into().ok()?).into(),
        DType::UINT16 | DType::QUINT16 => u16::from_ne_bytes(element.try_into().ok()?).into(),
        DType::INT32 | DType::QINT32 => i32::from_ne_bytes(element.try_into().ok()?).into(),
        DType::UINT32 => u32::from_ne_bytes(element.try_into().ok()?).into(),
        DType::INT64 => i64::from_ne_bytes(element.try_into().ok()?).into(),
        DType::UINT64 => u64::from_ne_bytes(element.try_into().ok()?).into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(dtype: DType, element: &[u8]) -> String {
        let mut text = String::new();
        put(&mut text, dtype, element);
        text
    }

    #[test]
    fn every_type_has_a_text() {
        for &dtype in DType::ALL {
            if let Some(size) = dtype.size() {
                let zero = text(dtype, &vec![0; size]);
                assert!(["0", "0.0", "0.0+0.0j", "false"].contains(&&*zero), "{dtype}: {zero}");
            }
        }
    }

    #[test]
    fn floats_have_as_few_digits_as_lead_back() {
        let float = |value: f32| text(DType::FLOAT, &value.to_ne_bytes());
        assert_eq!([0.1, 1.0, -0.0, 1e30].map(float), ["0.1", "1.0", "-0.0", "1e30"]);
        assert_eq!([f32::NAN, f32::NEG_INFINITY].map(float), ["NaN", "-inf"]);
        assert_eq!(text(DType::DOUBLE, &0.1f64.to_ne_bytes()), "0.1");
        assert_eq!(text(DType::BFLOAT16, &0x3dcdu16.to_ne_bytes()), "0.100097656");
        assert_eq!(text(DType::HALF, &0xc000u16.to_ne_bytes()), "-2.0");
        assert_eq!(text(DType::FLOAT8_E5M2, &[0x7c]), "inf");
        assert_eq!(text(DType::FLOAT4_E2M1FN, &[0x0f]), "-6.0");
    }

    #[test]
    fn complex_numbers() {
        let bytes = |re: f32, im: f32| [re.to_ne_bytes(), im.to_ne_bytes()].concat();
        assert_eq!(text(DType::COMPLEX64, &bytes(1.0, -2.5)), "1.0-2.5j");
        assert_eq!(text(DType::COMPLEX64, &bytes(-0.0, f32::NAN)), "-0.0+NaNj");
    }

    #[test]
    fn integers_of_less_than_a_byte_have_their_sign() {
        assert_eq!(text(DType::INT4, &[0x0f]), "-1");
        assert_eq!(text(DType::INT4, &[0x08]), "-8");
        assert_eq!(text(DType::INT2, &[0x02]), "-2");
        assert_eq!(text(DType::UINT4, &[0x0f]), "15");
        assert_eq!(text(DType::UINT64, &[0xff; 8]), u64::MAX.to_string());
        assert_eq!(text(DType::QINT32, &(-7i32).to_ne_bytes()), "-7");
    }
}
