//! One thing that is different between two graphs.

use std::ffi::c_char;

use super::arguments::{Text, put_len};
use super::lists::item;
use crate::graph::{Change, ChangeKind, Subject};

/// What became of something.
#[repr(i32)]
pub enum tfckpt_change_kind {
    /// It came on top.
    TFCKPT_CHANGE_KIND_ADDED = 0,
    /// It went away.
    TFCKPT_CHANGE_KIND_REMOVED = 1,
    /// It is there in both, and different.
    TFCKPT_CHANGE_KIND_CHANGED = 2,
}

/// What a change is about.
#[repr(i32)]
pub enum tfckpt_change_subject {
    /// The nodes of savers.
    TFCKPT_CHANGE_SUBJECT_SAVERS = 0,
    /// Nodes whose name is that of another of the same op, with a number: what an
    /// import of the graph into itself leaves, or an op made in a loop.
    TFCKPT_CHANGE_SUBJECT_REPEATS = 1,
    /// Nodes in an outermost scope.
    TFCKPT_CHANGE_SUBJECT_SCOPE = 2,
    /// Nodes of an op that are in no scope.
    TFCKPT_CHANGE_SUBJECT_OP = 3,
    /// Functions of the library.
    TFCKPT_CHANGE_SUBJECT_FUNCTIONS = 4,
    /// The values of a collection.
    TFCKPT_CHANGE_SUBJECT_COLLECTION = 5,
    /// Signatures.
    TFCKPT_CHANGE_SUBJECT_SIGNATURES = 6,
    /// Another part: "info", "saver_def", "assets", "object_graph" or "rest".
    TFCKPT_CHANGE_SUBJECT_PART = 7,
}

/// Things of a kind that came on top, went away or are different.
pub struct tfckpt_meta_change {
    text: Text,
    name: Option<Text>,
    examples: Vec<Text>,
    change: Change,
}

impl From<Change> for tfckpt_meta_change {
    fn from(change: Change) -> Self {
        let name = match &change.subject {
            Subject::Scope(name)
            | Subject::Op(name)
            | Subject::Collection(name)
            | Subject::Part(name) => Some(Text::new(name.as_str())),
            _ => None,
        };
        let examples = change.examples.iter().map(|name| Text::new(name.as_str())).collect();
        Self { text: Text::new(change.to_string()), name, examples, change }
    }
}

/// It in English, as a line without an end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_change_text(
    change: Option<&tfckpt_meta_change>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(change.map(|change| &change.text), len) }
}

/// What became of the things: a tfckpt_change_kind.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_change_kind(change: Option<&tfckpt_meta_change>) -> i32 {
    use tfckpt_change_kind::*;
    let kind = match change.map_or(ChangeKind::Added, |change| change.change.kind) {
        ChangeKind::Added => TFCKPT_CHANGE_KIND_ADDED,
        ChangeKind::Removed => TFCKPT_CHANGE_KIND_REMOVED,
        ChangeKind::Changed => TFCKPT_CHANGE_KIND_CHANGED,
    };
    kind as i32
}

/// What they are: a tfckpt_change_subject.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_change_subject(change: Option<&tfckpt_meta_change>) -> i32 {
    use tfckpt_change_subject::*;
    let subject = match change.map_or(&Subject::Savers, |change| &change.change.subject) {
        Subject::Savers => TFCKPT_CHANGE_SUBJECT_SAVERS,
        Subject::Repeats => TFCKPT_CHANGE_SUBJECT_REPEATS,
        Subject::Scope(_) => TFCKPT_CHANGE_SUBJECT_SCOPE,
        Subject::Op(_) => TFCKPT_CHANGE_SUBJECT_OP,
        Subject::Functions => TFCKPT_CHANGE_SUBJECT_FUNCTIONS,
        Subject::Collection(_) => TFCKPT_CHANGE_SUBJECT_COLLECTION,
        Subject::Signatures => TFCKPT_CHANGE_SUBJECT_SIGNATURES,
        Subject::Part(_) => TFCKPT_CHANGE_SUBJECT_PART,
    };
    subject as i32
}

/// Which scope, op, collection or part; NULL for the other subjects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_change_name(
    change: Option<&tfckpt_meta_change>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(change.and_then(|change| change.name.as_ref()), len) }
}

/// How many nodes, functions or signatures; of a collection, by how many values it is
/// larger or smaller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_change_item_count(change: Option<&tfckpt_meta_change>) -> i64 {
    change.map_or(0, |change| change.change.items as i64)
}

/// How many savers, where they are the nodes of savers.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_change_saver_count(change: Option<&tfckpt_meta_change>) -> i64 {
    change.map_or(0, |change| change.change.savers as i64)
}

/// How many bytes they took in the first graph.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_change_size_before(change: Option<&tfckpt_meta_change>) -> i64 {
    change.map_or(0, |change| change.change.bytes_before as i64)
}

/// How many bytes they take in the second.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_change_size_after(change: Option<&tfckpt_meta_change>) -> i64 {
    change.map_or(0, |change| change.change.bytes_after as i64)
}

/// How many of these bytes are values of constants.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_change_constant_size(change: Option<&tfckpt_meta_change>) -> i64 {
    change.map_or(0, |change| change.change.constant_bytes as i64)
}

/// How many of the first names among them are listed: three at most.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_change_example_count(change: Option<&tfckpt_meta_change>) -> i64 {
    change.map_or(0, |change| change.examples.len() as i64)
}

/// One of these, from 0; NULL outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_change_example(
    change: Option<&tfckpt_meta_change>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let example = change.and_then(|change| item(&change.examples, index));
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(example, len) }
}
