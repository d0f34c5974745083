//! A position in one block.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use super::block::{Block, Entry, not_at_an_entry, shares_more, short_entry_at, too_long};
use super::key::Key;
use super::keys::{Adder, Keys};
use crate::error::{Error, Result};

/// So many entries are stepped over before the rest of a block is searched.
const CLOSE_BY: usize = 8;

/// A position in a block: before its first entry at first, then on an entry.
///
/// It checks each entry that it comes to: that it is whole, its key above the one before,
/// and that restarts are at entries with whole keys. After an error it stays where it was.
pub(super) struct BlockCursor {
    block: Arc<Block>,
    /// Where the next entry begins.
    at: usize,
    /// Where the entries up to the next restart end; where that is here, they were not
    /// begun.
    run_end: usize,
    /// The number of that restart.
    next_restart: usize,
    key: Key,
    value: Range<usize>,
}

impl BlockCursor {
    pub(super) fn new(block: Arc<Block>) -> Self {
        Self { block, at: 0, run_end: 0, next_restart: 0, key: Key::default(), value: 0..0 }
    }

    /// Begins again in another block.
    pub(super) fn enter(&mut self, block: Arc<Block>) {
        self.block = block;
        self.restart_at(0);
    }

    /// Moves to the next entry; `false` behind the last.
    ///
    /// # Errors
    /// `DataLoss` where what stands there is no entry.
    pub(super) fn next(&mut self) -> Result<bool> {
        if self.next_if(|_| Some(())).is_some() {
            return Ok(true);
        }
        if self.at == self.run_end && !self.begin_run()? {
            return Ok(false);
        }
        self.check_next().map(|()| false)
    }

    /// Moves to the next entry if there is one, sound, and `wanted` makes something of its
    /// value; stays otherwise.
    #[inline(always)]
    pub(super) fn next_if<T>(&mut self, wanted: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let entry = self.sound_entry()?;
        let made = wanted(self.block.bytes(entry.value.clone()))?;
        self.step_over(entry);
        Some(made)
    }

    /// Moves to the next entry if its key is `key`; stays otherwise.
    #[inline(always)]
    pub(super) fn step_to(&mut self, key: &[u8]) -> bool {
        let Some(entry) = self.sound_entry() else { return false };
        let Some((front, rest)) = key.split_at_checked(entry.shared) else { return false };
        if rest != self.block.bytes(entry.suffix.clone()) || !self.key().starts_with(front) {
            return false;
        }
        self.step_over(entry);
        true
    }

    /// The next entry; `None` at the end, and where it makes no sense.
    #[inline(always)]
    fn sound_entry(&mut self) -> Option<Entry> {
        if self.at == self.run_end && !matches!(self.begin_run(), Ok(true)) {
            return None;
        }
        let entry = self.block.entry_at(self.at, self.run_end)?;
        is_above(&self.key, &entry, self.block.contents(), self.at == 0).then_some(entry)
    }

    #[inline(always)]
    fn step_over(&mut self, entry: Entry) {
        self.key.follow(entry.shared, self.block.contents(), entry.suffix);
        self.at = entry.value.end;
        self.value = entry.value;
    }

    /// At a restart, or at the end: finds the next one; `false` at the end.
    #[inline(never)]
    fn begin_run(&mut self) -> Result<bool> {
        let end = self.block.entries_end();
        if self.at == end {
            return Ok(false);
        }
        self.block.whole_entry(self.at)?;
        self.next_restart += 1;
        self.run_end = self.block.restart(self.next_restart).unwrap_or(end);
        Ok(true)
    }

    /// Says what is wrong with the next entry.
    #[cold]
    fn check_next(&self) -> Result<()> {
        let whole = self.block.entry_at(self.at, self.block.entries_end()).ok_or_else(too_long)?;
        if whole.value.end > self.run_end {
            return Err(not_at_an_entry());
        }
        Err(match whole.shared > self.key.len() {
            true => shares_more(),
            false => Error::data_loss("the keys of a block do not increase"),
        })
    }

    /// Goes on as far as `keys` has room for keys and `wanted` takes the values; both
    /// get them. It ends where anything is unusual, which [`next`](Self::next) then
    /// tells. A value that is not wanted may be offered twice.
    pub(super) fn take(&mut self, keys: &mut Keys, mut wanted: impl FnMut(&[u8]) -> bool) {
        while keys.has_room() && self.next_if(|value| wanted(value).then_some(())).is_some() {
            keys.push(self.key());
            keys.add_short(|adder| self.take_short(adder, &mut wanted));
            self.key.set(keys.last());
        }
    }

    /// The same over entries of short keys, as far as they go, the last key being what is
    /// added to.
    #[inline(always)]
    fn take_short(&mut self, keys: &mut Adder<'_>, wanted: &mut impl FnMut(&[u8]) -> bool) {
        while self.at < self.run_end || matches!(self.begin_run(), Ok(true)) {
            if !self.take_run(keys, wanted) {
                return;
            }
        }
    }

    /// The same up to the next restart; whether it got there.
    #[inline(always)]
    fn take_run(&mut self, keys: &mut Adder<'_>, wanted: &mut impl FnMut(&[u8]) -> bool) -> bool {
        let (contents, run_end) = (self.block.contents(), self.run_end);
        while let Some(entry) = short_entry_at(contents, run_end, self.at) {
            let value = contents.get(entry.value.clone()).unwrap_or_default();
            if !keys.add(&entry, || wanted(value)) {
                break;
            }
            self.at = entry.value.end;
            self.value = entry.value;
        }
        self.at == run_end
    }

    /// Moves to the first entry whose key is not below `key`; `false` where
    /// there is none.
    ///
    /// # Errors
    /// As of [`next`](Self::next).
    pub(super) fn seek(&mut self, key: &[u8]) -> Result<bool> {
        self.restart_at(self.block.restart_for(key)?);
        while self.next()? {
            if self.key() >= key {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Moves to the entry of `key`, and gives its value; `None` where there is none.
    ///
    /// # Errors
    /// As of [`next`](Self::next).
    pub(super) fn find(&mut self, key: &[u8]) -> Result<Option<&[u8]>> {
        let is_there = self.seek(key)? && self.key() == key;
        Ok(is_there.then(|| self.value()))
    }

    /// Moves on to the first entry whose key is not below `key`, which is above the
    /// one it stands on, and tells how that compares; `Less` where there is none.
    ///
    /// # Errors
    /// As of [`next`](Self::next).
    pub(super) fn go_on_to(&mut self, key: &[u8]) -> Result<Ordering> {
        for _ in 0..CLOSE_BY {
            if !self.next()? {
                return Ok(Ordering::Less);
            }
            let order = self.key().cmp(key);
            if order != Ordering::Less {
                return Ok(order);
            }
        }
        Ok(if self.seek(key)? { self.key().cmp(key) } else { Ordering::Less })
    }

    /// Moves `entries` on; where the block ends before, behind its last entry.
    /// Returns how many of the moves are left to be made after it.
    ///
    /// # Errors
    /// `DataLoss` where anything in the block makes no sense.
    pub(super) fn skip(&mut self, mut entries: usize) -> Result<usize> {
        while entries > 0 {
            if entries > 1 && self.at == self.run_end {
                entries -= self.skip_runs(entries - 1)?;
            }
            if !self.next()? {
                return Ok(entries);
            }
            entries -= 1;
        }
        Ok(0)
    }

    /// At a restart: moves on to the last one that no more than `most` entries come
    /// before from here, and tells how many do.
    fn skip_runs(&mut self, most: usize) -> Result<usize> {
        let passed = self.block.passed()?.get(self.next_restart..).unwrap_or_default();
        let Some(&here) = passed.first() else { return Ok(0) };
        let entries = |passed: u32| (passed - here) as usize;
        let runs = passed.partition_point(|&passed| entries(passed) <= most) - 1;
        let skipped = passed.get(runs).map_or(0, |&passed| entries(passed));
        if runs > 0 {
            self.restart_at(self.next_restart + runs);
        }
        Ok(skipped)
    }

    /// How many entries come before each restart, it being before the first.
    ///
    /// # Errors
    /// As of [`next`](Self::next).
    pub(super) fn count_by_restarts(&mut self) -> Result<Vec<u32>> {
        let mut passed = Vec::with_capacity(self.block.restart_count());
        let mut entries = 0;
        loop {
            let is_at_restart = self.at == self.run_end;
            if !self.next()? {
                return Ok(passed);
            }
            if is_at_restart {
                passed.push(entries);
            }
            entries += 1;
        }
    }

    /// Goes to the end, and tells how many entries it met on the way.
    ///
    /// # Errors
    /// As of [`next`](Self::next).
    pub(super) fn count(&mut self) -> Result<usize> {
        let mut entries = 0;
        while self.next()? {
            entries += 1;
        }
        Ok(entries)
    }

    /// Stands before an entry with a whole key.
    fn restart_at(&mut self, number: usize) {
        self.at = self.block.restart(number).unwrap_or(self.block.entries_end());
        (self.run_end, self.next_restart) = (self.at, number);
        self.key.clear();
    }

    /// The block it stands in.
    pub(super) fn block(&self) -> &Arc<Block> {
        &self.block
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
    /// one it stood in, if that is of the heap and nobody else's.
    pub(super) fn leave(&mut self) -> Vec<u8> {
        let block = std::mem::take(&mut self.block);
        self.restart_at(0);
        Arc::try_unwrap(block).map(Block::into_heap).unwrap_or_default()
    }
}

/// Whether the key of `entry` is above the last one.
#[inline(always)]
fn is_above(last: &Key, entry: &Entry, contents: &[u8], is_first: bool) -> bool {
    let Entry { shared, suffix, .. } = entry;
    if *shared < last.len() && !suffix.is_empty() {
        // In nearly all entries the first byte that is not shared decides.
        if contents.get(suffix.start).is_some_and(|&new| new > last.byte(*shared)) {
            return true;
        }
    }
    let suffix = contents.get(suffix.clone()).unwrap_or_default();
    is_first || is_any_above(last.as_slice(), *shared, suffix)
}

/// Whether a key is above the last one, the first `shared` bytes of which it keeps.
#[inline(never)]
pub(super) fn is_any_above(last: &[u8], shared: usize, suffix: &[u8]) -> bool {
    last.get(shared..).is_some_and(|replaced| suffix > replaced)
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
            let block = Arc::new(Block::new(contents).unwrap());
            prop_assert_eq!(BlockCursor::new(block.clone()).count().unwrap(), keys.len());

            let mut cursor = BlockCursor::new(block.clone());
            let expected = keys.iter().find(|key| key.as_slice() >= wanted.as_bytes());
            prop_assert_eq!(cursor.seek(wanted.as_bytes()).unwrap(), expected.is_some());
            if let Some(key) = expected {
                prop_assert_eq!(cursor.key(), key);
                prop_assert_eq!(cursor.value(), key);
            }

            let mut cursor = BlockCursor::new(block);
            let mut made = 0;
            for entries in moves {
                made += entries;
                let left = cursor.skip(entries).unwrap();
                if made > keys.len() {
                    prop_assert_eq!(left, made - keys.len());
                    prop_assert!(!cursor.next().unwrap());
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
            let Ok(block) = Block::new(contents) else { return Ok(()) };
            let block = Arc::new(block);
            let is_sound = BlockCursor::new(block.clone()).count().is_ok();
            let mut cursor = BlockCursor::new(block.clone());
            let mut search = BlockCursor::new(block.clone());
            let mut last: Option<Vec<u8>> = None;
            let mut passed = 0;
            while cursor.next().is_ok_and(|more| more) {
                prop_assert!(last.as_deref().is_none_or(|last| last < cursor.key()));
                last = Some(cursor.key().to_vec());
                passed += 1;
                if is_sound {
                    prop_assert!(search.seek(cursor.key()).unwrap());
                    prop_assert_eq!(search.value(), cursor.value());
                    prop_assert_eq!(search.find(cursor.key()).unwrap(), Some(cursor.value()));
                    let mut jump = BlockCursor::new(block.clone());
                    prop_assert_eq!(jump.skip(passed).unwrap(), 0);
                    prop_assert_eq!(jump.key(), cursor.key());
                }
            }
            let again: Vec<_> = (0..2).map(|_| cursor.next().map_err(|error| error.to_string())).collect();
            prop_assert_eq!(&again[0], &again[1]);
            prop_assert_eq!(again[0].is_ok(), is_sound);
        }

        #[test]
        fn many_at_once_are_many_steps_of_next(
            (mut contents, _) in some_block(),
            change in proptest::option::of((any::<prop::sample::Index>(), any::<u8>())),
            (most, refused, passed) in (0..20usize, 0..40usize, 0..5usize),
        ) {
            if let Some((at, byte)) = change {
                let at = at.index(contents.len());
                contents[at] = byte;
            }
            let Ok(block) = Block::new(contents) else { return Ok(()) };
            let block = Arc::new(block);
            let mut cursor = BlockCursor::new(block.clone());
            let mut steps = BlockCursor::new(block);
            for _ in 0..passed {
                let (next, step) = (cursor.next(), steps.next());
                prop_assert_eq!(next.is_ok(), step.is_ok());
            }
            let (mut keys, mut values) = (Keys::new(most), Vec::new());
            cursor.take(&mut keys, |value| {
                let taken = values.len() < refused;
                if taken {
                    values.push(value.to_vec());
                }
                taken
            });
            prop_assert_eq!(keys.len(), values.len());
            let mut all = Vec::new();
            for value in &values {
                prop_assert!(steps.next().unwrap());
                prop_assert_eq!(steps.value(), value);
                all.extend_from_slice(steps.key());
            }
            prop_assert_eq!(keys.bytes(), all);
            prop_assert_eq!((cursor.key(), cursor.value()), (steps.key(), steps.value()));
            if keys.len() < most.min(refused) {
                prop_assert!(!steps.next().is_ok_and(|more| more));
            }
            let (next, step) = (cursor.next(), steps.next());
            prop_assert_eq!(next.map_err(|e| e.to_string()), step.map_err(|e| e.to_string()));
            prop_assert_eq!((cursor.key(), cursor.value()), (steps.key(), steps.value()));
        }
    }
}
