//! A directory of checkpoints of which the newest are kept.
//!
//! ```text
//! save ──► Save, a writer ──► finish: the checkpoint appears
//!                                │
//!          state file: it is the latest ──► the oldest are removed ──► state file
//! ```
//!
//! The rules are those of TensorFlow's `CheckpointManager`, and so is what is
//! written: the two may take turns in one directory. That goes for V1 checkpoints on the
//! state file's list too: they count, but when their turn comes they are let go of, and
//! their files stay. One thing is not TensorFlow's: what the list names, but of which no
//! file is left, does not count.

mod clock;
mod options;
mod roll;
mod save;
mod sweep;

pub use clock::{Clock, SystemClock};
pub use options::ManagerOptions;
pub use save::{Save, Saved};

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::roll::Roll;
use self::sweep::Swept;
use super::files::{decimal, file_name, names_in, step_of};
use super::state::{State, read_text, write_text};
use crate::bundle::Writer;
use crate::error::{Error, ErrorKind, Result};
use crate::shown::shown_path;
use crate::storage::{Storage, parent_dir, take_turn};

/// A directory of checkpoints: saves the next, keeps the state file, removes the
/// oldest.
///
/// Any number of threads may use it, and several saves may be under way at once;
/// each counts from when it is finished. So may managers of one directory in other
/// processes: each takes over what the others have written to the state file, which
/// they write one after the other, by the lock of the directory. Of two that save the
/// same step the second is told that it is there already. Where the file system has no
/// locks one manager at a time should be saving.
#[derive(Clone, Debug)]
pub struct Manager {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    options: ManagerOptions,
    books: Mutex<Books>,
}

/// What a manager remembers.
#[derive(Debug)]
struct Books {
    roll: Roll,
    /// The text of the state file that the roll stands for; `None` before there is one.
    text: Option<Vec<u8>>,
    /// The highest step that was given out.
    last_step: Option<u64>,
}

impl Manager {
    /// Manages `dir` by the default options. Nothing is created before the first save.
    ///
    /// # Errors
    /// Those of [`open_with`](Manager::open_with).
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(dir, ManagerOptions::default())
    }

    /// Manages `dir`, taking over what its state file says.
    ///
    /// # Errors
    /// `InvalidArgument` for options that make no sense. `DataLoss` where there is a
    /// state file but it does not parse: [`repair`](super::repair) makes a new one.
    /// `Io`.
    pub fn open_with(dir: impl AsRef<Path>, options: ManagerOptions) -> Result<Self> {
        options.check()?;
        let dir = dir.as_ref().to_path_buf();
        let roll = Roll::new(options.clock.now());
        let books = Mutex::new(Books { roll, text: None, last_step: None });
        let inner = Inner { dir, options, books };
        inner.take_over(&mut inner.books())?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// The prefix of the latest checkpoint, as of opening or the last save; `None`
    /// where there was no state file. [`latest`](super::latest) also looks whether it
    /// is there.
    pub fn latest(&self) -> Option<PathBuf> {
        self.inner.books().roll.latest.clone()
    }

    /// The prefixes of the checkpoints that are kept until they are too many, from
    /// the oldest to the newest. Those that stay for good are not among them.
    pub fn checkpoints(&self) -> Vec<PathBuf> {
        self.inner.books().roll.kept.iter().map(|kept| kept.prefix.clone()).collect()
    }

    /// Begins the next checkpoint. Its step is one more than any in the directory.
    ///
    /// # Errors
    /// Those of [`Writer::create_with`].
    pub fn save(&self) -> Result<Save> {
        let step = self.inner.next_step()?;
        self.inner.begin(step)
    }

    /// Begins the checkpoint of `step`.
    ///
    /// # Errors
    /// Those of [`Writer::create_with`]: `AlreadyExists` where that step was saved
    /// before, and the writer's options don't say to replace it.
    pub fn save_step(&self, step: u64) -> Result<Save> {
        self.inner.begin(step)
    }
}

impl Inner {
    fn storage(&self) -> &dyn Storage {
        self.options.writer.storage.as_ref()
    }

    fn state_file(&self) -> PathBuf {
        self.dir.join(&self.options.file_name)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // Books are changed all at once, so a panic leaves none half changed.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(self: &Arc<Self>, step: u64) -> Result<Save> {
        let mut name: OsString = self.options.checkpoint_name.clone();
        name.push(format!("-{step}"));
        let writer = Writer::create_with(self.dir.join(name), self.options.writer.clone())?;
        let mut books = self.books();
        books.last_step = books.last_step.max(Some(step));
        drop(books);
        Ok(Save { writer, step, manager: self.clone() })
    }

    /// One more than the highest step known from the roll, from a file, or given out.
    fn next_step(&self) -> Result<u64> {
        let in_files = self.highest_step_in_files()?;
        let mut books = self.books();
        let latest = books.roll.latest.as_deref().and_then(step_of);
        let highest = in_files.max(latest).max(books.last_step).unwrap_or(0);
        let step = highest.checked_add(1).ok_or_else(|| {
            Error::invalid(format!("there is no step after {highest}")).in_file(&self.dir)
        })?;
        books.last_step = Some(step);
        Ok(step)
    }

    /// The highest step of the checkpoints with the manager's name, or of what is
    /// left of one.
    fn highest_step_in_files(&self) -> Result<Option<u64>> {
        let stem = self.dir.join(&self.options.checkpoint_name);
        let names = names_in(self.storage(), parent_dir(&stem))?;
        let step = |name: &PathBuf| {
            let behind = name.as_os_str().as_bytes().strip_prefix(file_name(&stem))?;
            let digits = behind.strip_prefix(b"-")?.split(|&byte| byte == b'.').next()?;
            decimal(digits)
        };
        Ok(names.iter().filter_map(step).max())
    }

    /// Takes over what the state file says, unless that is what the roll says.
    fn take_over(&self, books: &mut Books) -> Result<()> {
        let file = self.state_file();
        let text = match read_text(self.storage(), &file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        if books.text.as_ref() == Some(&text) {
            return Ok(());
        }
        let state = State::from_file(self.storage(), &file, &text)?;
        let now = self.options.clock.now();
        books.roll = Roll::recover(self.storage(), &self.dir, &state, now)?;
        books.text = Some(text);
        Ok(())
    }

    /// Makes a new checkpoint the latest, then removes those that are too old.
    fn record_and_sweep(&self, prefix: PathBuf) -> Result<Saved> {
        let options = &self.options;
        let mut books = self.books();
        let turn = take_turn(self.storage(), &self.dir);
        let _turn = turn.map_err(|error| unrecorded(error, &prefix))?;
        self.record_latest(&mut books, &prefix).map_err(|error| unrecorded(error, &prefix))?;
        // From here on the save has succeeded.
        let mut roll = books.roll.clone();
        let doomed = roll.sweep(options.max_to_keep, options.keep_checkpoint_every_n_hours);
        if roll == books.roll {
            return Ok(Saved { prefix, removed: Vec::new(), removal_problems: Vec::new() });
        }
        let Swept { removed, failed } = sweep::remove(self.storage(), doomed, options.writer.sync);
        let (kept, mut removal_problems): (Vec<_>, Vec<_>) = failed.into_iter().unzip();
        roll.put_back(kept);
        // Where this fails the file lists what is gone, which the next save finds out.
        removal_problems.extend(self.write(&mut books, roll).err());
        Ok(Saved { prefix, removed, removal_problems })
    }

    fn record_latest(&self, books: &mut Books, prefix: &Path) -> Result<()> {
        self.take_over(books)?;
        let mut roll = books.roll.clone();
        roll.add_latest(prefix.to_path_buf(), self.options.clock.now());
        self.write(books, roll)
    }

    fn write(&self, books: &mut Books, roll: Roll) -> Result<()> {
        let text = roll.state(&self.dir).to_text();
        let writer = &self.options.writer;
        write_text(&writer.storage, &self.state_file(), &text, writer.sync)?;
        books.roll = roll;
        books.text = Some(text);
        Ok(())
    }
}

/// The error about a checkpoint that is saved, but that the state file lacks.
fn unrecorded(error: Error, prefix: &Path) -> Error {
    let message = format!(
        "the checkpoint {} is saved, but the state file does not say so: {}",
        shown_path(prefix),
        error.message()
    );
    let unrecorded = Error::new(error.kind(), message);
    let unrecorded = match error.file() {
        Some(file) => unrecorded.in_file(file),
        None => unrecorded,
    };
    match error.offset() {
        Some(offset) => unrecorded.at_offset(offset),
        None => unrecorded,
    }
}
