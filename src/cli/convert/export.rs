//! From a checkpoint to a file.

use std::collections::HashSet;

use tfckpt::Result;
use tfckpt::bundle::ReadOptions;
use tfckpt::checkpoint::object_graph::OBJECT_GRAPH_KEY;
use tfckpt::checkpoint::{Reader, Tensor};
use tfckpt::tensor::DType;

use super::elements::to_little;
use super::error::{Refusals, invalid};
use super::format::Format;
use super::sink::{Outgoing, Sink};
use super::{Args, selection};
use crate::blocks::for_each_block;
use crate::console::Console;
use crate::copy::cast;
use crate::path;

/// Makes the file that `args` name of a checkpoint.
pub fn run(args: &Args, format: Format, console: &mut Console) -> Result<()> {
    if args.shards.is_some() || args.align.is_some() {
        let message = format!(
            "--shards and --align are for checkpoints; a {} has neither",
            format.extension()
        );
        return Err(invalid(message));
    }
    let reader = path::open(&args.src)?;
    let mut outgoing = choose(args, format, &reader, console)?;
    let total = outgoing.iter().filter_map(|outgoing| outgoing.tensor.byte_size());
    let total = total.fold(0u64, u64::saturating_add);
    let mut sink = format.create(&args.dst, &mut outgoing)?;
    console.begin("converting", Some(total));
    for tensor in &outgoing {
        put(&reader, tensor, sink.as_mut(), console)?;
    }
    console.end();
    sink.finish()
}

/// The tensors that go into the file.
fn choose(
    args: &Args,
    format: Format,
    reader: &Reader,
    console: &mut Console,
) -> Result<Vec<Outgoing>> {
    let prefix = args.filter.as_ref().map(|glob| glob.literal_prefix()).unwrap_or_default();
    let mut tensors = Vec::new();
    let mut has_graph = false;
    for tensor in reader.tensors_with_prefix(prefix) {
        let tensor = tensor?;
        if args.filter.as_ref().is_some_and(|glob| !glob.matches(&tensor.name)) {
            continue;
        }
        if tensor.name == OBJECT_GRAPH_KEY.as_bytes() {
            has_graph = true;
        } else {
            tensors.push(tensor);
        }
    }
    if tensors.is_empty() && args.filter.is_some() {
        let message = match has_graph {
            true => "the filter leaves the object graph alone, which stays behind",
            false => "no tensor's name matches the filter",
        };
        return Err(invalid(message).in_file(reader.prefix()));
    }
    let old: Vec<&[u8]> = tensors.iter().map(|tensor| &*tensor.name).collect();
    let names = selection::rename(&old, &args.rename)?;
    let outgoing = accept(args, format, reader, tensors, names)?;
    if has_graph {
        console.note(format_args!(
            "{OBJECT_GRAPH_KEY} stays behind: it has no values, but says which Python objects they are of"
        ));
    }
    Ok(outgoing)
}

/// Refuses what the file cannot hold: all of it, and before anything is written.
fn accept(
    args: &Args,
    format: Format,
    reader: &Reader,
    tensors: Vec<Tensor>,
    names: Vec<Vec<u8>>,
) -> Result<Vec<Outgoing>> {
    let mut refusals = Refusals::default();
    let mut outgoing = Vec::new();
    for (tensor, name) in tensors.into_iter().zip(names) {
        let dtype = args.cast.map_or(tensor.dtype, |cast| cast.of(tensor.dtype));
        let name = String::from_utf8(name).map_err(|error| error.into_bytes());
        let refused = match &name {
            Err(_) => Some("its name is not UTF-8".to_string()),
            Ok(name) => {
                format.refuse_name(name).or_else(|| format.refuse_dtype(dtype, &tensor.shape))
            }
        };
        let refused = match refused {
            None if dtype == DType::STRING => format.refuse_strings(reader, &tensor.name)?,
            refused => refused,
        };
        match (refused, name) {
            (None, Ok(name)) => outgoing.push(Outgoing { tensor, name, dtype }),
            (refused, _) => refusals.add(&tensor.name, &refused.unwrap_or_default()),
        }
    }
    refuse_twins(format, &outgoing, &mut refusals);
    let what = format!(
        "a {} can't hold these; --cast turns floating types into others, --filter leaves tensors \
         out",
        format.extension()
    );
    refusals.check(&what).map_err(|error| error.in_file(reader.prefix()))?;
    Ok(outgoing)
}

fn put(
    reader: &Reader,
    outgoing: &Outgoing,
    sink: &mut dyn Sink,
    console: &mut Console,
) -> Result<()> {
    let (tensor, dtype) = (&outgoing.tensor, outgoing.dtype);
    if dtype == DType::STRING {
        let strings = reader.read_strings(&tensor.name, &ReadOptions::default())?;
        return sink.strings(outgoing, &strings);
    }
    sink.begin(outgoing)?;
    let (mut converted, mut turned) = (Vec::new(), Vec::new());
    for_each_block(reader, tensor, None, |elements| {
        console.advance(elements.len() as u64);
        if dtype == tensor.dtype {
            return sink.write(to_little(elements, dtype, &mut turned));
        }
        cast::convert(elements, tensor.dtype, dtype, &mut converted);
        sink.write(to_little(&converted, dtype, &mut turned))
    })?;
    sink.end()
}

/// Of two arrays `x` and `x.npy` NumPy finds only one: it takes the second name for
/// that of the first one's file.
fn refuse_twins(format: Format, outgoing: &[Outgoing], refusals: &mut Refusals) {
    if format != Format::Npz {
        return;
    }
    let names: HashSet<&str> = outgoing.iter().map(|outgoing| &*outgoing.name).collect();
    for outgoing in outgoing {
        let stem = outgoing.name.strip_suffix(".npy");
        if stem.is_some_and(|stem| names.contains(stem)) {
            refusals.add(&outgoing.tensor.name, "NumPy would take it for the file of another");
        }
    }
}
