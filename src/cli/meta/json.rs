//! What is in a graph, and what is different, as JSON.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;

use serde_json::{Map, Value, json};
use tfckpt::Result;
use tfckpt::graph::{
    Change, ChangeKind, Collection, Constants, Diff, MetaFile, MetaGraph, OpCounts, PartialShape,
    Saver, SaverNode, SaverUse, Signature, Subject, Summary, TensorInfo, Variable,
};
use tfckpt::tensor::DType;

use crate::console::Console;
use crate::name;

/// What is in a file, as one object. Lists that may be long are written as they come.
pub fn file(
    file: &MetaFile,
    summaries: &[Summary],
    with_nodes: bool,
    console: &mut Console,
) -> Result<()> {
    let head = json!({
        "path": name::json(file.path().as_os_str().as_bytes()).0,
        "bytes": file.bytes(),
        "saved_model_schema_version": file.saved_model_version(),
    });
    object(console, &head, |console| {
        list(console, "graphs", |graphs| {
            file.graphs().iter().zip(summaries).try_for_each(|(graph, summary)| {
                graphs.next()?;
                self::graph(graph, summary, with_nodes, graphs.console)
            })
        })
    })
}

fn graph(
    graph: &MetaGraph,
    summary: &Summary,
    with_nodes: bool,
    console: &mut Console,
) -> Result<()> {
    object(console, &self::summary(summary), |console| {
        list(console, "variables", |list| graph.each_variable(|one| list.add(&variable(&one))))?;
        list(console, "savers", |list| {
            summary.savers.iter().try_for_each(|one| list.add(&saver(one)))
        })?;
        if !with_nodes {
            return Ok(());
        }
        list(console, "saver_nodes", |list| {
            graph.each_saver_node(|saver, node| list.add(&saver_node(saver, &node))).map(drop)
        })
    })
}

/// Writes an object: what `head` has, and what `rest` adds to it.
fn object(
    console: &mut Console,
    head: &Value,
    rest: impl FnOnce(&mut Console) -> Result<()>,
) -> Result<()> {
    let head = head.to_string();
    console.write(head.trim_end().strip_suffix('}').unwrap_or(&head).as_bytes())?;
    rest(console)?;
    console.write(b"}")
}

/// Writes a list that is not the first entry of an object, as `fill` adds to it.
pub fn list(
    console: &mut Console,
    key: &str,
    fill: impl FnOnce(&mut List<'_>) -> Result<()>,
) -> Result<()> {
    console.write(format!(",\"{key}\":[").as_bytes())?;
    fill(&mut List { console, empty: true })?;
    console.write(b"]")
}

/// A list that is open.
pub struct List<'c> {
    pub console: &'c mut Console,
    empty: bool,
}

impl<'c> List<'c> {
    pub fn new(console: &'c mut Console) -> Self {
        Self { console, empty: true }
    }

    fn add(&mut self, item: &Value) -> Result<()> {
        self.next()?;
        self.console.json(item)
    }

    /// The next item is about to be written.
    pub fn next(&mut self) -> Result<()> {
        let between: &[u8] = if self.empty { b"\n" } else { b",\n" };
        self.empty = false;
        self.console.write(between)
    }
}

fn summary(summary: &Summary) -> Value {
    let parts: Map<_, _> =
        summary.parts.iter().map(|(part, bytes)| (part.to_string(), json!(bytes))).collect();
    json!({
        "bytes": summary.bytes,
        "parts": parts,
        "tensorflow_version": summary.info.tensorflow_version,
        "tensorflow_git_version": summary.info.tensorflow_git_version,
        "meta_graph_version": summary.info.meta_graph_version,
        "tags": summary.info.tags,
        "stripped_ops": summary.info.stripped_ops,
        "stripped_default_attrs": summary.info.stripped_default_attrs,
        "producer": summary.versions.producer,
        "min_consumer": summary.versions.min_consumer,
        "nodes": summary.nodes.nodes,
        "ops": ops(&summary.nodes),
        "functions": summary.functions.count,
        "function_gradients": summary.functions.gradients,
        "function_ops": ops(&summary.functions.nodes),
        "constants": self::constants(&summary.constants),
        "saver_def": summary.saver_def.as_ref().map(|def| json!({
            "filename_tensor_name": def.filename_tensor_name,
            "save_tensor_name": def.save_tensor_name,
            "restore_op_name": def.restore_op_name,
            "max_to_keep": def.max_to_keep,
            "sharded": def.sharded,
            "keep_checkpoint_every_n_hours": def.keep_checkpoint_every_n_hours,
            "version": def.version_name(),
        })),
        "collections": map(&summary.collections, collection),
        "signatures": map(&summary.signatures, signature),
        "assets": summary.assets,
        "object_graph_nodes": summary.object_graph_nodes,
    })
}

fn constants(constants: &Constants) -> Value {
    let largest = constants.largest.iter();
    let largest = largest.map(|(name, bytes)| json!({ "name": name, "bytes": bytes }));
    json!({
        "count": constants.count,
        "bytes": constants.bytes,
        "largest": largest.collect::<Vec<_>>(),
    })
}

fn map<T>(items: &BTreeMap<String, T>, value: impl Fn(&T) -> Value) -> Map<String, Value> {
    items.iter().map(|(key, item)| (key.clone(), value(item))).collect()
}

fn ops(counts: &OpCounts) -> Map<String, Value> {
    map(&counts.by_op, |op| json!({ "nodes": op.nodes, "bytes": op.bytes }))
}

fn collection(collection: &Collection) -> Value {
    let kind = collection.kind.name();
    json!({ "kind": kind, "values": collection.values, "bytes": collection.bytes })
}

fn variable(variable: &Variable) -> Value {
    json!({
        "name": variable.name,
        "op": variable.op,
        "dtype": variable.dtype.map(DType::name),
        "shape": shape(&variable.shape),
        "shared_name": variable.shared_name,
    })
}

fn saver(saver: &Saver) -> Value {
    json!({
        "scope": saver.scope,
        "first_node": saver.first_node,
        "nodes": saver.nodes,
        "bytes": saver.bytes,
        "save_ops": saver.save_ops,
        "restore_ops": saver.restore_ops,
        "merge_ops": saver.merge_ops,
        "used_by": match saver.used_by {
            SaverUse::SaverDef => Some("saver_def"),
            SaverUse::Collection => Some("collection"),
            SaverUse::Node => Some("node"),
            SaverUse::Unknown => Some("unknown"),
            SaverUse::Dead => None,
        },
    })
}

fn saver_node(saver: usize, node: &SaverNode) -> Value {
    json!({ "saver": saver, "name": node.name, "op": node.op, "bytes": node.bytes })
}

fn signature(signature: &Signature) -> Value {
    json!({
        "method_name": signature.method_name,
        "inputs": map(&signature.inputs, tensor),
        "outputs": map(&signature.outputs, tensor),
        "bytes": signature.bytes,
    })
}

fn tensor(tensor: &TensorInfo) -> Value {
    json!({
        "name": tensor.name,
        "dtype": tensor.dtype.map(DType::name),
        "shape": shape(&tensor.shape),
    })
}

fn shape(shape: &PartialShape) -> &Option<Vec<i64>> {
    &shape.dims
}

pub fn diff(diff: &Diff, strip_bytes: Option<u64>) -> Value {
    let dead = || diff.after.savers.iter().filter(|saver| saver.is_dead());
    json!({
        "bytes_before": diff.before.bytes,
        "bytes_after": diff.after.bytes,
        "changes": diff.changes.iter().map(change).collect::<Vec<_>>(),
        "constants": constants(&diff.constants),
        "dead_savers": dead().count(),
        "dead_bytes": dead().map(|saver| saver.bytes).sum::<u64>(),
        "strip_bytes": strip_bytes,
    })
}

fn change(change: &Change) -> Value {
    let (subject, name) = match &change.subject {
        Subject::Savers => ("savers", None),
        Subject::Repeats => ("repeats", None),
        Subject::Scope(scope) => ("scope", Some(scope)),
        Subject::Op(op) => ("op", Some(op)),
        Subject::Functions => ("functions", None),
        Subject::Collection(key) => ("collection", Some(key)),
        Subject::Signatures => ("signatures", None),
        Subject::Part(part) => ("part", Some(part)),
    };
    json!({
        "kind": match change.kind {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
        },
        "subject": subject,
        "name": name,
        "items": change.items,
        "savers": change.savers,
        "bytes_before": change.bytes_before,
        "bytes_after": change.bytes_after,
        "constant_bytes": change.constant_bytes,
        "examples": change.examples,
    })
}
