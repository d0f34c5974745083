//! Tables put together block by block, for what no writer would write.

use std::sync::Arc;

use super::block_builder::BlockBuilder;
use super::format::{BlockHandle, Footer, put_trailer};
use super::reader::{Table, TableOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::MemoryFile;

/// The contents of a block of these entries.
pub(super) fn contents(restart_interval: usize, entries: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut builder = BlockBuilder::new(restart_interval);
    let mut last: &[u8] = &[];
    for (key, value) in entries {
        let shared = last.iter().zip(*key).take_while(|(a, b)| a == b).count();
        builder.add(key, shared, *value);
        last = key;
    }
    std::mem::take(builder.finish())
}

/// The bytes of a handle.
pub(super) fn handle_bytes(handle: BlockHandle) -> Vec<u8> {
    let mut bytes = Vec::new();
    handle.put(&mut bytes);
    bytes
}

/// The bytes of a table file, from the first on.
#[derive(Default)]
pub(super) struct Forge(pub(super) Vec<u8>);

impl Forge {
    /// Adds a block as it is to be stored, under any type byte.
    pub(super) fn block(&mut self, mut stored: Vec<u8>, kind: u8) -> BlockHandle {
        let handle = BlockHandle { offset: self.0.len() as u64, size: stored.len() as u64 };
        put_trailer(&mut stored, kind);
        self.0.extend(stored);
        handle
    }

    /// Adds an empty metaindex block, the index block and the footer.
    pub(super) fn end(mut self, index: &[(&[u8], BlockHandle)]) -> Vec<u8> {
        let metaindex = self.block(contents(1, &[]), 0);
        let index = self.block(index_contents(1, index), 0);
        self.0.extend(Footer { metaindex, index }.encode());
        self.0
    }
}

/// The contents of an index block.
pub(super) fn index_contents(restart_interval: usize, entries: &[(&[u8], BlockHandle)]) -> Vec<u8> {
    let handles: Vec<_> =
        entries.iter().map(|(separator, handle)| (separator, handle_bytes(*handle))).collect();
    let entries: Vec<_> = handles.iter().map(|(key, value)| (**key, &value[..])).collect();
    contents(restart_interval, &entries)
}

/// Opens a table that is nothing but these bytes.
pub(super) fn open(bytes: Vec<u8>) -> Result<Table> {
    Table::open(Arc::new(MemoryFile::new("table", bytes)), &TableOptions::default())
}

/// Reads all entries, and what else there is.
pub(super) fn walk(table: &Table) -> Result<usize> {
    let mut cursor = table.cursor();
    let mut entries = 0;
    while cursor.next()? {
        entries += 1;
    }
    table.verify_frame()?;
    Ok(entries)
}

/// Asserts the kind of an error, and words of its message.
#[track_caller]
pub(super) fn assert_error<T>(result: Result<T>, kind: ErrorKind, words: &str) -> Error {
    let Err(error) = result else { panic!("no error where '{words}' was expected") };
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.message().contains(words), "'{words}' is not in '{error}'");
    error
}
