//! Entries whose keys come in their order: they become the table at once.

use std::sync::Arc;

use crate::bundle::header::Header;
use crate::error::Result;
use crate::storage::{MemoryFile, WriteFile};
use crate::table::{Table, TableBuilder, TableOptions, TableWriter, TableWriterOptions, Value};

/// An index as it will be, in memory.
#[derive(Debug)]
pub(super) struct Run {
    header: Header,
    table: TableBuilder,
    /// What is complete of it.
    blocks: Vec<Vec<u8>>,
    finished: bool,
}

impl Run {
    /// One of no entries yet.
    pub(super) fn new(header: Header) -> Result<Self> {
        let mut table = TableBuilder::new(&TableWriterOptions::default())?;
        let mut blocks = Vec::new();
        table.add(b"", &header.encode()[..], keep(&mut blocks))?;
        Ok(Self { header, table, blocks, finished: false })
    }

    /// The highest key; empty, as none is, where there are no entries.
    #[inline]
    pub(super) fn last_key(&self) -> &[u8] {
        self.table.last_key()
    }

    /// Adds an entry whose key is above all others.
    #[inline]
    pub(super) fn add(&mut self, key: &[u8], value: &impl Value) -> Result<()> {
        self.table.add(key, value, keep(&mut self.blocks))
    }

    /// Writes the index; it may be written more than once.
    pub(super) fn write(&mut self, file: &dyn WriteFile, header: &Header) -> Result<()> {
        if *header != self.header {
            let mut table = TableWriter::new(file, &TableWriterOptions::default())?;
            table.add(b"", &header.encode())?;
            self.each(|key, value| table.add(key, value))?;
            return table.finish().map(drop);
        }
        self.finish()?;
        file.allocate(0..self.table.position());
        let mut at = 0;
        for block in &self.blocks {
            file.write_all_at(block, at)?;
            at += block.len() as u64;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        if !std::mem::replace(&mut self.finished, true) {
            self.table.finish(keep(&mut self.blocks))?;
        }
        Ok(())
    }

    /// Hands every key and value to `each`; nothing can be added any more.
    pub(super) fn each(&mut self, mut each: impl FnMut(&[u8], &[u8]) -> Result<()>) -> Result<()> {
        self.finish()?;
        let bytes = MemoryFile::new("entries", self.blocks.concat());
        let options = TableOptions { max_block_bytes: u64::MAX, ..TableOptions::default() };
        let table = Table::open(Arc::new(bytes), &options)?;
        let mut cursor = table.cursor();
        cursor.next()?;
        while cursor.next()? {
            each(cursor.key(), cursor.value())?;
        }
        Ok(())
    }
}

/// Keeps blocks as they come.
fn keep(blocks: &mut Vec<Vec<u8>>) -> impl FnMut(&mut Vec<u8>, u64) -> Result<()> + '_ {
    /// The next block is about as long: its last entry is not.
    const ROOM: usize = 4 << 10;
    |block, _| {
        let next = Vec::with_capacity(block.len() + ROOM);
        blocks.push(std::mem::replace(block, next));
        Ok(())
    }
}
