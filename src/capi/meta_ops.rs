//! How many nodes there are of each op.

use std::ffi::c_char;

use super::arguments::{Text, put_len};
use super::lists::item;
use crate::graph::{OpCount, OpCounts};

/// The nodes of a graph, or of all its functions, by their ops.
pub struct tfckpt_meta_ops {
    nodes: u64,
    by_op: Vec<(Text, OpCount)>,
}

impl From<OpCounts> for tfckpt_meta_ops {
    fn from(counts: OpCounts) -> Self {
        let by_op = counts.by_op.into_iter().map(|(op, count)| (Text::new(op), count));
        Self { nodes: counts.nodes, by_op: by_op.collect() }
    }
}

/// How many nodes there are, of all ops.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_ops_total(ops: Option<&tfckpt_meta_ops>) -> i64 {
    ops.map_or(0, |ops| ops.nodes as i64)
}

/// How many different ops there are.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_ops_count(ops: Option<&tfckpt_meta_ops>) -> i64 {
    ops.map_or(0, |ops| ops.by_op.len() as i64)
}

/// The op at index, from 0, in the order of their names; NULL outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_ops_name(
    ops: Option<&tfckpt_meta_ops>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let op = ops.and_then(|ops| item(&ops.by_op, index));
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(op.map(|(name, _)| name), len) }
}

/// How many nodes are of that op.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_ops_node_count(ops: Option<&tfckpt_meta_ops>, index: i64) -> i64 {
    ops.and_then(|ops| item(&ops.by_op, index)).map_or(0, |(_, count)| count.nodes as i64)
}

/// How many bytes they take.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_ops_byte_size(ops: Option<&tfckpt_meta_ops>, index: i64) -> i64 {
    ops.and_then(|ops| item(&ops.by_op, index)).map_or(0, |(_, count)| count.bytes as i64)
}
