//! The removal of old checkpoints.

use std::collections::BTreeSet;
use std::path::Path;

use super::roll::Kept;
use crate::bundle::index_path;
use crate::checkpoint::files::files_of;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::{Storage, parent_dir};

/// Removes the files of checkpoints, and returns those that could not be removed,
/// with why.
///
/// Names are unlinked, nothing is overwritten: who has a file open reads on. All the
/// indexes go first, and are known to be gone before any data go: a crash between
/// leaves data without an index, never an index without data.
pub(super) fn remove(storage: &dyn Storage, doomed: Vec<Kept>, sync: bool) -> Vec<(Kept, Error)> {
    let mut failed = Vec::new();
    let mut unsealed = Vec::new();
    for kept in doomed {
        match remove_if_there(storage, &index_path(&kept.prefix)) {
            Ok(()) => unsealed.push(kept),
            Err(error) => failed.push((kept, error)),
        }
    }
    if sync {
        if let Err(error) = sync_dirs(storage, &unsealed) {
            // Not known to be gone: the data stay until the next time.
            let (kind, why) = (error.kind(), error.to_string());
            let each = unsealed.into_iter().map(|kept| (kept, Error::new(kind, why.as_str())));
            failed.extend(each);
            return failed;
        }
    }
    for kept in unsealed {
        if let Err(error) = remove_files(storage, &kept.prefix) {
            failed.push((kept, error));
        }
    }
    failed
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
