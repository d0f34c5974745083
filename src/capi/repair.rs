//! A state file anew, from what is really there.

use std::ffi::c_char;

use super::arguments::{Text, path_of, put_len};
use super::boundary::{boundary_handle, free};
use super::error::tfckpt_error;
use super::lists::{Paths, Problems, path_text, split};
use super::state::tfckpt_state;
use super::state_options::tfckpt_state_options;
use super::status::tfckpt_status;
use crate::checkpoint::{self, Repaired};

/// What tfckpt_directory_repair() made of a state file.
pub struct tfckpt_repaired {
    state: tfckpt_state,
    latest: Text,
    added: Paths,
    dropped: Paths,
    problems: Problems,
    changed: bool,
}

impl From<Repaired> for tfckpt_repaired {
    fn from(repaired: Repaired) -> Self {
        let (dropped, problems) = split(repaired.dropped);
        Self {
            state: repaired.state.into(),
            latest: path_text(repaired.latest),
            added: repaired.added.into_iter().collect(),
            dropped,
            problems,
            changed: repaired.changed,
        }
    }
}

/// Rewrites the state file of a directory so that it names the checkpoints that are
/// there and whole, by paths relative to it, and no others; what was done goes into
/// *out. No checkpoint is touched. Those that the file named before keep their order
/// and times, and the newest of them is the latest. Those that it did not name come
/// before them, by step and time, and so that no manager takes them for its own to
/// remove. NOT_FOUND where no checkpoint is whole: the file is then left as it is.
/// ALREADY_EXISTS where it is no state file: a file of a checkpoint, or under another
/// name than the default something that does not begin as a state file does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_directory_repair(
    dir: *const c_char,
    options: Option<&tfckpt_state_options>,
    out: *mut *mut tfckpt_repaired,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let options = tfckpt_state_options::or_default(options);
            checkpoint::repair(path_of(dir, "dir")?, &options).map(Into::into)
        })
    }
}

/// Frees what a repair tells, and what was borrowed from it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_repaired_free(repaired: Option<Box<tfckpt_repaired>>) {
    free(repaired);
}

/// Whether the file had to be written.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_repaired_changed(repaired: Option<&tfckpt_repaired>) -> bool {
    repaired.is_some_and(|repaired| repaired.changed)
}

/// What the file says now, borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_repaired_state(repaired: Option<&tfckpt_repaired>) -> *const tfckpt_state {
    repaired.map_or(std::ptr::null(), |repaired| std::ptr::from_ref(&repaired.state))
}

/// The prefix of the latest checkpoint.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_repaired_latest(repaired: Option<&tfckpt_repaired>) -> *const c_char {
    repaired.map_or(std::ptr::null(), |repaired| repaired.latest.as_ptr())
}

/// How many whole checkpoints were there that the file did not name.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_repaired_added_count(repaired: Option<&tfckpt_repaired>) -> i64 {
    repaired.map_or(0, |repaired| repaired.added.count())
}

/// The prefix of the one at index, from 0 to tfckpt_repaired_added_count() - 1; NULL
/// outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_repaired_added(
    repaired: Option<&tfckpt_repaired>,
    index: i64,
) -> *const c_char {
    repaired.map_or(std::ptr::null(), |repaired| repaired.added.at(index))
}

/// How many things are not, or no longer, in the file: checkpoints that are missing
/// or damaged, and the old file itself where it could not be read.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_repaired_dropped_count(repaired: Option<&tfckpt_repaired>) -> i64 {
    repaired.map_or(0, |repaired| repaired.problems.count())
}

/// The prefix of such a checkpoint, or the path of the state file, at index from 0
/// to tfckpt_repaired_dropped_count() - 1; NULL outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_repaired_dropped_path(
    repaired: Option<&tfckpt_repaired>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        match repaired {
            Some(repaired) => repaired.dropped.at_with_len(index, len),
            None => put_len(None, len),
        }
    }
}

/// Why that was dropped, borrowed; NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_repaired_dropped_problem(
    repaired: Option<&tfckpt_repaired>,
    index: i64,
) -> *const tfckpt_error {
    repaired.map_or(std::ptr::null(), |repaired| repaired.problems.at(index))
}
