//! Tensors to be written, as callers name them.

use std::ops::Range;

use super::target::Target;
use crate::error::Result;
use crate::tensor::{DType, Shape, Slice, byte_size_of};

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

impl<'a> WriteRequest<'a> {
    pub(super) fn target(&self) -> Target<'_> {
        Target::new(self.name, self.dtype, &self.shape, self.slice.as_ref())
    }

    /// What it has apart from its shape.
    pub(super) fn values(&self) -> Whole<'a> {
        Whole { name: self.name, dtype: self.dtype, dims: &[], data: self.data }
    }
}

/// What most requests are: for a whole tensor.
#[derive(Clone, Copy)]
pub(crate) struct Whole<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) dtype: DType,
    pub(crate) dims: &'a [i64],
    pub(crate) data: &'a [u8],
}

impl Whole<'_> {
    /// How many bytes it has; `None` where anything is wrong with it.
    #[inline]
    pub(super) fn size(&self) -> Option<u64> {
        let size = byte_size_of(self.dims, self.dtype.size()?)?;
        (size == self.data.len() as u64 && !self.name.is_empty()).then_some(size)
    }
}

/// A list of requests, whatever form the caller has it in. They are asked for more than
/// once, so that a million of them need not be there at the same time.
pub(crate) trait WriteRequests {
    fn len(&self) -> usize;

    /// Request number `number`, which is below [`len`](Self::len).
    fn get(&self, number: usize) -> Result<WriteRequest<'_>>;

    /// Adds those of `numbers` to `whole`, in a fraction of the time, up to the first that
    /// is not for a whole tensor, or has something wrong with it that
    /// [`get`](Self::get) tells.
    fn take_whole<'r>(&'r self, numbers: Range<usize>, whole: &mut Vec<Whole<'r>>);
}

impl WriteRequests for &[WriteRequest<'_>] {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn get(&self, number: usize) -> Result<WriteRequest<'_>> {
        Ok(self[number].clone())
    }

    fn take_whole<'r>(&'r self, numbers: Range<usize>, whole: &mut Vec<Whole<'r>>) {
        let requests = <[_]>::get(self, numbers).unwrap_or_default();
        whole.extend(requests.iter().map_while(|request| {
            let WriteRequest { name, dtype, shape, slice, data } = request;
            let whole = Whole { name, dtype: *dtype, dims: shape.dims(), data };
            slice.is_none().then_some(whole)
        }));
    }
}
