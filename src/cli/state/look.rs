//! A look at a directory with its state file in hand.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use tfckpt::checkpoint::{Depth, State, StateOptions, check_whole, locate_recorded, survey};
use tfckpt::{Error, ErrorKind, Result};

/// What a state file says, and what is there.
pub struct Look {
    pub file: PathBuf,
    pub last_preserved_timestamp: f64,
    /// Those that the file names, from the oldest to the newest.
    pub named: Vec<Named>,
    /// Those that lie beside.
    pub unnamed: Vec<Unnamed>,
}

/// A checkpoint that the file names.
pub struct Named {
    /// As it stands in the file.
    pub path: PathBuf,
    /// Where it is; `None` where it is not there.
    pub prefix: Option<PathBuf>,
    pub timestamp: Option<f64>,
    pub is_latest: bool,
    /// Why it is not whole.
    pub problem: Option<Error>,
}

/// A checkpoint that the file does not name.
pub struct Unnamed {
    pub prefix: PathBuf,
    /// Why it is not whole.
    pub problem: Option<Error>,
}

impl Look {
    pub fn at(dir: &Path, options: &StateOptions, depth: Depth) -> Result<Self> {
        let file = dir.join(&options.file_name);
        let state = State::read(options.storage.as_ref(), &file)?;
        let looker = Looker { dir, options, depth };
        let named = named(&state)
            .into_iter()
            .map(|(path, timestamp)| looker.named(&state, path, timestamp))
            .collect::<Result<Vec<_>>>()?;
        let known = named.iter().filter_map(|named| named.prefix.as_deref()).collect();
        let unnamed = looker.unnamed(&known)?;
        let last_preserved_timestamp = state.last_preserved_timestamp;
        Ok(Self { file, last_preserved_timestamp, named, unnamed })
    }

    /// Whether all that the file names is there and whole.
    pub fn is_well(&self) -> bool {
        self.named.iter().all(|named| named.problem.is_none())
    }
}

/// The paths in the file, with their times. The latest is there even if the list
/// lacks it.
fn named(state: &State) -> Vec<(&Path, Option<f64>)> {
    let mut times = state.all_model_checkpoint_timestamps.iter().copied();
    let mut named: Vec<_> = state
        .all_model_checkpoint_paths
        .iter()
        .map(|path| (path.as_path(), times.next()))
        .collect();
    if !state.all_model_checkpoint_paths.contains(&state.model_checkpoint_path) {
        named.push((&state.model_checkpoint_path, None));
    }
    named
}

struct Looker<'a> {
    dir: &'a Path,
    options: &'a StateOptions,
    depth: Depth,
}

impl Looker<'_> {
    fn named(&self, state: &State, path: &Path, timestamp: Option<f64>) -> Result<Named> {
        let prefix = locate_recorded(self.options.storage.as_ref(), self.dir, path)?;
        let problem = match &prefix {
            Some(prefix) => self.problem(prefix)?,
            None => Some(missing(&self.dir.join(path))),
        };
        let is_latest = path == state.model_checkpoint_path;
        Ok(Named { path: path.to_path_buf(), prefix, timestamp, is_latest, problem })
    }

    fn unnamed(&self, known: &HashSet<&Path>) -> Result<Vec<Unnamed>> {
        survey(self.options.storage.as_ref(), self.dir)?
            .into_iter()
            .filter(|found| !known.contains(found.prefix.as_path()))
            .map(|found| {
                let problem = self.problem(&found.prefix)?;
                Ok(Unnamed { prefix: found.prefix, problem })
            })
            .collect()
    }

    /// Why the checkpoint at `prefix` is not whole. That it could not be read is no
    /// answer.
    fn problem(&self, prefix: &Path) -> Result<Option<Error>> {
        match check_whole(&self.options.storage, prefix, self.depth) {
            Ok(()) => Ok(None),
            Err(error) if error.kind() == ErrorKind::Io => Err(error),
            Err(error) => Ok(Some(error)),
        }
    }
}

fn missing(prefix: &Path) -> Error {
    Error::new(ErrorKind::NotFound, "there is no such checkpoint").in_file(prefix)
}
