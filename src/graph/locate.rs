//! From a path that somebody was given to the file of a graph.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::meta::MetaFile;
use crate::checkpoint;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::{LocalStorage, Storage, parent_dir};

/// The file of a SavedModel, in its directory.
const SAVED_MODEL: &str = "saved_model.pb";

impl MetaFile {
    /// Opens the graph that `path` leads to: a `.meta` file or a `saved_model.pb`,
    /// under these names or any other; the prefix of a checkpoint or one of its
    /// files, with a `.meta` beside it; a directory, which is that of a SavedModel or
    /// leads to its latest checkpoint.
    ///
    /// # Errors
    /// `NotFound`, with what was looked for, and those of [`open`](Self::open).
    pub fn find(path: impl AsRef<Path>) -> Result<Self> {
        Self::find_in(&LocalStorage::shared(), path.as_ref())
    }

    /// As [`find`](Self::find), in `storage`.
    ///
    /// # Errors
    /// As those of [`find`](Self::find).
    pub fn find_in(storage: &Arc<dyn Storage>, path: &Path) -> Result<Self> {
        Self::open_in(storage.as_ref(), &locate(storage, path)?)
    }
}

fn locate(storage: &Arc<dyn Storage>, path: &Path) -> Result<PathBuf> {
    let exists = |path: &Path| storage.exists(path);
    if is_named_as_graph(path) && exists(path)? {
        return Ok(path.to_path_buf());
    }
    for candidate in [with_meta(path), path.join(SAVED_MODEL)] {
        if exists(&candidate)? {
            return Ok(candidate);
        }
    }
    match checkpoint::locate(storage, path) {
        Ok(located) => beside(storage.as_ref(), &located.prefix),
        // It is a file, and no file of a checkpoint.
        Err(error) if error.kind() == ErrorKind::DataLoss && error.file() == Some(path) => {
            Ok(path.to_path_buf())
        }
        Err(error) => Err(error),
    }
}

fn is_named_as_graph(path: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    bytes.ends_with(b".meta") || bytes.ends_with(b".pb")
}

fn with_meta(prefix: &Path) -> PathBuf {
    let name = [prefix.as_os_str().as_bytes(), b".meta"].concat();
    PathBuf::from(OsStr::from_bytes(&name))
}

/// The graph beside the files of a checkpoint.
fn beside(storage: &dyn Storage, prefix: &Path) -> Result<PathBuf> {
    let meta = with_meta(without_shards(prefix));
    // Those of a SavedModel are in a directory within it.
    let saved_model = parent_dir(parent_dir(prefix)).join(SAVED_MODEL);
    for candidate in [&meta, &saved_model] {
        if storage.exists(candidate)? {
            return Ok(candidate.clone());
        }
    }
    Err(Error::not_found("no such file: the checkpoint has no graph beside it").in_file(&meta))
}

/// A V1 checkpoint of several files is `STEM-?????-of-00003`, its graph `STEM.meta`.
fn without_shards(prefix: &Path) -> &Path {
    let bytes = prefix.as_os_str().as_bytes();
    let at = bytes.windows(10).rposition(|window| window == b"-?????-of-");
    at.map_or(prefix, |at| Path::new(OsStr::from_bytes(&bytes[..at])))
}
