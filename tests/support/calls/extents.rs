//! The dimensions of tensors, and of slices of them.

use super::call::Cut;

/// What is told of where a tensor, or a slice of it, is.
#[derive(Default)]
pub struct Extents {
    pub dims: Vec<i64>,
    pub starts: Vec<i64>,
    pub lengths: Vec<i64>,
}

impl Extents {
    /// All of the same rank.
    pub fn of(mut dims: Vec<i64>, cut: &Cut) -> Self {
        let (mut starts, mut lengths) = cut.parts();
        let rank = dims.len().min(starts.len());
        dims.truncate(rank);
        starts.truncate(rank);
        lengths.truncate(rank);
        Self { dims, starts, lengths }
    }

    /// How many elements it has by that; below 0 where it can have none.
    pub fn count(&self) -> i64 {
        let length = |at: usize| match self.lengths[at] {
            -1 => self.dims[at] - self.starts[at],
            length => length,
        };
        (0..self.dims.len()).map(length).product()
    }
}

pub fn wide(dims: &[i8]) -> Vec<i64> {
    dims.iter().take(300).map(|&dim| dim.into()).collect()
}
