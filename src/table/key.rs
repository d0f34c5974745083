//! The key at which a walk stands.

use std::ops::Range;

/// So many bytes are copied at once. Most suffixes are shorter, and to copy a fixed
/// number of bytes takes less than to call for a copy of just those that are meant.
const STRIDE: usize = 16;

/// A key that is made anew from the one before it: some of its front stays, the rest
/// comes from a block.
#[derive(Default)]
pub(super) struct Key {
    /// The key, a NUL, and behind it bytes that mean nothing.
    bytes: Vec<u8>,
    len: usize,
}

impl Key {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// The key with the NUL behind it; empty where there never was one.
    #[inline]
    pub(super) fn with_nul(&self) -> &[u8] {
        self.bytes.get(..=self.len).unwrap_or_default()
    }

    /// The byte at `at`, behind the key any.
    #[inline]
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub(super) fn clear(&mut self) {
        self.set_len(0);
    }

    /// Becomes another key.
    pub(super) fn set(&mut self, key: &[u8]) {
        self.follow_any(0, key);
    }

    #[inline(always)]
    fn set_len(&mut self, len: usize) {
        self.len = len;
        if let Some(nul) = self.bytes.get_mut(len) {
            *nul = 0;
        }
    }

    /// Keeps the first `shared` bytes, no more than there are, and puts those behind
    /// them that stand in `contents` at `suffix`.
    #[inline(always)]
    pub(super) fn follow(&mut self, shared: usize, contents: &[u8], suffix: Range<usize>) {
        let len = shared + suffix.len();
        if suffix.len() <= STRIDE {
            let from = contents.get(suffix.start..).and_then(<[u8]>::first_chunk::<STRIDE>);
            // With room for the NUL.
            let to = self.bytes.get_mut(shared..).and_then(<[u8]>::split_first_chunk_mut::<STRIDE>);
            if let (Some(from), Some((to, [_, ..]))) = (from, to) {
                *to = *from;
                self.set_len(len);
                return;
            }
        }
        self.follow_any(shared, contents.get(suffix).unwrap_or_default());
    }

    #[cold]
    fn grow(&mut self, len: usize) {
        self.bytes.resize(len + 4 * STRIDE, 0);
    }

    #[inline(never)]
    fn follow_any(&mut self, shared: usize, suffix: &[u8]) {
        let len = shared + suffix.len();
        if self.bytes.len() <= len + STRIDE {
            self.grow(len);
        }
        if let Some(to) = self.bytes.get_mut(shared..len) {
            to.copy_from_slice(suffix);
        }
        self.set_len(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fronts_stay() {
        let contents: Vec<u8> = (0..200).collect();
        let mut key = Key::default();
        let mut expected = Vec::new();
        for (shared, suffix) in [
            (0, 0..0),
            (0, 5..6),
            (1, 0..16),
            (17, 3..20),
            (30, 10..150),
            (2, 199..200),
            (3, 184..200),
        ] {
            key.follow(shared, &contents, suffix.clone());
            expected.truncate(shared);
            expected.extend_from_slice(&contents[suffix]);
            assert_eq!((key.as_slice(), key.len()), (&expected[..], expected.len()));
            assert_eq!(key.with_nul(), [&expected[..], b"\0"].concat());
        }
        key.clear();
        assert_eq!(key.as_slice(), b"");
    }
}
