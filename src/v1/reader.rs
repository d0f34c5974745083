//! A V1 checkpoint open for reading.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use prost::Message;

use super::meta::{StoredSlice, Tensor, add_tensors};
use super::values;
use crate::bundle::{Cut, encode_slice_key};
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::proto::{SavedTensorSlices, TensorValues};
use crate::storage::Storage;
use crate::table::{Table, TableOptions};
use crate::tensor::{DType, Overlap, Region, Shape, Slice, Strings, check_partition};

/// The key of what tensors there are.
const META_KEY: &[u8] = b"";

/// A V1 checkpoint open for reading. It never changes, and any number of threads
/// may read from it at once.
///
/// Opening reads of each file the index and the block with the metadata. Values
/// come out in this machine's byte order, elements in C order; they are always
/// checked, because the checksums are those of the blocks they stand in.
#[derive(Debug)]
pub struct Reader {
    pub(super) files: Vec<File>,
    tensors: BTreeMap<Vec<u8>, Tensor>,
}

#[derive(Debug)]
pub(super) struct File {
    pub(super) table: Table,
    pub(super) path: PathBuf,
}

impl Reader {
    /// Opens the checkpoint that these files are together: one, or all the shards
    /// of one.
    ///
    /// # Errors
    /// `NotFound` where one is not there; `DataLoss` where one is damaged, or
    /// contradicts another; `Unsupported` where its version asks for another reader.
    pub fn open(
        storage: &dyn Storage,
        paths: &[impl AsRef<Path>],
        options: &TableOptions,
    ) -> Result<Self> {
        let mut reader = Self { files: Vec::new(), tensors: BTreeMap::new() };
        for path in paths {
            reader.add_file(storage, path.as_ref(), options).in_file(path.as_ref())?;
        }
        Ok(reader)
    }

    fn add_file(
        &mut self,
        storage: &dyn Storage,
        path: &Path,
        options: &TableOptions,
    ) -> Result<()> {
        let table = Table::open(storage.open(path)?, options)?;
        let value = table
            .get(META_KEY)?
            .ok_or_else(|| Error::data_loss("there is no metadata: this is not a V1 checkpoint"))?;
        let meta = decode(&value)?
            .meta
            .ok_or_else(|| Error::data_loss("the metadata say nothing of tensors"))?;
        add_tensors(meta, self.files.len(), &mut self.tensors)?;
        self.files.push(File { table, path: path.to_path_buf() });
        Ok(())
    }

    /// How many files it has.
    pub fn num_files(&self) -> usize {
        self.files.len()
    }

    /// The path of file `file`, counted from 0.
    pub fn path(&self, file: usize) -> Option<&Path> {
        self.files.get(file).map(|file| file.path.as_path())
    }

    /// The tensors by name.
    pub fn tensors(&self) -> &BTreeMap<Vec<u8>, Tensor> {
        &self.tensors
    }

    /// Reads `slice` of a tensor of a fixed element size, the whole of it where
    /// that is `None`, into the front of `dst`; returns how many bytes that took.
    ///
    /// # Errors
    /// `NotFound`; `BufferTooSmall`; `InvalidArgument` for strings, or where the
    /// slice reaches outside; `Unsupported` for types that V1 can't hold;
    /// `DataLoss` where values are damaged or missing.
    pub fn read_into(&self, name: &[u8], slice: Option<&Slice>, dst: &mut [u8]) -> Result<usize> {
        let plan = self.plan(name, slice).for_tensor(name)?;
        let size = plan.element_size().for_tensor(name)?;
        let needed = plan.shape.byte_size(size)?;
        let have = dst.len();
        let dst = usize::try_from(needed).ok().and_then(|needed| dst.get_mut(..needed));
        let dst = dst.ok_or_else(|| {
            let message = format!("{needed} bytes wanted, the buffer has {have}");
            Error::new(ErrorKind::BufferTooSmall, message).for_tensor(name)
        })?;
        for part in &plan.parts {
            let stored = self.slice_bytes(name, plan.tensor, part).for_tensor(name)?;
            part.overlap.scatter(&stored, size, dst);
        }
        Ok(dst.len())
    }

    /// Reads cuts of a tensor, each to its place in `dst`, which is all of the region
    /// `wanted`; the rest of it stays as it is.
    pub(crate) fn read_cuts(
        &self,
        name: &[u8],
        wanted: &Region,
        cuts: &[Cut],
        dst: &mut [u8],
    ) -> Result<()> {
        let tensor = self.tensor(name)?;
        for Cut { stored, region } in cuts {
            let no_slice = || Error::data_loss("it has other slices than before").for_tensor(name);
            let stored = tensor.slices.get(*stored).ok_or_else(no_slice)?;
            let whole = stored.slice.region(&tensor.shape).for_tensor(name)?;
            let Some(overlap) = Overlap::within(region, &whole, wanted) else { continue };
            let part = Part { stored, overlap };
            let bytes = self.slice_bytes(name, tensor, &part).for_tensor(name)?;
            part.overlap.scatter(&bytes, element_size(tensor.dtype).for_tensor(name)?, dst);
        }
        Ok(())
    }

    /// Reads `slice` of a tensor of a fixed element size, the whole of it where
    /// that is `None`, into memory of its own.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into).
    pub fn read(&self, name: &[u8], slice: Option<&Slice>) -> Result<Vec<u8>> {
        let plan = self.plan(name, slice).for_tensor(name)?;
        let size = plan.element_size().for_tensor(name)?;
        let needed = plan.shape.byte_size(size)?;
        // What is allocated here is backed by values that were in the files.
        let decode = |part| self.slice_bytes(name, plan.tensor, part);
        let mut parts =
            plan.parts.iter().map(decode).collect::<Result<Vec<_>>>().for_tensor(name)?;
        if let [only] = parts.as_mut_slice() {
            if only.len() as u64 == needed {
                return Ok(std::mem::take(only));
            }
        }
        let mut data = vec![0; needed as usize];
        for (part, stored) in plan.parts.iter().zip(&parts) {
            part.overlap.scatter(stored, size, &mut data);
        }
        Ok(data)
    }

    /// Reads `slice` of a string tensor, the whole of it where that is `None`.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into); `InvalidArgument` for types of a
    /// fixed element size.
    pub fn read_strings(&self, name: &[u8], slice: Option<&Slice>) -> Result<Strings> {
        let plan = self.plan(name, slice).for_tensor(name)?;
        if plan.tensor.dtype != DType::STRING {
            let message = format!("{} is not a string tensor", plan.tensor.dtype);
            return Err(Error::invalid(message).for_tensor(name));
        }
        let decode = |part: &Part<'_>| {
            let (values, elements) = self.slice_values(name, plan.tensor, part)?;
            values::to_strings(&values, elements)
        };
        let parts = plan.parts.iter().map(decode).collect::<Result<Vec<_>>>().for_tensor(name)?;
        Ok(Strings::gather(plan.parts.iter().map(|part| &part.overlap), &parts))
    }

    /// Checks that the slices of a tensor make it up, each element just once; or
    /// where it `may_lack` some, at most once.
    pub(super) fn check_whole(&self, name: &[u8], may_lack: bool) -> Result<()> {
        match may_lack {
            true => stored_regions(self.tensor(name)?).map(drop),
            false => self.plan(name, None).map(drop),
        }
    }

    fn tensor(&self, name: &[u8]) -> Result<&Tensor> {
        self.tensors.get(name).ok_or_else(|| {
            let error = Error::not_found("there is no such tensor");
            match self.files.first() {
                Some(file) => error.in_file(&file.path),
                None => error,
            }
        })
    }

    fn plan(&self, name: &[u8], slice: Option<&Slice>) -> Result<Plan<'_>> {
        Plan::new(self.tensor(name)?, slice)
    }

    fn slice_bytes(&self, name: &[u8], tensor: &Tensor, part: &Part<'_>) -> Result<Vec<u8>> {
        let (values, elements) = self.slice_values(name, tensor, part)?;
        values::to_bytes(&values, tensor.dtype, elements)
            .in_file(&self.files[part.stored.file].path)
    }

    /// The values of a stored slice, and how many elements it has.
    fn slice_values(
        &self,
        name: &[u8],
        tensor: &Tensor,
        part: &Part<'_>,
    ) -> Result<(TensorValues, u64)> {
        let file = &self.files[part.stored.file];
        let damaged = |message: String| Error::data_loss(message).in_file(&file.path);
        let slice = &part.stored.slice;
        let value = file.table.get(&encode_slice_key(name, slice)).in_file(&file.path)?;
        let value = value.ok_or_else(|| damaged(format!("its slice '{slice}' has no entry")))?;
        let data = decode(&value).in_file(&file.path)?.data;
        let data = data.ok_or_else(|| damaged(format!("its slice '{slice}' has no values")))?;
        if data.name != name {
            let other = data.name.escape_ascii();
            return Err(damaged(format!(
                "the values of its slice '{slice}' are those of '{other}'"
            )));
        }
        let elements = slice.shape(&tensor.shape)?.num_elements();
        Ok((data.data.unwrap_or_default(), elements))
    }
}

fn decode(value: &[u8]) -> Result<SavedTensorSlices> {
    SavedTensorSlices::decode(value)
        .map_err(|error| Error::data_loss(format!("an entry is not a SavedTensorSlices: {error}")))
}

/// What is wanted of a tensor, and the stored slices that make it up.
struct Plan<'t> {
    tensor: &'t Tensor,
    shape: Shape,
    parts: Vec<Part<'t>>,
}

struct Part<'t> {
    stored: &'t StoredSlice,
    overlap: Overlap,
}

impl<'t> Plan<'t> {
    fn new(tensor: &'t Tensor, slice: Option<&Slice>) -> Result<Self> {
        let wanted = match slice {
            Some(slice) => slice.region(&tensor.shape)?,
            None => Region::whole(&tensor.shape),
        };
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
        if covered != wanted.num_elements() {
            return Err(Error::data_loss(format!(
                "its {} stored slices have {covered} of the {} elements wanted",
                tensor.slices.len(),
                wanted.num_elements()
            )));
        }
        Ok(Self { tensor, shape: Shape::new(wanted.lengths().to_vec())?, parts })
    }

    fn element_size(&self) -> Result<usize> {
        element_size(self.tensor.dtype)
    }
}

fn element_size(dtype: DType) -> Result<usize> {
    dtype.size().ok_or_else(|| match dtype {
        DType::STRING => Error::invalid(format!("{dtype} is read as strings")),
        _ => Error::unsupported(format!("{dtype} has no values in a file")),
    })
}

fn stored_regions(tensor: &Tensor) -> Result<Vec<Region>> {
    let regions = tensor.slices.iter().map(|stored| stored.slice.region(&tensor.shape));
    let regions = regions.collect::<Result<Vec<_>>>()?;
    check_partition(&regions).map_err(|(one, other)| {
        let spec = |at: usize| &tensor.slices[at].slice;
        let message = format!("its stored slices '{}' and '{}' overlap", spec(one), spec(other));
        Error::data_loss(message)
    })?;
    Ok(regions)
}
