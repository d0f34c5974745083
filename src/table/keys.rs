//! Many keys, one behind the other.

use std::ops::Range;

/// So many bytes at the front of a key are copied at once, and as many of a suffix: more
/// than most have, and to copy a fixed number takes less than to copy just those meant.
const FRONT: usize = 32;
const STRIDE: usize = 16;

/// Keys with nothing between them, as many as were asked for at most. They can be filled
/// again in the same memory, which then is in the processor's cache.
pub(crate) struct Keys {
    /// The keys, and behind them bytes that mean nothing.
    bytes: Vec<u8>,
    /// Where each key begins, and where the last one ends.
    offsets: Vec<i64>,
    most: usize,
    /// Where the last key begins and ends.
    last: Range<usize>,
    /// What the last key has in front, of which the first bytes are known to be right:
    /// to load what was just stored in parts would have to wait for it.
    front: [u8; FRONT],
    known: usize,
}

/// With so many bytes they are full, however many were asked for: a block made to harm
/// can stand for very long keys in few bytes.
const FULL: usize = 2 << 20;
/// Room for so many is made before it is known that there are as many.
const MOST_ROOM: usize = 1024;

impl Keys {
    /// None yet, and `most` at most.
    pub(crate) fn new(most: usize) -> Self {
        let mut offsets = Vec::with_capacity(most.min(MOST_ROOM) + 1);
        offsets.push(0);
        Self { bytes: Vec::new(), offsets, most, last: 0..0, front: [0; FRONT], known: 0 }
    }

    /// Begins again, for `most` at most.
    pub(crate) fn clear(&mut self, most: usize) {
        self.offsets.truncate(1);
        (self.most, self.last, self.known) = (most, 0..0, 0);
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there may be more of them.
    #[inline(always)]
    pub(crate) fn has_room(&self) -> bool {
        self.offsets.len() <= self.most && self.last.end < FULL
    }

    /// All of them, one behind the other.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.last.end).unwrap_or_default()
    }

    /// Where in the bytes each begins, and at last where the last one ends.
    pub(crate) fn offsets(&self) -> &[i64] {
        &self.offsets
    }

    /// The last key; empty where there is none.
    #[inline]
    pub(super) fn last(&self) -> &[u8] {
        self.bytes.get(self.last.clone()).unwrap_or_default()
    }

    #[inline(always)]
    pub(super) fn last_len(&self) -> usize {
        self.last.end - self.last.start
    }

    /// The byte of the last key at `at`, behind it any.
    #[inline(always)]
    pub(super) fn last_byte(&self, at: usize) -> u8 {
        self.bytes.get(self.last.start + at).copied().unwrap_or(0)
    }

    /// Adds a key.
    pub(crate) fn push(&mut self, key: &[u8]) {
        self.follow_any(0, key);
    }

    /// Adds a key: the first `shared` bytes of the last one, no more than that has, and
    /// those that stand in `contents` at `suffix`.
    #[inline(always)]
    pub(super) fn follow(&mut self, shared: usize, contents: &[u8], suffix: Range<usize>) {
        if self.follow_short(shared, contents, suffix.clone()).is_none() {
            self.follow_any(shared, contents.get(suffix).unwrap_or_default());
        }
    }

    #[inline(always)]
    fn follow_short(&mut self, shared: usize, contents: &[u8], suffix: Range<usize>) -> Option<()> {
        let len = suffix.len();
        if shared > FRONT || len > FRONT {
            return None;
        }
        if shared > self.known {
            self.front = *self.bytes.get(self.last.start..)?.first_chunk()?;
            self.known = self.last_len();
        }
        let to = self.bytes.get_mut(self.last.end..)?.first_chunk_mut::<{ 2 * FRONT }>()?;
        let from = contents.get(suffix.start..)?;
        *to.first_chunk_mut()? = self.front;
        if len <= STRIDE {
            *to.get_mut(shared..)?.first_chunk_mut::<STRIDE>()? = *from.first_chunk()?;
        } else {
            *to.get_mut(shared..)?.first_chunk_mut::<FRONT>()? = *from.first_chunk()?;
        }
        self.end_key(shared, shared + len);
        Some(())
    }

    #[inline(never)]
    fn follow_any(&mut self, shared: usize, suffix: &[u8]) {
        let (start, last) = (self.last.end, self.last.start);
        let len = shared + suffix.len();
        if self.bytes.len() < start + len + 4 * FRONT {
            let more = (start + len + 4 * FRONT).max(2 * self.bytes.len());
            self.bytes.resize(more, 0);
        }
        self.bytes.copy_within(last..last + shared, start);
        if let Some(to) = self.bytes.get_mut(start + shared..start + len) {
            to.copy_from_slice(suffix);
        }
        self.end_key(shared, len);
    }

    #[inline(always)]
    fn end_key(&mut self, shared: usize, len: usize) {
        self.known = self.known.min(shared);
        self.last = self.last.end..self.last.end + len;
        self.offsets.push(self.last.end as i64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_follow_each_other() {
        let contents: Vec<u8> = (0..200).collect();
        let mut keys = Keys::new(100);
        for _ in 0..2 {
            let (mut expected, mut all) = (Vec::new(), vec![Vec::new()]);
            keys.push(b"");
            for (shared, suffix) in [
                (0, 5..6),
                (1, 0..16),
                (17, 3..20),
                (30, 10..42),
                (33, 10..150),
                (20, 1..9),
                (28, 9..26),
                (2, 199..200),
                (3, 184..200),
                (16, 1..2),
                (0, 0..0),
            ] {
                keys.follow(shared, &contents, suffix.clone());
                expected.truncate(shared);
                expected.extend_from_slice(&contents[suffix]);
                assert_eq!(keys.last(), expected);
                assert_eq!(keys.last_len(), expected.len());
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
    fn there_is_room_for_so_many_and_so_long_ones() {
        let mut keys = Keys::new(2);
        for has_room in [true, false] {
            assert!(keys.has_room());
            keys.push(b"key");
            assert_eq!(keys.has_room(), has_room);
        }
        keys.clear(2);
        keys.push(&vec![0; FULL]);
        assert!(!keys.has_room());
    }
}
