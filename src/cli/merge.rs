//! `tfckpt merge`: several checkpoints into one.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches, ValueEnum, value_parser};
use tfckpt::Result;
use tfckpt::bundle::{MergeOptions, OnConflict, Transfer};
use tfckpt::checkpoint::{NameMap, NameRule, merge_named};

use crate::copy::rule_parser;
use crate::path;
use crate::progress::watch;
use crate::threads::Threads;

/// Merge several checkpoints into one
///
/// Everything is checked before anything is written. Until the merged checkpoint is there, whole,
/// every source stays as it is; so it does when the merge fails. Slices of one partitioned
/// tensor are brought together. Where a source is V1, or slices overlap of which one wins, the
/// values of all are written anew.
///
/// Object graphs of tf.train.Checkpoint and Keras become one of the objects of all. Of an object
/// that has other names in one source than in another, that of the first counts (with
/// '--on-conflict last', of the last). Several object graphs are no conflict, nor are several save
/// counters.
#[derive(clap::Args)]
pub struct Args {
    /// The prefix of the merged checkpoint; nothing may be there yet
    #[arg(short, long, value_name = "DST")]
    output: PathBuf,
    #[command(flatten)]
    sources: Sources,
    /// What to do where two sources have a tensor of the same name, or the same elements of a
    /// partitioned one
    #[arg(long, value_name = "WHAT", default_value = "error")]
    on_conflict: Conflict,
    /// What becomes of the data files
    #[arg(long, value_name = "HOW", default_value = "copy")]
    data: Data,
    #[command(flatten)]
    threads: Threads,
}

/// The sources, each with the rules that stand behind it.
#[derive(Clone)]
struct Sources(Vec<(PathBuf, NameMap)>);

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
    let mut options = MergeOptions {
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
        threads: args.threads.number(),
        ..MergeOptions::default()
    };
    watch("merging", |progress| {
        options.progress = progress.clone();
        merge_named(&args.output, &args.sources.0, &options)
    })
}

// By hand, because only the places of the arguments tell which rule is for which source.
impl clap::Args for Sources {
    fn augment_args(command: Command) -> Command {
        let sources = Arg::new("sources")
            .value_name("SRC")
            .help("The checkpoints: prefixes, or any of their files")
            .value_parser(value_parser!(PathBuf))
            .num_args(1..)
            .required(true);
        let rename = Arg::new("rename")
            .long("rename")
            .value_name("FROM=TO")
            .help("Give tensors of the SRC before it other names; may be given several times")
            .long_help(
                "Give tensors of the SRC before it other names; may be given several times\n\n\
                 As in 'A --rename 'model/*=encoder/*' B'. FROM is a whole name; one * in it stands \
                 for anything, and in TO for what that was. A backslash takes the meaning from =, \
                 * and itself. A tensor that several rules fit gets several names, and one that \
                 none fits keeps its own. Rules that fit none, and two tensors of one source that \
                 would have one name, are errors.",
            )
            .value_parser(rule_parser())
            .action(ArgAction::Append);
        command.arg(sources).arg(rename)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Sources {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let paths = matches.get_many::<PathBuf>("sources").into_iter().flatten();
        let places = matches.indices_of("sources").into_iter().flatten();
        let mut sources: Vec<(usize, PathBuf, NameMap)> = places
            .zip(paths)
            .map(|(place, path)| (place, path.clone(), NameMap::default()))
            .collect();
        let rules = matches.get_many::<NameRule>("rename").into_iter().flatten();
        for (place, rule) in matches.indices_of("rename").into_iter().flatten().zip(rules) {
            let before = sources.iter_mut().rfind(|(source, ..)| *source < place);
            let Some((_, _, names)) = before else {
                let message = "--rename comes behind the SRC that it is for\n";
                return Err(clap::Error::raw(clap::error::ErrorKind::ValueValidation, message));
            };
            names.rules.push(rule.clone());
        }
        Ok(Self(sources.into_iter().map(|(_, path, names)| (path, names)).collect()))
    }

    fn update_from_arg_matches(
        &mut self,
        matches: &ArgMatches,
    ) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
