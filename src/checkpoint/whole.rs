//! Whether a checkpoint is all there.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use prost::Message;

use super::files::{Form, form_of, shards};
use crate::bundle::{Reader, ReaderOptions, index_path, verify};
use crate::error::{Error, Result, ResultExt};
use crate::proto::BundleEntryProto;
use crate::storage::Storage;
use crate::table::{Table, TableOptions};

/// How thoroughly [`check_whole`] looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Reads the whole index, and checks that every data shard is there and no
    /// tensor reaches beyond its end. Costs as little for large tensors as for small.
    Lengths,
    /// Reads every byte and checks it against its checksum.
    #[default]
    Checksums,
}

/// Checks that the checkpoint at `prefix` is there, and whole.
///
/// # Errors
/// `NotFound` where it, or a shard of it, is missing; `DataLoss` where it is damaged
/// or cut short, with the first of what is wrong; `Unsupported`; `Io`.
pub fn check_whole(storage: &Arc<dyn Storage>, prefix: &Path, depth: Depth) -> Result<()> {
    match form_of(storage.as_ref(), prefix)? {
        Some(Form::Bundle) => check_bundle(storage, prefix, depth),
        Some(Form::SliceFile) => check_slice_file(storage.as_ref(), prefix, depth),
        Some(Form::SliceFiles(count)) => check_slice_files(storage.as_ref(), prefix, count, depth),
        None => Err(Error::not_found("there is no such checkpoint").in_file(prefix)),
    }
}

fn check_bundle(storage: &Arc<dyn Storage>, prefix: &Path, depth: Depth) -> Result<()> {
    let options = ReaderOptions { storage: storage.clone(), ..ReaderOptions::default() };
    let reader = Reader::open_with(prefix, &options)?;
    check_lengths(storage.as_ref(), &reader)?;
    if depth == Depth::Lengths {
        return Ok(());
    }
    let report = verify(&reader, |_| true)?;
    report.problems.into_iter().next().map_or(Ok(()), Err)
}

/// Checks that all that the entries of the index name is in the data shards.
fn check_lengths(storage: &dyn Storage, reader: &Reader) -> Result<()> {
    let lengths = shard_lengths(storage, reader)?;
    let index = index_path(reader.prefix());
    let table = Table::open(storage.open(&index)?, &TableOptions::default())?;
    let mut entries = table.cursor();
    while entries.next()? {
        if !entries.key().is_empty() {
            check_entry(entries.value(), &lengths, reader)
                .in_file(&index)
                .for_tensor(entries.key())?;
        }
    }
    Ok(())
}

/// The lengths of the data shards. A header may promise any number of them; the
/// first that is missing ends the search.
fn shard_lengths(storage: &dyn Storage, reader: &Reader) -> Result<BTreeMap<u32, u64>> {
    (0..reader.header().num_shards)
        .map(|shard| {
            let file = storage.open(&reader.shard_path(shard)).in_shard(shard)?;
            Ok((shard, file.len()))
        })
        .collect()
}

fn check_entry(value: &[u8], lengths: &BTreeMap<u32, u64>, reader: &Reader) -> Result<()> {
    let entry = BundleEntryProto::decode(value)
        .map_err(|error| Error::data_loss(format!("its entry does not parse: {error}")))?;
    let shard = u32::try_from(entry.shard_id).ok();
    let Some((shard, &len)) = shard.and_then(|shard| Some((shard, lengths.get(&shard)?))) else {
        return Err(Error::data_loss(format!("its data shard is {}", entry.shard_id)));
    };
    let end = entry.offset.checked_add(entry.size).and_then(|end| u64::try_from(end).ok());
    if entry.offset < 0 || entry.size < 0 || end.is_none_or(|end| end > len) {
        return Err(Error::data_loss(format!(
            "its entry says {} bytes from byte {} on, but the data shard has {len} in all",
            entry.size, entry.offset
        ))
        .in_file(&reader.shard_path(shard))
        .in_shard(shard));
    }
    Ok(())
}

fn check_slice_files(storage: &dyn Storage, prefix: &Path, count: u32, depth: Depth) -> Result<()> {
    let files: BTreeMap<_, _> = shards(storage, prefix)?.into_iter().collect();
    for shard in 0..count {
        let Some(file) = files.get(&shard) else {
            return Err(Error::not_found(format!("file {shard} of {count} is missing"))
                .in_file(prefix)
                .in_shard(shard));
        };
        check_slice_file(storage, file, depth).in_shard(shard)?;
    }
    Ok(())
}

/// Every byte of a V1 file, metadata and values, lies in blocks with checksums.
fn check_slice_file(storage: &dyn Storage, file: &Path, depth: Depth) -> Result<()> {
    let table = Table::open(storage.open(file)?, &TableOptions::default())?;
    table.verify_frame()?;
    if depth == Depth::Checksums {
        let mut entries = table.cursor();
        while entries.next()? {}
    }
    Ok(())
}
