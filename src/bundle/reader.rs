//! A bundle open for reading.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::batch;
use super::entry::{Entry, Tensor};
use super::header::{Endianness, Header};
use super::index::{Cursor, Index};
use super::plan::{Cut, Plan, slice_entry};
use super::requests::{Listed, ReadRequest, ReadRequests};
use super::shards::Shards;
use super::stored::Stored;
use super::stretch::{Cuts, Piece};
use super::view::View;
use super::{plain, variable};
use crate::crew;
use crate::error::{Error, Result, ResultExt};
use crate::progress::{Progress, UNWATCHED};
use crate::storage::{self, LocalStorage, Storage};
use crate::table::TableOptions;
use crate::tensor::{Region, Slice, Strings, Target, swap_bytes};

/// How a bundle is opened.
#[derive(Clone, Debug)]
pub struct ReaderOptions {
    /// Where the files are. Default: the local file system.
    pub storage: Arc<dyn Storage>,
    /// Limits and cache of the index.
    pub index: TableOptions,
    /// Whether data shards are read through a mapping of the file rather than by
    /// positioned reads. That saves a copy within the operating system; but a
    /// file that another process cuts short then raises `SIGBUS` instead of
    /// giving an error. See [`Mapping`](crate::storage::Mapping). Default: no.
    pub mapped: bool,
    /// How many tensors a checkpoint may have: a [`checkpoint::Reader`] opens no V1
    /// checkpoint of more, and of V2 counts no more, nor finds them by their position. To
    /// walk over them takes no memory for those before. Default: 2^28.
    ///
    /// [`checkpoint::Reader`]: crate::checkpoint::Reader
    pub max_tensors: u64,
    /// For how many bytes of values a [`checkpoint::Reader`] takes memory in one call, be it
    /// for a tensor or a slice of one; what it reads into a caller's memory has the limits of
    /// that. Default: as many as the files have.
    ///
    /// [`checkpoint::Reader`]: crate::checkpoint::Reader
    pub max_tensor_bytes: u64,
}

impl Default for ReaderOptions {
    fn default() -> Self {
        Self {
            storage: LocalStorage::shared(),
            index: TableOptions::default(),
            mapped: false,
            max_tensors: 1 << 28,
            max_tensor_bytes: u64::MAX,
        }
    }
}

/// How values are read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Whether the bytes are checked against their CRC-32C. A CRC is over all of
    /// a stored tensor, so checking a slice reads all the stored pieces that it
    /// touches; without, only the wanted ranges are read (and what lies between
    /// two of them less than 4 KiB apart). Default: yes.
    pub verify: bool,
    /// On how many threads a call reads, the caller's among them; a long tensor too is
    /// read by several. The others are started for the call and end with it. Default: 1.
    pub threads: usize,
    /// How many bytes [`read_many`](Reader::read_many) may hold at once besides
    /// the callers' buffers; or in all a check of V1, where a stored slice is held as a
    /// whole. Default: 8 MiB.
    pub max_in_flight: usize,
    /// How far the call is, and whether it goes on. Default: nobody watches.
    pub progress: Progress,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { verify: true, threads: 1, max_in_flight: 8 << 20, progress: Progress::none() }
    }
}

/// A bundle open for reading. It never changes, and any number of threads may
/// read from it at once.
///
/// Values come out in this machine's byte order, elements in C order.
#[derive(Debug)]
pub struct Reader {
    index: Index,
    shards: Shards,
    prefix: PathBuf,
}

impl Reader {
    /// Opens the bundle at `prefix`, the path of its files without `.index` or
    /// `.data-…`. Data shards are opened when they are first read.
    ///
    /// # Errors
    /// Those of [`Index::open`].
    pub fn open(prefix: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(prefix, &ReaderOptions::default())
    }

    /// Opens the bundle at `prefix` in another way than the default.
    ///
    /// # Errors
    /// Those of [`Index::open`].
    pub fn open_with(prefix: impl AsRef<Path>, options: &ReaderOptions) -> Result<Self> {
        let prefix = prefix.as_ref();
        let index = Index::open(options.storage.as_ref(), prefix, &options.index)?;
        let shards = Shards::new(options.storage.clone(), prefix, index.header(), options.mapped);
        Ok(Self { index, shards, prefix: prefix.to_path_buf() })
    }

    /// Opens the data shards, up to 64, as far as they are there. What is open can be
    /// read to the end, though somebody removes the bundle. `false` where another bundle
    /// has taken its place, so that what was opened may be the other's.
    ///
    /// # Errors
    /// `NotFound` where it was removed.
    pub(crate) fn hold(&self) -> Result<bool> {
        let missing = self.shards.hold();
        // An index goes before its data. While it is there the data are its own; or they
        // were lost in another way, which is told when they are read.
        if self.index.table().is_current()? {
            return match missing {
                Some(missing) if !self.shards.exists(self.index.path())? => Err(missing),
                _ => Ok(true),
            };
        }
        match self.shards.exists(self.index.path())? {
            true => Ok(false),
            false => Err(removed().in_file(self.index.path())),
        }
    }

    /// The prefix it was opened with.
    pub fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// The header: number of shards, byte order, version.
    pub fn header(&self) -> &Header {
        self.index.header()
    }

    /// The path of data shard `shard`, counted from 0.
    pub fn shard_path(&self, shard: u32) -> PathBuf {
        self.shards.path(shard)
    }

    /// The table of entries.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// All tensors by name, unsigned byte by byte.
    pub fn tensors(&self) -> Cursor<'_> {
        self.index.cursor(b"")
    }

    /// The tensors whose names begin with `prefix`, by name.
    pub fn tensors_with_prefix(&self, prefix: impl AsRef<[u8]>) -> Cursor<'_> {
        self.index.cursor(prefix.as_ref())
    }

    /// The tensor `name`, or `None` where there is none.
    ///
    /// # Errors
    /// `DataLoss` where its entry, or the block it should be in, is damaged.
    pub fn find(&self, name: impl AsRef<[u8]>) -> Result<Option<Tensor>> {
        let name = name.as_ref();
        let entry = self.index.find(name)?;
        Ok(entry.map(|entry| Tensor { name: name.to_vec(), entry }))
    }

    /// Reads a tensor of a fixed element size into memory of its own.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into).
    pub fn read(&self, name: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        let name = name.as_ref();
        let plan = self.plan(name, None)?;
        let mut data = storage::zeros(self.backed_size(name, &plan)? as usize);
        self.placed(name, self.fill(&plan, &mut data, &ReadOptions::default()))?;
        Ok(data)
    }

    /// How many bytes a read of a tensor takes, or of `slice` of it. The files have
    /// as many: so much may be allocated, however little they are trusted.
    ///
    /// # Errors
    /// Those of [`read_slice_into`](Reader::read_slice_into).
    pub fn read_size(&self, name: impl AsRef<[u8]>, slice: Option<&Slice>) -> Result<u64> {
        let name = name.as_ref();
        self.backed_size(name, &self.plan(name, slice)?)
    }

    fn backed_size(&self, name: &[u8], plan: &Plan) -> Result<u64> {
        let size = self.placed(name, plain::byte_size(plan))?;
        self.placed(name, self.check_backing(plan))?;
        Ok(size)
    }

    /// Reads a tensor of a fixed element size into the front of `dst`, and
    /// returns how many bytes that took.
    ///
    /// # Errors
    /// `NotFound` where there is no such tensor or its shard is missing;
    /// `BufferTooSmall`; `InvalidArgument` for strings and variants;
    /// `Unsupported` for types without values in a file; `DataLoss` where the
    /// bytes are damaged or missing; `Io`; `Cancelled`. What is in `dst` after an
    /// error is not defined.
    pub fn read_into(
        &self,
        name: impl AsRef<[u8]>,
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<usize> {
        self.read_part_into(name.as_ref(), None, dst, options)
    }

    /// Reads `slice` of a tensor of a fixed element size into the front of
    /// `dst`, and returns how many bytes that took.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into), and `InvalidArgument` where
    /// the slice reaches outside of the tensor.
    pub fn read_slice_into(
        &self,
        name: impl AsRef<[u8]>,
        slice: &Slice,
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<usize> {
        self.read_part_into(name.as_ref(), Some(slice), dst, options)
    }

    fn read_part_into(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<usize> {
        let plan = self.plan(name, slice)?;
        let dst = self.placed(name, plain::buffer(&plan, dst))?;
        self.placed(name, begin(&plan, options))?;
        self.placed(name, self.fill(&plan, dst, options))?;
        Ok(dst.len())
    }

    /// Reads cuts of a tensor that is stored as slices, each to its place in `dst`,
    /// which has all of what is `wanted`; the rest of it stays as it is.
    pub(crate) fn read_cuts(
        &self,
        name: &[u8],
        wanted: &Target,
        cuts: &[Cut],
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<()> {
        let plan = self.plan_cuts(name, wanted, cuts)?;
        let dst = self.placed(name, plain::buffer(&plan, dst))?;
        self.placed(name, begin(&plan, options))?;
        self.placed(name, self.fill(&plan, dst, options))
    }

    /// Checks that the files have as many bytes as a read of these cuts takes. Of
    /// several cuts of one slice, its bytes are counted once.
    pub(crate) fn check_cuts(&self, name: &[u8], wanted: &Region, cuts: &[Cut]) -> Result<()> {
        let of_each: BTreeMap<usize, &Cut> = cuts.iter().map(|cut| (cut.stored, cut)).collect();
        let wanted = Target::packed(wanted.clone());
        let plan = self.plan_cuts(name, &wanted, of_each.into_values())?;
        self.placed(name, self.check_backing(&plan))
    }

    fn plan_cuts<'c>(
        &self,
        name: &[u8],
        wanted: &Target,
        cuts: impl IntoIterator<Item = &'c Cut>,
    ) -> Result<Plan> {
        let entry = self.entry(name)?;
        self.placed(name, Plan::of_cuts(&self.index, name, &entry, wanted, cuts))
    }

    /// The entry of `slice`, one of those in which the partitioned `tensor` is
    /// stored.
    ///
    /// # Errors
    /// `DataLoss` where there is none, or one that contradicts the tensor's.
    pub fn slice_entry(&self, tensor: &Tensor, slice: &Slice) -> Result<Entry> {
        slice_entry(&self.index, &tensor.name, &tensor.entry, slice)
    }

    /// Reads what is stored under `entry`, a whole tensor or a
    /// [slice](Reader::slice_entry) of one, without ever holding all of it:
    /// `each` is given the elements from first to last, in pieces of whole
    /// elements. They were checked only when this has returned without an error.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into), and of `each`, which end it;
    /// `InvalidArgument` for the entry of a partitioned tensor.
    pub fn read_stored(
        &self,
        name: impl AsRef<[u8]>,
        entry: &Entry,
        mut each: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let name = name.as_ref();
        self.placed(name, plain::check_dtype(entry.dtype))?;
        if entry.is_partitioned() {
            return Err(Error::invalid("its bytes are with its slices").for_tensor(name));
        }
        let swap =
            if self.endianness() == Endianness::NATIVE { 1 } else { entry.dtype.swap_unit() };
        let mut swapped = Vec::new();
        let stored = Stored::open(&self.shards, entry, self.endianness(), &UNWATCHED);
        let stored = stored.for_tensor(name)?;
        let read = stored.for_each_piece(|_, piece| {
            if swap == 1 {
                return each(piece);
            }
            swapped.clear();
            swapped.extend_from_slice(piece);
            swap_bytes(&mut swapped, swap);
            each(&swapped)
        });
        read.for_tensor(name)
    }

    /// Reads many tensors, or slices of them, in the order in which they lie in
    /// the shards. Each has a fixed element size.
    ///
    /// # Errors
    /// `NotFound` with [all the names](Error::names) that there are no tensors
    /// of; otherwise the first error met, as of
    /// [`read_slice_into`](Reader::read_slice_into). What is in the buffers after
    /// an error is not defined.
    pub fn read_many(&self, requests: &mut [ReadRequest<'_>], options: &ReadOptions) -> Result<()> {
        self.read_requests(&mut Listed::new(requests), options)
    }

    /// The same of requests in whatever form the caller has them.
    pub(crate) fn read_requests(
        &self,
        requests: &mut dyn ReadRequests<'_>,
        options: &ReadOptions,
    ) -> Result<()> {
        batch::read_many(self, requests, options)
    }

    /// Reads a string tensor, or a variant tensor as the serialized
    /// `VariantTensorDataProto` of each element.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into); `InvalidArgument` for types of
    /// a fixed element size.
    pub fn read_strings(&self, name: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Strings> {
        self.read_strings_part(name.as_ref(), None, options)
    }

    /// Reads `slice` of a string or variant tensor. Whole stored pieces are read
    /// whatever the options, because an element is found only by those before it.
    ///
    /// # Errors
    /// Those of [`read_strings`](Reader::read_strings), and `InvalidArgument`
    /// where the slice reaches outside of the tensor.
    pub fn read_strings_slice(
        &self,
        name: impl AsRef<[u8]>,
        slice: &Slice,
        options: &ReadOptions,
    ) -> Result<Strings> {
        self.read_strings_part(name.as_ref(), Some(slice), options)
    }

    fn read_strings_part(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        options: &ReadOptions,
    ) -> Result<Strings> {
        let plan = self.plan(name, slice)?;
        self.placed(name, self.check_backing(&plan))?;
        self.placed(name, begin(&plan, options))?;
        let read = variable::read(&self.shards, self.endianness(), &plan, options);
        self.placed(name, read)
    }

    /// How many bytes the elements of a string tensor have in all. Reads their
    /// lengths alone.
    ///
    /// # Errors
    /// Those of [`read_strings`](Reader::read_strings).
    pub fn string_bytes(&self, name: impl AsRef<[u8]>) -> Result<u64> {
        let name = name.as_ref();
        let plan = self.plan(name, None)?;
        let bytes = variable::string_bytes_of_plan(&self.shards, self.endianness(), &plan);
        self.placed(name, bytes)
    }

    /// The elements of a tensor in the mapped data file, without a copy. The
    /// whole tensor must be stored as one piece, in this machine's byte order.
    ///
    /// # Errors
    /// `Unsupported` for foreign byte order, for tensors stored as several
    /// slices and for types without a fixed element size; otherwise those of
    /// [`read_into`](Reader::read_into). With `options.verify` the bytes are
    /// checked once, now.
    pub fn view(&self, name: impl AsRef<[u8]>, options: &ReadOptions) -> Result<View> {
        let name = name.as_ref();
        self.placed(name, self.view_plan(&self.plan(name, None)?, options))
    }

    fn view_plan(&self, plan: &Plan, options: &ReadOptions) -> Result<View> {
        if plan.dtype.size().is_none() {
            return Err(Error::unsupported(format!("{} has no fixed element size", plan.dtype)));
        }
        if self.endianness() != Endianness::NATIVE && plan.dtype.swap_unit() > 1 {
            return Err(Error::unsupported(format!(
                "a view shows the bytes as stored, which is {} endian",
                self.endianness().name().to_lowercase()
            )));
        }
        let entry = match plan.parts.as_slice() {
            [] => return Ok(View::empty(plan.dtype)),
            _ => match plan.single() {
                Some(part) => &part.entry,
                None => return Err(Error::unsupported("it is stored as slices; read it instead")),
            },
        };
        let stored = Stored::open(&self.shards, entry, self.endianness(), &options.progress)?;
        let view = View::new(self.shards.mapping(entry.shard)?, entry)
            .in_file(stored.file.path())
            .in_shard(entry.shard)?;
        if options.verify {
            options.progress.begin(|| entry.size)?;
            self.check_view(stored, &view, options)?;
        }
        Ok(view)
    }

    /// Checks what is mapped, long ones on several threads.
    fn check_view(&self, stored: Stored<'_>, view: &View, options: &ReadOptions) -> Result<()> {
        let piece = Piece::anywhere(stored);
        let ranges = Cuts::of(view.len() as u64).ranges().enumerate();
        let threads = options.threads.min(ranges.len());
        crew::share(threads, &options.progress, ranges, |(number, range), &mut ()| {
            let bytes = view.get(range.start as usize..range.end as usize).unwrap_or_default();
            piece.take_crc(number, piece.stored().crc_of_mapped(bytes)?)
        })
    }

    /// What has to be read for `slice` of the tensor `name`, or for all of it.
    pub(super) fn plan(&self, name: &[u8], slice: Option<&Slice>) -> Result<Plan> {
        self.plan_entry(name, &self.entry(name)?, slice, None)
    }

    fn entry(&self, name: &[u8]) -> Result<Entry> {
        self.index.find(name)?.ok_or_else(|| {
            Error::not_found("there is no such tensor").in_file(self.index.path()).for_tensor(name)
        })
    }

    pub(super) fn plan_entry(
        &self,
        name: &[u8],
        entry: &Entry,
        slice: Option<&Slice>,
        strides: Option<&[i64]>,
    ) -> Result<Plan> {
        Plan::new(&self.index, name, entry, slice, strides)
    }

    pub(super) fn fill(&self, plan: &Plan, dst: &mut [u8], options: &ReadOptions) -> Result<()> {
        plain::read(self, plan, dst, options)
    }

    /// Checks that the pieces of a plan lie within their files, and do not have
    /// more bytes together than those files: else a small file whose slices all
    /// have the same bytes could ask for any amount of memory.
    pub(super) fn check_backing(&self, plan: &Plan) -> Result<()> {
        let mut wanted = 0u64;
        let mut shards = BTreeMap::new();
        for part in &plan.parts {
            let stored = Stored::open(&self.shards, &part.entry, self.endianness(), &UNWATCHED)?;
            shards.insert(part.entry.shard, stored.file.len());
            wanted = wanted.saturating_add(stored.size);
        }
        let have = shards.values().fold(0u64, |sum, &len| sum.saturating_add(len));
        if wanted > have {
            return Err(Error::data_loss(format!(
                "its slices have {wanted} bytes, but their data shards only {have}"
            ))
            .in_file(self.index.path()));
        }
        Ok(())
    }

    /// Says of an error that it is about the tensor `name`, and about the index,
    /// which has its entry, where no data file is to blame.
    pub(super) fn placed<T>(&self, name: &[u8], result: Result<T>) -> Result<T> {
        result.for_tensor(name).in_file(self.index.path())
    }

    pub(super) fn shards(&self) -> &Shards {
        &self.shards
    }

    pub(super) fn endianness(&self) -> Endianness {
        self.header().endianness
    }
}

/// Says what carrying out a plan takes, unless it was called off.
fn begin(plan: &Plan, options: &ReadOptions) -> Result<()> {
    options.progress.begin(|| plan.work(options.verify))
}

fn removed() -> Error {
    Error::not_found("it was removed while it was opened")
}
