//! The names of the files of a V1 checkpoint. A prefix is taken as literal bytes.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::bundle::shard_name;
use crate::error::{ErrorKind, Result};
use crate::storage::{Storage, parent_dir};

/// The path of file `file`, counted from 0, of a checkpoint that has `num_files`:
/// the prefix itself where that is 1, otherwise `PREFIX-FFFFF-of-NNNNN`.
pub fn file_path(prefix: &Path, file: u32, num_files: u32) -> PathBuf {
    let mut name = prefix.as_os_str().to_os_string();
    if num_files != 1 {
        name.push(format!("-{file:05}-of-{num_files:05}"));
    }
    name.into()
}

/// What has the name of a file of a V1 checkpoint of this prefix, however many files
/// that has.
pub(super) fn files_at(storage: &dyn Storage, prefix: &Path) -> Result<Vec<PathBuf>> {
    let names = match storage.list(parent_dir(prefix)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        names => names?,
    };
    let Some(stem) = prefix.file_name() else { return Ok(Vec::new()) };
    let is_of_it = |name: &PathBuf| {
        let name = name.as_os_str().as_bytes();
        name == stem.as_bytes()
            || shard_name(name).is_some_and(|(its_stem, _, _)| its_stem == stem.as_bytes())
    };
    let names = names.iter().filter(|name| is_of_it(name));
    let mut files: Vec<PathBuf> = names.map(|name| prefix.with_file_name(name)).collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;

    #[test]
    fn prefixes_are_literal() {
        let prefix = Path::new("dir.x/model-0.5");
        assert_eq!(file_path(prefix, 0, 1), prefix);
        assert_eq!(file_path(prefix, 3, 12), Path::new("dir.x/model-0.5-00003-of-00012"));
    }

    #[test]
    fn a_checkpoint_has_its_own_files_alone() {
        let storage = MemoryStorage::new();
        let own = ["d/m", "d/m-00000-of-00002", "d/m-00001-of-00002", "d/m-00000-of-100000"];
        for name in own {
            storage.put(name, b"");
        }
        for name in ["d/m-1", "d/m-1-00000-of-00002", "d/m-0-of-1", "d/m.index", "d/xm", "m"] {
            storage.put(name, b"");
        }
        let mut files = files_at(&storage, Path::new("d/m")).unwrap();
        files.sort_by_key(|file| own.iter().position(|own| Path::new(own) == file));
        assert_eq!(files, own.map(PathBuf::from));
        assert_eq!(files_at(&storage, Path::new("nowhere/m")).unwrap(), Vec::<PathBuf>::new());
    }
}
