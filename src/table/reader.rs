//! The table reader.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::block::Block;
use super::block_cursor::BlockCursor;
use super::cache::BlockCache;
use super::compression::{too_large, unpack};
use super::cursor::Cursor;
use super::format::{BlockHandle, FOOTER_LEN, Footer, TRAILER_LEN, take_trailer};
use super::index::Index;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::storage::{Buffer, ReadFile};

/// How a table is read.
#[derive(Clone, Debug)]
pub struct TableOptions {
    /// How many bytes of decoded blocks are kept for the next look at them;
    /// 64 MiB unless told, which is all of a table of two million tensors.
    pub cache_bytes: usize,
    /// The largest block, in bytes after decompression, that is taken into
    /// memory; 1 GiB unless told. No block may have more than 4 GiB.
    pub max_block_bytes: u64,
    /// The largest file, in bytes, that is opened; of any size unless told.
    pub max_file_bytes: u64,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self { cache_bytes: 64 << 20, max_block_bytes: 1 << 30, max_file_bytes: u64::MAX }
    }
}

/// A table file, open for reading.
///
/// Opening reads the footer and the index block; every other block is read,
/// and its checksum compared, when it is first touched. Any number of threads
/// may use one table at once.
///
/// Every error names the file, and one about a block the offset of that block.
pub struct Table {
    file: Arc<dyn ReadFile>,
    footer: Footer,
    index: Index,
    cache: BlockCache,
    max_block_bytes: u64,
}

impl Table {
    /// Opens the table in `file`.
    ///
    /// # Errors
    /// `DataLoss` where footer or index are not those of a table, `Unsupported`
    /// for an unknown compression, `ResourceLimit` for a file or an index above the
    /// limit, and what reading the file gives.
    pub fn open(file: Arc<dyn ReadFile>, options: &TableOptions) -> Result<Self> {
        check_file_size(file.len(), options.max_file_bytes).in_file(file.path())?;
        let (footer, footer_at) = read_footer(&*file).in_file(file.path())?;
        let index = read_block(&*file, footer.index, footer_at, options.max_block_bytes, on_heap)
            .and_then(|block| Index::decode(block, footer.index, footer_at))
            .at_offset(footer.index.offset)
            .in_file(file.path())?;
        let cache = BlockCache::new(options.cache_bytes, index.stored_len());
        Ok(Self { file, footer, index, cache, max_block_bytes: options.max_block_bytes })
    }

    /// The value under `key`; `None` where there is no such key.
    ///
    /// # Errors
    /// `DataLoss` where the block that would hold it is damaged, `Unsupported`
    /// for an unknown compression, `ResourceLimit` for a block above the limit,
    /// and what reading the file gives.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.with_value(key, <[u8]>::to_vec)
    }

    /// What `look` makes of the value under `key`, which it sees where it lies in
    /// its block; `None` where there is no such key.
    ///
    /// # Errors
    /// As of [`get`](Self::get).
    pub(crate) fn with_value<T>(
        &self,
        key: &[u8],
        look: impl FnOnce(&[u8]) -> T,
    ) -> Result<Option<T>> {
        let number = self.index.find(key);
        if number == self.index.len() {
            return Ok(None);
        }
        let mut entries = BlockCursor::new(self.block(number)?);
        let found = entries.find(key);
        if let Some(value) = self.in_block(number, found)? {
            return Ok(Some(look(value)));
        }
        self.check_all(number, entries.block())?;
        Ok(None)
    }

    /// A cursor that stands before the first entry.
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor::new(self)
    }

    /// How many data blocks there are.
    pub fn block_count(&self) -> usize {
        self.index.len()
    }

    /// How many entries data block `block` has, at least one; loads it.
    ///
    /// # Errors
    /// As of [`get`](Self::get); `InvalidArgument` where there is no such block.
    pub fn block_len(&self, block: usize) -> Result<usize> {
        let mut entries = BlockCursor::new(self.block(block)?);
        self.in_block(block, entries.count())
    }

    /// Whether its path still leads to its file.
    pub(crate) fn is_current(&self) -> Result<bool> {
        self.file.is_current()
    }

    /// The path of its file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Checks what reading never touches: the metaindex block, the form of the
    /// footer, and that every byte of the file belongs to a block or the footer.
    ///
    /// # Errors
    /// `DataLoss` where any of it is not as a writer leaves it, and what reading
    /// the file gives.
    pub fn verify_frame(&self) -> Result<()> {
        let (footer, footer_at) = read_footer(&*self.file).in_file(self.path())?;
        self.verify_footer(footer, footer_at).at_offset(footer_at).in_file(self.path())?;
        let metaindex = self.footer.metaindex;
        read_block(&*self.file, metaindex, footer_at, self.max_block_bytes, on_heap)
            .at_offset(metaindex.offset)
            .in_file(self.path())?;
        self.verify_tiling(footer_at).in_file(self.path())
    }

    /// One form only: no padding but zeros, no varint longer than it must be.
    fn verify_footer(&self, footer: Footer, footer_at: u64) -> Result<()> {
        let mut bytes = [0; FOOTER_LEN];
        self.file.read_exact_at(&mut bytes, footer_at)?;
        if footer != self.footer || footer.encode() != bytes {
            return Err(Error::data_loss("the footer is not as a writer leaves it"));
        }
        Ok(())
    }

    /// Writers put block after block with nothing between. A byte outside of all
    /// blocks would be one that no checksum covers.
    fn verify_tiling(&self, footer_at: u64) -> Result<()> {
        let mut handles: Vec<BlockHandle> = self.index.handles().collect();
        handles.extend([self.footer.metaindex, self.footer.index]);
        handles.sort_unstable();
        let mut covered = 0;
        for handle in handles {
            match handle.end() {
                Some(end) if handle.offset == covered => covered = end,
                _ => return Err(not_tiled(covered)),
            }
        }
        if covered == footer_at { Ok(()) } else { Err(not_tiled(covered)) }
    }

    /// How many entries each data block has from `first` on, which loads them one after
    /// the other. If all have room in the cache they stay there.
    pub(crate) fn block_lens(&self, first: usize) -> Result<Vec<usize>> {
        let keep = self.index.stored_len() < self.cache.capacity() as u64;
        let mut lens = Vec::with_capacity(self.block_count().saturating_sub(first));
        let mut entries = BlockCursor::new(Arc::default());
        for number in first..self.block_count() {
            let memory = entries.leave();
            entries.enter(match keep {
                true => self.block(number)?,
                false => self.block_in_passing(number, memory)?,
            });
            lens.push(self.in_block(number, entries.count())?);
        }
        Ok(lens)
    }

    /// Data block `number`, from the cache or the file.
    pub(super) fn block(&self, number: usize) -> Result<Arc<Block>> {
        if let Some(block) = self.cache.get(number) {
            return Ok(block);
        }
        let block = self.load(number, |len| self.cache.memory(len))?;
        self.cache.insert(number, &block);
        Ok(block)
    }

    /// The same, but what was not in the cache does not go there, but into `memory` that
    /// had another: to touch fresh memory takes longer than to fill it.
    pub(super) fn block_in_passing(&self, number: usize, memory: Vec<u8>) -> Result<Arc<Block>> {
        match self.cache.get(number) {
            Some(block) => Ok(block),
            None => self.load(number, |_| memory.into()),
        }
    }

    #[cfg(test)]
    pub(super) fn is_cached(&self, number: usize) -> bool {
        self.cache.get(number).is_some()
    }

    /// The first block that can hold `key`; `block_count()` where none can.
    pub(super) fn block_for(&self, key: &[u8]) -> usize {
        self.index.find(key)
    }

    /// Whether no block behind that of the number can hold `key`.
    pub(super) fn reaches(&self, number: usize, key: &[u8]) -> bool {
        self.index.reaches(number, key)
    }

    /// Checks all of a data block, if that was not done yet.
    pub(super) fn check_all(&self, number: usize, block: &Arc<Block>) -> Result<()> {
        self.in_block(number, block.passed().map(drop))
    }

    /// What was made of the data block `number`; errors get its place.
    #[inline]
    pub(super) fn in_block<T>(&self, number: usize, made: Result<T>) -> Result<T> {
        if made.is_ok() {
            return made;
        }
        let at = self.index.handle(number).map_or(0, |handle| handle.offset);
        made.at_offset(at).in_file(self.path())
    }

    fn load(&self, number: usize, memory: impl FnOnce(usize) -> Buffer) -> Result<Arc<Block>> {
        let handle = self.index.handle(number).ok_or_else(|| {
            Error::invalid(format!("no block {number} in a table of {}", self.index.len()))
                .in_file(self.path())
        })?;
        self.in_block(number, self.load_at(number, handle, memory))
    }

    fn load_at(
        &self,
        number: usize,
        handle: BlockHandle,
        memory: impl FnOnce(usize) -> Buffer,
    ) -> Result<Arc<Block>> {
        let (file, limit) = (&*self.file, self.max_block_bytes);
        let block = read_block(file, handle, file.len(), limit, memory)?;
        self.index.check_first(number, block.first_key()?)?;
        self.index.check_last(number, block.last_key()?.as_slice())?;
        Ok(Arc::new(block))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("path", &self.path())
            .field("block_count", &self.block_count())
            .finish_non_exhaustive()
    }
}

fn check_file_size(len: u64, max_len: u64) -> Result<()> {
    if len > max_len {
        let message = format!("a table of {len} bytes is above the limit of {max_len}");
        return Err(Error::new(ErrorKind::ResourceLimit, message));
    }
    Ok(())
}

/// The footer, and where it starts.
fn read_footer(file: &dyn ReadFile) -> Result<(Footer, u64)> {
    let Some(footer_at) = file.len().checked_sub(FOOTER_LEN as u64) else {
        return Err(Error::data_loss(format!(
            "not a table: {} bytes are fewer than a footer has",
            file.len()
        )));
    };
    let mut bytes = [0; FOOTER_LEN];
    file.read_exact_at(&mut bytes, footer_at)?;
    Ok((Footer::decode(&bytes).at_offset(footer_at)?, footer_at))
}

/// Reads a block that must end, trailer included, by `end` of the file; into what
/// `memory` gives for so many bytes.
fn read_block(
    file: &dyn ReadFile,
    handle: BlockHandle,
    end: u64,
    max_len: u64,
    memory: impl FnOnce(usize) -> Buffer,
) -> Result<Block> {
    if handle.end().is_none_or(|block_end| block_end > end) {
        return Err(Error::data_loss("a block reaches beyond the end of the file"));
    }
    // No writer keeps a packed block that is larger than what it unpacks to.
    if handle.size > max_len {
        return Err(too_large(handle.size, max_len));
    }
    let size = usize::try_from(handle.size).map_err(|_| too_large(handle.size, max_len))?;
    let mut stored = memory(size + TRAILER_LEN);
    stored.read(file, size + TRAILER_LEN, handle.offset)?;
    let kind = take_trailer(&mut stored)?;
    Block::new(unpack(stored, kind, max_len)?)
}

fn on_heap(_: usize) -> Buffer {
    Buffer::default()
}

fn not_tiled(offset: u64) -> Error {
    Error::data_loss("the blocks of the table leave a gap or overlap").at_offset(offset)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::ErrorKind::{DataLoss, InvalidArgument, ResourceLimit, Unsupported};
    use crate::storage::{Mapping, MemoryFile};
    use crate::table::testing::{Forge, assert_error, contents, open, walk};

    /// A table of blocks that hold one key each, under these separators.
    fn forge(blocks: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut forge = Forge::default();
        let index: Vec<_> = blocks
            .iter()
            .map(|(key, separator)| (*separator, forge.block(contents(1, &[(key, b"v")]), 0)))
            .collect();
        forge.end(&index)
    }

    #[test]
    fn a_block_keeps_within_its_separators() {
        assert_eq!(walk(&open(forge(&[(b"b", b"c"), (b"d", b"d")])).unwrap()).unwrap(), 2);
        for (blocks, offset) in [
            ([(&b"b"[..], &b"a"[..]), (b"d", b"d")], 0),
            ([(b"b", b"c"), (b"c", b"d")], 18),
            ([(b"b", b"c"), (b"e", b"d")], 18),
        ] {
            let table = open(forge(&blocks)).unwrap();
            let error = assert_error(walk(&table), DataLoss, "elsewhere");
            assert_eq!((error.offset(), error.file()), (Some(offset), Some(table.path())));
        }
    }

    #[test]
    fn a_data_block_has_entries() {
        let mut forge = Forge::default();
        let empty = forge.block(contents(1, &[]), 0);
        assert_error(walk(&open(forge.end(&[(b"a", empty)])).unwrap()), DataLoss, "no entries");
    }

    #[test]
    fn a_table_of_no_keys_opens() {
        let table = open(Forge::default().end(&[])).unwrap();
        assert_eq!((table.block_count(), walk(&table).unwrap()), (0, 0));
        assert_eq!(table.get(b"").unwrap(), None);
        assert_error(table.block_len(0), InvalidArgument, "no block 0");
    }

    #[test]
    fn bytes_between_the_blocks_are_seen_by_the_frame() {
        for gap in [0, 1] {
            let mut forge = Forge::default();
            let first = forge.block(contents(1, &[(b"a", b"1")]), 0);
            forge.0.resize(forge.0.len() + gap, 0);
            let second = forge.block(contents(1, &[(b"b", b"2")]), 0);
            let table = open(forge.end(&[(b"a", first), (b"b", second)])).unwrap();
            assert_eq!(table.get(b"b").unwrap().unwrap(), b"2");
            assert_eq!(table.verify_frame().is_err(), gap == 1);
        }
    }

    #[test]
    fn the_footer_has_one_form() {
        let good = forge(&[(b"a", b"b")]);
        let footer_at = good.len() - FOOTER_LEN;
        for at in footer_at..good.len() {
            for bit in 0..8 {
                let mut bytes = good.clone();
                bytes[at] ^= 1 << bit;
                let seen = open(bytes).and_then(|table| walk(&table));
                assert_error(seen, DataLoss, "");
            }
        }
    }

    #[test]
    fn unknown_compression_is_said_with_its_place() {
        let mut forge = Forge::default();
        let first = forge.block(contents(1, &[(b"a", b"1")]), 0);
        let second = forge.block(contents(1, &[(b"b", b"2")]), 9);
        let table = open(forge.end(&[(b"a", first), (b"b", second)])).unwrap();
        assert!(table.get(b"a").unwrap().is_some());
        let error = assert_error(table.get(b"b"), Unsupported, "type 9");
        assert_eq!(error.offset(), Some(second.offset));
    }

    #[test]
    fn the_limit_is_on_every_block() {
        let mut forge = Forge::default();
        let large = forge.block(contents(1, &[(b"a", &[0; 1000])]), 0);
        let file = Arc::new(MemoryFile::new("table", forge.end(&[(b"a", large)])));
        let limit = |max_block_bytes| TableOptions { max_block_bytes, ..Default::default() };
        let table = Table::open(file.clone(), &limit(999)).unwrap();
        assert_error(table.get(b"a"), ResourceLimit, "limit of 999");
        assert_error(Table::open(file, &limit(3)), ResourceLimit, "limit of 3");
    }

    #[test]
    fn the_limit_is_on_the_file() {
        let file = Arc::new(MemoryFile::new("table", forge(&[(b"a", b"b")])));
        let len = file.len();
        let limit = |max_file_bytes| TableOptions { max_file_bytes, ..Default::default() };
        assert!(Table::open(file.clone(), &limit(len)).is_ok());
        let error = assert_error(Table::open(file, &limit(len - 1)), ResourceLimit, "above");
        assert!(error.file().is_some());
    }

    /// Counts its reads, and tells any length.
    #[derive(Debug)]
    struct Probe {
        file: MemoryFile,
        len: u64,
        reads: AtomicUsize,
    }

    impl ReadFile for Probe {
        fn path(&self) -> &Path {
            self.file.path()
        }

        fn len(&self) -> u64 {
            self.len
        }

        fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
            self.reads.fetch_add(1, Ordering::Relaxed);
            self.file.read_exact_at(buf, offset)
        }

        fn map(&self) -> Result<Arc<Mapping>> {
            self.file.map()
        }
    }

    fn probe(bytes: Vec<u8>, len: u64) -> Arc<Probe> {
        Arc::new(Probe { file: MemoryFile::new("table", bytes), len, reads: AtomicUsize::new(0) })
    }

    #[test]
    fn blocks_are_read_when_they_are_touched() {
        let bytes = forge(&[(b"a", b"b"), (b"c", b"d"), (b"e", b"f")]);
        let len = bytes.len() as u64;
        let file = probe(bytes, len);
        let reads = || file.reads.load(Ordering::Relaxed);
        let table = Table::open(file.clone(), &TableOptions::default()).unwrap();
        assert_eq!(reads(), 2);
        table.get(b"c").unwrap().unwrap();
        table.get(b"c").unwrap().unwrap();
        assert_eq!(reads(), 3);
        assert_eq!(table.get(b"g").unwrap(), None);
        assert_eq!(reads(), 3);
        assert!(table.cursor().seek(b"b\0").unwrap());
        assert_eq!(reads(), 3);
    }

    #[test]
    fn a_file_cut_short_under_us_is_an_error() {
        let mut bytes = forge(&[(b"a", b"b")]);
        bytes.splice(0..0, vec![0; 100]);
        let error = assert_error(
            Table::open(probe(bytes, 4096), &TableOptions::default()),
            DataLoss,
            "ends within",
        );
        assert_eq!(error.offset(), Some(4048));
    }
}
