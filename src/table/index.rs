//! The index of a table: the data blocks, and the keys that separate them.

use std::ops::Range;
use std::sync::Arc;

use super::block::Block;
use super::block_cursor::BlockCursor;
use super::format::BlockHandle;
use crate::error::{Error, ErrorKind, Result};

/// A separator is as large as every key of its block, and smaller than all keys
/// of the next. All of them stand in one arena.
pub(super) struct Index {
    separators: Vec<u8>,
    blocks: Vec<DataBlock>,
}

struct DataBlock {
    handle: BlockHandle,
    separator: Range<usize>,
}

/// Writers put every separator in full, so all of them take no more than the
/// index block. One that shares prefixes may take this much more: in a block
/// made to harm, a few bytes for each entry could stand for a long key.
const MAX_SHARED: usize = 16 << 20;

impl Index {
    /// Decodes the index block. The data blocks must come one after the other,
    /// all within the first `data_end` bytes, and none in `index_block` itself.
    pub(super) fn decode(block: Block, index_block: BlockHandle, data_end: u64) -> Result<Self> {
        let max_separators = block.heap_len().saturating_add(MAX_SHARED);
        // Writers put every separator in full, at a restart.
        let blocks = Vec::with_capacity(block.restart_count());
        let mut index = Self { separators: Vec::new(), blocks };
        let mut cursor = BlockCursor::new(Arc::new(block));
        let mut covered = 0;
        while cursor.next()? {
            let handle = whole_handle(cursor.value())?;
            covered = check_place(handle, covered, index_block, data_end)?;
            if cursor.key().len() > max_separators - index.separators.len() {
                return Err(Error::new(
                    ErrorKind::ResourceLimit,
                    format!("the keys of the index block take more than {max_separators} bytes"),
                ));
            }
            index.push(cursor.key(), handle);
        }
        Ok(index)
    }

    fn push(&mut self, separator: &[u8], handle: BlockHandle) {
        let start = self.separators.len();
        self.separators.extend_from_slice(separator);
        self.blocks.push(DataBlock { handle, separator: start..self.separators.len() });
    }

    /// How many data blocks there are.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    pub(super) fn handle(&self, block: usize) -> Option<BlockHandle> {
        self.blocks.get(block).map(|block| block.handle)
    }

    /// How many bytes of the file the data blocks take.
    pub(super) fn stored_len(&self) -> u64 {
        self.handles().fold(0, |sum, handle| sum.saturating_add(handle.stored_len()))
    }

    pub(super) fn handles(&self) -> impl Iterator<Item = BlockHandle> {
        self.blocks.iter().map(|block| block.handle)
    }

    /// The only block that can hold `key`; `len()` where none can.
    pub(super) fn find(&self, key: &[u8]) -> usize {
        self.blocks.partition_point(|block| self.separator(block) < key)
    }

    /// Whether `first`, the first key of the block `number`, is above those of the block
    /// before.
    pub(super) fn check_first(&self, number: usize, first: &[u8]) -> Result<()> {
        let before = number.checked_sub(1).and_then(|number| self.blocks.get(number));
        match before.is_none_or(|before| first > self.separator(before)) {
            true => Ok(()),
            false => Err(elsewhere()),
        }
    }

    /// Whether `last`, the last key of the block `number`, is below those of the next.
    pub(super) fn check_last(&self, number: usize, last: &[u8]) -> Result<()> {
        if self.reaches(number, last) { Ok(()) } else { Err(elsewhere()) }
    }

    /// Whether no block behind that of the number can hold `key`.
    pub(super) fn reaches(&self, number: usize, key: &[u8]) -> bool {
        self.blocks.get(number).is_some_and(|block| key <= self.separator(block))
    }

    fn separator(&self, block: &DataBlock) -> &[u8] {
        self.separators.get(block.separator.clone()).unwrap_or_default()
    }
}

fn elsewhere() -> Error {
    Error::data_loss("a data block has keys that the index says are elsewhere")
}

fn whole_handle(mut value: &[u8]) -> Result<BlockHandle> {
    BlockHandle::take(&mut value)
        .filter(|_| value.is_empty())
        .ok_or_else(|| Error::data_loss("a block handle in the index is malformed"))
}

/// Checks that a block starts no earlier than `covered`, and tells where it ends.
fn check_place(
    handle: BlockHandle,
    covered: u64,
    index_block: BlockHandle,
    data_end: u64,
) -> Result<u64> {
    let Some(end) = handle.end().filter(|&end| end <= data_end) else {
        return Err(Error::data_loss("a data block reaches beyond the end of the file"));
    };
    let apart_from_index =
        end <= index_block.offset || index_block.end().is_some_and(|end| end <= handle.offset);
    if handle.offset < covered || !apart_from_index {
        return Err(Error::data_loss("a data block overlaps another block"));
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind::{DataLoss, ResourceLimit};
    use crate::table::testing::{assert_error, contents, index_contents};

    const INDEX_BLOCK: BlockHandle = BlockHandle { offset: 100, size: 35 };
    const DATA_END: u64 = 200;

    fn decode(contents: Vec<u8>) -> Result<Index> {
        Index::decode(Block::new(contents)?, INDEX_BLOCK, DATA_END)
    }

    fn decode_handles(handles: &[(u64, u64)]) -> Result<Index> {
        let keys: Vec<_> = (0..handles.len()).map(|number| [b'a' + number as u8]).collect();
        let entries: Vec<_> = std::iter::zip(&keys, handles)
            .map(|(key, &(offset, size))| (&key[..], BlockHandle { offset, size }))
            .collect();
        decode(index_contents(1, &entries))
    }

    #[test]
    fn keys_are_found_by_the_separators() {
        let handle = |number: u64| BlockHandle { offset: 10 * number, size: 5 };
        for restart_interval in [1, 2, 16] {
            let entries = [(&b""[..], handle(0)), (b"b", handle(1)), (b"ba", handle(2))];
            let index = decode(index_contents(restart_interval, &entries)).unwrap();
            assert_eq!(index.len(), 3);
            assert_eq!(index.handle(2), Some(handle(2)));
            assert_eq!(index.handle(3), None);
            for (key, block) in [("", 0), ("a", 1), ("b", 1), ("b\0", 2), ("ba", 2), ("bb", 3)] {
                assert_eq!(index.find(key.as_bytes()), block, "{key:?}");
            }
        }
    }

    #[test]
    fn an_index_of_no_blocks_finds_nothing() {
        let index = decode(contents(1, &[])).unwrap();
        assert_eq!((index.len(), index.find(b"")), (0, 0));
    }

    #[test]
    fn blocks_keep_to_their_places() {
        decode_handles(&[(0, 5), (10, 85), (140, 55)]).unwrap();
        for (handles, words) in [
            (&[(0, 196)][..], "beyond the end"),
            (&[(u64::MAX, 1)], "beyond the end"),
            (&[(0, u64::MAX)], "beyond the end"),
            (&[(0, 6), (10, 5)], "overlaps"),
            (&[(20, 5), (10, 5)], "overlaps"),
            (&[(10, 5), (10, 5)], "overlaps"),
            (&[(10, 86)], "overlaps"),
            (&[(139, 5)], "overlaps"),
            (&[(100, 35)], "overlaps"),
        ] {
            assert_error(decode_handles(handles), DataLoss, words);
        }
    }

    #[test]
    fn handles_stand_alone() {
        for value in [&[][..], &[1], &[0x80, 0x80], &[0, 5, 0]] {
            assert_error(decode(contents(1, &[(b"a", value)])), DataLoss, "malformed");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "megabytes take Miri minutes")]
    fn long_keys_cannot_be_multiplied() {
        let long = vec![b'x'; 2 << 20];
        let keys: Vec<_> = (0..20u8).map(|number| [&long[..], &[number]].concat()).collect();
        let handles = (0..100).step_by(5).map(|offset| BlockHandle { offset, size: 0 });
        let entries: Vec<_> = keys.iter().map(Vec::as_slice).zip(handles).collect();
        // In full they take 40 MiB in the file as well; shared they do not.
        assert_eq!(decode(index_contents(1, &entries)).unwrap().len(), 20);
        assert_error(decode(index_contents(20, &entries)), ResourceLimit, "index block take");
    }
}
