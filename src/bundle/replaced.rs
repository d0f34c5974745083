//! The bundle that a new one at the same prefix takes the place of.

use std::path::{Path, PathBuf};

use super::header::Header;
use super::index::Index;
use super::names::{data_path, index_path};
use super::writer::WriterOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::{Staging, Storage, WriteFile};
use crate::table::TableOptions;

/// The files of the bundle at `prefix` that goes away when another is committed
/// there, its index first; none where there is no bundle.
///
/// # Errors
/// `AlreadyExists` where there is one and it is not to be replaced.
pub(super) fn replaced_files(
    storage: &dyn Storage,
    prefix: &Path,
    replace: bool,
) -> Result<Vec<PathBuf>> {
    let index = index_path(prefix);
    if !storage.exists(&index)? {
        return Ok(Vec::new());
    }
    if !replace {
        return Err(Error::new(ErrorKind::AlreadyExists, "is there already").in_file(&index));
    }
    let num_shards = match Index::open(storage, prefix, &TableOptions::default()) {
        Ok(old) => old.header().num_shards,
        Err(error) if error.kind() == ErrorKind::Io => return Err(error),
        // Of an index that is damaged nobody knows the data files.
        Err(_) => 0,
    };
    let data = (0..num_shards.min(WriterOptions::MAX_SHARDS))
        .map(|shard| data_path(prefix, shard, num_shards));
    Ok(std::iter::once(index).chain(data).collect())
}

/// Counts of shards that are tried before a replacement goes without an interim index.
const INTERIM_COUNTS: usize = 16;

/// Commits a bundle in the place of that at `prefix`, of which the files are `replaced`.
/// `write_index` writes its index again, by another header: data files of the same names
/// are replaced beneath an index that calls the new ones by others.
pub(super) fn commit(
    mut staging: Staging,
    storage: &dyn Storage,
    prefix: &Path,
    header: &Header,
    (sync, replaced): (bool, &[PathBuf]),
    write_index: impl FnOnce(&dyn WriteFile, &Header) -> Result<()>,
) -> Result<()> {
    let shards = header.num_shards;
    if replaced.contains(&data_path(prefix, 0, shards)) {
        if let Some(count) = free_count(storage, prefix, shards)? {
            let name = |shard, count| data_path(prefix, shard, count);
            let names = (0..shards).map(|shard| (name(shard, shards), name(shard, count)));
            let empty = (shards..count).map(|shard| name(shard, count)).collect();
            let file = staging.create_interim(&index_path(prefix), names.collect(), empty)?;
            write_index(file.as_ref(), &Header { num_shards: count, ..header.clone() })?;
            if sync {
                file.sync()?;
            }
        }
    }
    staging.commit(sync, replaced)
}

/// A larger count of shards, of whose names none is taken.
fn free_count(storage: &dyn Storage, prefix: &Path, shards: u32) -> Result<Option<u32>> {
    for count in (shards..).skip(1).take(INTERIM_COUNTS) {
        let mut free = true;
        for shard in 0..count {
            free = free && !storage.exists(&data_path(prefix, shard, count))?;
        }
        if free {
            return Ok(Some(count));
        }
    }
    Ok(None)
}
