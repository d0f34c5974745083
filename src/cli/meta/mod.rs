//! `tfckpt meta`: the graph beside a checkpoint.

mod diff;
mod json;
mod ls;
mod strip;

use clap::Subcommand;
use tfckpt::Result;

use crate::console::Console;

/// What a path may be, for the help.
const HELP: &str = "The graph: a .meta file, a saved_model.pb, or what leads to one: a prefix or \
     a file of a checkpoint, a directory (its latest), or that of a SavedModel";

/// What is in a .meta file, why one is larger than another, cut the dead parts out
///
/// A .meta file holds the graph beside a checkpoint of TensorFlow 1. It grows, while the data
/// beside it stays, with each tf.train.Saver that a program makes, each import of the graph into
/// itself, and each op that is made in a loop. Files of any size are read, past the 2 GB at which
/// TensorFlow stops; of a SavedModel, the graphs are read alike.
#[derive(clap::Args)]
#[command(disable_help_subcommand = true)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Ls(ls::Args),
    Diff(diff::Args),
    Strip(strip::Args),
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    match &args.verb {
        Verb::Ls(args) => ls::run(args, console),
        Verb::Diff(args) => diff::run(args, console),
        Verb::Strip(args) => strip::run(args, console),
    }
}
