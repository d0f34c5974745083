//! Builds the contents of one block.
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

pub(super) struct BlockBuilder {
    restart_interval: usize,
    contents: Vec<u8>,
    restarts: Vec<u32>,
    /// Entries since the last restart, that one included.
    run: usize,
    last_key: Vec<u8>,
}

impl BlockBuilder {
    pub(super) fn new(restart_interval: usize) -> Self {
        Self {
            restart_interval,
            contents: Vec::new(),
            restarts: vec![0],
            run: 0,
            last_key: Vec::new(),
        }
    }

    /// Adds an entry; `key` is above the last one.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        let shared = if self.run < self.restart_interval {
            common_prefix(&self.last_key, key)
        } else {
            self.restarts.push(self.contents.len() as u32);
            self.run = 0;
            0
        };
        let suffix = &key[shared..];
        for len in [shared, suffix.len(), value.len()] {
            coding::put_varint(&mut self.contents, len as u64);
        }
        self.contents.extend_from_slice(suffix);
        self.contents.extend_from_slice(value);
        self.last_key.truncate(shared);
        self.last_key.extend_from_slice(suffix);
        self.run += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }

    /// The length of the contents, were it finished now.
    pub(super) fn len(&self) -> usize {
        self.contents.len() + 4 * self.restarts.len() + 4
    }

    /// The contents; what is left is an empty builder.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        let done = std::mem::replace(self, Self::new(self.restart_interval));
        let mut contents = done.contents;
        for restart in &done.restarts {
            contents.extend_from_slice(&restart.to_le_bytes());
        }
        contents.extend_from_slice(&(done.restarts.len() as u32).to_le_bytes());
        contents
    }
}

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let words = a.chunks_exact(8).zip(b.chunks_exact(8));
    let words = 8 * words.take_while(|(a, b)| a == b).count();
    let rest = a[words..].iter().zip(&b[words..]);
    words + rest.take_while(|(a, b)| a == b).count()
}
