//! What tensors there are: the value of the key `""`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use prost::Message;

use super::wire::{Field, Fields, Value};
use crate::bundle::{Version, parse_shape, parse_slice};
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::proto::{SavedSliceMeta, VersionDef};
use crate::tensor::{DType, Shape, Slice};

/// The most bytes of metadata that are read, of each file. Millions of tensors take
/// fewer; in memory they take some ten times as many.
const MAX_BYTES: usize = 256 << 20;

/// The fields of `SavedTensorSlices` and of its `SavedTensorSliceMeta`.
const META: u32 = 1;
const TENSOR: u32 = 1;
const VERSIONS: u32 = 2;

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

/// Adds what the metadata of file number `file` say to what the files before said.
pub(super) fn add_tensors(
    value: &[u8],
    file: usize,
    tensors: &mut BTreeMap<Vec<u8>, Tensor>,
) -> Result<()> {
    if value.len() > MAX_BYTES {
        let message = format!("{} bytes of metadata, the limit is {MAX_BYTES}", value.len());
        return Err(Error::new(ErrorKind::ResourceLimit, message));
    }
    let metas = Fields::new(value).bytes(META).collect::<Result<Vec<_>>>()?;
    if metas.is_empty() {
        return Err(Error::data_loss("the metadata say nothing of tensors"));
    }
    check_version(&metas)?;
    for meta in metas {
        for tensor in Fields::new(meta).bytes(TENSOR) {
            // One by one: all these messages are never there at once.
            let tensor = SavedSliceMeta::decode(tensor?).map_err(damaged)?;
            let name = tensor.name.clone();
            add_tensor(tensor, file, tensors).for_tensor(&name)?;
        }
    }
    Ok(())
}

fn check_version(metas: &[&[u8]]) -> Result<()> {
    let mut versions = VersionDef::default();
    for field in metas.iter().flat_map(|meta| Fields::new(meta)) {
        if let Field { number: VERSIONS, value: Value::Bytes(bytes) } = field? {
            versions.merge(bytes).map_err(damaged)?;
        }
    }
    Version::from_message(versions).check()
}

fn damaged(error: prost::DecodeError) -> Error {
    Error::data_loss(format!("the metadata are no SavedTensorSliceMeta: {error}"))
}

fn add_tensor(
    meta: SavedSliceMeta,
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
    match tensors.entry(meta.name) {
        Entry::Vacant(place) => {
            place.insert(Tensor { dtype, shape, slices });
        }
        Entry::Occupied(mut place) => {
            place.get().check_same(dtype, &shape)?;
            place.get_mut().slices.extend(slices);
        }
    }
    Ok(())
}

impl Tensor {
    /// Refuses slices of what the tensor is not.
    fn check_same(&self, dtype: DType, shape: &Shape) -> Result<()> {
        if self.dtype == dtype && self.shape == *shape {
            return Ok(());
        }
        Err(Error::data_loss(format!(
            "{dtype} of shape {shape} here, {} of shape {} in a file before",
            self.dtype, self.shape
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_have_a_limit() {
        let error = add_tensors(&vec![0; MAX_BYTES + 1], 0, &mut BTreeMap::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResourceLimit);
    }
}
