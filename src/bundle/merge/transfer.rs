//! The data files of the sources on their way to the merged bundle.

use std::path::Path;

use super::source::Source;
use super::{MergeOptions, Transfer};
use crate::bundle::names::data_path;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::storage::{Staging, Storage};

/// How much is copied at once.
const PIECE: usize = 1 << 20;

/// Brings all data files beside their new names.
pub(super) fn stage_data(
    staging: &mut Staging,
    dst: &Path,
    num_shards: u32,
    sources: &[Source],
    options: &MergeOptions,
    sync: bool,
) -> Result<()> {
    for source in sources {
        for (shard, merged) in source.shards() {
            let from = source.data_path(shard);
            let to = data_path(dst, merged, num_shards);
            stage_file(staging, &from, &to, options, sync).in_shard(shard)?;
        }
    }
    Ok(())
}

fn stage_file(
    staging: &mut Staging,
    from: &Path,
    to: &Path,
    options: &MergeOptions,
    sync: bool,
) -> Result<()> {
    let storage = options.storage.as_ref();
    // A link fails across file systems, and on those that have none: a copy then
    // does the same, and if it fails too its error says why.
    if options.transfer == Transfer::Copy || staging.link(from, to).is_err() {
        return copy(staging, storage, from, to, sync);
    }
    if sync { storage.sync_file(from) } else { Ok(()) }
}

fn copy(
    staging: &mut Staging,
    storage: &dyn Storage,
    from: &Path,
    to: &Path,
    sync: bool,
) -> Result<()> {
    let source = storage.open(from)?;
    let target = staging.create(to)?;
    let mut buf = vec![0; source.len().min(PIECE as u64) as usize];
    let mut at = 0;
    while at < source.len() {
        let piece = &mut buf[..(source.len() - at).min(PIECE as u64) as usize];
        source.read_exact_at(piece, at)?;
        target.write_all_at(piece, at)?;
        at += piece.len() as u64;
    }
    if sync { target.sync() } else { Ok(()) }
}

/// Removes the sources of a move, each index before its data.
pub(super) fn remove_sources(sources: &[Source], options: &MergeOptions) -> Result<()> {
    for source in sources {
        remove(options.storage.as_ref(), source.index().path())?;
        for (shard, _) in source.shards() {
            remove(options.storage.as_ref(), &source.data_path(shard))?;
        }
    }
    Ok(())
}

/// A source that was named twice is gone at the second time.
fn remove(storage: &dyn Storage, path: &Path) -> Result<()> {
    match storage.remove(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::new(
            error.kind(),
            format!("the merged bundle is whole, but of its sources {}", error.message()),
        )
        .in_file(path)),
        _ => Ok(()),
    }
}
