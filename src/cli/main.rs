//! The `tfckpt` command. Each verb has a file, or a folder, of its name.

mod blocks;
mod cat;
mod console;
mod convert;
mod copy;
mod diff;
mod digest;
mod directory;
mod exit;
mod gc;
mod glob;
mod graph;
mod latest;
mod ls;
mod man;
mod merge;
mod meta;
mod name;
mod path;
mod problem;
mod progress;
mod skipped;
mod state;
mod text;
mod threads;
mod time;
mod value;
mod verify;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tfckpt::Result;

use crate::console::Console;
use crate::exit::Exit;

/// What the exit codes say.
const EXIT_STATUS: &[(u8, &str)] = &[
    (Exit::Fine as u8, "All is well; for diff, nothing differs."),
    (Exit::Bad as u8, "The data is damaged or incomplete; for diff, something differs."),
    (
        Exit::Failed as u8,
        "Wrong usage, no such checkpoint or tensor, or the system refused to read or write.",
    ),
];

/// Reads, checks and rewrites TensorFlow checkpoints without TensorFlow
///
/// A checkpoint is given as PATH: its prefix, as in 'model.ckpt-1000', one of its files
/// (PREFIX.index, PREFIX.data-00000-of-00001, PREFIX.meta, a V1 file), a state file ('checkpoint'),
/// a directory (its latest checkpoint), or that of a SavedModel. V2 and V1 are read alike.
/// Results go to standard output, and with --json they are one JSON document; errors go to
/// standard error. A checkpoint that is written appears whole or not at all, and nothing is ever
/// overwritten.
#[derive(Parser)]
#[command(version, arg_required_else_help = true, disable_help_subcommand = true)]
#[command(subcommand_value_name = "VERB", subcommand_help_heading = "Verbs")]
#[command(after_long_help = exit_status())]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Ls(ls::Args),
    Cat(cat::Args),
    Verify(verify::Args),
    Copy(copy::Args),
    Merge(merge::Args),
    Diff(diff::Args),
    Latest(latest::Args),
    State(state::Args),
    Graph(graph::Args),
    Meta(meta::Args),
    Convert(convert::Args),
    Gc(gc::Args),
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

fn exit_status() -> String {
    let rows = EXIT_STATUS.iter().map(|(code, meaning)| format!("\n  {code}  {meaning}"));
    format!("Exit status:{}", rows.collect::<String>())
}

impl Verb {
    fn run(&self, console: &mut Console) -> Result<()> {
        match self {
            Self::Ls(args) => ls::run(args, console),
            Self::Cat(args) => cat::run(args, console),
            Self::Verify(args) => verify::run(args, console),
            Self::Copy(args) => copy::run(args),
            Self::Merge(args) => merge::run(args),
            Self::Diff(args) => diff::run(args, console),
            Self::Latest(args) => latest::run(args, console),
            Self::State(args) => state::run(args, console),
            Self::Graph(args) => graph::run(args, console),
            Self::Meta(args) => meta::run(args, console),
            Self::Convert(args) => convert::run(args, console),
            Self::Gc(args) => gc::run(args, console),
            Self::Man => man::run(console),
        }
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    let mut console = Console::new();
    let result = cli.verb.run(&mut console);
    console.finish(result).into()
}

/// Prints the help or the version that was asked for, or what is wrong with the
/// arguments.
fn explain(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        let text = error.render().to_string();
        let text =
            text.strip_prefix("error: ").map_or(text.clone(), |rest| format!("tfckpt: {rest}"));
        let _ = std::io::stderr().write_all(text.as_bytes());
        return Exit::Failed.into();
    }
    // A reader that has gone away has seen enough.
    let _ = error.print();
    Exit::Fine.into()
}
