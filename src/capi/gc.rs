//! What writers that came to no good end have left.

use std::ffi::c_char;
use std::time::Duration;

use super::arguments::{given, path_of};
use super::boundary::{boundary, boundary_handle, free};
use super::error::tfckpt_error;
use super::lists::{Paths, Problems};
use super::status::tfckpt_status;
use crate::checkpoint::{self, Collected, GcOptions};
use crate::error::Error;

/// What tfckpt_directory_gc() removes. NULL in its place means the defaults.
#[derive(Default)]
pub struct tfckpt_gc_options(GcOptions);

/// The defaults, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_gc_options_new() -> Box<tfckpt_gc_options> {
    Box::default()
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_gc_options_free(options: Option<Box<tfckpt_gc_options>>) {
    free(options);
}

/// Whether to remove, too, what saves of TensorFlow have left: files called
/// *.tempstate... and *.tmp..., and directories of parts that were never merged. It
/// does not tell whether it is still at work on them, so their age decides. Default:
/// false.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_gc_options_set_tensorflow(
    options: Option<&mut tfckpt_gc_options>,
    tensorflow: bool,
) {
    if let Some(options) = options {
        options.0.tensorflow = tensorflow;
    }
}

/// Whether to remove, too, data files that no index names: what a save, a replacement or
/// a removal leaves that a crash cut off between data and index. They may as well be of
/// another program's save, or of a download, whose index is still to come, so their age
/// decides. Default: false.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_gc_options_set_orphans(
    options: Option<&mut tfckpt_gc_options>,
    orphans: bool,
) {
    if let Some(options) = options {
        options.0.orphans = orphans;
    }
}

/// How many seconds ago a file must have been written last, if nothing else tells
/// whether its writer lives: that is so for TensorFlow's files, for orphans, and for ours where
/// the file system has no locks. INVALID_ARGUMENT where it is negative. Default: a
/// day.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_gc_options_set_min_age(
    options: Option<&mut tfckpt_gc_options>,
    seconds: i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let options = given(options, "options")?;
            let seconds = u64::try_from(seconds)
                .map_err(|_| Error::invalid(format!("an age of {seconds} seconds")))?;
            options.0.min_age = Duration::from_secs(seconds);
            Ok(())
        })
    }
}

/// Whether to tell only what would be removed. Default: false.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_gc_options_set_dry_run(
    options: Option<&mut tfckpt_gc_options>,
    dry_run: bool,
) {
    if let Some(options) = options {
        options.0.dry_run = dry_run;
    }
}

/// What tfckpt_directory_gc() did.
pub struct tfckpt_collected {
    removed: Paths,
    in_use: Paths,
    too_young: Paths,
    problems: Problems,
}

impl From<Collected> for tfckpt_collected {
    fn from(collected: Collected) -> Self {
        Self {
            removed: collected.removed.into_iter().collect(),
            in_use: collected.in_use.into_iter().collect(),
            too_young: collected.too_young.into_iter().collect(),
            problems: collected.problems.into_iter().collect(),
        }
    }
}

/// Removes the temporary files in a directory that no writer will ever finish, and
/// puts what it did into *out. A writer holds a lock as long as it lives, and a crash
/// releases it: files go as soon as they are stale, and never under a writer's hands.
/// Checkpoints, whole or not, are not touched. NOT_FOUND where there is no such
/// directory; that a single file could not be removed is no failure, and is listed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_directory_gc(
    dir: *const c_char,
    options: Option<&tfckpt_gc_options>,
    out: *mut *mut tfckpt_collected,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let options = options.map(|options| options.0.clone()).unwrap_or_default();
            checkpoint::gc(path_of(dir, "dir")?, &options).map(Into::into)
        })
    }
}

/// Frees what was told, and what was borrowed from it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_collected_free(collected: Option<Box<tfckpt_collected>>) {
    free(collected);
}

/// How many files and directories were removed, or would be.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_collected_removed_count(collected: Option<&tfckpt_collected>) -> i64 {
    collected.map_or(0, |collected| collected.removed.count())
}

/// The path of the one at index, from 0 to tfckpt_collected_removed_count() - 1; NULL
/// outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_collected_removed(
    collected: Option<&tfckpt_collected>,
    index: i64,
) -> *const c_char {
    collected.map_or(std::ptr::null(), |collected| collected.removed.at(index))
}

/// How many files were left to writers that live.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_collected_in_use_count(collected: Option<&tfckpt_collected>) -> i64 {
    collected.map_or(0, |collected| collected.in_use.count())
}

/// The path of the one at index, from 0 to tfckpt_collected_in_use_count() - 1; NULL
/// outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_collected_in_use(
    collected: Option<&tfckpt_collected>,
    index: i64,
) -> *const c_char {
    collected.map_or(std::ptr::null(), |collected| collected.in_use.at(index))
}

/// How many files were too young to say that they are forgotten.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_collected_too_young_count(collected: Option<&tfckpt_collected>) -> i64 {
    collected.map_or(0, |collected| collected.too_young.count())
}

/// The path of the one at index, from 0 to tfckpt_collected_too_young_count() - 1;
/// NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_collected_too_young(
    collected: Option<&tfckpt_collected>,
    index: i64,
) -> *const c_char {
    collected.map_or(std::ptr::null(), |collected| collected.too_young.at(index))
}

/// How many times something could not be looked at or removed.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_collected_problem_count(collected: Option<&tfckpt_collected>) -> i64 {
    collected.map_or(0, |collected| collected.problems.count())
}

/// What happened at index, from 0 to tfckpt_collected_problem_count() - 1, borrowed;
/// NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_collected_problem(
    collected: Option<&tfckpt_collected>,
    index: i64,
) -> *const tfckpt_error {
    collected.map_or(std::ptr::null(), |collected| collected.problems.at(index))
}
