//! A file mapped into memory.

#![allow(unsafe_code)]

use std::fs::File;
use std::io;

/// The bytes of a whole file, mapped read-only.
///
/// A mapping shows the file as it is, not as it was: if another process writes
/// to the file, the bytes change under the reader; if it cuts the file short,
/// touching what is gone raises `SIGBUS`. This library never changes a committed
/// file in place, and neither does TensorFlow, but nothing can stop others; so
/// mapping is opt-in.
#[derive(Debug)]
pub struct Mapping(memmap2::Mmap);

impl Mapping {
    pub(super) fn of_file(file: &File) -> io::Result<Self> {
        // SAFETY: the mapping is read-only and private. That no one truncates or
        // rewrites the file meanwhile is what the caller accepted by asking for
        // a mapping; the documentation above and of every opt-in says so.
        unsafe { memmap2::Mmap::map(file) }.map(Self)
    }

    /// The mapped bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}
