//! Several checkpoints of any format into one.

use std::path::Path;
use std::rc::Rc;

use super::locate::{Located, locate};
use super::overlay::{NameMap, Overlay};
use super::reader::Reader;
use super::source::Format;
use super::tensor::{Piece, Tensor};
use crate::bundle::{
    self, MergeOptions, OnConflict, ReadOptions, ReaderOptions, Transfer, Writer, WriterOptions,
};
use crate::error::{Error, Result};
use crate::tensor::DType;

/// Merges the checkpoints that the paths `sources` lead to into a V2 checkpoint at
/// the prefix `dst`: what an [`Overlay`] of them shows. Where all are V2 that is
/// [`bundle::merge`], which moves no values. Where one is V1, or slices count only in
/// part because others overlap them, the values of all are written anew, into one
/// data shard.
///
/// # Errors
/// Those of [`Reader::open`] and [`bundle::merge`]; `InvalidArgument` also where V1
/// checkpoints, or overlapping slices, were to be moved.
pub fn merge(
    dst: impl AsRef<Path>,
    sources: &[impl AsRef<Path>],
    options: &MergeOptions,
) -> Result<()> {
    let located = sources
        .iter()
        .map(|path| locate(&options.storage, path.as_ref()))
        .collect::<Result<Vec<_>>>()?;
    match located.iter().find(|located| located.format == Format::V1) {
        None if must_cut(&located, options) => materialize(dst.as_ref(), &located, options),
        None => {
            let prefixes: Vec<_> = located.iter().map(|located| &located.prefix).collect();
            bundle::merge(dst, &prefixes, options)
        }
        Some(v1) if options.transfer == Transfer::Move => {
            let message = "a V1 checkpoint can't be moved into another: its values are rewritten";
            Err(Error::invalid(message).in_file(&v1.prefix))
        }
        Some(_) => materialize(dst.as_ref(), &located, options),
    }
}

/// Whether slices that overlap are to be cut: no index can say so. What else may be
/// wrong is for the merge to tell.
fn must_cut(sources: &[Located], options: &MergeOptions) -> bool {
    let asked = options.on_conflict != OnConflict::Error && options.transfer != Transfer::Move;
    asked
        && sources.len() > 1
        && overlay(sources, options)
            .and_then(|overlay| overlay.open_source())
            .is_ok_and(|source| source.has_overlaps())
}

fn overlay(sources: &[Located], options: &MergeOptions) -> Result<Overlay> {
    let mut overlay = Overlay::new();
    overlay.on_conflict(options.on_conflict);
    let reader_options = ReaderOptions {
        storage: options.storage.clone(),
        index: options.index.clone(),
        ..ReaderOptions::default()
    };
    for located in sources {
        overlay.add(Reader::open_located(located, &reader_options)?, NameMap::default());
    }
    Ok(overlay)
}

fn materialize(dst: &Path, sources: &[Located], options: &MergeOptions) -> Result<()> {
    let reader = overlay(sources, options)?.open()?;
    let writer_options = WriterOptions {
        storage: options.storage.clone(),
        sync: options.sync,
        ..WriterOptions::default()
    };
    let mut writer = Writer::create_with(dst, writer_options)?;
    for (tensor, piece) in all_pieces(&reader)? {
        write_piece(&reader, &tensor, &piece, &mut writer)?;
    }
    writer.finish()
}

/// All pieces, in the order in which they are stored.
fn all_pieces(reader: &Reader) -> Result<Vec<(Rc<Tensor>, Piece)>> {
    let mut all = Vec::new();
    for tensor in reader.tensors() {
        let tensor = Rc::new(tensor?);
        let pieces = reader.pieces(&tensor)?;
        all.extend(pieces.into_iter().map(|piece| (tensor.clone(), piece)));
    }
    all.sort_by(|(_, one), (_, other)| one.stored_order(other));
    Ok(all)
}

fn write_piece(reader: &Reader, tensor: &Tensor, piece: &Piece, writer: &mut Writer) -> Result<()> {
    let Tensor { name, dtype, shape, .. } = tensor;
    if dtype.is_variable_length() {
        return write_strings(reader, tensor, piece, writer);
    }
    let mut target = match &piece.slice {
        Some(slice) => writer.begin_slice(name, *dtype, shape, slice)?,
        None => writer.begin(name, *dtype, shape)?,
    };
    reader.read_piece(tensor, piece, |elements| target.write(elements))?;
    target.finish()
}

fn write_strings(
    reader: &Reader,
    tensor: &Tensor,
    piece: &Piece,
    writer: &mut Writer,
) -> Result<()> {
    let Tensor { name, dtype, shape, .. } = tensor;
    let options = ReadOptions::default();
    let strings = match &piece.slice {
        Some(slice) => reader.read_strings_slice(name, slice, &options)?,
        None => reader.read_strings(name, &options)?,
    };
    match (&piece.slice, *dtype) {
        (None, DType::STRING) => writer.add_strings(name, shape, &strings),
        (None, _) => writer.add_variants(name, shape, &strings),
        (Some(slice), DType::STRING) => writer.add_strings_slice(name, shape, slice, &strings),
        (Some(slice), _) => writer.add_variants_slice(name, shape, slice, &strings),
    }
}
