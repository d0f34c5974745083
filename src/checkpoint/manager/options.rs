//! How a manager keeps its directory.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::clock::{Clock, SystemClock};
use crate::bundle::WriterOptions;
use crate::checkpoint::State;
use crate::error::{Error, Result};
use crate::shown::shown_path;

/// How a [`Manager`](super::Manager) names, keeps and writes checkpoints.
#[derive(Clone, Debug)]
pub struct ManagerOptions {
    /// Checkpoints are called `NAME-STEP`. It may begin with directories below the
    /// manager's. Default: `ckpt`.
    pub checkpoint_name: OsString,
    /// What the state file is called. TensorFlow's manager knows it only as
    /// `checkpoint`, which is the default.
    pub file_name: PathBuf,
    /// How many checkpoints there are at most before the oldest is removed; at
    /// least 1. One of the V1 format is let go of instead, and its files stay. Default:
    /// `None`, and nothing is ever removed.
    pub max_to_keep: Option<usize>,
    /// A checkpoint whose turn it is to be removed stays for good if it was saved so
    /// many hours or more after the last that stayed. Default: `None`, and none stays.
    pub keep_checkpoint_every_n_hours: Option<f64>,
    /// How checkpoints are written, and where. With `replace`, a step that was saved
    /// already may be saved again, as TensorFlow always does.
    pub writer: WriterOptions,
    /// Where the time is from. Default: the operating system.
    pub clock: Arc<dyn Clock>,
}

impl Default for ManagerOptions {
    fn default() -> Self {
        Self {
            checkpoint_name: "ckpt".into(),
            file_name: State::FILE_NAME.into(),
            max_to_keep: None,
            keep_checkpoint_every_n_hours: None,
            writer: WriterOptions::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

impl ManagerOptions {
    pub(crate) fn check(&self) -> Result<()> {
        if self.max_to_keep == Some(0) {
            return Err(Error::invalid("max_to_keep is 0; the latest checkpoint is always kept"));
        }
        match self.keep_checkpoint_every_n_hours {
            Some(hours) if !hours.is_finite() || hours < 0.0 => {
                return Err(Error::invalid(format!(
                    "keep_checkpoint_every_n_hours is {hours}; a time of 0 or more is possible"
                )));
            }
            _ => {}
        }
        check_below("a checkpoint's name", Path::new(&self.checkpoint_name))?;
        check_below("a state file's name", &self.file_name)?;
        self.writer.check()
    }
}

/// Refuses what would lead out of the manager's directory.
fn check_below(what: &str, path: &Path) -> Result<()> {
    let normal = path.components().all(|part| matches!(part, Component::Normal(_)));
    let bytes = path.as_os_str().as_bytes();
    match normal && !bytes.is_empty() && !bytes.ends_with(b"/") {
        true => Ok(()),
        false => Err(Error::invalid(format!("{what} is '{}'", shown_path(path)))),
    }
}
