//! `tfckpt state`: what the state file says, and what is there, file by file.

mod json;
mod look;
mod repaired;
mod table;

use std::path::Path;

use tfckpt::checkpoint::{RepairOptions, SurveyOptions, repair};
use tfckpt::{Error, ErrorKind, Result};

use self::look::Look;
use crate::console::Console;
use crate::directory::{self, Place};
use crate::exit::Exit;
use crate::progress::spin;

/// Show what a directory holds: what its state file says, what of it is there and whole, and what
/// lies beside
///
/// One line for each checkpoint that the file names, from the oldest to the newest, the latest
/// marked with '*'; then one for each that lies in the directory and is not named, with '-'; then
/// one for each file that is of no checkpoint, with '?'. The exit code is 1 if a checkpoint that
/// the file names is missing or damaged. Without a state file, or where it is damaged, the same is
/// shown, but that is an error.
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
    /// "prefix", "timestamp", "latest", "format", "step", "whole", "problems"}, ...], "unnamed":
    /// [{"prefix", "format", "step", "whole", "problems"}, ...], "files": [{"path", "kind",
    /// "checkpoint", "bytes", "note"}, ...]}. "path" is as it stands in the file, "prefix" where
    /// the checkpoint is, null where it is not there. "problem" is the first of the problems, and
    /// at the top level what is wrong with the state file. "files" are all in the directory;
    /// "checkpoint" is the prefix of the one that a file belongs to, and "kind" one of "state",
    /// "index", "data", "meta", "V1", "temporary", "directory", "other". With --repair:
    /// {"changed", "latest", "added": [prefix, ...], "dropped": [{"path", "status", "message",
    /// ...}, ...]}.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    if args.repair { mend(args, console) } else { show(args, console) }
}

fn show(args: &Args, console: &mut Console) -> Result<()> {
    let (dir, state) = args.place.resolve()?;
    let options = SurveyOptions { state, depth: directory::depth(args.quick) };
    let look = spin("verifying", || Look::at(&dir, &options))?;
    match (&look.survey.state, &look.survey.state_problem) {
        (Some(_), _) if look.is_well() => {}
        (Some(_), _) => console.raise(Exit::Bad),
        (None, Some(problem)) => tell(problem, console),
        (None, None) => tell(&no_state_file(&look.file), console),
    }
    if args.json { json::print(&look, console) } else { table::print(&look, console) }
}

/// Why it is no state file that the answer goes by.
fn tell(problem: &Error, console: &mut Console) {
    console.raise(Exit::of(problem.kind()));
    console.complain(problem);
}

fn no_state_file(file: &Path) -> Error {
    Error::new(ErrorKind::NotFound, "there is no state file").in_file(file)
}

fn mend(args: &Args, console: &mut Console) -> Result<()> {
    let (dir, state) = args.place.resolve()?;
    let depth = directory::depth(args.quick);
    let file = dir.join(&state.file_name);
    let options = RepairOptions { state, depth, ..RepairOptions::default() };
    let done = spin("verifying", || repair(&dir, &options))?;
    if args.json {
        repaired::print_json(&done, console)
    } else {
        repaired::print_text(&done, &file, console)
    }
}
