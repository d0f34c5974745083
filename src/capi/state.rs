//! What a state file says.

use std::ffi::c_char;

use super::arguments::{Text, path_of, put_len};
use super::boundary::{boundary_handle, free};
use super::error::tfckpt_error;
use super::lists::{Paths, item, path_text};
use super::state_options::tfckpt_state_options;
use super::status::tfckpt_status;
use crate::checkpoint::State;

/// What a state file says: the file called "checkpoint" in which a directory keeps
/// which of its checkpoints is the latest, and which there are. It does not change
/// with the file.
///
/// Its paths are prefixes as they stand in the file, relative to its directory or
/// absolute. Any bytes may be in them, and nothing need be there.
pub struct tfckpt_state {
    latest: Text,
    paths: Paths,
    timestamps: Vec<f64>,
    last_preserved_timestamp: Option<f64>,
}

impl From<State> for tfckpt_state {
    fn from(state: State) -> Self {
        Self {
            latest: path_text(state.model_checkpoint_path),
            paths: state.all_model_checkpoint_paths.into_iter().collect(),
            timestamps: state.all_model_checkpoint_timestamps,
            last_preserved_timestamp: Some(state.last_preserved_timestamp)
                .filter(|&time| time != 0.0),
        }
    }
}

/// Reads the state file of a directory, into *out. NOT_FOUND where there is none;
/// DATA_LOSS, with its line, column and byte in the message, for what does not parse,
/// and for a file that does not say which checkpoint is the latest; RESOURCE_LIMIT
/// for a file of more than 64 MiB.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_state_read(
    dir: *const c_char,
    options: Option<&tfckpt_state_options>,
    out: *mut *mut tfckpt_state,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let options = tfckpt_state_options::state(options);
            let file = path_of(dir, "dir")?.join(&options.file_name);
            State::read(options.storage.as_ref(), &file).map(Into::into)
        })
    }
}

/// Frees a state. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_state_free(state: Option<Box<tfckpt_state>>) {
    free(state);
}

/// The path of the latest checkpoint. tfckpt_directory_latest() leads from it to
/// where the checkpoint is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_state_latest(
    state: Option<&tfckpt_state>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(state.map(|state| &state.latest), len) }
}

/// How many checkpoints it lists.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_state_count(state: Option<&tfckpt_state>) -> i64 {
    state.map_or(0, |state| state.paths.count())
}

/// The path of the checkpoint at index, from 0, the oldest, to tfckpt_state_count()
/// - 1; NULL outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_state_path(
    state: Option<&tfckpt_state>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        match state {
            Some(state) => state.paths.at_with_len(index, len),
            None => put_len(None, len),
        }
    }
}

/// When the checkpoint at index was saved, in seconds since the epoch; -1 where the
/// file does not say, and outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_state_timestamp(state: Option<&tfckpt_state>, index: i64) -> f64 {
    state.and_then(|state| item(&state.timestamps, index)).copied().unwrap_or(-1.0)
}

/// When the last checkpoint was saved that a manager keeps for good, in seconds
/// since the epoch; -1 where the file does not say.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_state_last_preserved_timestamp(state: Option<&tfckpt_state>) -> f64 {
    state.and_then(|state| state.last_preserved_timestamp).unwrap_or(-1.0)
}
