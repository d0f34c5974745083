//! The fields of a message in memory, without making the message of them.
//!
//! A value of a V1 file is a message that holds the elements of a tensor, and may
//! have 2 GiB of them. A decoder of messages would hold every element once more,
//! small integers in many times their size.

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use crate::error::{Error, Result};

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) number: u32,
    pub(super) value: Value<'a>,
}

/// What a field holds, as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A varint as it stands there.
    Varint(&'a [u8]),
    Fixed64(&'a [u8]),
    Fixed32(&'a [u8]),
    /// Bytes, a message, or packed numbers.
    Bytes(&'a [u8]),
}

/// The fields of a message, in order; what is damaged is an `Err`, and the end.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The content of each field `number` that holds bytes.
    pub(super) fn bytes(self, number: u32) -> impl Iterator<Item = Result<&'a [u8]>> {
        self.filter_map(move |field| match field {
            Ok(Field { number: found, value: Value::Bytes(bytes) }) if found == number => {
                Some(Ok(bytes))
            }
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// The next field that is not a group: nobody writes these any more.
    fn take(&mut self) -> Result<Option<Field<'a>>> {
        while !self.rest.is_empty() {
            let (number, wire_type) = decode_key(&mut self.rest).map_err(damaged)?;
            let value = match wire_type {
                WireType::Varint => Value::Varint(self.varint()?),
                WireType::SixtyFourBit => Value::Fixed64(self.bytes_of(8)?),
                WireType::ThirtyTwoBit => Value::Fixed32(self.bytes_of(4)?),
                WireType::LengthDelimited => {
                    let len = decode_varint(&mut self.rest).map_err(damaged)?;
                    Value::Bytes(self.bytes_of(len)?)
                }
                WireType::StartGroup | WireType::EndGroup => {
                    let context = DecodeContext::default();
                    skip_field(wire_type, number, &mut self.rest, context).map_err(damaged)?;
                    continue;
                }
            };
            return Ok(Some(Field { number, value }));
        }
        Ok(None)
    }

    fn varint(&mut self) -> Result<&'a [u8]> {
        let mut behind = self.rest;
        decode_varint(&mut behind).map_err(damaged)?;
        self.bytes_of((self.rest.len() - behind.len()) as u64)
    }

    fn bytes_of(&mut self, len: u64) -> Result<&'a [u8]> {
        let parts = usize::try_from(len).ok().and_then(|len| self.rest.split_at_checked(len));
        let (bytes, rest) = parts.ok_or_else(|| not_a_message("it ends within a field"))?;
        self.rest = rest;
        Ok(bytes)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let field = self.take();
        if field.is_err() {
            self.rest = &[];
        }
        field.transpose()
    }
}

fn damaged(error: prost::DecodeError) -> Error {
    not_a_message(&error.to_string())
}

pub(super) fn not_a_message(why: &str) -> Error {
    Error::data_loss(format!("an entry is not a SavedTensorSlices: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_field() {
        let message = [
            &[0x08, 0x96, 0x01][..],
            &[0x11, 1, 2, 3, 4, 5, 6, 7, 8],
            &[0x1a, 2, b'a', b'b'],
            &[0x23, 0x08, 0x05, 0x24],
            &[0x2d, 1, 2, 3, 4],
            &[0x1a, 0],
        ]
        .concat();
        let fields: Vec<_> = Fields::new(&message).map(Result::unwrap).collect();
        assert_eq!(
            fields,
            [
                Field { number: 1, value: Value::Varint(&[0x96, 0x01]) },
                Field { number: 2, value: Value::Fixed64(&[1, 2, 3, 4, 5, 6, 7, 8]) },
                Field { number: 3, value: Value::Bytes(b"ab") },
                Field { number: 5, value: Value::Fixed32(&[1, 2, 3, 4]) },
                Field { number: 3, value: Value::Bytes(b"") },
            ]
        );
        let bytes: Vec<_> = Fields::new(&message).bytes(3).map(Result::unwrap).collect();
        assert_eq!(bytes, [&b"ab"[..], b""]);
    }

    #[test]
    fn damage_ends_it() {
        for bad in [&[0x0a, 5, 1][..], &[0x0d, 1], &[0x08], &[0x07, 1], &[0x00], &[0x0b, 0x08]] {
            let message = [&[0x08, 1], bad].concat();
            let mut fields = Fields::new(&message);
            assert!(fields.next().unwrap().is_ok());
            assert!(fields.next().unwrap().is_err(), "{bad:?}");
            assert_eq!(fields.next().map(|field| field.is_ok()), None);
        }
    }
}
