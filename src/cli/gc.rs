//! `tfckpt gc`: what writers that came to no good end have left.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use tfckpt::Result;
use tfckpt::checkpoint::{Collected, GcOptions, gc};

use crate::console::Console;
use crate::name;
use crate::problem::Problem;
use crate::text::count;

/// Remove temporary files that no writer will ever finish
///
/// A writer of this library holds a lock as long as it lives, and a crash releases it: its files
/// go as soon as they are stale, and never while somebody is at work on them. Checkpoints, whole
/// or not, are not touched, but for their orphans where that is asked for.
#[derive(clap::Args)]
pub struct Args {
    /// The directory
    dir: PathBuf,
    /// Also what saves of TensorFlow have left: *.tempstate*, *.tmp*, *_temp
    ///
    /// TensorFlow does not tell whether it is still at work on them, so their age decides.
    #[arg(long)]
    tensorflow: bool,
    /// Also data files that no index names: *.data-*-of-*
    ///
    /// A crash between data and index leaves them; but so does a save or a download whose index is
    /// still to come, so their age decides.
    #[arg(long)]
    orphans: bool,
    /// Only say what would be removed
    #[arg(long)]
    dry_run: bool,
    /// How old a file must be, if nothing else tells whether its writer lives
    ///
    /// That is so for TensorFlow's files, for orphans, and for those of this library where the
    /// file system has no locks.
    #[arg(long, value_name = "SECONDS", default_value_t = 24 * 60 * 60)]
    min_age: u64,
    /// Print one JSON document
    ///
    /// {"dry_run", "removed": [path, ...], "in_use": [...], "too_young": [...], "problems":
    /// [{"status", "message", "file"}, ...]}
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

#[derive(Serialize)]
struct Document<'c> {
    dry_run: bool,
    removed: Vec<Cow<'c, str>>,
    in_use: Vec<Cow<'c, str>>,
    too_young: Vec<Cow<'c, str>>,
    problems: Vec<Problem<'c>>,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let options = GcOptions {
        tensorflow: args.tensorflow,
        orphans: args.orphans,
        min_age: Duration::from_secs(args.min_age),
        dry_run: args.dry_run,
        ..GcOptions::default()
    };
    let collected = gc(&args.dir, &options)?;
    collected.problems.iter().for_each(|error| console.report(error));
    if args.json {
        print_json(args, &collected, console)
    } else {
        print_text(args, &collected, console)
    }
}

fn print_json(args: &Args, collected: &Collected, console: &mut Console) -> Result<()> {
    console.json(&Document {
        dry_run: args.dry_run,
        removed: json(&collected.removed),
        in_use: json(&collected.in_use),
        too_young: json(&collected.too_young),
        problems: Problem::list(&collected.problems),
    })?;
    console.line("")
}

fn json(paths: &[PathBuf]) -> Vec<Cow<'_, str>> {
    paths.iter().map(|path| name::json(path.as_os_str().as_bytes()).0).collect()
}

fn print_text(args: &Args, collected: &Collected, console: &mut Console) -> Result<()> {
    let removed = if args.dry_run { "would be removed" } else { "removed" };
    for (paths, what) in [
        (&collected.removed, removed),
        (&collected.in_use, "in use"),
        (&collected.too_young, "too young"),
    ] {
        for path in paths {
            console.line(format_args!("{}: {what}", name::path(path)))?;
        }
    }
    console.line(format_args!(
        "{} {removed}, {} in use, {} too young",
        count(collected.removed.len() as u64, "file"),
        collected.in_use.len(),
        collected.too_young.len()
    ))
}
