//! The bundle that a new one at the same prefix takes the place of.

use std::path::{Path, PathBuf};

use super::index::Index;
use super::names::{data_path, index_path};
use super::writer::WriterOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;
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
