//! From a path that somebody was given to the checkpoint that it leads to.

mod explain;
mod slice_set;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::explain::{nothing_at, nothing_in_dir, strange_file};
use self::slice_set::{named_by_pattern, named_by_shard, named_by_stem};
use super::files::{Form, file_name, form_of};
use super::latest::{StateOptions, latest_with};
use super::source::Format;
use super::state::State;
use super::survey::find;
use crate::bundle::index_path;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::{ReadFile, Storage, parent_dir};
use crate::table::is_table;

/// A state file has the name of this field near its beginning.
const STATE_FIELD: &[u8] = b"model_checkpoint_path";
const STATE_HEAD: usize = 4 << 10;

/// A checkpoint that a path led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Its format, V1 or V2.
    pub format: Format,
    /// Its prefix: the path of its files without `.index` and `.data-…`. Of V1
    /// the path of its file, or where it has several a pattern,
    /// `STEM-?????-of-00003`, which is what state files name it by.
    pub prefix: PathBuf,
    /// The files of a V1 checkpoint, in order.
    pub files: Vec<PathBuf>,
}

impl Located {
    fn bundle(prefix: impl Into<PathBuf>) -> Self {
        Self { format: Format::V2, prefix: prefix.into(), files: Vec::new() }
    }

    fn slice_file(path: &Path) -> Self {
        Self { format: Format::V1, prefix: path.into(), files: vec![path.into()] }
    }
}

/// The checkpoint that `path` leads to. `path` is one of
/// - a prefix, V2 or V1, or what state files record for a V1 checkpoint of several
///   files: a pattern, `STEM-?????-of-00003`;
/// - one of its files: `PREFIX.index`, `PREFIX.data-…`, `PREFIX.meta`, a V1 file;
/// - a state file: the latest checkpoint that it names;
/// - a directory: its latest, or where it has no state file, the SavedModel that it
///   is, or the only checkpoint in it.
///
/// It is taken as literal bytes: a pattern is one only where no file has that name.
/// A slash at its end says that a directory is meant first.
///
/// # Errors
/// `NotFound`, with what was looked for and what stands there instead; `DataLoss`
/// for a file that is none of a checkpoint, and for a state file that does not
/// lead to one; `Io`.
pub fn locate(storage: &Arc<dyn Storage>, path: &Path) -> Result<Located> {
    let finder = Finder { shared: storage, storage: storage.as_ref(), path };
    match finder.find()? {
        Some(located) => Ok(located),
        None => Err(nothing_at(storage.as_ref(), path)),
    }
}

struct Finder<'a> {
    shared: &'a Arc<dyn Storage>,
    storage: &'a dyn Storage,
    path: &'a Path,
}

impl Finder<'_> {
    fn find(&self) -> Result<Option<Located>> {
        if self.storage.exists(&index_path(self.path))? {
            return Ok(Some(Located::bundle(self.path)));
        }
        if let Some(path) = without_slashes(self.path) {
            return match is_directory(self.storage, self.path) {
                true => self.by_directory().map(Some),
                false => Finder { path, ..*self }.find(),
            };
        }
        if let Some(file) = open_if_file(self.storage, self.path)? {
            return self.by_file(file.as_ref()).map(Some);
        }
        let is_directory = is_directory(self.storage, self.path);
        if !is_directory {
            if let Some(found) = self.by_file_name()? {
                return Ok(Some(found));
            }
        }
        if let Some(found) = named_by_pattern(self.storage, self.path)? {
            return Ok(Some(found));
        }
        if let Some(found) = named_by_stem(self.storage, self.path)? {
            return Ok(Some(found));
        }
        if is_directory { self.by_directory().map(Some) } else { Ok(None) }
    }

    /// From a file that is there.
    fn by_file(&self, file: &dyn ReadFile) -> Result<Located> {
        if let Some(found) = self.by_file_name()? {
            return Ok(found);
        }
        if is_table(file)? {
            return Ok(Located::slice_file(self.path));
        }
        if is_state_file(file)? {
            let dir = parent_dir(self.path);
            return match self.latest(dir, file_name(self.path))? {
                Some(located) => Ok(located),
                None => Err(nothing_at(self.storage, self.path)),
            };
        }
        match without_suffix(self.path) {
            Some(_) => Err(nothing_at(self.storage, self.path)),
            None => Err(strange_file(file)),
        }
    }

    /// From a name that only files of a checkpoint have. The file need not be
    /// there: some saves leave out `.meta`.
    fn by_file_name(&self) -> Result<Option<Located>> {
        if let Some(prefix) = without_suffix(self.path) {
            // A directory may have such a name.
            if open_if_file(self.storage, &index_path(&prefix))?.is_some() {
                return Ok(Some(Located::bundle(prefix)));
            }
            if let Some(file) = open_if_file(self.storage, &prefix)? {
                if is_table(file.as_ref())? {
                    return Ok(Some(Located::slice_file(&prefix)));
                }
            }
            return named_by_stem(self.storage, &prefix);
        }
        if matches!(file_name(self.path), b"saved_model.pb" | b"saved_model.pbtxt") {
            return self.saved_model(parent_dir(self.path));
        }
        named_by_shard(self.storage, self.path)
    }

    fn by_directory(&self) -> Result<Located> {
        if let Some(latest) = self.latest(self.path, State::FILE_NAME.as_bytes())? {
            return Ok(latest);
        }
        if let Some(found) = self.saved_model(self.path)? {
            return Ok(found);
        }
        let found = find(self.storage, self.path, Path::new(State::FILE_NAME))?;
        match found.as_slice() {
            [only] => match self.at_prefix(&only.prefix)? {
                Some(located) => Ok(located),
                None => Err(nothing_at(self.storage, &only.prefix)),
            },
            found => Err(nothing_in_dir(self.storage, self.path, found)),
        }
    }

    fn saved_model(&self, dir: &Path) -> Result<Option<Located>> {
        let prefix = dir.join("variables").join("variables");
        let there = self.storage.exists(&index_path(&prefix))?;
        Ok(there.then(|| Located::bundle(prefix)))
    }

    /// The latest checkpoint by a state file; `None` where there is no such file.
    fn latest(&self, dir: &Path, state_file: &[u8]) -> Result<Option<Located>> {
        let file_name = OsStr::from_bytes(state_file).into();
        let options = StateOptions { storage: self.shared.clone(), file_name };
        let Some(prefix) = latest_with(dir, &options)? else { return Ok(None) };
        match self.at_prefix(&prefix)? {
            Some(located) => Ok(Some(located)),
            None => Err(nothing_at(self.storage, &prefix)),
        }
    }

    /// The checkpoint that has just this prefix.
    fn at_prefix(&self, prefix: &Path) -> Result<Option<Located>> {
        match form_of(self.storage, prefix)? {
            Some(Form::Bundle) => Ok(Some(Located::bundle(prefix))),
            Some(Form::SliceFile) => Ok(Some(Located::slice_file(prefix))),
            Some(Form::SliceFiles(_)) => named_by_pattern(self.storage, prefix),
            None => Ok(None),
        }
    }
}

/// `path` without the `/` and `/.` at its end, if it has some and is more than these.
fn without_slashes(path: &Path) -> Option<&Path> {
    let bytes = path.as_os_str().as_bytes();
    let mut without = bytes;
    while let Some(shorter) = without.strip_suffix(b"/").or(without.strip_suffix(b"/.")) {
        without = shorter;
    }
    let there = !without.is_empty() && without.len() < bytes.len();
    there.then(|| Path::new(OsStr::from_bytes(without)))
}

/// Whether a directory is at `path`, be it one whose names nobody may see: its state
/// file leads on.
fn is_directory(storage: &dyn Storage, path: &Path) -> bool {
    storage.list(path).map_or_else(|error| error.kind() != ErrorKind::NotFound, |_| true)
}

/// The file at `path`; `None` where there is none, but a directory perhaps.
fn open_if_file(
    storage: &dyn Storage,
    path: &Path,
) -> Result<Option<std::sync::Arc<dyn ReadFile>>> {
    match storage.open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound || is_no_directory(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a file stands where a directory would have to be.
fn is_no_directory(error: &Error) -> bool {
    let source = std::error::Error::source(error);
    let source = source.and_then(|source| source.downcast_ref::<std::io::Error>());
    source.is_some_and(|source| source.kind() == std::io::ErrorKind::NotADirectory)
}

/// Whether a file has the usual name of a state file, or reads like one.
pub(super) fn is_state_file(file: &dyn ReadFile) -> Result<bool> {
    if file_name(file.path()) == State::FILE_NAME.as_bytes() {
        return Ok(true);
    }
    let mut head = vec![0; file.len().min(STATE_HEAD as u64) as usize];
    file.read_exact_at(&mut head, 0)?;
    Ok(head.trim_ascii_start().starts_with(STATE_FIELD))
}

/// `path` without the ending of a checkpoint file, if it has one.
pub(super) fn without_suffix(path: &Path) -> Option<PathBuf> {
    let bytes = path.as_os_str().as_bytes();
    let prefix = [&b".index"[..], b".meta"]
        .iter()
        .find_map(|suffix| bytes.strip_suffix(*suffix))
        .or_else(|| without_data_suffix(bytes))?;
    Some(PathBuf::from(OsStr::from_bytes(prefix)))
}

/// Takes off `.data-SSSSS-of-NNNNN`; the numbers may have more digits.
fn without_data_suffix(bytes: &[u8]) -> Option<&[u8]> {
    const MARK: &[u8] = b".data-";
    let start = bytes.windows(MARK.len()).rposition(|window| window == MARK)?;
    let numbers = std::str::from_utf8(bytes.get(start + MARK.len()..)?).ok()?;
    let (shard, count) = numbers.split_once("-of-")?;
    let digits = |text: &str| text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(shard) && digits(count)).then(|| bytes.get(..start)).flatten()
}

#[cfg(test)]
mod tests;
