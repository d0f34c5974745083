//! A V1 checkpoint open for reading.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::entry::SavedSlice;
use super::meta::{StoredSlice, Tensor, add_tensors};
use super::plan::{Part, Plan, element_size, stored_regions};
use super::values::check_strings;
use crate::bundle::{self, Cut, encode_slice_key};
use crate::error::{Error, Result, ResultExt};
use crate::progress::Progress;
use crate::storage::Storage;
use crate::table::{Table, TableOptions};
use crate::tensor::{Overlap, Slice, Strings, Target};

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
        let file = self.files.len();
        let tensors = &mut self.tensors;
        let added = table.with_value(META_KEY, |value| add_tensors(value, file, tensors))?;
        added.ok_or_else(|| {
            Error::data_loss("there is no metadata: this is not a V1 checkpoint")
        })??;
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
    /// Besides `dst` and the block with them, memory is needed only for the
    /// elements of a stored slice that do not go into `dst` as they are.
    ///
    /// # Errors
    /// `NotFound`; `BufferTooSmall`; `InvalidArgument` for strings, or where the
    /// slice reaches outside; `Unsupported` for types that V1 can't hold;
    /// `DataLoss` where values are damaged or missing.
    pub fn read_into(&self, name: &[u8], slice: Option<&Slice>, dst: &mut [u8]) -> Result<usize> {
        self.read_watched(name, slice, None, dst, &Progress::none())
    }

    /// As [`read_into`](Reader::read_into), to places that many bytes apart. Between
    /// two stored slices it can be called off.
    pub(crate) fn read_watched(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        strides: Option<&[i64]>,
        dst: &mut [u8],
        progress: &Progress,
    ) -> Result<usize> {
        let plan = self.plan(name, slice, strides).for_tensor(name)?;
        plan.byte_size().for_tensor(name)?;
        let dst = front(&plan, dst).for_tensor(name)?;
        for part in &plan.parts {
            self.read_part(name, plan.tensor, part, dst, progress).for_tensor(name)?;
        }
        Ok(dst.len())
    }

    /// Reads `slice` of a tensor of a fixed element size, the whole of it where
    /// that is `None`, into memory of its own.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into).
    pub fn read(&self, name: &[u8], slice: Option<&Slice>) -> Result<Vec<u8>> {
        let plan = self.plan(name, slice, None).for_tensor(name)?;
        if let Some(stored) = plan.single().for_tensor(name)? {
            return self.stored_bytes(name, plan.tensor, stored).for_tensor(name);
        }
        let mut data = vec![0; self.check_values(name, &plan).for_tensor(name)?];
        self.read_into(name, slice, &mut data)?;
        Ok(data)
    }

    /// How many bytes a read of a tensor takes, or of `slice` of it. The files have
    /// the values for as many, which are counted: so much may be allocated.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into).
    pub fn read_size(&self, name: &[u8], slice: Option<&Slice>) -> Result<u64> {
        let plan = self.plan(name, slice, None).for_tensor(name)?;
        self.check_values(name, &plan).for_tensor(name).map(|bytes| bytes as u64)
    }

    /// Reads `slice` of a string tensor, the whole of it where that is `None`.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into); `InvalidArgument` for types of a
    /// fixed element size.
    pub fn read_strings(&self, name: &[u8], slice: Option<&Slice>) -> Result<Strings> {
        let plan = self.plan(name, slice, None).for_tensor(name)?;
        check_strings(plan.tensor.dtype).for_tensor(name)?;
        let decode = |part: &Part<'_>| self.stored_strings(name, plan.tensor, part.stored);
        let mut parts =
            plan.parts.iter().map(decode).collect::<Result<Vec<_>>>().for_tensor(name)?;
        if let ([part], [only]) = (plan.parts.as_slice(), parts.as_mut_slice()) {
            if part.overlap.num_elements() == only.len() as u64 {
                return Ok(std::mem::take(only));
            }
        }
        Ok(Strings::gather(plan.parts.iter().map(|part| &part.overlap), &parts))
    }

    /// The elements of stored slice number `stored` of a tensor of a fixed element
    /// size, counted as [`Tensor::slices`] has them.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into).
    pub fn read_stored(&self, name: &[u8], stored: usize) -> Result<Vec<u8>> {
        let tensor = self.tensor(name)?;
        let found = tensor.slices.get(stored);
        let found = found.ok_or_else(|| Error::invalid(format!("it has no slice {stored}")));
        self.stored_bytes(name, tensor, found.for_tensor(name)?).for_tensor(name)
    }

    /// Reads cuts of a tensor, each to its place in `dst`, which has all of what is
    /// `wanted`; the rest of it stays as it is.
    pub(crate) fn read_cuts(
        &self,
        name: &[u8],
        wanted: &Target,
        cuts: &[Cut],
        dst: &mut [u8],
        progress: &Progress,
    ) -> Result<()> {
        let tensor = self.tensor(name)?;
        for cut in cuts {
            let stored = stored_slice(tensor, cut).for_tensor(name)?;
            let whole = stored.slice.region(&tensor.shape).for_tensor(name)?;
            if let Some(overlap) = Overlap::within(&cut.region, &whole, wanted) {
                let part = Part { stored, overlap };
                self.read_part(name, tensor, &part, dst, progress).for_tensor(name)?;
            }
        }
        Ok(())
    }

    /// Checks that the files have the values for a read of these cuts, which are
    /// counted.
    pub(crate) fn check_cuts(&self, name: &[u8], cuts: &[Cut]) -> Result<()> {
        let tensor = self.tensor(name)?;
        cuts.iter().try_for_each(|cut| {
            let stored = stored_slice(tensor, cut).for_tensor(name)?;
            let counted = self.with_stored(name, tensor, stored, |stored, elements| {
                stored.elements.check_count(tensor.dtype, elements)
            });
            counted.for_tensor(name).map(drop)
        })
    }

    /// Checks that the slices of a tensor make it up, each element just once; or
    /// where it `may_lack` some, at most once.
    pub(super) fn check_whole(&self, name: &[u8], may_lack: bool) -> Result<()> {
        match may_lack {
            true => stored_regions(self.tensor(name)?).map(drop),
            false => self.plan(name, None, None).map(drop),
        }
    }

    fn plan(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        strides: Option<&[i64]>,
    ) -> Result<Plan<'_>> {
        Plan::new(self.tensor(name)?, slice, strides)
    }

    fn tensor(&self, name: &[u8]) -> Result<&Tensor> {
        self.tensors.get(name).ok_or_else(|| {
            let error = Error::not_found("there is no such tensor").for_tensor(name);
            match self.files.first() {
                Some(file) => error.in_file(&file.path),
                None => error,
            }
        })
    }

    /// How many bytes the elements of a plan have, when the files have these.
    fn check_values(&self, name: &[u8], plan: &Plan<'_>) -> Result<usize> {
        let bytes = plan.byte_size()?;
        for part in &plan.parts {
            self.with_stored(name, plan.tensor, part.stored, |stored, elements| {
                stored.elements.check_count(plan.tensor.dtype, elements)
            })?;
        }
        // The slices have no element twice, so these are no more than were counted.
        usize::try_from(bytes).map_err(|_| Error::invalid(format!("{bytes} bytes")))
    }

    /// Puts what is wanted of a stored slice where it belongs.
    fn read_part(
        &self,
        name: &[u8],
        tensor: &Tensor,
        part: &Part<'_>,
        dst: &mut [u8],
        progress: &Progress,
    ) -> Result<()> {
        progress.check()?;
        let size = element_size(tensor.dtype)?;
        self.put_part(name, tensor, part, size, dst)?;
        progress.advance(part.overlap.num_elements().saturating_mul(size as u64));
        Ok(())
    }

    fn put_part(
        &self,
        name: &[u8],
        tensor: &Tensor,
        part: &Part<'_>,
        size: usize,
        dst: &mut [u8],
    ) -> Result<()> {
        let at = |element: u64| element as usize * size;
        let Some(wanted) = part.all_in_one_go(&tensor.shape)? else {
            let stored = self.stored_bytes(name, tensor, part.stored)?;
            part.overlap.scatter(&stored, size, dst);
            return Ok(());
        };
        self.with_stored(name, tensor, part.stored, |stored, elements| {
            stored.elements.check_count(tensor.dtype, elements)?;
            stored.elements.copy_to(tensor.dtype, &mut dst[at(wanted)..at(wanted + elements)])
        })
    }

    /// The elements of a stored slice. Memory is taken for as many as there are.
    fn stored_bytes(&self, name: &[u8], tensor: &Tensor, stored: &StoredSlice) -> Result<Vec<u8>> {
        element_size(tensor.dtype)?;
        self.with_stored(name, tensor, stored, |stored, elements| {
            let mut data = vec![0; stored.elements.check_count(tensor.dtype, elements)?];
            stored.elements.copy_to(tensor.dtype, &mut data)?;
            Ok(data)
        })
    }

    /// How many bytes the elements of a stored slice take, if they are sound. Takes no
    /// memory for them.
    pub(super) fn check_stored(
        &self,
        name: &[u8],
        tensor: &Tensor,
        stored: &StoredSlice,
    ) -> Result<u64> {
        element_size(tensor.dtype)?;
        let check =
            |stored: &SavedSlice<'_>, elements| stored.elements.check(tensor.dtype, elements);
        self.with_stored(name, tensor, stored, check).map(|bytes| bytes as u64)
    }

    /// The elements of a stored slice of a string tensor.
    pub(super) fn stored_strings(
        &self,
        name: &[u8],
        tensor: &Tensor,
        stored: &StoredSlice,
    ) -> Result<Strings> {
        check_strings(tensor.dtype)?;
        let decode = |stored: &SavedSlice<'_>, elements| stored.elements.to_strings(elements);
        self.with_stored(name, tensor, stored, decode)
    }

    /// What `look` makes of the entry of a stored slice, and of how many elements
    /// the slice has.
    fn with_stored<T>(
        &self,
        name: &[u8],
        tensor: &Tensor,
        stored: &StoredSlice,
        look: impl FnOnce(&SavedSlice<'_>, u64) -> Result<T>,
    ) -> Result<T> {
        let StoredSlice { slice, file } = stored;
        let elements = slice.shape(&tensor.shape)?.num_elements();
        let file = &self.files[*file];
        let looked = file.table.with_value(&encode_slice_key(name, slice), |value| {
            let entry = SavedSlice::parse(value)?;
            entry.check_is(name, slice, &tensor.shape)?;
            look(&entry, elements)
        });
        let missing = || Error::data_loss(format!("its slice '{slice}' has no entry"));
        looked.and_then(|looked| looked.ok_or_else(missing)?).in_file(&file.path)
    }
}

/// The part of the caller's memory that a plan fills.
fn front<'d>(plan: &Plan<'_>, dst: &'d mut [u8]) -> Result<&'d mut [u8]> {
    let size = element_size(plan.tensor.dtype)? as u64;
    let needed = plan.span.checked_mul(size);
    bundle::front(needed.ok_or_else(|| Error::invalid("larger than memory"))?, dst)
}

/// The stored slice that a cut is of.
fn stored_slice<'t>(tensor: &'t Tensor, cut: &Cut) -> Result<&'t StoredSlice> {
    let stored = tensor.slices.get(cut.stored);
    stored.ok_or_else(|| Error::data_loss("it has other slices than before"))
}
