//! From the paths in a state file to checkpoints, and back.

use std::path::{Component, Path, PathBuf};

use super::files::form_of;
use crate::error::Result;
use crate::storage::Storage;

/// The prefix of the checkpoint that the state file in `dir` names `recorded`;
/// `None` where there is none.
///
/// A relative path is relative to `dir`, and an absolute one into `dir` is told by the
/// name that `dir` has here. Where nothing is there the directory may
/// have moved: then as much of the end of the path as leads to a checkpoint is
/// taken to be relative to `dir`.
///
/// # Errors
/// `Io`.
pub fn locate_recorded(
    storage: &dyn Storage,
    dir: &Path,
    recorded: &Path,
) -> Result<Option<PathBuf>> {
    let stated = within(dir, dir.join(recorded));
    if form_of(storage, &stated)?.is_some() {
        return Ok(Some(stated));
    }
    for tail in tails(recorded) {
        let beside = dir.join(tail);
        if beside != stated && form_of(storage, &beside)?.is_some() {
            return Ok(Some(beside));
        }
    }
    Ok(None)
}

/// `path`, if it leads into `dir`, in the words of `dir`: one checkpoint must not look
/// like two.
fn within(dir: &Path, path: PathBuf) -> PathBuf {
    let absolute = std::path::absolute(dir).ok();
    match absolute.and_then(|absolute| path.strip_prefix(absolute).ok().map(|rest| dir.join(rest)))
    {
        Some(within) => within,
        None => path,
    }
}

/// The ends of a path, the longest first: without the root, without the first
/// part, and so on, as far as they stay below where they are put.
fn tails(path: &Path) -> impl Iterator<Item = &Path> {
    let mut rest = path.components();
    std::iter::from_fn(move || {
        loop {
            let tail = rest.as_path();
            rest.next()?;
            if tail.components().all(|part| matches!(part, Component::Normal(_))) {
                return Some(tail);
            }
        }
    })
}

/// What a state file in `dir` calls the checkpoint at `prefix`: its path from
/// there, so that both can move together; or where it is elsewhere, all of it.
pub(super) fn record(dir: &Path, prefix: &Path) -> PathBuf {
    let from_dir = prefix.strip_prefix(dir).unwrap_or(prefix);
    // Leaves out the `.` in `./ckpt-1`.
    let path: PathBuf = from_dir.components().filter(|part| *part != Component::CurDir).collect();
    // A checkpoint that is called by nothing has a place, but nobody takes an empty path.
    if path.as_os_str().is_empty() { "./".into() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;

    #[test]
    fn tails_grow_short() {
        let tails_of = |path| tails(Path::new(path)).map(Path::to_path_buf).collect::<Vec<_>>();
        assert_eq!(tails_of("/a/b/c"), ["a/b/c", "b/c", "c"].map(PathBuf::from));
        assert_eq!(tails_of("a/../c"), [PathBuf::from("c")]);
        assert_eq!(tails_of("/"), Vec::<PathBuf>::new());
        assert_eq!(tails_of(""), Vec::<PathBuf>::new());
    }

    #[test]
    fn what_moved_with_the_directory_is_found() {
        let storage = MemoryStorage::new();
        storage.put("new/run/ckpt-1.index", b"");
        storage.put("new/run/sub/ckpt-1.index", b"");
        let found = |recorded| {
            locate_recorded(&storage, Path::new("new/run"), Path::new(recorded)).unwrap()
        };
        let here = Some(PathBuf::from("new/run/ckpt-1"));
        assert_eq!(found("ckpt-1"), here);
        assert_eq!(found("/old/run/ckpt-1"), here);
        assert_eq!(found("run/ckpt-1"), here);
        assert_eq!(found("/old/run/sub/ckpt-1"), Some(PathBuf::from("new/run/sub/ckpt-1")));
        assert_eq!(found("/old/run/ckpt-2"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn records_are_relative_where_that_goes() {
        let recorded = |dir, prefix| record(Path::new(dir), Path::new(prefix));
        assert_eq!(recorded("a/b", "a/b/c-1"), Path::new("c-1"));
        assert_eq!(recorded(".", "./c-1"), Path::new("c-1"));
        assert_eq!(recorded("", "c-1"), Path::new("c-1"));
        assert_eq!(recorded("/a", "/b/c-1"), Path::new("/b/c-1"));
        assert_eq!(recorded("a", "a/../b/c-1"), Path::new("../b/c-1"));
        assert_eq!(recorded("a", "a/").as_os_str(), "./");
    }
}
