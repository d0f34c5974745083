//! How the bytes of a block are packed.

use crate::error::{Error, ErrorKind, Result};
use crate::storage::Buffer;

/// How the blocks of a table are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// As they are; TensorFlow writes nothing else unless told to.
    #[default]
    None,
    /// Packed with raw Snappy, where that saves at least an eighth.
    Snappy,
}

const NONE: u8 = 0;
const SNAPPY: u8 = 1;

/// Makes of a block's contents the bytes to store for them, and tells the type byte that
/// says what they are.
pub(super) fn pack(contents: &mut Vec<u8>, compression: Compression) -> Result<u8> {
    if compression == Compression::None {
        return Ok(NONE);
    }
    let packed = snap::raw::Encoder::new()
        .compress_vec(contents)
        .map_err(|error| Error::invalid(format!("Snappy refuses a block: {error}")))?;
    if packed.len() >= contents.len() - contents.len() / 8 {
        return Ok(NONE);
    }
    *contents = packed;
    Ok(SNAPPY)
}

/// Undoes [`pack`]; refuses to make more than `max_len` bytes.
pub(super) fn unpack(stored: Buffer, kind: u8, max_len: u64) -> Result<Buffer> {
    match kind {
        NONE => Ok(stored),
        SNAPPY => unpack_snappy(&stored, max_len).map(Buffer::Heap),
        _ => Err(Error::unsupported(format!("a block of compression type {kind}"))),
    }
}

fn unpack_snappy(stored: &[u8], max_len: u64) -> Result<Vec<u8>> {
    let malformed = |error| Error::data_loss(format!("a Snappy block is malformed: {error}"));
    let declared = snap::raw::decompress_len(stored).map_err(malformed)?;
    if declared as u64 > most_unpacked(stored.len()) {
        return Err(Error::data_loss(format!(
            "a Snappy block of {} bytes declares {declared}, more than it can hold",
            stored.len()
        )));
    }
    if declared as u64 > max_len {
        return Err(too_large(declared as u64, max_len));
    }
    let mut contents = vec![0; declared];
    let len = snap::raw::Decoder::new().decompress(stored, &mut contents).map_err(malformed)?;
    contents.truncate(len);
    Ok(contents)
}

/// The most that `len` bytes of Snappy can stand for. Of its elements the copy
/// with a two-byte offset gives the most for its size: 64 bytes for three. (The
/// copy with a one-byte offset gives 11 for two, a literal less than its size.)
fn most_unpacked(len: usize) -> u64 {
    (len as u64).saturating_mul(64) / 3
}

pub(super) fn too_large(len: u64, max_len: u64) -> Error {
    Error::new(
        ErrorKind::ResourceLimit,
        format!("a block of {len} bytes is above the limit of {max_len}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind::{DataLoss, ResourceLimit, Unsupported};
    use crate::table::testing::assert_error;

    #[test]
    fn snappy_is_kept_where_it_saves_an_eighth() {
        let repeating = b"abcd".repeat(100);
        let mut packed = repeating.clone();
        assert_eq!(pack(&mut packed, Compression::Snappy).unwrap(), SNAPPY);
        assert_eq!(unpack(packed.into(), SNAPPY, 400).unwrap()[..], repeating);
        let distinct: Vec<u8> = (0..=255).collect();
        let mut packed = distinct.clone();
        assert_eq!(pack(&mut packed, Compression::Snappy).unwrap(), NONE);
        assert_eq!(packed, distinct);
    }

    #[test]
    #[cfg_attr(miri, ignore = "megabytes take Miri minutes")]
    fn the_bound_holds_for_the_best_case_of_snappy() {
        for len in [64, 1000, 65536, 1 << 20] {
            let packed = snap::raw::Encoder::new().compress_vec(&vec![0; len]).unwrap();
            assert!(most_unpacked(packed.len()) >= len as u64);
            assert_eq!(unpack(packed.into(), SNAPPY, len as u64).unwrap().len(), len);
        }
        // One literal byte, then nothing but the longest copies of two-byte offset.
        let mut best = vec![0xc1, 0x3e, 0, b'x'];
        best.extend([0xfe, 1, 0].repeat(125));
        assert_eq!(unpack(best.into(), SNAPPY, 8001).unwrap()[..], [b'x'; 8001]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "megabytes take Miri minutes")]
    fn bombs_are_refused_before_they_go_off() {
        let declares = |len: u64| -> Buffer {
            let mut stored = Vec::new();
            crate::coding::put_varint(&mut stored, len);
            stored.resize(3000, 0);
            stored.into()
        };
        assert_error(unpack(declares(u32::MAX.into()), SNAPPY, u64::MAX), DataLoss, "declares");
        assert_error(unpack(declares(u64::MAX), SNAPPY, u64::MAX), DataLoss, "malformed");
        assert_error(unpack(declares(64_000), SNAPPY, 63_999), ResourceLimit, "limit of 63999");
        assert_error(unpack(declares(64_000), SNAPPY, 64_000), DataLoss, "malformed");
        assert_error(unpack(Buffer::default(), SNAPPY, 10), DataLoss, "");
    }

    #[test]
    fn unknown_types_are_named() {
        assert_error(unpack(Buffer::default(), 2, 10), Unsupported, "type 2");
    }
}
