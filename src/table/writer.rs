//! The table writer.
//!
//! ```text
//! data block, trailer      in key order
//! ...
//! metaindex block, trailer   no entries: nothing uses it
//! index block, trailer     for each data block a separator and its handle
//! footer
//! ```
//!
//! A separator is a short key that is not below the last key of its block, and
//! below the first of the next.

use std::fmt;

use super::block_builder::BlockBuilder;
use super::compression::{Compression, pack};
use super::format::{BlockHandle, Footer, put_trailer};
use crate::error::{Error, Result};
use crate::storage::WriteFile;

/// How a table is written. With the defaults it is, byte for byte, what
/// TensorFlow writes for the same entries.
#[derive(Clone, Debug)]
pub struct TableWriterOptions {
    /// A block is closed when it has reached this many bytes; 256 KiB unless told.
    pub block_size: usize,
    /// The key of every so manieth entry is stored whole; 16 unless told.
    pub restart_interval: usize,
    /// How blocks are stored; [`Compression::None`] unless told.
    pub compression: Compression,
}

impl Default for TableWriterOptions {
    fn default() -> Self {
        Self { block_size: 256 << 10, restart_interval: 16, compression: Compression::None }
    }
}

/// The largest block size, which is also what readers take unless told.
const MAX_BLOCK_SIZE: usize = 1 << 30;

/// The longest block that its 32-bit offsets and lengths can speak of. One entry
/// can make a block larger than the block size.
const MAX_BLOCK_LEN: usize = u32::MAX as usize;

/// The most that an entry takes beside its key and value: three varints, a restart.
const MAX_ENTRY_HEAD: usize = 3 * 5 + 4;

/// Writes a table into a new file, from its first byte on.
///
/// It neither syncs nor removes the file: without [`finish`](Self::finish) what
/// is there is no table. After an error it is of no more use.
pub struct TableWriter<'f> {
    file: &'f dyn WriteFile,
    options: TableWriterOptions,
    position: u64,
    data: BlockBuilder,
    index: BlockBuilder,
    last_key: Option<Vec<u8>>,
    /// The last block written, until the first key after it is known.
    unindexed: Option<BlockHandle>,
}

impl<'f> TableWriter<'f> {
    /// Starts a table in `file`, which is empty.
    ///
    /// # Errors
    /// `InvalidArgument` for a restart interval of 0 or a block size above 1 GiB.
    pub fn new(file: &'f dyn WriteFile, options: &TableWriterOptions) -> Result<Self> {
        if options.restart_interval == 0 {
            return Err(Error::invalid("a restart interval of 0"));
        }
        if options.block_size > MAX_BLOCK_SIZE {
            return Err(Error::invalid("a block size of more than 1 GiB"));
        }
        Ok(Self {
            file,
            options: options.clone(),
            position: 0,
            data: BlockBuilder::new(options.restart_interval),
            index: BlockBuilder::new(1),
            last_key: None,
            unindexed: None,
        })
    }

    /// Adds an entry behind all others.
    ///
    /// # Errors
    /// `InvalidArgument` where `key` is not above the last key, or the entry does
    /// not fit a block of 4 GiB; `Io`.
    pub fn add(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        if self.last_key.as_deref().is_some_and(|last| key <= last) {
            return Err(Error::invalid("a key that is not above the last one"));
        }
        let entry_len = key.len().saturating_add(value.len());
        if entry_len > MAX_BLOCK_LEN - MAX_ENTRY_HEAD - self.data.len() {
            return Err(Error::invalid("an entry too large for a block"));
        }
        // An entry of twice the block size does not join those before it.
        if entry_len >= self.options.block_size.saturating_mul(2) {
            self.end_data_block()?;
        }
        self.index_block_before(key);
        self.data.add(key, value);
        key.clone_into(self.last_key.get_or_insert_default());
        if self.data.len() >= self.options.block_size {
            self.end_data_block()?;
        }
        Ok(())
    }

    /// Writes what is left, the index and the footer; returns the length of the
    /// file.
    ///
    /// # Errors
    /// `InvalidArgument` where the keys that separate the blocks do not fit an
    /// index block of 4 GiB; `Io`.
    pub fn finish(mut self) -> Result<u64> {
        self.end_data_block()?;
        let metaindex = self.write_block(BlockBuilder::new(1).finish())?;
        if let (Some(handle), Some(last_key)) = (self.unindexed.take(), self.last_key.take()) {
            self.add_to_index(&successor(&last_key), handle);
        }
        if self.index.len() > MAX_BLOCK_LEN {
            return Err(Error::invalid("more blocks than an index block of 4 GiB has room for"));
        }
        let contents = self.index.finish();
        let index = self.write_block(contents)?;
        self.write(&Footer { metaindex, index }.encode())?;
        Ok(self.position)
    }

    fn end_data_block(&mut self) -> Result<()> {
        if !self.data.is_empty() {
            let contents = self.data.finish();
            self.unindexed = Some(self.write_block(contents)?);
        }
        Ok(())
    }

    /// Puts the block that ended before `key`, if one did, into the index.
    fn index_block_before(&mut self, key: &[u8]) {
        if let (Some(handle), Some(last_key)) = (self.unindexed.take(), &self.last_key) {
            let separator = separator(last_key, key);
            self.add_to_index(&separator, handle);
        }
    }

    fn add_to_index(&mut self, separator: &[u8], handle: BlockHandle) {
        let mut value = Vec::new();
        handle.put(&mut value);
        self.index.add(separator, &value);
    }

    fn write_block(&mut self, contents: Vec<u8>) -> Result<BlockHandle> {
        let (mut stored, kind) = pack(contents, self.options.compression)?;
        let handle = BlockHandle { offset: self.position, size: stored.len() as u64 };
        put_trailer(&mut stored, kind);
        self.write(&stored)?;
        Ok(handle)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all_at(bytes, self.position)?;
        self.position += bytes.len() as u64;
        Ok(())
    }
}

impl fmt::Debug for TableWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableWriter")
            .field("file", &self.file)
            .field("options", &self.options)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// The key from `last` up to, but not including, `next` that index blocks have.
/// It is `last`, unless raising the first byte in which the two differ gives a
/// shorter key that is still below `next`.
fn separator(last: &[u8], next: &[u8]) -> Vec<u8> {
    let differs = last.iter().zip(next).position(|(a, b)| a != b);
    match differs {
        Some(at) if last[at] < 0xff && last[at] + 1 < next[at] => raised(last, at),
        _ => last.to_vec(),
    }
}

/// The key not below `last` that index blocks have at their end.
fn successor(last: &[u8]) -> Vec<u8> {
    match last.iter().position(|&byte| byte != 0xff) {
        Some(at) => raised(last, at),
        None => last.to_vec(),
    }
}

/// `key` up to byte `at`, which is one more.
fn raised(key: &[u8], at: usize) -> Vec<u8> {
    let mut raised = key[..=at].to_vec();
    raised[at] += 1;
    raised
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::error::ErrorKind::InvalidArgument;
    use crate::storage::{MemoryStorage, Storage};
    use crate::table::testing::assert_error;

    #[test]
    fn separators_are_short() {
        for (last, next, expected) in [
            (&b"abc"[..], &b"abf"[..], &b"abd"[..]),
            (b"abcx", b"abf", b"abd"),
            (b"abc", b"abd", b"abc"),
            (b"abcx", b"abd", b"abcx"),
            (b"ab", b"abc", b"ab"),
            (b"", b"a", b""),
            (b"a\xff", b"c", b"b"),
            (b"\xfe", b"\xff\x00", b"\xfe"),
        ] {
            assert_eq!(separator(last, next), expected, "{last:?} {next:?}");
            assert!(last <= expected && expected < next);
        }
    }

    #[test]
    fn successors_are_short() {
        for (last, expected) in [
            (&b"abc"[..], &b"b"[..]),
            (b"\xff\xffab", b"\xff\xffb"),
            (b"\xff\xff", b"\xff\xff"),
            (b"", b""),
        ] {
            assert_eq!(successor(last), expected);
        }
    }

    fn with_writer(
        options: &TableWriterOptions,
        test: impl FnOnce(TableWriter<'_>) -> Result<()>,
    ) -> Result<()> {
        let file = MemoryStorage::new().create(Path::new("table"))?;
        test(TableWriter::new(&*file, options)?)
    }

    #[test]
    fn keys_come_in_order() {
        with_writer(&TableWriterOptions::default(), |mut writer| {
            writer.add(b"", b"")?;
            writer.add(b"b", b"")?;
            for key in [&b"b"[..], b"a", b""] {
                assert_error(writer.add(key, b""), InvalidArgument, "above the last");
            }
            writer.add(b"c", b"")
        })
        .unwrap();
    }

    #[test]
    fn options_are_checked() {
        let options = TableWriterOptions { restart_interval: 0, ..Default::default() };
        assert_error(with_writer(&options, |_| Ok(())), InvalidArgument, "interval");
        let options = TableWriterOptions { block_size: (1 << 30) + 1, ..Default::default() };
        assert_error(with_writer(&options, |_| Ok(())), InvalidArgument, "block size");
    }
}
