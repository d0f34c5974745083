//! Memory that is read into.

use std::ops::Deref;

use super::ReadFile;
use super::reserve::Part;
use crate::error::Result;

/// Bytes of a file, on the heap or in a [`Reserve`](super::Reserve).
#[derive(Debug)]
pub(crate) enum Buffer {
    Heap(Vec<u8>),
    Reserved(Part),
}

impl Buffer {
    /// Reads the `len` bytes from `offset` on; no more than it has, if it is reserved.
    ///
    /// # Errors
    /// As of [`ReadFile::read_exact_at`].
    pub(crate) fn read(&mut self, file: &dyn ReadFile, len: usize, offset: u64) -> Result<()> {
        match self {
            Self::Heap(bytes) => {
                bytes.clear();
                file.append_exact_at(bytes, len, offset)
            }
            Self::Reserved(part) => {
                part.truncate(len);
                file.read_exact_at(part, offset)
            }
        }
    }

    /// Leaves out the bytes from `len` on.
    pub(crate) fn truncate(&mut self, len: usize) {
        match self {
            Self::Heap(bytes) => bytes.truncate(len),
            Self::Reserved(part) => part.truncate(len),
        }
    }

    /// How much it takes of the heap.
    pub(crate) fn heap_len(&self) -> usize {
        match self {
            Self::Heap(bytes) => bytes.capacity(),
            Self::Reserved(_) => 0,
        }
    }

    /// Gives up its memory, if that is of the heap.
    pub(crate) fn into_heap(self) -> Vec<u8> {
        match self {
            Self::Heap(bytes) => bytes,
            Self::Reserved(_) => Vec::new(),
        }
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::Heap(Vec::new())
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Heap(bytes)
    }
}

impl Deref for Buffer {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Heap(bytes) => bytes,
            Self::Reserved(part) => part,
        }
    }
}
