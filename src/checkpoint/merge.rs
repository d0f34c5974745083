//! Several checkpoints of any format into one.

use std::path::{Path, PathBuf};

use super::copy::{CopyOptions, copy_reader};
use super::locate::{Located, locate};
use super::overlay::{NameMap, Overlay};
use super::reader::Reader;
use super::source::Format;
use crate::bundle::{self, MergeOptions, OnConflict, ReaderOptions, Transfer, assemble};
use crate::error::{Error, Result};

/// Merges the checkpoints that the paths `sources` lead to into a V2 checkpoint at
/// the prefix `dst`: what an [`Overlay`] of them shows. Where all are V2 that is
/// [`bundle::merge`], which moves no values. Where one is V1, or slices count only in
/// part because others overlap them, the values of all are written anew, into one
/// data shard.
///
/// Where several have an object graph the result has one of the objects of all, as
/// an [`Overlay`] has: what `tf.train.Checkpoint` saved can be merged, and each part
/// of it restored. That several have a graph, or the counter of saves that
/// `tf.train.Checkpoint` adds, is no conflict.
///
/// # Errors
/// Those of [`Reader::open`] and [`bundle::merge`]; `InvalidArgument` also where V1
/// checkpoints, or overlapping slices, were to be moved; `DataLoss` where one of several object graphs is
/// damaged.
pub fn merge(
    dst: impl AsRef<Path>,
    sources: &[impl AsRef<Path>],
    options: &MergeOptions,
) -> Result<()> {
    let sources: Vec<(&Path, NameMap)> =
        sources.iter().map(|path| (path.as_ref(), NameMap::default())).collect();
    merge_named(dst, &sources, options)
}

/// Merges checkpoints as [`merge`] does, each with names of its own choice for its
/// tensors.
///
/// # Errors
/// Those of [`merge`]; `InvalidArgument` where two tensors of one checkpoint would
/// have the same name, or where sources were to be moved of which not all tensors
/// are taken; `NotFound` where rules fit no tensor.
pub fn merge_named(
    dst: impl AsRef<Path>,
    sources: &[(impl AsRef<Path>, NameMap)],
    options: &MergeOptions,
) -> Result<()> {
    let dst = dst.as_ref();
    options.progress.check()?;
    let located = sources
        .iter()
        .map(|(path, _)| locate(&options.storage, path.as_ref()))
        .collect::<Result<Vec<_>>>()?;
    let v1 = located.iter().find(|located| located.format == Format::V1);
    if options.transfer == Transfer::Move {
        refuse_losses(v1, sources.iter().map(|(_, names)| names))?;
    }
    let overlay = overlay(&located, sources.iter().map(|(_, names)| names), options)?;
    if v1.is_some() || must_cut(&overlay, sources.len(), options) {
        let values_anew = CopyOptions {
            storage: options.storage.clone(),
            index: options.index.clone(),
            num_shards: Some(1),
            sync: options.sync,
            threads: options.threads,
            max_in_flight: options.max_in_flight,
            progress: options.progress.clone(),
            ..CopyOptions::default()
        };
        return copy_reader(dst, &overlay.open()?, &values_anew);
    }
    if overlay.is_plain()? {
        let prefixes: Vec<PathBuf> = located.into_iter().map(|located| located.prefix).collect();
        return bundle::merge(dst, &prefixes, options);
    }
    assemble(dst, &overlay.assembly()?, options)
}

/// Whether slices that overlap are to be cut: no index can say so. What else may be
/// wrong is for the merge to tell.
fn must_cut(overlay: &Overlay, sources: usize, options: &MergeOptions) -> bool {
    let may = options.on_conflict != OnConflict::Error && options.transfer != Transfer::Move;
    may && sources > 1 && overlay.open_source().is_ok_and(|source| source.has_overlaps())
}

/// Refuses to remove sources of which something would not be in the result.
fn refuse_losses<'n>(
    v1: Option<&Located>,
    mut names: impl Iterator<Item = &'n NameMap>,
) -> Result<()> {
    if let Some(v1) = v1 {
        let message = "a V1 checkpoint can't be moved into another: its values are rewritten";
        return Err(Error::invalid(message).in_file(&v1.prefix));
    }
    match names.all(|names| names.keep_unmapped) {
        true => Ok(()),
        false => Err(Error::invalid("a move would lose the tensors that no rule fits")),
    }
}

fn overlay<'n>(
    sources: &[Located],
    names: impl Iterator<Item = &'n NameMap>,
    options: &MergeOptions,
) -> Result<Overlay> {
    let mut overlay = Overlay::new();
    overlay.on_conflict(options.on_conflict);
    let reader_options = ReaderOptions {
        storage: options.storage.clone(),
        index: options.index.clone(),
        ..ReaderOptions::default()
    };
    for (located, names) in sources.iter().zip(names) {
        overlay.add(Reader::open_located(located, &reader_options)?, names.clone());
    }
    Ok(overlay)
}
