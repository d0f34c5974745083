//! The stored bytes of one entry: brought from their shard, and checked.

use std::ops::Range;
use std::sync::Arc;

use super::entry::Entry;
use super::header::Endianness;
use super::shards::Shards;
use crate::checksum::{self, Copies};
use crate::error::{Error, Result, ResultExt};
use crate::progress::Progress;
use crate::storage::{self, ReadFile};

/// How much is read at once: small enough that the CRC finds it in the cache.
pub(super) const PIECE: usize = 256 << 10;

/// How much is read before it is seen whether the call was called off.
const STRETCH: usize = 4 << 20;

/// Calls that bring more than this write past the caches, which hold it no longer when
/// the caller gets to it.
const MORE_THAN_CACHED: u64 = 16 << 20;

/// How bytes are brought.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// Whether their CRC is wanted.
    pub(super) verify: bool,
    /// Whether they are written past the caches.
    pub(super) past_cache: bool,
}

impl Manner {
    /// That of a call which brings so many bytes in all.
    pub(super) fn of_call(verify: bool, bytes: u64) -> Self {
        let past_cache = bytes >= MORE_THAN_CACHED && checksum::copies_past_cache();
        Self { verify, past_cache }
    }

    /// Memory that the operating system clears at first is in the caches then.
    fn to(self, memory: &[u8]) -> Self {
        Self { past_cache: self.past_cache && !storage::are_untouched(memory), ..self }
    }
}

/// Memory of a thread that reads, kept from one piece to the next.
#[derive(Debug, Default)]
pub(super) struct Scratch(Vec<u8>);

impl Scratch {
    pub(super) fn take(&mut self, len: usize) -> &mut [u8] {
        if self.0.len() < len {
            self.0.resize(len, 0);
        }
        &mut self.0[..len]
    }
}

/// Bytes of a data file that a thread has read, kept for who asks for some of them.
#[derive(Debug, Default)]
pub(super) struct Window {
    file: Option<Arc<dyn ReadFile>>,
    /// Where in the file they begin.
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    fn has(&self, file: &Arc<dyn ReadFile>, range: &Range<u64>) -> bool {
        let end = self.start + self.bytes.len() as u64;
        self.file.as_ref().is_some_and(|own| Arc::ptr_eq(own, file))
            && self.start <= range.start
            && range.end <= end
    }

    fn read(&mut self, file: &Arc<dyn ReadFile>, range: Range<u64>) -> Result<()> {
        self.file = None;
        self.bytes.resize((range.end - range.start) as usize, 0);
        file.read_exact_at(&mut self.bytes, range.start)?;
        (self.file, self.start) = (Some(file.clone()), range.start);
        Ok(())
    }
}

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

    /// Fills `dst` with the bytes from byte `at` of the entry on. Returns their CRC, if
    /// it is wanted.
    pub(super) fn read_into(
        &self,
        dst: &mut [u8],
        mut at: u64,
        manner: Manner,
        scratch: &mut Scratch,
    ) -> Result<u32> {
        let mut crc = 0;
        for stretch in dst.chunks_mut(STRETCH) {
            self.check_progress()?;
            let manner = manner.to(stretch);
            crc = match self.mapped(at, stretch.len()) {
                Some(bytes) => copy_mapped(crc, bytes, stretch, manner),
                None if !manner.verify => self.read_exact(stretch, at).map(|()| 0)?,
                None if manner.past_cache => self.read_past_cache(crc, stretch, at, scratch)?,
                None => self.read_and_check(crc, stretch, at)?,
            };
            at += stretch.len() as u64;
            self.progress.advance(stretch.len() as u64);
        }
        Ok(crc)
    }

    /// The CRC is made of each piece while it is in the cache.
    fn read_and_check(&self, mut crc: u32, dst: &mut [u8], mut at: u64) -> Result<u32> {
        for piece in dst.chunks_mut(PIECE) {
            self.check_progress()?;
            self.read_exact(piece, at)?;
            crc = checksum::extend(crc, piece);
            at += piece.len() as u64;
        }
        Ok(crc)
    }

    /// By way of memory that stays in the cache: the operating system would fetch
    /// what it writes to from memory first.
    fn read_past_cache(
        &self,
        mut crc: u32,
        dst: &mut [u8],
        mut at: u64,
        scratch: &mut Scratch,
    ) -> Result<u32> {
        let copies = Copies::new();
        for piece in dst.chunks_mut(PIECE) {
            self.check_progress()?;
            let read = scratch.take(piece.len());
            self.read_exact(read, at)?;
            crc = copies.copy(crc, read, piece);
            at += piece.len() as u64;
        }
        Ok(crc)
    }

    /// Hands all the bytes to `each`, piece by piece, with where in the entry
    /// the piece begins; at the end checks them.
    pub(super) fn for_each_piece(&self, each: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
        let crc = self.pieces_of(0..self.size, &mut Scratch::default(), each)?;
        self.check(crc)
    }

    /// Hands a stretch of the bytes to `each`, and returns its CRC.
    pub(super) fn pieces_of(
        &self,
        stretch: Range<u64>,
        scratch: &mut Scratch,
        mut each: impl FnMut(u64, &[u8]) -> Result<()>,
    ) -> Result<u32> {
        let mut crc = 0;
        let mut at = stretch.start;
        while at < stretch.end {
            let len = (stretch.end - at).min(PIECE as u64) as usize;
            self.check_progress()?;
            let piece = match self.mapped(at, len) {
                Some(bytes) => bytes,
                None => {
                    let read = scratch.take(len);
                    self.read_exact(read, at)?;
                    read
                }
            };
            self.progress.advance(len as u64);
            crc = checksum::extend(crc, piece);
            each(at, piece)?;
            at += len as u64;
        }
        Ok(crc)
    }

    /// The bytes of `range`, unchecked: where they are mapped, or in `window`. With the
    /// last of them those behind are read too, up to byte `reach` of the file.
    pub(super) fn bytes_of<'s>(
        &'s self,
        range: Range<u64>,
        reach: u64,
        window: &'s mut Window,
    ) -> Result<&'s [u8]> {
        self.check_progress()?;
        let len = (range.end - range.start) as usize;
        if let Some(bytes) = self.mapped(range.start, len) {
            return Ok(bytes);
        }
        let start = self.offset + range.start;
        let own = start..self.offset + range.end;
        if !window.has(&self.file, &own) {
            let more = start..if range.end == self.size { reach.max(own.end) } else { own.end };
            // If that fails it may be for what is behind.
            let read = window.read(&self.file, more);
            read.or_else(|_| window.read(&self.file, own)).in_shard(self.shard)?;
        }
        Ok(&window.bytes[(start - window.start) as usize..][..len])
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
            self.check_progress()?;
            self.read_exact(piece, at)?;
            at += piece.len() as u64;
            each(piece.len() as u64);
        }
        Ok(())
    }

    fn read_exact(&self, dst: &mut [u8], at: u64) -> Result<()> {
        self.file.read_exact_at(dst, self.offset + at).in_shard(self.shard)
    }

    /// So many bytes from byte `at` on, where they are in memory.
    fn mapped(&self, at: u64, len: usize) -> Option<&[u8]> {
        self.file.mapped(self.offset + at, len)
    }

    fn check_progress(&self) -> Result<()> {
        self.progress.check().in_file(self.file.path()).in_shard(self.shard)
    }

    /// The CRC of some of the bytes where they are mapped.
    pub(super) fn crc_of_mapped(&self, bytes: &[u8]) -> Result<u32> {
        let mut crc = 0;
        for piece in bytes.chunks(STRETCH) {
            self.check_progress()?;
            crc = checksum::extend(crc, piece);
            self.progress.advance(piece.len() as u64);
        }
        Ok(crc)
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

/// Copies what is mapped, and returns its CRC behind `crc`, if that is wanted.
fn copy_mapped(mut crc: u32, bytes: &[u8], dst: &mut [u8], manner: Manner) -> u32 {
    if manner.past_cache {
        return Copies::new().copy(crc, bytes, dst);
    }
    for (piece, dst) in bytes.chunks(PIECE).zip(dst.chunks_mut(PIECE)) {
        dst.copy_from_slice(piece);
        if manner.verify {
            crc = checksum::extend(crc, dst);
        }
    }
    crc
}
