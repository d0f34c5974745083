//! A saver of a graph.

use std::ffi::c_char;

use super::arguments::{Text, put_len};
use crate::graph::{Saver, SaverUse};

/// Who uses a saver.
#[repr(i32)]
pub enum tfckpt_saver_use {
    /// Nobody: not saver_def, no collection, no signature, no other node.
    /// tfckpt_meta_strip() cuts it.
    TFCKPT_SAVER_USE_DEAD = 0,
    /// It can't be known: there is no saver_def, and whoever imports the graph may name
    /// any of its savers.
    TFCKPT_SAVER_USE_UNKNOWN = 1,
    /// Another node uses one of its nodes.
    TFCKPT_SAVER_USE_NODE = 2,
    /// A collection or a signature names it.
    TFCKPT_SAVER_USE_COLLECTION = 3,
    /// saver_def names it: it is the one that TensorFlow restores with.
    TFCKPT_SAVER_USE_SAVER_DEF = 4,
}

/// A saver: the nodes that one tf.train.Saver added to a graph, or an import of the
/// graph they were in. tfckpt_meta_list_saver_nodes() has them.
pub struct tfckpt_meta_saver {
    scope: Text,
    first_node: Text,
    nodes: u64,
    bytes: u64,
    save_ops: u64,
    restore_ops: u64,
    merge_ops: u64,
    used_by: SaverUse,
}

impl From<Saver> for tfckpt_meta_saver {
    fn from(saver: Saver) -> Self {
        let Saver { nodes, bytes, save_ops, restore_ops, merge_ops, used_by, .. } = saver;
        let [scope, first_node] = [saver.scope, saver.first_node].map(Text::new);
        Self { scope, first_node, nodes, bytes, save_ops, restore_ops, merge_ops, used_by }
    }
}

/// The scope its nodes are in: "save_1". Copies made by an import are in the same
/// scope. Empty where they are in none: a SavedModel's is made of calls.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_saver_scope(
    saver: Option<&tfckpt_meta_saver>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(saver.map(|saver| &saver.scope), len) }
}

/// The name of the first of its nodes in the graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_saver_first_node(
    saver: Option<&tfckpt_meta_saver>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(saver.map(|saver| &saver.first_node), len) }
}

/// How many nodes it has.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_saver_node_count(saver: Option<&tfckpt_meta_saver>) -> i64 {
    saver.map_or(0, |saver| saver.nodes as i64)
}

/// How many bytes they take.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_saver_byte_size(saver: Option<&tfckpt_meta_saver>) -> i64 {
    saver.map_or(0, |saver| saver.bytes as i64)
}

/// How many of its ops write files.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_saver_save_op_count(saver: Option<&tfckpt_meta_saver>) -> i64 {
    saver.map_or(0, |saver| saver.save_ops as i64)
}

/// How many of its ops read files.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_saver_restore_op_count(saver: Option<&tfckpt_meta_saver>) -> i64 {
    saver.map_or(0, |saver| saver.restore_ops as i64)
}

/// How many of its ops join the files that several devices wrote.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_saver_merge_op_count(saver: Option<&tfckpt_meta_saver>) -> i64 {
    saver.map_or(0, |saver| saver.merge_ops as i64)
}

/// Who uses it: a tfckpt_saver_use.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_saver_used_by(saver: Option<&tfckpt_meta_saver>) -> i32 {
    use tfckpt_saver_use::*;
    let used_by = match saver.map_or(SaverUse::Dead, |saver| saver.used_by) {
        SaverUse::Dead => TFCKPT_SAVER_USE_DEAD,
        SaverUse::Unknown => TFCKPT_SAVER_USE_UNKNOWN,
        SaverUse::Node => TFCKPT_SAVER_USE_NODE,
        SaverUse::Collection => TFCKPT_SAVER_USE_COLLECTION,
        SaverUse::SaverDef => TFCKPT_SAVER_USE_SAVER_DEF,
    };
    used_by as i32
}
