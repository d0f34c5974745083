//! What is different between two graphs.

use std::ffi::c_char;
use std::ptr::{from_ref, null};

use super::arguments::{Text, put_len};
use super::boundary::free;
use super::lists::item;
use super::meta_change::tfckpt_meta_change;
use super::meta_constants::tfckpt_meta_constants;
use super::meta_summary::tfckpt_meta_summary;
use crate::graph::Diff;

/// What is different between two graphs: why one is larger than the other. A snapshot
/// that needs their files no more.
///
/// Nodes are told apart by name; one that both have differs if its op, inputs or
/// attributes do. What came on top or went away is put together as people think of it:
/// savers, nodes that repeat others, the nodes of a scope, functions, collections.
pub struct tfckpt_meta_diff {
    text: Text,
    before: tfckpt_meta_summary,
    after: tfckpt_meta_summary,
    changes: Vec<tfckpt_meta_change>,
    constants: tfckpt_meta_constants,
}

impl From<Diff> for tfckpt_meta_diff {
    fn from(diff: Diff) -> Self {
        let text = Text::new(diff.to_string());
        let Diff { before, after, changes, constants } = diff;
        Self {
            text,
            before: before.into(),
            after: after.into(),
            changes: changes.into_iter().map(Into::into).collect(),
            constants: constants.into(),
        }
    }
}

/// Frees what was different, and what was borrowed from it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_diff_free(diff: Option<Box<tfckpt_meta_diff>>) {
    free(diff);
}

/// All of it in English, a line for each change. Names stand in it as they are in the
/// files, control characters included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_diff_text(
    diff: Option<&tfckpt_meta_diff>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(diff.map(|diff| &diff.text), len) }
}

/// What is in the first graph; borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_diff_before(
    diff: Option<&tfckpt_meta_diff>,
) -> *const tfckpt_meta_summary {
    diff.map_or(null(), |diff| from_ref(&diff.before))
}

/// What is in the second graph; borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_diff_after(
    diff: Option<&tfckpt_meta_diff>,
) -> *const tfckpt_meta_summary {
    diff.map_or(null(), |diff| from_ref(&diff.after))
}

/// How many changes there are; 0 where the graphs say the same.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_diff_change_count(diff: Option<&tfckpt_meta_diff>) -> i64 {
    diff.map_or(0, |diff| diff.changes.len() as i64)
}

/// The change at index, from 0, what weighs most first; borrowed, and NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_diff_change(
    diff: Option<&tfckpt_meta_diff>,
    index: i64,
) -> *const tfckpt_meta_change {
    diff.and_then(|diff| item(&diff.changes, index)).map_or(null(), from_ref)
}

/// The constants of the second graph that the first has not got, or has with another
/// value; functions left out. Borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_diff_constants(
    diff: Option<&tfckpt_meta_diff>,
) -> *const tfckpt_meta_constants {
    diff.map_or(null(), |diff| from_ref(&diff.constants))
}
