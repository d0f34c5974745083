//! `tfckpt meta ls`: what is in a graph.

use std::path::PathBuf;

use tfckpt::Result;
use tfckpt::graph::{
    MetaFile, MetaGraph, OpCounts, Saver, SaverNode, SaverUse, Signature, Summary, TensorInfo,
};
use tfckpt::tensor::DType;

use super::json::{self, List};
use crate::console::Console;
use crate::name;
use crate::progress::spin;
use crate::text::{count, grouped};

/// How many ops and constants are listed of many.
const TOP: usize = 10;

/// List what is in a graph, and how many bytes each part takes
///
/// That is: who wrote it, the parts by size, nodes by op, functions, the largest constants,
/// variables, collections, signatures, and every saver: how many nodes it has, and who uses it. A
/// saver that nobody uses is dead, and 'tfckpt meta strip' cuts it.
#[derive(clap::Args)]
pub struct Args {
    #[arg(required = true, value_name = "FILE", help = super::HELP)]
    files: Vec<PathBuf>,
    /// List also the nodes of every saver
    #[arg(long)]
    saver_nodes: bool,
    /// Print one JSON document
    ///
    /// {"files": [{"path", "bytes", "saved_model_schema_version", "graphs": [{"bytes", "parts":
    /// {part: bytes, ...}, "tensorflow_version", "tensorflow_git_version", "meta_graph_version",
    /// "tags", "stripped_ops", "stripped_default_attrs", "producer", "min_consumer", "nodes",
    /// "ops": {op: {"nodes", "bytes"}, ...}, "functions", "function_gradients", "function_ops",
    /// "constants": {"count", "bytes", "largest": [{"name", "bytes"}, ...]}, "variables":
    /// [{"name", "op", "dtype", "shape", "shared_name"}, ...], "savers": [{"scope", "first_node",
    /// "nodes", "bytes", "save_ops", "restore_ops", "merge_ops", "used_by"}, ...], "saver_def",
    /// "collections": {key: {"kind", "values", "bytes"}, ...}, "signatures": {key:
    /// {"method_name", "inputs": {key: {"name", "dtype", "shape"}, ...}, "outputs", "bytes"},
    /// ...}, "assets", "object_graph_nodes"}, ...]}, ...]}. An open dimension is -1, a shape of
    /// open rank null. "used_by" is saver_def, collection, node, unknown (there is no saver_def)
    /// or null: the saver is dead. With --saver-nodes a graph also has "saver_nodes": [{"saver",
    /// "name", "op", "bytes"}, ...], where "saver" is the position of the saver, from 0.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    if args.json {
        return print_json(args, console);
    }
    for path in &args.files {
        let file = MetaFile::find(path)?;
        for graph in file.graphs() {
            let summary = spin("reading", || graph.summary())?;
            print(&file, graph, &summary, console)?;
            print_savers(graph, &summary, args.saver_nodes, console)?;
        }
    }
    Ok(())
}

fn print_json(args: &Args, console: &mut Console) -> Result<()> {
    // What can go wrong does so before a document is begun.
    let mut read = Vec::new();
    for path in &args.files {
        let file = MetaFile::find(path)?;
        let summaries = file.graphs().iter().map(|graph| spin("reading", || graph.summary()));
        let summaries = summaries.collect::<Result<Vec<Summary>>>()?;
        read.push((file, summaries));
    }
    console.write(b"{\"files\":[")?;
    let mut files = List::new(console);
    for (file, summaries) in &read {
        files.next()?;
        json::file(file, summaries, args.saver_nodes, files.console)?;
    }
    console.line("]}")
}

fn print(
    file: &MetaFile,
    graph: &MetaGraph,
    summary: &Summary,
    console: &mut Console,
) -> Result<()> {
    let info = &summary.info;
    let tags = if info.tags.is_empty() { "" } else { &format!(" [{}]", info.tags.join(", ")) };
    let version = match info.tensorflow_version.as_str() {
        "" => "an unknown version of TensorFlow",
        version => &format!("TensorFlow {version}"),
    };
    let path = name::path(file.path());
    let bytes = count(summary.bytes, "byte");
    console.line(format_args!("{path}{tags}: {bytes}, written by {version}"))?;
    for (part, bytes) in summary.parts.iter().filter(|&(_, bytes)| bytes > 0) {
        console.line(format_args!("  {part:<13} {:>14} bytes", grouped(bytes)))?;
    }
    print_ops(summary, console)?;
    print_constants(summary, console)?;
    print_variables(graph, summary, console)?;
    print_collections(summary, console)?;
    print_signatures(summary, console)
}

fn print_ops(summary: &Summary, console: &mut Console) -> Result<()> {
    let nodes = count(summary.nodes.nodes, "node");
    console.line(format_args!("{nodes}: {}", most_frequent(&summary.nodes)))?;
    let functions = &summary.functions;
    if functions.count == 0 {
        return Ok(());
    }
    let (number, nodes) =
        (count(functions.count, "function"), count(functions.nodes.nodes, "node"));
    console.line(format_args!("{number} of {nodes}: {}", most_frequent(&functions.nodes)))
}

/// `Const 12, Identity 3, …`
fn most_frequent(counts: &OpCounts) -> String {
    let mut ops: Vec<_> = counts.by_op.iter().map(|(op, count)| (count.nodes, op)).collect();
    ops.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let shown =
        ops.iter().take(TOP).map(|(nodes, op)| format!("{} {}", shown(op), grouped(*nodes)));
    let more = if ops.len() > TOP { ", …" } else { "" };
    format!("{}{more}", shown.collect::<Vec<_>>().join(", "))
}

fn print_constants(summary: &Summary, console: &mut Console) -> Result<()> {
    let constants = &summary.constants;
    if constants.count == 0 {
        return Ok(());
    }
    let (number, bytes) = (count(constants.count, "constant"), count(constants.bytes, "byte"));
    console.line(format_args!("{number} of {bytes}"))?;
    // Small ones are no news.
    for (name, bytes) in constants.largest.iter().filter(|(_, bytes)| *bytes >= 1024) {
        console.line(format_args!("  {}  {}", shown(name), count(*bytes, "byte")))?;
    }
    Ok(())
}

fn print_variables(graph: &MetaGraph, summary: &Summary, console: &mut Console) -> Result<()> {
    console.line(count(summary.variables, "variable"))?;
    graph.each_variable(|variable| {
        let (name, dtype) = (shown(&variable.name), dtype(variable.dtype));
        console.line(format_args!("  {name}  {dtype}  {}", variable.shape))
    })
}

fn print_collections(summary: &Summary, console: &mut Console) -> Result<()> {
    for (key, collection) in &summary.collections {
        let (values, bytes) = (count(collection.values, "value"), count(collection.bytes, "byte"));
        console.line(format_args!("collection {}: {values}, {bytes}", shown(key)))?;
    }
    Ok(())
}

fn print_signatures(summary: &Summary, console: &mut Console) -> Result<()> {
    for (key, signature) in &summary.signatures {
        console.line(format_args!("signature {}: {}", shown(key), takes_and_gives(signature)))?;
    }
    Ok(())
}

fn takes_and_gives(signature: &Signature) -> String {
    let list = |(key, tensor): (&String, &TensorInfo)| {
        format!("{} {} {}", shown(key), dtype(tensor.dtype), tensor.shape)
    };
    let inputs: Vec<String> = signature.inputs.iter().map(list).collect();
    let outputs: Vec<String> = signature.outputs.iter().map(list).collect();
    format!("({}) -> ({})", inputs.join(", "), outputs.join(", "))
}

fn print_savers(
    graph: &MetaGraph,
    summary: &Summary,
    with_nodes: bool,
    console: &mut Console,
) -> Result<()> {
    console.line(count(summary.savers.len() as u64, "saver"))?;
    for saver in &summary.savers {
        let (nodes, bytes) = (count(saver.nodes, "node"), count(saver.bytes, "byte"));
        let name = shown(&saver.first_node);
        console.line(format_args!("  {name}: {nodes}, {bytes}, {}", used_by(saver)))?;
    }
    if with_nodes {
        graph.each_saver_node(|saver, node| print_node(&summary.savers, saver, &node, console))?;
    }
    Ok(())
}

fn print_node(
    savers: &[Saver],
    saver: usize,
    node: &SaverNode,
    console: &mut Console,
) -> Result<()> {
    let saver = savers.get(saver).map_or("", |saver| &saver.first_node);
    let (name, op) = (shown(&node.name), shown(&node.op));
    console.line(format_args!("node of {}: {name}  {op}", shown(saver)))
}

fn used_by(saver: &Saver) -> &'static str {
    match saver.used_by {
        SaverUse::SaverDef => "the one that saver_def names",
        SaverUse::Collection => "named by a collection or a signature",
        SaverUse::Node => "used by other nodes",
        SaverUse::Unknown => "no saver_def says whether it is used",
        SaverUse::Dead => "dead",
    }
}

fn dtype(dtype: Option<DType>) -> &'static str {
    dtype.map_or("?", DType::name)
}

fn shown(text: &str) -> String {
    name::display(text.as_bytes())
}
