//! Tables into files.

use super::builder::TableBuilder;
use super::compression::Compression;
use crate::error::Result;
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

/// Writes a table into a new file, from its first byte on.
///
/// It neither syncs nor removes the file: without [`finish`](Self::finish) what
/// is there is no table. After an error it is of no more use.
#[derive(Debug)]
pub struct TableWriter<'f> {
    file: &'f dyn WriteFile,
    table: TableBuilder,
}

impl<'f> TableWriter<'f> {
    /// Starts a table in `file`, which is empty.
    ///
    /// # Errors
    /// `InvalidArgument` for a restart interval of 0 or a block size above 1 GiB.
    pub fn new(file: &'f dyn WriteFile, options: &TableWriterOptions) -> Result<Self> {
        Ok(Self { file, table: TableBuilder::new(options)? })
    }

    /// Adds an entry behind all others.
    ///
    /// # Errors
    /// `InvalidArgument` where `key` is not above the last key, or the entry does
    /// not fit a block of 4 GiB; `Io`.
    #[inline]
    pub fn add(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        self.table.add(key, value, |bytes, at| self.file.write_all_at(bytes, at))
    }

    /// Writes what is left, the index and the footer; returns the length of the
    /// file.
    ///
    /// # Errors
    /// `InvalidArgument` where the keys that separate the blocks do not fit an
    /// index block of 4 GiB; `Io`.
    pub fn finish(mut self) -> Result<u64> {
        self.table.finish(|bytes, at| self.file.write_all_at(bytes, at))?;
        Ok(self.table.position())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::error::ErrorKind::InvalidArgument;
    use crate::storage::{MemoryStorage, Storage};
    use crate::table::testing::assert_error;

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
