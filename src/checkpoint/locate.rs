//! From a path that somebody was given to the prefix of a bundle.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::bundle::index_path;
use crate::error::{Error, Result};
use crate::storage::Storage;

/// The last eight bytes of every table, and so of every V1 file.
const TABLE_MAGIC: [u8; 8] = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();

/// The prefix of the bundle that `path` leads to. `path` is a prefix, one of the
/// files `PREFIX.index`, `PREFIX.data-…` and `PREFIX.meta`, or the directory of a
/// SavedModel. It is taken as literal bytes.
///
/// # Errors
/// `NotFound`, with what was looked for and what stands there instead;
/// `Unsupported` for a checkpoint in the V1 format.
pub fn locate(storage: &dyn Storage, path: &Path) -> Result<PathBuf> {
    if storage.exists(&index_path(path))? {
        return Ok(path.to_path_buf());
    }
    if let Some(prefix) = without_suffix(path) {
        if storage.exists(&index_path(&prefix))? {
            return Ok(prefix);
        }
    }
    let saved_model = path.join("variables").join("variables");
    if storage.exists(&index_path(&saved_model))? {
        return Ok(saved_model);
    }
    Err(explain(storage, path))
}

/// `path` without the ending of a checkpoint file, if it has one.
fn without_suffix(path: &Path) -> Option<PathBuf> {
    let bytes = path.as_os_str().as_bytes();
    let prefix = [&b".index"[..], b".meta"]
        .iter()
        .find_map(|suffix| bytes.strip_suffix(*suffix))
        .or_else(|| without_data_suffix(bytes))?;
    Some(PathBuf::from(OsStr::from_bytes(prefix)))
}

/// Takes off `.data-SSSSS-of-NNNNN`; the numbers may have more digits.
fn without_data_suffix(bytes: &[u8]) -> Option<&[u8]> {
    let start = bytes.windows(6).rposition(|window| window == b".data-")?;
    let numbers = std::str::from_utf8(&bytes[start + 6..]).ok()?;
    let (shard, count) = numbers.split_once("-of-")?;
    let digits = |text: &str| text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(shard) && digits(count)).then_some(&bytes[..start])
}

/// Why nothing was found.
fn explain(storage: &dyn Storage, path: &Path) -> Error {
    let wanted = index_path(&without_suffix(path).unwrap_or_else(|| path.to_path_buf()));
    let found = match storage.open(path) {
        Ok(file) => {
            let mut magic = [0; 8];
            let at = file.len().saturating_sub(8);
            if file.len() >= 48
                && file.read_exact_at(&mut magic, at).is_ok()
                && magic == TABLE_MAGIC
                && !path.as_os_str().as_bytes().ends_with(b".index")
            {
                return Error::unsupported("a checkpoint in the V1 format, which is not read yet")
                    .in_file(path);
            }
            format!("; {} itself is a file of {} bytes", path.display(), file.len())
        }
        Err(_) if storage.list(path).is_ok() => {
            format!("; {} itself is a directory", path.display())
        }
        Err(_) => String::new(),
    };
    Error::not_found("no such file, and so no checkpoint".to_string() + &found).in_file(&wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;

    #[test]
    fn every_file_of_a_bundle_leads_to_it() {
        let storage = MemoryStorage::new();
        storage.put("/m.0/variables/variables.index", b"");
        storage.put("/m.0/variables/variables.data-00000-of-00001", b"");
        let prefix = Path::new("/m.0/variables/variables");
        for path in [
            "/m.0",
            "/m.0/variables/variables",
            "/m.0/variables/variables.index",
            "/m.0/variables/variables.meta",
            "/m.0/variables/variables.data-00000-of-00001",
            "/m.0/variables/variables.data-100000-of-200000",
        ] {
            assert_eq!(locate(&storage, Path::new(path)).unwrap(), prefix, "{path}");
        }
    }

    #[test]
    fn a_wrong_path_says_what_stands_there() {
        let storage = MemoryStorage::new();
        storage.put("/dir/file", b"abc");
        let message = |path: &str| locate(&storage, Path::new(path)).unwrap_err().to_string();
        assert!(message("/dir").contains("/dir itself is a directory"), "{}", message("/dir"));
        assert!(message("/dir/file").contains("a file of 3 bytes"));
        assert!(message("/dir/x.index").starts_with("/dir/x.index: no such file"));
    }
}
