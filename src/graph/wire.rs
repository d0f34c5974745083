//! Protobuf's wire format: one field after another.
//!
//! ```text
//! field  = tag value              tag = varint (number << 3 | type)
//! value  = varint                 type 0
//!        | 8 bytes                type 1
//!        | varint length, bytes   type 2: a string, a message, packed numbers
//!        | fields, end tag        type 3 … type 4: a group, long out of use
//!        | 4 bytes                type 5
//! ```
//! Here a single field's head is read, out of the bytes at hand; walking through
//! a file is [`super::input`]'s part.

use crate::coding;

/// The most bytes that a field's head, tag and length, can take.
pub(super) const MAX_HEAD: usize = 2 * coding::MAX_VARINT_LEN;
/// How deep groups may nest; protobuf's own readers stop there too.
pub(super) const MAX_GROUP_DEPTH: usize = 100;

/// A range of bytes of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub start: u64,
    pub end: u64,
}

impl Span {
    pub(super) fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// The head of a field: its number, what follows, and its own length.
pub(super) struct Head {
    pub number: u32,
    pub body: Body,
    pub len: usize,
}

/// What follows a field's tag. A varint and a length are part of the head.
#[derive(Clone, Copy)]
pub(super) enum Body {
    Varint(u64),
    Fixed(u64),
    Bytes(u64),
    GroupStart,
    GroupEnd,
}

/// Reads the head of the field that `bytes` begins with; says what is wrong with it.
pub(super) fn head(bytes: &[u8]) -> Result<Head, &'static str> {
    const BAD_TAG: &str = "a field's tag is no number";
    let (tag, tag_len) = coding::varint(bytes).ok_or(BAD_TAG)?;
    let number = u32::try_from(tag >> 3).map_err(|_| BAD_TAG)?;
    if number == 0 || number >= 1 << 29 {
        return Err("a field has a number that is not allowed");
    }
    let rest = bytes.get(tag_len..).unwrap_or_default();
    let varint = || coding::varint(rest).ok_or("a field's length or value is no number");
    let (body, len) = match tag & 7 {
        0 => varint().map(|(value, len)| (Body::Varint(value), len))?,
        1 => (Body::Fixed(8), 0),
        2 => varint().map(|(value, len)| (Body::Bytes(value), len))?,
        3 => (Body::GroupStart, 0),
        4 => (Body::GroupEnd, 0),
        5 => (Body::Fixed(4), 0),
        _ => return Err("a field has a type that there is not"),
    };
    Ok(Head { number, body, len: tag_len + len })
}

/// Appends the tag and the length of a field that holds `len` bytes.
pub(super) fn put_bytes_head(out: &mut Vec<u8>, number: u32, len: u64) {
    coding::put_varint(out, (u64::from(number) << 3) | 2);
    coding::put_varint(out, len);
}

/// Appends a field that holds `bytes`.
pub(super) fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_bytes_head(out, number, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Goes through the length-delimited fields of a message in memory, as far as it
/// is one: number and content.
pub(super) fn byte_fields(mut bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    std::iter::from_fn(move || {
        loop {
            let head = head(bytes).ok()?;
            let rest = bytes.get(head.len..)?;
            let len = match head.body {
                Body::Varint(_) => 0,
                Body::Fixed(len) | Body::Bytes(len) => usize::try_from(len).ok()?,
                Body::GroupStart | Body::GroupEnd => return None,
            };
            let content = rest.get(..len)?;
            bytes = rest.get(len..)?;
            if let Body::Bytes(_) = head.body {
                return Some((head.number, content));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads() {
        assert!(matches!(
            head(&[0x08, 0x96, 0x01]),
            Ok(Head { number: 1, body: Body::Varint(150), len: 3 })
        ));
        assert!(matches!(
            head(&[0x12, 0x07]),
            Ok(Head { number: 2, body: Body::Bytes(7), len: 2 })
        ));
        assert!(matches!(head(&[0x1d]), Ok(Head { number: 3, body: Body::Fixed(4), len: 1 })));
        for bad in [&[][..], &[0x02], &[0x0e], &[0x12], &[0xff; 10], &[0x12, 0x80]] {
            assert!(head(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn fields_in_memory_end_where_the_message_does() {
        let mut message = vec![0x08, 0x05];
        put_bytes(&mut message, 2, b"abc");
        message.extend([0x1d, 1, 2, 3, 4]);
        put_bytes(&mut message, 4, b"");
        let fields: Vec<_> = byte_fields(&message).collect();
        assert_eq!(fields, [(2, &b"abc"[..]), (4, b"")]);
        message.extend([0x12, 0x7f]);
        assert_eq!(byte_fields(&message).count(), 2);
    }
}
