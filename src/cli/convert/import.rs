//! From a file to a checkpoint.

use tfckpt::Result;
use tfckpt::bundle::{Writer, WriterOptions};
use tfckpt::checkpoint::Selection;
use tfckpt::tensor::{Cast, DType};

use super::Args;
use super::archive::Archive;
use super::error::invalid;
use super::format::Format;
use crate::console::Console;
use crate::path;

/// Makes a checkpoint of the file that `args` name.
pub fn run(args: &Args, format: Format, console: &mut Console) -> Result<()> {
    path::check_destination(&args.dst)?;
    if args.drop_optimizer_state {
        return Err(invalid("--drop-optimizer-state is for checkpoints; a file does not tell"));
    }
    let cast = args.cast()?;
    let options = args.copy_options();
    let mut selection = Selection::new(&options, None)?;
    let archive = format.open(&args.src, &|name| selection.new_name(name).is_some())?;
    let names =
        names(archive.as_ref(), &mut selection).map_err(|error| error.in_file(&args.src))?;
    let writer_options = WriterOptions {
        num_shards: args.shards.unwrap_or(1),
        alignment: args.align,
        ..WriterOptions::default()
    };
    let mut writer = Writer::create_with(&args.dst, writer_options)?;
    if let Some(what) = archive.left_behind() {
        console.note(format_args!("{what} has no place in a checkpoint, and is left out"));
    }
    let bytes = archive.arrays().iter().map(|array| array.bytes);
    console.begin("converting", Some(bytes.fold(0, u64::saturating_add)));
    for (at, name) in names.iter().enumerate() {
        put(archive.as_ref(), at, name, cast, &mut writer, console)?;
    }
    console.end();
    writer.finish()
}

/// What the tensors are called in the checkpoint.
fn names(archive: &dyn Archive, selection: &mut Selection<'_>) -> Result<Vec<Vec<u8>>> {
    let arrays = archive.arrays();
    let names: Vec<Vec<u8>> =
        arrays.iter().map(|array| selection.choose(&array.name).unwrap_or_default()).collect();
    selection.refuse_unused()?;
    let pairs = arrays.iter().zip(&names).map(|(array, name)| (&*array.name, &**name));
    Selection::refuse_collisions(pairs)?;
    if names.iter().any(Vec::is_empty) {
        let message =
            "there is a tensor without a name; --rename gives it one, --filter leaves it out";
        return Err(invalid(message));
    }
    Ok(names)
}

fn put(
    archive: &dyn Archive,
    at: usize,
    name: &[u8],
    cast: Option<Cast>,
    writer: &mut Writer,
    console: &mut Console,
) -> Result<()> {
    let array = &archive.arrays()[at];
    let (from, shape) = (array.dtype, &array.shape);
    if from == DType::STRING {
        writer.add_strings(name, shape, &archive.read_strings(at)?)?;
        console.advance(array.bytes);
        return Ok(());
    }
    let cast = cast.filter(|cast| cast.of(from) != from);
    let mut tensor = writer.begin(name, cast.map_or(from, |cast| cast.of(from)), shape)?;
    let mut converted = Vec::new();
    archive.read(at, &mut |elements| {
        console.advance(elements.len() as u64);
        let Some(cast) = cast else { return tensor.write(elements) };
        cast.convert(elements, from, &mut converted);
        tensor.write(&converted)
    })?;
    tensor.finish()
}
