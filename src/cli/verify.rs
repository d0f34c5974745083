//! `tfckpt verify`: all that is wrong with a checkpoint.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tfckpt::bundle::{ReadOptions, Report};
use tfckpt::checkpoint::Reader;
use tfckpt::{Error, ErrorKind, Result};

use crate::console::Console;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::progress::watch;
use crate::text::count;
use crate::threads::Threads;
use crate::{name, path};

/// Of V1 several threads hold no more of tensors than this, unless one has more.
const MAX_IN_FLIGHT: usize = 64 << 20;

/// Check every block of the index, or of V1 files, and every byte of every tensor
///
/// Lists all that is wrong, each with its file, tensor and byte offset, a data shard that is
/// missing once for all its tensors, and ends with a summary. The exit code is 0 where nothing is wrong, 1 where something is, and 2 where the system
/// refused to read.
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
    #[command(flatten)]
    threads: Threads,
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
        Ok(reader) => check(&reader, args.threads.number())?,
        Err(error) if is_verdict(&error) => Report { problems: vec![error], ..Report::default() },
        Err(error) => return Err(error),
    };
    for problem in &report.problems {
        console.raise(Exit::of_part(problem.kind()));
    }
    if args.json { print_json(&report, console) } else { print_text(&report, console) }
}

fn check(reader: &Reader, threads: usize) -> Result<Report> {
    watch("verifying", |progress| {
        let progress = progress.clone();
        reader.verify_with(&ReadOptions {
            threads,
            max_in_flight: MAX_IN_FLIGHT,
            progress,
            verify: true,
        })
    })
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
    let problems = Told::of(&report.problems);
    for problem in &problems {
        console.line(problem)?;
    }
    let verdict = match problems.len() {
        0 => "OK".to_string(),
        problems => count(problems as u64, "problem"),
    };
    console.line(format_args!(
        "{}, {}: {verdict}",
        count(report.tensors, "tensor"),
        count(report.bytes, "byte")
    ))
}

/// A problem, and the tensors that have it: a data shard that is missing is one problem
/// of many.
struct Told<'r> {
    problem: &'r Error,
    tensors: Vec<&'r [u8]>,
}

impl<'r> Told<'r> {
    /// The problems, each where the first of its kind stands.
    fn of(problems: &'r [Error]) -> Vec<Self> {
        let mut told: Vec<Self> = Vec::new();
        let mut shards: HashMap<&Path, usize> = HashMap::new();
        for problem in problems {
            let tensors = problem.tensor().into_iter().collect();
            let Some(shard) = missing_shard(problem) else {
                told.push(Self { problem, tensors });
                continue;
            };
            let at = *shards.entry(shard).or_insert(told.len());
            match told.get_mut(at) {
                Some(known) => known.tensors.extend(tensors),
                None => told.push(Self { problem, tensors }),
            }
        }
        told
    }
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(file), [first, _, ..]) = (missing_shard(self.problem), &*self.tensors) else {
            return self.problem.fmt(f);
        };
        let (file, first) = (name::path(file), name::display(first));
        let tensors = count(self.tensors.len() as u64, "tensor");
        write!(f, "{file}: {}; {tensors} in it, the first '{first}'", self.problem.message())
    }
}

/// The file of a data shard that could not be opened.
fn missing_shard(problem: &Error) -> Option<&Path> {
    let is_closed = matches!(problem.kind(), ErrorKind::NotFound | ErrorKind::Io);
    let is_whole_file = is_closed && problem.offset().is_none();
    problem.file().filter(|_| is_whole_file && problem.shard().is_some())
}
