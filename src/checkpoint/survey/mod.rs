//! What a directory holds: its checkpoints, how each of them is, and what every other
//! file is.

mod files;
mod find;

pub use files::{FileKind, SurveyedFile};
pub(super) use find::{Found, find, is_slice_file};

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use self::files::Classifier;
use super::files::{Form, form_of, step_of};
use super::latest::StateOptions;
use super::recorded::locate_recorded;
use super::source::Format;
use super::state::State;
use super::whole::{Depth, problems_of};
use crate::bundle::index_path;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Storage;

/// How [`survey`] looks.
#[derive(Clone, Debug, Default)]
pub struct SurveyOptions {
    /// Which state file to go by.
    pub state: StateOptions,
    /// How thoroughly a checkpoint is looked at. Default: every byte.
    pub depth: Depth,
}

/// What a directory holds.
#[derive(Debug)]
pub struct Survey {
    /// The checkpoints in it, or what is left of them, and those that its state file
    /// names besides; from the oldest to the newest: by step, and of the same step, or
    /// of none, by time.
    pub checkpoints: Vec<SurveyedCheckpoint>,
    /// Everything in the directory, by name.
    pub files: Vec<SurveyedFile>,
    /// What the state file says; `None` where there is none, or it is damaged.
    pub state: Option<State>,
    /// What is wrong with the state file.
    pub state_problem: Option<Error>,
    /// Which of the checkpoints is the latest, as the state file says.
    pub latest: Option<usize>,
}

/// A checkpoint of a directory.
#[derive(Debug)]
pub struct SurveyedCheckpoint {
    /// Its prefix. Of V1 in several files, their pattern.
    pub prefix: PathBuf,
    /// Its format; `None` where it is not there at all, but the state file names it.
    pub format: Option<Format>,
    /// Its step, by its name.
    pub step: Option<u64>,
    /// When its index, or one of its files, was written; `None` where it is not there.
    pub modified: Option<SystemTime>,
    /// Whether the state file names it.
    pub is_listed: bool,
    /// What is missing of it, a problem for each file; or where all files are there,
    /// what is wrong with them. None where it is whole.
    pub problems: Vec<Error>,
}

impl SurveyedCheckpoint {
    /// When it was written, in seconds since the epoch; `None` where it is not there.
    pub fn modified_seconds(&self) -> Option<f64> {
        let since = self.modified?.duration_since(UNIX_EPOCH);
        Some(since.map_or(0.0, |since| since.as_secs_f64()))
    }

    /// Whether all of it is there, and nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Looks through the directory `dir`: what checkpoints it holds, how each of them is,
/// and what every file is.
///
/// # Errors
/// `NotFound` where there is no such directory; `Io`. A state file that is missing or
/// damaged is none.
pub fn survey(dir: impl AsRef<Path>, options: &SurveyOptions) -> Result<Survey> {
    let dir = dir.as_ref();
    let storage = options.state.storage.as_ref();
    let mut names = storage.list(dir)?;
    names.sort();
    let (state, state_problem) = match State::read(storage, &dir.join(&options.state.file_name)) {
        Ok(state) => (Some(state), None),
        Err(error) if error.kind() == ErrorKind::NotFound => (None, None),
        Err(error) if error.kind() == ErrorKind::Io => return Err(error),
        Err(error) => (None, Some(error)),
    };
    let listed = state.as_ref().map_or(Ok(Vec::new()), |state| listed(storage, dir, state))?;
    let mut checkpoints = checkpoints(options, dir, &listed)?;
    for checkpoint in &mut checkpoints {
        checkpoint.problems =
            problems_of(&options.state.storage, &checkpoint.prefix, options.depth)?;
    }
    let latest =
        checkpoints.iter().position(|checkpoint| listed.last() == Some(&checkpoint.prefix));
    let classifier = Classifier::new(storage, dir, &options.state.file_name, &checkpoints);
    let files = names.iter().filter_map(|name| classifier.file(name).transpose());
    let files = files.collect::<Result<_>>()?;
    Ok(Survey { checkpoints, files, state, state_problem, latest })
}

/// The prefixes that a state file names, the latest last.
fn listed(storage: &dyn Storage, dir: &Path, state: &State) -> Result<Vec<PathBuf>> {
    let recorded = state.all_model_checkpoint_paths.iter().chain([&state.model_checkpoint_path]);
    let locate = |recorded: &PathBuf| -> Result<PathBuf> {
        let found = locate_recorded(storage, dir, recorded)?;
        Ok(found.unwrap_or_else(|| dir.join(recorded)))
    };
    recorded.map(locate).collect()
}

fn checkpoints(
    options: &SurveyOptions,
    dir: &Path,
    listed: &[PathBuf],
) -> Result<Vec<SurveyedCheckpoint>> {
    let StateOptions { storage, file_name } = &options.state;
    let mut all: Vec<SurveyedCheckpoint> = Vec::new();
    let mut known: HashSet<&Path> = HashSet::new();
    let found = find(storage.as_ref(), dir, file_name)?;
    for Found { prefix, format, step, modified } in &found {
        known.insert(prefix);
        all.push(SurveyedCheckpoint {
            prefix: prefix.clone(),
            format: Some(*format),
            step: *step,
            modified: Some(*modified),
            is_listed: listed.contains(prefix),
            problems: Vec::new(),
        });
    }
    for prefix in listed {
        if known.insert(prefix) {
            all.push(elsewhere(storage.as_ref(), prefix)?);
        }
    }
    all.sort_by(|a, b| (a.step, a.modified, &a.prefix).cmp(&(b.step, b.modified, &b.prefix)));
    Ok(all)
}

/// A checkpoint that is named, but is not in the directory.
fn elsewhere(storage: &dyn Storage, prefix: &Path) -> Result<SurveyedCheckpoint> {
    let form = form_of(storage, prefix)?;
    let (format, file) = match form {
        Some(Form::Bundle) => (Some(Format::V2), index_path(prefix)),
        Some(Form::SliceFile | Form::SliceFiles(_)) => (Some(Format::V1), prefix.to_path_buf()),
        None => (None, prefix.to_path_buf()),
    };
    Ok(SurveyedCheckpoint {
        prefix: prefix.to_path_buf(),
        format,
        step: step_of(prefix),
        modified: storage.modified(&file).ok(),
        is_listed: true,
        problems: Vec::new(),
    })
}
