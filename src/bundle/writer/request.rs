//! Tensors to be written, as callers name them.

use super::target::Target;
use crate::error::Result;
use crate::tensor::{DType, Shape, Slice};

/// One of many tensors to be written.
#[derive(Clone, Debug)]
pub struct WriteRequest<'a> {
    /// The tensor's name.
    pub name: &'a [u8],
    /// The type of its elements.
    pub dtype: DType,
    /// The shape of the whole tensor.
    pub shape: Shape,
    /// What of it; all of it where that is `None`.
    pub slice: Option<Slice>,
    /// Its values, C order, in this machine's byte order.
    pub data: &'a [u8],
}

impl WriteRequest<'_> {
    pub(super) fn target(&self) -> Target<'_> {
        Target::new(self.name, self.dtype, &self.shape, self.slice.as_ref())
    }
}

/// A list of requests, whatever form the caller has it in. They are asked for more than
/// once, so that a million of them need not be there at the same time.
pub(crate) trait WriteRequests {
    fn len(&self) -> usize;

    /// Request number `number`, which is below [`len`](Self::len).
    fn get(&self, number: usize) -> Result<WriteRequest<'_>>;
}

impl WriteRequests for &[WriteRequest<'_>] {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn get(&self, number: usize) -> Result<WriteRequest<'_>> {
        Ok(self[number].clone())
    }
}
