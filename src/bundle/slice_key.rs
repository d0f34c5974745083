//! The key under which a stored slice of a partitioned tensor has its entry.
//!
//! ```text
//! num 0 | string NAME | num RANK | (signed START | signed LENGTH) × RANK
//! ```
//! in ordered code; a whole dimension is START 0, LENGTH -1. The leading `num 0`
//! is a zero byte, so these keys come before those of ordinary names.

use crate::ordered_code;
use crate::tensor::{Extent, Slice};

const FULL_EXTENT: i64 = -1;

/// The first byte of an encoded slice key. Few tensors have names like that, if any.
pub(super) const SLICE_KEY_START: u8 = 0;

/// The key of slice `slice` of tensor `name`.
pub fn encode_slice_key(name: &[u8], slice: &Slice) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 8 + 4 * slice.extents().len());
    ordered_code::put_num(&mut key, 0);
    ordered_code::put_string(&mut key, name);
    ordered_code::put_num(&mut key, slice.extents().len() as u64);
    for extent in slice.extents() {
        ordered_code::put_signed(&mut key, extent.start);
        ordered_code::put_signed(&mut key, extent.length.unwrap_or(FULL_EXTENT));
    }
    key
}

/// The tensor's name and the slice that `key` stands for; `None` where it is no
/// such key, but the name of a tensor.
pub fn decode_slice_key(key: &[u8]) -> Option<(Vec<u8>, Slice)> {
    let mut rest = key;
    if ordered_code::take_num(&mut rest)? != 0 {
        return None;
    }
    let name = ordered_code::take_string(&mut rest)?;
    let rank = ordered_code::take_num(&mut rest)?;
    // Each dimension takes two bytes at least, so the loop ends with the key.
    let mut extents = Vec::new();
    for _ in 0..rank {
        let start = ordered_code::take_signed(&mut rest)?;
        let length = ordered_code::take_signed(&mut rest)?;
        extents.push(Extent { start, length: (length != FULL_EXTENT).then_some(length) });
    }
    rest.is_empty().then(|| (name, Slice::new(extents)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back() {
        for name in [&b"w"[..], b"", b"a\0b\xff"] {
            for spec in ["", "-", "0,4:-", "300,7:-:2,1"] {
                let slice: Slice = spec.parse().unwrap();
                let key = encode_slice_key(name, &slice);
                assert_eq!(key[0], 0);
                assert_eq!(decode_slice_key(&key), Some((name.to_vec(), slice)));
                assert_eq!(decode_slice_key(&key[..key.len() - 1]), None);
            }
        }
    }

    #[test]
    fn a_key_as_written_by_tensorflow() {
        let slice: Slice = "4,2:0,6".parse().unwrap();
        let mut expected = b"\0blocks/bool".to_vec();
        expected.extend([0x00, 0x01, 0x01, 0x02, 0x84, 0x82, 0x80, 0x86]);
        assert_eq!(encode_slice_key(b"blocks/bool", &slice), expected);
    }
}
