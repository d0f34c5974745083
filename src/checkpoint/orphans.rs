//! Data files that no index names.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::files::{decimal, file_name};
use crate::bundle::{Index, shard_name};
use crate::error::{ErrorKind, Result};
use crate::storage::Storage;
use crate::table::TableOptions;

/// The data files of `names` in `dir` that belong to no checkpoint, those of one in a
/// list of their own: there is no index of their prefix, or that one has another number of
/// shards. Beside an index that is damaged nothing is an orphan.
///
/// # Errors
/// `Io`.
pub(super) fn orphans(
    storage: &dyn Storage,
    dir: &Path,
    names: &[PathBuf],
) -> Result<Vec<Vec<PathBuf>>> {
    let mut shards: BTreeMap<(&[u8], u64), Vec<PathBuf>> = BTreeMap::new();
    for name in names {
        let Some((stem, _, count)) = shard_name(file_name(name)) else { continue };
        if let (Some(prefix), Some(count)) = (stem.strip_suffix(b".data"), decimal(count)) {
            shards.entry((prefix, count)).or_default().push(dir.join(name));
        }
    }
    let mut orphans = Vec::new();
    for ((prefix, count), files) in shards {
        let prefix = dir.join(OsStr::from_bytes(prefix));
        if names_none(storage, &prefix, count)? {
            orphans.push(files);
        }
    }
    Ok(orphans)
}

/// Whether it is known that no index at `prefix` has so many shards.
fn names_none(storage: &dyn Storage, prefix: &Path, count: u64) -> Result<bool> {
    match Index::open(storage, prefix, &TableOptions::default()) {
        Ok(index) => Ok(u64::from(index.header().num_shards) != count),
        Err(error) => match error.kind() {
            ErrorKind::NotFound => Ok(true),
            ErrorKind::Io => Err(error),
            _ => Ok(false),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::bundle::{Writer, WriterOptions};
    use crate::storage::MemoryStorage;

    fn save(storage: &MemoryStorage, prefix: &str) {
        let options = WriterOptions {
            storage: Arc::new(storage.clone()),
            num_shards: 2,
            ..WriterOptions::default()
        };
        Writer::create_with(prefix, options).unwrap().finish().unwrap();
    }

    #[test]
    fn they_have_no_index() {
        let storage = MemoryStorage::new();
        for prefix in ["d/whole", "d/lost", "d/damaged"] {
            save(&storage, prefix);
        }
        storage.remove(Path::new("d/lost.index")).unwrap();
        storage.put("d/damaged.index", b"no table");
        storage.put("d/whole.data-00000-of-00001", b"");
        storage.put("d/model.data-0-of-1", b"");
        storage.put("d/model-00000-of-00001", b"");
        let mut names = storage.list(Path::new("d")).unwrap();
        names.sort();
        let found = orphans(&storage, Path::new("d"), &names).unwrap();
        let expected: [&[&str]; 2] = [
            &["d/lost.data-00000-of-00002", "d/lost.data-00001-of-00002"],
            &["d/whole.data-00000-of-00001"],
        ];
        let expected = expected.map(|files| files.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(found, expected);
    }
}
