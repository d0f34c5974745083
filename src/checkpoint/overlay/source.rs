//! An overlay that is open: every question goes to the checkpoint that has the
//! answer, in that one's words.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::reader::Reader;
use super::super::source::{Each, Format, Origin, Progress, Source, Walk, not_found};
use super::super::tensor::{Piece, Tensor};
use super::catalog::{Catalog, Item};
use crate::bundle::{Endianness, ReadOptions, ReadRequest, Report, View};
use crate::error::Result;
use crate::tensor::{Slice, Strings};

#[derive(Debug)]
pub(super) struct OverlaySource {
    readers: Vec<Arc<Reader>>,
    catalog: Catalog,
}

impl OverlaySource {
    pub(super) fn new(readers: Vec<Arc<Reader>>, catalog: Catalog) -> Self {
        Self { readers, catalog }
    }

    /// The checkpoint that a tensor is taken from, and its name there.
    fn place(&self, name: &[u8]) -> Result<(&dyn Source, &[u8])> {
        let item = self.catalog.find(name);
        let place = item.and_then(|item| Some((self.source(item)?, item.original())));
        place.ok_or_else(|| not_found(None, vec![name.to_vec()]).with_names(Vec::new()))
    }

    fn source(&self, item: &Item) -> Option<&dyn Source> {
        self.readers.get(item.layer as usize).map(|reader| reader.source())
    }

    /// The tensor of an item, under the name that it has here.
    fn tensor(&self, item: &Item) -> Result<Option<Tensor>> {
        let Some(source) = self.source(item) else { return Ok(None) };
        let tensor = source.find(item.original())?;
        let tensor =
            tensor.ok_or_else(|| not_found(source.home(), vec![item.original().into()]))?;
        Ok(Some(Tensor { name: item.name().to_vec(), ..tensor }))
    }

    /// How many checkpoints are beneath those before `layer`.
    fn sources_before(&self, layer: u32) -> u32 {
        let before = self.readers.iter().take(layer as usize);
        before.map(|reader| reader.source().num_sources()).sum()
    }

    /// The requests that go to one of the checkpoints, in its words.
    fn requests_to<'r>(
        &'r self,
        layer: usize,
        requests: &'r mut [ReadRequest<'_>],
    ) -> Vec<ReadRequest<'r>> {
        let theirs = requests.iter_mut().filter_map(|request| {
            let item = self.catalog.find(request.name)?;
            (item.layer as usize == layer).then(|| ReadRequest {
                name: item.original(),
                slice: request.slice.clone(),
                dst: request.dst,
            })
        });
        theirs.collect()
    }
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

    fn origin<'s>(&'s self, name: &'s [u8]) -> Option<Origin<'s>> {
        let item = self.catalog.find(name)?;
        let mut origin = self.source(item)?.origin(item.original())?;
        origin.source += self.sources_before(item.layer);
        Some(origin)
    }

    fn walk(&self, prefix: &[u8]) -> Walk {
        Walk::in_list(self.catalog.position(prefix).unwrap_or_else(|place| place), prefix)
    }

    fn step(&self, walk: &mut Walk) -> Result<Option<Tensor>> {
        let here = walk.step_in_list(|at| self.catalog.items().get(at).map(Item::name));
        here.map_or(Ok(None), |at| self.at(at as u64))
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
        let (source, original) = self.place(name)?;
        source.read(original)
    }

    fn read_size(&self, name: &[u8], slice: Option<&Slice>) -> Result<u64> {
        let (source, original) = self.place(name)?;
        source.read_size(original, slice)
    }

    fn read_into(
        &self,
        name: &[u8],
        slice: Option<&Slice>,
        dst: &mut [u8],
        options: &ReadOptions,
    ) -> Result<usize> {
        let (source, original) = self.place(name)?;
        source.read_into(original, slice, dst, options)
    }

    /// Checkpoint by checkpoint, each in the order in which it is stored.
    fn read_many(&self, requests: &mut [ReadRequest<'_>], options: &ReadOptions) -> Result<()> {
        let names = requests.iter().map(|request| request.name);
        let mut missing: Vec<Vec<u8>> =
            names.filter(|name| self.catalog.find(name).is_none()).map(<[u8]>::to_vec).collect();
        if !missing.is_empty() {
            missing.sort();
            return Err(not_found(None, missing));
        }
        for (layer, reader) in self.readers.iter().enumerate() {
            let mut theirs = self.requests_to(layer, requests);
            if !theirs.is_empty() {
                reader.read_many(&mut theirs, options)?;
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
        let (source, original) = self.place(name)?;
        source.read_strings(original, slice, options)
    }

    fn string_bytes(&self, name: &[u8]) -> Result<u64> {
        let (source, original) = self.place(name)?;
        source.string_bytes(original)
    }

    fn view(&self, name: &[u8], options: &ReadOptions) -> Result<View> {
        let (source, original) = self.place(name)?;
        source.view(original, options)
    }

    fn pieces(&self, tensor: &Tensor) -> Result<Vec<Piece>> {
        let (source, original) = self.place(&tensor.name)?;
        let mut pieces = source.pieces(&Tensor { name: original.to_vec(), ..tensor.clone() })?;
        let layer = self.catalog.find(&tensor.name).map_or(0, |item| item.layer);
        let before = self.sources_before(layer);
        for piece in &mut pieces {
            piece.order.source += before;
        }
        Ok(pieces)
    }

    fn read_piece(&self, tensor: &Tensor, piece: &Piece, each: &mut Each<'_>) -> Result<()> {
        let (source, original) = self.place(&tensor.name)?;
        source.read_piece(&Tensor { name: original.to_vec(), ..tensor.clone() }, piece, each)
    }

    fn verify(&self, progress: &mut Progress<'_>) -> Result<Report> {
        let mut all = Report::default();
        for reader in &self.readers {
            let (tensors, bytes) = (all.tensors, all.bytes);
            let report = reader.source().verify(&mut |report: &Report| {
                progress(&Report {
                    problems: Vec::new(),
                    tensors: tensors + report.tensors,
                    bytes: bytes + report.bytes,
                })
            })?;
            all.problems.extend(report.problems);
            all.tensors += report.tensors;
            all.bytes += report.bytes;
        }
        Ok(all)
    }

    fn num_sources(&self) -> u32 {
        self.sources_before(self.readers.len() as u32)
    }
}
