//! `tfckpt graph`: the objects of a checkpoint.

mod json;
mod list;

use std::path::PathBuf;

use tfckpt::checkpoint::Reader;
use tfckpt::checkpoint::object_graph::{ObjectGraph, Role};
use tfckpt::{Error, ErrorKind, Result};

use crate::console::Console;
use crate::path;

/// List the objects of a checkpoint of tf.train.Checkpoint or Keras
///
/// One line for each variable: what it is, its path in the program, and the name that it had
/// there, which name-based savers take. Lines with = below it are other paths to the same
/// variable. What is no variable (an iterator, a table) is listed by its key.
///
/// The tensor of a variable has the name PATH/.ATTRIBUTES/VARIABLE_VALUE. In a path, a dot
/// within a name is written .. and a slash .S; what an optimizer keeps in a slot is
/// VARIABLE/.OPTIMIZER_SLOT/OPTIMIZER/SLOT. Where a tensor that the objects name is missing,
/// the exit code is 1.
#[derive(clap::Args)]
pub struct Args {
    #[arg(help = path::HELP)]
    path: PathBuf,
    /// Print one JSON document
    ///
    /// {"nodes": [{"path", "other_paths", "role", "children": [{"name", "node"}, ...],
    /// "attributes": [{"name", "full_name", "key"}, ...], "slots": [{"name", "variable",
    /// "node"}, ...], "registered_saver": {"name", "object_name"}, "has_checkpoint_values"},
    /// ...]}. A node is named by its place in the list; the first is the root. "role" is object,
    /// variable, slot, optimizer_state, save_counter or other. "path" is null where nothing leads
    /// to a node. "problems" is there where tensors are missing.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let reader = path::open(&args.path)?;
    let graph = ObjectGraph::read(&reader)?.ok_or_else(|| {
        let message = "there is no object graph: a name-based saver wrote this checkpoint";
        Error::new(ErrorKind::NotFound, message).in_file(reader.prefix())
    })?;
    let problems = missing(&graph, &reader);
    problems.iter().for_each(|problem| console.report(problem));
    if args.json { json::print(&graph, &problems, console) } else { list::print(&graph, console) }
}

/// The tensors that the graph names and the checkpoint lacks.
fn missing(graph: &ObjectGraph, reader: &Reader) -> Vec<Error> {
    let problem = |key: &str| match graph.tensors_of(key, reader) {
        Ok(tensors) if tensors.is_empty() => {
            let message = "the object graph names this tensor, which is not there";
            let error = Error::new(ErrorKind::NotFound, message).for_tensor(key.as_bytes());
            Some(error.in_file(reader.prefix()))
        }
        Ok(_) => None,
        Err(error) => Some(error),
    };
    graph.attributes().filter_map(|(_, attribute)| problem(&attribute.key)).collect()
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Object => "object",
        Role::Variable => "variable",
        Role::Slot => "slot",
        Role::OptimizerState => "optimizer_state",
        Role::SaveCounter => "save_counter",
        _ => "other",
    }
}
