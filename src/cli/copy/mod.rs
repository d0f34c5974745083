//! `tfckpt copy`: a checkpoint written anew.

pub mod cast;
mod plan;

use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use tfckpt::Result;
use tfckpt::bundle::{ReadOptions, Writer, WriterOptions};
use tfckpt::checkpoint::{NameRule, Piece, Reader};
use tfckpt::tensor::{DType, Slice};

use self::cast::Cast;
use self::plan::{Plan, Source};
use crate::console::Console;
use crate::glob::Glob;
use crate::path;

/// Copy a checkpoint, rewriting it
///
/// Every byte is checked on the way. The copy is little-endian, keeps the order in which
/// the data is stored, and appears at DST whole or not at all. Partitioned tensors stay
/// partitioned; where slices are missing, as in one part of a sharded save, those that are
/// there are copied. A V1 checkpoint becomes one of V2.
#[derive(clap::Args)]
pub struct Args {
    #[arg(help = path::HELP)]
    src: PathBuf,
    /// The prefix of the copy; nothing may be there yet
    dst: PathBuf,
    /// Only tensors whose whole name matches: * for anything (/ too), ? for a character, [a-z]
    #[arg(long, value_name = "GLOB", value_parser = Glob::parser())]
    filter: Option<Glob>,
    /// Give a tensor another name; may be given several times
    ///
    /// FROM is a whole name; one * in it stands for anything, and in TO for what that was, as
    /// in 'old/*=new/*'. A backslash takes the meaning from =, * and itself. The first rule
    /// that fits a name counts. Rules that fit none, and two tensors that would have one name,
    /// are errors.
    #[arg(long, value_name = "FROM=TO", value_parser = rule_parser())]
    rename: Vec<NameRule>,
    /// Turn all tensors of floating types into this dtype
    ///
    /// As DT_BFLOAT16, bfloat16 or float16. Values are rounded once, to nearest, ties to even;
    /// what is too large becomes infinity, or NaN in dtypes without infinity. Integer, boolean,
    /// complex, string and variant tensors stay as they are.
    #[arg(long, value_name = "DTYPE", value_parser = Cast::parse)]
    cast: Option<Cast>,
    /// Number of data shards, of about equal size [default: as many as SRC]
    #[arg(long, value_name = "N")]
    shards: Option<u32>,
    /// Begin each tensor at a multiple of N bytes; 1 packs them as TensorFlow does
    ///
    /// A power of two. [default: 64 for tensors of 4 KiB and more, the element size for
    /// smaller ones]
    #[arg(long, value_name = "N")]
    align: Option<u64>,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    path::check_destination(&args.dst)?;
    let reader = path::open(&args.src)?;
    let plan = Plan::new(&reader, args.filter.as_ref(), &args.rename)?;
    let options = WriterOptions {
        num_shards: args.shards.unwrap_or(reader.num_shards()),
        alignment: args.align,
        ..WriterOptions::default()
    };
    let writer = Writer::create_with(&args.dst, options)?;
    console.begin("copying", Some(plan.bytes));
    let mut copy = Copy { reader: &reader, writer, cast: args.cast, console };
    plan.for_each_piece(|source, piece| copy.piece(source, piece))?;
    let writer = copy.writer;
    console.end();
    writer.finish()
}

/// How an argument becomes a rule.
pub fn rule_parser() -> impl TypedValueParser<Value = NameRule> {
    OsStringValueParser::new()
        .try_map(|rule| NameRule::parse(rule.into_vec()).map_err(|error| error.to_string()))
}

/// A copy under way.
struct Copy<'a> {
    reader: &'a Reader,
    writer: Writer,
    cast: Option<Cast>,
    console: &'a mut Console,
}

impl Copy<'_> {
    /// Copies a stored piece of a tensor.
    fn piece(&mut self, source: &Source, piece: &Piece) -> Result<()> {
        let from = source.tensor.dtype;
        if from.is_variable_length() {
            self.variable(source, piece.slice.as_ref())?;
            self.console.advance(piece.size);
            return Ok(());
        }
        let Self { reader, writer, cast, console } = self;
        let dtype = cast.map_or(from, |cast| cast.of(from));
        let (name, shape) = (source.name(), &source.tensor.shape);
        let mut tensor = match &piece.slice {
            Some(slice) => writer.begin_slice(name, dtype, shape, slice)?,
            None => writer.begin(name, dtype, shape)?,
        };
        let mut converted = Vec::new();
        reader.read_piece(&source.tensor, piece, |elements| {
            console.advance(elements.len() as u64);
            if dtype == from {
                return tensor.write(elements);
            }
            cast::convert(elements, from, dtype, &mut converted);
            tensor.write(&converted)
        })?;
        tensor.finish()
    }

    fn variable(&mut self, source: &Source, slice: Option<&Slice>) -> Result<()> {
        let Self { reader, writer, .. } = self;
        let (old_name, name) = (&source.tensor.name, source.name());
        let shape = &source.tensor.shape;
        let options = ReadOptions::default();
        let is_string = source.tensor.dtype == DType::STRING;
        let Some(slice) = slice else {
            let strings = reader.read_strings(old_name, &options)?;
            return if is_string {
                writer.add_strings(name, shape, &strings)
            } else {
                writer.add_variants(name, shape, &strings)
            };
        };
        let strings = reader.read_strings_slice(old_name, slice, &options)?;
        if is_string {
            writer.add_strings_slice(name, shape, slice, &strings)
        } else {
            writer.add_variants_slice(name, shape, slice, &strings)
        }
    }
}
