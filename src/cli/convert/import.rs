//! From a file to a checkpoint.

use tfckpt::bundle::{Writer, WriterOptions};
use tfckpt::tensor::DType;
use tfckpt::{Result, bundle};

use super::archive::Archive;
use super::error::invalid;
use super::format::Format;
use super::{Args, selection};
use crate::console::Console;
use crate::copy::cast::{self, Cast};
use crate::path;

/// Makes a checkpoint of the file that `args` name.
pub fn run(args: &Args, format: Format, console: &mut Console) -> Result<()> {
    path::check_destination(&args.dst)?;
    let wanted = |name: &[u8]| args.filter.as_ref().is_none_or(|glob| glob.matches(name));
    let archive = format.open(&args.src, &wanted)?;
    let arrays = archive.arrays();
    if arrays.is_empty() && args.filter.is_some() {
        return Err(invalid("no tensor's name matches the filter").in_file(&args.src));
    }
    let old: Vec<&[u8]> = arrays.iter().map(|array| &*array.name).collect();
    let names = selection::rename(&old, &args.rename)?;
    if names.iter().any(Vec::is_empty) {
        let message =
            "there is a tensor without a name; --rename gives it one, --filter leaves it out";
        return Err(invalid(message).in_file(&args.src));
    }
    let options = WriterOptions {
        num_shards: args.shards.unwrap_or(1),
        alignment: args.align,
        ..WriterOptions::default()
    };
    let mut writer = Writer::create_with(&args.dst, options)?;
    if let Some(what) = archive.left_behind() {
        console.note(format_args!("{what} has no place in a checkpoint, and is left out"));
    }
    let total = arrays.iter().fold(0u64, |sum, array| sum.saturating_add(array.bytes));
    console.begin("converting", Some(total));
    for (at, name) in names.iter().enumerate() {
        put(archive.as_ref(), at, name, args.cast, &mut writer, console)?;
    }
    console.end();
    writer.finish()
}

fn put(
    archive: &dyn Archive,
    at: usize,
    name: &[u8],
    cast: Option<Cast>,
    writer: &mut bundle::Writer,
    console: &mut Console,
) -> Result<()> {
    let array = &archive.arrays()[at];
    let (from, shape) = (array.dtype, &array.shape);
    if from == DType::STRING {
        writer.add_strings(name, shape, &archive.read_strings(at)?)?;
        console.advance(array.bytes);
        return Ok(());
    }
    let dtype = cast.map_or(from, |cast| cast.of(from));
    let mut tensor = writer.begin(name, dtype, shape)?;
    let mut converted = Vec::new();
    archive.read(at, &mut |elements| {
        console.advance(elements.len() as u64);
        if dtype == from {
            return tensor.write(elements);
        }
        cast::convert(elements, from, dtype, &mut converted);
        tensor.write(&converted)
    })?;
    tensor.finish()
}
