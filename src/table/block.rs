//! A decoded block: entries in key order, checked as a whole when it is loaded.
//!
//! What is checked once need not be checked again: search and iteration rely on
//! [`Block::parse_into`], and where a check cannot fail any more they take its failure
//! for the end of the block.

use std::cmp::Ordering;
use std::ops::Range;

use super::key::Key;
use crate::coding;
use crate::error::{Error, ErrorKind, Result};

/// The contents of a block, sound in every length, offset and key.
#[derive(Default)]
pub(super) struct Block {
    contents: Vec<u8>,
    entries_end: usize,
    /// Where each entry starts.
    starts: Vec<u32>,
    last_key: Key,
}

/// The memory of a block that is not needed any more, for the next one: to touch
/// fresh memory takes longer than to fill it.
#[derive(Default)]
pub(super) struct Spare {
    pub(super) contents: Vec<u8>,
    starts: Vec<u32>,
    last_key: Key,
}

/// One entry, as byte ranges of the contents.
pub(super) struct Entry {
    pub(super) shared: usize,
    pub(super) suffix: Range<usize>,
    pub(super) value: Range<usize>,
}

impl Block {
    /// Takes the contents of a block in memory of its own.
    #[cfg(test)]
    pub(super) fn parse(contents: Vec<u8>) -> Result<Self> {
        Self::parse_into(contents, Spare::default())
    }

    /// Takes the contents of a block, trailer and compression undone. What it needs
    /// besides is that of another block.
    ///
    /// # Errors
    /// `DataLoss` unless the restarts are those of entries with whole keys, the
    /// first of the first entry; every entry is whole; the keys increase.
    /// `ResourceLimit` above 4 GiB, which 32-bit offsets cannot reach into.
    pub(super) fn parse_into(contents: Vec<u8>, spare: Spare) -> Result<Self> {
        if u32::try_from(contents.len()).is_err() {
            return Err(Error::new(ErrorKind::ResourceLimit, "a block of more than 4 GiB"));
        }
        let entries_end = entries_end(&contents)?;
        let Spare { mut starts, mut last_key, .. } = spare;
        starts.clear();
        last_key.clear();
        let mut block = Self { contents, entries_end, starts, last_key };
        block.check_entries()?;
        Ok(block)
    }

    /// Goes from restart to restart, which lets the processor walk between several
    /// of them at once: where an entry begins is known when the one before is, but
    /// where a restart is stands in the block.
    fn check_entries(&mut self) -> Result<()> {
        let Self { contents, entries_end, starts, last_key } = self;
        let (entries, restarts) = contents.split_at(*entries_end);
        let restarts = restarts.get(..restarts.len() - 4).unwrap_or_default();
        let mut restarts = restarts.chunks_exact(4).map(|at| u32_of(at) as usize);
        if restarts.next() != Some(0) {
            return Err(Error::data_loss("the first restart of a block is not its first entry"));
        }
        // A block of no entries has one restart all the same.
        let mut at = 0;
        for next in restarts {
            if next <= at || next >= entries.len() {
                return Err(not_at_an_entry());
            }
            check_run(contents, *entries_end, at..next, starts, last_key)?;
            at = next;
        }
        check_run(contents, *entries_end, at..*entries_end, starts, last_key)
    }

    /// Gives up its memory.
    pub(super) fn into_spare(self) -> Spare {
        Spare { contents: self.contents, starts: self.starts, last_key: self.last_key }
    }

    /// How many entries it has.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// How much memory it takes, but for the few bytes of the structure itself.
    pub(super) fn memory(&self) -> usize {
        self.contents.capacity() + self.last_key.capacity() + 4 * self.starts.capacity()
    }

    /// The smallest key; empty in a block with no entries.
    pub(super) fn first_key(&self) -> &[u8] {
        self.entry(0).map_or(&[], |entry| self.bytes(entry.suffix))
    }

    /// The largest key; empty in a block with no entries.
    pub(super) fn last_key(&self) -> &[u8] {
        self.last_key.as_slice()
    }

    /// The entry of that number; `None` behind the last.
    #[inline(always)]
    pub(super) fn entry(&self, number: usize) -> Option<Entry> {
        self.entry_at(*self.starts.get(number)? as usize)
    }

    #[inline(always)]
    fn entry_at(&self, at: usize) -> Option<Entry> {
        entry_at(&self.contents, self.entries_end, at)
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

    /// The value under `key`, if it has that.
    pub(super) fn find(&self, key: &[u8]) -> Option<&[u8]> {
        let mut search = Search { key, same: 0 };
        let mut at = self.restart(self.restart_for(key));
        while let Some(entry) = self.entry_at(at) {
            match search.compare(entry.shared, self.bytes(entry.suffix)) {
                Ordering::Less => at = entry.value.end,
                Ordering::Equal => return Some(self.bytes(entry.value)),
                Ordering::Greater => return None,
            }
        }
        None
    }

    /// The number of the entry from which a search for `key` starts: that at the last
    /// restart whose key is not above it.
    pub(super) fn start_for(&self, key: &[u8]) -> usize {
        self.number_at(self.restart(self.restart_for(key)))
    }

    /// The number of the last entry with a whole key that comes no later than `entry`.
    pub(super) fn start_before(&self, entry: usize) -> usize {
        let Some(&at) = self.starts.get(entry) else { return 0 };
        let after = self.partition_restarts(|restart| restart <= at as usize);
        self.number_at(self.restart(after.saturating_sub(1)))
    }

    fn number_at(&self, at: usize) -> usize {
        self.starts.partition_point(|&start| (start as usize) < at)
    }

    fn restart_for(&self, key: &[u8]) -> usize {
        let above = self.partition_restarts(|restart| {
            let entry = self.entry_at(restart);
            entry.is_some_and(|entry| self.bytes(entry.suffix) <= key)
        });
        above.saturating_sub(1)
    }

    /// Where the restart of that number is.
    fn restart(&self, number: usize) -> usize {
        let at = number.checked_mul(4).and_then(|at| at.checked_add(self.entries_end));
        at.and_then(|at| coding::fixed32(&self.contents, at))
            .map_or(self.entries_end, |at| at as usize)
    }

    /// How many restarts come first of which `is_before` holds.
    fn partition_restarts(&self, mut is_before: impl FnMut(usize) -> bool) -> usize {
        let (mut low, mut high) =
            (0, ((self.contents.len() - self.entries_end) / 4).saturating_sub(1));
        while low < high {
            let middle = low + (high - low) / 2;
            match is_before(self.restart(middle)) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }
}

/// Looks at the keys of entries, one behind the other, without making them: what an
/// entry shares with the one before is known to be below the key, up to where the two
/// are the same.
struct Search<'k> {
    key: &'k [u8],
    /// How many bytes the key has in common with that of the last entry, which is
    /// smaller.
    same: usize,
}

impl Search<'_> {
    /// How the key of an entry compares, that of the last one being below.
    #[inline]
    fn compare(&mut self, shared: usize, suffix: &[u8]) -> Ordering {
        if shared > self.same {
            // It differs in the same byte as the last one.
            return Ordering::Less;
        }
        let rest = self.key.get(shared..).unwrap_or_default();
        let order = suffix.cmp(rest);
        if order == Ordering::Less {
            let same = suffix.iter().zip(rest).take_while(|(a, b)| a == b).count();
            self.same = shared + same;
        }
        order
    }
}

/// Checks the entries of `run`, from one restart to the next.
fn check_run(
    contents: &[u8],
    entries_end: usize,
    run: Range<usize>,
    starts: &mut Vec<u32>,
    key: &mut Key,
) -> Result<()> {
    let mut at = run.start;
    while at < run.end {
        let Some(entry) = entry_at(contents, entries_end, at) else {
            return Err(Error::data_loss("an entry of a block reaches beyond it"));
        };
        if at == run.start && entry.shared != 0 {
            return Err(Error::data_loss("a key at a restart of a block is not whole"));
        }
        check_order(key, &entry, contents, at == 0)?;
        key.follow(entry.shared, contents, entry.suffix);
        starts.push(at as u32);
        at = entry.value.end;
    }
    if at == run.end { Ok(()) } else { Err(not_at_an_entry()) }
}

/// Checks that the key of `entry` is above `key`, that of the entry before.
#[inline(always)]
fn check_order(key: &Key, entry: &Entry, contents: &[u8], is_first: bool) -> Result<()> {
    let Entry { shared, suffix, .. } = entry;
    if *shared < key.len() && !suffix.is_empty() {
        // In nearly all entries the first byte that is not shared decides.
        let (new, old) = (contents.get(suffix.start).copied().unwrap_or(0), key.byte(*shared));
        if new > old {
            return Ok(());
        }
    }
    check_any_order(key, *shared, contents.get(suffix.clone()).unwrap_or_default(), is_first)
}

fn check_any_order(key: &Key, shared: usize, suffix: &[u8], is_first: bool) -> Result<()> {
    let Some(replaced) = key.as_slice().get(shared..) else {
        return Err(Error::data_loss("a key shares more than the key before it has"));
    };
    match is_first || suffix > replaced {
        true => Ok(()),
        false => Err(Error::data_loss("the keys of a block do not increase")),
    }
}

fn not_at_an_entry() -> Error {
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
