//! What a writer tells of itself: where it writes, and what came of a manager's save.

use std::ffi::c_char;

use super::error::tfckpt_error;
use super::lists::{Paths, Problems};
use super::writer::tfckpt_writer;
use crate::checkpoint::Saved;

/// What a finished save of a manager has to tell.
#[derive(Default)]
pub(super) struct Told {
    removed: Paths,
    removal_problems: Problems,
}

impl From<Saved> for Told {
    fn from(saved: Saved) -> Self {
        Self {
            removed: saved.removed.into_iter().collect(),
            removal_problems: saved.removal_problems.into_iter().collect(),
        }
    }
}

/// The prefix of the checkpoint.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_prefix(writer: Option<&tfckpt_writer>) -> *const c_char {
    writer.map_or(std::ptr::null(), |writer| writer.prefix.as_ptr())
}

/// The step that a manager saves it as; -1 for a writer that is not a manager's.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_step(writer: Option<&tfckpt_writer>) -> i64 {
    writer.map_or(-1, |writer| writer.step)
}

/// How many old checkpoints the manager has removed, once tfckpt_writer_finish() has
/// succeeded.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_removed_count(writer: Option<&tfckpt_writer>) -> i64 {
    writer.map_or(0, |writer| writer.told.removed.count())
}

/// The prefix of the one at index, from 0 to tfckpt_writer_removed_count() - 1; NULL
/// outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_removed(
    writer: Option<&tfckpt_writer>,
    index: i64,
) -> *const c_char {
    writer.map_or(std::ptr::null(), |writer| writer.told.removed.at(index))
}

/// How many times something stood in the way of removing an old checkpoint, once
/// tfckpt_writer_finish() has succeeded. Such a checkpoint is kept, and the next save
/// tries again.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_removal_problem_count(writer: Option<&tfckpt_writer>) -> i64 {
    writer.map_or(0, |writer| writer.told.removal_problems.count())
}

/// What stood in the way, at index from 0 to tfckpt_writer_removal_problem_count() - 1,
/// borrowed; NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_removal_problem(
    writer: Option<&tfckpt_writer>,
    index: i64,
) -> *const tfckpt_error {
    writer.map_or(std::ptr::null(), |writer| writer.told.removal_problems.at(index))
}
