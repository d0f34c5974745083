//! The blocks that a table keeps.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::block::Block;
use crate::storage::{Buffer, Reserve};

/// Blocks by number, the oldest dropped first. Its lock is held for a look-up or
/// an insertion, never while a block is read; two threads may read the same one.
///
/// Of a table all of which has room those that come after the first few stand in a
/// reserve, since none of them will have to go.
pub(super) struct BlockCache {
    capacity: usize,
    /// What all blocks of the table take as they are stored.
    table_len: u64,
    state: Mutex<State>,
    reserve: OnceLock<Option<Reserve>>,
}

#[derive(Default)]
struct State {
    blocks: BTreeMap<usize, Arc<Block>>,
    oldest_first: VecDeque<usize>,
    /// All of the reserve among them.
    bytes: usize,
}

/// So many bytes of blocks come before a reserve: to look into a block or two is no reason
/// to take memory by the huge page.
const FIRST_FEW: usize = 1 << 20;

impl BlockCache {
    /// A cache that keeps blocks of `capacity` bytes in sum, of a table the blocks of
    /// which have `table_len` bytes as they are stored.
    pub(super) fn new(capacity: usize, table_len: u64) -> Self {
        Self { capacity, table_len, state: Mutex::default(), reserve: OnceLock::new() }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(super) fn get(&self, number: usize) -> Option<Arc<Block>> {
        self.lock().blocks.get(&number).cloned()
    }

    /// Memory for a block of `len` bytes that is going to be kept.
    pub(super) fn memory(&self, len: usize) -> Buffer {
        let part = self.reserve().and_then(|reserve| reserve.take(len));
        part.map_or_else(Buffer::default, Buffer::Reserved)
    }

    fn reserve(&self) -> Option<&Reserve> {
        if self.lock().bytes < FIRST_FEW {
            return None;
        }
        self.reserve.get_or_init(|| self.make_reserve()).as_ref()
    }

    /// Where the rest of the table has room, with what it may take besides its contents.
    fn make_reserve(&self) -> Option<Reserve> {
        let mut state = self.lock();
        let len = usize::try_from(self.table_len).ok()?;
        let left = self.capacity.checked_sub(state.bytes)?;
        if len > left - left / 8 {
            return None;
        }
        let reserve = Reserve::new(len)?;
        state.bytes += reserve.len();
        Some(reserve)
    }

    /// Keeps a block, unless it alone is more than the capacity.
    pub(super) fn insert(&self, number: usize, block: &Arc<Block>) {
        if cost(block) > self.capacity {
            return;
        }
        let mut state = self.lock();
        if state.blocks.insert(number, block.clone()).is_some() {
            return;
        }
        state.oldest_first.push_back(number);
        state.bytes += cost(block);
        while state.bytes > self.capacity && state.drop_oldest() {}
    }

    /// No panic can leave the state half changed, so a poisoned lock is as good.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether there was one.
    fn drop_oldest(&mut self) -> bool {
        let oldest = self.oldest_first.pop_front().and_then(|number| self.blocks.remove(&number));
        self.bytes -= oldest.as_deref().map_or(0, cost);
        oldest.is_some()
    }
}

/// What a block takes besides what it may have of the reserve.
fn cost(block: &Block) -> usize {
    size_of::<Block>() + block.heap_len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::contents;

    fn block(value_len: usize) -> Arc<Block> {
        Arc::new(Block::new(contents(1, &[(b"k", &vec![0; value_len])])).unwrap())
    }

    #[test]
    fn the_oldest_go_first() {
        let blocks = [block(100), block(100), block(100)];
        let cache = BlockCache::new(2 * cost(&blocks[0]), u64::MAX);
        for (number, block) in blocks.iter().enumerate() {
            cache.insert(number, block);
            cache.insert(number, block);
        }
        assert!(cache.get(0).is_none());
        for number in [1, 2] {
            assert!(Arc::ptr_eq(&cache.get(number).unwrap(), &blocks[number]));
        }
        assert_eq!(cache.lock().bytes, 2 * cost(&blocks[0]));
    }

    #[test]
    fn a_block_too_large_drives_nothing_out() {
        let small = block(1);
        let cache = BlockCache::new(cost(&small), u64::MAX);
        cache.insert(0, &small);
        cache.insert(1, &block(1000));
        assert!(cache.get(0).is_some() && cache.get(1).is_none());
    }

    #[test]
    fn a_cache_of_nothing_keeps_nothing() {
        let cache = BlockCache::new(0, 0);
        cache.insert(0, &block(1));
        assert!(cache.get(0).is_none());
    }
    /// Puts blocks of 100 KiB into the memory they are given; how many stand in a reserve.
    fn reserved(cache: &BlockCache, blocks: usize) -> usize {
        let contents = contents(1, &[(b"k", &vec![0; 100 << 10])]);
        let put = |number| {
            let memory = cache.memory(contents.len());
            let is_reserved = matches!(memory, Buffer::Reserved(_));
            let block = match memory {
                Buffer::Heap(_) => Block::new(contents.clone()),
                Buffer::Reserved(mut part) => {
                    part.copy_from_slice(&contents);
                    Block::new(Buffer::Reserved(part))
                }
            };
            cache.insert(number, &Arc::new(block.unwrap()));
            is_reserved
        };
        (0..blocks).filter(|&number| put(number)).count()
    }

    #[test]
    #[cfg_attr(miri, ignore = "megabytes take Miri minutes")]
    fn a_large_table_is_kept_in_a_reserve() {
        let cache = BlockCache::new(8 << 20, 4_100_000);
        assert_eq!(reserved(&cache, 40), 40 - 11);
        assert!((0..40).all(|number| cache.get(number).is_some()));
        // What it is no place for is kept elsewhere, and goes first.
        assert!(reserved(&cache, 200) < 50);
        assert!(cache.lock().bytes <= 8 << 20);
    }

    #[test]
    #[cfg_attr(miri, ignore = "megabytes take Miri minutes")]
    fn of_a_table_that_has_no_room_blocks_come_and_go() {
        let cache = BlockCache::new(4 << 20, 4 << 20);
        assert_eq!(reserved(&cache, 60), 0);
        assert!(cache.get(0).is_none() && cache.lock().bytes <= 4 << 20);
    }
}
