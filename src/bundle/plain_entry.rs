//! Entries as writers write them, decoded without taking memory.
//!
//! ```text
//! 08 dtype | 12 len (12 len (08 size))* | 18 shard | 20 offset | 28 size | 35 crc32c
//! ```
//! in any order, any of them left out where it is 0. Whatever else an entry may be,
//! with slices, with fields that nobody knows, or wrong, is left to the decoder of the
//! message, which takes several times as long.

use super::entry::{Entry, has_right_size};
use super::header::Header;
use crate::coding;
use crate::tensor::{DType, Shape};

/// What an entry says of a tensor that is stored whole, but for its shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain {
    pub(crate) dtype: DType,
    pub(crate) shard: u32,
    pub(crate) offset: u64,
    pub(crate) size: u64,
    pub(crate) crc32c: u32,
}

/// The entry that `value` is; `None` where it is not such a one, or makes no sense.
pub(super) fn decode(value: &[u8], header: &Header) -> Option<Entry> {
    let mut shape = Shape::default();
    let plain = decode_into(value, header.num_shards, &mut shape)?;
    let Plain { dtype, shard, offset, size, crc32c } = plain;
    Some(Entry { dtype, shape, shard, offset, size, crc32c, slices: Vec::new() })
}

/// The same, where the shape has a place already: to fill it in and then move it takes
/// longer than all the rest. It means nothing where the answer is `None`.
#[inline]
pub(crate) fn decode_into(value: &[u8], num_shards: u32, shape: &mut Shape) -> Option<Plain> {
    let (mut dtype, mut shard, mut offset, mut size, mut crc32c) = (0, 0, 0, 0, 0);
    let mut has_shape = false;
    let mut rest = value;
    while let Some((&tag, behind)) = rest.split_first() {
        rest = behind;
        match tag {
            0x08 => dtype = varint(&mut rest)?,
            0x12 if !has_shape => {
                let message = message(&mut rest)?;
                has_shape = shape.set_few(|dims| take_dims(message, dims));
                if !has_shape {
                    return None;
                }
            }
            0x18 => shard = varint(&mut rest)?,
            0x20 => offset = varint(&mut rest)?,
            0x28 => size = varint(&mut rest)?,
            0x35 => crc32c = u32::from_le_bytes(*take(&mut rest)?),
            _ => return None,
        }
    }
    if !has_shape {
        shape.set_few(|_| Some(0));
    }
    let dtype = DType::from_number(i32::try_from(dtype).ok()?)?;
    let shard = u32::try_from(shard).ok().filter(|&shard| shard < num_shards)?;
    let makes_sense = offset <= i64::MAX as u64 && has_right_size(dtype, shape, size);
    makes_sense.then_some(Plain { dtype, shard, offset, size, crc32c })
}

fn take_dims(mut shape: &[u8], dims: &mut [i64; Shape::FEW]) -> Option<usize> {
    let mut rank = 0;
    while let Some((&tag, behind)) = shape.split_first() {
        shape = behind;
        if tag != 0x12 {
            return None;
        }
        *dims.get_mut(rank)? = dim(message(&mut shape)?)?;
        rank += 1;
    }
    Some(rank)
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

#[inline(always)]
fn varint(rest: &mut &[u8]) -> Option<u64> {
    match rest.split_first() {
        Some((&byte, behind)) if byte < 0x80 => {
            *rest = behind;
            Some(byte.into())
        }
        _ => long_varint(rest),
    }
}

/// Up to eight bytes are taken at once: which of them are the number's is known from
/// their highest bits, and the groups of seven bits are then moved together.
#[inline]
fn long_varint(rest: &mut &[u8]) -> Option<u64> {
    const LAST: u64 = 0x8080_8080_8080_8080;
    let Some((&eight, _)) = rest.split_first_chunk() else { return coding::take_varint(rest) };
    let word = u64::from_le_bytes(eight);
    let ends = !word & LAST;
    if ends == 0 {
        return coding::take_varint(rest);
    }
    let word = word & (ends ^ (ends - 1)) & !LAST;
    let word = (word & 0x007f_007f_007f_007f) | (word & 0x7f00_7f00_7f00_7f00) >> 1;
    let word = (word & 0x0000_3fff_0000_3fff) | (word & 0x3fff_0000_3fff_0000) >> 2;
    let word = (word & 0x0fff_ffff) | (word & 0x0fff_ffff_0000_0000) >> 4;
    *rest = rest.get(ends.trailing_zeros() as usize / 8 + 1..)?;
    Some(word)
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

    #[test]
    fn varints_of_any_length() {
        for shift in 0..64 {
            for value in [1u64 << shift, (1 << shift) - 1, u64::MAX >> shift, 0x5555_5555_5555_5555 >> shift] {
                for behind in [&[][..], &[0xff; 9], &[0; 9]] {
                    let mut bytes = Vec::new();
                    coding::put_varint(&mut bytes, value);
                    bytes.extend(behind);
                    let mut rest = &bytes[..];
                    assert_eq!((varint(&mut rest), rest), (Some(value), behind));
                }
            }
        }
        assert_eq!(varint(&mut &[0x80; 7][..]), None);
        assert_eq!(varint(&mut &[0x80; 11][..]), None);
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
                    let usual = message.shape.is_some_and(|shape| shape.dim.len() <= Shape::FEW
                        && shape.dim.iter().all(|dim| dim.name.is_empty()));
                    let encoded = entry.encode();
                    prop_assert!(!usual || twice || value != encoded, "{entry:?}");
                }
                (None, Err(_)) => {}
            }
        }
    }
}
