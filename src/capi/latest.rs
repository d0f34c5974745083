//! The latest checkpoint of a directory.

use std::ffi::c_char;
use std::path::Path;

use super::arguments::{Text, path_of, put_len};
use super::boundary::{boundary_handle, free};
use super::error::tfckpt_error;
use super::lists::{Paths, Problems, path_text, split};
use super::state_options::tfckpt_state_options;
use super::status::tfckpt_status;
use crate::checkpoint::{self, LatestValid};
use crate::error::{Error, Result};

/// The latest checkpoint of a directory, and what was passed over on the way to it.
pub struct tfckpt_latest {
    prefix: Text,
    skipped: Paths,
    problems: Problems,
}

impl From<LatestValid> for tfckpt_latest {
    fn from(latest: LatestValid) -> Self {
        let (skipped, problems) = split(latest.skipped);
        Self { prefix: path_text(latest.prefix), skipped, problems }
    }
}

const NO_STATE_FILE: &str = "there is no state file, and so no latest checkpoint";
const NOTHING: &str = "there is neither a state file nor a checkpoint beside it";

/// What was looked for in `dir`, or the error that `missing` tells.
fn found<T>(found: Option<T>, dir: &Path, file_name: &Path, missing: &str) -> Result<T> {
    found.ok_or_else(|| Error::not_found(missing).in_file(&dir.join(file_name)))
}

/// The latest checkpoint by the state file of a directory, into *out. Where the file
/// names a path at which there is nothing any more, but the checkpoint lies beside
/// the file, the directory has moved, and that is it. NOT_FOUND, with a message that
/// tells which, where there is no state file, or where it names a checkpoint that is
/// not there. tfckpt_error_file() tells them apart: of the first kind it is the state
/// file, of the second the path of the checkpoint. A program that starts anew where it
/// finds no checkpoint should do so for the first kind alone. DATA_LOSS
/// as of tfckpt_state_read().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_directory_latest(
    dir: *const c_char,
    options: Option<&tfckpt_state_options>,
    out: *mut *mut tfckpt_latest,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let (dir, options) = (path_of(dir, "dir")?, tfckpt_state_options::state(options));
            let latest = checkpoint::latest_with(dir, &options)?;
            let prefix = found(latest, dir, &options.file_name, NO_STATE_FILE)?;
            Ok(LatestValid { prefix, skipped: Vec::new() }.into())
        })
    }
}

/// The newest checkpoint of a directory that is whole, into *out: the latest by the
/// state file; if that is not whole, the others in the file from the newest to the
/// oldest; then those that the directory holds besides, by step and time. It lists
/// what was passed over, a state file that is missing or damaged included. NOT_FOUND
/// where there is no checkpoint, be there a state file that names some or not;
/// DATA_LOSS where there are some but none is whole, or where the state file is
/// damaged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_directory_latest_valid(
    dir: *const c_char,
    options: Option<&tfckpt_state_options>,
    out: *mut *mut tfckpt_latest,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let (dir, options) = (path_of(dir, "dir")?, tfckpt_state_options::search(options));
            let latest = checkpoint::latest_valid(dir, &options)?;
            found(latest, dir, &options.state.file_name, NOTHING).map(Into::into)
        })
    }
}

/// Frees a latest checkpoint, and what was borrowed from it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_latest_free(latest: Option<Box<tfckpt_latest>>) {
    free(latest);
}

/// Its prefix, which tfckpt_reader_open() takes. Of a V1 checkpoint in several files
/// it is their pattern, with ?????.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_latest_prefix(latest: Option<&tfckpt_latest>) -> *const c_char {
    latest.map_or(std::ptr::null(), |latest| latest.prefix.as_ptr())
}

/// How many were passed over. 0 where it is what the state file says.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_latest_skipped_count(latest: Option<&tfckpt_latest>) -> i64 {
    latest.map_or(0, |latest| latest.problems.count())
}

/// The prefix of a checkpoint that was passed over, or the path of the state file,
/// at index from 0 to tfckpt_latest_skipped_count() - 1; NULL outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_latest_skipped_path(
    latest: Option<&tfckpt_latest>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        match latest {
            Some(latest) => latest.skipped.at_with_len(index, len),
            None => put_len(None, len),
        }
    }
}

/// Why that was passed over, borrowed; NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_latest_skipped_problem(
    latest: Option<&tfckpt_latest>,
    index: i64,
) -> *const tfckpt_error {
    latest.map_or(std::ptr::null(), |latest| latest.problems.at(index))
}
