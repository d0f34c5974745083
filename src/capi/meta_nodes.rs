//! The nodes of a saver.

use std::ffi::c_char;

use super::arguments::{Text, put_len};
use super::boundary::free;
use super::lists::item;
use crate::graph::SaverNode;

/// Nodes of a graph, in its order.
pub struct tfckpt_meta_nodes(Vec<One>);

struct One {
    name: Text,
    op: Text,
    bytes: u64,
}

impl From<Vec<SaverNode>> for tfckpt_meta_nodes {
    fn from(nodes: Vec<SaverNode>) -> Self {
        let one = |node: SaverNode| One {
            name: Text::new(node.name),
            op: Text::new(node.op),
            bytes: node.bytes,
        };
        Self(nodes.into_iter().map(one).collect())
    }
}

impl tfckpt_meta_nodes {
    fn at(nodes: Option<&Self>, index: i64) -> Option<&One> {
        nodes.and_then(|nodes| item(&nodes.0, index))
    }
}

/// Frees nodes. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_nodes_free(nodes: Option<Box<tfckpt_meta_nodes>>) {
    free(nodes);
}

/// How many there are.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_nodes_count(nodes: Option<&tfckpt_meta_nodes>) -> i64 {
    nodes.map_or(0, |nodes| nodes.0.len() as i64)
}

/// The name of the one at index, from 0; NULL outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_nodes_name(
    nodes: Option<&tfckpt_meta_nodes>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let node = tfckpt_meta_nodes::at(nodes, index);
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(node.map(|node| &node.name), len) }
}

/// Its op.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_nodes_op(
    nodes: Option<&tfckpt_meta_nodes>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let node = tfckpt_meta_nodes::at(nodes, index);
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(node.map(|node| &node.op), len) }
}

/// How many bytes it takes.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_nodes_byte_size(
    nodes: Option<&tfckpt_meta_nodes>,
    index: i64,
) -> i64 {
    tfckpt_meta_nodes::at(nodes, index).map_or(0, |node| node.bytes as i64)
}
