//! `tfckpt verify`: all that is wrong with a checkpoint.

use std::path::PathBuf;

use serde::Serialize;
use tfckpt::bundle::Report;
use tfckpt::{Error, ErrorKind, Result};

use crate::console::Console;
use crate::exit::Exit;
use crate::path;
use crate::problem::Problem;
use crate::progress::watch;
use crate::text::count;

/// Check every block of the index, or of V1 files, and every byte of every tensor
///
/// Lists all that is wrong, each with its file, tensor and byte offset, and ends with a
/// summary. The exit code is 0 where nothing is wrong, and 1 where something is.
#[derive(clap::Args)]
pub struct Args {
    #[arg(help = path::HELP)]
    path: PathBuf,
    /// Print one JSON document
    ///
    /// {"ok", "tensors", "bytes", "problems": [{"status", "message", "file", "tensor", "shard",
    /// "offset"}, ...]}. "tensors" were looked at, "bytes" found good. Of a problem's place,
    /// what is known is there; "tensor_b64" for a name that is not UTF-8.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

#[derive(Serialize)]
struct Summary<'r> {
    ok: bool,
    tensors: u64,
    bytes: u64,
    problems: Vec<Problem<'r>>,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let report = match path::open(&args.path) {
        Ok(reader) => watch("verifying", |progress| reader.verify(progress))?,
        Err(error) if is_verdict(&error) => Report { problems: vec![error], ..Report::default() },
        Err(error) => return Err(error),
    };
    if !report.is_ok() {
        console.raise(Exit::Bad);
    }
    if args.json { print_json(&report, console) } else { print_text(&report, console) }
}

/// Whether an error at opening is about what stands in the file.
fn is_verdict(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::DataLoss | ErrorKind::Unsupported)
}

fn print_json(report: &Report, console: &mut Console) -> Result<()> {
    console.json(&Summary {
        ok: report.is_ok(),
        tensors: report.tensors,
        bytes: report.bytes,
        problems: Problem::list(&report.problems),
    })?;
    console.line("")
}

fn print_text(report: &Report, console: &mut Console) -> Result<()> {
    for problem in &report.problems {
        console.line(problem)?;
    }
    let verdict = match report.problems.len() {
        0 => "OK".to_string(),
        problems => count(problems as u64, "problem"),
    };
    console.line(format_args!(
        "{}, {}: {verdict}",
        count(report.tensors, "tensor"),
        count(report.bytes, "byte")
    ))
}
