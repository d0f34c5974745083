//! The value of a stored slice's key: an [`entry`](super::entry) being made.

use prost::Message;

use super::entry::{DATA, NAME, SLICE, TENSOR};
use super::values::{Coding, Layout, STRING_VAL};
use crate::bundle::{Endianness, encode_slice};
use crate::coding::{put_varint, varint_len};
use crate::error::{Error, Result};
use crate::tensor::{DType, Slice, StringsRef, swap_bytes};

/// The longest message that protobuf, and so TensorFlow, reads.
pub(super) const MAX_MESSAGE: u64 = i32::MAX as u64;

/// A field that holds bytes. All tags here are of one byte.
const BYTES: u64 = 2;

/// The entry of a slice with the elements that `data` has, in this machine's byte
/// order.
///
/// # Errors
/// `Unsupported` for types that V1 can't hold, and for more than a message does.
pub(super) fn numbers(name: &[u8], slice: &Slice, dtype: DType, data: &[u8]) -> Result<Vec<u8>> {
    let layout = Layout::of(dtype)?;
    let len = layout.packed_len(data);
    // A field of no numbers is left out.
    let tensor_len = if len == 0 { 0 } else { field_len(len) };
    let mut out = begin(name, slice, tensor_len)?;
    if len > 0 {
        put_head(&mut out, layout.field, len);
        layout.pack(data, &mut out);
    }
    Ok(out)
}

/// The entry of a slice with these strings.
///
/// # Errors
/// `Unsupported` for more than a message holds.
pub(super) fn strings(name: &[u8], slice: &Slice, strings: StringsRef<'_>) -> Result<Vec<u8>> {
    let tensor_len = strings.iter().map(|string| field_len(string.len() as u64)).sum();
    let mut out = begin(name, slice, tensor_len)?;
    for string in strings.iter() {
        put_bytes(&mut out, STRING_VAL, string);
    }
    Ok(out)
}

/// That an entry of `len` bytes, or more, can't be.
pub(super) fn check_len(len: u64) -> Result<()> {
    if len <= MAX_MESSAGE {
        return Ok(());
    }
    Err(Error::unsupported(format!(
        "{len} bytes in one piece, but a V1 checkpoint has pieces of up to {MAX_MESSAGE}: \
         store the tensor in slices"
    )))
}

/// Everything before the elements, with room for them.
fn begin(name: &[u8], slice: &Slice, tensor_len: u64) -> Result<Vec<u8>> {
    let slice = encode_slice(slice).encode_to_vec();
    let data_len =
        field_len(name.len() as u64) + field_len(slice.len() as u64) + field_len(tensor_len);
    let len = field_len(data_len);
    check_len(len)?;
    let mut out = Vec::with_capacity(len as usize);
    put_head(&mut out, DATA, data_len);
    put_bytes(&mut out, NAME, name);
    put_bytes(&mut out, SLICE, &slice);
    put_head(&mut out, TENSOR, tensor_len);
    Ok(out)
}

/// How long a field is that holds `len` bytes.
fn field_len(len: u64) -> u64 {
    1 + varint_len(len) as u64 + len
}

fn put_head(out: &mut Vec<u8>, field: u32, len: u64) {
    put_varint(out, (u64::from(field) << 3) | BYTES);
    put_varint(out, len);
}

fn put_bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    put_head(out, field, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

impl Layout {
    /// How many bytes `data` takes when it is packed.
    fn packed_len(self, data: &[u8]) -> u64 {
        if let Coding::Fixed(_) = self.coding {
            return data.len() as u64;
        }
        let mut len = 0;
        self.each_number(data, |number| len += varint_len(number) as u64);
        len
    }

    fn pack(self, data: &[u8], out: &mut Vec<u8>) {
        let Coding::Fixed(width) = self.coding else {
            return self.each_number(data, |number| put_varint(out, number));
        };
        let start = out.len();
        out.extend_from_slice(data);
        if Endianness::NATIVE == Endianness::Big {
            swap_bytes(&mut out[start..], width);
        }
    }

    /// The numbers that the varints of `data` have.
    fn each_number(self, data: &[u8], each: impl FnMut(u64)) {
        match (self.coding, self.size) {
            (Coding::Bool, _) => elements(data, |[byte]| u64::from(byte != 0), each),
            (Coding::Signed, 1) => elements(data, |one| extend(i8::from_ne_bytes(one)), each),
            (Coding::Signed, 2) => elements(data, |two| extend(i16::from_ne_bytes(two)), each),
            (Coding::Signed, 4) => elements(data, |four| extend(i32::from_ne_bytes(four)), each),
            (Coding::Signed, _) => elements(data, |eight| extend(i64::from_ne_bytes(eight)), each),
            (_, 1) => elements(data, |[byte]| byte.into(), each),
            (_, _) => elements(data, |two| u16::from_ne_bytes(two).into(), each),
        }
    }
}

/// A signed number as its varint has it.
fn extend(number: impl Into<i64>) -> u64 {
    number.into() as u64
}

fn elements<const N: usize>(
    data: &[u8],
    number: impl Fn([u8; N]) -> u64,
    mut each: impl FnMut(u64),
) {
    let elements = data.chunks_exact(N).filter_map(|element| element.try_into().ok());
    elements.for_each(|element| each(number(element)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::tensor::{Shape, Strings};
    use crate::v1::entry::SavedSlice;

    const DTYPES: [DType; 15] = [
        DType::FLOAT,
        DType::DOUBLE,
        DType::INT32,
        DType::UINT8,
        DType::INT16,
        DType::INT8,
        DType::COMPLEX64,
        DType::INT64,
        DType::BOOL,
        DType::QINT8,
        DType::QUINT8,
        DType::QINT32,
        DType::UINT16,
        DType::COMPLEX128,
        DType::HALF,
    ];

    #[test]
    fn what_is_encoded_reads_again() {
        let slice: Slice = "2,3:-".parse().unwrap();
        let shape = Shape::new([9, 4]).unwrap();
        for dtype in DTYPES {
            let size = dtype.size().unwrap();
            let mut data: Vec<u8> = (0..12 * size).map(|at| (at * 83 % 256) as u8).collect();
            if dtype == DType::BOOL {
                data.iter_mut().for_each(|byte| *byte %= 2);
            }
            let value = numbers(b"name", &slice, dtype, &data).unwrap();
            let entry = SavedSlice::parse(&value).unwrap();
            entry.check_is(b"name", &slice, &shape).unwrap();
            let mut read = vec![0xa5; entry.elements.check_count(dtype, 12).unwrap()];
            entry.elements.copy_to(dtype, &mut read).unwrap();
            assert_eq!(read, data, "{dtype}");
        }
        let words: Strings = ["", "a", "\0\u{ff}"].into_iter().collect();
        let value = strings(b"s", &Slice::full(1), (&words).into()).unwrap();
        let entry = SavedSlice::parse(&value).unwrap();
        assert_eq!(entry.elements.to_strings(3).unwrap(), words);
    }

    #[test]
    fn the_capacity_is_what_is_needed() {
        let data: Vec<u8> = (0..=255).collect();
        for dtype in DTYPES {
            let value = numbers(b"n", &Slice::full(1), dtype, &data).unwrap();
            assert_eq!(value.len(), value.capacity(), "{dtype}");
        }
    }

    #[test]
    fn limits() {
        let other = numbers(b"n", &Slice::default(), DType::BFLOAT16, &[0, 0]).unwrap_err();
        assert_eq!(other.kind(), ErrorKind::Unsupported);
        assert!(check_len(MAX_MESSAGE).is_ok());
        assert_eq!(check_len(MAX_MESSAGE + 1).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
