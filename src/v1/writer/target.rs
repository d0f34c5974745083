//! What is about to be written, and whether V1 has a place for it.

use crate::error::{Error, Result};
use crate::tensor::{DType, Extent, Shape, Slice};
use crate::v1::encode::check_len;
use crate::v1::values::{Layout, cannot_hold};

/// TensorFlow reads V1 tensors of so many dimensions, and ends the program at more.
const MAX_RANK: usize = 8;

/// A slice of a tensor, or all of it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) name: Vec<u8>,
    pub(super) dtype: DType,
    /// Of the whole tensor.
    pub(super) shape: Shape,
    pub(super) slice: Slice,
}

impl Target {
    /// # Errors
    /// `InvalidArgument` for an empty name, or a slice that reaches outside;
    /// `Unsupported` for what V1 can't hold.
    pub(super) fn new(
        name: &[u8],
        dtype: DType,
        shape: &Shape,
        slice: Option<&Slice>,
    ) -> Result<Self> {
        if name.is_empty() {
            return Err(Error::invalid("a tensor needs a name"));
        }
        if std::str::from_utf8(name).is_err() {
            let message = "a name that is not UTF-8; TensorFlow reads no V1 file with such a name";
            return Err(Error::unsupported(message));
        }
        if dtype != DType::STRING {
            Layout::of(dtype)?;
        }
        if shape.rank() > MAX_RANK {
            return Err(Error::unsupported(format!(
                "{} dimensions; TensorFlow reads V1 tensors of up to {MAX_RANK}",
                shape.rank()
            )));
        }
        let slice = match slice {
            Some(slice) => stored_form(slice, shape)?,
            None => Slice::full(shape.rank()),
        };
        Ok(Self { name: name.to_vec(), dtype, shape: shape.clone(), slice })
    }

    /// Whether it is all of the tensor.
    pub(super) fn is_whole(&self) -> bool {
        self.slice.is_whole(&self.shape)
    }

    pub(super) fn num_elements(&self) -> Result<u64> {
        Ok(self.slice.shape(&self.shape)?.num_elements())
    }

    /// How many bytes its elements have in memory, if V1 has room for them.
    ///
    /// # Errors
    /// `InvalidArgument` for strings; `Unsupported` for more than V1 has room for.
    pub(super) fn byte_size(&self) -> Result<u64> {
        let size = match self.dtype.size() {
            Some(size) => size,
            None if self.dtype == DType::STRING => {
                let message = format!("{} has no fixed element size", self.dtype);
                return Err(Error::unsupported(message));
            }
            None => return Err(cannot_hold(self.dtype)),
        };
        let bytes = self.slice.shape(&self.shape)?.byte_size(size)?;
        check_len(Layout::of(self.dtype)?.least_len(bytes))?;
        Ok(bytes)
    }
}

/// The slice in the form in which it is stored: as it was given, but for the whole
/// of an empty tensor. TensorFlow has no slices of length 0.
fn stored_form(slice: &Slice, shape: &Shape) -> Result<Slice> {
    slice.region(shape)?;
    if slice.extents().iter().all(|extent| extent.length != Some(0)) {
        return Ok(slice.clone());
    }
    if slice.is_whole(shape) {
        return Ok(Slice::full(shape.rank()));
    }
    let of = |extent: &Extent| extent.length == Some(0);
    let dimension = slice.extents().iter().position(of).unwrap_or(0);
    Err(Error::unsupported(format!(
        "slice '{slice}' has length 0 in dimension {dimension}; in V1 there is no such slice"
    )))
}
