//! What checkpoints a directory holds, whatever its state file says.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::files::{names_in, shard_name, step_of};
use crate::error::{ErrorKind, Result};
use crate::storage::Storage;
use crate::table::{Table, TableOptions};

/// A checkpoint that a directory holds, or what is left of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its prefix. Of V1 in several files, their pattern.
    pub prefix: PathBuf,
    /// Its step, by its name.
    pub step: Option<u64>,
    /// When its index, or one of its files, was written.
    pub modified: SystemTime,
}

impl Found {
    /// The time in seconds since the epoch, as state files have it.
    pub(super) fn seconds(&self) -> f64 {
        self.modified.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
    }
}

/// The checkpoints in `dir`, from the oldest to the newest: by step, and of the
/// same step, or of none, by time. Whether they are whole is not looked at.
///
/// # Errors
/// `Io`.
pub fn survey(storage: &dyn Storage, dir: &Path) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for name in names_in(storage, dir)? {
        let Some(prefix) = prefix_of(storage, dir, &name)? else { continue };
        if !seen.insert(prefix.clone()) {
            continue;
        }
        match storage.modified(&dir.join(&name)) {
            Ok(modified) => found.push(Found { step: step_of(&prefix), prefix, modified }),
            // Somebody removed it meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.sort_by(|a, b| (a.step, a.modified, &a.prefix).cmp(&(b.step, b.modified, &b.prefix)));
    Ok(found)
}

/// The prefix of the checkpoint that the file `name` stands for.
fn prefix_of(storage: &dyn Storage, dir: &Path, name: &Path) -> Result<Option<PathBuf>> {
    let bytes = name.as_os_str().as_bytes();
    if let Some(prefix) = bytes.strip_suffix(b".index") {
        return Ok(Some(dir.join(OsStr::from_bytes(prefix))));
    }
    // Of V1 only the content tells; what has no step nobody saved in a series.
    let v1 = match shard_name(bytes) {
        Some((stem, _, count)) if !stem.ends_with(b".data") => Some(shard_pattern(stem, count)),
        None if step_of(name).is_some() => Some(name.as_os_str().to_os_string()),
        _ => None,
    };
    match v1 {
        Some(v1) if is_slice_file(storage, &dir.join(name))? => Ok(Some(dir.join(v1))),
        _ => Ok(None),
    }
}

fn shard_pattern(stem: &[u8], count: &[u8]) -> OsString {
    OsString::from_vec([stem, b"-?????-of-", count].concat())
}

fn is_slice_file(storage: &dyn Storage, path: &Path) -> Result<bool> {
    match storage.open(path) {
        Ok(file) => Ok(Table::open(file, &TableOptions::default()).is_ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
