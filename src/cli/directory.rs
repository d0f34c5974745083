//! From what the user gives as a directory to the state file that is meant.

use std::io;
use std::path::{Path, PathBuf};

use tfckpt::checkpoint::{Depth, State, StateOptions, what_stands_beside};
use tfckpt::storage::LocalStorage;
use tfckpt::{Error, ErrorKind, Result};

use crate::path::is_checkpoint_file_name;

/// A directory of checkpoints, and which of its state files counts.
#[derive(clap::Args)]
pub struct Place {
    /// The directory of the checkpoints, or the path of their state file
    dir: PathBuf,
    /// What the state file is called
    #[arg(long, value_name = "NAME", default_value = State::FILE_NAME)]
    file: PathBuf,
}

impl Place {
    /// The directory, and which file in it.
    ///
    /// # Errors
    /// `NotFound` where there is no such directory: to the library, one that does
    /// not exist has no checkpoints, but here it is a slip of the pen.
    pub fn resolve(&self) -> Result<(PathBuf, StateOptions)> {
        let (dir, file_name) = match (self.dir.parent(), self.dir.file_name()) {
            (Some(parent), Some(name)) if self.dir.is_file() => {
                refuse_checkpoint_file(&self.dir)?;
                (here(parent), name.into())
            }
            _ if self.dir.is_dir() => (self.dir.clone(), self.file.clone()),
            _ => return Err(no_directory(&self.dir)),
        };
        Ok((dir, StateOptions { file_name, ..StateOptions::default() }))
    }
}

/// Refuses a file that by its name is one of a checkpoint, and no state file.
fn refuse_checkpoint_file(file: &Path) -> Result<()> {
    if is_checkpoint_file_name(file) {
        let message = "a file of a checkpoint, where a directory or a state file should be";
        return Err(Error::new(ErrorKind::InvalidArgument, message).in_file(file));
    }
    Ok(())
}

/// The error about what is neither a directory nor a file.
fn no_directory(dir: &Path) -> Error {
    let (kind, message) = match std::fs::metadata(dir) {
        Ok(_) => (ErrorKind::NotFound, "neither a directory nor a regular file".to_string()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let beside = what_stands_beside(&LocalStorage, dir);
            (ErrorKind::NotFound, format!("there is no such directory{beside}"))
        }
        Err(error) => (ErrorKind::Io, format!("cannot look up: {error}")),
    };
    Error::new(kind, message).in_file(dir)
}

/// A directory that was not named is the one at hand.
fn here(dir: &Path) -> PathBuf {
    if dir.as_os_str().is_empty() { ".".into() } else { dir.to_path_buf() }
}

/// How thoroughly a checkpoint is looked at.
pub fn depth(quick: bool) -> Depth {
    if quick { Depth::Lengths } else { Depth::Checksums }
}
