//! What is in a graph.

use std::ffi::c_char;
use std::ptr::{from_ref, null};

use super::arguments::{Text, put_len};
use super::boundary::free;
use super::lists::item;
use super::meta_collection::tfckpt_meta_collection;
use super::meta_constants::tfckpt_meta_constants;
use super::meta_ops::tfckpt_meta_ops;
use super::meta_saver::tfckpt_meta_saver;
use super::meta_saver_def::tfckpt_meta_saver_def;
use super::meta_signature::tfckpt_meta_signature;
use crate::graph::{PartBytes, Summary};

/// The parts of a graph and what belongs to it.
#[repr(i32)]
pub enum tfckpt_meta_part {
    /// The nodes, constants and all.
    TFCKPT_META_PART_NODES = 0,
    /// The library of functions.
    TFCKPT_META_PART_LIBRARY = 1,
    /// Who wrote it, and the ops it needs.
    TFCKPT_META_PART_INFO = 2,
    /// How to save and restore.
    TFCKPT_META_PART_SAVER_DEF = 3,
    /// The collections.
    TFCKPT_META_PART_COLLECTIONS = 4,
    /// The signatures.
    TFCKPT_META_PART_SIGNATURES = 5,
    /// What files it needs beside it.
    TFCKPT_META_PART_ASSETS = 6,
    /// The object graph of a SavedModel.
    TFCKPT_META_PART_OBJECT_GRAPH = 7,
    /// Everything else: versions, tags, lengths, fields that nobody knows.
    TFCKPT_META_PART_REST = 8,
}

/// What is in a graph: a snapshot that needs its file no more.
pub struct tfckpt_meta_summary {
    bytes: u64,
    parts: PartBytes,
    tensorflow_version: Text,
    tensorflow_git_version: Text,
    graph_version: Text,
    tags: Vec<Text>,
    stripped_ops: u64,
    stripped_default_attrs: bool,
    producer: i64,
    min_consumer: i64,
    ops: tfckpt_meta_ops,
    function_ops: tfckpt_meta_ops,
    functions: u64,
    gradients: u64,
    constants: tfckpt_meta_constants,
    variables: u64,
    savers: Vec<tfckpt_meta_saver>,
    saver_def: Option<tfckpt_meta_saver_def>,
    collections: Vec<tfckpt_meta_collection>,
    signatures: Vec<tfckpt_meta_signature>,
    assets: u64,
    object_graph_nodes: Option<u64>,
}

impl From<Summary> for tfckpt_meta_summary {
    fn from(summary: Summary) -> Self {
        let Summary { info, versions, functions, .. } = summary;
        Self {
            bytes: summary.bytes,
            parts: summary.parts,
            tensorflow_version: Text::new(info.tensorflow_version),
            tensorflow_git_version: Text::new(info.tensorflow_git_version),
            graph_version: Text::new(info.meta_graph_version),
            tags: info.tags.into_iter().map(Text::new).collect(),
            stripped_ops: info.stripped_ops,
            stripped_default_attrs: info.stripped_default_attrs,
            producer: versions.producer,
            min_consumer: versions.min_consumer,
            ops: summary.nodes.into(),
            function_ops: functions.nodes.into(),
            functions: functions.count,
            gradients: functions.gradients,
            constants: summary.constants.into(),
            variables: summary.variables,
            savers: summary.savers.into_iter().map(Into::into).collect(),
            saver_def: summary.saver_def.map(Into::into),
            collections: summary.collections.into_iter().map(Into::into).collect(),
            signatures: summary.signatures.into_iter().map(Into::into).collect(),
            assets: summary.assets,
            object_graph_nodes: summary.object_graph_nodes,
        }
    }
}

/// Frees a summary that you own, and what was borrowed from it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_free(summary: Option<Box<tfckpt_meta_summary>>) {
    free(summary);
}

/// How many bytes the graph takes with all that belongs to it.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_byte_size(summary: Option<&tfckpt_meta_summary>) -> i64 {
    summary.map_or(0, |summary| summary.bytes as i64)
}

/// How many of these bytes a part takes, a tfckpt_meta_part, tags and lengths included;
/// 0 for a number that is no part. All parts together are all bytes.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_part_size(
    summary: Option<&tfckpt_meta_summary>,
    part: i32,
) -> i64 {
    let Some(summary) = summary else { return 0 };
    let part = usize::try_from(part).ok().and_then(|part| summary.parts.iter().nth(part));
    part.map_or(0, |(_, bytes)| bytes as i64)
}

/// The version of the TensorFlow that wrote it: "2.21.0"; empty where it does not say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_summary_tensorflow_version(
    summary: Option<&tfckpt_meta_summary>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(summary.map(|summary| &summary.tensorflow_version), len) }
}

/// The commit of that TensorFlow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_summary_tensorflow_git_version(
    summary: Option<&tfckpt_meta_summary>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(summary.map(|summary| &summary.tensorflow_git_version), len) }
}

/// What its author calls this version of the graph; empty where that is nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_summary_graph_version(
    summary: Option<&tfckpt_meta_summary>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(summary.map(|summary| &summary.graph_version), len) }
}

/// Under how many tags a SavedModel has it.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_tag_count(summary: Option<&tfckpt_meta_summary>) -> i64 {
    summary.map_or(0, |summary| summary.tags.len() as i64)
}

/// The tag at index, from 0; NULL outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_summary_tag(
    summary: Option<&tfckpt_meta_summary>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let tag = summary.and_then(|summary| item(&summary.tags, index));
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(tag, len) }
}

/// How many ops it lists as needed, with their definitions.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_stripped_op_count(
    summary: Option<&tfckpt_meta_summary>,
) -> i64 {
    summary.map_or(0, |summary| summary.stripped_ops as i64)
}

/// Whether attributes that have their default value were left out.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_has_stripped_default_attrs(
    summary: Option<&tfckpt_meta_summary>,
) -> bool {
    summary.is_some_and(|summary| summary.stripped_default_attrs)
}

/// The version of graphs that it was written as.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_producer(summary: Option<&tfckpt_meta_summary>) -> i64 {
    summary.map_or(0, |summary| summary.producer)
}

/// The oldest version of the software that may read it.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_min_consumer(summary: Option<&tfckpt_meta_summary>) -> i64 {
    summary.map_or(0, |summary| summary.min_consumer)
}

/// The nodes of the graph by their ops; borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_ops(
    summary: Option<&tfckpt_meta_summary>,
) -> *const tfckpt_meta_ops {
    summary.map_or(null(), |summary| from_ref(&summary.ops))
}

/// The nodes of all functions together by their ops; borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_function_ops(
    summary: Option<&tfckpt_meta_summary>,
) -> *const tfckpt_meta_ops {
    summary.map_or(null(), |summary| from_ref(&summary.function_ops))
}

/// How many functions the library has.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_function_count(summary: Option<&tfckpt_meta_summary>) -> i64 {
    summary.map_or(0, |summary| summary.functions as i64)
}

/// How many of them have a gradient function registered by name.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_gradient_count(summary: Option<&tfckpt_meta_summary>) -> i64 {
    summary.map_or(0, |summary| summary.gradients as i64)
}

/// The constants of the graph and its functions; borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_constants(
    summary: Option<&tfckpt_meta_summary>,
) -> *const tfckpt_meta_constants {
    summary.map_or(null(), |summary| from_ref(&summary.constants))
}

/// How many variables the graph has; tfckpt_meta_list_variables() has them.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_variable_count(summary: Option<&tfckpt_meta_summary>) -> i64 {
    summary.map_or(0, |summary| summary.variables as i64)
}

/// How many savers are in the graph.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_saver_count(summary: Option<&tfckpt_meta_summary>) -> i64 {
    summary.map_or(0, |summary| summary.savers.len() as i64)
}

/// The saver at index, from 0, in the order of their first nodes; borrowed, and NULL
/// outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_saver(
    summary: Option<&tfckpt_meta_summary>,
    index: i64,
) -> *const tfckpt_meta_saver {
    summary.and_then(|summary| item(&summary.savers, index)).map_or(null(), from_ref)
}

/// How to save and restore with the graph; borrowed, and NULL where it does not say.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_saver_def(
    summary: Option<&tfckpt_meta_summary>,
) -> *const tfckpt_meta_saver_def {
    summary.and_then(|summary| summary.saver_def.as_ref()).map_or(null(), from_ref)
}

/// How many collections there are.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_collection_count(
    summary: Option<&tfckpt_meta_summary>,
) -> i64 {
    summary.map_or(0, |summary| summary.collections.len() as i64)
}

/// The collection at index, from 0, in the order of their keys; borrowed, and NULL
/// outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_collection(
    summary: Option<&tfckpt_meta_summary>,
    index: i64,
) -> *const tfckpt_meta_collection {
    summary.and_then(|summary| item(&summary.collections, index)).map_or(null(), from_ref)
}

/// How many signatures there are.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_signature_count(
    summary: Option<&tfckpt_meta_summary>,
) -> i64 {
    summary.map_or(0, |summary| summary.signatures.len() as i64)
}

/// The signature at index, from 0, in the order of their keys; borrowed, and NULL
/// outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_signature(
    summary: Option<&tfckpt_meta_summary>,
    index: i64,
) -> *const tfckpt_meta_signature {
    summary.and_then(|summary| item(&summary.signatures, index)).map_or(null(), from_ref)
}

/// How many files the graph needs beside it.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_asset_count(summary: Option<&tfckpt_meta_summary>) -> i64 {
    summary.map_or(0, |summary| summary.assets as i64)
}

/// How many nodes the object graph of a SavedModel has; -1 where there is none.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_summary_object_graph_node_count(
    summary: Option<&tfckpt_meta_summary>,
) -> i64 {
    let nodes = summary.and_then(|summary| summary.object_graph_nodes);
    nodes.map_or(-1, |nodes| nodes as i64)
}
