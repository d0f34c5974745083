//! The decoded blocks that a table keeps.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::block::Block;

/// Blocks by number, the oldest dropped first. Its lock is held for a look-up or
/// an insertion, never while a block is read; two threads may read the same one.
pub(super) struct BlockCache {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    blocks: HashMap<usize, Arc<Block>>,
    oldest_first: VecDeque<usize>,
    bytes: usize,
}

impl BlockCache {
    /// A cache that keeps blocks of `capacity` bytes in sum.
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, state: Mutex::default() }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(super) fn get(&self, number: usize) -> Option<Arc<Block>> {
        self.lock().blocks.get(&number).cloned()
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
        while state.bytes > self.capacity {
            state.drop_oldest();
        }
    }

    /// No panic can leave the state half changed, so a poisoned lock is as good.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn drop_oldest(&mut self) {
        let oldest = self.oldest_first.pop_front().and_then(|number| self.blocks.remove(&number));
        self.bytes -= oldest.map_or(self.bytes, |block| cost(&block));
    }
}

fn cost(block: &Block) -> usize {
    size_of::<Block>() + block.memory()
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
        let cache = BlockCache::new(2 * cost(&blocks[0]));
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
        let cache = BlockCache::new(cost(&small));
        cache.insert(0, &small);
        cache.insert(1, &block(1000));
        assert!(cache.get(0).is_some() && cache.get(1).is_none());
    }

    #[test]
    fn a_cache_of_nothing_keeps_nothing() {
        let cache = BlockCache::new(0);
        cache.insert(0, &block(1));
        assert!(cache.get(0).is_none());
    }
}
