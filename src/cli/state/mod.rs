//! `tfckpt state`: what the state file says, and what is there.

mod json;
mod look;
mod repaired;
mod table;

use tfckpt::Result;
use tfckpt::checkpoint::{RepairOptions, repair};

use self::look::Look;
use crate::console::Console;
use crate::directory::{self, Place};
use crate::exit::Exit;
use crate::progress::spin;

/// Show what a state file says, what of it is there and whole, and what lies beside
///
/// One line for each checkpoint that the file names, from the oldest to the newest, the latest
/// marked with '*'; then one for each that lies in the directory and is not named. The exit code
/// is 1 if a checkpoint that the file names is missing or damaged.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Rewrite the state file, and say what changed
    ///
    /// The new file names the checkpoints that are there and whole, by paths relative to it, and
    /// no others. Those that the old one named keep their order and times, and the newest of them
    /// is the latest; those that it did not name come before them, by step and time. No
    /// checkpoint is touched.
    #[arg(long)]
    repair: bool,
    /// See only that no data is missing, without reading all of it
    #[arg(long)]
    quick: bool,
    /// Print one JSON document
    ///
    /// {"file", "latest": {"path", "prefix"}, "last_preserved_timestamp", "checkpoints": [{"path",
    /// "prefix", "timestamp", "latest", "whole", "problem"}, ...], "unnamed": [{"prefix", "whole",
    /// "problem"}, ...]}. "path" is as it stands in the file, "prefix" where the checkpoint is,
    /// null where it is not there. With --repair: {"changed", "latest", "added": [prefix, ...],
    /// "dropped": [{"path", "status", "message", ...}, ...]}.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    if args.repair { mend(args, console) } else { show(args, console) }
}

fn show(args: &Args, console: &mut Console) -> Result<()> {
    let (dir, options) = args.place.resolve()?;
    let depth = directory::depth(args.quick);
    let look = spin("verifying", || Look::at(&dir, &options, depth))?;
    if !look.is_well() {
        console.raise(Exit::Bad);
    }
    if args.json { json::print(&look, console) } else { table::print(&look, console) }
}

fn mend(args: &Args, console: &mut Console) -> Result<()> {
    let (dir, state) = args.place.resolve()?;
    let depth = directory::depth(args.quick);
    let options = RepairOptions { state, depth, ..RepairOptions::default() };
    let done = spin("verifying", || repair(&dir, &options))?;
    if args.json {
        repaired::print_json(&done, console)
    } else {
        repaired::print_text(&done, console)
    }
}
