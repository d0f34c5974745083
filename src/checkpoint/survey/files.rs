//! What a file in a directory of checkpoints is.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::SurveyedCheckpoint;
use crate::bundle::Index;
use crate::checkpoint::files::{decimal, file_name, shard_name};
use crate::checkpoint::gc::{is_tensorflow_dir, is_tensorflow_file};
use crate::checkpoint::impostor_of;
use crate::checkpoint::locate::{is_state_file, without_suffix};
use crate::checkpoint::source::Format;
use crate::error::{ErrorKind, Result};
use crate::storage::{ReadFile, Storage, TEMPORARY_PREFIX};
use crate::table::TableOptions;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A state file, by its name or by its content.
    State,
    /// The index of a V2 checkpoint.
    Index,
    /// A data shard of a V2 checkpoint.
    Data,
    /// The graph beside a checkpoint, `PREFIX.meta`.
    Meta,
    /// A file of a V1 checkpoint, with metadata and values.
    SliceFile,
    /// What a writer is at work on, or has left: a file or a directory.
    Temporary,
    /// A directory.
    Directory,
    /// Something else.
    Other,
}

impl FileKind {
    /// As it is written: `state`, `index`, `data`, `meta`, `V1`, `temporary`,
    /// `directory`, `other`.
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Index => "index",
            Self::Data => "data",
            Self::Meta => "meta",
            Self::SliceFile => "V1",
            Self::Temporary => "temporary",
            Self::Directory => "directory",
            Self::Other => "other",
        }
    }
}

/// A file of a directory, or a directory in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedFile {
    /// Its path.
    pub path: PathBuf,
    /// What it is.
    pub kind: FileKind,
    /// Which of the checkpoints it belongs to.
    pub checkpoint: Option<usize>,
    /// Its length in bytes; `None` for what is no file.
    pub bytes: Option<u64>,
    /// What else there is to say of it: that the content is not what the name says, or
    /// that the checkpoint it would belong to is missing.
    pub note: Option<String>,
}

/// Says what files are, by their names and where these do not tell by their content.
pub(super) struct Classifier<'a> {
    storage: &'a dyn Storage,
    dir: &'a Path,
    state_file: &'a Path,
    /// The checkpoints in the directory by prefix.
    by_prefix: HashMap<&'a Path, usize>,
    /// What stands before the numbers of V1 checkpoints of several files.
    by_stem: HashMap<PathBuf, usize>,
    formats: Vec<Option<Format>>,
    /// How many data shards each checkpoint has, where its index tells.
    num_shards: Vec<Option<u32>>,
}

impl<'a> Classifier<'a> {
    pub(super) fn new(
        storage: &'a dyn Storage,
        dir: &'a Path,
        state_file: &'a Path,
        checkpoints: &'a [SurveyedCheckpoint],
    ) -> Self {
        let there = || checkpoints.iter().enumerate().filter(|(_, found)| found.format.is_some());
        let num_shards = |found: &SurveyedCheckpoint| {
            let is_v2 = found.format == Some(Format::V2);
            let index =
                is_v2.then(|| Index::open(storage, &found.prefix, &TableOptions::default()));
            Some(index?.ok()?.header().num_shards)
        };
        let stem = |(at, found): (usize, &SurveyedCheckpoint)| Some((stem(&found.prefix)?, at));
        Self {
            storage,
            dir,
            state_file,
            by_prefix: there().map(|(at, found)| (found.prefix.as_path(), at)).collect(),
            by_stem: there().filter_map(stem).collect(),
            formats: checkpoints.iter().map(|found| found.format).collect(),
            num_shards: checkpoints.iter().map(num_shards).collect(),
        }
    }

    /// `None` for a file that is gone meanwhile.
    pub(super) fn file(&self, name: &Path) -> Result<Option<SurveyedFile>> {
        let path = self.dir.join(name);
        let file = match self.storage.open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return self.no_file(path),
            Err(error) => {
                // Nobody may read it, but its name may tell.
                let (kind, checkpoint, _) = self.by_name(&path);
                let (kind, note) = (kind.unwrap_or(FileKind::Other), Some(error.message().into()));
                return Ok(Some(SurveyedFile { path, kind, checkpoint, bytes: None, note }));
            }
        };
        let (kind, checkpoint, note) = self.by_name(&path);
        let kind = match kind {
            Some(kind) => kind,
            None if is_state_file(file.as_ref())? => FileKind::State,
            None => FileKind::Other,
        };
        let note = note_on(file.as_ref())?.or(note).map(Into::into);
        Ok(Some(SurveyedFile { path, kind, checkpoint, bytes: Some(file.len()), note }))
    }

    /// A directory, or what is neither that nor a file.
    fn no_file(&self, path: PathBuf) -> Result<Option<SurveyedFile>> {
        let (kind, note) = match self.storage.list(&path) {
            Ok(_) if is_tensorflow_dir(file_name(&path)) => {
                (FileKind::Temporary, Some("parts of a checkpoint that were not merged"))
            }
            Ok(names) => (FileKind::Directory, self.note_on_directory(&names)),
            Err(_) if !self.storage.exists(&path)? => return Ok(None),
            Err(_) => (FileKind::Other, Some("not a regular file")),
        };
        let note = note.map(Into::into);
        Ok(Some(SurveyedFile { path, kind, checkpoint: None, bytes: None, note }))
    }

    fn note_on_directory(&self, names: &[PathBuf]) -> Option<&'static str> {
        let has = |name: &Path| names.iter().any(|other| other == name);
        if has(Path::new("saved_model.pb")) || has(Path::new("saved_model.pbtxt")) {
            return Some("a SavedModel");
        }
        if has(Path::new("variables.index")) {
            return Some("the variables of a SavedModel");
        }
        has(self.state_file).then_some("it has a state file of its own")
    }

    /// What a name tells, and a note on what should be with it.
    fn by_name(&self, path: &Path) -> (Option<FileKind>, Option<usize>, Option<&'static str>) {
        let name = file_name(path);
        if name == self.state_file.as_os_str().as_bytes() {
            return (Some(FileKind::State), None, None);
        }
        if name.starts_with(TEMPORARY_PREFIX.as_bytes()) || is_tensorflow_file(name) {
            return (Some(FileKind::Temporary), None, None);
        }
        if let Some(at) = self.slice_file(path) {
            return (Some(FileKind::SliceFile), Some(at), None);
        }
        let Some(prefix) = without_suffix(path) else { return (None, None, known_by_name(name)) };
        let at = self.by_prefix.get(&*prefix).copied();
        match path.extension().map(OsStr::as_bytes) {
            Some(b"index") => (Some(FileKind::Index), at, None),
            Some(b"meta") => {
                let at = at.or(self.by_stem.get(&prefix).copied());
                let note = at.is_none().then_some("its checkpoint is missing");
                (Some(FileKind::Meta), at, note)
            }
            _ => match at {
                None => (Some(FileKind::Data), None, Some("its index is missing")),
                Some(at) if self.is_foreign(at, name) => {
                    (Some(FileKind::Data), None, Some("the index knows no such data shard"))
                }
                Some(at) => (Some(FileKind::Data), Some(at), None),
            },
        }
    }

    /// The V1 checkpoint that a file of this name belongs to.
    fn slice_file(&self, path: &Path) -> Option<usize> {
        let of_set = || {
            let (stem, _, count) = shard_name(file_name(path))?;
            let pattern = [stem, b"-?????-of-", count].concat();
            self.by_prefix.get(&*path.with_file_name(OsStr::from_bytes(&pattern))).copied()
        };
        let alone = || self.by_prefix.get(path).copied();
        // A V2 checkpoint may have a file of just its name beside it.
        let is_v1 = |at: &usize| self.formats.get(*at) == Some(&Some(Format::V1));
        of_set().filter(is_v1).or_else(|| alone().filter(is_v1))
    }

    /// Whether the index of a checkpoint does not know a data shard of this name.
    fn is_foreign(&self, at: usize, name: &[u8]) -> bool {
        let known = self.num_shards.get(at).copied().flatten();
        let Some((known, (_, shard, count))) = known.zip(shard_name(name)) else { return false };
        shard >= known || decimal(count) != Some(known.into())
    }
}

/// What is often beside checkpoints.
fn known_by_name(name: &[u8]) -> Option<&'static str> {
    match name {
        b"saved_model.pb" | b"saved_model.pbtxt" => Some("the graph of a SavedModel"),
        b"fingerprint.pb" => Some("the fingerprint of a SavedModel"),
        b"graph.pbtxt" => Some("a graph as text"),
        _ if name.starts_with(b"events.out.tfevents.") => Some("events for TensorBoard"),
        _ => None,
    }
}

/// The prefix that the graph beside a V1 checkpoint of several files has.
fn stem(prefix: &Path) -> Option<PathBuf> {
    let name = file_name(prefix);
    let at = name.windows(6).rposition(|window| window == b"-?????")?;
    Some(prefix.with_file_name(OsStr::from_bytes(name.get(..at)?)))
}

/// What the content of a file tells that its name does not.
fn note_on(file: &dyn ReadFile) -> Result<Option<&'static str>> {
    match impostor_of(file) {
        // It can be opened, but not read.
        Err(error) if error.kind() == ErrorKind::Io => Ok(Some("it can't be read")),
        named => named,
    }
}
