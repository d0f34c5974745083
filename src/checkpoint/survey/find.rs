//! The checkpoints that a directory holds, whatever its state file says.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::checkpoint::files::{names_in, shard_name, step_of};
use crate::checkpoint::source::{Format, is_v1_metadata};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;
use crate::table::{Table, TableOptions};

/// A checkpoint that a directory holds, or what is left of one.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::checkpoint) struct Found {
    /// Its prefix. Of V1 in several files, their pattern.
    pub(in crate::checkpoint) prefix: PathBuf,
    pub(in crate::checkpoint) format: Format,
    /// Its step, by its name.
    pub(in crate::checkpoint) step: Option<u64>,
    /// When its index, or one of its files, was written.
    pub(in crate::checkpoint) modified: SystemTime,
}

impl Found {
    /// The time in seconds since the epoch, as state files have it.
    pub(in crate::checkpoint) fn seconds(&self) -> f64 {
        self.modified.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
    }
}

/// The checkpoints in `dir`, from the oldest to the newest: by step, and of the
/// same step, or of none, by time. Whether they are whole is not looked at. Whatever it
/// has in it, the `state_file` is none.
///
/// # Errors
/// `Io`.
pub(in crate::checkpoint) fn find(
    storage: &dyn Storage,
    dir: &Path,
    state_file: &Path,
) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let names = names_in(storage, dir)?;
    for name in names.into_iter().filter(|name| name != state_file) {
        let Some((prefix, format)) = prefix_of(storage, dir, &name)? else { continue };
        if !seen.insert(prefix.clone()) {
            continue;
        }
        match storage.modified(&dir.join(&name)) {
            Ok(modified) => found.push(Found { step: step_of(&prefix), prefix, format, modified }),
            // Somebody removed it meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.sort_by(|a, b| (a.step, a.modified, &a.prefix).cmp(&(b.step, b.modified, &b.prefix)));
    Ok(found)
}

/// The prefix of the checkpoint that the file `name` stands for.
fn prefix_of(storage: &dyn Storage, dir: &Path, name: &Path) -> Result<Option<(PathBuf, Format)>> {
    let bytes = name.as_os_str().as_bytes();
    if let Some(prefix) = bytes.strip_suffix(b".index") {
        return Ok(Some((dir.join(OsStr::from_bytes(prefix)), Format::V2)));
    }
    let v1 = match shard_name(bytes) {
        Some((stem, ..)) if stem.ends_with(b".data") => return Ok(None),
        Some((stem, _, count)) => shard_pattern(stem, count),
        None => name.as_os_str().to_os_string(),
    };
    // Of V1 only the content tells. Where the name tells too, what is damaged counts.
    let has_v1_name = shard_name(bytes).is_some() || step_of(name).is_some();
    let is_v1 = is_table(storage, &dir.join(name), has_v1_name)?;
    Ok(is_v1.then(|| (dir.join(v1), Format::V1)))
}

fn shard_pattern(stem: &[u8], count: &[u8]) -> OsString {
    OsString::from_vec([stem, b"-?????-of-", count].concat())
}

/// Whether a file is one of a V1 checkpoint.
pub(in crate::checkpoint) fn is_slice_file(storage: &dyn Storage, path: &Path) -> bool {
    is_table(storage, path, false).unwrap_or(false)
}

fn is_forbidden(error: &Error) -> bool {
    let source = std::error::Error::source(error);
    let source = source.and_then(|source| source.downcast_ref::<std::io::Error>());
    source.is_some_and(|source| source.kind() == std::io::ErrorKind::PermissionDenied)
}

/// Whether a file is a table, and unless its `frame_tells` has the metadata of V1:
/// others have tables too.
fn is_table(storage: &dyn Storage, path: &Path, frame_tells: bool) -> Result<bool> {
    let file = match storage.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        // What nobody may read and has no name of a checkpoint keeps nobody from the others.
        Err(error) if !frame_tells && is_forbidden(&error) => return Ok(false),
        Err(error) => return Err(error),
    };
    let table = Table::open(file, &TableOptions::default());
    Ok(table.is_ok_and(|table| frame_tells || is_v1_metadata(&table)))
}
