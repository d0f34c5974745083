//! `tfckpt convert`: to and from the files of others.
//!
//! ```text
//! checkpoint ──► export: names, types ──► sink ──► .safetensors, .npz
//! checkpoint ◄── import: names, types ◄── archive ◄── .safetensors, .npz
//! ```

mod archive;
mod elements;
mod error;
mod export;
mod format;
mod import;
mod npz;
mod output;
mod safetensors;
mod sink;

use std::path::PathBuf;

use tfckpt::Result;
use tfckpt::checkpoint::{CopyOptions, Glob, NameRule};
use tfckpt::tensor::{Cast, DType};

use self::error::invalid;
use self::format::Format;
use crate::console::Console;
use crate::copy::{parse_dtype, rule_parser};
use crate::glob;

/// Convert a checkpoint to a .safetensors or .npz file, or such a file to a checkpoint
///
/// One of SRC and DST is a checkpoint, the other a file whose name ends in .safetensors or .npz.
/// Every byte is checked on the way, and stays the same; what the other side has no type or no name
/// for is listed, and nothing is written then. The object graph of an object-based checkpoint has
/// no values and stays behind.
#[derive(clap::Args)]
pub struct Args {
    /// The checkpoint (any path that leads to one) or the file to convert
    src: PathBuf,
    /// The prefix of the checkpoint, or the file, to write; nothing may be there yet
    dst: PathBuf,
    /// Only tensors whose whole name matches: * for anything (/ too), ? for a character, [a-z]
    ///
    /// May be given several times: what any of them matches is converted.
    #[arg(long, value_name = "GLOB", value_parser = glob::parser())]
    filter: Vec<Glob>,
    /// Give a tensor another name; may be given several times
    ///
    /// As 'tfckpt copy' does.
    #[arg(long, value_name = "FROM=TO", value_parser = rule_parser())]
    rename: Vec<NameRule>,
    /// Leave out what is an optimizer's alone, as the object graph of the checkpoint tells
    #[arg(long)]
    drop_optimizer_state: bool,
    /// Turn all tensors of floating types into this dtype
    ///
    /// As 'tfckpt copy' does. A .npz has float16, float32 and float64.
    #[arg(long, value_name = "DTYPE", value_parser = parse_dtype)]
    cast: Option<DType>,
    /// Number of data shards of the checkpoint to write, of about equal size [default: 1]
    #[arg(long, value_name = "N")]
    shards: Option<u32>,
    /// Begin each tensor of the checkpoint to write at a multiple of N bytes
    ///
    /// As 'tfckpt copy' does.
    #[arg(long, value_name = "N")]
    align: Option<u64>,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    match (Format::of(&args.src), Format::of(&args.dst)) {
        (None, Some(format)) => export::run(args, format, console),
        (Some(format), None) => import::run(args, format, console),
        (None, None) => Err(invalid("neither SRC nor DST ends in .safetensors or .npz")),
        (Some(_), Some(_)) => {
            Err(invalid("SRC and DST are both files of others; one of them is to be a checkpoint"))
        }
    }
}

impl Args {
    /// What a copy would be told of the tensors.
    fn copy_options(&self) -> CopyOptions {
        CopyOptions {
            filters: self.filter.iter().cloned().map(Into::into).collect(),
            renames: self.rename.clone(),
            drop_optimizer_state: self.drop_optimizer_state,
            ..CopyOptions::default()
        }
    }

    fn cast(&self) -> Result<Option<Cast>> {
        self.cast.map(Cast::to).transpose()
    }
}
