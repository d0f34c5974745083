//! `tfckpt copy`: a checkpoint into another.

use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::{OsStringValueParser, TypedValueParser};
use tfckpt::Result;
use tfckpt::checkpoint::{CopyData, CopyOptions, Glob, NameRule, copy_reader};
use tfckpt::tensor::DType;

use crate::progress::watch;
use crate::threads::Threads;
use crate::{glob, path};

/// Copy a checkpoint, or a part of it, under other names if need be
///
/// Every byte is checked on the way, unless --data keeps the data as it is. The copy is
/// little-endian, keeps the order in which the data is stored, and appears at DST whole or not at
/// all. Partitioned tensors stay partitioned; where slices are missing, as in one part of a
/// sharded save, those that are there are copied. A V1 checkpoint becomes one of V2.
///
/// The object graph of tf.train.Checkpoint and Keras comes along and stays true: what it says of
/// tensors that are left out goes, and its keys follow the names. A name that does not end as
/// before from /.ATTRIBUTES/ on is lost to it. --filter and --rename are not for it; where nothing
/// of it is left it is left out.
#[derive(clap::Args)]
pub struct Args {
    #[arg(help = path::HELP)]
    src: PathBuf,
    /// The prefix of the copy; nothing may be there yet
    dst: PathBuf,
    /// Only tensors whose whole name matches: * for anything (/ too), ? for a character, [a-z]
    ///
    /// May be given several times: what any of them matches is copied.
    #[arg(long, value_name = "GLOB", value_parser = glob::parser())]
    filter: Vec<Glob>,
    /// Give a tensor another name; may be given several times
    ///
    /// FROM is a whole name; one * in it stands for anything, and in TO for what that was, as
    /// in 'old/*=new/*'. A backslash takes the meaning from =, * and itself. The first rule
    /// that fits a name counts. Rules that fit none, and two tensors that would have one name,
    /// are errors.
    #[arg(long, value_name = "FROM=TO", value_parser = rule_parser())]
    rename: Vec<NameRule>,
    /// Leave out what is an optimizer's alone: slots, counters, the learning rate
    ///
    /// The object graph tells what that is: without one this is an error.
    #[arg(long)]
    drop_optimizer_state: bool,
    /// What becomes of the data
    #[arg(long, value_name = "HOW", default_value = "rewrite")]
    data: Data,
    /// Turn all tensors of floating types into this dtype
    ///
    /// As DT_BFLOAT16, bfloat16 or float16. Values are rounded once, to nearest, ties to even;
    /// what is too large becomes infinity, or NaN in dtypes without infinity. Integer, boolean,
    /// complex, string and variant tensors stay as they are.
    #[arg(long, value_name = "DTYPE", value_parser = parse_dtype)]
    cast: Option<DType>,
    /// Number of data shards, of about equal size [default: as many as SRC]
    #[arg(long, value_name = "N")]
    shards: Option<u32>,
    /// Begin each tensor at a multiple of N bytes; 1 packs them as TensorFlow does
    ///
    /// A power of two. [default: 64 for tensors of 4 KiB and more, the element size for
    /// smaller ones]
    #[arg(long, value_name = "N")]
    align: Option<u64>,
    #[command(flatten)]
    threads: Threads,
}

#[derive(Clone, Copy, ValueEnum)]
enum Data {
    /// It is checked and written anew, without what is left out
    Rewrite,
    /// Its files are copied as they are; only the index is written. V2 alone
    ///
    /// What is in them is not checked, but no damage gets lost: the checksums of all tensors go
    /// into the new index as they are, and whoever reads the copy is told.
    Copy,
    /// Its files get a second name as hard links; only the index is written. V2 alone
    ///
    /// As for 'copy', nothing is checked and no damage gets lost.
    Link,
}

pub fn run(args: &Args) -> Result<()> {
    path::check_destination(&args.dst)?;
    let mut options = args.options();
    options.check()?;
    let reader = path::open(&args.src)?;
    watch("copying", |progress| {
        options.progress = progress.clone();
        copy_reader(&args.dst, &reader, &options)
    })
}

impl Args {
    fn options(&self) -> CopyOptions {
        CopyOptions {
            filters: self.filter.iter().cloned().map(Into::into).collect(),
            renames: self.rename.clone(),
            drop_optimizer_state: self.drop_optimizer_state,
            data: match self.data {
                Data::Rewrite => CopyData::Rewrite,
                Data::Copy => CopyData::Copy,
                Data::Link => CopyData::Link,
            },
            cast: self.cast,
            num_shards: self.shards,
            alignment: self.align,
            threads: self.threads.number(),
            ..CopyOptions::default()
        }
    }
}

/// How an argument becomes a rule.
pub fn rule_parser() -> impl TypedValueParser<Value = NameRule> {
    OsStringValueParser::new()
        .try_map(|rule| NameRule::parse(rule.into_vec()).map_err(|error| error.to_string()))
}

/// Parses the name of a type: `DT_BFLOAT16`, `bfloat16`, `float32`.
pub fn parse_dtype(text: &str) -> std::result::Result<DType, String> {
    let name = text.to_uppercase();
    let name = match name.strip_prefix("DT_").unwrap_or(&name) {
        "FLOAT16" => "HALF",
        "FLOAT32" => "FLOAT",
        "FLOAT64" => "DOUBLE",
        name => name,
    };
    DType::from_name(&format!("DT_{name}")).ok_or_else(|| "there is no such dtype".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_types() {
        for (text, dtype) in [
            ("DT_BFLOAT16", DType::BFLOAT16),
            ("bfloat16", DType::BFLOAT16),
            ("float16", DType::HALF),
            ("half", DType::HALF),
            ("float32", DType::FLOAT),
            ("float64", DType::DOUBLE),
            ("float8_e4m3fn", DType::FLOAT8_E4M3FN),
        ] {
            assert_eq!(parse_dtype(text), Ok(dtype), "{text}");
        }
        for text in ["", "float16_", "DT_", "bf16"] {
            assert!(parse_dtype(text).is_err(), "{text}");
        }
    }
}
