//! The parts of a table that have a fixed form: handles, the footer, and the
//! trailer of every block.
//!
//! ```text
//! handle    varint64 offset, varint64 size      of a block, without its trailer
//! footer    metaindex handle, index handle, zeros up to 40 bytes,
//!           u64 magic                           the last 48 bytes of the file
//! trailer   u8 compression, u32 masked CRC-32C  of the block and that byte
//! ```

use crate::checksum;
use crate::coding;
use crate::error::{Error, Result};
use crate::storage::{Buffer, ReadFile};

pub(super) const FOOTER_LEN: usize = 48;
pub(super) const TRAILER_LEN: usize = 5;

const MAGIC: u64 = 0xdb47_7524_8b80_fb57;
const MAGIC_AT: usize = FOOTER_LEN - 8;

/// Where a block is: its size leaves the trailer out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BlockHandle {
    pub(super) offset: u64,
    pub(super) size: u64,
}

impl BlockHandle {
    pub(super) fn put(self, out: &mut Vec<u8>) {
        coding::put_varint(out, self.offset);
        coding::put_varint(out, self.size);
    }

    pub(super) fn take(bytes: &mut &[u8]) -> Option<Self> {
        let offset = coding::take_varint(bytes)?;
        let size = coding::take_varint(bytes)?;
        Some(Self { offset, size })
    }

    /// How many bytes of the file the block takes with its trailer.
    pub(super) fn stored_len(self) -> u64 {
        self.size.saturating_add(TRAILER_LEN as u64)
    }

    /// Where the block ends with its trailer; `None` beyond 64 bits.
    pub(super) fn end(self) -> Option<u64> {
        self.offset.checked_add(self.size)?.checked_add(TRAILER_LEN as u64)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) metaindex: BlockHandle,
    pub(super) index: BlockHandle,
}

impl Footer {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(FOOTER_LEN);
        self.metaindex.put(&mut out);
        self.index.put(&mut out);
        out.resize(MAGIC_AT, 0);
        out.extend_from_slice(&MAGIC.to_le_bytes());
        out
    }

    pub(super) fn decode(bytes: &[u8; FOOTER_LEN]) -> Result<Self> {
        if coding::fixed64(bytes, MAGIC_AT) != Some(MAGIC) {
            return Err(Error::data_loss("not a table: the magic number is wrong"));
        }
        let mut handles = &bytes[..MAGIC_AT];
        let mut take = || {
            BlockHandle::take(&mut handles)
                .ok_or_else(|| Error::data_loss("a block handle in the footer is malformed"))
        };
        Ok(Self { metaindex: take()?, index: take()? })
    }
}

/// Whether a file ends as every table does. What comes before is not looked at.
pub(crate) fn is_table(file: &dyn ReadFile) -> Result<bool> {
    let mut magic = [0; FOOTER_LEN - MAGIC_AT];
    let Some(at) = file.len().checked_sub(magic.len() as u64) else { return Ok(false) };
    file.read_exact_at(&mut magic, at)?;
    Ok(magic == MAGIC.to_le_bytes())
}

/// Appends to a block as it is stored the trailer that goes with it.
pub(super) fn put_trailer(stored: &mut Vec<u8>, compression: u8) {
    stored.push(compression);
    let crc = checksum::mask(checksum::crc32c(stored));
    stored.extend_from_slice(&crc.to_le_bytes());
}

/// Cuts a trailer off a block as it is stored, and tells the compression.
pub(super) fn take_trailer(stored: &mut Buffer) -> Result<u8> {
    let crc_at = stored.len().saturating_sub(4);
    let (covered, _) = stored.split_at(crc_at);
    let compression = covered.last().copied();
    let crc = checksum::mask(checksum::crc32c(covered));
    match compression {
        Some(compression) if coding::fixed32(stored, crc_at) == Some(crc) => {
            stored.truncate(crc_at - 1);
            Ok(compression)
        }
        _ => Err(Error::data_loss("the checksum of a block does not match")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind::DataLoss;
    use crate::table::testing::assert_error;

    const FOOTER: Footer = Footer {
        metaindex: BlockHandle { offset: 1 << 40, size: 8 },
        index: BlockHandle { offset: (1 << 40) + 13, size: u64::MAX },
    };

    #[test]
    fn a_footer_comes_back() {
        let bytes: [u8; FOOTER_LEN] = FOOTER.encode().try_into().unwrap();
        assert_eq!(Footer::decode(&bytes).unwrap(), FOOTER);
    }

    #[test]
    fn a_footer_needs_its_magic_and_its_handles() {
        let good: [u8; FOOTER_LEN] = FOOTER.encode().try_into().unwrap();
        let mut bytes = good;
        bytes[47] ^= 1;
        assert_error(Footer::decode(&bytes), DataLoss, "magic");
        bytes = good;
        bytes[..MAGIC_AT].fill(0x80);
        assert_error(Footer::decode(&bytes), DataLoss, "handle in the footer");
    }

    #[test]
    fn the_end_of_a_block_is_checked_arithmetic() {
        assert_eq!(BlockHandle { offset: 1, size: 2 }.end(), Some(8));
        assert_eq!(BlockHandle { offset: u64::MAX, size: 1 }.end(), None);
        assert_eq!(BlockHandle { offset: u64::MAX - 4, size: 0 }.end(), None);
    }

    #[test]
    fn a_trailer_covers_the_contents_and_the_type() {
        let mut good = b"contents".to_vec();
        put_trailer(&mut good, 7);
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0x10;
            assert_error(take_trailer(&mut bytes.into()), DataLoss, "checksum");
        }
        let mut good = Buffer::from(good);
        assert_eq!(take_trailer(&mut good).unwrap(), 7);
        assert_eq!(*good, *b"contents");
        assert_error(take_trailer(&mut vec![0; 4].into()), DataLoss, "checksum");
    }
}
