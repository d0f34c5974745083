//! `tfckpt cat`: the values of one tensor.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use tfckpt::Result;
use tfckpt::bundle::ReadOptions;
use tfckpt::checkpoint::{Reader, Tensor};
use tfckpt::tensor::{Slice, Strings};

use crate::blocks::for_each_checked_block;
use crate::console::Console;
use crate::{name, path, value};

/// So many bytes of values become text at once.
const PIECE: usize = 16 << 10;

/// Print the values of a tensor
///
/// One line for each innermost row, values separated by spaces; strings one on a line, escaped
/// as names are, and variants as the serialized message of each element. What is stored of
/// the tensor is checked before any of it is printed: large ones are read twice.
#[derive(clap::Args)]
pub struct Args {
    #[arg(help = path::HELP)]
    path: PathBuf,
    /// The tensor's name, as it is or as `tfckpt ls` shows it
    ///
    /// Where no tensor has that name, and the checkpoint has an object graph: the path of its
    /// object, as in 'model/dense/kernel', or the full name of the variable. A name that means
    /// several tensors is an error that lists them.
    name: OsString,
    /// Only a part: for each dimension 'start,length', or '-' for all of it, joined by ':'
    ///
    /// For example '0,4:-' for the first four rows of a matrix.
    #[arg(long, value_name = "SPEC", allow_hyphen_values = true)]
    slice: Option<Slice>,
    /// The bytes instead: elements in C order, in this machine's byte order; strings end to end
    #[arg(long)]
    raw: bool,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let reader = path::open(&args.path)?;
    let tensor = find(&reader, args.name.as_bytes())?;
    let slice = args.slice.as_ref();
    if tensor.dtype.is_variable_length() {
        let strings = read_strings(&reader, &tensor, slice)?;
        return print_strings(&strings, args.raw, console);
    }
    if args.raw {
        return for_each_checked_block(&reader, &tensor, slice, |block| console.write(block));
    }
    print_values(&reader, &tensor, slice, console)
}

/// The tensor of this name, as it is or else with its escapes undone; or else that
/// which the name means by the object graph.
fn find(reader: &Reader, given: &[u8]) -> Result<Tensor> {
    if let Some(tensor) = reader.find(given)? {
        return Ok(tensor);
    }
    let unescaped = name::parse(given).filter(|name| name != given);
    let found = unescaped.map(|name| reader.find(name)).transpose()?.flatten();
    match found.map_or_else(|| reader.resolve(given), |tensor| Ok(Some(tensor)))? {
        Some(tensor) => Ok(tensor),
        None => reader.tensor(given),
    }
}

fn read_strings(reader: &Reader, tensor: &Tensor, slice: Option<&Slice>) -> Result<Strings> {
    let options = ReadOptions::default();
    match slice {
        Some(slice) => reader.read_strings_slice(&tensor.name, slice, &options),
        None => reader.read_strings(&tensor.name, &options),
    }
}

fn print_strings(strings: &Strings, raw: bool, console: &mut Console) -> Result<()> {
    if raw {
        return console.write(strings.data());
    }
    strings.iter().try_for_each(|element| console.line(name::display(element)))
}

fn print_values(
    reader: &Reader,
    tensor: &Tensor,
    slice: Option<&Slice>,
    console: &mut Console,
) -> Result<()> {
    let dtype = tensor.dtype;
    let element_size = dtype.size().unwrap_or(1);
    let row = row_len(tensor, slice)?;
    let mut column = 0;
    let mut text = String::new();
    for_each_checked_block(reader, tensor, slice, |block| {
        // A multiple of every element size.
        for piece in block.chunks(PIECE) {
            text.clear();
            for element in piece.chunks_exact(element_size) {
                value::put(&mut text, dtype, element);
                column = (column + 1) % row;
                text.push(if column == 0 { '\n' } else { ' ' });
            }
            console.write(text.as_bytes())?;
        }
        Ok(())
    })
}

/// How many elements stand on a line.
fn row_len(tensor: &Tensor, slice: Option<&Slice>) -> Result<i64> {
    let shape = match slice {
        Some(slice) => slice.shape(&tensor.shape)?,
        None => tensor.shape.clone(),
    };
    Ok(shape.dims().last().copied().unwrap_or(1).max(1))
}
