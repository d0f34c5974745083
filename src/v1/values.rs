//! Values between the typed fields of a `TensorProto` and bytes in memory.
//!
//! ```text
//! 5  float_val     FLOAT        4 bytes each
//! 6  double_val    DOUBLE       8 bytes each
//! 7  int_val       (Q)INT8, (Q)UINT8, INT16, UINT16, (Q)INT32   varints
//! 8  string_val    STRING       bytes, a field for each element
//! 9  scomplex_val  COMPLEX64    twice 4 bytes each
//! 10 int64_val     INT64        varints
//! 11 bool_val      BOOL         varints
//! 12 dcomplex_val  COMPLEX128   twice 8 bytes each
//! 13 half_val      HALF         varints of the 16 bits
//! ```
//! All but strings are packed: one field has all elements, one after the other. A
//! negative integer is a varint of ten bytes, as one of 64 bits would be.

use super::wire::{Fields, Value, not_a_message};
use crate::bundle::Endianness;
use crate::coding;
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::{DType, Strings, swap_bytes};

/// The number of the field that has the elements of a string tensor.
pub(super) const STRING_VAL: u32 = 8;

/// Which field has the elements of a type, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) field: u32,
    pub(super) coding: Coding,
    /// Bytes of an element in memory.
    pub(super) size: usize,
}

/// How numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Little-endian, of so many bytes; complex elements are two of them.
    Fixed(usize),
    /// Varints of the number, its sign extended to 64 bits.
    Signed,
    Unsigned,
    /// Varints, of which 0 is false.
    Bool,
}

impl Layout {
    /// Of a type with a fixed element size.
    ///
    /// # Errors
    /// `Unsupported` where V1 has no place for the type.
    pub(super) fn of(dtype: DType) -> Result<Self> {
        let (field, coding) = match dtype {
            DType::FLOAT => (5, Coding::Fixed(4)),
            DType::DOUBLE => (6, Coding::Fixed(8)),
            DType::INT32 | DType::QINT32 | DType::INT16 | DType::INT8 | DType::QINT8 => {
                (7, Coding::Signed)
            }
            DType::UINT16 | DType::UINT8 | DType::QUINT8 => (7, Coding::Unsigned),
            DType::COMPLEX64 => (9, Coding::Fixed(4)),
            DType::INT64 => (10, Coding::Signed),
            DType::BOOL => (11, Coding::Bool),
            DType::COMPLEX128 => (12, Coding::Fixed(8)),
            DType::HALF => (13, Coding::Unsigned),
            _ => return Err(cannot_hold(dtype)),
        };
        Ok(Self { field, coding, size: dtype.size().ok_or_else(|| cannot_hold(dtype))? })
    }

    /// How many bytes are stored at least of what takes `bytes` in memory.
    pub(super) fn least_len(self, bytes: u64) -> u64 {
        match self.coding {
            Coding::Fixed(_) => bytes,
            _ => bytes / self.size as u64,
        }
    }

    /// How many bytes the numbers of a field take in memory.
    fn bytes_of(self, value: Value<'_>) -> Result<u64> {
        match (self.coding, value) {
            (Coding::Fixed(4), Value::Fixed32(bytes))
            | (Coding::Fixed(8), Value::Fixed64(bytes)) => Ok(bytes.len() as u64),
            (Coding::Fixed(width), Value::Bytes(packed)) if packed.len() % width == 0 => {
                Ok(packed.len() as u64)
            }
            (
                Coding::Signed | Coding::Unsigned | Coding::Bool,
                Value::Bytes(varints) | Value::Varint(varints),
            ) => Ok(count_varints(varints)? * self.size as u64),
            _ => Err(not_a_message("its values are of another kind")),
        }
    }

    /// Puts the numbers of a field, little-endian, into `dst`, which is as long as
    /// they are by [`bytes_of`](Self::bytes_of).
    fn decode(self, value: Value<'_>, dst: &mut [u8]) -> Result<()> {
        let (Value::Varint(bytes)
        | Value::Fixed64(bytes)
        | Value::Fixed32(bytes)
        | Value::Bytes(bytes)) = value;
        match (self.coding, self.size) {
            (Coding::Fixed(_), _) => {
                dst.copy_from_slice(bytes);
                Ok(())
            }
            (Coding::Bool, _) => decode_varints::<1>(bytes, dst, |number| u64::from(number != 0)),
            (_, 1) => decode_varints::<1>(bytes, dst, |number| number),
            (_, 2) => decode_varints::<2>(bytes, dst, |number| number),
            (_, 4) => decode_varints::<4>(bytes, dst, |number| number),
            _ => decode_varints::<8>(bytes, dst, |number| number),
        }
    }
}

/// That V1 has no place for a type.
pub(super) fn cannot_hold(dtype: DType) -> Error {
    Error::unsupported(format!("a V1 checkpoint can't hold {dtype}"))
}

/// Refuses all but the type whose elements are strings.
pub(super) fn check_strings(dtype: DType) -> Result<()> {
    match dtype {
        DType::STRING => Ok(()),
        _ => Err(Error::invalid(format!("{dtype} is not a string tensor"))),
    }
}

/// Each varint has just one byte without the highest bit.
fn count_varints(varints: &[u8]) -> Result<u64> {
    if varints.last().is_some_and(|&last| last >= 0x80) {
        return Err(not_a_message("its values end within one"));
    }
    Ok(varints.iter().filter(|&&byte| byte < 0x80).count() as u64)
}

/// Checks that each varint is a number of 64 bits at most.
fn check_varints(mut varints: &[u8]) -> Result<()> {
    while !varints.is_empty() {
        coding::take_varint(&mut varints).ok_or_else(too_large)?;
    }
    Ok(())
}

fn too_large() -> Error {
    not_a_message("it has a number of more than 64 bits")
}

/// Makes the `N` lowest bytes of each varint an element.
fn decode_varints<const N: usize>(
    mut varints: &[u8],
    dst: &mut [u8],
    value: impl Fn(u64) -> u64,
) -> Result<()> {
    for element in dst.chunks_exact_mut(N) {
        let number = coding::take_varint(&mut varints).ok_or_else(too_large)?;
        element.copy_from_slice(&value(number).to_le_bytes()[..N]);
    }
    Ok(())
}

/// The elements of a stored slice: its `TensorProto`, in one part as everybody
/// writes it, or in several that are to be taken together.
#[derive(Clone, Debug)]
pub(super) struct Elements<'a> {
    parts: Vec<&'a [u8]>,
}

impl<'a> Elements<'a> {
    pub(super) fn new(parts: Vec<&'a [u8]>) -> Self {
        Self { parts }
    }

    /// What the field `number` has.
    fn values(&self, number: u32) -> impl Iterator<Item = Result<Value<'a>>> {
        let fields = self.parts.iter().flat_map(|part| Fields::new(part));
        fields.filter_map(move |field| match field {
            Ok(field) => (field.number == number).then_some(Ok(field.value)),
            Err(error) => Some(Err(error)),
        })
    }

    /// Checks that there are `elements` of type `dtype`. Memory may be taken for
    /// them then: returns how many bytes.
    ///
    /// # Errors
    /// `DataLoss` where there are others; `Unsupported` for types that V1 can't hold.
    pub(super) fn check_count(&self, dtype: DType, elements: u64) -> Result<usize> {
        let layout = Layout::of(dtype)?;
        let mut bytes = 0u64;
        for value in self.values(layout.field) {
            bytes = bytes.saturating_add(layout.bytes_of(value?)?);
        }
        let size = layout.size as u64;
        if elements.checked_mul(size) == Some(bytes) {
            return usize::try_from(bytes).map_err(|_| {
                let message = format!("{bytes} bytes are more than this machine has addresses for");
                Error::new(ErrorKind::ResourceLimit, message)
            });
        }
        let part = if bytes % size == 0 { "" } else { " and a half" };
        Err(Error::data_loss(format!(
            "{}{part} values are stored for {elements} elements",
            bytes / size
        )))
    }

    /// The same, and checks that they can be decoded, for which no memory is taken.
    ///
    /// # Errors
    /// Those of [`check_count`](Self::check_count) and of [`copy_to`](Self::copy_to).
    pub(super) fn check(&self, dtype: DType, elements: u64) -> Result<usize> {
        let bytes = self.check_count(dtype, elements)?;
        let layout = Layout::of(dtype)?;
        if !matches!(layout.coding, Coding::Fixed(_)) {
            for value in self.values(layout.field) {
                if let Value::Bytes(varints) | Value::Varint(varints) = value? {
                    check_varints(varints)?;
                }
            }
        }
        Ok(bytes)
    }

    /// Puts the elements into `dst`, in this machine's byte order.
    /// [`check_count`](Self::check_count) has found that they fill it.
    pub(super) fn copy_to(&self, dtype: DType, dst: &mut [u8]) -> Result<()> {
        let layout = Layout::of(dtype)?;
        let mut rest = &mut *dst;
        for value in self.values(layout.field) {
            let value = value?;
            let len = usize::try_from(layout.bytes_of(value)?).ok();
            let parts = len.and_then(|len| rest.split_at_mut_checked(len));
            let Some((front, behind)) = parts else {
                return Err(Error::data_loss("more values are stored than there are elements"));
            };
            layout.decode(value, front)?;
            rest = behind;
        }
        if Endianness::NATIVE == Endianness::Big {
            swap_bytes(dst, dtype.swap_unit());
        }
        Ok(())
    }

    /// The elements of a string tensor, of which there are to be `elements`.
    ///
    /// # Errors
    /// `DataLoss` where there are others.
    pub(super) fn to_strings(&self, elements: u64) -> Result<Strings> {
        let (mut count, mut bytes) = (0, 0);
        for string in self.strings() {
            count += 1;
            bytes += string?.len();
        }
        if count as u64 != elements {
            return Err(Error::data_loss(format!(
                "{count} values are stored for {elements} elements"
            )));
        }
        let mut strings = Strings::with_capacity(count, bytes);
        for string in self.strings() {
            strings.push(string?);
        }
        Ok(strings)
    }

    fn strings(&self) -> impl Iterator<Item = Result<&'a [u8]>> {
        self.values(STRING_VAL).map(|value| match value? {
            Value::Bytes(string) => Ok(string),
            _ => Err(not_a_message("its values are of another kind")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The elements of a message with one field of these bytes.
    fn read(dtype: DType, field: &[u8], elements: u64) -> Result<Vec<u8>> {
        let stored = Elements::new(vec![field]);
        let mut data = vec![0xa5; stored.check_count(dtype, elements)?];
        stored.copy_to(dtype, &mut data)?;
        Ok(data)
    }

    #[test]
    fn numbers_packed_and_one_by_one() {
        let one = 1.0f32.to_ne_bytes();
        assert_eq!(read(DType::FLOAT, b"\x2a\x04\0\0\x80\x3f", 1).unwrap(), one);
        assert_eq!(read(DType::FLOAT, b"\x2d\0\0\x80\x3f", 1).unwrap(), one);
        let minus_two = [&[0x3a, 11, 7][..], &[0xfe], &[0xff; 8], &[1]].concat();
        assert_eq!(read(DType::INT8, &minus_two, 2).unwrap(), [7, 0xfe]);
        let words = read(DType::INT32, &minus_two, 2).unwrap();
        assert_eq!(words, [7i32.to_ne_bytes(), (-2i32).to_ne_bytes()].concat());
        assert_eq!(read(DType::INT8, &[0x38, 5, 0x3a, 1, 6, 0x38, 7], 3).unwrap(), [5, 6, 7]);
        assert_eq!(read(DType::BOOL, &[0x5a, 3, 0, 1, 2], 3).unwrap(), [0, 1, 1]);
        assert_eq!(
            read(DType::HALF, &[0x6a, 3, 0x80, 0xf8, 3], 1).unwrap(),
            0xfc00u16.to_ne_bytes()
        );
        let empty: [u8; 0] = [];
        assert_eq!(read(DType::INT64, &empty, 0).unwrap(), empty);
    }

    #[test]
    fn parts_are_taken_together() {
        let stored = Elements::new(vec![&[0x3a, 1, 1], &[], &[0x3a, 1, 2]]);
        let mut data = vec![0; stored.check(DType::UINT8, 2).unwrap()];
        stored.copy_to(DType::UINT8, &mut data).unwrap();
        assert_eq!(data, [1, 2]);
    }

    #[test]
    fn bad_values_are_seen_before_memory_is_taken() {
        for (dtype, field, elements) in [
            (DType::FLOAT, &b"\x2a\x03\0\0\0"[..], 1),
            (DType::FLOAT, b"\x29\0\0\0\0\0\0\0\0", 2),
            (DType::FLOAT, b"\x2a\x04\0\0\0\0", 2),
            (DType::FLOAT, b"", u64::MAX),
            (DType::COMPLEX64, b"\x4a\x04\0\0\0\0", 1),
            (DType::INT8, &[0x3a, 1, 0x80], 1),
            (DType::INT8, &[0x3a, 2, 1, 1], 1),
            (DType::INT8, &[0x3a, 2, 1], 2),
            (DType::INT8, &[0x3d, 1, 0, 0, 0], 1),
        ] {
            let error = Elements::new(vec![field]).check_count(dtype, elements).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::DataLoss, "{dtype} {field:?}");
        }
        let long = [&[0x3a, 11][..], &[0xff; 10], &[1]].concat();
        assert_eq!(read(DType::INT8, &long, 1).unwrap_err().kind(), ErrorKind::DataLoss);
        let checked = Elements::new(vec![&long]).check(DType::INT8, 1).unwrap_err();
        assert_eq!(checked.kind(), ErrorKind::DataLoss);
        let other = Elements::new(Vec::new()).check_count(DType::BFLOAT16, 0).unwrap_err();
        assert_eq!(other.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn strings_are_counted() {
        let stored = Elements::new(vec![b"\x42\x02ab\x42\0"]);
        assert!(stored.to_strings(2).unwrap().iter().eq([&b"ab"[..], b""]));
        for elements in [0, 1, 3, u64::MAX] {
            assert_eq!(stored.to_strings(elements).unwrap_err().kind(), ErrorKind::DataLoss);
        }
        assert!(Elements::new(vec![&[0x40, 1]]).to_strings(1).is_err());
    }
}
