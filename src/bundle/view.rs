//! A tensor's stored bytes where they are: in the mapped file.

use std::ops::{Deref, Range};
use std::sync::Arc;

use super::entry::Entry;
use crate::error::{Error, Result};
use crate::storage::Mapping;
use crate::tensor::DType;

/// The elements of a tensor in a mapped data file, C order, without a copy.
///
/// It keeps the mapping alive and may outlive the reader. The risks of a mapping
/// are those of [`Mapping`]: should another process cut the file short, touching
/// the view raises `SIGBUS`.
#[derive(Clone, Debug)]
pub struct View {
    /// `None` where there are no bytes to show.
    mapping: Option<Arc<Mapping>>,
    range: Range<usize>,
    dtype: DType,
}

impl View {
    pub(super) fn empty(dtype: DType) -> Self {
        Self { mapping: None, range: 0..0, dtype }
    }

    pub(super) fn new(mapping: Arc<Mapping>, entry: &Entry) -> Result<Self> {
        let &Entry { offset, size, dtype, .. } = entry;
        let start = usize::try_from(offset).ok();
        let end = offset.checked_add(size).and_then(|end| usize::try_from(end).ok());
        let range = start.zip(end).map(|(start, end)| start..end);
        let range = range.filter(|range| range.end <= mapping.bytes().len());
        let range = range.ok_or_else(|| {
            Error::data_loss(format!("{size} bytes at {offset} reach beyond the mapped file"))
        })?;
        Ok(Self { mapping: Some(mapping), range, dtype })
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The largest power of two that the address of the first byte is a multiple
    /// of, 4096 at most. A view as `&[f32]` needs 4.
    pub fn alignment(&self) -> usize {
        let address = self.as_ptr() as usize;
        1 << address.trailing_zeros().min(12)
    }
}

impl Deref for View {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // `new` has checked the range.
        let bytes = self.mapping.as_ref().and_then(|m| m.bytes().get(self.range.clone()));
        bytes.unwrap_or_default()
    }
}
