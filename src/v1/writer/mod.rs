//! A V1 checkpoint being written.
//!
//! ```text
//! add, add_slice ──► an encoded entry ──► SliceFile, in memory, sorted by key
//!                              finish ──► a table for each ──► Staging::commit
//! ```

mod known;
mod options;
mod slice_file;
mod target;
mod tensor_writer;

pub use options::WriterOptions;
pub use tensor_writer::TensorWriter;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::known::Known;
use self::slice_file::SliceFile;
use self::target::Target;
use self::tensor_writer::OpenTensor;
use super::encode;
use super::names::{file_path, files_at};
use super::values::check_strings;
use crate::bundle::{WriteOptions, WriteRequest, WriteRequests, index_path};
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::storage::Staging;
use crate::table::is_table;
use crate::tensor::{DType, Shape, Slice, StringsRef};

/// A V1 checkpoint being written, for programs that can't read the V2 format. One
/// thread at a time.
///
/// The format wants all values sorted by name, in tables, so they stay in memory
/// until [`finish`](Writer::finish), encoded as the file will have them: floating
/// point numbers in the bytes that they take anyhow, an integer in one to ten.
/// While a tensor is added, that one is there twice. Nothing can be seen at the
/// prefix before `finish` returns; a writer that is dropped before leaves no file
/// behind.
///
/// Values are given in this machine's byte order, elements in C order. What is
/// written into one file is byte for byte what TensorFlow writes for the same tensors,
/// the slices of each in the same order. What TensorFlow does not write or could not
/// read is refused: other types than its savers took, names that are not UTF-8, more
/// than 8 dimensions, pieces of 2 GiB and more.
#[derive(Debug)]
pub struct Writer {
    prefix: PathBuf,
    options: WriterOptions,
    staging: Staging,
    files: Vec<SliceFile>,
    known: BTreeMap<Vec<u8>, Known>,
    open: Option<OpenTensor>,
}

impl Writer {
    /// Begins a checkpoint whose one file will be `prefix`. Directories that are
    /// missing are created.
    ///
    /// # Errors
    /// `AlreadyExists` where there is a checkpoint of that prefix, V1 or V2, or
    /// something else has its name; `Io`.
    pub fn create(prefix: impl AsRef<Path>) -> Result<Self> {
        Self::create_with(prefix, WriterOptions::default())
    }

    /// Begins a checkpoint in another way than the default. Of several files,
    /// each will be one `PREFIX-FFFFF-of-NNNNN`.
    ///
    /// # Errors
    /// `InvalidArgument` for options that make no sense; `AlreadyExists` where
    /// there is a checkpoint of that prefix and the options don't say to replace
    /// it, or it is a V2 checkpoint, or what has a name of it is no checkpoint;
    /// `Io`.
    pub fn create_with(prefix: impl AsRef<Path>, options: WriterOptions) -> Result<Self> {
        options.check()?;
        let prefix = prefix.as_ref().to_path_buf();
        if prefix.file_name().is_none() {
            return Err(Error::invalid("a prefix needs a last part, which the files begin with")
                .in_file(&prefix));
        }
        replaced(&prefix, &options)?;
        let staging = Staging::beside(options.storage.clone(), &prefix)?;
        let files = (0..options.num_files).map(|_| SliceFile::default()).collect();
        Ok(Self { prefix, options, staging, files, known: BTreeMap::new(), open: None })
    }

    /// The prefix it was created with.
    pub fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// Adds a tensor of a fixed element size.
    ///
    /// # Errors
    /// `InvalidArgument` for an empty name or where dtype and shape don't take
    /// just `data`; `AlreadyExists` for a name that was added before;
    /// `Unsupported` for what V1 can't hold.
    pub fn add(
        &mut self,
        name: impl AsRef<[u8]>,
        dtype: DType,
        shape: &Shape,
        data: &[u8],
    ) -> Result<()> {
        self.add_numbers(name.as_ref(), dtype, shape, None, data)
    }

    /// Adds a slice of a partitioned tensor of a fixed element size; `shape` is
    /// that of the whole tensor. Slices may come in any order, and among other
    /// tensors, but must not overlap.
    ///
    /// # Errors
    /// Those of [`add`](Writer::add); `InvalidArgument` where the slice reaches
    /// outside of the tensor, or dtype or shape are not those of the tensor's
    /// slices before; `Unsupported` where the slice has length 0 in a dimension
    /// that has another.
    pub fn add_slice(
        &mut self,
        name: impl AsRef<[u8]>,
        dtype: DType,
        shape: &Shape,
        slice: &Slice,
        data: &[u8],
    ) -> Result<()> {
        self.add_numbers(name.as_ref(), dtype, shape, Some(slice), data)
    }

    /// Adds a string tensor.
    ///
    /// # Errors
    /// Those of [`add`](Writer::add).
    pub fn add_strings<'a>(
        &mut self,
        name: impl AsRef<[u8]>,
        shape: &Shape,
        strings: impl Into<StringsRef<'a>>,
    ) -> Result<()> {
        self.add_elements(name.as_ref(), DType::STRING, shape, None, strings.into())
    }

    /// Adds a slice of a partitioned string tensor, as [`add_slice`](Writer::add_slice)
    /// does.
    ///
    /// # Errors
    /// Those of [`add_slice`](Writer::add_slice).
    pub fn add_strings_slice<'a>(
        &mut self,
        name: impl AsRef<[u8]>,
        shape: &Shape,
        slice: &Slice,
        strings: impl Into<StringsRef<'a>>,
    ) -> Result<()> {
        self.add_elements(name.as_ref(), DType::STRING, shape, Some(slice), strings.into())
    }

    /// Begins a tensor of a fixed element size whose bytes come in pieces. It is in
    /// memory as a whole when it ends.
    ///
    /// # Errors
    /// Those of [`add`](Writer::add).
    pub fn begin(
        &mut self,
        name: impl AsRef<[u8]>,
        dtype: DType,
        shape: &Shape,
    ) -> Result<TensorWriter<'_>> {
        self.begin_tensor(name.as_ref(), dtype, shape, None)?;
        Ok(TensorWriter::new(self))
    }

    /// Begins a slice of a partitioned tensor whose bytes come in pieces.
    ///
    /// # Errors
    /// Those of [`add_slice`](Writer::add_slice).
    pub fn begin_slice(
        &mut self,
        name: impl AsRef<[u8]>,
        dtype: DType,
        shape: &Shape,
        slice: &Slice,
    ) -> Result<TensorWriter<'_>> {
        self.begin_tensor(name.as_ref(), dtype, shape, Some(slice))?;
        Ok(TensorWriter::new(self))
    }

    /// Makes the checkpoint appear at its prefix: whole, and on stable storage
    /// unless the options say otherwise.
    ///
    /// # Errors
    /// `InvalidArgument` where slices of a tensor overlap or a tensor was begun
    /// and not finished; `AlreadyExists` where a checkpoint has appeared at the
    /// prefix meanwhile; `Unsupported` for more names than V1 has room for; `Io`.
    /// Nothing is left behind then.
    pub fn finish(mut self) -> Result<()> {
        self.check_none_open()?;
        self.known.iter().try_for_each(|(name, known)| known.check_slices().for_tensor(name))?;
        for (number, file) in (0..).zip(std::mem::take(&mut self.files)) {
            self.write(number, file)?;
        }
        self.staging.take_turn()?;
        let replaced = replaced(&self.prefix, &self.options)?;
        self.staging.commit(self.options.sync, &replaced)
    }

    /// The last file is the seal: without it the others are no checkpoint.
    fn write(&mut self, number: u32, file: SliceFile) -> Result<()> {
        let target = file_path(&self.prefix, number, self.options.num_files);
        let staged = match number + 1 == self.options.num_files {
            true => self.staging.create_seal(&target)?,
            false => self.staging.create(&target)?,
        };
        file.write(staged.as_ref()).in_file(&target)?;
        if self.options.sync { staged.sync() } else { Ok(()) }
    }

    /// Adds a tensor of a fixed element size, or `slice` of one.
    pub(crate) fn add_numbers(
        &mut self,
        name: &[u8],
        dtype: DType,
        shape: &Shape,
        slice: Option<&Slice>,
        data: &[u8],
    ) -> Result<()> {
        let target = self.target(name, dtype, shape, slice)?;
        let encode = || {
            let expected = target.byte_size()?;
            if data.len() as u64 != expected {
                return Err(Error::invalid(format!(
                    "{} bytes given, but {dtype} of shape {} takes {expected}",
                    data.len(),
                    target.slice.shape(shape)?
                )));
            }
            encode::numbers(name, &target.slice, dtype, data)
        };
        let entry = encode().for_tensor(name)?;
        self.insert(target, entry);
        Ok(())
    }

    /// Adds many tensors of fixed element sizes, or slices of some. Those before the one
    /// with an error are added.
    pub(crate) fn add_requests(
        &mut self,
        requests: &dyn WriteRequests,
        options: &WriteOptions,
    ) -> Result<()> {
        let progress = &options.progress;
        let size = |number| requests.get(number).map_or(0, |request| request.data.len() as u64);
        progress.begin(|| (0..requests.len()).map(size).sum()).in_file(&self.prefix)?;
        for number in 0..requests.len() {
            progress.check().in_file(&self.prefix)?;
            let WriteRequest { name, dtype, shape, slice, data } = requests.get(number)?;
            self.add_numbers(name, dtype, &shape, slice.as_ref(), data)?;
            progress.advance(data.len() as u64);
        }
        Ok(())
    }

    /// Adds a string tensor, or `slice` of one; `dtype` says whether it is one.
    pub(crate) fn add_elements(
        &mut self,
        name: &[u8],
        dtype: DType,
        shape: &Shape,
        slice: Option<&Slice>,
        strings: StringsRef<'_>,
    ) -> Result<()> {
        let target = self.target(name, dtype, shape, slice)?;
        let encode = || {
            check_strings(dtype)?;
            let expected = target.num_elements()?;
            if strings.len() as u64 != expected {
                return Err(Error::invalid(format!(
                    "{} elements given, shape {} has {expected}",
                    strings.len(),
                    target.slice.shape(shape)?
                )));
            }
            encode::strings(name, &target.slice, strings)
        };
        let entry = encode().for_tensor(name)?;
        self.insert(target, entry);
        Ok(())
    }

    /// Begins a tensor, or a slice of one, for a caller that can't hold a guard:
    /// [`end_tensor`](Self::end_tensor) or [`cancel_tensor`](Self::cancel_tensor)
    /// is up to him.
    pub(crate) fn begin_tensor(
        &mut self,
        name: &[u8],
        dtype: DType,
        shape: &Shape,
        slice: Option<&Slice>,
    ) -> Result<()> {
        let target = self.target(name, dtype, shape, slice)?;
        let size = target.byte_size().for_tensor(name)?;
        self.open = Some(OpenTensor::new(target, size));
        Ok(())
    }

    /// Adds bytes to the tensor that was begun.
    pub(crate) fn append(&mut self, data: &[u8]) -> Result<()> {
        let open = self.open.as_mut().ok_or_else(none_begun)?;
        open.append(data).for_tensor(&open.target.name)
    }

    /// Ends the tensor that was begun.
    pub(crate) fn end_tensor(&mut self) -> Result<()> {
        let OpenTensor { target, data, .. } = match self.open.take() {
            None => return Err(none_begun()),
            Some(open) => match open.check_complete() {
                Ok(()) => open,
                Err(error) => {
                    let error = error.for_tensor(&open.target.name);
                    self.open = Some(open);
                    return Err(error);
                }
            },
        };
        let entry = encode::numbers(&target.name, &target.slice, target.dtype, &data);
        let entry = entry.for_tensor(&target.name)?;
        self.insert(target, entry);
        Ok(())
    }

    /// Forgets the tensor that was begun.
    pub(crate) fn cancel_tensor(&mut self) {
        self.open = None;
    }

    /// What may be added now: V1 has a place for it, and it is new.
    fn target(
        &self,
        name: &[u8],
        dtype: DType,
        shape: &Shape,
        slice: Option<&Slice>,
    ) -> Result<Target> {
        self.check_none_open()?;
        let target = Target::new(name, dtype, shape, slice).for_tensor(name)?;
        if let Some(known) = self.known.get(name) {
            let is_stored = self.files.iter().any(|file| file.has(&target));
            known.check_new(&target, is_stored).for_tensor(name)?;
        }
        Ok(target)
    }

    fn check_none_open(&self) -> Result<()> {
        match &self.open {
            None => Ok(()),
            Some(open) => Err(Error::invalid("this tensor was begun and is not finished")
                .for_tensor(&open.target.name)),
        }
    }

    fn insert(&mut self, target: Target, entry: Vec<u8>) {
        if let Some(file) = self.files.iter_mut().min_by_key(|file| file.bytes()) {
            file.add(&target, entry);
        }
        let Target { name, dtype, shape, slice } = target;
        self.known.entry(name).or_insert_with(|| Known::new(dtype, shape)).add(slice);
    }
}

fn none_begun() -> Error {
    Error::invalid("no tensor was begun")
}

/// The files of the V1 checkpoint that goes away, if the options say that it may.
fn replaced(prefix: &Path, options: &WriterOptions) -> Result<Vec<PathBuf>> {
    let storage = options.storage.as_ref();
    let in_the_way =
        |why: &str, file: &Path| Err(Error::new(ErrorKind::AlreadyExists, why).in_file(file));
    let index = index_path(prefix);
    if storage.exists(&index)? {
        return in_the_way("is there already: a V2 checkpoint, which readers find first", &index);
    }
    let files = files_at(storage, prefix)?;
    for file in &files {
        if !options.replace {
            return in_the_way("is there already", file);
        }
        // Nobody who replaces a checkpoint means to lose anything else.
        match storage.open(file).and_then(|file| is_table(file.as_ref())) {
            Ok(true) => {}
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => return in_the_way("is there already, and is no V1 checkpoint", file),
        }
    }
    Ok(files)
}
