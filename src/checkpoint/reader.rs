//! A checkpoint of any format, open for reading.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::limits::Limits;
use super::listing::Listing;
use super::locate::{Located, locate};
use super::object_graph::ObjectGraph;
use super::source::{BundleSource, Format, SliceFileSource, Source, Walk, not_found};
use super::tensor::{Piece, Tensor};
use crate::bundle::{
    Endianness, Listed, ReadOptions, ReadRequest, ReadRequests, ReaderOptions, Report, View,
};
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::progress::Progress;
use crate::table::Keys;
use crate::tensor::{Slice, Strings};

/// How many times in a row the latest checkpoint may be removed while it is opened.
const MAX_SWEPT: u32 = 8;

/// A checkpoint open for reading, of whatever format: V2, V1, or
/// [several as one](super::Overlay). It never changes, and any number of threads
/// may read from it at once.
///
/// Values come out in this machine's byte order, elements in C order. Of a V1
/// checkpoint they are always checked, whatever the options: the checksums are
/// those of the blocks they stand in.
#[derive(Debug)]
pub struct Reader {
    source: Box<dyn Source>,
    /// Read when it is first asked for.
    object_graph: OnceLock<Option<ObjectGraph>>,
    limits: Limits,
}

impl Reader {
    /// Opens the checkpoint that `path` leads to, as [`locate`] finds it. Reads
    /// little of it, but opens its files, of more than 64 data shards each when it is
    /// first read: what is open can be read to the end, though a
    /// [`Manager`](super::Manager) or somebody else removes the checkpoint.
    ///
    /// # Errors
    /// `NotFound`, with what was looked for and what stands there instead;
    /// `DataLoss` where what says what tensors there are is damaged, or is no
    /// checkpoint; `Unsupported` where its version asks for another reader; `Io`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, &ReaderOptions::default())
    }

    /// Opens the checkpoint that `path` leads to in another way than the default.
    ///
    /// # Errors
    /// Those of [`open`](Reader::open).
    pub fn open_with(path: impl AsRef<Path>, options: &ReaderOptions) -> Result<Self> {
        let open = || Self::open_located(&locate(&options.storage, path.as_ref())?, options);
        let mut missing = String::new();
        for _ in 0..MAX_SWEPT {
            match open() {
                // The latest may have been removed meanwhile: then there is a newer one.
                Err(error)
                    if error.kind() == ErrorKind::NotFound && error.to_string() != missing =>
                {
                    missing = error.to_string();
                }
                opened => return opened,
            }
        }
        open()
    }

    pub(super) fn open_located(located: &Located, options: &ReaderOptions) -> Result<Self> {
        let Located { format, prefix, files } = located;
        let limits = Limits::of(options);
        let reader = match format {
            Format::V1 => Self::new(SliceFileSource::open(prefix, files, options)?),
            _ => Self::new(BundleSource::open(prefix, options)?),
        };
        let reader = Self { limits, ..reader };
        if *format == Format::V1 {
            reader.len()?;
        }
        Ok(reader)
    }

    pub(super) fn new(source: impl Source + 'static) -> Self {
        Self { source: Box::new(source), object_graph: OnceLock::new(), limits: Limits::NONE }
    }

    pub(super) fn source(&self) -> &dyn Source {
        self.source.as_ref()
    }

    /// In which format it is.
    pub fn format(&self) -> Format {
        self.source.format()
    }

    /// The prefix of its files. Of V1 that is the path of its file, or where it has
    /// several a pattern, `STEM-?????-of-00003`; of an overlay it is empty.
    pub fn prefix(&self) -> &Path {
        self.source.prefix()
    }

    /// How many files hold its values: data shards, or in V1 files.
    pub fn num_shards(&self) -> u32 {
        self.source.num_shards()
    }

    /// The path of one of those, counted from 0; `None` beyond the last.
    pub fn shard_path(&self, shard: u32) -> Option<PathBuf> {
        self.source.shard_path(shard)
    }

    /// The byte order in which values are stored; `None` for V1, which has none,
    /// and for overlays, which may have either.
    pub fn endianness(&self) -> Option<Endianness> {
        self.source.endianness()
    }

    /// All tensors by name, unsigned byte by byte.
    pub fn tensors(&self) -> Cursor<'_> {
        self.tensors_with_prefix(b"")
    }

    /// The tensors whose names begin with `prefix`, by name.
    pub fn tensors_with_prefix(&self, prefix: impl AsRef<[u8]>) -> Cursor<'_> {
        Cursor { reader: self, walk: self.walk(prefix.as_ref()) }
    }

    pub(crate) fn walk(&self, prefix: &[u8]) -> Walk {
        self.source.walk(prefix)
    }

    /// Goes to the next tensor, which `tensor` becomes, in the same memory; `false`
    /// behind the last. After an error it goes on behind what is damaged.
    #[inline(always)]
    pub(crate) fn step(&self, walk: &mut Walk, tensor: &mut Tensor) -> Result<bool> {
        if walk.hop(tensor) { Ok(true) } else { self.source.step(walk, tensor) }
    }

    /// The same, but of a tensor nothing is looked at but its name, which comes with a NUL
    /// behind it; `own` is for one that must be made.
    #[inline(always)]
    pub(crate) fn step_name<'n>(
        &self,
        walk: &'n mut Walk,
        own: &'n mut Vec<u8>,
    ) -> Result<Option<&'n [u8]>> {
        if walk.hop_to_name() {
            return Ok(Some(walk.name_with_nul()));
        }
        let more = self.source.step_name(walk, own)?;
        own.push(0);
        Ok(more.then_some(own))
    }

    /// Goes on as far as `names` has room for names. Before an error there may be some.
    pub(crate) fn take_names(&self, walk: &mut Walk, names: &mut Keys) -> Result<()> {
        let mut name = Vec::new();
        loop {
            walk.take_names(names);
            if !names.has_room() || !self.source.step_name(walk, &mut name)? {
                return Ok(());
            }
            names.push(&name);
        }
    }

    /// The same over tensors; `listing` gets of each what it is, and where.
    pub(crate) fn take(
        &self,
        walk: &mut Walk,
        names: &mut Keys,
        listing: &mut impl Listing,
    ) -> Result<()> {
        let mut tensor = Tensor::nowhere();
        loop {
            walk.take(names, listing);
            if !names.has_room() || !self.source.step(walk, &mut tensor)? {
                return Ok(());
            }
            names.push(&tensor.name);
            listing.add(tensor.dtype, &tensor.shape, tensor.stored, &tensor.slices);
        }
    }

    /// How many tensors there are. The first call may read all of an index.
    ///
    /// # Errors
    /// `DataLoss` where a part of the index is damaged.
    pub fn len(&self) -> Result<u64> {
        let len = self.source.len()?;
        self.at_home(self.limits.check_count(len))?;
        Ok(len)
    }

    fn at_home<T>(&self, result: Result<T>) -> Result<T> {
        match self.source.home() {
            Some(home) => result.in_file(home),
            None => result,
        }
    }

    /// Whether there are none.
    ///
    /// # Errors
    /// Those of [`len`](Reader::len).
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The tensor at `position` in the order of names, or `None` beyond the last.
    ///
    /// # Errors
    /// `DataLoss` where a part of the index or that entry is damaged.
    pub fn at(&self, position: u64) -> Result<Option<Tensor>> {
        self.len()?;
        self.source.at(position)
    }

    /// The tensor `name`, or `None` where there is none.
    ///
    /// # Errors
    /// `DataLoss` where its entry, or the block it should be in, is damaged.
    pub fn find(&self, name: impl AsRef<[u8]>) -> Result<Option<Tensor>> {
        self.source.find(name.as_ref())
    }

    /// The tensor `name`.
    ///
    /// # Errors
    /// `NotFound`, and those of [`find`](Reader::find).
    pub fn tensor(&self, name: impl AsRef<[u8]>) -> Result<Tensor> {
        let name = name.as_ref();
        let found = self.find(name)?;
        found.ok_or_else(|| {
            not_found(self.source.home(), vec![name.to_vec()]).with_names(Vec::new())
        })
    }

    /// The object graph; `None` where there is none, because a name-based saver
    /// wrote the checkpoint. Read at the first call.
    ///
    /// # Errors
    /// Those of [`ObjectGraph::read`].
    pub fn object_graph(&self) -> Result<Option<&ObjectGraph>> {
        if let Some(graph) = self.object_graph.get() {
            return Ok(graph.as_ref());
        }
        let graph = ObjectGraph::read(self)?;
        Ok(self.object_graph.get_or_init(|| graph).as_ref())
    }

    /// The tensor that `name` means: the one that is called so; or else, by the
    /// [object graph](Reader::object_graph), that of the object with this path, or
    /// of the variable with this full name. `None` where it means nothing.
    ///
    /// # Errors
    /// `InvalidArgument` where it means several, with [all their
    /// names](crate::Error::names); those of [`find`](Reader::find) and
    /// [`object_graph`](Reader::object_graph).
    pub fn resolve(&self, name: impl AsRef<[u8]>) -> Result<Option<Tensor>> {
        let name = name.as_ref();
        match self.find(name)? {
            None => self.resolve_in_graph(name),
            found => Ok(found),
        }
    }

    fn resolve_in_graph(&self, name: &[u8]) -> Result<Option<Tensor>> {
        let Ok(name) = std::str::from_utf8(name) else { return Ok(None) };
        let Some(graph) = self.object_graph()? else { return Ok(None) };
        let Some(found) = graph.find(name)? else { return Ok(None) };
        let tensors = graph.tensors_of(&found.attribute.key, self)?;
        match tensors.as_slice() {
            [] => Ok(None),
            [only] => self.find(only),
            several => {
                let count = several.len();
                Err(Error::invalid(format!("'{name}' means {count} tensors; take one of them"))
                    .with_names(tensors))
            }
        }
    }

    /// Reads a tensor of a fixed element size into memory of its own.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into).
    pub fn read(&self, name: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        let name = name.as_ref();
        self.check_bytes(name, || self.source.read_size(name, None))?;
        self.source.read(name)
    }

    fn check_bytes(&self, name: &[u8], bytes: impl FnOnce() -> Result<u64>) -> Result<()> {
        self.at_home(self.limits.check_bytes(bytes).for_tensor(name))
    }

    /// How many bytes a read of a tensor takes, or of `slice` of it. The files have
    /// as many: so much may be allocated, however little they are trusted.
    ///
    /// # Errors
    /// Those of [`read_slice_into`](Reader::read_slice_into).
    pub fn read_size(&self, name: impl AsRef<[u8]>, slice: Option<&Slice>) -> Result<u64> {
        let name = name.as_ref();
        let bytes = self.source.read_size(name, slice)?;
        self.check_bytes(name, || Ok(bytes))?;
        Ok(bytes)
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
        self.source.read_into(name.as_ref(), None, dst, options)
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
        self.source.read_into(name.as_ref(), Some(slice), dst, options)
    }

    /// Reads many tensors, or slices of them, in the order in which they are
    /// stored. Each has a fixed element size.
    ///
    /// # Errors
    /// `NotFound` with [all the names](crate::Error::names) that there are no
    /// tensors of; otherwise the first error met, as of
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
        self.source.read_many(requests, options)
    }

    /// Reads a string tensor, or a variant tensor as the serialized
    /// `VariantTensorDataProto` of each element.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into); `InvalidArgument` for types of
    /// a fixed element size.
    pub fn read_strings(&self, name: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Strings> {
        let name = name.as_ref();
        self.check_bytes(name, || self.source.string_bytes(name))?;
        self.source.read_strings(name, None, options)
    }

    /// Reads `slice` of a string or variant tensor.
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
        let name = name.as_ref();
        // Pieces are read whole: what there is in all is what it may take.
        self.check_bytes(name, || self.source.string_bytes(name))?;
        self.source.read_strings(name, Some(slice), options)
    }

    /// How many bytes the elements of a string tensor have in all. Of V2, reads
    /// their lengths alone.
    ///
    /// # Errors
    /// Those of [`read_strings`](Reader::read_strings).
    pub fn string_bytes(&self, name: impl AsRef<[u8]>) -> Result<u64> {
        self.source.string_bytes(name.as_ref())
    }

    /// The elements of a tensor in the mapped data file, without a copy. The
    /// whole tensor must be stored as one piece, in this machine's byte order.
    ///
    /// # Errors
    /// `Unsupported` for V1, for foreign byte order, for tensors stored as several
    /// slices and for types without a fixed element size; otherwise those of
    /// [`read_into`](Reader::read_into). With `options.verify` the bytes are
    /// checked once, now.
    pub fn view(&self, name: impl AsRef<[u8]>, options: &ReadOptions) -> Result<View> {
        self.source.view(name.as_ref(), options)
    }

    /// The pieces in which `tensor` is stored: its slices in the order in which it
    /// lists them, or all of it as one.
    ///
    /// # Errors
    /// `DataLoss` where there is no such slice, or one that contradicts the tensor.
    pub fn pieces(&self, tensor: &Tensor) -> Result<Vec<Piece>> {
        self.source.pieces(tensor)
    }

    /// Reads a stored piece of a tensor of a fixed element size: `each` is given
    /// the elements from first to last, in parts of whole elements. Of V2 no more
    /// than such a part is ever held. The elements were checked only when this
    /// has returned without an error.
    ///
    /// # Errors
    /// Those of [`read_into`](Reader::read_into), and of `each`, which end it.
    pub fn read_piece(
        &self,
        tensor: &Tensor,
        piece: &Piece,
        mut each: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.source.read_piece(tensor, piece, &mut each)
    }

    /// Reads and checks everything that a checksum is over, and every tensor, and
    /// lists all that is wrong rather than the first of it. `progress` is told
    /// of the bytes of tensors, as they are stored; of V1, of those that numbers have
    /// in memory. Of an overlay, all of each source is checked.
    ///
    /// # Errors
    /// `Cancelled`. Damage is not an error here, but in the report.
    pub fn verify(&self, progress: &Progress) -> Result<Report> {
        self.verify_with(&ReadOptions { progress: progress.clone(), ..ReadOptions::default() })
    }

    /// The same on as many threads as the options say. Of the options these and the
    /// progress count, and of V1 how many bytes may be held: a stored slice, which is
    /// decoded as a whole, in any case.
    ///
    /// # Errors
    /// Those of [`verify`](Reader::verify).
    pub fn verify_with(&self, options: &ReadOptions) -> Result<Report> {
        options.progress.begin(|| self.source.stored_size())?;
        self.source.verify(&|_| false, options)
    }
}

/// A walk over tensors in the order of their names. What is damaged is one `Err`,
/// an entry or a block of the index; the walk goes on behind it.
#[derive(Debug)]
pub struct Cursor<'r> {
    reader: &'r Reader,
    walk: Walk,
}

impl Iterator for Cursor<'_> {
    type Item = Result<Tensor>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut tensor = Tensor::nowhere();
        let more = self.reader.step(&mut self.walk, &mut tensor);
        more.map(|more| more.then_some(tensor)).transpose()
    }
}
