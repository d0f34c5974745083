//! Tensors to be read, as callers name them.

use crate::error::Result;
use crate::tensor::Slice;

/// One of many tensors to be read.
#[derive(Debug, Default)]
pub struct ReadRequest<'a> {
    /// The tensor's name.
    pub name: &'a [u8],
    /// What of it; all of it where that is `None`.
    pub slice: Option<Slice>,
    /// Where to, C order; longer than needed is fine.
    pub dst: &'a mut [u8],
    /// How many bytes lie between the first of neighbours along each dimension of what
    /// is read, where that is not packed: what is read goes to a part of a larger
    /// array. Bytes between are left as they are.
    ///
    /// Each is a multiple of the element size, and no less than what its neighbours
    /// take: rows may lie apart, but neither backwards, nor in each other. Along a
    /// dimension of fewer than two elements it means nothing.
    pub dst_strides: Option<&'a [i64]>,
}

impl ReadRequest<'_> {
    /// The same, for as long as this is not looked at.
    fn lent(&mut self) -> ReadRequest<'_> {
        let Self { name, slice, dst, dst_strides } = self;
        ReadRequest { name, slice: slice.clone(), dst, dst_strides: *dst_strides }
    }
}

/// Requests that are made when they are asked for: a million of them, all at the same time,
/// would take longer to put down than to carry out.
pub(crate) trait ReadRequests<'a>: Send {
    /// How many are left.
    fn len(&self) -> usize;

    /// The next, if there is one. No memory goes to two of them.
    fn next(&mut self) -> Option<Result<ReadRequest<'a>>>;

    /// The next few, with which there is as much to do as is worth a thread's while; none
    /// at the end.
    fn next_few(&mut self) -> Result<Vec<ReadRequest<'a>>> {
        let mut few = Vec::with_capacity(self.len().min(FEW));
        let mut bytes = 0usize;
        while few.len() < FEW && bytes < FEW_BYTES {
            let Some(request) = self.next().transpose()? else { break };
            bytes = bytes.saturating_add(request.dst.len());
            few.push(request);
        }
        Ok(few)
    }
}

/// So many requests are handled together: what belongs to them stays in the cache.
pub(super) const FEW: usize = 1024;
/// With so many bytes fewer are enough.
pub(super) const FEW_BYTES: usize = 1 << 20;

/// All that are left.
pub(crate) fn all_of<'a>(requests: &mut dyn ReadRequests<'a>) -> Result<Vec<ReadRequest<'a>>> {
    let mut all = Vec::with_capacity(requests.len());
    while let Some(request) = requests.next() {
        all.push(request?);
    }
    Ok(all)
}

/// Those of a caller who has them at hand.
pub(crate) struct Listed<'r, 'a>(std::slice::IterMut<'r, ReadRequest<'a>>);

impl<'r, 'a> Listed<'r, 'a> {
    pub(crate) fn new(requests: &'r mut [ReadRequest<'a>]) -> Self {
        Self(requests.iter_mut())
    }
}

impl<'r> ReadRequests<'r> for Listed<'r, '_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn next(&mut self) -> Option<Result<ReadRequest<'r>>> {
        self.0.next().map(|request| Ok(request.lent()))
    }
}
