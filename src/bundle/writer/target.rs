//! What is about to be written.

use std::borrow::Cow;

use crate::bundle::entry::Entry;
use crate::bundle::slice_key::encode_slice_key;
use crate::error::{Error, Result};
use crate::tensor::{DType, Shape, Slice};

/// What is about to be written: a tensor, or a slice of one.
pub(super) struct Target<'a> {
    pub(super) name: &'a [u8],
    pub(super) dtype: DType,
    /// Of the whole tensor.
    pub(super) shape: &'a Shape,
    pub(super) slice: Option<&'a Slice>,
}

impl<'a> Target<'a> {
    pub(super) fn new(
        name: &'a [u8],
        dtype: DType,
        shape: &'a Shape,
        slice: Option<&'a Slice>,
    ) -> Self {
        let whole = Self::whole(name, dtype, shape);
        slice.map_or(whole, |slice| Self::part(name, dtype, shape, slice))
    }

    pub(super) fn whole(name: &'a [u8], dtype: DType, shape: &'a Shape) -> Self {
        Self { name, dtype, shape, slice: None }
    }

    pub(super) fn part(name: &'a [u8], dtype: DType, shape: &'a Shape, slice: &'a Slice) -> Self {
        let slice = (!slice.is_whole(shape)).then_some(slice);
        Self { name, dtype, shape, slice }
    }

    /// The shape of what is stored: of the slice, or of the tensor.
    pub(super) fn stored_shape(&self) -> Result<Shape> {
        self.slice.map_or_else(|| Ok(self.shape.clone()), |slice| slice.shape(self.shape))
    }

    /// The entry of what is stored, its place and CRC still 0.
    ///
    /// # Errors
    /// `Unsupported` where the elements have no fixed size; `InvalidArgument` where there
    /// are too many, or the slice reaches outside.
    pub(super) fn entry(&self) -> Result<Entry> {
        let element_size = self.dtype.size().ok_or_else(|| {
            Error::unsupported(format!("{} has no fixed element size", self.dtype))
        })?;
        let shape = self.stored_shape()?;
        let size = shape.byte_size(element_size)?;
        let (dtype, slices) = (self.dtype, Vec::new());
        Ok(Entry { dtype, shape, shard: 0, offset: 0, size, crc32c: 0, slices })
    }

    /// The same, of values that must be just these.
    pub(super) fn entry_of(&self, data: &[u8]) -> Result<Entry> {
        let entry = self.entry()?;
        if data.len() as u64 != entry.size {
            return Err(Error::invalid(format!(
                "{} bytes given, but {} of shape {} takes {}",
                data.len(),
                self.dtype,
                entry.shape,
                entry.size
            )));
        }
        Ok(entry)
    }

    /// The key of what is stored.
    pub(super) fn key(&self) -> Cow<'a, [u8]> {
        match self.slice {
            Some(slice) => encode_slice_key(self.name, slice).into(),
            None => self.name.into(),
        }
    }

    pub(super) fn owned(&self) -> OwnedTarget {
        OwnedTarget {
            name: self.name.to_vec(),
            dtype: self.dtype,
            shape: self.shape.clone(),
            slice: self.slice.cloned(),
        }
    }
}

/// A [`Target`] that is kept until its entry is complete.
#[derive(Debug)]
pub(super) struct OwnedTarget {
    pub(super) name: Vec<u8>,
    dtype: DType,
    shape: Shape,
    slice: Option<Slice>,
}

impl OwnedTarget {
    pub(super) fn borrowed(&self) -> Target<'_> {
        Target {
            name: &self.name,
            dtype: self.dtype,
            shape: &self.shape,
            slice: self.slice.as_ref(),
        }
    }
}
