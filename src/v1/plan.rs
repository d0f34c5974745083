//! From what is wanted of a tensor to the stored slices that make it up.

use super::meta::{StoredSlice, Tensor};
use crate::error::{Error, Result};
use crate::tensor::{DType, Overlap, Region, Shape, Slice, Target, check_partition};

/// What is wanted of a tensor, and the stored slices that make it up.
pub(super) struct Plan<'t> {
    pub(super) tensor: &'t Tensor,
    /// Of what is wanted.
    pub(super) shape: Shape,
    /// How many elements there is room for from the first to the last where they go.
    pub(super) span: u64,
    pub(super) parts: Vec<Part<'t>>,
}

/// A stored slice, and what of it is wanted.
pub(super) struct Part<'t> {
    pub(super) stored: &'t StoredSlice,
    pub(super) overlap: Overlap,
}

impl<'t> Plan<'t> {
    pub(super) fn new(
        tensor: &'t Tensor,
        slice: Option<&Slice>,
        strides: Option<&[i64]>,
    ) -> Result<Self> {
        let wanted = match slice {
            Some(slice) => slice.region(&tensor.shape)?,
            None => Region::whole(&tensor.shape),
        };
        // Elements without a size go to no memory of the caller's.
        let wanted = Target::new(wanted, strides, tensor.dtype.size().unwrap_or(1))?;
        if tensor.slices.is_empty() {
            return Err(Error::data_loss("it has no stored slice"));
        }
        let regions = stored_regions(tensor)?;
        let parts: Vec<Part<'_>> = tensor
            .slices
            .iter()
            .zip(&regions)
            .filter_map(|(stored, region)| {
                Overlap::new(region, &wanted).map(|overlap| Part { stored, overlap })
            })
            .collect();
        let covered: u64 = parts.iter().map(|part| part.overlap.num_elements()).sum();
        let elements = wanted.region().num_elements();
        if covered != elements {
            return Err(Error::data_loss(format!(
                "its {} stored slices have {covered} of the {elements} elements wanted",
                tensor.slices.len()
            )));
        }
        let shape = Shape::new(wanted.region().lengths())?;
        Ok(Self { tensor, shape, span: wanted.span(), parts })
    }

    /// How many bytes the elements have in memory.
    pub(super) fn byte_size(&self) -> Result<u64> {
        // It is the file that says a shape of so many bytes.
        let size = element_size(self.tensor.dtype)?;
        self.shape.byte_size(size).map_err(|error| Error::data_loss(error.message()))
    }

    /// The one stored slice that is just what is wanted, if it is so.
    pub(super) fn single(&self) -> Result<Option<&'t StoredSlice>> {
        let [part] = self.parts.as_slice() else { return Ok(None) };
        let stored = part.stored.slice.shape(&self.tensor.shape)?.num_elements();
        let all = stored == self.shape.num_elements() && stored == part.overlap.num_elements();
        Ok(all.then_some(part.stored))
    }
}

impl Part<'_> {
    /// The first of the wanted elements that this part is, where it is all of its
    /// stored slice and these elements lie together.
    pub(super) fn all_in_one_go(&self, shape: &Shape) -> Result<Option<u64>> {
        let elements = self.stored.slice.shape(shape)?.num_elements();
        let run = self.overlap.runs().next();
        Ok(run.filter(|run| run.len == elements).map(|run| run.wanted))
    }
}

pub(super) fn stored_regions(tensor: &Tensor) -> Result<Vec<Region>> {
    let regions = tensor.slices.iter().map(|stored| stored.slice.region(&tensor.shape));
    let regions = regions.collect::<Result<Vec<_>>>()?;
    check_partition(&regions).map_err(|(one, other)| {
        let spec = |at: usize| &tensor.slices[at].slice;
        let message = format!("its stored slices '{}' and '{}' overlap", spec(one), spec(other));
        Error::data_loss(message)
    })?;
    Ok(regions)
}

/// Bytes of an element, of types that have a fixed size.
pub(super) fn element_size(dtype: DType) -> Result<usize> {
    dtype.size().ok_or_else(|| match dtype {
        DType::STRING => Error::invalid(format!("{dtype} is read as strings")),
        _ => Error::unsupported(format!("{dtype} has no values in a file")),
    })
}
