//! The removal of old checkpoints.
//!
//! Those of the V1 format are none of a manager's making. As TensorFlow's manager does,
//! it lets go of one that was on its roll, and leaves the files.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::roll::Kept;
use crate::bundle::index_path;
use crate::checkpoint::files::{Form, files_of, form_of};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::{Storage, parent_dir};

/// What came of a sweep.
#[derive(Debug, Default)]
pub(super) struct Swept {
    /// The prefixes of those of which files were removed.
    pub(super) removed: Vec<PathBuf>,
    /// Those that could not be removed, and why.
    pub(super) failed: Vec<(Kept, Error)>,
}

/// Removes the files of checkpoints, those of V1 left out.
///
/// Names are unlinked, nothing is overwritten: who has a file open reads on. All the
/// indexes go first, and are known to be gone before any data go: a crash between
/// leaves data without an index, never an index without data.
pub(super) fn remove(storage: &dyn Storage, doomed: Vec<Kept>, sync: bool) -> Swept {
    let mut swept = Swept::default();
    let mut unsealed = Vec::new();
    for kept in doomed {
        match unseal(storage, &kept.prefix) {
            Ok(true) => unsealed.push(kept),
            Ok(false) => {}
            Err(error) => swept.failed.push((kept, error)),
        }
    }
    if sync {
        if let Err(error) = sync_dirs(storage, &unsealed) {
            // Not known to be gone: the data stay until the next time.
            let each = unsealed.into_iter().map(|kept| (kept, again(&error)));
            swept.failed.extend(each);
            return swept;
        }
    }
    for kept in unsealed {
        match remove_files(storage, &kept.prefix) {
            Ok(()) => swept.removed.push(kept.prefix),
            Err(error) => swept.failed.push((kept, error)),
        }
    }
    swept
}

/// The error once more, for another checkpoint.
fn again(error: &Error) -> Error {
    let again = Error::new(error.kind(), error.message());
    match error.file() {
        Some(file) => again.in_file(file),
        None => again,
    }
}

/// Removes the index. `false` where what is there is V1, and stays.
fn unseal(storage: &dyn Storage, prefix: &Path) -> Result<bool> {
    let is_v1 = matches!(form_of(storage, prefix)?, Some(Form::SliceFile | Form::SliceFiles(_)));
    // Data without an index are what a sweep that broke off has left. A graph may be
    // beside either.
    let is_meta = |file: &PathBuf| file.extension() == Some(OsStr::new("meta"));
    if is_v1 && files_of(storage, prefix)?.iter().all(is_meta) {
        return Ok(false);
    }
    remove_if_there(storage, &index_path(prefix)).map(|()| true)
}

fn sync_dirs(storage: &dyn Storage, unsealed: &[Kept]) -> Result<()> {
    let dirs: BTreeSet<&Path> = unsealed.iter().map(|kept| parent_dir(&kept.prefix)).collect();
    dirs.into_iter().try_for_each(|dir| match storage.sync_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        synced => synced,
    })
}

fn remove_files(storage: &dyn Storage, prefix: &Path) -> Result<()> {
    files_of(storage, prefix)?.iter().try_for_each(|file| remove_if_there(storage, file))
}

/// Somebody else may have removed it.
fn remove_if_there(storage: &dyn Storage, file: &Path) -> Result<()> {
    match storage.remove(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
