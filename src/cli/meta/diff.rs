//! `tfckpt meta diff`: why one graph is larger than another.

use std::path::PathBuf;

use tfckpt::graph::{MetaFile, MetaGraph, StripOptions};
use tfckpt::{Error, ErrorKind, Result};

use super::json;
use crate::console::Console;
use crate::exit::Exit;
use crate::name;
use crate::progress::spin;
use crate::text::count;

/// Explain why the graph B is larger than A, or smaller
///
/// A line for each kind of thing that came on top, went away or is different, what weighs most
/// first: savers, nodes that have the name of another and a number, nodes by their outermost
/// scope, functions, collections. Last comes how much 'tfckpt meta strip' cuts of B. The exit code is 0 where nothing differs, and 1 where something
/// does.
#[derive(clap::Args)]
pub struct Args {
    #[arg(help = super::HELP)]
    a: PathBuf,
    /// The other
    b: PathBuf,
    /// Print one JSON document
    ///
    /// {"bytes_before", "bytes_after", "changes": [{"kind", "subject", "name", "items", "savers",
    /// "bytes_before", "bytes_after", "constant_bytes", "examples": [name, ...]}, ...],
    /// "constants": {"count", "bytes", "largest": [{"name", "bytes"}, ...]}, "dead_savers",
    /// "dead_bytes", "strip_bytes"}. "kind" is added, removed or changed; "subject" is savers, repeats, scope,
    /// op, functions, collection, signatures or part, "name" which scope, op, collection or part.
    /// "constants" are those of B that A has not got, or has otherwise. "dead_savers" and
    /// "dead_bytes" are of B, and so is "strip_bytes": what 'tfckpt meta strip' cuts of
    /// it, dead savers and all else; null where it can't, as for a SavedModel.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let (a, b) = (MetaFile::find(&args.a)?, MetaFile::find(&args.b)?);
    let (before, after) = (only_graph(&a)?, only_graph(&b)?);
    let diff = spin("comparing", || before.diff(after))?;
    if !diff.changes.is_empty() {
        console.raise(Exit::Bad);
    }
    let cut = spin("stripping", || strippable_bytes(&b));
    if args.json {
        console.json(&json::diff(&diff, cut))?;
        return console.line("");
    }
    // The names of nodes are a file's: nothing of them may drive the terminal.
    diff.to_string().lines().try_for_each(|line| console.line(name::display(line.as_bytes())))?;
    match cut {
        Some(cut @ 1..) => {
            console.line(format_args!("'meta strip' cuts {} of the second", count(cut, "byte")))
        }
        _ => Ok(()),
    }
}

/// How many bytes 'meta strip' cuts if nothing else is asked of it; `None` where it does
/// not go.
fn strippable_bytes(file: &MetaFile) -> Option<u64> {
    let stripped = file.meta_graph().and_then(|graph| graph.strippable(&StripOptions::default()));
    stripped.ok().map(|stripped| stripped.bytes_before.saturating_sub(stripped.bytes_after))
}

fn only_graph(file: &MetaFile) -> Result<&MetaGraph> {
    match file.graphs() {
        [graph] => Ok(graph),
        graphs => {
            let what = format!("a SavedModel of {} graphs; one is compared with one", graphs.len());
            Err(Error::new(ErrorKind::Unsupported, what).in_file(file.path()))
        }
    }
}
