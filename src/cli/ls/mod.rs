//! `tfckpt ls`: what tensors there are.

mod json;
mod table;

use std::path::PathBuf;

use tfckpt::checkpoint::{Glob, Reader, Tensor};
use tfckpt::tensor::DType;
use tfckpt::{Error, Result};

use self::json::JsonList;
use self::table::Table;
use crate::console::Console;
use crate::digest;
use crate::threads::{Threads, Told, in_order};
use crate::{glob, path};

/// List the tensors of a checkpoint
///
/// One line for each tensor, in the order of the index: name, dtype, shape, size in memory
/// in bytes, and where its bytes are: data shard and offset, or the number of slices of a
/// partitioned tensor; V1 has no offsets. Backslashes, control characters and bytes that are not UTF-8 are
/// shown as \\, \n and \xNN.
///
/// Only the index is read, and the lengths of strings; of V1, whole strings. A damaged part of it is told on
/// standard error; the rest is listed, and the exit code is 1.
#[derive(clap::Args)]
pub struct Args {
    #[arg(help = path::HELP)]
    path: PathBuf,
    /// Print one JSON document
    ///
    /// {"tensors": [{"name", "dtype", "shape", "bytes", "stored_bytes", "shard", "offset",
    /// "crc32c", "sha256"}, ...], "format", "shards", "endianness"}. A partitioned tensor
    /// has "slices", a list of slice specs, in place of "stored_bytes", "shard", "offset" and
    /// "crc32c", and V1 has none of these; its "endianness" is null. "crc32c" is masked, as stored. "name_b64" is there for a name that is not
    /// UTF-8, "error" for a tensor that cannot be read, "problems" where the index is damaged.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
    /// Read every tensor, check it, and print the SHA-256 of its content
    ///
    /// The content is the elements in C order, little-endian whatever the file's byte order;
    /// of strings, for each its length as a little-endian 64-bit integer, then its bytes. Variants
    /// and resources have none.
    #[arg(long)]
    sha256: bool,
    /// Only tensors whose whole name matches: * for anything (/ too), ? for a character, [a-z]
    ///
    /// May be given several times: what any of them matches is listed.
    #[arg(long, value_name = "GLOB", value_parser = glob::parser())]
    filter: Vec<Glob>,
    #[command(flatten)]
    threads: Threads,
}

impl Args {
    fn wants(&self, name: &[u8]) -> bool {
        self.filter.is_empty() || self.filter.iter().any(|glob| glob.matches(name))
    }

    /// What every name begins with that is wanted.
    fn literal_prefix(&self) -> Vec<u8> {
        let prefixes = self.filter.iter().map(Glob::literal_prefix);
        prefixes.reduce(|a, b| common_prefix(&a, &b)).unwrap_or_default()
    }
}

fn common_prefix(a: &[u8], b: &[u8]) -> Vec<u8> {
    a.iter().zip(b).take_while(|(a, b)| a == b).map(|(a, _)| *a).collect()
}

/// A tensor, and what was found out about it.
struct Row {
    tensor: Tensor,
    /// Its size in memory; `None` where there is no such thing, or a string
    /// tensor's lengths can't be read.
    bytes: Option<u64>,
    /// `None` where it wasn't asked for.
    sha256: Option<Result<Option<String>>>,
}

/// One of the two ways to print a list.
enum List {
    Json(JsonList),
    Table(Table),
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let reader = path::open(&args.path)?;
    let mut list = if args.json {
        List::Json(JsonList::begin(console)?)
    } else {
        List::Table(Table::new(args.sha256))
    };
    if args.sha256 {
        console.begin("hashing", path::data_bytes(&reader));
    }
    let mut problems = Vec::new();
    let tensors = reader.tensors_with_prefix(args.literal_prefix());
    let wanted = tensors.filter(|tensor| match tensor {
        Ok(tensor) => args.wants(&tensor.name),
        Err(_) => true,
    });
    let mut add = |row: Result<Row>, console: &mut Console| match row {
        Ok(row) => {
            if let Some(Err(error)) = &row.sha256 {
                console.report(error);
            }
            list.add(&row, console)
        }
        Err(error) => {
            console.report(&error);
            problems.push(error);
            Ok(())
        }
    };
    if args.sha256 {
        let hash = |tensor: Result<Tensor>, advance: &dyn Fn(u64)| {
            tensor.map(|tensor| Row::new(&reader, tensor, Some(advance)))
        };
        in_order(args.threads.number(), wanted, hash, |told| match told {
            Told::Advance(bytes) => {
                console.advance(bytes);
                Ok(())
            }
            Told::Done(row) => add(row, console),
        })?;
    } else {
        let mut rows = wanted.map(|tensor| tensor.map(|tensor| Row::new(&reader, tensor, None)));
        rows.try_for_each(|row| add(row, console))?;
    }
    console.end();
    list.end(&reader, &problems, console)
}

impl Row {
    /// `hash` is told of bytes that are done, if the digest is wanted.
    fn new(reader: &Reader, tensor: Tensor, hash: Option<&dyn Fn(u64)>) -> Self {
        let bytes = match tensor.dtype {
            DType::STRING => string_bytes(reader, &tensor),
            _ => tensor.byte_size(),
        };
        let sha256 = hash.map(|advance| digest::sha256(reader, &tensor, advance));
        Self { tensor, bytes, sha256 }
    }
}

/// Eight bytes for each element, the pointer that stands for it in an array, and
/// the bytes themselves. Unknown where the data can't be read: an index is often
/// looked at alone.
fn string_bytes(reader: &Reader, tensor: &Tensor) -> Option<u64> {
    let lengths = reader.string_bytes(&tensor.name).ok()?;
    tensor.shape.num_elements().checked_mul(8)?.checked_add(lengths)
}

impl List {
    fn add(&mut self, row: &Row, console: &mut Console) -> Result<()> {
        match self {
            Self::Json(list) => list.add(row, console),
            Self::Table(table) => table.add(row, console),
        }
    }

    fn end(self, reader: &Reader, problems: &[Error], console: &mut Console) -> Result<()> {
        match self {
            Self::Json(list) => list.end(reader, problems, console),
            Self::Table(table) => table.end(reader, console),
        }
    }
}
