//! `tfckpt merge`: several checkpoints into one.

use std::path::PathBuf;

use clap::ValueEnum;
use tfckpt::Result;
use tfckpt::bundle::{MergeOptions, OnConflict, Transfer};
use tfckpt::checkpoint::merge;

use crate::path;
use crate::progress::spin;

/// Merge several checkpoints into one
///
/// Everything is checked before anything is written. Until the merged checkpoint is there, whole,
/// every source stays as it is; so it does when the merge fails. Slices of one partitioned
/// tensor are brought together. Where a source is V1, or slices overlap of which one wins, the
/// values of all are written anew.
#[derive(clap::Args)]
pub struct Args {
    /// The prefix of the merged checkpoint; nothing may be there yet
    #[arg(short, long, value_name = "DST")]
    output: PathBuf,
    /// The checkpoints: prefixes, or any of their files
    #[arg(required = true, value_name = "SRC")]
    sources: Vec<PathBuf>,
    /// What to do where two sources have a tensor of the same name, or the same elements of a
    /// partitioned one
    #[arg(long, value_name = "WHAT", default_value = "error")]
    on_conflict: Conflict,
    /// What becomes of the data files
    #[arg(long, value_name = "HOW", default_value = "copy")]
    data: Data,
}

#[derive(Clone, Copy, ValueEnum)]
enum Conflict {
    /// List all such names and merge nothing
    Error,
    /// Take the tensor of the source named first
    First,
    /// Take the tensor of the source named last
    Last,
}

#[derive(Clone, Copy, ValueEnum)]
enum Data {
    /// They are copied
    Copy,
    /// They get a second name as hard links; copied where that cannot be
    Link,
    /// They are moved; the sources are gone when the merged checkpoint is safe on disk
    Move,
}

pub fn run(args: &Args) -> Result<()> {
    path::check_destination(&args.output)?;
    let options = MergeOptions {
        on_conflict: match args.on_conflict {
            Conflict::Error => OnConflict::Error,
            Conflict::First => OnConflict::First,
            Conflict::Last => OnConflict::Last,
        },
        transfer: match args.data {
            Data::Copy => Transfer::Copy,
            Data::Link => Transfer::Link,
            Data::Move => Transfer::Move,
        },
        ..MergeOptions::default()
    };
    spin("merging", || merge(&args.output, &args.sources, &options))
}
