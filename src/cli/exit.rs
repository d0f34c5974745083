//! What a run comes to.

use std::process::ExitCode;

use tfckpt::ErrorKind;

/// What a run comes to, the worse the higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// The data is bad, or two checkpoints differ.
    Bad = 1,
    /// It could not be done: wrong usage, nothing there, the system refused.
    Failed = 2,
}

impl Exit {
    /// Of an error that ends the run.
    pub fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::DataLoss => Self::Bad,
            _ => Self::Failed,
        }
    }

    /// Of an error about a part of a checkpoint that could be opened: what it
    /// should have and has not, a data shard for instance, makes it bad.
    pub fn of_part(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::DataLoss | ErrorKind::NotFound | ErrorKind::Unsupported => Self::Bad,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
