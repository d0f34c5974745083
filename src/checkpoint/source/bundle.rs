//! A V2 checkpoint.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Beneath, Each, Format, MayLack, Origin, Source, Stand, Walk};
use crate::bundle::{
    Cut, Endianness, Entry, ReadOptions, ReadRequests, Reader, ReaderOptions, Report,
    Tensor as Indexed, View, Walk as BundleWalk, stored_size, verify_but,
};
use crate::checkpoint::impostor;
use crate::checkpoint::tensor::{Order, Piece, Place, Tensor};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;
use crate::tensor::{Region, Slice, Strings, Target};

/// So often a checkpoint may be replaced while it is opened.
const MAX_REPLACED: usize = 100;

/// A V2 checkpoint.
#[derive(Debug)]
pub(crate) struct BundleSource {
    reader: Reader,
    storage: Arc<dyn Storage>,
}

impl BundleSource {
    pub(crate) fn open(prefix: &Path, options: &ReaderOptions) -> Result<Self> {
        let storage = options.storage.clone();
        let open = || {
            Reader::open_with(prefix, options)
                .map_err(|error| impostor::unmask(storage.as_ref(), error))
        };
        let mut reader = open()?;
        let mut times = 0;
        while !reader.hold()? {
            times += 1;
            if times == MAX_REPLACED {
                let message = "it was replaced again and again while it was opened";
                return Err(Error::new(ErrorKind::Io, message).in_file(prefix));
            }
            reader = open()?;
        }
        Ok(Self { reader, storage })
    }

    /// Goes to the next tensor, or behind the block that could not be read.
    #[inline]
    fn advance(&self, walk: &mut BundleWalk, stuck: &mut bool) -> Result<bool> {
        let index = self.reader.index();
        let more = if *stuck { walk.skip_block(index) } else { walk.advance(index) };
        *stuck = more.is_err();
        more
    }

    /// A data shard is looked at only when reading it has failed.
    fn told<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| impostor::unmask(self.storage.as_ref(), error))
    }

    /// Reads a part of a piece, as an overlay may have cut it: it has no entry.
    fn read_part(&self, tensor: &Tensor, piece: &Piece, each: &mut Each<'_>) -> Result<()> {
        let slice = piece.slice.as_ref();
        let size = self.read_size(&tensor.name, slice)?;
        let mut part = vec![0; size as usize];
        self.read_into(&tensor.name, slice, &mut part, &ReadOptions::default())?;
        if part.is_empty() { Ok(()) } else { each(&part) }
    }

    /// The entry that stands for a stored slice of the tensor.
    fn slice_place(&self, tensor: &Indexed, slice: &Slice) -> Result<Piece> {
        let entry = self.reader.slice_entry(tensor, slice)?;
        Ok(piece(Some(slice.clone()), Place::of(&entry)))
    }
}

fn piece(slice: Option<Slice>, place: Place) -> Piece {
    let order = Order { source: 0, file: place.shard, at: place.offset, then: place.size };
    Piece { slice, size: place.size, order, place: Some(place) }
}

/// An index entry without a place.
fn indexed(tensor: &Tensor) -> Indexed {
    let Tensor { name, dtype, shape, slices, .. } = tensor.clone();
    let entry = Entry { dtype, shape, shard: 0, offset: 0, size: 0, crc32c: 0, slices };
    Indexed { name, entry }
}

impl Source for BundleSource {
    fn format(&self) -> Format {
        Format::V2
    }

    fn prefix(&self) -> &Path {
        self.reader.prefix()
    }

    fn num_shards(&self) -> u32 {
        self.reader.header().num_shards
    }

    fn shard_path(&self, shard: u32) -> Option<PathBuf> {
        (shard < self.num_shards()).then(|| self.reader.shard_path(shard))
    }

    fn endianness(&self) -> Option<Endianness> {
        Some(self.reader.header().endianness)
    }

    fn home(&self) -> Option<&Path> {
        Some(self.reader.index().path())
    }

    fn origins<'s>(&'s self, name: &'s [u8]) -> Vec<Origin<'s>> {
        vec![Origin { source: 0, beneath: Beneath::Bundle(&self.reader), name, is_all: true }]
    }

    fn walk(&self, prefix: &[u8]) -> Walk {
        let (walk, num_shards) = (BundleWalk::new(prefix), self.num_shards());
        Walk(Stand::Index { walk, stuck: false, num_shards })
    }

    fn step(&self, walk: &mut Walk, tensor: &mut Tensor) -> Result<bool> {
        let Stand::Index { walk, stuck, .. } = &mut walk.0 else { return Ok(false) };
        if !self.advance(walk, stuck)? {
            return Ok(false);
        }
        let entry = walk.entry(self.reader.index())?;
        *tensor = Indexed { name: walk.name().to_vec(), entry }.into();
        Ok(true)
    }

    fn step_name(&self, walk: &mut Walk, name: &mut Vec<u8>) -> Result<bool> {
        let Stand::Index { walk, stuck, .. } = &mut walk.0 else { return Ok(false) };
        let more = self.advance(walk, stuck)?;
        walk.name().clone_into(name);
        Ok(more)
    }

    fn len(&self) -> Result<u64> {
        self.reader.index().len()
    }

    fn at(&self, position: u64) -> Result<Option<Tensor>> {
        Ok(self.reader.index().at(position)?.map(Into::into))
    }

    fn find(&self, name: &[u8]) -> Result<Option<Tensor>> {
        Ok(self.reader.find(name)?.map(Into::into))
    }

    fn read(&self, name: &[u8]) -> Result<Vec<u8>> {
        self.told(self.reader.read(name))
    }

    fn read_size(&self, name: &[u8], slice: Option<&Slice>) -> Result<u64> {
        self.told(self.reader.read_size(name, slice))
    }

    fn read_into(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<usize> {
        self.told(match slice {
            Some(slice) => self.reader.read_slice_into(name, slice, dst, options),
            None => self.reader.read_into(name, dst, options),
        })
    }

    fn read_many(&self, requests: &mut dyn ReadRequests<'_>, options: &ReadOptions) -> Result<()> {
        self.told(self.reader.read_requests(requests, options))
    }

    fn read_strings(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        options: &ReadOptions,
    ) -> Result<Strings> {
        self.told(match slice {
            Some(slice) => self.reader.read_strings_slice(name, slice, options),
            None => self.reader.read_strings(name, options),
        })
    }

    fn string_bytes(&self, name: &[u8]) -> Result<u64> {
        self.told(self.reader.string_bytes(name))
    }

    fn view(&self, name: &[u8], options: &ReadOptions) -> Result<View> {
        self.told(self.reader.view(name, options))
    }

    fn read_cuts(
        &self,
        name: &[u8],
        wanted: &Target,
        cuts: &[Cut],
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<()> {
        self.told(self.reader.read_cuts(name, wanted, cuts, dst, options))
    }

    fn check_cuts(&self, name: &[u8], wanted: &Region, cuts: &[Cut]) -> Result<()> {
        self.told(self.reader.check_cuts(name, wanted, cuts))
    }

    fn pieces(&self, tensor: &Tensor) -> Result<Vec<Piece>> {
        if let Some(place) = tensor.stored {
            return Ok(vec![piece(None, place)]);
        }
        let indexed = indexed(tensor);
        tensor.slices.iter().map(|slice| self.slice_place(&indexed, slice)).collect()
    }

    fn read_piece(&self, tensor: &Tensor, piece: &Piece, each: &mut Each<'_>) -> Result<()> {
        let Some(entry) = piece.entry(tensor)? else { return self.read_part(tensor, piece, each) };
        self.told(self.reader.read_stored(&tensor.name, &entry, each))
    }

    fn stored_size(&self) -> u64 {
        stored_size(&self.reader)
    }

    fn verify(&self, may_lack: &MayLack<'_>, options: &ReadOptions) -> Result<Report> {
        let mut report = verify_but(&self.reader, may_lack, options)?;
        let problems = report.problems.into_iter();
        report.problems =
            problems.map(|error| impostor::unmask(self.storage.as_ref(), error)).collect();
        Ok(report)
    }
}
