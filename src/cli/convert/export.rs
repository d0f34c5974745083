//! From a checkpoint to a file.

use tfckpt::Result;
use tfckpt::bundle::ReadOptions;
use tfckpt::checkpoint::object_graph::OBJECT_GRAPH_KEY;
use tfckpt::checkpoint::{Reader, Selection, Tensor};
use tfckpt::tensor::{Cast, DType};

use super::Args;
use super::elements::to_little;
use super::error::{Refusals, invalid};
use super::format::Format;
use super::sink::{Outgoing, Sink};
use crate::blocks::for_each_block;
use crate::console::Console;
use crate::path;

/// Makes the file that `args` name of a checkpoint.
pub fn run(args: &Args, format: Format, console: &mut Console) -> Result<()> {
    if args.shards.is_some() || args.align.is_some() {
        let extension = format.extension();
        return Err(invalid(format!("--shards and --align are not for a {extension} file")));
    }
    let cast = args.cast()?;
    let reader = path::open(&args.src)?;
    let chosen = choose(args, &reader)?;
    let outgoing = accept(&reader, format, cast, chosen.tensors);
    let mut outgoing = outgoing.map_err(|error| error.in_file(reader.prefix()))?;
    let mut sink = format.create(&args.dst, &mut outgoing)?;
    if chosen.has_graph {
        console.note(format_args!(
            "{OBJECT_GRAPH_KEY} is left out: it has no values, but tells which Python objects they \
             are of"
        ));
    }
    let bytes = outgoing.iter().filter_map(|outgoing| outgoing.tensor.byte_size());
    console.begin("converting", Some(bytes.fold(0, u64::saturating_add)));
    for outgoing in &outgoing {
        put(&reader, outgoing, cast, sink.as_mut(), console)?;
    }
    console.end();
    sink.finish()
}

/// What is wanted of a checkpoint.
struct Chosen {
    /// The tensors, and what they are called in the file.
    tensors: Vec<(Tensor, Vec<u8>)>,
    /// Whether there is an object graph, which is not among them.
    has_graph: bool,
}

fn choose(args: &Args, reader: &Reader) -> Result<Chosen> {
    let options = args.copy_options();
    let graph = if args.drop_optimizer_state { reader.object_graph()? } else { None };
    let mut selection = Selection::new(&options, graph)?;
    let mut chosen = Chosen { tensors: Vec::new(), has_graph: false };
    for tensor in reader.tensors() {
        let tensor = tensor?;
        match selection.choose(&tensor.name) {
            Some(_) if tensor.name == OBJECT_GRAPH_KEY.as_bytes() => chosen.has_graph = true,
            Some(name) => chosen.tensors.push((tensor, name)),
            None => {}
        }
    }
    selection.refuse_unused()?;
    let names = chosen.tensors.iter().map(|(tensor, name)| (&*tensor.name, &**name));
    Selection::refuse_collisions(names)?;
    if chosen.has_graph && chosen.tensors.is_empty() {
        let message = "the object graph alone is left, and has no values to convert";
        return Err(invalid(message).in_file(reader.prefix()));
    }
    Ok(chosen)
}

/// Refuses what the file can't hold: all of it, and before anything is written.
fn accept(
    reader: &Reader,
    format: Format,
    cast: Option<Cast>,
    chosen: Vec<(Tensor, Vec<u8>)>,
) -> Result<Vec<Outgoing>> {
    let (mut refusals, mut outgoing) = (Refusals::default(), Vec::new());
    for (tensor, name) in chosen {
        let dtype = cast.map_or(tensor.dtype, |cast| cast.of(tensor.dtype));
        let Ok(name) = String::from_utf8(name) else {
            refusals.add(&tensor.name, "its name is not UTF-8");
            continue;
        };
        let refused = format.refuse_name(&name);
        match refused.or_else(|| format.refuse_dtype(dtype, &tensor.shape)) {
            Some(why) => refusals.add(&tensor.name, &why),
            None => outgoing.push(Outgoing { tensor, name, dtype }),
        }
    }
    format.refuse_more(reader, &outgoing, &mut refusals)?;
    refusals.check(&format!(
        "a {} can't hold these; --cast turns floating types into others, --filter leaves tensors \
         out",
        format.extension()
    ))?;
    Ok(outgoing)
}

fn put(
    reader: &Reader,
    outgoing: &Outgoing,
    cast: Option<Cast>,
    sink: &mut dyn Sink,
    console: &mut Console,
) -> Result<()> {
    let Outgoing { tensor, dtype, .. } = outgoing;
    if *dtype == DType::STRING {
        let strings = reader.read_strings(&tensor.name, &ReadOptions::default())?;
        return sink.strings(outgoing, &strings);
    }
    let cast = cast.filter(|_| *dtype != tensor.dtype);
    sink.begin(outgoing)?;
    let (mut converted, mut turned) = (Vec::new(), Vec::new());
    for_each_block(reader, tensor, None, |elements| {
        console.advance(elements.len() as u64);
        let elements = match cast {
            Some(cast) => {
                cast.convert(elements, tensor.dtype, &mut converted);
                &converted
            }
            None => elements,
        };
        sink.write(to_little(elements, *dtype, &mut turned))
    })?;
    sink.end()
}
