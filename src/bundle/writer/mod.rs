//! A bundle being written.
//!
//! ```text
//! add, add_slice ────────► DataShard (a temporary file) ──────┐
//! add_many, add_brought ──► Lane of each ──► ┘ on threads     │
//!        entry, CRC, offset ──► Entries ──► index table ──────┴─► Staging::commit
//! ```

mod brought;
mod data_shard;
mod entries;
mod lane;
mod many;
mod options;
mod request;
mod target;
mod tensor_writer;
mod values;

pub(crate) use brought::{Brought, BroughtFrom};
pub(super) use data_shard::DataShard;
pub use options::{WriteOptions, WriterOptions};
pub use request::WriteRequest;
pub(crate) use request::{Whole as WholeRequest, WriteRequests};
pub use tensor_writer::TensorWriter;

use std::path::{Path, PathBuf};

use self::entries::Entries;
use self::target::Target;
use self::tensor_writer::OpenTensor;
use super::entry::Entry;
use super::header::Header;
use super::names::{data_path, index_path};
use super::replaced::{self, replaced_files};
use super::variable;
use crate::checksum;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::storage::{Staging, refuse_existing};
use crate::tensor::{DType, Shape, Slice, StringsRef};

/// A bundle being written. One thread at a time.
///
/// Nothing of it can be seen at its prefix until [`finish`](Writer::finish)
/// returns; a writer that is dropped before leaves no file behind. Values go to
/// disk as they come: memory is needed for the entries, and a buffer for each shard.
///
/// Values are given in this machine's byte order, elements in C order.
#[derive(Debug)]
pub struct Writer {
    prefix: PathBuf,
    options: WriterOptions,
    staging: Staging,
    shards: Vec<DataShard>,
    entries: Entries,
    open: Option<OpenTensor>,
    /// Whether writing failed: what is in the data files is not known then.
    broken: bool,
}

impl Writer {
    /// Begins a bundle at `prefix`. Directories that are missing are created.
    ///
    /// # Errors
    /// `AlreadyExists` where there is a bundle at `prefix` already; `Io`.
    pub fn create(prefix: impl AsRef<Path>) -> Result<Self> {
        Self::create_with(prefix, WriterOptions::default())
    }

    /// Begins a bundle at `prefix` in another way than the default.
    ///
    /// # Errors
    /// `InvalidArgument` for options that make no sense; `AlreadyExists` where
    /// there is a bundle already and the options don't say to replace it; `Io`.
    pub fn create_with(prefix: impl AsRef<Path>, options: WriterOptions) -> Result<Self> {
        options.check()?;
        let prefix = prefix.as_ref().to_path_buf();
        if prefix.file_name().is_none() {
            return Err(Error::invalid("a prefix needs a last part, which the files begin with")
                .in_file(&prefix));
        }
        if !options.replace {
            refuse_existing(options.storage.as_ref(), &index_path(&prefix))?;
        }
        let mut staging = Staging::beside(options.storage.clone(), &prefix)?;
        let shards = (0..options.num_shards)
            .map(|shard| {
                let file = staging.create(&data_path(&prefix, shard, options.num_shards))?;
                Ok(DataShard::new(file, options.num_shards, options.sync))
            })
            .collect::<Result<_>>()?;
        let entries = Entries::new(Header::written(options.num_shards, options.endianness))?;
        Ok(Self { prefix, options, staging, shards, entries, open: None, broken: false })
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
    /// `Unsupported` for types without values in a file; `Io`, after which only
    /// abandoning is left.
    pub fn add(
        &mut self,
        name: impl AsRef<[u8]>,
        dtype: DType,
        shape: &Shape,
        data: &[u8],
    ) -> Result<()> {
        self.write_plain(&Target::whole(name.as_ref(), dtype, shape), data)
    }

    /// Adds a slice of a partitioned tensor of a fixed element size; `shape` is
    /// that of the whole tensor. Slices may come in any order, and among other
    /// tensors, but must not overlap. A slice that is the whole tensor is stored
    /// as an ordinary tensor.
    ///
    /// # Errors
    /// Those of [`add`](Writer::add); `InvalidArgument` where the slice reaches
    /// outside of the tensor, or dtype or shape are not those of the tensor's
    /// slices before.
    pub fn add_slice(
        &mut self,
        name: impl AsRef<[u8]>,
        dtype: DType,
        shape: &Shape,
        slice: &Slice,
        data: &[u8],
    ) -> Result<()> {
        self.write_plain(&Target::part(name.as_ref(), dtype, shape, slice), data)
    }

    /// Adds many tensors of fixed element sizes, or slices of some, on several threads.
    /// What is in the files then is the same as if they had been
    /// [added](Writer::add) one after the other.
    ///
    /// ```
    /// use tfckpt::bundle::{Reader, WriteOptions, WriteRequest, Writer};
    /// use tfckpt::tensor::{DType, Shape};
    ///
    /// # fn main() -> tfckpt::Result<()> {
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let prefix = dir.path().join("ckpt");
    /// let mut writer = Writer::create(&prefix)?;
    /// let tensor = |name: &'static str, data: &'static [u8]| {
    ///     let shape = Shape::new([data.len() as i64])?;
    ///     Ok(WriteRequest { name: name.as_bytes(), dtype: DType::UINT8, shape, slice: None, data })
    /// };
    /// let requests = [tensor("a", &[1, 2])?, tensor("b", &[3])?];
    /// writer.add_many(&requests, &WriteOptions { threads: 2, ..WriteOptions::default() })?;
    /// writer.finish()?;
    /// assert_eq!(Reader::open(&prefix)?.read("b")?, [3]);
    /// # tfckpt::Result::Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`add`](Writer::add) and [`add_slice`](Writer::add_slice), of the first
    /// request that has one: none of them is added then. `Cancelled`, and `Io`, after which
    /// only abandoning is left.
    pub fn add_many(
        &mut self,
        requests: &[WriteRequest<'_>],
        options: &WriteOptions,
    ) -> Result<()> {
        self.add_requests(&requests, options)
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
        self.write_variable(&Target::whole(name.as_ref(), DType::STRING, shape), strings.into())
    }

    /// Adds a slice of a partitioned string tensor, as [`add_slice`](Writer::add_slice) does.
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
        self.write_variable(
            &Target::part(name.as_ref(), DType::STRING, shape, slice),
            strings.into(),
        )
    }

    /// Adds a variant tensor of records that are serialized already, as
    /// [`Reader::read_strings`](super::Reader::read_strings) gives them.
    ///
    /// # Errors
    /// Those of [`add`](Writer::add).
    pub fn add_variants<'a>(
        &mut self,
        name: impl AsRef<[u8]>,
        shape: &Shape,
        records: impl Into<StringsRef<'a>>,
    ) -> Result<()> {
        self.write_variable(&Target::whole(name.as_ref(), DType::VARIANT, shape), records.into())
    }

    /// Adds a slice of a partitioned variant tensor, as [`add_slice`](Writer::add_slice) does.
    ///
    /// # Errors
    /// Those of [`add_slice`](Writer::add_slice).
    pub fn add_variants_slice<'a>(
        &mut self,
        name: impl AsRef<[u8]>,
        shape: &Shape,
        slice: &Slice,
        records: impl Into<StringsRef<'a>>,
    ) -> Result<()> {
        let target = Target::part(name.as_ref(), DType::VARIANT, shape, slice);
        self.write_variable(&target, records.into())
    }

    /// Begins a tensor of a fixed element size whose bytes come in pieces.
    ///
    /// # Errors
    /// Those of [`add`](Writer::add).
    pub fn begin(
        &mut self,
        name: impl AsRef<[u8]>,
        dtype: DType,
        shape: &Shape,
    ) -> Result<TensorWriter<'_>> {
        self.begin_target(&Target::whole(name.as_ref(), dtype, shape))?;
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
        self.begin_target(&Target::part(name.as_ref(), dtype, shape, slice))?;
        Ok(TensorWriter::new(self))
    }

    /// Makes the bundle appear at its prefix: whole, and on stable storage unless
    /// the options say otherwise.
    ///
    /// # Errors
    /// `InvalidArgument` where slices of a tensor overlap or a tensor was begun
    /// and not finished; `AlreadyExists` where a bundle has appeared at the
    /// prefix meanwhile; `Io`. Nothing is left behind then.
    pub fn finish(mut self) -> Result<()> {
        self.check_sound()?;
        self.entries.check_slices()?;
        for shard in &mut self.shards {
            shard.finish()?;
        }
        let header = Header::written(self.options.num_shards, self.options.endianness);
        let index = self.staging.create_seal(&index_path(&self.prefix))?;
        self.entries.write(index.as_ref(), &header)?;
        if self.options.sync {
            index.sync()?;
        }
        drop((index, std::mem::take(&mut self.shards)));
        let storage = self.options.storage.as_ref();
        self.staging.take_turn()?;
        let replaced = replaced_files(storage, &self.prefix, self.options.replace)?;
        let how = (self.options.sync, &replaced[..]);
        let mut entries = self.entries;
        replaced::commit(self.staging, storage, &self.prefix, &header, how, |index, header| {
            entries.write(index, header)
        })
    }

    fn check_sound(&self) -> Result<()> {
        if self.broken {
            return Err(Error::new(
                ErrorKind::Io,
                "writing failed before; it can only be abandoned",
            )
            .in_file(&self.prefix));
        }
        if let Some(open) = &self.open {
            return Err(
                Error::invalid("this tensor was begun and is not finished").for_tensor(open.name())
            );
        }
        Ok(())
    }

    /// Everything that must hold before the first byte is written.
    fn check_target(&mut self, target: &Target<'_>) -> Result<()> {
        self.check_sound()?;
        if target.name.is_empty() {
            return Err(Error::invalid("a tensor needs a name"));
        }
        self.entries.check_new(target).for_tensor(target.name)
    }

    fn write_plain(&mut self, target: &Target<'_>, data: &[u8]) -> Result<()> {
        let mut entry = target.entry_of(data).for_tensor(target.name)?;
        self.check_target(target)?;
        self.place(&mut entry)?;
        let (swap_unit, shard) = (self.options.swap_unit(target.dtype), entry.shard as usize);
        let crc = self.guarded(|writer| writer.shards[shard].append_as(data, swap_unit));
        entry.crc32c = checksum::mask(crc.for_tensor(target.name)?);
        self.entries.insert(target, &entry)
    }

    fn begin_target(&mut self, target: &Target<'_>) -> Result<()> {
        let mut entry = target.entry().for_tensor(target.name)?;
        self.check_target(target)?;
        self.place(&mut entry)?;
        let swap = self.options.swap_unit(target.dtype);
        self.open = Some(OpenTensor::new(target, entry, swap));
        Ok(())
    }

    /// Gives what is about to be written its place, and goes there.
    fn place(&mut self, entry: &mut Entry) -> Result<()> {
        let shard = emptiest(self.shards.iter().map(DataShard::len));
        let alignment = self.options.alignment_of(entry.dtype, entry.size);
        entry.shard = shard as u32;
        entry.offset = self.guarded(|writer| writer.shards[shard].begin(alignment, entry.size))?;
        Ok(())
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
        self.write_plain(&Target::new(name, dtype, shape, slice), data)
    }

    /// Adds a string or variant tensor, or `slice` of one.
    pub(crate) fn add_elements(
        &mut self,
        name: &[u8],
        dtype: DType,
        shape: &Shape,
        slice: Option<&Slice>,
        elements: StringsRef<'_>,
    ) -> Result<()> {
        self.write_variable(&Target::new(name, dtype, shape, slice), elements)
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
        self.begin_target(&Target::new(name, dtype, shape, slice))
    }

    /// Adds bytes to the tensor that was begun.
    pub(crate) fn append(&mut self, data: &[u8]) -> Result<()> {
        let Some(mut open) = self.open.take() else {
            return Err(Error::invalid("no tensor was begun"));
        };
        let written = open.check_room(data).and_then(|()| {
            self.guarded(|writer| open.append(&mut writer.shards[open.shard()], data))
        });
        let written = written.for_tensor(open.name());
        self.open = Some(open);
        written
    }

    /// Ends the tensor that was begun.
    pub(crate) fn end_tensor(&mut self) -> Result<()> {
        match &self.open {
            None => return Err(Error::invalid("no tensor was begun")),
            Some(open) => open.check_complete().for_tensor(open.name())?,
        }
        if let Some(open) = self.open.take() {
            let (target, entry) = open.into_entry();
            self.entries.insert(&target.borrowed(), &entry)?;
        }
        Ok(())
    }

    /// Forgets the tensor that was begun. What was written of it stays in the
    /// data shard as bytes that no entry names.
    pub(crate) fn cancel_tensor(&mut self) {
        self.open = None;
    }

    fn write_variable(&mut self, target: &Target<'_>, strings: StringsRef<'_>) -> Result<()> {
        variable::check_dtype(target.dtype)?;
        self.check_target(target)?;
        let shape = target.stored_shape().for_tensor(target.name)?;
        if strings.len() as u64 != shape.num_elements() {
            return Err(Error::invalid(format!(
                "{} elements given, shape {shape} has {}",
                strings.len(),
                shape.num_elements()
            ))
            .for_tensor(target.name));
        }
        let shard = emptiest(self.shards.iter().map(DataShard::len));
        let endianness = self.options.endianness;
        let place = self
            .guarded(|writer| writer.shards[shard].add_variable(target.dtype, strings, endianness))
            .for_tensor(target.name)?;
        let entry = Entry {
            dtype: target.dtype,
            shape,
            shard: shard as u32,
            offset: place.offset,
            size: place.size,
            crc32c: place.crc32c,
            slices: Vec::new(),
        };
        self.entries.insert(target, &entry)
    }

    /// Carries out a write, and remembers if it fails.
    fn guarded<T>(&mut self, write: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let written = write(self);
        self.broken |= written.is_err();
        written
    }
}

/// Tensors go where there is least so far: shards of about equal size, and of one shard
/// the order in which tensors were added.
fn emptiest(lens: impl Iterator<Item = u64>) -> usize {
    lens.enumerate().min_by_key(|&(_, len)| len).map_or(0, |(shard, _)| shard)
}
