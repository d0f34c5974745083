//! A position in one block.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use super::block::{Block, Spare};
use super::key::Key;

/// So many entries are stepped over before the rest of a block is searched.
const CLOSE_BY: usize = 8;

/// A position in a block: before its first entry at first, then on an entry.
pub(super) struct BlockCursor {
    block: Arc<Block>,
    /// How many entries come before the next one.
    passed: usize,
    key: Key,
    value: Range<usize>,
}

impl BlockCursor {
    pub(super) fn new(block: Arc<Block>) -> Self {
        Self { block, passed: 0, key: Key::default(), value: 0..0 }
    }

    /// Begins again in another block.
    pub(super) fn enter(&mut self, block: Arc<Block>) {
        self.block = block;
        self.restart_at(0);
    }

    /// Moves to the next entry; `false` behind the last.
    #[inline(always)]
    pub(super) fn next(&mut self) -> bool {
        self.next_if(|_| Some(())).is_some()
    }

    #[inline(always)]
    pub(super) fn has_next(&self) -> bool {
        self.passed < self.block.len()
    }

    /// Moves to the next entry if there is one and `wanted` makes something of its
    /// value; stays otherwise.
    #[inline(always)]
    pub(super) fn next_if<T>(&mut self, wanted: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let entry = self.block.entry(self.passed)?;
        let made = wanted(self.block.bytes(entry.value.clone()))?;
        self.key.follow(entry.shared, self.block.contents(), entry.suffix);
        self.value = entry.value;
        self.passed += 1;
        Some(made)
    }

    /// Moves to the next entry if its key is `key`; stays otherwise.
    #[inline(always)]
    pub(super) fn step_to(&mut self, key: &[u8]) -> bool {
        let Some(entry) = self.block.entry(self.passed) else { return false };
        let Some((front, rest)) = key.split_at_checked(entry.shared) else { return false };
        if rest != self.block.bytes(entry.suffix.clone()) || !self.key().starts_with(front) {
            return false;
        }
        self.key.follow(entry.shared, self.block.contents(), entry.suffix);
        self.value = entry.value;
        self.passed += 1;
        true
    }

    /// Moves to the first entry whose key is not below `key`; `false` where
    /// there is none.
    pub(super) fn seek(&mut self, key: &[u8]) -> bool {
        self.restart_at(self.block.start_for(key));
        while self.next() {
            if self.key() >= key {
                return true;
            }
        }
        false
    }

    /// Whether the last key of the block is not below `key`.
    pub(super) fn reaches(&self, key: &[u8]) -> bool {
        self.block.last_key() >= key
    }

    /// Moves on to the first entry whose key is not below `key`, which is above the
    /// one it stands on, and tells how that compares; `Less` where there is none.
    pub(super) fn go_on_to(&mut self, key: &[u8]) -> Ordering {
        for _ in 0..CLOSE_BY {
            if !self.next() {
                return Ordering::Less;
            }
            let order = self.key().cmp(key);
            if order != Ordering::Less {
                return order;
            }
        }
        if self.seek(key) { self.key().cmp(key) } else { Ordering::Less }
    }

    /// Moves `entries` on; where the block ends before, behind its last entry.
    /// Returns how many of the moves are left to be made after it.
    pub(super) fn skip(&mut self, entries: usize) -> usize {
        let left = self.block.len() - self.passed;
        if entries == 0 {
            return 0;
        }
        if entries > left {
            self.passed = self.block.len();
            return entries - left;
        }
        let target = self.passed + entries - 1;
        let start = self.block.start_before(target);
        if start > self.passed {
            self.restart_at(start);
        }
        while self.passed <= target && self.next() {}
        0
    }

    /// Stands before an entry with a whole key.
    fn restart_at(&mut self, entry: usize) {
        self.passed = entry;
        self.key.clear();
    }

    #[inline]
    pub(super) fn key(&self) -> &[u8] {
        self.key.as_slice()
    }

    #[inline]
    pub(super) fn key_with_nul(&self) -> &[u8] {
        self.key.with_nul()
    }

    #[inline]
    pub(super) fn value(&self) -> &[u8] {
        self.block.bytes(self.value.clone())
    }

    /// Stands behind the last entry of no block at all, and gives up the memory of the
    /// one it stood in, unless others have that.
    pub(super) fn leave(&mut self) -> Spare {
        let block = std::mem::take(&mut self.block);
        self.restart_at(0);
        Arc::try_unwrap(block).map(Block::into_spare).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table::testing::contents;

    fn some_block() -> impl Strategy<Value = (Vec<u8>, Vec<Vec<u8>>)> {
        let keys = proptest::collection::btree_set("[ab]{0,5}", 0..40);
        (keys, 1..20usize).prop_map(|(keys, interval)| {
            let keys: Vec<_> = keys.into_iter().map(String::into_bytes).collect();
            let entries: Vec<_> = keys.iter().map(|key| (&key[..], &key[..])).collect();
            (contents(interval, &entries), keys)
        })
    }

    proptest! {
        #[test]
        fn seek_and_skip_are_many_steps_of_next(
            (contents, keys) in some_block(),
            moves in proptest::collection::vec(0..12usize, 1..12),
            wanted in "[ab]{0,6}",
        ) {
            let block = Arc::new(Block::parse(contents).unwrap());
            prop_assert_eq!(block.len(), keys.len());

            let mut cursor = BlockCursor::new(block.clone());
            let expected = keys.iter().find(|key| key.as_slice() >= wanted.as_bytes());
            prop_assert_eq!(cursor.seek(wanted.as_bytes()), expected.is_some());
            if let Some(key) = expected {
                prop_assert_eq!(cursor.key(), key);
                prop_assert_eq!(cursor.value(), key);
            }

            let mut cursor = BlockCursor::new(block);
            let mut made = 0;
            for entries in moves {
                made += entries;
                let left = cursor.skip(entries);
                if made > keys.len() {
                    prop_assert_eq!(left, made - keys.len());
                    prop_assert!(!cursor.next());
                    break;
                }
                prop_assert_eq!(left, 0);
                if made > 0 {
                    prop_assert_eq!(cursor.key(), &keys[made - 1]);
                }
            }
        }

        #[test]
        fn what_parses_is_sound(
            (mut contents, _) in some_block(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            for (at, byte) in changes {
                let at = at.index(contents.len());
                contents[at] = byte;
            }
            let Ok(block) = Block::parse(contents) else { return Ok(()) };
            let block = Arc::new(block);
            let mut cursor = BlockCursor::new(block.clone());
            let mut search = BlockCursor::new(block.clone());
            let mut last: Option<Vec<u8>> = None;
            for passed in 0..block.len() {
                prop_assert!(cursor.next());
                prop_assert!(last.as_deref().is_none_or(|last| last < cursor.key()));
                prop_assert!(search.seek(cursor.key()));
                prop_assert_eq!(search.value(), cursor.value());
                let mut jump = BlockCursor::new(block.clone());
                prop_assert_eq!(jump.skip(passed + 1), 0);
                prop_assert_eq!(jump.key(), cursor.key());
                last = Some(cursor.key().to_vec());
            }
            prop_assert!(!cursor.next());
        }
    }
}
