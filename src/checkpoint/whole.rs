//! Whether a checkpoint is all there, and what is wrong with it if not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use prost::Message;

use super::files::{Form, form_of, shards};
use super::impostor;
use super::source::table_options;
use crate::bundle::{self, ReaderOptions, index_path};
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::progress::Progress;
use crate::proto::BundleEntryProto;
use crate::storage::Storage;
use crate::table::{Table, TableOptions};
use crate::v1;

/// So many missing files are told at most. A name or a header may promise any number
/// of files, so no more are looked for than there is need.
const TOLD: usize = 16;

/// How thoroughly [`check_whole`] looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Reads the whole index, and checks that every data shard is there and no
    /// tensor reaches beyond its end. Of V1, reads what tensors there are, and checks
    /// that every file is there and the slices that they list are all of each tensor.
    /// Costs as little for large tensors as for small.
    Lengths,
    /// Reads every byte, checks it against its checksum, and sees to it that it makes
    /// the tensors that it should.
    #[default]
    Checksums,
}

/// Checks that the checkpoint at `prefix` is there, and whole.
///
/// # Errors
/// `NotFound` where it, or a shard of it, is missing; `DataLoss` where it is damaged
/// or cut short, with the first of what is wrong; `Unsupported`; `Io`.
pub fn check_whole(storage: &Arc<dyn Storage>, prefix: &Path, depth: Depth) -> Result<()> {
    problems_of(storage, prefix, depth)?.into_iter().next().map_or(Ok(()), Err)
}

/// All that is wrong with the checkpoint at `prefix`: the files that are missing; or
/// else, where all are there, what is damaged.
///
/// # Errors
/// `Io`.
pub(super) fn problems_of(
    storage: &Arc<dyn Storage>,
    prefix: &Path,
    depth: Depth,
) -> Result<Vec<Error>> {
    let found = match form_of(storage.as_ref(), prefix)? {
        Some(Form::Bundle) => problems_of_bundle(storage, prefix, depth),
        Some(Form::SliceFile) => problems_of_slice_files(storage, &[prefix.into()], depth),
        Some(Form::SliceFiles(count)) => match present(storage.as_ref(), prefix, count)? {
            Files::All(files) => problems_of_slice_files(storage, &files, depth),
            Files::Missing(missing) => Ok(missing),
        },
        None => Err(Error::not_found("there is no such checkpoint").in_file(prefix)),
    };
    let problems = found.or_else(|error| match error.kind() {
        ErrorKind::Io => Err(error),
        _ => Ok(vec![error]),
    })?;
    Ok(problems.into_iter().map(|error| impostor::unmask(storage.as_ref(), error)).collect())
}

fn problems_of_bundle(
    storage: &Arc<dyn Storage>,
    prefix: &Path,
    depth: Depth,
) -> Result<Vec<Error>> {
    let options = ReaderOptions { storage: storage.clone(), ..ReaderOptions::default() };
    let reader = bundle::Reader::open_with(prefix, &options)?;
    let lengths = match shard_lengths(storage.as_ref(), &reader)? {
        Files::All(lengths) => lengths,
        Files::Missing(missing) => return Ok(missing),
    };
    check_lengths(storage.as_ref(), &reader, &lengths)?;
    match depth {
        Depth::Lengths => Ok(Vec::new()),
        Depth::Checksums => Ok(bundle::verify(&reader, &Progress::none())?.problems),
    }
}

/// The files of a checkpoint, or an error for each that is missing.
enum Files<T> {
    All(T),
    Missing(Vec<Error>),
}

impl<T> Files<T> {
    fn new(there: T, missing: Vec<Error>) -> Self {
        if missing.is_empty() { Self::All(there) } else { Self::Missing(missing) }
    }
}

/// The lengths of the data shards.
fn shard_lengths(
    storage: &dyn Storage,
    reader: &bundle::Reader,
) -> Result<Files<BTreeMap<u32, u64>>> {
    let mut lengths = BTreeMap::new();
    let mut missing = Vec::new();
    for shard in 0..reader.header().num_shards {
        match storage.open(&reader.shard_path(shard)) {
            Ok(file) => {
                lengths.insert(shard, file.len());
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                missing.push(error.in_shard(shard));
            }
            Err(error) => return Err(error.in_shard(shard)),
        }
        if missing.len() == TOLD {
            break;
        }
    }
    Ok(Files::new(lengths, missing))
}

/// Checks that all that the entries of the index name is in the data shards.
fn check_lengths(
    storage: &dyn Storage,
    reader: &bundle::Reader,
    lengths: &BTreeMap<u32, u64>,
) -> Result<()> {
    let index = index_path(reader.prefix());
    let table = Table::open(storage.open(&index)?, &TableOptions::default())?;
    let mut entries = table.cursor();
    while entries.next()? {
        if !entries.key().is_empty() {
            check_entry(entries.value(), lengths, reader)
                .in_file(&index)
                .for_tensor(entries.key())?;
        }
    }
    Ok(())
}

fn check_entry(value: &[u8], lengths: &BTreeMap<u32, u64>, reader: &bundle::Reader) -> Result<()> {
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

/// The files of a V1 checkpoint that has several.
fn present(storage: &dyn Storage, prefix: &Path, count: u32) -> Result<Files<Vec<PathBuf>>> {
    let mut there: BTreeMap<_, _> = shards(storage, prefix)?.into_iter().collect();
    let absent = (0..count).filter(|shard| !there.contains_key(shard)).take(TOLD);
    let missing = |shard| {
        let message = format!("file {shard} of {count} is missing");
        Error::not_found(message).in_file(prefix).in_shard(shard)
    };
    let missing: Vec<Error> = absent.map(missing).collect();
    there.retain(|&shard, _| shard < count);
    Ok(Files::new(there.into_values().collect(), missing))
}

/// Every byte of a V1 file, metadata and values, lies in blocks with checksums; but
/// those say nothing of whether the metadata and the values fit together.
fn problems_of_slice_files(
    storage: &Arc<dyn Storage>,
    files: &[PathBuf],
    depth: Depth,
) -> Result<Vec<Error>> {
    let options = table_options(&TableOptions::default());
    let reader = v1::Reader::open(storage.as_ref(), files, &options)?;
    match depth {
        Depth::Lengths => Ok(v1::verify_metadata(&reader).problems),
        Depth::Checksums => Ok(v1::verify(&reader, &Progress::none())?.problems),
    }
}
