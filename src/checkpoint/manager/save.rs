//! A checkpoint that a manager is about to have.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::Arc;

use super::Inner;
use crate::bundle::Writer;
use crate::error::{Error, Result};

/// The next checkpoint of a [`Manager`](super::Manager), being written: a
/// [`Writer`] that at the end updates the state file and removes what is too old.
/// Dropped before [`finish`](Save::finish), it leaves nothing behind.
#[derive(Debug)]
pub struct Save {
    pub(super) writer: Writer,
    pub(super) step: u64,
    pub(super) manager: Arc<Inner>,
}

/// What came of a save.
#[derive(Debug)]
pub struct Saved {
    /// The prefix of the new checkpoint.
    pub prefix: PathBuf,
    /// The prefixes of the checkpoints that were removed for it.
    pub removed: Vec<PathBuf>,
    /// What stood in the way of removing others. They are kept, and the next save
    /// tries again.
    pub removal_problems: Vec<Error>,
}

impl Save {
    /// The step it is saved as.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Makes the checkpoint appear, whole; then makes it the latest in the state
    /// file; then removes what is too old, and takes that out of the state file.
    /// Each of these is on stable storage before the next begins, unless the
    /// writer's options say otherwise.
    ///
    /// # Errors
    /// Those of [`Writer::finish`], and nothing is left behind then. Where it is the
    /// state file that can't be read or written, the checkpoint stays, and the error
    /// says so; it is not on the roll then, and the state file is as it was.
    pub fn finish(self) -> Result<Saved> {
        let prefix = self.writer.prefix().to_path_buf();
        self.writer.finish()?;
        self.manager.record_and_sweep(prefix)
    }
}

impl Deref for Save {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        &self.writer
    }
}

impl DerefMut for Save {
    fn deref_mut(&mut self) -> &mut Writer {
        &mut self.writer
    }
}
