//! Many keys, one behind the other.

use std::ops::Range;

use super::block::{SHORT, ShortEntry};
use super::block_cursor::is_any_above;

/// Keys with nothing between them, as many as were asked for at most. They can be filled
/// again in the same memory, which then is in the processor's cache.
pub(crate) struct Keys {
    /// The keys, and behind them bytes that mean nothing.
    bytes: Vec<u8>,
    /// Where each key begins, and where the last one ends; behind that, numbers that mean
    /// nothing.
    offsets: Vec<i64>,
    count: usize,
    most: usize,
    /// Where the last key begins and ends.
    last: Range<usize>,
}

/// With so many bytes they are full, however many were asked for: a block made to harm
/// can stand for very long keys in few bytes.
const FULL: usize = 2 << 20;
/// Room for so many, of so many bytes each, is made before it is known that there are as
/// many.
const MOST_ROOM: usize = 1024;
const LIKELY_LEN: usize = 32;

impl Keys {
    /// None yet, and `most` at most.
    pub(crate) fn new(most: usize) -> Self {
        let mut keys = Self { bytes: Vec::new(), offsets: vec![0], count: 0, most, last: 0..0 };
        keys.clear(most);
        keys
    }

    /// Begins again, for `most` at most.
    pub(crate) fn clear(&mut self, most: usize) {
        let room = most.min(MOST_ROOM) + 1;
        if self.offsets.len() < room {
            self.offsets.resize(room, 0);
        }
        (self.count, self.most, self.last) = (0, most, 0..0);
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Whether there may be more of them.
    #[inline(always)]
    pub(crate) fn has_room(&self) -> bool {
        self.count < self.most && self.last.end < FULL
    }

    /// All of them, one behind the other.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.last.end).unwrap_or_default()
    }

    /// Where in the bytes each begins, and at last where the last one ends.
    pub(crate) fn offsets(&self) -> &[i64] {
        self.offsets.get(..=self.count).unwrap_or_default()
    }

    /// The last key; empty where there is none.
    #[inline]
    pub(super) fn last(&self) -> &[u8] {
        self.bytes.get(self.last.clone()).unwrap_or_default()
    }

    /// Adds a key.
    pub(crate) fn push(&mut self, key: &[u8]) {
        let (start, end) = (self.last.end, self.last.end + key.len());
        self.make_room(end + WINDOW);
        if let Some(to) = self.bytes.get_mut(start..end) {
            to.copy_from_slice(key);
        }
        self.count += 1;
        if let Some(offset) = self.offsets.get_mut(self.count) {
            *offset = end as i64;
        }
        self.last = start..end;
    }

    /// For one more key, that ends before `end`.
    fn make_room(&mut self, end: usize) {
        if self.bytes.len() < end {
            let likely = self.most.min(MOST_ROOM) * LIKELY_LEN + WINDOW;
            self.bytes.resize(end.max(likely).max(2 * self.bytes.len()), 0);
        }
        if self.offsets.len() < self.count + 2 {
            self.offsets.resize(2 * self.offsets.len() + 1, 0);
        }
    }

    /// Lets `add` add short ones.
    #[inline(always)]
    pub(super) fn add_short<T>(&mut self, add: impl FnOnce(&mut Adder<'_>) -> T) -> T {
        let bytes = self.bytes.len().min(FULL);
        let offsets = self.offsets.len().min(self.most.saturating_add(1));
        let mut adder = Adder {
            bytes: self.bytes.get_mut(..bytes).unwrap_or_default(),
            offsets: self.offsets.get_mut(..offsets).unwrap_or_default(),
            count: self.count,
            start: self.last.start,
            len: self.last.end - self.last.start,
            front: [0; SHORT],
            known: 0,
        };
        let made = add(&mut adder);
        self.count = adder.count;
        self.last = adder.start..adder.start + adder.len;
        made
    }
}

/// Adds to [`Keys`] such as are made of short parts, as nearly all are. All it needs is at
/// hand, and copies are of fixed lengths: that takes less than to copy just what is meant.
pub(super) struct Adder<'k> {
    bytes: &'k mut [u8],
    offsets: &'k mut [i64],
    count: usize,
    /// Where the last key begins, and how long it is.
    start: usize,
    len: usize,
    /// What the last key has in front, of which the first bytes are known to be right:
    /// to load what was just stored in parts would have to wait for it.
    front: [u8; SHORT],
    known: usize,
}

/// The last key and the new one are both in a window of so many bytes, if the last one is
/// no longer than that: both parts of the new one are then copied within it.
const WINDOW: usize = 256;
const LONGEST: usize = 112;
const HALF: usize = SHORT / 2;

impl Adder<'_> {
    /// Adds the key of `entry`, which follows the last one, if it is above that, there is
    /// room for it and, all this being so, `wanted` says yes.
    #[inline(always)]
    pub(super) fn add(&mut self, entry: &ShortEntry<'_>, wanted: impl FnOnce() -> bool) -> bool {
        let &ShortEntry { shared, suffix_len, suffix, .. } = entry;
        let len = self.len;
        let window = self.bytes.get_mut(self.start..).and_then(|rest| rest.first_chunk_mut());
        let Some(window): Option<&mut [u8; WINDOW]> = window else { return false };
        if len > LONGEST || shared > len || !is_above(&window[..len], entry) {
            return false;
        }
        let Some(offset) = self.offsets.get_mut(self.count + 1) else { return false };
        if !wanted() {
            return false;
        }
        if shared > self.known {
            self.front.copy_from_slice(&window[..SHORT]);
            self.known = len;
        }
        window[len..len + SHORT].copy_from_slice(&self.front);
        for at in (SHORT..shared).step_by(SHORT) {
            window.copy_within(at..at + SHORT, len + at);
        }
        let end = len + shared;
        window[end..end + HALF].copy_from_slice(&suffix[..HALF]);
        if suffix_len > HALF {
            window[end + HALF..end + SHORT].copy_from_slice(&suffix[HALF..]);
        }
        self.known = self.known.min(shared);
        (self.start, self.len) = (self.start + len, shared + suffix_len);
        *offset = (self.start + self.len) as i64;
        self.count += 1;
        true
    }
}

#[inline(always)]
fn is_above(last: &[u8], entry: &ShortEntry<'_>) -> bool {
    let &ShortEntry { shared, suffix_len, suffix, .. } = entry;
    // In nearly all entries the first byte that is not shared decides.
    let is_there = suffix_len > 0;
    is_there && last.get(shared).is_none_or(|&replaced| suffix[0] > replaced)
        || is_any_above(last, shared, suffix.get(..suffix_len).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds the key that shares so much with the last one, and has a suffix of so much.
    fn add(keys: &mut Keys, shared: usize, suffix: &[u8]) -> bool {
        let mut short = [0xff; SHORT];
        let Some(to) = short.get_mut(..suffix.len()) else { return false };
        to.copy_from_slice(suffix);
        let entry = ShortEntry { shared, suffix_len: suffix.len(), suffix: &short, value: 0..0 };
        keys.add_short(|adder| adder.add(&entry, || true))
    }

    #[test]
    fn keys_follow_each_other() {
        let mut keys = Keys::new(100);
        for _ in 0..2 {
            let (mut expected, mut all) = (Vec::new(), vec![Vec::new()]);
            keys.push(b"");
            for (byte, (shared, suffix)) in (1..).zip([
                (0, 1),
                (1, 16),
                (17, 17),
                (30, 32),
                (62, 50),
                (33, 31),
                (64, 32),
                (96, 16),
                (112, 20),
                (60, 8),
                (2, 1),
                (3, 16),
                (19, 9),
                (0, 1),
            ]) {
                let suffix = vec![byte; suffix];
                expected.truncate(shared);
                expected.extend_from_slice(&suffix);
                if !add(&mut keys, shared, &suffix) {
                    assert!(suffix.len() > SHORT || keys.last().len() > LONGEST);
                    keys.push(&expected);
                }
                assert_eq!(keys.last(), expected);
                all.push(expected.clone());
            }
            assert_eq!((keys.len(), keys.bytes()), (all.len(), &all.concat()[..]));
            let found =
                keys.offsets().windows(2).map(|at| &keys.bytes()[at[0] as usize..at[1] as usize]);
            assert!(found.eq(all.iter().map(Vec::as_slice)));
            keys.clear(100);
        }
    }

    #[test]
    fn keys_increase() {
        let mut keys = Keys::new(100);
        keys.push(b"bcd");
        for (shared, suffix) in [(0, "bcd"), (0, ""), (1, "c"), (2, "cx"), (3, ""), (4, "a")] {
            assert!(!add(&mut keys, shared, suffix.as_bytes()), "{shared} {suffix}");
        }
        assert!(add(&mut keys, 1, b"cda") && add(&mut keys, 4, b"a") && add(&mut keys, 0, b"bcdb"));
        assert_eq!(keys.bytes(), b"bcdbcdabcdaabcdb");
    }

    #[test]
    #[cfg_attr(miri, ignore = "megabytes take Miri minutes")]
    fn there_is_room_for_so_many_and_so_long_ones() {
        let mut keys = Keys::new(2);
        for has_room in [true, false] {
            assert!(keys.has_room());
            keys.push(b"key");
            assert_eq!(keys.has_room(), has_room);
        }
        assert!(!add(&mut keys, 3, b"a"));
        keys.clear(3);
        keys.push(&vec![0; FULL]);
        assert!(!keys.has_room() && !add(&mut keys, 3, b"a"));
        keys.clear(5000);
        (0..5000).for_each(|_| keys.push(b""));
        assert_eq!((keys.len(), keys.offsets().len()), (5000, 5001));
    }
}
