//! The files of one checkpoint, by their names.
//!
//! A V2 checkpoint is `PREFIX.index` and `PREFIX.data-…`, with `PREFIX.meta` in
//! some. A V1 checkpoint is one file, `PREFIX`; or several, and then its prefix is
//! a pattern, `STEM-?????-of-00003`, which is what state files name it by.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::bundle::index_path;
pub(super) use crate::bundle::{decimal, shard_name};
use crate::error::{ErrorKind, Result};
use crate::storage::{Storage, parent_dir};

/// How a checkpoint is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// V2: an index and data shards.
    Bundle,
    /// V1, one file.
    SliceFile,
    /// V1, so many files.
    SliceFiles(u32),
}

/// How the checkpoint at `prefix` is stored; `None` where there is none. That is
/// known from the one file without which nobody looks at the others.
pub(super) fn form_of(storage: &dyn Storage, prefix: &Path) -> Result<Option<Form>> {
    if storage.exists(&index_path(prefix))? {
        return Ok(Some(Form::Bundle));
    }
    if let Some((_, count)) = shard_pattern(prefix) {
        if !shards(storage, prefix)?.is_empty() {
            return Ok(Some(Form::SliceFiles(count)));
        }
    }
    match storage.open(prefix) {
        Ok(_) => Ok(Some(Form::SliceFile)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The step that a checkpoint was saved at, by its name: what it ends in behind a
/// hyphen.
pub(super) fn step_of(prefix: &Path) -> Option<u64> {
    let name = stem_of(prefix);
    let at = name.iter().rposition(|&byte| byte == b'-')?;
    decimal(name.get(at + 1..)?)
}

/// The name of a checkpoint; of V1 in several files, what theirs begin with.
pub(super) fn stem_of(prefix: &Path) -> &[u8] {
    shard_pattern(prefix).map_or_else(|| file_name(prefix), |(stem, _)| stem)
}

/// Stem and count of a V1 prefix that stands for several files.
fn shard_pattern(prefix: &Path) -> Option<(&[u8], u32)> {
    let name = file_name(prefix);
    let at = name.windows(4).rposition(|window| window == b"-of-")?;
    let stem = name.get(..at)?.strip_suffix(b"?????")?.strip_suffix(b"-")?;
    Some((stem, u32::try_from(decimal(name.get(at + 4..)?)?).ok()?))
}

/// The files of a V1 checkpoint that has several, as far as they are there: number
/// and path.
pub(super) fn shards(storage: &dyn Storage, prefix: &Path) -> Result<Vec<(u32, PathBuf)>> {
    let dir = parent_dir(prefix);
    let Some((stem, count)) = shard_pattern(prefix) else { return Ok(Vec::new()) };
    let names = names_in(storage, dir)?;
    let number = |name: &PathBuf| {
        let (its_stem, number, its_count) = shard_name(name.as_os_str().as_bytes())?;
        (its_stem == stem && decimal(its_count) == Some(u64::from(count))).then_some(number)
    };
    Ok(names.iter().filter_map(|name| Some((number(name)?, dir.join(name)))).collect())
}

/// The files of the V2 checkpoint at `prefix`, in the order in which they are
/// removed: the index, without which the others are nothing, then the data, then
/// the graph.
pub(super) fn files_of(storage: &dyn Storage, prefix: &Path) -> Result<Vec<PathBuf>> {
    let dir = parent_dir(prefix);
    let mut files: Vec<(u8, PathBuf)> = names_in(storage, dir)?
        .into_iter()
        .filter_map(|name| {
            let rest = name.as_os_str().as_bytes().strip_prefix(file_name(prefix))?;
            Some((rank(rest)?, dir.join(&name)))
        })
        .collect();
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

/// Which of the files of a checkpoint has `suffix` behind its prefix.
fn rank(suffix: &[u8]) -> Option<u8> {
    match suffix {
        b".index" => Some(0),
        b".meta" => Some(2),
        _ => {
            let (stem, _, _) = shard_name(suffix)?;
            (stem == b".data").then_some(1)
        }
    }
}

/// The names in a directory; none where there is no such directory.
pub(super) fn names_in(storage: &dyn Storage, dir: &Path) -> Result<Vec<PathBuf>> {
    match storage.list(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        names => names,
    }
}

/// The bytes of the last part of a path.
pub(super) fn file_name(path: &Path) -> &[u8] {
    path.file_name().unwrap_or(OsStr::new("")).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;

    #[test]
    fn steps_are_at_the_end() {
        let step = |prefix: &str| step_of(Path::new(prefix));
        assert_eq!(step("a/ckpt-12"), Some(12));
        assert_eq!(step("a-3/model.ckpt-0.5-7"), Some(7));
        assert_eq!(step("model.ckpt-300-?????-of-00003"), Some(300));
        assert_eq!(step("a-3/ckpt"), None);
        assert_eq!(step("ckpt-"), None);
        assert_eq!(step("ckpt-+1"), None);
        assert_eq!(step("ckpt-99999999999999999999"), None);
    }

    #[test]
    fn a_checkpoint_has_its_own_files_alone() {
        let storage = MemoryStorage::new();
        let own = ["c-1.index", "c-1.data-00000-of-00002", "c-1.data-00001-of-00002", "c-1.meta"];
        for name in own {
            storage.put(Path::new("d").join(name), b"");
        }
        for name in [
            "c-10.index",
            "c-1.data-0-of-1",
            "c-1.data-00000-of-00002.tempstate5",
            "c-1.index.tempstate5",
            "c-1_temp",
            "xc-1.index",
            "c-1",
        ] {
            storage.put(Path::new("d").join(name), b"");
        }
        let files = files_of(&storage, Path::new("d/c-1")).unwrap();
        assert_eq!(files, own.map(|name| Path::new("d").join(name)));
        assert_eq!(files_of(&storage, Path::new("e/c-1")).unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    fn v1_checkpoints_of_several_files_are_patterns() {
        let storage = MemoryStorage::new();
        storage.put("d/m-7-00001-of-00002", b"");
        storage.put("d/m-7-00001-of-00003", b"");
        let form = |prefix: &str| form_of(&storage, Path::new(prefix)).unwrap();
        assert_eq!(form("d/m-7-?????-of-00002"), Some(Form::SliceFiles(2)));
        assert_eq!(form("d/m-7-?????-of-00004"), None);
        assert_eq!(form("d/m-7-00001-of-00002"), Some(Form::SliceFile));
        assert_eq!(form("d"), None);
        let found = shards(&storage, Path::new("d/m-7-?????-of-00002")).unwrap();
        assert_eq!(found, [(1, PathBuf::from("d/m-7-00001-of-00002"))]);
    }
}
