//! `tfckpt meta diff`: why one graph is larger than another.

use std::path::{Path, PathBuf};

use tfckpt::graph::{MetaFile, MetaGraph};
use tfckpt::{Error, ErrorKind, Result};

use super::json;
use crate::console::Console;
use crate::exit::Exit;
use crate::name;
use crate::progress::spin;

/// Explain why the graph B is larger than A, or smaller
///
/// A line for each kind of thing that came on top, went away or is different, what weighs most
/// first: savers, nodes that have the name of another and a number, nodes by their outermost
/// scope, functions, collections. The exit code is 0 where nothing differs, and 1 where something
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
    /// "dead_bytes"}. "kind" is added, removed or changed; "subject" is savers, repeats, scope,
    /// op, functions, collection, signatures or part, "name" which scope, op, collection or part.
    /// "constants" are those of B that A has not got, or has otherwise. "dead_savers" and
    /// "dead_bytes" are of B.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let (a, b) = (only_graph(&args.a)?, only_graph(&args.b)?);
    let diff = spin("comparing", || a.diff(&b))?;
    if !diff.changes.is_empty() {
        console.raise(Exit::Bad);
    }
    if args.json {
        console.json(&json::diff(&diff))?;
        return console.line("");
    }
    // The names of nodes are a file's: nothing of them may drive the terminal.
    diff.to_string().lines().try_for_each(|line| console.line(name::display(line.as_bytes())))
}

fn only_graph(path: &Path) -> Result<MetaGraph> {
    let file = MetaFile::find(path)?;
    match file.graphs() {
        [graph] => Ok(graph.clone()),
        graphs => {
            let what = format!("a SavedModel of {} graphs; one is compared with one", graphs.len());
            Err(Error::new(ErrorKind::Unsupported, what).in_file(file.path()))
        }
    }
}
