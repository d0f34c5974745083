//! What tensors there are: the value of the key `""`.

use std::collections::BTreeMap;

use crate::bundle::{Version, parse_shape, parse_slice};
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::proto;
use crate::tensor::{DType, Shape, Slice};

/// A tensor of a V1 checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// The type of its elements.
    pub dtype: DType,
    /// The shape of the whole.
    pub shape: Shape,
    /// Its stored slices; one that is the whole for a tensor that was not cut.
    pub slices: Vec<StoredSlice>,
}

/// A stored slice of a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSlice {
    /// What of the tensor it is.
    pub slice: Slice,
    /// Which file has it, counted from 0.
    pub file: usize,
}

/// Adds what `meta`, of file number `file`, says to what the files before said.
pub(super) fn add_tensors(
    meta: proto::SavedTensorSliceMeta,
    file: usize,
    tensors: &mut BTreeMap<Vec<u8>, Tensor>,
) -> Result<()> {
    Version::from_message(meta.versions.unwrap_or_default()).check()?;
    for tensor in meta.tensor {
        let name = tensor.name.clone();
        add_tensor(tensor, file, tensors).for_tensor(&name)?;
    }
    Ok(())
}

fn add_tensor(
    meta: proto::SavedSliceMeta,
    file: usize,
    tensors: &mut BTreeMap<Vec<u8>, Tensor>,
) -> Result<()> {
    if meta.name.is_empty() {
        return Err(Error::data_loss("a tensor without a name"));
    }
    let dtype = DType::from_number(meta.r#type)
        .ok_or_else(|| Error::data_loss(format!("dtype {}, which is none", meta.r#type)))?;
    let shape = parse_shape(meta.shape.unwrap_or_default())?;
    let slices = meta.slice.iter().map(|slice| {
        let slice = parse_slice(slice);
        slice.region(&shape).map_err(|error| Error::new(ErrorKind::DataLoss, error.message()))?;
        Ok(StoredSlice { slice, file })
    });
    let slices = slices.collect::<Result<Vec<_>>>()?;
    match tensors.get_mut(&meta.name) {
        None => {
            tensors.insert(meta.name, Tensor { dtype, shape, slices });
        }
        Some(known) if known.dtype == dtype && known.shape == shape => known.slices.extend(slices),
        Some(known) => {
            return Err(Error::data_loss(format!(
                "{dtype} of shape {shape} here, {} of shape {} in a file before",
                known.dtype, known.shape
            )));
        }
    }
    Ok(())
}
