//! A block in memory: entries in key order, whole keys at restarts.
//!
//! Of its form only the restarts are checked when it is loaded, its checksum having been
//! compared before. All else is checked where it is met: by a
//! [`BlockCursor`](super::block_cursor::BlockCursor) entry by entry, by a look-up on the
//! restarts and the few entries it touches. That there is no such key is said of a block
//! alone all of which was checked.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::block_cursor::BlockCursor;
use super::key::Key;
use super::landmarks::Landmarks;
use crate::coding;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Buffer;

/// The contents of a block.
#[derive(Default)]
pub(super) struct Block {
    contents: Buffer,
    entries_end: usize,
    /// How many entries come before each restart; counted when it is first asked for.
    passed: OnceLock<Vec<u32>>,
    /// Made for the first search.
    landmarks: OnceLock<Landmarks>,
}

/// One entry, as byte ranges of the contents.
pub(super) struct Entry {
    pub(super) shared: usize,
    pub(super) suffix: Range<usize>,
    pub(super) value: Range<usize>,
}

impl Block {
    /// Takes the contents of a block, trailer and compression undone.
    ///
    /// # Errors
    /// `DataLoss` unless there are restarts, the first of them at the first entry, the
    /// others behind it, one after the other.
    /// `ResourceLimit` above 4 GiB, which 32-bit offsets cannot reach into.
    pub(super) fn new(contents: impl Into<Buffer>) -> Result<Self> {
        let contents = contents.into();
        if u32::try_from(contents.len()).is_err() {
            return Err(Error::new(ErrorKind::ResourceLimit, "a block of more than 4 GiB"));
        }
        let entries_end = entries_end(&contents)?;
        let block = Self { contents, entries_end, ..Self::default() };
        block.check_restarts()?;
        Ok(block)
    }

    fn check_restarts(&self) -> Result<()> {
        let restarts = self.contents.get(self.entries_end..).unwrap_or_default().chunks_exact(4);
        let mut restarts = restarts.take(self.restart_count()).map(u32_of);
        let Some(mut last @ 0) = restarts.next() else {
            return Err(Error::data_loss("the first restart of a block is not its first entry"));
        };
        let end = self.entries_end as u32;
        let increase = restarts.fold(true, |increase, at| {
            let above = at > std::mem::replace(&mut last, at);
            increase & above & (at < end)
        });
        if increase { Ok(()) } else { Err(not_at_an_entry()) }
    }

    /// Gives up its memory, if that is of the heap.
    pub(super) fn into_heap(self) -> Vec<u8> {
        self.contents.into_heap()
    }

    /// How much it takes of the heap at most, but for the few bytes of the structure itself.
    pub(super) fn heap_len(&self) -> usize {
        let restarts = self.restart_count();
        self.contents.heap_len() + 4 * restarts + Landmarks::memory(restarts)
    }

    /// The smallest key.
    ///
    /// # Errors
    /// `DataLoss` where there is none.
    pub(super) fn first_key(&self) -> Result<&[u8]> {
        if self.entries_end == 0 {
            return Err(Error::data_loss("a data block has no entries"));
        }
        Ok(self.bytes(self.whole_entry(0)?.suffix))
    }

    /// The largest key, as the entries from the last restart on make it.
    ///
    /// # Errors
    /// `DataLoss` where they make no sense.
    pub(super) fn last_key(&self) -> Result<Key> {
        let mut key = Key::default();
        let Some((mut at, end)) = self.run(self.restart_count().saturating_sub(1)) else {
            return Ok(key);
        };
        while at < end {
            let entry = self.entry_at(at, end).ok_or_else(too_long)?;
            if entry.shared > key.len() {
                return Err(shares_more());
            }
            at = entry.value.end;
            key.follow(entry.shared, &self.contents, entry.suffix);
        }
        Ok(key)
    }

    /// Where the entries end.
    #[inline(always)]
    pub(super) fn entries_end(&self) -> usize {
        self.entries_end
    }

    /// The entry that starts at byte `at` and ends at `end` or before; `None` where
    /// there is none.
    #[inline(always)]
    pub(super) fn entry_at(&self, at: usize, end: usize) -> Option<Entry> {
        entry_at(&self.contents, end, at)
    }

    /// The entry at a restart, which has its key in full.
    ///
    /// # Errors
    /// `DataLoss` where it is not like that.
    pub(super) fn whole_entry(&self, at: usize) -> Result<Entry> {
        let entry = self.entry_at(at, self.entries_end).ok_or_else(too_long)?;
        match entry.shared {
            0 => Ok(entry),
            _ => Err(Error::data_loss("a key at a restart of a block is not whole")),
        }
    }

    /// The bytes of a key suffix or a value.
    #[inline(always)]
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.contents.get(range).unwrap_or_default()
    }

    /// All of its bytes, which those of suffixes and values are ranges of.
    #[inline]
    pub(super) fn contents(&self) -> &[u8] {
        &self.contents
    }

    /// The number of the restart from which a search for `key` starts: the last one whose
    /// key is not above it.
    pub(super) fn restart_for(&self, key: &[u8]) -> Result<usize> {
        // It is the lowest key there is, and that of the header of a bundle.
        if key.is_empty() {
            return Ok(0);
        }
        let restarts = if self.entries_end == 0 { 0 } else { self.restart_count() };
        let landmarks = self.landmarks.get_or_init(|| Landmarks::of(self));
        let Range { start: mut low, end: mut high } = landmarks.not_above(key, restarts);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.restart_key(middle)? <= key {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Ok(low.saturating_sub(1))
    }

    /// The key at the restart of that number.
    pub(super) fn restart_key(&self, number: usize) -> Result<&[u8]> {
        let entry = self.whole_entry(self.restart(number).ok_or_else(not_at_an_entry)?)?;
        Ok(self.bytes(entry.suffix))
    }

    /// Where the entries from a restart to the next begin and end; `None` where there is
    /// no such restart.
    fn run(&self, number: usize) -> Option<(usize, usize)> {
        Some((self.restart(number)?, self.restart(number + 1).unwrap_or(self.entries_end)))
    }

    /// How many restarts there are.
    pub(super) fn restart_count(&self) -> usize {
        ((self.contents.len() - self.entries_end) / 4).saturating_sub(1)
    }

    /// Where the restart of that number is; `None` behind the last.
    pub(super) fn restart(&self, number: usize) -> Option<usize> {
        if number >= self.restart_count() {
            return None;
        }
        coding::fixed32(&self.contents, self.entries_end + 4 * number).map(|at| at as usize)
    }

    /// How many entries come before each of its restarts. The first call goes through it.
    ///
    /// # Errors
    /// `DataLoss` where any entry or restart makes no sense.
    pub(super) fn passed(self: &Arc<Self>) -> Result<&[u32]> {
        if let Some(passed) = self.passed.get() {
            return Ok(passed);
        }
        let passed = BlockCursor::new(self.clone()).count_by_restarts()?;
        Ok(self.passed.get_or_init(|| passed))
    }
}

pub(super) fn too_long() -> Error {
    Error::data_loss("an entry of a block reaches beyond it")
}

pub(super) fn shares_more() -> Error {
    Error::data_loss("a key shares more than the key before it has")
}

pub(super) fn not_at_an_entry() -> Error {
    Error::data_loss("a restart of a block is not at an entry")
}

fn u32_of(bytes: &[u8]) -> u32 {
    bytes.try_into().map_or(0, u32::from_le_bytes)
}

/// Where the entries end and the restart array starts.
fn entries_end(contents: &[u8]) -> Result<usize> {
    let lying = || Error::data_loss("the restart count of a block does not fit it");
    let count_at = contents.len().checked_sub(4).ok_or_else(lying)?;
    let count = coding::fixed32(contents, count_at).ok_or_else(lying)? as usize;
    if count == 0 {
        return Err(Error::data_loss("a block has no restart"));
    }
    count.checked_mul(4).and_then(|len| count_at.checked_sub(len)).ok_or_else(lying)
}

/// The entry that starts at byte `at`; `None` where it does not fit before `end`.
#[inline(always)]
fn entry_at(contents: &[u8], end: usize, at: usize) -> Option<Entry> {
    let (shared, unshared, value_len, head_len) = lengths(contents, end, at)?;
    let suffix_at = at.checked_add(head_len)?;
    let value_at = suffix_at.checked_add(unshared)?;
    let value_end = value_at.checked_add(value_len)?;
    (value_end <= end).then_some(Entry {
        shared,
        suffix: suffix_at..value_at,
        value: value_at..value_end,
    })
}

/// An entry with lengths of one byte each, and few bytes of key that are not shared.
pub(super) struct ShortEntry<'b> {
    pub(super) shared: usize,
    pub(super) suffix_len: usize,
    /// The suffix, and what stands behind it.
    pub(super) suffix: &'b [u8; SHORT],
    pub(super) value: Range<usize>,
}

/// So many bytes of a key at most, which most entries have fewer of.
pub(super) const SHORT: usize = 32;
const SHORT_HEAD: usize = 3;

/// The entry that starts at byte `at`; `None` where it is not short, does not fit before
/// `end`, or is one of the last few of a block.
#[inline(always)]
pub(super) fn short_entry_at(contents: &[u8], end: usize, at: usize) -> Option<ShortEntry<'_>> {
    let bytes: &[u8; SHORT_HEAD + SHORT] = contents.get(at..)?.first_chunk()?;
    let [shared, suffix_len, value_len, suffix @ ..] = bytes;
    let are_single = (shared | suffix_len | value_len) & 0x80 == 0;
    let [shared, suffix_len, value_len] = [shared, suffix_len, value_len].map(|&len| len.into());
    let value_at = at + SHORT_HEAD + suffix_len;
    let value = value_at..value_at + value_len;
    let is_short = are_single && suffix_len <= SHORT && value.end <= end;
    is_short.then_some(ShortEntry { shared, suffix_len, suffix, value })
}

/// The three lengths that head an entry, and how many bytes they take.
#[inline(always)]
fn lengths(contents: &[u8], end: usize, at: usize) -> Option<(usize, usize, usize, usize)> {
    // Behind the entries there are eight bytes at least.
    if let Some(head) = coding::fixed32(contents, at) {
        if head & 0x80_8080 == 0 {
            let byte = |number: u32| ((head >> (8 * number)) & 0xff) as usize;
            return Some((byte(0), byte(1), byte(2), 3));
        }
    }
    long_lengths(contents.get(at..end)?)
}

#[inline(never)]
fn long_lengths(bytes: &[u8]) -> Option<(usize, usize, usize, usize)> {
    let mut rest = bytes;
    let mut take = || usize::try_from(coding::take_varint32(&mut rest)?).ok();
    let (shared, unshared, value_len) = (take()?, take()?, take()?);
    Some((shared, unshared, value_len, bytes.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind::DataLoss;
    use crate::table::block_cursor::BlockCursor;
    use crate::table::testing::{assert_error, contents};

    /// The contents of a block of entries given raw, and of restarts.
    fn raw(entries: &[(u8, &[u8], &[u8])], restarts: &[u32]) -> Vec<u8> {
        let mut out = Vec::new();
        for (shared, suffix, value) in entries {
            out.extend([*shared, suffix.len() as u8, value.len() as u8]);
            out.extend_from_slice(suffix);
            out.extend_from_slice(value);
        }
        out.extend(restarts.iter().chain(&[restarts.len() as u32]).flat_map(|at| at.to_le_bytes()));
        out
    }

    /// The keys of a block, all of which is walked over.
    fn walk(contents: Vec<u8>) -> Result<Vec<Vec<u8>>> {
        let mut cursor = BlockCursor::new(Arc::new(Block::new(contents)?));
        let mut keys = Vec::new();
        while cursor.next()? {
            keys.push(cursor.key().to_vec());
        }
        Ok(keys)
    }

    #[test]
    fn what_other_writers_may_write_is_fine() {
        // Sharing less than could be, restarts wherever, restart keys not at 0.
        let block =
            raw(&[(0, b"", b"1"), (0, b"aa", b"2"), (1, b"b", b""), (0, b"ac", b"4")], &[0, 4, 14]);
        assert_eq!(walk(block).unwrap(), [&b""[..], b"aa", b"ab", b"ac"]);
    }

    #[test]
    fn a_block_of_no_entries_has_a_restart() {
        let block = Block::new(contents(16, &[])).unwrap();
        assert_error(block.first_key(), DataLoss, "no entries");
        let mut cursor = BlockCursor::new(Arc::new(block));
        assert_eq!(cursor.find(b"").unwrap(), None);
        assert!(!cursor.next().unwrap() && !cursor.seek(b"").unwrap());
        assert_eq!(cursor.skip(1).unwrap(), 1);
        assert_error(walk(raw(&[], &[0, 0])), DataLoss, "not at an entry");
    }

    #[test]
    fn restarts_must_be_those_of_entries() {
        let two = [(0, &b"a"[..], &b"1"[..]), (0, b"b", b"2")];
        for (restarts, words) in [
            (&[][..], "no restart"),
            (&[5], "not its first entry"),
            (&[0, 4], "not at an entry"),
            (&[0, 5, 5], "not at an entry"),
            (&[0, 5, 0], "not at an entry"),
            (&[0, 10], "not at an entry"),
            (&[0, u32::MAX], "not at an entry"),
        ] {
            assert_error(walk(raw(&two, restarts)), DataLoss, words);
        }
        let shares = [(0, &b"a"[..], &b"1"[..]), (1, b"b", b"2")];
        assert_error(walk(raw(&shares, &[0, 5])), DataLoss, "not whole");
    }

    #[test]
    fn counts_must_fit() {
        for contents in [&[][..], &[1, 0, 0], &[1, 0, 0, 0], &[0xff; 40]] {
            assert_error(walk(contents.to_vec()), DataLoss, "restart count");
        }
    }

    #[test]
    fn keys_must_increase() {
        for second in [(0, &b"ab"[..], &b""[..]), (1, b"a", b""), (2, b"", b""), (0, b"", b"")] {
            let block = raw(&[(0, b"ab", b""), second], &[0]);
            assert_error(walk(block), DataLoss, "do not increase");
        }
        let block = raw(&[(0, b"ab", b""), (3, b"c", b"")], &[0]);
        assert_error(walk(block), DataLoss, "shares more");
        assert_error(walk(raw(&[(1, b"c", b"")], &[0])), DataLoss, "not whole");
    }

    #[test]
    fn entries_must_fit() {
        for entry in [&[0, 1][..], &[0, 2, 0, b'a'], &[0, 1, 1, b'a'], &[0x80; 12]] {
            let block = [entry, &[0, 0, 0, 0, 1, 0, 0, 0]].concat();
            assert_error(walk(block), DataLoss, "reaches beyond");
        }
        let lengths_of_32_bits = [0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0xff, 0x0f];
        let block = [&lengths_of_32_bits[..], &[0, 0, 0, 0, 1, 0, 0, 0]].concat();
        assert_error(walk(block), DataLoss, "reaches beyond");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(contents in proptest::collection::vec(0..6u8, 0..64)) {
            let _ = walk(contents.clone());
            let Ok(block) = Block::new(contents).map(Arc::new) else { return Ok(()) };
            for key in [&[][..], &[1], &[2, 1]] {
                let _ = BlockCursor::new(block.clone()).find(key);
            }
            let _ = block.passed();
        }
    }
}
