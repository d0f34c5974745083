//! A position in a table.

use std::cmp::Ordering;
use std::fmt;

use super::block_cursor::BlockCursor;
use super::keys::Keys;
use super::reader::Table;
use crate::error::Result;

/// A position in a [`Table`]: before the first entry at first, then on an entry,
/// at last behind the last.
///
/// It holds the block it stands in, whatever the table's cache does. After an
/// error it stands before the block that could not be loaded, or in one that is
/// damaged, before what is: [`next`](Self::next) tries that again,
/// [`next_block`](Self::next_block) goes on behind the block.
pub struct Cursor<'t> {
    table: &'t Table,
    position: Position,
}

/// The place of a cursor that does not hold its table, for whoever owns both and
/// can't borrow from himself; before the first entry unless told.
///
/// The methods are those of [`Cursor`], and take the table: always the same one.
#[derive(Default)]
pub(crate) struct Position {
    block: usize,
    /// Whether it stands in `block` rather than before it.
    is_inside: bool,
    /// Where it stands in a block, that of the number `block` while it is inside; then
    /// its memory serves for the next one.
    entries: Option<BlockCursor>,
}

/// Whether a block that is loaded goes into the table's cache. One of many that are
/// gone through in order does not: it would drive out what may be looked at again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    Keep,
    PassBy,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(table: &'t Table) -> Self {
        Self { table, position: Position::default() }
    }

    /// Moves to the first entry whose key is not below `key`; `false` where
    /// there is none, and the cursor is behind the last entry.
    ///
    /// # Errors
    /// As of [`Table::get`].
    pub fn seek(&mut self, key: &[u8]) -> Result<bool> {
        self.position.seek(self.table, key)
    }

    /// Moves to the first entry of a data block; `false` where there is no such
    /// block, and the cursor is behind the last entry.
    ///
    /// # Errors
    /// As of [`Table::get`].
    pub fn seek_to_block(&mut self, block: usize) -> Result<bool> {
        self.position.seek_to_block(self.table, block)
    }

    /// Moves to the next entry; `false` behind the last.
    ///
    /// # Errors
    /// As of [`Table::get`].
    #[inline]
    // Not an iterator: it lends its key and value, and it can fail.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<bool> {
        self.position.next(self.table)
    }

    /// Moves `entries` on, as so many calls of [`next`](Self::next) would but
    /// faster; `false` where the table ends before. Of no entries: whether it
    /// stands on one.
    ///
    /// # Errors
    /// As of [`Table::get`].
    pub fn skip(&mut self, entries: usize) -> Result<bool> {
        self.position.skip(self.table, entries)
    }

    /// Moves to the first entry of the data block after [`block`](Self::block);
    /// `false` where that was the last. After an error it is the way on.
    ///
    /// # Errors
    /// As of [`Table::get`].
    pub fn next_block(&mut self) -> Result<bool> {
        self.position.next_block(self.table)
    }

    /// The key of the entry it stands on; empty where it stands on none.
    pub fn key(&self) -> &[u8] {
        self.position.key()
    }

    /// The value of the entry it stands on; empty where it stands on none.
    pub fn value(&self) -> &[u8] {
        self.position.value()
    }

    /// The number of the data block it stands in, or before;
    /// [`Table::block_count`] behind the last entry.
    pub fn block(&self) -> usize {
        self.position.block
    }
}

impl Position {
    pub(crate) fn seek(&mut self, table: &Table, key: &[u8]) -> Result<bool> {
        self.stand_before(table.block_for(key));
        // A separator may be above all keys of its block: then it is the next
        // entry after the block that is looked for.
        if self.load(table, Load::Keep)? {
            self.check_all(table)?;
            if self.within(table, false, |entries| entries.seek(key))? {
                return Ok(true);
            }
        }
        self.next(table)
    }

    /// Checks all of the block it stands in, if that was not done yet.
    fn check_all(&self, table: &Table) -> Result<()> {
        let entries = self.inside();
        entries.map_or(Ok(()), |entries| table.check_all(self.block, entries.block()))
    }

    /// What is done in the block it stands in; errors get its place.
    #[inline]
    fn within<T>(
        &mut self,
        table: &Table,
        nowhere: T,
        step: impl FnOnce(&mut BlockCursor) -> Result<T>,
    ) -> Result<T> {
        let done = self.entries.as_mut().map_or(Ok(nowhere), step);
        table.in_block(self.block, done)
    }

    /// The value under `key`, where that is no lower than the last one that was looked
    /// for: from there on, so that to look for many keys in order is one walk. The
    /// blocks on the way go into the table's cache if `keep` says so.
    pub(crate) fn find_on(
        &mut self,
        table: &Table,
        key: &[u8],
        keep: bool,
    ) -> Result<Option<&[u8]>> {
        if self.is_inside && self.entries.as_mut().is_some_and(|entries| entries.step_to(key)) {
            return Ok(Some(self.value()));
        }
        let mut order = self.inside().map_or(Ordering::Less, |entries| entries.key().cmp(key));
        if order == Ordering::Less {
            order = self.go_on_to(table, key, keep)?;
        }
        if order == Ordering::Equal {
            return Ok(Some(self.value()));
        }
        self.check_all(table)?;
        Ok(None)
    }

    /// Goes to the first entry of its block whose key is not below `key`, and tells how
    /// that compares; `Less` where there is none.
    fn go_on_to(&mut self, table: &Table, key: &[u8], keep: bool) -> Result<Ordering> {
        if !(self.is_inside && table.reaches(self.block, key)) {
            self.stand_before(table.block_for(key));
            let load = if keep { Load::Keep } else { Load::PassBy };
            if !self.load(table, load)? {
                return Ok(Ordering::Less);
            }
        }
        self.within(table, Ordering::Less, |entries| entries.go_on_to(key))
    }

    fn seek_to_block(&mut self, table: &Table, block: usize) -> Result<bool> {
        self.stand_before(block.min(table.block_count()));
        self.load(table, Load::Keep)?;
        self.next(table)
    }

    #[inline]
    pub(crate) fn next(&mut self, table: &Table) -> Result<bool> {
        if self.next_if(|_| Some(())).is_some() {
            return Ok(true);
        }
        self.skip_over_blocks(table, 1)
    }

    /// Moves on within the block it stands in if there is an entry, sound, and `wanted`
    /// makes something of its value; stays otherwise.
    #[inline(always)]
    pub(crate) fn next_if<T>(&mut self, wanted: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        self.entries.as_mut().filter(|_| self.is_inside)?.next_if(wanted)
    }

    /// Goes on within the block it stands in as far as `keys` has room for keys and
    /// `wanted` takes the values; both get them.
    pub(crate) fn take(&mut self, keys: &mut Keys, wanted: impl FnMut(&[u8]) -> bool) {
        if let Some(entries) = self.entries.as_mut().filter(|_| self.is_inside) {
            entries.take(keys, wanted);
        }
    }

    fn skip(&mut self, table: &Table, entries: usize) -> Result<bool> {
        match entries {
            0 => Ok(self.is_inside),
            _ => self.skip_over_blocks(table, entries),
        }
    }

    pub(crate) fn next_block(&mut self, table: &Table) -> Result<bool> {
        self.stand_before(self.block.saturating_add(1).min(table.block_count()));
        self.next(table)
    }

    #[inline]
    pub(crate) fn key(&self) -> &[u8] {
        self.inside().map_or(&[], BlockCursor::key)
    }

    /// The key with a NUL behind it; empty where it never stood on an entry.
    #[inline]
    pub(crate) fn key_with_nul(&self) -> &[u8] {
        self.inside().map_or(&[], BlockCursor::key_with_nul)
    }

    #[inline]
    pub(crate) fn value(&self) -> &[u8] {
        self.inside().map_or(&[], BlockCursor::value)
    }

    #[inline]
    fn inside(&self) -> Option<&BlockCursor> {
        self.entries.as_ref().filter(|_| self.is_inside)
    }

    fn stand_before(&mut self, block: usize) {
        self.block = block;
        self.is_inside = false;
    }

    /// Loads the block it stands before; `false` behind the last one.
    fn load(&mut self, table: &Table, load: Load) -> Result<bool> {
        if self.block >= table.block_count() {
            return Ok(false);
        }
        if !self.is_inside {
            let block = match load {
                Load::Keep => table.block(self.block)?,
                Load::PassBy => {
                    let memory = self.entries.as_mut().map(BlockCursor::leave);
                    table.block_in_passing(self.block, memory.unwrap_or_default())?
                }
            };
            match &mut self.entries {
                Some(entries) => entries.enter(block),
                None => self.entries = Some(BlockCursor::new(block)),
            }
            self.is_inside = true;
        }
        Ok(true)
    }

    /// Makes `left` moves, which may lead into later blocks.
    #[inline(never)]
    fn skip_over_blocks(&mut self, table: &Table, mut left: usize) -> Result<bool> {
        while self.load(table, Load::PassBy)? {
            left = self.within(table, 0, |entries| entries.skip(left))?;
            if left == 0 {
                return Ok(true);
            }
            self.stand_before(self.block + 1);
        }
        Ok(false)
    }
}

impl fmt::Debug for Cursor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("table", self.table)
            .field("block", &self.block())
            .field("key", &self.key().escape_ascii().to_string())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Position;
    use crate::error::ErrorKind::DataLoss;
    use crate::table::Table;
    use crate::table::testing::{Forge, assert_error, contents, open};

    /// Blocks of three entries: `a0 a1 a2`, `b0 b1 b2`, …; the index puts a
    /// separator well above each of them.
    fn table(blocks: &[u8], bad: Option<usize>) -> Table {
        let mut forge = Forge::default();
        let mut index = Vec::new();
        for &block in blocks {
            let keys = [[block, b'0'], [block, b'1'], [block, b'2']];
            let entries = keys.each_ref().map(|key| (&key[..], &key[1..]));
            index.push(([block, b'~'], forge.block(contents(2, &entries), 0)));
        }
        if let Some(block) = bad {
            forge.0[index[block].1.offset as usize] ^= 1;
        }
        let index: Vec<_> = index.iter().map(|(key, handle)| (&key[..], *handle)).collect();
        open(forge.end(&index)).unwrap()
    }

    #[test]
    fn next_goes_through_all_blocks() {
        let table = table(b"abc", None);
        let mut cursor = table.cursor();
        assert_eq!((cursor.key(), cursor.value(), cursor.block()), (&[][..], &[][..], 0));
        for block in 0..3 {
            for entry in b"012" {
                assert!(cursor.next().unwrap());
                assert_eq!(cursor.key(), [b"abc"[block], *entry]);
                assert_eq!(cursor.value(), [*entry]);
                assert_eq!(cursor.block(), block);
            }
        }
        for _ in 0..2 {
            assert!(!cursor.next().unwrap());
            assert_eq!((cursor.key(), cursor.value(), cursor.block()), (&[][..], &[][..], 3));
        }
        assert!(cursor.seek(b"").unwrap());
        assert_eq!(cursor.key(), b"a0");
    }

    #[test]
    fn seek_goes_over_the_end_of_a_block() {
        let table = table(b"abc", None);
        let mut cursor = table.cursor();
        for (wanted, found) in
            [("", "a0"), ("a1", "a1"), ("a11", "a2"), ("a3", "b0"), ("a~~", "b0"), ("c2", "c2")]
        {
            assert!(cursor.seek(wanted.as_bytes()).unwrap());
            assert_eq!(cursor.key(), found.as_bytes(), "{wanted}");
        }
        for wanted in ["c3", "c~", "d"] {
            assert!(!cursor.seek(wanted.as_bytes()).unwrap());
            assert_eq!((cursor.key(), cursor.block()), (&[][..], 3), "{wanted}");
        }
    }

    #[test]
    fn skip_is_so_many_steps() {
        let table = table(b"abcd", None);
        for start in 0..12 {
            for entries in 0..14 {
                let mut cursor = table.cursor();
                assert!(cursor.seek_to_block(start / 3).unwrap());
                assert!(cursor.skip(start % 3).unwrap());
                let target = start + entries;
                assert_eq!(cursor.skip(entries).unwrap(), target < 12);
                match target < 12 {
                    true => {
                        let key = [b"abcd"[target / 3], b"012"[target % 3]];
                        assert_eq!(cursor.key(), key, "{start} {entries}");
                    }
                    false => assert_eq!((cursor.key(), cursor.block()), (&[][..], 4)),
                }
            }
        }
        assert!(!table.cursor().skip(0).unwrap());
    }

    #[test]
    fn blocks_are_reached_by_number() {
        let table = table(b"ab", None);
        let mut cursor = table.cursor();
        assert!(cursor.seek_to_block(1).unwrap());
        assert_eq!(cursor.key(), b"b0");
        assert!(!cursor.next_block().unwrap());
        assert!(!cursor.next_block().unwrap());
        assert!(!cursor.seek_to_block(usize::MAX).unwrap());
        assert_eq!(cursor.block(), 2);
        assert!(cursor.seek_to_block(0).unwrap() && cursor.next_block().unwrap());
        assert_eq!(cursor.key(), b"b0");
    }

    #[test]
    fn a_walk_leaves_the_cache_as_it_was() {
        let table = table(b"abc", None);
        let mut cursor = table.cursor();
        while cursor.next().unwrap() {}
        assert!((0..3).all(|block| !table.is_cached(block)));
        assert!(cursor.seek(b"b0").unwrap() && cursor.skip(3).unwrap());
        assert_eq!(
            (cursor.key(), [0, 1, 2].map(|block| table.is_cached(block))),
            (&b"c0"[..], [false, true, false])
        );
    }

    proptest! {
        #[test]
        fn look_ups_in_order_are_look_ups(
            keys in proptest::collection::btree_set("[ab]{0,6}", 0..80),
            per_block in 1..30usize,
            mut wanted in proptest::collection::vec("[ab]{0,7}", 0..80),
            (keep, interval) in (any::<bool>(), 1..20usize),
        ) {
            let keys: Vec<_> = keys.into_iter().map(String::into_bytes).collect();
            let mut forge = Forge::default();
            let index: Vec<_> = keys.chunks(per_block).map(|keys| {
                let entries: Vec<_> = keys.iter().map(|key| (&key[..], &key[..])).collect();
                (keys.last().unwrap().as_slice(), forge.block(contents(interval, &entries), 0))
            }).collect();
            let table = open(forge.end(&index)).unwrap();
            wanted.sort();
            let mut position = Position::default();
            for key in wanted.iter().map(String::as_bytes) {
                let found = position.find_on(&table, key, keep).unwrap().map(<[u8]>::to_vec);
                prop_assert_eq!(&found, &table.get(key).unwrap());
                prop_assert_eq!(found.is_some(), keys.iter().any(|there| there == key));
            }
        }
    }

    #[test]
    fn there_is_a_way_on_behind_a_bad_block() {
        for bad in 0..3 {
            let table = table(b"abc", Some(bad));
            let mut cursor = table.cursor();
            for _ in 0..3 * bad {
                assert!(cursor.next().unwrap());
            }
            for _ in 0..2 {
                assert_error(cursor.next(), DataLoss, "checksum");
                assert_eq!((cursor.key(), cursor.block()), (&[][..], bad));
            }
            assert_eq!(cursor.next_block().unwrap(), bad < 2);
            assert_eq!(cursor.block(), bad + 1);
            assert_error(cursor.seek(&[b"abc"[bad], b'1']), DataLoss, "checksum");
            assert_error(cursor.seek_to_block(bad), DataLoss, "checksum");
        }
    }
}
