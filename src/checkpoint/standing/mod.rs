//! What stands where a checkpoint was looked for, for errors.

mod distance;

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use self::distance::distance;
use super::files::{file_name, names_in, stem_of};
use super::state::State;
use super::survey::find;
use crate::error::Result;
use crate::shown::{shown, shown_path};
use crate::storage::{Storage, parent_dir};

/// An error names so many at most.
pub(super) const TOLD: usize = 10;
/// In a directory with more names than this, only those are looked at that tell by
/// themselves what they are of.
const MANY: usize = 1000;
/// What is no checkpoint is named where no more letters than this are different.
const SLIP: usize = 2;

/// For the error that nothing is at `path`: the checkpoints beside it, those first that
/// are called nearly so; or how far the directories that lead there exist. The text goes
/// on from a sentence, as in `; in run stand ckpt-5, ckpt-9`; empty where nothing can be
/// said.
pub fn beside(storage: &dyn Storage, path: &Path) -> String {
    let dir = parent_dir(path);
    match storage.list(dir) {
        Ok(names) => in_dir(storage, dir, &names, file_name(path)),
        Err(_) => above(storage, dir),
    }
}

fn in_dir(storage: &dyn Storage, dir: &Path, names: &[PathBuf], wanted: &[u8]) -> String {
    let checkpoints = checkpoints_in(storage, dir, names).unwrap_or_default();
    let of_others = names.iter().map(|name| name.as_os_str().as_bytes()).filter(|name| {
        (1..=SLIP).contains(&distance(name, wanted))
            && !checkpoints.iter().any(|other| other == name)
    });
    let mut near: Vec<&[u8]> = checkpoints.iter().map(Vec::as_slice).collect();
    near.extend(of_others);
    near.sort_by_cached_key(|name| distance(name, wanted));
    let near: Vec<String> = near.into_iter().map(|name| shown(name).to_string()).collect();
    match near.as_slice() {
        [] if names.is_empty() => format!("; {} is empty", shown_path(dir)),
        [] => format!("; in {} is no checkpoint", shown_path(dir)),
        near => format!("; in {} {}", shown_path(dir), stand(near)),
    }
}

/// What the checkpoints in a directory are called, from the newest to the oldest.
fn checkpoints_in(storage: &dyn Storage, dir: &Path, names: &[PathBuf]) -> Result<Vec<Vec<u8>>> {
    let mut checkpoints: Vec<Vec<u8>> = if names.len() > MANY {
        let prefixes = names.iter().filter_map(|name| file_name(name).strip_suffix(b".index"));
        prefixes.map(<[u8]>::to_vec).collect()
    } else {
        let found = find(storage, dir, Path::new(State::FILE_NAME))?;
        found.iter().rev().map(|found| stem_of(&found.prefix).to_vec()).collect()
    };
    checkpoints.dedup();
    Ok(checkpoints)
}

/// The first directory on the way to `dir` that is missing, and what stands there.
fn above(storage: &dyn Storage, dir: &Path) -> String {
    let mut missing = dir;
    loop {
        let up = parent_dir(missing);
        if up == missing {
            return String::new();
        }
        if storage.exists(missing).unwrap_or(true) {
            return closed(storage, missing);
        }
        if let Ok(names) = storage.list(up) {
            return format!(
                "; there is no directory {}{}",
                shown_path(missing),
                directories(storage, up, &names, file_name(missing))
            );
        }
        missing = up;
    }
}

/// What is there, but can't be listed.
fn closed(storage: &dyn Storage, dir: &Path) -> String {
    match storage.open(dir) {
        Ok(_) => format!("; {} is a file, and no directory", shown_path(dir)),
        Err(_) => match storage.list(dir) {
            Err(error) => format!("; {}: {}", shown_path(dir), error.message()),
            Ok(_) => String::new(),
        },
    }
}

/// The directories in `dir`, those first that are called nearly as the one `wanted`.
fn directories(storage: &dyn Storage, dir: &Path, names: &[PathBuf], wanted: &[u8]) -> String {
    let mut names: Vec<&PathBuf> = names.iter().collect();
    names.sort_by_cached_key(|name| (distance(file_name(name), wanted), (*name).clone()));
    let directories = names.iter().filter(|name| storage.list(&dir.join(name)).is_ok());
    // One more than are told, to know whether there are others.
    let directories: Vec<String> =
        directories.take(TOLD + 1).map(|name| shown_path(name).to_string()).collect();
    match directories.as_slice() {
        [] => String::new(),
        directories => format!(", in {} {}", shown_path(dir), stand(directories)),
    }
}

/// All that a directory without a checkpoint has in it.
pub(super) fn contents(storage: &dyn Storage, dir: &Path) -> Option<String> {
    let mut names = names_in(storage, dir).unwrap_or_default();
    names.sort();
    let told = names.iter().enumerate().map(|(at, name)| {
        let is_told = at < TOLD;
        let slash = is_told && storage.list(&dir.join(name)).is_ok();
        format!("{}{}", shown_path(name), if slash { "/" } else { "" })
    });
    let told: Vec<String> = told.take(TOLD + 1).collect();
    (!told.is_empty()).then(|| stand(&told))
}

/// `stand a, b, …`
fn stand(names: &[String]) -> String {
    let verb = if names.len() == 1 { "stands" } else { "stand" };
    let more = if names.len() > TOLD { ", …" } else { "" };
    format!("{verb} {}{more}", names.get(..TOLD).unwrap_or(names).join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;

    fn storage() -> MemoryStorage {
        let storage = MemoryStorage::new();
        for name in ["a/m.ckpt-9.index", "a/m.ckpt-10.index", "a/best.index", "a/checkpoint.best"] {
            storage.put(name, b"");
        }
        storage.put("a/m.ckpt-9.meta", b"");
        storage.put("b/m.ckpt-9.meta", b"");
        storage
    }

    fn told(path: &str) -> String {
        beside(&storage(), Path::new(path))
    }

    #[test]
    fn what_is_called_nearly_so_comes_first() {
        assert_eq!(told("a/m.ckpt-8"), "; in a stand m.ckpt-9, m.ckpt-10, best");
        assert_eq!(told("a/m.ckpt-110"), "; in a stand m.ckpt-10, m.ckpt-9, best");
        assert_eq!(told("a/bst"), "; in a stand best, m.ckpt-9, m.ckpt-10");
        assert_eq!(told("b/m.ckpt-9"), "; in b is no checkpoint");
    }

    #[test]
    fn a_slip_of_the_pen_is_known_from_other_files_too() {
        assert!(told("a/checkpoint.bst").starts_with("; in a stand checkpoint.best, "));
        assert!(told("a/m.ckpt-9.indx").starts_with("; in a stand m.ckpt-9.index, m.ckpt-9, "));
    }

    #[test]
    fn directories_are_followed_as_far_as_they_go() {
        assert_eq!(told("aa/x"), "; there is no directory aa, in . stand a, b");
        assert_eq!(told("a/x/y/z"), "; there is no directory a/x");
        assert_eq!(told("a/m.ckpt-9.meta/x"), "; a/m.ckpt-9.meta is a file, and no directory");
    }

    #[test]
    fn of_many_a_few_are_told() {
        let storage = MemoryStorage::new();
        for step in 0..2 * MANY {
            storage.put(format!("d/c-{step}.index"), b"");
        }
        let told = beside(&storage, Path::new("d/c-33x"));
        assert_eq!(told.matches(',').count(), TOLD, "{told}");
        assert!(told.starts_with("; in d stand c-33") && told.ends_with(", …"), "{told}");
        let contents = contents(&storage, Path::new("d")).unwrap();
        assert!(contents.starts_with("stand c-0.index, c-1.index") && contents.ends_with('…'));
    }
}
