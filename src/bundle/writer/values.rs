//! Values in memory on their way to the file.

use std::ops::Range;

use super::lane::{Bytes, Memory};
use crate::error::Result;
use crate::tensor::swap_bytes;

/// Values in memory.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) data: &'a [u8],
    /// Every how many bytes are turned round; 1 for none.
    pub(super) swap_unit: usize,
}

impl Bytes for Values<'_> {
    fn len(&self) -> u64 {
        self.data.len() as u64
    }

    fn part<'s>(&'s self, part: Range<u64>, memory: &'s mut Memory) -> Result<&'s [u8]> {
        let (start, end) = (part.start as usize, part.end as usize);
        if self.swap_unit == 1 {
            return Ok(&self.data[start..end]);
        }
        // What is turned round are whole elements.
        let whole = start - start % self.swap_unit..end.next_multiple_of(self.swap_unit);
        let before = start - whole.start;
        let swapped = &mut memory.made;
        swapped.clear();
        swapped.extend_from_slice(&self.data[whole]);
        swap_bytes(swapped, self.swap_unit);
        Ok(&swapped[before..before + (end - start)])
    }
}
