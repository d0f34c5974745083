//! The state file, `checkpoint`: which checkpoint is the latest, and which there are.
//!
//! ```text
//! model_checkpoint_path: "ckpt-4"
//! all_model_checkpoint_paths: "ckpt-3"
//! all_model_checkpoint_paths: "ckpt-4"
//! all_model_checkpoint_timestamps: 1795375010.3465695
//! all_model_checkpoint_timestamps: 1795375010.3499098
//! last_preserved_timestamp: 1795375010.343081
//! ```
//!
//! It is the message `CheckpointState` in the text format of protocol buffers. The
//! reader for it is our own, because the answer has to be TensorFlow's: that takes
//! the last of two paths, keeps the backslash of an unknown escape and refuses
//! `01.5`, and what it writes is compared byte for byte. Readers for any message
//! do otherwise in each of these, and give up on a path that is not UTF-8.

mod escape;
mod lexer;
mod parser;
mod printer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::impostor;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::storage::{Staging, Storage};

/// The content of a state file. Paths are bytes, as they stand in the file:
/// [`locate_recorded`](super::locate_recorded) leads from them to checkpoints.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The prefix of the latest checkpoint. Empty in a file that has none, which
    /// [`read`](State::read) refuses.
    pub model_checkpoint_path: PathBuf,
    /// The prefixes of the checkpoints that are kept, from oldest to newest.
    pub all_model_checkpoint_paths: Vec<PathBuf>,
    /// When each of these was saved, in seconds since the epoch. Empty where the
    /// file does not say.
    pub all_model_checkpoint_timestamps: Vec<f64>,
    /// When the last checkpoint was saved that is kept for good, in seconds since
    /// the epoch; 0 where the file does not say.
    pub last_preserved_timestamp: f64,
}

impl State {
    /// What a state file is called unless something else is said.
    pub const FILE_NAME: &str = "checkpoint";
    /// The largest state file that is read, in bytes. It has a line or two for
    /// each checkpoint.
    pub const MAX_BYTES: u64 = 64 << 20;

    /// The state that `text` describes. TensorFlow takes the same texts, and means
    /// the same by them; beyond that, paths need not be UTF-8 here.
    ///
    /// # Errors
    /// `DataLoss`, with line, column and offset.
    pub fn parse(text: &[u8]) -> Result<Self> {
        parser::parse(text)
    }

    /// The text of it, byte for byte as TensorFlow writes it. Bytes of paths that
    /// are not UTF-8, for which TensorFlow has no way, are escaped.
    pub fn to_text(&self) -> Vec<u8> {
        printer::print(self)
    }

    /// Reads the state file at `path`.
    ///
    /// # Errors
    /// `NotFound` where there is no such file, or no file but a directory;
    /// `DataLoss`, with line, column and offset, where it does not parse, and also
    /// where it does not say which checkpoint is the latest; `ResourceLimit` where
    /// it is larger than [`MAX_BYTES`](State::MAX_BYTES); `Io`.
    pub fn read(storage: &dyn Storage, path: &Path) -> Result<Self> {
        Self::from_file(storage, path, &read_text(storage, path)?)
    }

    /// The state that the text of the file at `path` describes, which must say what is
    /// latest.
    pub(super) fn from_file(storage: &dyn Storage, path: &Path, text: &[u8]) -> Result<Self> {
        let state = Self::parse(text).and_then(Self::with_latest).in_file(path);
        state.map_err(|error| impostor::unmask(storage, error))
    }

    fn with_latest(self) -> Result<Self> {
        if self.model_checkpoint_path.as_os_str().is_empty() {
            return Err(Error::data_loss(
                "a state file that does not say which checkpoint is the latest: it has no \
                 model_checkpoint_path",
            ));
        }
        Ok(self)
    }

    /// Puts the state file at `path` in place of the one that is there, in one
    /// step: whoever reads it meanwhile, or after a crash, has the old or the new.
    /// With `sync` it is on stable storage when this returns.
    ///
    /// # Errors
    /// `InvalidArgument` for a state that no reader takes, having no latest
    /// checkpoint, or not one timestamp for each path; `Io`.
    pub fn write(&self, storage: &Arc<dyn Storage>, path: &Path, sync: bool) -> Result<()> {
        self.check().in_file(path)?;
        write_text(storage, path, &self.to_text(), sync)
    }

    fn check(&self) -> Result<()> {
        if self.model_checkpoint_path.as_os_str().is_empty() {
            return Err(Error::invalid("a state without a latest checkpoint"));
        }
        let paths = self.all_model_checkpoint_paths.len();
        let timestamps = self.all_model_checkpoint_timestamps.len();
        if timestamps != 0 && timestamps != paths {
            return Err(Error::invalid(format!("{timestamps} timestamps for {paths} checkpoints")));
        }
        Ok(())
    }
}

/// The bytes of the state file at `path`.
pub(crate) fn read_text(storage: &dyn Storage, path: &Path) -> Result<Vec<u8>> {
    let file = storage.open(path)?;
    if file.len() > State::MAX_BYTES {
        return Err(Error::new(
            ErrorKind::ResourceLimit,
            format!(
                "{} bytes; a state file of more than {} is not read",
                file.len(),
                State::MAX_BYTES
            ),
        )
        .in_file(path));
    }
    let mut text = vec![0; file.len() as usize];
    file.read_exact_at(&mut text, 0)?;
    Ok(text)
}

/// Writes the bytes of the state file at `path`, in one step.
pub(crate) fn write_text(
    storage: &Arc<dyn Storage>,
    path: &Path,
    text: &[u8],
    sync: bool,
) -> Result<()> {
    let mut staging = Staging::beside(storage.clone(), path)?;
    let file = staging.create(path)?;
    file.write_all_at(text, 0)?;
    if sync {
        file.sync()?;
    }
    drop(file);
    staging.commit_over(sync)
}
