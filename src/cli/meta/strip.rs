//! `tfckpt meta strip`: a graph without what nobody uses.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value, json};
use tfckpt::Result;
use tfckpt::graph::{Copies, Cut, MetaFile, StripOptions, Stripped, strip};

use crate::console::Console;
use crate::progress::spin;
use crate::text::count;

/// From this size on --constants counts a constant as large, unless told otherwise.
const LARGE_CONSTANT: &str = "1024";

/// Write a .meta file anew without what nobody uses
///
/// What makes such a file grow while the data stays is cut: savers that nobody uses; nodes that do
/// again what another does, left by an import of the graph into itself or by a loop; values that
/// stand in a collection twice. All else is kept byte for byte, and so is whatever it uses, or a
/// collection or a signature names. TensorFlow imports what is left, and restores the same values
/// with it.
#[derive(clap::Args)]
pub struct Args {
    #[arg(help = super::HELP)]
    src: PathBuf,
    /// The file to write; nothing may be there yet
    #[arg(required_unless_present = "dry_run")]
    dst: Option<PathBuf>,
    /// Which nodes to cut that do again what another does
    #[arg(long, value_name = "WHICH", default_value = "effect")]
    copies: WhichCopies,
    /// Let constants of BYTES and more that equal another be an Identity of that
    #[arg(long, value_name = "BYTES", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = LARGE_CONSTANT)]
    constants: Option<u64>,
    /// Cut what is for training alone: gradients, optimizers, what comes of them
    ///
    /// Variables stay, slots of optimizers too: they are restored. With signatures in the file,
    /// everything goes that neither they, nor the saver, nor a collection need.
    #[arg(long)]
    training: bool,
    /// Only say what would be cut
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON document
    ///
    /// {"bytes_before", "bytes_after", "savers", "cut": {"savers": {"count", "bytes"}, "copies",
    /// "training", "functions", "collections", "constants"}}. "savers" counts savers, "cut" nodes,
    /// functions and, in collections, values.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum WhichCopies {
    /// None
    None,
    /// Those that are run for their effect, and all that an import brought along
    Effect,
    /// Also those that only compute a value, which a program may fetch by name
    All,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let options = StripOptions {
        copies: match args.copies {
            WhichCopies::None => Copies::Keep,
            WhichCopies::Effect => Copies::WithEffect,
            WhichCopies::All => Copies::All,
        },
        constants: args.constants,
        training: args.training,
        ..StripOptions::default()
    };
    let file = MetaFile::find(&args.src)?;
    let stripped = spin("stripping", || match &args.dst {
        Some(dst) if !args.dry_run => strip(file.path(), dst, &options),
        _ => file.meta_graph()?.strippable(&options),
    })?;
    if args.json {
        console.json(&document(&stripped))?;
        return console.line("");
    }
    print(&stripped, console)
}

fn document(stripped: &Stripped) -> Value {
    let cut = |cut: Cut| json!({ "count": cut.count, "bytes": cut.bytes });
    json!({
        "bytes_before": stripped.bytes_before,
        "bytes_after": stripped.bytes_after,
        "savers": stripped.savers,
        "cut": {
            "savers": cut(stripped.saver_nodes),
            "copies": cut(stripped.copies),
            "training": cut(stripped.training),
            "functions": cut(stripped.functions),
            "collections": cut(stripped.collection_values),
            "constants": cut(stripped.constants),
        },
    })
}

fn print(stripped: &Stripped, console: &mut Console) -> Result<()> {
    let savers = match stripped.savers {
        1 => "node of a dead saver".to_string(),
        number => format!("node of {number} dead savers"),
    };
    for (cut, what) in [
        (stripped.saver_nodes, savers.as_str()),
        (stripped.copies, "node that did again what another does"),
        (stripped.training, "node for training alone"),
        (stripped.functions, "function that only these called"),
        (stripped.collection_values, "value of a collection"),
        (stripped.constants, "constant that equals another"),
    ] {
        if cut.count > 0 {
            console.line(format_args!("{}: {}", cut_of(cut, what), count(cut.bytes, "byte")))?;
        }
    }
    let (before, after) =
        (count(stripped.bytes_before, "byte"), count(stripped.bytes_after, "byte"));
    console.line(format_args!("{before} became {after}"))
}

/// `2 nodes of a dead saver`: the first word is what is counted.
fn cut_of(cut: Cut, what: &str) -> String {
    let (noun, rest) = what.split_once(' ').unwrap_or((what, ""));
    format!("{} {rest}", count(cut.count, noun))
}
