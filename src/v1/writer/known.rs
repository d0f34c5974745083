//! What was written of a tensor, and what may come on top of it.

use super::target::Target;
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::{DType, Shape, Slice, check_partition};

/// What was written of a tensor.
#[derive(Debug)]
pub(super) struct Known {
    dtype: DType,
    shape: Shape,
    slices: Vec<Slice>,
}

impl Known {
    pub(super) fn new(dtype: DType, shape: Shape) -> Self {
        Self { dtype, shape, slices: Vec::new() }
    }

    pub(super) fn add(&mut self, slice: Slice) {
        self.slices.push(slice);
    }

    /// Refuses what was added already, `is_stored` itself or as the whole tensor, and
    /// a slice of what the tensor is not.
    pub(super) fn check_new(&self, target: &Target, is_stored: bool) -> Result<()> {
        if target.dtype != self.dtype || target.shape != self.shape {
            return Err(Error::invalid(format!(
                "a slice of {} of shape {}, but its slices before are of {} of shape {}",
                target.dtype, target.shape, self.dtype, self.shape
            )));
        }
        // Beside the whole there is no other.
        let has_whole = self.slices.first().is_some_and(|slice| slice.is_whole(&self.shape));
        if is_stored || has_whole || target.is_whole() {
            let what = match target.is_whole() {
                true => "a tensor".to_string(),
                false => format!("slice '{}'", target.slice),
            };
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                format!("{what} of this name was added already"),
            ));
        }
        Ok(())
    }

    /// Refuses slices that overlap. That they cover their tensor is not asked: a
    /// worker of many writes only its own.
    pub(super) fn check_slices(&self) -> Result<()> {
        // By their indices: TensorFlow refuses slices of nothing that overlap, too.
        let dims: Vec<i64> = self.shape.dims().iter().map(|&dim| dim.max(1)).collect();
        let shape = Shape::new(dims)?;
        let regions = self.slices.iter().map(|slice| slice.region(&shape));
        check_partition(&regions.collect::<Result<Vec<_>>>()?).map_err(|(one, other)| {
            let spec = |at: usize| &self.slices[at];
            Error::invalid(format!("its slices '{}' and '{}' overlap", spec(one), spec(other)))
        })
    }
}
