//! A look at a directory with its state file in hand.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use tfckpt::Result;
use tfckpt::checkpoint::{
    FileKind, State, Survey, SurveyOptions, SurveyedCheckpoint, SurveyedFile, locate_recorded,
    survey,
};

/// What a state file says, and what is there.
pub struct Look {
    pub file: PathBuf,
    /// Those that the file names, from the oldest to the newest.
    pub named: Vec<Named>,
    /// Those that lie beside, as numbers in the survey.
    pub unnamed: Vec<usize>,
    pub survey: Survey,
}

/// A checkpoint that the file names.
pub struct Named {
    /// As it stands in the file.
    pub path: PathBuf,
    pub timestamp: Option<f64>,
    pub is_latest: bool,
    /// Which one of the survey it is.
    pub checkpoint: usize,
}

impl Look {
    pub fn at(dir: &Path, options: &SurveyOptions) -> Result<Self> {
        let survey = survey(dir, options)?;
        let named = match &survey.state {
            Some(state) => named(dir, options, state, &survey)?,
            None => Vec::new(),
        };
        let known: HashSet<usize> = named.iter().map(|named| named.checkpoint).collect();
        let unnamed = (0..survey.checkpoints.len()).filter(|at| !known.contains(at)).collect();
        Ok(Self { file: dir.join(&options.state.file_name), named, unnamed, survey })
    }

    /// Whether all that the file names is there and whole.
    pub fn is_well(&self) -> bool {
        self.named.iter().all(|named| self.checkpoint(named).is_whole())
    }

    pub fn checkpoint(&self, named: &Named) -> &SurveyedCheckpoint {
        &self.survey.checkpoints[named.checkpoint]
    }

    pub fn last_preserved_timestamp(&self) -> f64 {
        self.survey.state.as_ref().map_or(0.0, |state| state.last_preserved_timestamp)
    }

    /// The files that belong to no checkpoint, but for the state file.
    pub fn other_files(&self) -> impl Iterator<Item = &SurveyedFile> {
        let is_other = |file: &&SurveyedFile| {
            file.checkpoint.is_none() && (file.kind != FileKind::State || file.path != self.file)
        };
        self.survey.files.iter().filter(is_other)
    }
}

fn named(
    dir: &Path,
    options: &SurveyOptions,
    state: &State,
    survey: &Survey,
) -> Result<Vec<Named>> {
    let storage = options.state.storage.as_ref();
    let mut all = Vec::new();
    for (path, timestamp) in recorded(state) {
        let prefix = locate_recorded(storage, dir, path)?.unwrap_or_else(|| dir.join(path));
        let found = survey.checkpoints.iter().position(|found| found.prefix == prefix);
        let is_latest = path == state.model_checkpoint_path;
        // One that went away since the survey is not worth a word.
        all.extend(found.map(|checkpoint| Named {
            path: path.to_path_buf(),
            timestamp,
            is_latest,
            checkpoint,
        }));
    }
    Ok(all)
}

/// The paths in the file, with their times. The latest is there even if the list
/// lacks it.
fn recorded(state: &State) -> Vec<(&Path, Option<f64>)> {
    let mut times = state.all_model_checkpoint_timestamps.iter().copied();
    let mut recorded: Vec<_> = state
        .all_model_checkpoint_paths
        .iter()
        .map(|path| (path.as_path(), times.next()))
        .collect();
    if !state.all_model_checkpoint_paths.contains(&state.model_checkpoint_path) {
        recorded.push((&state.model_checkpoint_path, None));
    }
    recorded
}
