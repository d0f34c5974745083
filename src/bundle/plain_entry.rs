//! Entries as writers write them, decoded without taking memory.
//!
//! ```text
//! 08 dtype | 12 len (12 len (08 size))* | 18 shard | 20 offset | 28 size | 35 crc32c
//! ```
//! in any order, any of them left out where it is 0. Whatever else an entry may be,
//! with slices, with fields that nobody knows, or wrong, is left to the decoder of the
//! message, which takes several times as long.

use super::entry::Entry;
use super::header::Header;
use crate::coding;
use crate::tensor::{DType, Shape};

/// The most dimensions that are decoded here.
const MAX_RANK: usize = 6;

/// The entry that `value` is; `None` where it is not such a one, or makes no sense.
pub(super) fn decode(value: &[u8], header: &Header) -> Option<Entry> {
    let mut fields = Fields::default();
    let mut rest = value;
    while let Some((&tag, behind)) = rest.split_first() {
        rest = behind;
        match tag {
            0x08 => fields.dtype = varint(&mut rest)?,
            0x12 if !fields.has_shape => fields.take_shape(&mut rest)?,
            0x18 => fields.shard = varint(&mut rest)?,
            0x20 => fields.offset = varint(&mut rest)?,
            0x28 => fields.size = varint(&mut rest)?,
            0x35 => fields.crc32c = u32::from_le_bytes(*take(&mut rest)?),
            _ => return None,
        }
    }
    fields.check(header)
}

#[derive(Default)]
struct Fields {
    dtype: u64,
    has_shape: bool,
    rank: usize,
    dims: [i64; MAX_RANK],
    shard: u64,
    offset: u64,
    size: u64,
    crc32c: u32,
}

impl Fields {
    fn take_shape(&mut self, rest: &mut &[u8]) -> Option<()> {
        self.has_shape = true;
        let mut shape = message(rest)?;
        while let Some((&tag, behind)) = shape.split_first() {
            shape = behind;
            if tag != 0x12 {
                return None;
            }
            *self.dims.get_mut(self.rank)? = dim(message(&mut shape)?)?;
            self.rank += 1;
        }
        Some(())
    }

    fn check(&self, header: &Header) -> Option<Entry> {
        let dtype = DType::from_number(i32::try_from(self.dtype).ok()?)?;
        let shape = Shape::of_few(self.dims.get(..self.rank)?)?;
        let shard = u32::try_from(self.shard).ok().filter(|&shard| shard < header.num_shards)?;
        let Self { offset, size, crc32c, .. } = *self;
        if offset.max(size) > i64::MAX as u64 {
            return None;
        }
        let entry = Entry { dtype, shape, shard, offset, size, crc32c, slices: Vec::new() };
        entry.has_right_size().then_some(entry)
    }
}

fn dim(message: &[u8]) -> Option<i64> {
    let Some((&tag, mut rest)) = message.split_first() else { return Some(0) };
    let size = varint(&mut rest)?;
    (tag == 0x08 && rest.is_empty()).then(|| size.try_into().ok())?
}

/// Takes a message with its length off the front.
#[inline]
fn message<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let len = usize::try_from(varint(rest)?).ok()?;
    let (message, behind) = rest.split_at_checked(len)?;
    *rest = behind;
    Some(message)
}

#[inline]
fn take<'b, const N: usize>(rest: &mut &'b [u8]) -> Option<&'b [u8; N]> {
    let (taken, behind) = rest.split_first_chunk()?;
    *rest = behind;
    Some(taken)
}

#[inline]
fn varint(rest: &mut &[u8]) -> Option<u64> {
    match rest.split_first() {
        Some((&byte, behind)) if byte < 0x80 => {
            *rest = behind;
            Some(byte.into())
        }
        _ => coding::take_varint(rest),
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use proptest::prelude::*;

    use super::*;
    use crate::bundle::Endianness;
    use crate::proto::{BundleEntryProto, TensorShapeProto, tensor_shape_proto::Dim};

    fn header() -> Header {
        Header::written(3, Endianness::Little)
    }

    fn some_number() -> impl Strategy<Value = i64> {
        prop_oneof![0..5i64, 0..300i64, any::<i64>(), Just(1 << 40), Just(i64::MAX)]
    }

    prop_compose! {
        fn some_message()(
            dtype in prop_oneof![0..36i32, any::<i32>()],
            dims in proptest::option::of(proptest::collection::vec((some_number(), 0..20u8), 0..9)),
            unknown_rank in prop_oneof![9 => Just(false), 1 => Just(true)],
            shard_id in prop_oneof![0..4i32, any::<i32>()],
            (offset, size, is_right) in (some_number(), some_number(), any::<bool>()),
            crc32c in any::<u32>(),
        ) -> BundleEntryProto {
            let dim = |&(size, name): &(i64, u8)| {
                Dim { size, name: if name == 0 { b"x".to_vec() } else { Vec::new() } }
            };
            let sizes = dims.iter().flatten().map(|(size, _)| *size);
            let elements = sizes.fold(1i64, i64::wrapping_mul);
            let bytes = DType::from_number(dtype).and_then(DType::size).unwrap_or(1) as i64;
            let shape = dims.map(|dims| {
                TensorShapeProto { dim: dims.iter().map(dim).collect(), unknown_rank }
            });
            let size = if is_right { elements.wrapping_mul(bytes) } else { size };
            BundleEntryProto { dtype, shape, shard_id, offset, size, crc32c, slices: Vec::new() }
        }
    }

    proptest! {
        #[test]
        fn what_is_decoded_here_is_what_the_message_says(
            message in some_message(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..2),
            twice in any::<bool>(),
        ) {
            let mut value = message.encode_to_vec();
            if twice {
                value.extend(value.clone());
            }
            for (at, byte) in changes {
                if !value.is_empty() {
                    let at = at.index(value.len());
                    value[at] = byte;
                }
            }
            let slow = Entry::parse_message(&value, &header());
            match (decode(&value, &header()), slow) {
                (Some(entry), slow) => prop_assert_eq!(Some(entry), slow.ok()),
                (None, Ok(entry)) => {
                    // Nothing that is usual is left to the slow way.
                    let usual = message.shape.is_some_and(|shape| shape.dim.len() <= MAX_RANK
                        && shape.dim.iter().all(|dim| dim.name.is_empty()));
                    let encoded = entry.encode();
                    prop_assert!(!usual || twice || value != encoded, "{entry:?}");
                }
                (None, Err(_)) => {}
            }
        }
    }
}
