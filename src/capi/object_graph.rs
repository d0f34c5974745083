//! Object graphs: the objects of a checkpoint, and which tensors are theirs.

use std::ffi::c_char;

use super::arguments::{bytes, given};
use super::boundary::{boundary, boundary_handle, free};
use super::error::tfckpt_error;
use super::object::{tfckpt_attribute, tfckpt_object};
use super::reader::tfckpt_reader;
use super::status::tfckpt_status;
use super::writer::tfckpt_writer;
use crate::checkpoint::object_graph::{Found, NodeId, OBJECT_GRAPH_KEY, ObjectGraph};
use crate::error::{Error, Result};
use crate::tensor::{DType, Shape, Strings};

/// The objects of a checkpoint that tf.train.Checkpoint or Keras wrote, and which
/// tensors are theirs. It never changes: any number of threads may use one at once.
///
/// Each object is a node with a number, from 0, which is the root. A variable has
/// three names: its path from the root, the local names of objects with / between
/// them; its key, which is the name of its tensor, made of the shortest path when it
/// was saved; and its full name, which name-based savers take. In paths and keys a
/// dot within a local name is written .. and a slash .S. All are UTF-8.
pub struct tfckpt_object_graph(ObjectGraph);

impl From<ObjectGraph> for tfckpt_object_graph {
    fn from(graph: ObjectGraph) -> Self {
        Self(graph)
    }
}

impl tfckpt_object_graph {
    fn given(graph: Option<&Self>) -> Result<&ObjectGraph> {
        given(graph, "graph").map(|graph| &graph.0)
    }
}

/// A name that has to be UTF-8.
///
/// # Safety
/// As of [`bytes`].
pub(super) unsafe fn text<'a>(data: *const c_char, len: usize, what: &str) -> Result<&'a str> {
    // SAFETY: passed on.
    let bytes = unsafe { bytes(data, len, what) }?;
    std::str::from_utf8(bytes).map_err(|_| Error::invalid(format!("{what} is not UTF-8")))
}

/// The number of a node, as C has it.
pub(super) fn node_id(node: i64) -> Result<NodeId> {
    NodeId::try_from(node).map_err(|_| Error::invalid(format!("there is no node {node}")))
}

/// Reads the object graph of a checkpoint, into *out. NOT_FOUND where it has none,
/// because a name-based saver wrote it; DATA_LOSS where it is damaged;
/// RESOURCE_LIMIT where it has more than 64 MiB or 4 Mi nodes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_read_object_graph(
    reader: Option<&tfckpt_reader>,
    out: *mut *mut tfckpt_object_graph,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let reader = tfckpt_reader::given(reader)?;
            let graph = ObjectGraph::read(reader)?.ok_or_else(|| {
                let message = "there is no object graph: a name-based saver wrote this checkpoint";
                Error::not_found(message).in_file(reader.prefix())
            })?;
            Ok(tfckpt_object_graph(graph))
        })
    }
}

/// Frees a graph. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_graph_free(graph: Option<Box<tfckpt_object_graph>>) {
    free(graph);
}

/// How many nodes it has.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_object_graph_count(graph: Option<&tfckpt_object_graph>) -> i64 {
    graph.map_or(0, |graph| graph.0.nodes().len() as i64)
}

/// The object of a number, into *out. INVALID_ARGUMENT where there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_object_at(
    graph: Option<&tfckpt_object_graph>,
    node: i64,
    out: *mut *mut tfckpt_object,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let graph = tfckpt_object_graph::given(graph)?;
            let object = tfckpt_object::new(graph, node_id(node)?);
            object.ok_or_else(|| Error::invalid(format!("there is no node {node}")))
        })
    }
}

/// The number of the node that a path leads to, by any way; -1 where it leads to
/// none. The root has the empty path.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_find_node(
    graph: Option<&tfckpt_object_graph>,
    path: *const c_char,
    path_len: usize,
) -> i64 {
    // SAFETY: the caller keeps the rules of the header.
    let path = unsafe { text(path, path_len, "path") }.ok();
    let node = graph.and_then(|graph| graph.0.find_node(path?));
    node.map_or(-1, i64::from)
}

/// What a name means, into *out: a key; else the path of an object that has one
/// tensor, or such a path with /.ATTRIBUTES/ and the name of the attribute behind
/// it, or a full name. NOT_FOUND where it means nothing; INVALID_ARGUMENT where
/// it means several tensors, whose keys the error then lists. To find a tensor of a
/// reader by any of its names see tfckpt_reader_resolve().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_find(
    graph: Option<&tfckpt_object_graph>,
    name: *const c_char,
    name_len: usize,
    out: *mut *mut tfckpt_attribute,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let name = text(name, name_len, "name")?;
            let found = tfckpt_object_graph::given(graph)?.find(name)?;
            or_not_found(found, "the object graph knows no such name", name.as_bytes())
        })
    }
}

/// What a tensor is of, into *out: most tensors have the key as their name, those of
/// iterators and tables begin with it. NOT_FOUND where it is of none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_find_owner(
    graph: Option<&tfckpt_object_graph>,
    name: *const c_char,
    name_len: usize,
    out: *mut *mut tfckpt_attribute,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let name = bytes(name, name_len, "name")?;
            let found = tfckpt_object_graph::given(graph)?.owner(name);
            or_not_found(found, "this tensor is of no object", name)
        })
    }
}

fn or_not_found(found: Option<Found<'_>>, message: &str, name: &[u8]) -> Result<tfckpt_attribute> {
    let found = found.ok_or_else(|| Error::not_found(message).for_tensor(name))?;
    Ok(tfckpt_attribute::new(found.node, found.attribute))
}

/// Whether a tensor is an optimizer's alone: what it keeps for the variables, its
/// counters, its learning rate. The variables that it optimizes are not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_is_optimizer_state(
    graph: Option<&tfckpt_object_graph>,
    name: *const c_char,
    name_len: usize,
) -> bool {
    // SAFETY: the caller keeps the rules of the header.
    let name = unsafe { bytes(name, name_len, "name") }.ok();
    graph.is_some_and(|graph| name.is_some_and(|name| graph.0.is_optimizer_state(name)))
}

/// The graph for a copy of the checkpoint without the tensors that
/// tfckpt_object_graph_is_optimizer_state() tells, into *out. Its nodes have other
/// numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_object_graph_without_optimizer_state(
    graph: Option<&tfckpt_object_graph>,
    out: *mut *mut tfckpt_object_graph,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let graph = tfckpt_object_graph::given(graph)?;
            Ok(tfckpt_object_graph(graph.without_optimizer_state()))
        })
    }
}

/// Adds an object graph to a checkpoint. The tensors are added by their keys as any
/// others, and tf.train.Checkpoint looks for all that the graph names. Errors as of
/// tfckpt_writer_add().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_add_object_graph(
    writer: Option<&mut tfckpt_writer>,
    graph: Option<&tfckpt_object_graph>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let writer = given(writer, "writer")?;
            let graph = Strings::from_iter([tfckpt_object_graph::given(graph)?.to_bytes()]);
            let (name, scalar) = (OBJECT_GRAPH_KEY.as_bytes(), Shape::default());
            writer.with(|writer| {
                writer.add_elements(name, DType::STRING, &scalar, None, (&graph).into())
            })
        })
    }
}
