//! Why a path leads to no checkpoint.

use std::path::Path;

use super::super::impostor;
use super::super::survey::Found;
use super::without_suffix;
use crate::bundle::index_path;
use crate::error::Error;
use crate::storage::{ReadFile, Storage};

/// An error names so many checkpoints at most.
const TOLD: usize = 10;

/// Nothing that `path` could mean is there.
pub(super) fn nothing_at(storage: &dyn Storage, path: &Path) -> Error {
    let prefix = without_suffix(path);
    let wanted = index_path(prefix.as_deref().unwrap_or(path));
    let found = match storage.open(path) {
        Ok(file) => {
            let kind = impostor::impostor_of(file.as_ref()).ok().flatten();
            let kind = kind.map_or(String::new(), |kind| format!(", {kind}"));
            format!("; {} itself is a file of {} bytes{kind}", path.display(), file.len())
        }
        Err(_) if storage.list(path).is_ok() => {
            format!("; {} itself is a directory", path.display())
        }
        Err(_) => String::new(),
    };
    let v1 = match &prefix {
        Some(prefix) => format!(" nor is {} a V1 checkpoint", prefix.display()),
        None => " nor is there a V1 checkpoint".to_string(),
    };
    Error::not_found(format!("no such file, and so no checkpoint;{v1}{found}")).in_file(&wanted)
}

/// A file that is there, but is no file of a checkpoint.
pub(super) fn strange_file(file: &dyn ReadFile) -> Error {
    let kind = impostor::impostor_of(file).ok().flatten();
    let message = match kind {
        Some(kind) => format!("this is {kind}"),
        None => format!(
            "its {} bytes are neither a V1 checkpoint, which would end as a table does, nor a \
             state file",
            file.len()
        ),
    };
    Error::data_loss(message).in_file(file.path())
}

/// A directory that does not say which of its checkpoints is meant.
pub(super) fn nothing_in_dir(dir: &Path, found: &[Found]) -> Error {
    let name = |found: &Found| found.prefix.display().to_string();
    let message = if found.is_empty() {
        "a directory without a checkpoint: neither a state file, nor a SavedModel, nor an index"
            .to_string()
    } else {
        // The newest come last.
        let names: Vec<String> = found.iter().rev().take(TOLD).map(name).collect();
        let more = if found.len() > TOLD { ", …" } else { "" };
        format!(
            "a directory without a state file, and with {} checkpoints to choose from: {}{more}",
            found.len(),
            names.join(", ")
        )
    };
    Error::not_found(message).in_file(dir)
}
