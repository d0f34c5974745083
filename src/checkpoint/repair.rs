//! A state file anew, from what is really there.

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::files::{decimal, file_name};
use super::impostor;
use super::latest::{Skipped, StateOptions, reasons};
use super::locate::is_state_file;
use super::recorded::{locate_recorded, record};
use super::state::{State, read_text};
use super::survey::{Found, find, is_slice_file};
use super::whole::{Depth, check_whole};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::{Storage, take_turn};
use crate::table::is_table;

/// How often a state file that others write meanwhile is looked at anew before they are
/// kept waiting.
const FREE_LOOKS: usize = 3;

/// How [`repair`] goes about it.
#[derive(Clone, Debug)]
pub struct RepairOptions {
    /// Which state file to repair.
    pub state: StateOptions,
    /// How thoroughly a checkpoint is looked at. Default: every byte.
    pub depth: Depth,
    /// Whether, of the checkpoints that the state file does not name, only those
    /// called `NAME-STEP` are taken up. Default: all.
    pub checkpoint_name: Option<OsString>,
    /// Whether it returns only when the new file is on stable storage. Default: yes.
    pub sync: bool,
}

impl Default for RepairOptions {
    fn default() -> Self {
        Self {
            state: StateOptions::default(),
            depth: Depth::default(),
            checkpoint_name: None,
            sync: true,
        }
    }
}

/// What [`repair`] made of a state file.
#[derive(Debug)]
pub struct Repaired {
    /// What the file says now.
    pub state: State,
    /// The prefix of the latest checkpoint.
    pub latest: PathBuf,
    /// The prefixes of whole checkpoints that the file did not name before.
    pub added: Vec<PathBuf>,
    /// What is not, or no longer, in the file, and why: checkpoints that are missing
    /// or damaged, and the file itself where it could not be read.
    pub dropped: Vec<Skipped>,
    /// Whether the file had to be written.
    pub changed: bool,
}

/// Rewrites the state file in `dir` so that it names the checkpoints that are there
/// and whole, by paths relative to it, and no others. No checkpoint is touched.
///
/// Those that the old file names keep their order and times, and the newest of them
/// is the latest. Those that it does not name come before them, by step and time;
/// they are the ones that count where the old file is missing or damaged.
///
/// What a retention policy had let go of must not be taken for one of those that it
/// may remove: so a checkpoint that the old file did not name gets no time after
/// `last_preserved_timestamp`, and where the old file told no times, nor does the
/// new. [`Manager`](super::Manager) and TensorFlow's keep such checkpoints for good.
///
/// Managers may be saving meanwhile: the file is written in turn with them, by the lock of
/// the directory, and what they have recorded stays.
///
/// # Errors
/// `NotFound` where no checkpoint in the directory is whole: the file is left as it
/// is. `AlreadyExists` where the file is no state file: a file of a checkpoint, or
/// under another name than the default something that does not begin as a state file
/// does. `Io`.
pub fn repair(dir: impl AsRef<Path>, options: &RepairOptions) -> Result<Repaired> {
    let dir = dir.as_ref();
    // To look at every byte takes longer than others should wait, so they wait only for a
    // file that never stands still.
    for _ in 0..FREE_LOOKS {
        let found = Outcome::look(dir, options)?;
        let _turn = take_turn(options.state.storage.as_ref(), dir)?;
        if found.is_current(dir, options)? {
            return found.write(dir, options);
        }
    }
    let _turn = take_turn(options.state.storage.as_ref(), dir)?;
    Outcome::look(dir, options)?.write(dir, options)
}

/// What a repair comes to, not written yet.
struct Outcome {
    /// The text of the old file; `None` where there is none that can be read.
    old: Option<Vec<u8>>,
    repaired: Repaired,
}

impl Outcome {
    fn look(dir: &Path, options: &RepairOptions) -> Result<Self> {
        let mut repair = Repair { dir, options, known: HashSet::new(), dropped: Vec::new() };
        let file = dir.join(&options.state.file_name);
        let old = repair.old_text(&file)?;
        let state = repair.old_state(&file, old.as_deref())?;
        let listed = repair.listed(&state)?;
        let mut kept = repair.unlisted(&state)?;
        let added = kept.iter().map(|kept| kept.prefix.clone()).collect();
        kept.extend(listed);
        let Some(latest) = kept.last().map(|kept| kept.prefix.clone()) else {
            return Err(nothing_whole(dir, &repair.dropped));
        };
        let state = new_state(dir, &kept, state.last_preserved_timestamp);
        let changed = old.as_ref().is_none_or(|old| *old != state.to_text());
        let repaired = Repaired { state, latest, added, dropped: repair.dropped, changed };
        Ok(Self { old, repaired })
    }

    /// Whether the old file is still what was looked at.
    fn is_current(&self, dir: &Path, options: &RepairOptions) -> Result<bool> {
        match read_text(options.state.storage.as_ref(), &dir.join(&options.state.file_name)) {
            Ok(text) => Ok(self.old == Some(text)),
            Err(problem) if problem.kind() == ErrorKind::Io => Err(problem),
            Err(_) => Ok(self.old.is_none()),
        }
    }

    fn write(self, dir: &Path, options: &RepairOptions) -> Result<Repaired> {
        if self.repaired.changed {
            let file = dir.join(&options.state.file_name);
            self.repaired.state.write(&options.state.storage, &file, options.sync)?;
        }
        Ok(self.repaired)
    }
}

/// The error about a directory in which no checkpoint is whole.
fn nothing_whole(dir: &Path, dropped: &[Skipped]) -> Error {
    let told = reasons(dropped);
    let colon = if told.is_empty() { "" } else { ": " };
    let message = format!("no checkpoint here is whole, so no state file is written{colon}{told}");
    Error::not_found(message).in_file(dir)
}

/// A checkpoint that is whole.
struct Kept {
    prefix: PathBuf,
    timestamp: Option<f64>,
}

struct Repair<'a> {
    dir: &'a Path,
    options: &'a RepairOptions,
    /// The checkpoints that were looked at.
    known: HashSet<PathBuf>,
    dropped: Vec<Skipped>,
}

impl Repair<'_> {
    fn old_text(&mut self, file: &Path) -> Result<Option<Vec<u8>>> {
        match read_text(self.options.state.storage.as_ref(), file) {
            Ok(text) => Ok(Some(text)),
            Err(problem) if problem.kind() == ErrorKind::Io => Err(problem),
            Err(mut problem) => {
                if self.options.state.storage.exists(file)? {
                    refuse_other(self.options.state.storage.as_ref(), file)?;
                } else {
                    problem = Error::not_found("there was no state file").in_file(file);
                }
                self.dropped.push(Skipped { path: file.to_path_buf(), problem });
                Ok(None)
            }
        }
    }

    /// What the old file said; nothing where it is damaged.
    fn old_state(&mut self, file: &Path, text: Option<&[u8]>) -> Result<State> {
        let Some(text) = text else { return Ok(State::default()) };
        State::parse(text).or_else(|problem| {
            let storage = self.options.state.storage.as_ref();
            refuse_other(storage, file)?;
            let problem = impostor::unmask(storage, problem.in_file(file));
            self.dropped.push(Skipped { path: file.to_path_buf(), problem });
            Ok(State::default())
        })
    }

    /// The whole ones of the checkpoints that the old file names, the latest last.
    fn listed(&mut self, state: &State) -> Result<Vec<Kept>> {
        let paths = &state.all_model_checkpoint_paths;
        let latest = &state.model_checkpoint_path;
        let times = &state.all_model_checkpoint_timestamps;
        let timestamp = |at: usize| (times.len() == paths.len()).then(|| times.get(at).copied())?;
        let mut order: Vec<(&PathBuf, Option<f64>)> =
            paths.iter().enumerate().map(|(at, path)| (path, timestamp(at))).collect();
        if let Some(at) = paths.iter().rposition(|path| path == latest) {
            let latest = order.remove(at);
            order.push(latest);
        } else if !latest.as_os_str().is_empty() {
            order.push((latest, None));
        }
        let mut kept = Vec::new();
        for (recorded, timestamp) in order {
            let prefix = self.locate(recorded)?;
            if self.is_whole(&prefix)? {
                kept.push(Kept { prefix, timestamp });
            }
        }
        Ok(kept)
    }

    fn locate(&self, recorded: &Path) -> Result<PathBuf> {
        let found = locate_recorded(self.options.state.storage.as_ref(), self.dir, recorded)?;
        Ok(found.unwrap_or_else(|| self.dir.join(recorded)))
    }

    /// The whole ones of the checkpoints that the old file does not name.
    fn unlisted(&mut self, state: &State) -> Result<Vec<Kept>> {
        let timed = !state.all_model_checkpoint_timestamps.is_empty();
        let mut kept = Vec::new();
        let StateOptions { storage, file_name } = &self.options.state;
        for found in find(storage.as_ref(), self.dir, file_name)? {
            if self.is_called_for(&found) && self.is_whole(&found.prefix)? {
                let timestamp = found.seconds().min(state.last_preserved_timestamp);
                kept.push(Kept { prefix: found.prefix, timestamp: timed.then_some(timestamp) });
            }
        }
        Ok(kept)
    }

    fn is_called_for(&self, found: &Found) -> bool {
        let Some(name) = &self.options.checkpoint_name else { return true };
        let behind = file_name(&found.prefix).strip_prefix(name.as_bytes());
        let step = behind.and_then(|behind| behind.strip_prefix(b"-"));
        step.is_some_and(|step| decimal(step).is_some())
    }

    /// Whether a checkpoint not looked at before is whole.
    fn is_whole(&mut self, prefix: &Path) -> Result<bool> {
        if !self.known.insert(prefix.to_path_buf()) {
            return Ok(false);
        }
        match check_whole(&self.options.state.storage, prefix, self.options.depth) {
            Ok(()) => Ok(true),
            Err(problem) if problem.kind() == ErrorKind::Io => Err(problem),
            Err(problem) => {
                self.dropped.push(Skipped { path: prefix.to_path_buf(), problem });
                Ok(false)
            }
        }
    }
}

/// Refuses to write over what is no state file, however damaged: a slip in its name must
/// not cost a checkpoint.
fn refuse_other(storage: &dyn Storage, path: &Path) -> Result<()> {
    let Ok(file) = storage.open(path) else { return Ok(()) };
    let message = if is_slice_file(storage, path) {
        "a V1 checkpoint stands where the state file would be"
    } else if is_table(file.as_ref())? || !(file.is_empty() || is_state_file(file.as_ref())?) {
        "this is no state file, so it is left as it is"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::AlreadyExists, message).in_file(path))
}

fn new_state(dir: &Path, kept: &[Kept], last_preserved_timestamp: f64) -> State {
    let paths: Vec<PathBuf> = kept.iter().map(|kept| record(dir, &kept.prefix)).collect();
    State {
        model_checkpoint_path: paths.last().cloned().unwrap_or_default(),
        all_model_checkpoint_paths: paths,
        // For all or for none: readers match them by position.
        all_model_checkpoint_timestamps: kept
            .iter()
            .map(|kept| kept.timestamp)
            .collect::<Option<_>>()
            .unwrap_or_default(),
        last_preserved_timestamp,
    }
}
