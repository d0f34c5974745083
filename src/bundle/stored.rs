//! The stored bytes of one entry: brought from their shard, and checked.

use std::sync::Arc;

use super::entry::Entry;
use super::header::Endianness;
use super::shards::Shards;
use crate::checksum;
use crate::error::{Error, Result, ResultExt};
use crate::progress::Progress;
use crate::storage::ReadFile;

/// How much is read at once: small enough that the CRC finds it in the cache.
pub(super) const PIECE: usize = 256 << 10;

/// How much is read before it is seen whether the call was called off.
const STRETCH: usize = 4 << 20;

/// The stored bytes of one entry, which are known to lie within their file.
#[derive(Debug)]
pub(super) struct Stored<'p> {
    pub(super) file: Arc<dyn ReadFile>,
    pub(super) endianness: Endianness,
    pub(super) offset: u64,
    pub(super) size: u64,
    shard: u32,
    crc32c: u32,
    progress: &'p Progress,
}

impl<'p> Stored<'p> {
    /// Opens the shard and refuses an entry that reaches beyond its end. What is read
    /// of it is told to `progress`.
    pub(super) fn open(
        shards: &Shards,
        entry: &Entry,
        endianness: Endianness,
        progress: &'p Progress,
    ) -> Result<Self> {
        let file = shards.file(entry.shard)?;
        let end = entry.offset.checked_add(entry.size);
        if end.is_none_or(|end| end > file.len()) {
            return Err(Error::data_loss(format!(
                "its entry says {} bytes, but the data shard has {} in all",
                entry.size,
                file.len()
            ))
            .in_file(file.path())
            .in_shard(entry.shard)
            .at_offset(entry.offset));
        }
        Ok(Self {
            file,
            endianness,
            offset: entry.offset,
            size: entry.size,
            shard: entry.shard,
            crc32c: entry.crc32c,
            progress,
        })
    }

    /// Reads all the bytes into `dst`, which has just that length.
    pub(super) fn read_into(&self, dst: &mut [u8], verify: bool) -> Result<()> {
        let mut crc = 0;
        let mut at = 0;
        for piece in dst.chunks_mut(PIECE) {
            self.read_range(piece, at)?;
            at += piece.len() as u64;
            if verify {
                crc = checksum::extend(crc, piece);
            }
        }
        if verify { self.check(crc) } else { Ok(()) }
    }

    /// Hands all the bytes to `each`, piece by piece, with where in the entry
    /// the piece begins; at the end checks them.
    pub(super) fn for_each_piece(
        &self,
        mut each: impl FnMut(u64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut buf = vec![0; self.size.min(PIECE as u64) as usize];
        let mut crc = 0;
        let mut at = 0;
        while at < self.size {
            let piece = &mut buf[..(self.size - at).min(PIECE as u64) as usize];
            self.read_range(piece, at)?;
            crc = checksum::extend(crc, piece);
            each(at, piece)?;
            at += piece.len() as u64;
        }
        self.check(crc)
    }

    /// Fills `dst` with the bytes from byte `at` of the entry on, unchecked.
    pub(super) fn read_range(&self, dst: &mut [u8], at: u64) -> Result<()> {
        self.fetch(dst, at, |bytes| self.progress.advance(bytes))
    }

    /// The same for a range of which but `wanted` bytes were asked for.
    pub(super) fn read_through(&self, dst: &mut [u8], at: u64, wanted: u64) -> Result<()> {
        self.fetch(dst, at, |_| ())?;
        self.progress.advance(wanted);
        Ok(())
    }

    fn fetch(&self, dst: &mut [u8], mut at: u64, each: impl Fn(u64)) -> Result<()> {
        for piece in dst.chunks_mut(STRETCH) {
            self.progress.check().in_file(self.file.path()).in_shard(self.shard)?;
            self.file.read_exact_at(piece, self.offset + at).in_shard(self.shard)?;
            at += piece.len() as u64;
            each(piece.len() as u64);
        }
        Ok(())
    }

    /// Checks the bytes where they are mapped.
    pub(super) fn check_mapped(&self, bytes: &[u8]) -> Result<()> {
        let mut crc = 0;
        for piece in bytes.chunks(STRETCH) {
            self.progress.check().in_file(self.file.path()).in_shard(self.shard)?;
            crc = checksum::extend(crc, piece);
            self.progress.advance(piece.len() as u64);
        }
        self.check(crc)
    }

    /// Compares the CRC of what was read with the one that the index has.
    pub(super) fn check(&self, crc: u32) -> Result<()> {
        if checksum::mask(crc) == self.crc32c {
            return Ok(());
        }
        Err(self.damaged(format!(
            "its {} bytes have checksum {:08x}, the index says {:08x}",
            self.size,
            checksum::mask(crc),
            self.crc32c
        )))
    }

    /// An error about these bytes.
    pub(super) fn damaged(&self, message: impl Into<String>) -> Error {
        Error::data_loss(message)
            .in_file(self.file.path())
            .in_shard(self.shard)
            .at_offset(self.offset)
    }
}
