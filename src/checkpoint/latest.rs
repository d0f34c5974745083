//! The latest checkpoint of a directory, by its state file.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::recorded::locate_recorded;
use super::standing;
use super::state::State;
use super::survey::find;
use super::whole::{Depth, check_whole};
use crate::error::{Error, ErrorKind, Result};
use crate::shown::shown_path;
use crate::storage::{LocalStorage, Storage};

/// How many checkpoints an error tells about that none of many is whole.
const TOLD: usize = 10;

/// Which state file to go by.
#[derive(Clone, Debug)]
pub struct StateOptions {
    /// Where the files are. Default: the local file system.
    pub storage: Arc<dyn Storage>,
    /// What the state file is called. Default: `checkpoint`.
    pub file_name: PathBuf,
}

impl Default for StateOptions {
    fn default() -> Self {
        Self { storage: LocalStorage::shared(), file_name: State::FILE_NAME.into() }
    }
}

/// The prefix of the latest checkpoint in `dir`, as its state file says; `None`
/// where there is no state file. Where the file names a path that is no more, but
/// the checkpoint lies beside the file, the directory has moved, and that is it.
///
/// # Errors
/// `DataLoss` where the state file does not parse, with line and column, or does not
/// say which is the latest; `NotFound` where that one is not there, with its path as the
/// error's file; `Io`.
pub fn latest(dir: impl AsRef<Path>) -> Result<Option<PathBuf>> {
    latest_with(dir, &StateOptions::default())
}

/// The prefix of the latest checkpoint in `dir`, as [`latest`] says, by another
/// state file than the default.
///
/// # Errors
/// Those of [`latest`].
pub fn latest_with(dir: impl AsRef<Path>, options: &StateOptions) -> Result<Option<PathBuf>> {
    let dir = dir.as_ref();
    let file = dir.join(&options.file_name);
    let storage = options.storage.as_ref();
    let mut before = None;
    while let Some(state) = read_if_there(storage, &file)? {
        let recorded = &state.model_checkpoint_path;
        if let Some(prefix) = locate_recorded(storage, dir, recorded)? {
            return Ok(Some(prefix));
        }
        // It may have been removed since the file was read: the file then names another.
        if before.as_ref() == Some(recorded) {
            let beside =
                standing::beside(storage, &dir.join(recorded.file_name().unwrap_or_default()));
            return Err(missing(dir, recorded, &file, &beside));
        }
        before = Some(recorded.clone());
    }
    Ok(None)
}

/// Why each was passed over.
pub(super) fn reasons(skipped: &[Skipped]) -> String {
    let told: Vec<String> =
        skipped.iter().take(TOLD).map(|skipped| skipped.problem.to_string()).collect();
    let more = if skipped.len() > TOLD { "; …" } else { "" };
    format!("{}{more}", told.join("; "))
}

/// The state, or `None` where there is no state file.
pub(super) fn read_if_there(storage: &dyn Storage, file: &Path) -> Result<Option<State>> {
    match State::read(storage, file) {
        Ok(state) => Ok(Some(state)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The error about a checkpoint that the state file `file` in `dir` names. Its place is
/// that checkpoint, and not the state file, whose absence is another matter.
fn missing(dir: &Path, recorded: &Path, file: &Path, beside: &str) -> Error {
    let (file, dir_shown) = (shown_path(file), shown_path(dir));
    Error::not_found(format!(
        "{file} names this checkpoint, but there is none, neither there nor below {dir_shown}{beside}"
    ))
    .in_file(&dir.join(recorded))
}

/// How [`latest_valid`] looks.
#[derive(Clone, Debug, Default)]
pub struct LatestValidOptions {
    /// Which state file to go by.
    pub state: StateOptions,
    /// How thoroughly a checkpoint is looked at. Default: every byte.
    pub depth: Depth,
}

/// A checkpoint that is whole, and what was passed over on the way to it.
#[derive(Debug)]
pub struct LatestValid {
    /// The prefix of the checkpoint.
    pub prefix: PathBuf,
    /// What would have come before it, and why it did not. Empty where the
    /// checkpoint is the one that the state file says is the latest.
    pub skipped: Vec<Skipped>,
}

/// Something that was passed over.
#[derive(Debug)]
pub struct Skipped {
    /// The prefix of a checkpoint, or the state file.
    pub path: PathBuf,
    /// Why.
    pub problem: Error,
}

/// The newest checkpoint in `dir` that is whole: the latest by the state file; if
/// that is not whole, the other ones in the file, from the newest to the oldest;
/// then those that the directory holds besides, by step and time. What was passed
/// over is told; a state file that is missing or damaged is told too. `None` where
/// there is neither a state file nor a checkpoint.
///
/// # Errors
/// `NotFound` where the state file names checkpoints, but there are none, as of
/// [`latest`]. `DataLoss` where there are checkpoints, but none is whole, or where the
/// state file does not parse. `Io`.
pub fn latest_valid(
    dir: impl AsRef<Path>,
    options: &LatestValidOptions,
) -> Result<Option<LatestValid>> {
    let dir = dir.as_ref();
    let mut search =
        Search { options, tried: HashSet::new(), any_there: false, skipped: Vec::new() };
    match search.by_state(dir)? {
        Some(prefix) => Ok(Some(search.found(prefix))),
        None => match search.by_survey(dir)? {
            Some(prefix) => Ok(Some(search.found(prefix))),
            None => search.nothing(dir),
        },
    }
}

struct Search<'a> {
    options: &'a LatestValidOptions,
    tried: HashSet<PathBuf>,
    /// Whether there was a checkpoint, whole or not.
    any_there: bool,
    skipped: Vec<Skipped>,
}

impl Search<'_> {
    fn by_state(&mut self, dir: &Path) -> Result<Option<PathBuf>> {
        let storage = self.options.state.storage.clone();
        let file = dir.join(&self.options.state.file_name);
        let state = match State::read(storage.as_ref(), &file) {
            Ok(state) => state,
            Err(problem) if problem.kind() == ErrorKind::Io => return Err(problem),
            Err(problem) => {
                self.skipped.push(Skipped { path: file, problem });
                return Ok(None);
            }
        };
        let newest_first = state.all_model_checkpoint_paths.iter().rev();
        for recorded in std::iter::once(&state.model_checkpoint_path).chain(newest_first) {
            match locate_recorded(storage.as_ref(), dir, recorded)? {
                Some(prefix) if self.try_one(&prefix)? => return Ok(Some(prefix)),
                Some(_) => {}
                None => self.skip_missing(dir, recorded, &file),
            }
        }
        Ok(None)
    }

    fn by_survey(&mut self, dir: &Path) -> Result<Option<PathBuf>> {
        let StateOptions { storage, file_name } = &self.options.state;
        for found in find(storage.as_ref(), dir, file_name)?.into_iter().rev() {
            if self.try_one(&found.prefix)? {
                return Ok(Some(found.prefix));
            }
        }
        Ok(None)
    }

    /// Whether a checkpoint not tried before is whole.
    fn try_one(&mut self, prefix: &Path) -> Result<bool> {
        if !self.tried.insert(prefix.to_path_buf()) {
            return Ok(false);
        }
        self.any_there = true;
        match check_whole(&self.options.state.storage, prefix, self.options.depth) {
            Ok(()) => Ok(true),
            Err(problem) if problem.kind() == ErrorKind::Io => Err(problem),
            Err(problem) => {
                self.skipped.push(Skipped { path: prefix.to_path_buf(), problem });
                Ok(false)
            }
        }
    }

    fn skip_missing(&mut self, dir: &Path, recorded: &Path, file: &Path) {
        let path = dir.join(recorded);
        if self.tried.insert(path.clone()) {
            self.skipped.push(Skipped { path, problem: missing(dir, recorded, file, "") });
        }
    }

    fn found(self, prefix: PathBuf) -> LatestValid {
        LatestValid { prefix, skipped: self.skipped }
    }

    fn nothing(self, dir: &Path) -> Result<Option<LatestValid>> {
        let is_missing = |skipped: &Skipped| skipped.problem.kind() == ErrorKind::NotFound;
        let all_missing = !self.any_there && self.skipped.iter().all(is_missing);
        if all_missing && self.tried.is_empty() {
            return Ok(None);
        }
        let told = reasons(&self.skipped);
        let error = match all_missing {
            true => Error::not_found(format!("no checkpoint is here: {told}")),
            false => Error::data_loss(format!("no checkpoint here is whole: {told}")),
        };
        Err(error.in_file(dir))
    }
}
