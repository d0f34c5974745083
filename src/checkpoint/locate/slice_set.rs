//! V1 checkpoints of several files, `STEM-00000-of-00003` and so on.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::super::files::{decimal, file_name, names_in, shard_name, shards};
use super::super::source::Format;
use super::Located;
use crate::error::{Error, Result};
use crate::shown::{shown, shown_path};
use crate::storage::{Storage, parent_dir};

/// What stands for the number of the file in a pattern.
const WILD: &str = "?????";
/// An error names so many missing files at most.
const TOLD: usize = 5;

/// The checkpoint that a pattern stands for; `None` where `path` is none, or no
/// file fits it.
pub(super) fn named_by_pattern(storage: &dyn Storage, path: &Path) -> Result<Option<Located>> {
    let found: BTreeMap<u32, PathBuf> = shards(storage, path)?.into_iter().collect();
    if found.is_empty() {
        return Ok(None);
    }
    let Some((front, count)) = cut(path) else { return Ok(None) };
    let missing = missing(&found, count);
    if let Some(&first) = missing.first() {
        return Err(incomplete(&front, count, &missing, found.len(), first));
    }
    let numbers = 0..count;
    let files = numbers.filter_map(|number| found.get(&number).cloned()).collect();
    Ok(Some(Located { format: Format::V1, prefix: path.to_path_buf(), files }))
}

/// The checkpoint that a file of this name belongs to, be the file there or not.
pub(super) fn named_by_shard(storage: &dyn Storage, path: &Path) -> Result<Option<Located>> {
    let Some((stem, _, count)) = shard_name(file_name(path)) else { return Ok(None) };
    named_by_pattern(storage, &pattern(path, stem, count))
}

/// The checkpoint whose files begin with this path.
pub(super) fn named_by_stem(storage: &dyn Storage, path: &Path) -> Result<Option<Located>> {
    let stem = file_name(path);
    // The files of V2 that hold data are called so, too.
    if stem.is_empty() || stem.ends_with(b".data") {
        return Ok(None);
    }
    let names = names_in(storage, parent_dir(path)).unwrap_or_default();
    let counts = names.iter().filter_map(|name| {
        let (its_stem, _, count) = shard_name(name.as_os_str().as_bytes())?;
        (its_stem == stem).then(|| count.to_vec())
    });
    let counts: BTreeSet<Vec<u8>> = counts.collect();
    let mut patterns = counts.iter().map(|count| pattern(path, stem, count));
    match (patterns.next(), patterns.next()) {
        (None, _) => Ok(None),
        (Some(only), None) => named_by_pattern(storage, &only),
        (Some(one), Some(other)) => Err(ambiguous(&one, &other).in_file(path)),
    }
}

fn ambiguous(one: &Path, other: &Path) -> Error {
    let (one, other) = (shown_path(one), shown_path(other));
    Error::not_found(format!("there are files of several checkpoints, {one} and {other}"))
}

/// The pattern that stands for all files of a checkpoint beside `path`.
fn pattern(path: &Path, stem: &[u8], count: &[u8]) -> PathBuf {
    let name = [stem, b"-", WILD.as_bytes(), b"-of-", count].concat();
    beside(path, name)
}

/// The same directory, written the same way.
fn beside(path: &Path, name: Vec<u8>) -> PathBuf {
    path.with_file_name(OsString::from_vec(name))
}

/// A pattern up to the number, and the number of files that it stands for.
fn cut(pattern: &Path) -> Option<(PathBuf, u32)> {
    let name = file_name(pattern);
    let at = name.windows(WILD.len()).rposition(|window| window == WILD.as_bytes())?;
    let count = name.get(at + WILD.len()..)?.strip_prefix(b"-of-")?;
    let front = pattern.with_file_name(OsStr::from_bytes(name.get(..at)?));
    Some((front, u32::try_from(decimal(count)?).ok()?))
}

/// The first numbers below `count` that have no file. A name may promise any
/// number of files, so no more are looked for than there is need.
fn missing(found: &BTreeMap<u32, PathBuf>, count: u32) -> Vec<u32> {
    (0..count).filter(|number| !found.contains_key(number)).take(TOLD).collect()
}

fn incomplete(front: &Path, count: u32, missing: &[u32], have: usize, first: u32) -> Error {
    let path = |number: u32| {
        let mut path = front.as_os_str().to_os_string();
        path.push(format!("{number:05}-of-{count:05}"));
        PathBuf::from(path)
    };
    let name = |&number: &u32| shown(file_name(&path(number))).to_string();
    let names: Vec<String> = missing.iter().map(name).collect();
    let absent = (count as usize).saturating_sub(have);
    let more = if absent > names.len() { ", …" } else { "" };
    let are = if absent == 1 { "is" } else { "are" };
    Error::not_found(format!(
        "of the {count} files of this V1 checkpoint {absent} {are} missing: {}{more}",
        names.join(", ")
    ))
    .in_file(&path(first))
    .in_shard(first)
}
