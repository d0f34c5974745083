//! Why a path leads to no checkpoint.

use std::path::Path;

use super::super::files::{file_name, files_of, names_in};
use super::super::survey::Found;
use super::super::{impostor, standing};
use super::without_suffix;
use crate::bundle::index_path;
use crate::error::Error;
use crate::shown::{shown, shown_path};
use crate::storage::{ReadFile, Storage, parent_dir};

/// Nothing that `path` could mean is there.
pub(super) fn nothing_at(storage: &dyn Storage, path: &Path) -> Error {
    if path.as_os_str().is_empty() {
        return Error::not_found("no such file: the path is empty").in_file(&index_path(path));
    }
    let prefix = without_suffix(path);
    let wanted = index_path(prefix.as_deref().unwrap_or(path));
    let v1 = match &prefix {
        Some(prefix) => format!(" nor is {} a V1 checkpoint", shown_path(prefix)),
        None => " nor is there a V1 checkpoint".to_string(),
    };
    let instead = itself(storage, path)
        .or_else(|| itself(storage, &wanted))
        .or_else(|| remains(storage, prefix.as_deref().unwrap_or(path)))
        .unwrap_or_else(|| standing::beside(storage, path));
    Error::not_found(format!("no such file, and so no checkpoint;{v1}{instead}")).in_file(&wanted)
}

/// What stands at the path itself, if something does.
fn itself(storage: &dyn Storage, path: &Path) -> Option<String> {
    let what = match storage.open(path) {
        Ok(file) => {
            let kind = impostor::impostor_of(file.as_ref()).ok().flatten();
            let kind = kind.map_or(String::new(), |kind| format!(", {kind}"));
            format!("is a file of {} bytes{kind}", file.len())
        }
        Err(_) if storage.list(path).is_ok() => "is a directory".to_string(),
        Err(error) if storage.exists(path).unwrap_or(true) => format!("is {}", error.message()),
        Err(error) => broken(storage, path, &error)?,
    };
    Some(format!("; {} itself {what}", shown_path(path)))
}

/// A name that is there, but leads to nothing.
fn broken(storage: &dyn Storage, path: &Path, error: &Error) -> Option<String> {
    let names = names_in(storage, parent_dir(path)).unwrap_or_default();
    let is_there = names.iter().any(|name| file_name(name) == file_name(path));
    is_there.then(|| format!("is a link that leads nowhere: {}", error.message()))
}

/// What there is of a checkpoint without an index.
fn remains(storage: &dyn Storage, prefix: &Path) -> Option<String> {
    let files = files_of(storage, prefix).ok().filter(|files| !files.is_empty())?;
    let names = files.iter().take(standing::TOLD).map(|file| shown(file_name(file)).to_string());
    let names = names.collect::<Vec<_>>().join(", ");
    let more = if files.len() > standing::TOLD { ", …" } else { "" };
    Some(format!("; all that is there of it is {names}{more}"))
}

/// A file that is there, but is no file of a checkpoint.
pub(super) fn strange_file(file: &dyn ReadFile) -> Error {
    let kind = impostor::impostor_of(file).ok().flatten();
    let message = match kind {
        Some(kind) => format!("this is {kind}"),
        None if file.is_empty() => "an empty file, and so no checkpoint".to_string(),
        None => format!(
            "its {} bytes are neither a V1 checkpoint, which would end as a table does, nor a \
             state file",
            file.len()
        ),
    };
    Error::data_loss(message).in_file(file.path())
}

/// A directory that does not say which of its checkpoints is meant.
pub(super) fn nothing_in_dir(storage: &dyn Storage, dir: &Path, found: &[Found]) -> Error {
    let message = match found {
        [] => match standing::contents(storage, dir) {
            Some(contents) => format!(
                "a directory without a checkpoint: neither a state file, nor a SavedModel, nor an \
                 index; in it {contents}"
            ),
            None => "a directory without a checkpoint: it is empty".to_string(),
        },
        found => {
            // The newest come last.
            let names = found.iter().rev().take(standing::TOLD);
            let names: Vec<String> =
                names.map(|found| shown_path(&found.prefix).to_string()).collect();
            let more = if found.len() > standing::TOLD { ", …" } else { "" };
            format!(
                "a directory without a state file, and with {} checkpoints to choose from: {}{more}",
                found.len(),
                names.join(", ")
            )
        }
    };
    Error::not_found(message).in_file(dir)
}
