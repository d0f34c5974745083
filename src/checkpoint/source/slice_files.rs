//! A V1 checkpoint.

use std::path::{Path, PathBuf};

use super::{Beneath, Each, Format, MayLack, Origin, Source, Walk, not_found, put_name};
use crate::bundle::{
    Cut, Endianness, ReadOptions, ReadRequest, ReadRequests, ReaderOptions, Report, View, all_of,
};
use crate::checkpoint::impostor;
use crate::checkpoint::tensor::{Order, Piece, Tensor};
use crate::crew;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::progress::Progress;
use crate::storage::Storage;
use crate::table::{Table, TableOptions};
use crate::tensor::{Region, Slice, Strings, Target};
use crate::v1;

/// So many bytes of values are read by one thread in a row, several blocks.
const PART: usize = 1 << 20;
/// A tensor counts as so many at least, for what else there is to do with it.
const LEAST_SIZE: usize = 1 << 10;

/// A V1 checkpoint. Its tensors are a list in memory, as its metadata are one
/// message.
#[derive(Debug)]
pub(crate) struct SliceFileSource {
    reader: v1::Reader,
    prefix: PathBuf,
    tensors: Vec<Tensor>,
}

impl SliceFileSource {
    pub(crate) fn open(prefix: &Path, files: &[PathBuf], options: &ReaderOptions) -> Result<Self> {
        let storage = options.storage.as_ref();
        let reader = v1::Reader::open(storage, files, &table_options(&options.index))
            .map_err(|error| renamed_index(storage, error))
            .map_err(|error| impostor::unmask(storage, error))?;
        let tensors = reader.tensors().iter().map(|(name, tensor)| describe(name, tensor));
        Ok(Self { tensors: tensors.collect(), prefix: prefix.to_path_buf(), reader })
    }

    fn position(&self, name: &[u8]) -> std::result::Result<usize, usize> {
        self.tensors.binary_search_by(|tensor| tensor.name.as_slice().cmp(name))
    }

    fn next(&self, walk: &mut Walk) -> Option<&Tensor> {
        let here = walk.step_in_list(|at| Some(self.tensors.get(at)?.name.as_slice()))?;
        self.tensors.get(here)
    }

    /// Says of an error that it is about the tensor `name`, in the file that has
    /// the first of it.
    fn placed<T>(&self, name: &[u8], result: Result<T>) -> Result<T> {
        let tensor = self.reader.tensors().get(name);
        let file = tensor.and_then(|tensor| tensor.slices.first()).map_or(0, |slice| slice.file);
        let result = result.for_tensor(name);
        match self.reader.path(file) {
            Some(path) => result.in_file(path),
            None => result,
        }
    }

    /// Whether that stored slice of a tensor is not `slice`.
    fn is_other(&self, name: &[u8], stored: usize, slice: &Slice) -> bool {
        let stored = self.reader.tensors().get(name).and_then(|tensor| tensor.slices.get(stored));
        stored.is_some_and(|stored| stored.slice != *slice)
    }

    /// How many bytes a read is going to bring; of what can't be read any number.
    fn work(&self, name: &[u8], slice: Option<&Slice>) -> u64 {
        let Some(tensor) = self.reader.tensors().get(name) else { return 0 };
        let elements = match slice.map(|slice| slice.shape(&tensor.shape)) {
            Some(shape) => shape.map_or(0, |shape| shape.num_elements()),
            None => tensor.shape.num_elements(),
        };
        elements.saturating_mul(tensor.dtype.size().unwrap_or(0) as u64)
    }

    fn read_request(&self, request: ReadRequest<'_>, progress: &Progress) -> Result<()> {
        let ReadRequest { name, slice, dst, dst_strides } = request;
        let read = self.reader.read_watched(name, slice.as_ref(), dst_strides, dst, progress);
        self.placed(name, read).map(drop)
    }

    fn work_of_cuts(&self, name: &[u8], cuts: &[Cut]) -> u64 {
        let Some(tensor) = self.reader.tensors().get(name) else { return 0 };
        let elements = cuts.iter().map(|cut| cut.region.num_elements());
        let elements = elements.fold(0, u64::saturating_add);
        elements.saturating_mul(tensor.dtype.size().unwrap_or(0) as u64)
    }

    /// Where the tensor, and the file that has its first slice, come among others.
    fn order(&self, name: &[u8]) -> Option<(usize, usize)> {
        let first = self.reader.tensors().get(name)?.slices.first()?;
        Some((first.file, self.position(name).ok()?))
    }
}

/// Cuts requests into parts with as much to do as is worth a thread's while.
fn neighbours(requests: Vec<ReadRequest<'_>>) -> Vec<Vec<ReadRequest<'_>>> {
    let mut parts: Vec<Vec<ReadRequest<'_>>> = Vec::new();
    let mut room = 0usize;
    for request in requests {
        let size = request.dst.len();
        match parts.last_mut() {
            Some(part) if room > 0 => part.push(request),
            _ => {
                parts.push(vec![request]);
                room = PART;
            }
        }
        room = room.saturating_sub(size.max(LEAST_SIZE));
    }
    parts
}

/// The index of a V2 checkpoint is a table as well: if it is that, says so.
fn renamed_index(storage: &dyn Storage, error: Error) -> Error {
    let damaged = error.kind() == ErrorKind::DataLoss;
    let file = error.file().filter(|_| damaged).and_then(|path| storage.open(path).ok());
    let Some(file) = file else { return error };
    let path = file.path().to_path_buf();
    let header = Table::open(file, &TableOptions::default()).map(|table| first_byte(&table));
    match header {
        Ok(Some(V2_HEADER)) => Error::data_loss(
            "this is the index of a V2 checkpoint, which is known by a name that ends in '.index'",
        )
        .in_file(&path),
        _ => error,
    }
}

/// What the value of the key `""` begins with: in V2 the header, whose first field is
/// a number, and in V1 the metadata, whose first is a message.
fn first_byte(table: &Table) -> Option<u8> {
    table.with_value(b"", |value| value.first().copied()).ok().flatten().flatten()
}

const V2_HEADER: u8 = 0x08;
const V1_METADATA: u8 = 0x0a;

/// Whether a table is a file of a V1 checkpoint.
pub(in crate::checkpoint) fn is_v1_metadata(table: &Table) -> bool {
    first_byte(table) == Some(V1_METADATA)
}

/// The blocks of a V1 file have the values in them, of which a tensor may have
/// 2 GiB: where nothing else is said, any block is read that there can be. The file
/// bounds what that takes.
pub(in crate::checkpoint) fn table_options(options: &TableOptions) -> TableOptions {
    let unlimited = options.max_block_bytes == TableOptions::default().max_block_bytes;
    let max_block_bytes = if unlimited { u32::MAX.into() } else { options.max_block_bytes };
    TableOptions { max_block_bytes, ..*options }
}

/// Most tensors are stored as one slice that is the whole: those count as not
/// partitioned.
fn describe(name: &[u8], tensor: &v1::Tensor) -> Tensor {
    let shape = tensor.shape.clone();
    let slices = match tensor.slices.as_slice() {
        [only] if only.slice.is_whole(&shape) => Vec::new(),
        slices => slices.iter().map(|stored| stored.slice.clone()).collect(),
    };
    Tensor { name: name.to_vec(), dtype: tensor.dtype, shape, slices, stored: None }
}

impl Source for SliceFileSource {
    fn format(&self) -> Format {
        Format::V1
    }

    fn prefix(&self) -> &Path {
        &self.prefix
    }

    fn num_shards(&self) -> u32 {
        self.reader.num_files() as u32
    }

    fn shard_path(&self, shard: u32) -> Option<PathBuf> {
        self.reader.path(shard as usize).map(Path::to_path_buf)
    }

    fn endianness(&self) -> Option<Endianness> {
        None
    }

    fn home(&self) -> Option<&Path> {
        self.reader.path(0)
    }

    fn origins<'s>(&'s self, name: &'s [u8]) -> Vec<Origin<'s>> {
        vec![Origin { source: 0, beneath: Beneath::SliceFiles, name, is_all: true }]
    }

    fn walk(&self, prefix: &[u8]) -> Walk {
        Walk::in_list(self.position(prefix).unwrap_or_else(|place| place), prefix)
    }

    fn step(&self, walk: &mut Walk, tensor: &mut Tensor) -> Result<bool> {
        Ok(self.next(walk).inspect(|next| tensor.clone_from(next)).is_some())
    }

    fn step_name(&self, walk: &mut Walk, name: &mut Vec<u8>) -> Result<bool> {
        Ok(put_name(self.next(walk).map(|next| next.name.as_slice()), name))
    }

    fn len(&self) -> Result<u64> {
        Ok(self.tensors.len() as u64)
    }

    fn at(&self, position: u64) -> Result<Option<Tensor>> {
        let position = usize::try_from(position).ok();
        Ok(position.and_then(|position| self.tensors.get(position).cloned()))
    }

    fn find(&self, name: &[u8]) -> Result<Option<Tensor>> {
        Ok(self.position(name).ok().and_then(|position| self.tensors.get(position).cloned()))
    }

    fn read(&self, name: &[u8]) -> Result<Vec<u8>> {
        self.placed(name, self.reader.read(name, None))
    }

    fn read_size(&self, name: &[u8], slice: Option<&Slice>) -> Result<u64> {
        self.placed(name, self.reader.read_size(name, slice))
    }

    fn read_into(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<usize> {
        let progress = &options.progress;
        self.placed(name, progress.begin(|| self.work(name, slice)))?;
        self.placed(name, self.reader.read_watched(name, slice, None, dst, progress))
    }

    /// In the order in which they are stored; those that are neighbours by one thread, which
    /// finds them in the same blocks.
    fn read_many(&self, requests: &mut dyn ReadRequests<'_>, options: &ReadOptions) -> Result<()> {
        let mut requests = all_of(requests)?;
        let names = requests.iter().map(|request| request.name);
        let mut missing: Vec<Vec<u8>> =
            names.filter(|name| self.position(name).is_err()).map(<[u8]>::to_vec).collect();
        if !missing.is_empty() {
            missing.sort();
            return Err(not_found(self.home(), missing));
        }
        requests.sort_by_key(|request| self.order(request.name));
        let work = |request: &ReadRequest<'_>| self.work(request.name, request.slice.as_ref());
        let work = || requests.iter().map(work).fold(0, u64::saturating_add);
        options.progress.begin(work)?;
        let parts = neighbours(requests);
        let threads = options.threads.min(parts.len());
        crew::share(threads, &options.progress, parts, |part, &mut ()| {
            part.into_iter().try_for_each(|request| self.read_request(request, &options.progress))
        })
    }

    fn read_strings(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        options: &ReadOptions,
    ) -> Result<Strings> {
        self.placed(name, options.progress.check())?;
        let strings = self.placed(name, self.reader.read_strings(name, slice))?;
        // How many bytes they have shows when they are there.
        let bytes = strings.data().len() as u64;
        self.placed(name, options.progress.begin(|| bytes))?;
        options.progress.advance(bytes);
        Ok(strings)
    }

    fn string_bytes(&self, name: &[u8]) -> Result<u64> {
        let strings = self.read_strings(name, None, &ReadOptions::default())?;
        Ok(strings.data().len() as u64)
    }

    fn view(&self, name: &[u8], _: &ReadOptions) -> Result<View> {
        if self.position(name).is_err() {
            return Err(not_found(self.home(), vec![name.to_vec()]));
        }
        let error = "a V1 checkpoint has values inside of messages; read the tensor instead";
        self.placed(name, Err(Error::unsupported(error)))
    }

    fn read_cuts(
        &self,
        name: &[u8],
        wanted: &Target,
        cuts: &[Cut],
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<()> {
        let progress = &options.progress;
        self.placed(name, progress.begin(|| self.work_of_cuts(name, cuts)))?;
        self.placed(name, self.reader.read_cuts(name, wanted, cuts, dst, progress))
    }

    fn check_cuts(&self, name: &[u8], _: &Region, cuts: &[Cut]) -> Result<()> {
        let tensor = self.reader.tensors().get(name);
        // Strings are decoded before there is memory for them.
        if tensor.is_some_and(|tensor| tensor.dtype.size().is_none()) {
            return Ok(());
        }
        self.placed(name, self.reader.check_cuts(name, cuts))
    }

    fn pieces(&self, tensor: &Tensor) -> Result<Vec<Piece>> {
        let Some(stored) = self.reader.tensors().get(&tensor.name) else {
            return Err(not_found(self.home(), vec![tensor.name.clone()]));
        };
        if stored.slices.is_empty() {
            return self.placed(&tensor.name, Err(Error::data_loss("it has no stored slice")));
        }
        let at = self.position(&tensor.name).unwrap_or_else(|place| place) as u64;
        let element = tensor.dtype.size().unwrap_or(0) as u64;
        let piece = |(then, stored): (u64, &v1::StoredSlice)| {
            let elements = stored.slice.shape(&tensor.shape)?.num_elements();
            Ok(Piece {
                slice: tensor.is_partitioned().then(|| stored.slice.clone()),
                size: elements.saturating_mul(element),
                order: Order { source: 0, file: stored.file as u32, at, then },
                place: None,
            })
        };
        self.placed(&tensor.name, (0..).zip(&stored.slices).map(piece).collect())
    }

    fn read_piece(&self, tensor: &Tensor, piece: &Piece, each: &mut Each<'_>) -> Result<()> {
        let values = self.read_whole_piece(tensor, piece)?;
        if values.is_empty() { Ok(()) } else { each(&values) }
    }

    fn read_whole_piece(&self, tensor: &Tensor, piece: &Piece) -> Result<Vec<u8>> {
        // `pieces` has numbered them.
        let stored = usize::try_from(piece.order.then).unwrap_or(usize::MAX);
        let values = match &piece.slice {
            // An overlay may have cut it.
            Some(slice) if self.is_other(&tensor.name, stored, slice) => {
                self.reader.read(&tensor.name, Some(slice))
            }
            _ => self.reader.read_stored(&tensor.name, stored),
        };
        self.placed(&tensor.name, values)
    }

    fn stored_size(&self) -> u64 {
        v1::stored_size(&self.reader)
    }

    fn verify(&self, may_lack: &MayLack<'_>, options: &ReadOptions) -> Result<Report> {
        v1::verify_but(&self.reader, may_lack, options)
    }
}
