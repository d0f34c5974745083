//! Values between the typed fields of a message and bytes in memory.

use crate::error::{Error, Result};
use crate::proto::TensorValues;
use crate::tensor::{DType, Strings, StringsRef};

/// The bytes of `elements` values of type `dtype`, in this machine's byte order.
pub(super) fn to_bytes(values: &TensorValues, dtype: DType, elements: u64) -> Result<Vec<u8>> {
    let (count, bytes): (usize, Vec<u8>) = match dtype {
        DType::FLOAT => plain(&values.float_val, |value| value.to_ne_bytes()),
        DType::DOUBLE => plain(&values.double_val, |value| value.to_ne_bytes()),
        DType::INT32 | DType::QINT32 => plain(&values.int_val, |value| value.to_ne_bytes()),
        DType::UINT8 | DType::QUINT8 | DType::INT8 | DType::QINT8 => {
            plain(&values.int_val, |value| [value as u8])
        }
        DType::INT16 | DType::UINT16 => {
            plain(&values.int_val, |value| (value as u16).to_ne_bytes())
        }
        DType::INT64 => plain(&values.int64_val, |value| value.to_ne_bytes()),
        DType::BOOL => plain(&values.bool_val, |value| [value.into()]),
        DType::HALF => plain(&values.half_val, |value| (value as u16).to_ne_bytes()),
        DType::COMPLEX64 => halves(plain(&values.scomplex_val, |value| value.to_ne_bytes())),
        DType::COMPLEX128 => halves(plain(&values.dcomplex_val, |value| value.to_ne_bytes())),
        _ => return Err(cannot_hold(dtype)),
    };
    check_count(count, elements)?;
    Ok(bytes)
}

/// The strings of a message.
pub(super) fn to_strings(values: &TensorValues, elements: u64) -> Result<Strings> {
    check_count(values.string_val.len(), elements)?;
    Ok(values.string_val.iter().collect())
}

fn plain<T: Copy, const N: usize>(field: &[T], bytes: fn(T) -> [u8; N]) -> (usize, Vec<u8>) {
    (field.len(), field.iter().flat_map(|&value| bytes(value)).collect())
}

/// A complex number is two values of the field.
fn halves((count, bytes): (usize, Vec<u8>)) -> (usize, Vec<u8>) {
    // An odd one out must not pass for a whole number of elements.
    (if count % 2 == 0 { count / 2 } else { usize::MAX }, bytes)
}

fn check_count(count: usize, elements: u64) -> Result<()> {
    if count as u64 == elements {
        return Ok(());
    }
    Err(Error::data_loss(format!("{count} values are stored for {elements} elements")))
}

fn cannot_hold(dtype: DType) -> Error {
    Error::unsupported(format!("a V1 checkpoint can't hold {dtype}"))
}

/// A message with the elements that `data` has, in this machine's byte order.
pub(super) fn from_bytes(data: &[u8], dtype: DType) -> Result<TensorValues> {
    let mut values = TensorValues::default();
    match dtype {
        DType::FLOAT => values.float_val = elements(data, f32::from_ne_bytes),
        DType::DOUBLE => values.double_val = elements(data, f64::from_ne_bytes),
        DType::INT32 | DType::QINT32 => values.int_val = elements(data, i32::from_ne_bytes),
        DType::UINT8 | DType::QUINT8 => values.int_val = elements(data, |[byte]| byte.into()),
        DType::INT8 | DType::QINT8 => {
            values.int_val = elements(data, |byte| i8::from_ne_bytes(byte).into());
        }
        DType::INT16 => values.int_val = elements(data, |two| i16::from_ne_bytes(two).into()),
        DType::UINT16 => values.int_val = elements(data, |two| u16::from_ne_bytes(two).into()),
        DType::INT64 => values.int64_val = elements(data, i64::from_ne_bytes),
        DType::BOOL => values.bool_val = elements(data, |[byte]| byte != 0),
        DType::HALF => values.half_val = elements(data, |two| u16::from_ne_bytes(two).into()),
        DType::COMPLEX64 => values.scomplex_val = elements(data, f32::from_ne_bytes),
        DType::COMPLEX128 => values.dcomplex_val = elements(data, f64::from_ne_bytes),
        _ => return Err(cannot_hold(dtype)),
    }
    Ok(values)
}

/// A message with these strings.
pub(super) fn from_strings(strings: StringsRef<'_>) -> TensorValues {
    TensorValues { string_val: strings.iter().map(<[u8]>::to_vec).collect(), ..Default::default() }
}

fn elements<T, const N: usize>(data: &[u8], value: fn([u8; N]) -> T) -> Vec<T> {
    let chunks = data.chunks_exact(N);
    chunks.filter_map(|chunk| chunk.try_into().ok()).map(value).collect()
}
