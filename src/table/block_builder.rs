//! Builds the contents of one block after the other.
//!
//! ```text
//! entries    varint32 shared      bytes of the key before that this one starts with
//!            varint32 unshared    bytes of the key that follow here
//!            varint32 value_len
//!            the unshared bytes, the value
//! restarts   u32 each: where an entry starts that shares nothing
//! count      u32: how many restarts there are, at least one
//! ```
//!
//! Every so many entries is a restart, the first entry among them; a search
//! looks at these before it walks.

use crate::coding;

/// What comes with a key, in whatever form it is at hand.
pub(crate) trait Value {
    /// How many bytes it has.
    fn len(&self) -> usize;

    /// Appends them.
    fn put(&self, out: &mut Vec<u8>);
}

impl Value for [u8] {
    #[inline]
    fn len(&self) -> usize {
        <[u8]>::len(self)
    }

    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

pub(super) struct BlockBuilder {
    restart_interval: usize,
    contents: Vec<u8>,
    restarts: Vec<u32>,
    /// Entries since the last restart, that one included.
    run: usize,
}

impl BlockBuilder {
    pub(super) fn new(restart_interval: usize) -> Self {
        Self { restart_interval, contents: Vec::new(), restarts: vec![0], run: 0 }
    }

    /// Adds an entry; `key` is above the last one, and begins with `shared` bytes as it does.
    #[inline]
    pub(super) fn add(&mut self, key: &[u8], shared: usize, value: &(impl Value + ?Sized)) {
        let shared = if self.contents.is_empty() {
            0
        } else if self.run < self.restart_interval {
            shared
        } else {
            self.restarts.push(self.contents.len() as u32);
            self.run = 0;
            0
        };
        let suffix = &key[shared..];
        self.put_lengths([shared, suffix.len(), value.len()]);
        self.contents.extend_from_slice(suffix);
        value.put(&mut self.contents);
        self.run += 1;
    }

    #[inline(always)]
    fn put_lengths(&mut self, lengths: [usize; 3]) {
        if lengths.iter().all(|&length| length < 0x80) {
            return self.contents.extend_from_slice(&lengths.map(|length| length as u8));
        }
        for length in lengths {
            coding::put_varint(&mut self.contents, length as u64);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }

    /// The length of the contents, were it finished now.
    pub(super) fn len(&self) -> usize {
        self.contents.len() + 4 * self.restarts.len() + 4
    }

    /// Completes the contents. They are here until the builder is [cleared](Self::clear),
    /// or taken away.
    pub(super) fn finish(&mut self) -> &mut Vec<u8> {
        self.contents.reserve(4 * self.restarts.len() + 4);
        for restart in &self.restarts {
            self.contents.extend_from_slice(&restart.to_le_bytes());
        }
        self.contents.extend_from_slice(&(self.restarts.len() as u32).to_le_bytes());
        &mut self.contents
    }

    /// Begins the next block, in the same memory.
    pub(super) fn clear(&mut self) {
        self.contents.clear();
        self.restarts.truncate(1);
        self.run = 0;
    }
}
