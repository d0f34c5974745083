//! Graphs: the .meta files beside checkpoints, and those of SavedModels.

use std::ffi::c_char;
use std::os::unix::ffi::OsStrExt;

use super::arguments::{Text, given, path_of};
use super::boundary::{boundary_handle, free};
use super::error::tfckpt_error;
use super::meta_diff::tfckpt_meta_diff;
use super::meta_nodes::tfckpt_meta_nodes;
use super::meta_summary::tfckpt_meta_summary;
use super::meta_variables::tfckpt_meta_variables;
use super::status::tfckpt_status;
use crate::error::{Error, Result};
use crate::graph::{MetaFile, MetaGraph};

/// A file of graphs: the .meta beside a checkpoint, which is one graph with all that
/// belongs to it, or the saved_model.pb of a SavedModel, which may be several. It
/// never changes: any number of threads may use one at once.
///
/// Files of any size are read, past the 2 GiB at which TensorFlow stops. What that
/// takes in memory is some twenty bytes for each node, and the largest single node.
/// Names of nodes that are not UTF-8, which TensorFlow knows none of, come out with
/// U+FFFD in them.
pub struct tfckpt_meta {
    file: MetaFile,
    path: Text,
}

impl tfckpt_meta {
    fn graph(meta: Option<&Self>, graph: i64) -> Result<&MetaGraph> {
        let graphs = given(meta, "meta")?.file.graphs();
        let found = usize::try_from(graph).ok().and_then(|graph| graphs.get(graph));
        found.ok_or_else(|| Error::invalid(format!("there is no graph {graph}")))
    }
}

/// Opens the graph that a path leads to, into *out: a .meta file or a saved_model.pb,
/// under these names or any other; the prefix of a checkpoint or one of its files,
/// with a .meta beside it; a directory, which is that of a SavedModel or leads to its
/// latest checkpoint. Reads little of it. NOT_FOUND where there is none; DATA_LOSS for
/// a file that has no graph in the binary form of protobuf.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_open(
    path: *const c_char,
    out: *mut *mut tfckpt_meta,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let file = MetaFile::find(path_of(path, "path")?)?;
            let path = Text::new(file.path().as_os_str().as_bytes());
            Ok(tfckpt_meta { file, path })
        })
    }
}

/// Frees a file of graphs. NULL is fine. What came from it stays good.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_free(meta: Option<Box<tfckpt_meta>>) {
    free(meta);
}

/// The path of the file.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_path(meta: Option<&tfckpt_meta>) -> *const c_char {
    meta.map_or(std::ptr::null(), |meta| meta.path.as_ptr())
}

/// How many bytes the file has.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_byte_size(meta: Option<&tfckpt_meta>) -> i64 {
    meta.map_or(0, |meta| meta.file.bytes() as i64)
}

/// The schema version of a SavedModel; -1 for a .meta.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_schema_version(meta: Option<&tfckpt_meta>) -> i64 {
    let version = meta.and_then(|meta| meta.file.saved_model_version());
    version.map_or(-1, |version| version as i64)
}

/// How many graphs it has: 1 in a .meta, and one for each set of tags in a SavedModel.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_graph_count(meta: Option<&tfckpt_meta>) -> i64 {
    meta.map_or(0, |meta| meta.file.graphs().len() as i64)
}

/// Sums up what is in a graph, counted from 0, into *out. Goes through the file several
/// times, past the values of constants. INVALID_ARGUMENT where there is no such graph;
/// DATA_LOSS, with the byte at which it was noticed, where it is damaged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_summarize(
    meta: Option<&tfckpt_meta>,
    graph: i64,
    out: *mut *mut tfckpt_meta_summary,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            tfckpt_meta::graph(meta, graph)?.summary().map(tfckpt_meta_summary::from)
        })
    }
}

/// Lists the variables of a graph, in its order, into *out. Errors as of
/// tfckpt_meta_summarize().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_list_variables(
    meta: Option<&tfckpt_meta>,
    graph: i64,
    out: *mut *mut tfckpt_meta_variables,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            tfckpt_meta::graph(meta, graph)?.variables().map(tfckpt_meta_variables::from)
        })
    }
}

/// Lists the nodes of a saver, by its index in the summary, in the order of the graph,
/// into *out. INVALID_ARGUMENT where there is no such saver; otherwise as
/// tfckpt_meta_summarize().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_list_saver_nodes(
    meta: Option<&tfckpt_meta>,
    graph: i64,
    saver: i64,
    out: *mut *mut tfckpt_meta_nodes,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let graph = tfckpt_meta::graph(meta, graph)?;
            let saver = usize::try_from(saver)
                .map_err(|_| Error::invalid(format!("there is no saver {saver}")))?;
            graph.saver_nodes(saver).map(tfckpt_meta_nodes::from)
        })
    }
}

/// Finds out what is different in a second graph, in comparison with a first, into
/// *out. Reads both through, constants and all. The two may be of one file. Errors as
/// of tfckpt_meta_summarize().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_compare(
    before: Option<&tfckpt_meta>,
    before_graph: i64,
    after: Option<&tfckpt_meta>,
    after_graph: i64,
    out: *mut *mut tfckpt_meta_diff,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let before = tfckpt_meta::graph(before, before_graph)?;
            let after = tfckpt_meta::graph(after, after_graph)?;
            before.diff(after).map(tfckpt_meta_diff::from)
        })
    }
}
