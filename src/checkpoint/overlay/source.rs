//! An overlay that is open: every question goes to the checkpoint that has the
//! answer, in that one's words.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::reader::Reader;
use super::super::source::{Each, Format, MayLack, Origin, Source, Walk, not_found, put_name};
use super::super::tensor::{Piece, Tensor};
use super::catalog::{Catalog, Item};
use super::joined::{Holder, Joined, Taken};
use crate::bundle::{
    Cut, Endianness, ReadOptions, ReadRequest, ReadRequests, Report, View, all_of,
};
use crate::error::{Error, Result, ResultExt};
use crate::tensor::{Region, Slice, Strings, Target};

#[derive(Debug)]
pub(in crate::checkpoint) struct OverlaySource {
    readers: Vec<Arc<Reader>>,
    catalog: Catalog,
}

/// Where a tensor is taken from.
enum Place<'s> {
    /// A checkpoint.
    One(&'s dyn Source, &'s Item),
    /// Several, each with slices of it.
    Several(&'s Joined),
}

impl OverlaySource {
    pub(super) fn new(readers: Vec<Arc<Reader>>, catalog: Catalog) -> Self {
        Self { readers, catalog }
    }

    /// Whether slices that are not the same overlap. A merge of indices can't do
    /// what an overlay does then.
    pub(in crate::checkpoint) fn has_overlaps(&self) -> bool {
        self.catalog.has_overlaps
    }

    fn place(&self, name: &[u8]) -> Result<Place<'_>> {
        let place = self.catalog.find(name).and_then(|item| match item.joined() {
            Some(joined) => Some(Place::Several(joined)),
            None => Some(Place::One(self.source(item.layer)?, item)),
        });
        place.ok_or_else(|| not_found(None, vec![name.to_vec()]).with_names(Vec::new()))
    }

    fn source(&self, layer: u32) -> Option<&dyn Source> {
        self.readers.get(layer as usize).map(|reader| reader.source())
    }

    /// The tensor of an item, under the name that it has here.
    fn next(&self, walk: &mut Walk) -> Option<&Item> {
        let here = walk.step_in_list(|at| self.catalog.items().get(at).map(Item::name))?;
        self.catalog.items().get(here)
    }

    fn tensor(&self, item: &Item) -> Result<Option<Tensor>> {
        let name = item.name().to_vec();
        if let Some(joined) = item.joined() {
            return Ok(Some(joined.tensor(name)));
        }
        let Some(source) = self.source(item.layer) else { return Ok(None) };
        Ok(Some(Tensor { name, ..tensor_in(source, item.original())? }))
    }

    /// The checkpoint that has a part of a joined tensor.
    pub(super) fn holder(&self, holder: &Holder) -> Result<&dyn Source> {
        let source = self.source(holder.layer);
        source.ok_or_else(|| not_found(None, vec![holder.name.to_vec()]))
    }

    /// How many checkpoints are beneath those before `layer`.
    pub(super) fn sources_before(&self, layer: u32) -> u32 {
        let before = self.readers.iter().take(layer as usize);
        before.map(|reader| reader.source().num_sources()).sum()
    }

    /// Where a tensor of a checkpoint comes from that is taken, or a part of it.
    fn origins_in<'s>(&'s self, layer: u32, name: &'s [u8], is_all: bool) -> Vec<Origin<'s>> {
        let mut origins = self.source(layer).map_or_else(Vec::new, |source| source.origins(name));
        for origin in &mut origins {
            origin.source += self.sources_before(layer);
            origin.is_all &= is_all;
        }
        origins
    }

    /// The names of all requests that there are no tensors of.
    fn missing(&self, requests: &[ReadRequest<'_>]) -> Vec<Vec<u8>> {
        let names = requests.iter().map(|request| request.name);
        let mut missing: Vec<Vec<u8>> =
            names.filter(|name| self.catalog.find(name).is_none()).map(<[u8]>::to_vec).collect();
        missing.sort();
        missing
    }

    /// The requests that go to one of the checkpoints, in its words.
    fn requests_to<'r>(
        &'r self,
        layer: usize,
        requests: &'r mut [ReadRequest<'_>],
    ) -> Vec<ReadRequest<'r>> {
        let theirs = requests.iter_mut().filter_map(|request| {
            let item = self.catalog.find(request.name)?;
            let theirs = item.layer as usize == layer && item.joined().is_none();
            theirs.then(|| ReadRequest {
                name: item.original(),
                slice: request.slice.clone(),
                dst: request.dst,
                dst_strides: request.dst_strides,
            })
        });
        theirs.collect()
    }

    /// The checkpoint that has a piece, and what tensor and piece are there.
    fn piece_there(&self, tensor: &Tensor, piece: &Piece) -> Result<(&dyn Source, Tensor, Piece)> {
        match self.place(&tensor.name)? {
            Place::One(source, item) => {
                let before = self.sources_before(item.layer);
                let mut piece = piece.clone();
                piece.order.source = piece.order.source.saturating_sub(before);
                Ok((source, item.tensor_there(tensor), piece))
            }
            Place::Several(joined) => self.joined_piece_there(joined, piece),
        }
    }

    /// The tensors that were brought together, and still have not all of their slices.
    fn incomplete(&self, may_lack: &MayLack<'_>) -> impl Iterator<Item = Error> {
        let joined = |item: &Item| {
            let joined = item.joined().filter(|_| !may_lack(item.name()))?;
            joined.shares(&Region::whole(&joined.shape)).for_tensor(item.name()).err()
        };
        self.catalog.items().iter().filter_map(joined)
    }

    /// The tensors of the checkpoints that are behind those that `may_lack` slices here.
    fn lent(&self, may_lack: &MayLack<'_>) -> HashSet<(u32, &[u8])> {
        let items = self.catalog.items().iter().filter(|item| may_lack(item.name()));
        let origins = items.flat_map(|item| {
            let holders = item.joined().map_or(&[][..], |joined| &joined.holders);
            let holders = holders.iter().map(|holder| (holder.layer, &*holder.name));
            holders.chain([(item.layer, item.original())])
        });
        origins.collect()
    }
}

/// The tensor `name` of a checkpoint, which has it.
pub(super) fn tensor_in(source: &dyn Source, name: &[u8]) -> Result<Tensor> {
    source.find(name)?.ok_or_else(|| not_found(source.home(), vec![name.into()]))
}

impl Source for OverlaySource {
    fn format(&self) -> Format {
        Format::Overlay
    }

    fn prefix(&self) -> &Path {
        Path::new("")
    }

    fn num_shards(&self) -> u32 {
        self.readers.iter().fold(0, |sum, reader| sum.saturating_add(reader.num_shards()))
    }

    fn shard_path(&self, mut shard: u32) -> Option<PathBuf> {
        for reader in &self.readers {
            match shard.checked_sub(reader.num_shards()) {
                Some(beyond) => shard = beyond,
                None => return reader.shard_path(shard),
            }
        }
        None
    }

    fn endianness(&self) -> Option<Endianness> {
        None
    }

    fn home(&self) -> Option<&Path> {
        None
    }

    fn origins<'s>(&'s self, name: &'s [u8]) -> Vec<Origin<'s>> {
        let Some(item) = self.catalog.find(name) else { return Vec::new() };
        let Some(joined) = item.joined() else {
            return self.origins_in(item.layer, item.original(), true);
        };
        let shares = joined.holders.iter().zip(joined.taken());
        let taken = shares.filter(|(_, taken)| *taken != Taken::Nothing);
        let origins = taken.flat_map(|(holder, taken)| {
            self.origins_in(holder.layer, &holder.name, taken == Taken::All)
        });
        origins.collect()
    }

    fn walk(&self, prefix: &[u8]) -> Walk {
        Walk::in_list(self.catalog.position(prefix).unwrap_or_else(|place| place), prefix)
    }

    fn step(&self, walk: &mut Walk, tensor: &mut Tensor) -> Result<bool> {
        let Some(item) = self.next(walk) else { return Ok(false) };
        let found = self.tensor(item)?;
        Ok(found.map(|found| *tensor = found).is_some())
    }

    fn step_name(&self, walk: &mut Walk, name: &mut Vec<u8>) -> Result<bool> {
        Ok(put_name(self.next(walk).map(Item::name), name))
    }

    fn len(&self) -> Result<u64> {
        Ok(self.catalog.items().len() as u64)
    }

    fn at(&self, position: u64) -> Result<Option<Tensor>> {
        let position = usize::try_from(position).ok();
        let item = position.and_then(|position| self.catalog.items().get(position));
        item.map_or(Ok(None), |item| self.tensor(item))
    }

    fn find(&self, name: &[u8]) -> Result<Option<Tensor>> {
        self.catalog.find(name).map_or(Ok(None), |item| self.tensor(item))
    }

    fn read(&self, name: &[u8]) -> Result<Vec<u8>> {
        match self.place(name)? {
            Place::One(source, item) => source.read(item.original()),
            Place::Several(joined) => self.read_joined(joined).for_tensor(name),
        }
    }

    fn read_size(&self, name: &[u8], slice: Option<&Slice>) -> Result<u64> {
        match self.place(name)? {
            Place::One(source, item) => source.read_size(item.original(), slice),
            Place::Several(joined) => self.size_of_joined(joined, slice).for_tensor(name),
        }
    }

    fn read_into(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<usize> {
        match self.place(name)? {
            Place::One(source, item) => source.read_into(item.original(), slice, dst, options),
            Place::Several(joined) => {
                self.read_joined_into(joined, slice, None, dst, options).for_tensor(name)
            }
        }
    }

    /// Checkpoint by checkpoint, each in the order in which it is stored; then what
    /// is put together from several.
    fn read_many(&self, requests: &mut dyn ReadRequests<'_>, options: &ReadOptions) -> Result<()> {
        let mut requests = all_of(requests)?;
        let missing = self.missing(&requests);
        if !missing.is_empty() {
            return Err(not_found(None, missing));
        }
        for (layer, reader) in self.readers.iter().enumerate() {
            let mut theirs = self.requests_to(layer, &mut requests);
            if !theirs.is_empty() {
                reader.read_many(&mut theirs, options)?;
            }
        }
        for request in requests {
            if let Some(joined) = self.catalog.find(request.name).and_then(Item::joined) {
                let ReadRequest { name, slice, dst, dst_strides } = request;
                self.read_joined_into(joined, slice.as_ref(), dst_strides, dst, options)
                    .for_tensor(name)?;
            }
        }
        Ok(())
    }

    fn read_strings(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        options: &ReadOptions,
    ) -> Result<Strings> {
        match self.place(name)? {
            Place::One(source, item) => source.read_strings(item.original(), slice, options),
            Place::Several(joined) => {
                self.read_joined_strings(joined, slice, options).for_tensor(name)
            }
        }
    }

    fn string_bytes(&self, name: &[u8]) -> Result<u64> {
        match self.place(name)? {
            Place::One(source, item) => source.string_bytes(item.original()),
            Place::Several(_) => {
                let strings = self.read_strings(name, None, &ReadOptions::default())?;
                Ok(strings.data().len() as u64)
            }
        }
    }

    fn view(&self, name: &[u8], options: &ReadOptions) -> Result<View> {
        match self.place(name)? {
            Place::One(source, item) => source.view(item.original(), options),
            Place::Several(joined) => {
                let number = joined.holders.len();
                let message = format!("its slices are in {number} checkpoints; read it instead");
                Err(Error::unsupported(message).for_tensor(name))
            }
        }
    }

    fn read_cuts(
        &self,
        name: &[u8],
        wanted: &Target,
        cuts: &[Cut],
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<()> {
        match self.place(name)? {
            Place::One(source, item) => {
                source.read_cuts(item.original(), wanted, cuts, dst, options)
            }
            Place::Several(joined) => joined.shares_of(cuts).into_iter().try_for_each(|share| {
                let source = self.holder(share.holder)?;
                source.read_cuts(&share.holder.name, wanted, &share.cuts, dst, options)
            }),
        }
    }

    fn check_cuts(&self, name: &[u8], wanted: &Region, cuts: &[Cut]) -> Result<()> {
        match self.place(name)? {
            Place::One(source, item) => source.check_cuts(item.original(), wanted, cuts),
            Place::Several(joined) => joined.shares_of(cuts).into_iter().try_for_each(|share| {
                let source = self.holder(share.holder)?;
                source.check_cuts(&share.holder.name, wanted, &share.cuts)
            }),
        }
    }

    fn pieces(&self, tensor: &Tensor) -> Result<Vec<Piece>> {
        let (source, item) = match self.place(&tensor.name)? {
            Place::One(source, item) => (source, item),
            Place::Several(joined) => return self.pieces_of_joined(joined),
        };
        let mut pieces = source.pieces(&item.tensor_there(tensor))?;
        let before = self.sources_before(item.layer);
        for piece in &mut pieces {
            piece.order.source += before;
        }
        Ok(pieces)
    }

    fn read_piece(&self, tensor: &Tensor, piece: &Piece, each: &mut Each<'_>) -> Result<()> {
        let (source, tensor, piece) = self.piece_there(tensor, piece)?;
        source.read_piece(&tensor, &piece, each)
    }

    fn read_whole_piece(&self, tensor: &Tensor, piece: &Piece) -> Result<Vec<u8>> {
        let (source, tensor, piece) = self.piece_there(tensor, piece)?;
        source.read_whole_piece(&tensor, &piece)
    }

    fn stored_size(&self) -> u64 {
        let sizes = self.readers.iter().map(|reader| reader.source().stored_size());
        sizes.fold(0, u64::saturating_add)
    }

    fn verify(&self, may_lack: &MayLack<'_>, options: &ReadOptions) -> Result<Report> {
        let mut all = Report::default();
        let lent = self.lent(may_lack);
        for (layer, reader) in (0..).zip(&self.readers) {
            let may_lack =
                |name: &[u8]| self.catalog.may_lack(layer, name) || lent.contains(&(layer, name));
            let report = reader.source().verify(&may_lack, options)?;
            all.problems.extend(report.problems);
            all.tensors += report.tensors;
            all.bytes += report.bytes;
        }
        all.problems.extend(self.incomplete(may_lack));
        Ok(all)
    }

    fn num_sources(&self) -> u32 {
        self.sources_before(self.readers.len() as u32)
    }
}
