//! A decoded block: entries in key order, checked as a whole when it is loaded.
//!
//! What is checked once need not be checked again: search and iteration rely on
//! [`Block::parse`], and where a check cannot fail any more they take its failure
//! for the end of the block.

use std::cmp::Ordering;
use std::ops::Range;

use crate::coding;
use crate::error::{Error, ErrorKind, Result};

/// The contents of a block, sound in every length, offset and key.
pub(super) struct Block {
    contents: Vec<u8>,
    entries_end: usize,
    restarts: Vec<Restart>,
    len: usize,
    last_key: Vec<u8>,
}

/// An entry whose key stands in full.
#[derive(Clone, Copy)]
pub(super) struct Restart {
    pub(super) at: u32,
    /// How many entries come before it.
    pub(super) entry: u32,
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
    /// `DataLoss` unless the restarts are those of entries with whole keys, the
    /// first of the first entry; every entry is whole; the keys increase.
    /// `ResourceLimit` above 4 GiB, which 32-bit offsets cannot reach into.
    pub(super) fn parse(contents: Vec<u8>) -> Result<Self> {
        if u32::try_from(contents.len()).is_err() {
            return Err(Error::new(ErrorKind::ResourceLimit, "a block of more than 4 GiB"));
        }
        let entries_end = entries_end(&contents)?;
        let (entries, offsets) = contents.split_at(entries_end);
        let (restarts, len, last_key) = Walk::new(entries, offsets)?.finish()?;
        Ok(Self { entries_end, restarts, len, last_key, contents })
    }

    /// How many entries it has.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Where the last entry ends.
    pub(super) fn entries_end(&self) -> usize {
        self.entries_end
    }

    /// How much memory it takes, but for the few bytes of the structure itself.
    pub(super) fn memory(&self) -> usize {
        self.contents.capacity() + self.last_key.capacity() + size_of_val(&self.restarts[..])
    }

    /// The smallest key; empty in a block with no entries.
    pub(super) fn first_key(&self) -> &[u8] {
        self.entry(0).map_or(&[], |entry| self.bytes(entry.suffix))
    }

    /// The largest key; empty in a block with no entries.
    pub(super) fn last_key(&self) -> &[u8] {
        &self.last_key
    }

    /// The entry that starts at byte `at`; `None` behind the last.
    #[inline]
    pub(super) fn entry(&self, at: usize) -> Option<Entry> {
        entry_at(self.contents.get(..self.entries_end)?, at)
    }

    /// The bytes of a key suffix or a value.
    #[inline]
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.contents.get(range).unwrap_or_default()
    }

    /// The restart from which a search for `key` starts: the last one whose key
    /// is not above it.
    pub(super) fn restart_for(&self, key: &[u8]) -> Restart {
        let above = self.restarts.partition_point(|restart| {
            let entry = self.entry(restart.at as usize);
            entry.is_some_and(|entry| self.bytes(entry.suffix) <= key)
        });
        self.restart(above.saturating_sub(1))
    }

    /// The last restart that comes no later than `entry`.
    pub(super) fn restart_before(&self, entry: usize) -> Restart {
        let after = self.restarts.partition_point(|restart| restart.entry as usize <= entry);
        self.restart(after.saturating_sub(1))
    }

    fn restart(&self, index: usize) -> Restart {
        self.restarts.get(index).copied().unwrap_or(Restart { at: 0, entry: 0 })
    }
}

/// The one walk over all entries that [`Block::parse`] makes.
struct Walk<'b> {
    entries: &'b [u8],
    offsets: std::slice::ChunksExact<'b, u8>,
    next_restart: Option<usize>,
    restarts: Vec<Restart>,
    len: u32,
    key: Vec<u8>,
}

impl<'b> Walk<'b> {
    /// `offsets` is the restart array with the count behind it.
    fn new(entries: &'b [u8], offsets: &'b [u8]) -> Result<Self> {
        let count = offsets.len() / 4 - 1;
        let mut offsets = offsets[..4 * count].chunks_exact(4);
        let next_restart = next_offset(&mut offsets);
        if next_restart != Some(0) {
            return Err(Error::data_loss("the first restart of a block is not its first entry"));
        }
        let restarts = Vec::with_capacity(count);
        Ok(Self { entries, offsets, next_restart, restarts, len: 0, key: Vec::new() })
    }

    fn finish(mut self) -> Result<(Vec<Restart>, usize, Vec<u8>)> {
        let mut at = 0;
        while at < self.entries.len() {
            at = self.step(at)?;
        }
        // A block of no entries has one restart all the same.
        if self.entries.is_empty() {
            self.next_restart = next_offset(&mut self.offsets);
        }
        if self.next_restart.is_some() {
            return Err(Error::data_loss("a restart of a block is not at an entry"));
        }
        Ok((self.restarts, self.len as usize, self.key))
    }

    fn step(&mut self, at: usize) -> Result<usize> {
        let Some(entry) = entry_at(self.entries, at) else {
            return Err(Error::data_loss("an entry of a block reaches beyond it"));
        };
        if self.next_restart == Some(at) {
            self.restart(at, &entry)?;
        }
        self.follow(&entry)?;
        self.len += 1;
        Ok(entry.value.end)
    }

    fn restart(&mut self, at: usize, entry: &Entry) -> Result<()> {
        if entry.shared != 0 {
            return Err(Error::data_loss("a key at a restart of a block is not whole"));
        }
        self.restarts.push(Restart { at: at as u32, entry: self.len });
        self.next_restart = next_offset(&mut self.offsets);
        Ok(())
    }

    /// Makes the key of `entry` out of the one before, which must be smaller.
    fn follow(&mut self, entry: &Entry) -> Result<()> {
        let suffix = self.entries.get(entry.suffix.clone()).unwrap_or_default();
        let Some(replaced) = self.key.get(entry.shared..) else {
            return Err(Error::data_loss("a key shares more than the key before it has"));
        };
        if self.len > 0 && suffix.cmp(replaced) != Ordering::Greater {
            return Err(Error::data_loss("the keys of a block do not increase"));
        }
        self.key.truncate(entry.shared);
        self.key.extend_from_slice(suffix);
        Ok(())
    }
}

fn next_offset(offsets: &mut std::slice::ChunksExact<'_, u8>) -> Option<usize> {
    Some(coding::fixed32(offsets.next()?, 0)? as usize)
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

/// The entry that starts at byte `at` of `entries`; `None` where it does not fit.
#[inline]
fn entry_at(entries: &[u8], at: usize) -> Option<Entry> {
    let rest = entries.get(at..)?;
    let (shared, unshared, value_len, head_len) = lengths(rest)?;
    let suffix_at = at + head_len;
    let value_at = suffix_at.checked_add(unshared)?;
    let end = value_at.checked_add(value_len)?;
    (end <= entries.len()).then_some(Entry {
        shared,
        suffix: suffix_at..value_at,
        value: value_at..end,
    })
}

/// The three lengths that head an entry, and how many bytes they take.
#[inline]
fn lengths(bytes: &[u8]) -> Option<(usize, usize, usize, usize)> {
    if let [shared, unshared, value_len, ..] = *bytes {
        if (shared | unshared | value_len) < 0x80 {
            return Some((shared.into(), unshared.into(), value_len.into(), 3));
        }
    }
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

    fn entries(block: Block) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut cursor = BlockCursor::new(Arc::new(block));
        let mut all = Vec::new();
        while cursor.next() {
            all.push((cursor.key().to_vec(), cursor.value().to_vec()));
        }
        all
    }

    #[test]
    fn what_other_writers_may_write_is_fine() {
        // Sharing less than could be, restarts wherever, restart keys not at 0.
        let block =
            raw(&[(0, b"", b"1"), (0, b"aa", b"2"), (1, b"b", b""), (0, b"ac", b"4")], &[0, 4, 14]);
        let block = Block::parse(block).unwrap();
        assert_eq!((block.len(), block.first_key(), block.last_key()), (4, &b""[..], &b"ac"[..]));
        let keys: Vec<_> = entries(block).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [&b""[..], b"aa", b"ab", b"ac"]);
    }

    #[test]
    fn a_block_of_no_entries_has_a_restart() {
        let block = Block::parse(contents(16, &[])).unwrap();
        assert_eq!((block.len(), block.first_key(), block.last_key()), (0, &b""[..], &b""[..]));
        let mut cursor = BlockCursor::new(Arc::new(block));
        assert!(!cursor.next() && !cursor.seek(b"") && cursor.skip(1) == 1);
        assert_error(Block::parse(raw(&[], &[0, 0])), DataLoss, "not at an entry");
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
            assert_error(Block::parse(raw(&two, restarts)), DataLoss, words);
        }
        let shares = [(0, &b"a"[..], &b"1"[..]), (1, b"b", b"2")];
        assert_error(Block::parse(raw(&shares, &[0, 5])), DataLoss, "not whole");
    }

    #[test]
    fn counts_must_fit() {
        for contents in [&[][..], &[1, 0, 0], &[1, 0, 0, 0], &[0xff; 40]] {
            assert_error(Block::parse(contents.to_vec()), DataLoss, "restart count");
        }
    }

    #[test]
    fn keys_must_increase() {
        for second in [(0, &b"ab"[..], &b""[..]), (1, b"a", b""), (2, b"", b""), (0, b"", b"")] {
            let block = raw(&[(0, b"ab", b""), second], &[0]);
            assert_error(Block::parse(block), DataLoss, "do not increase");
        }
        let block = raw(&[(0, b"ab", b""), (3, b"c", b"")], &[0]);
        assert_error(Block::parse(block), DataLoss, "shares more");
        assert_error(Block::parse(raw(&[(1, b"c", b"")], &[0])), DataLoss, "not whole");
    }

    #[test]
    fn entries_must_fit() {
        for entry in [&[0, 1][..], &[0, 2, 0, b'a'], &[0, 1, 1, b'a'], &[0x80; 12]] {
            let block = [entry, &[0, 0, 0, 0, 1, 0, 0, 0]].concat();
            assert_error(Block::parse(block), DataLoss, "reaches beyond");
        }
        let lengths_of_32_bits = [0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0xff, 0x0f];
        let block = [&lengths_of_32_bits[..], &[0, 0, 0, 0, 1, 0, 0, 0]].concat();
        assert_error(Block::parse(block), DataLoss, "reaches beyond");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(contents in proptest::collection::vec(0..6u8, 0..64)) {
            let _ = Block::parse(contents);
        }
    }
}
