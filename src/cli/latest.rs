//! `tfckpt latest`: which checkpoint to go on from.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::Serialize;
use tfckpt::checkpoint::{
    LatestValid, LatestValidOptions, StateOptions, latest_valid, latest_with,
};
use tfckpt::{Error, ErrorKind, Result};

use crate::console::Console;
use crate::directory::{self, Place};
use crate::name;
use crate::progress::spin;
use crate::skipped::{self, JsonSkipped};

/// Print the prefix of the latest checkpoint of a directory
///
/// Goes by the state file. Where that names a path at which there is nothing any more, but the
/// checkpoint lies beside the file, the directory has moved, and that is it. It is an error,
/// with exit code 2, if there is no state file, or if the checkpoint that it names is not there.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Print the newest checkpoint that is whole
    ///
    /// That is the latest by the state file; if it is not whole, the others in the file from the
    /// newest to the oldest; then those that lie in the directory besides, by step and time.
    /// What was passed over is told on standard error, with the reason.
    #[arg(long)]
    valid: bool,
    /// With --valid: see only that no data is missing, without reading all of it
    #[arg(long, requires = "valid")]
    quick: bool,
    /// Print one JSON document
    ///
    /// {"latest", "skipped": [{"path", "status", "message", ...}, ...]}. "skipped" is what was
    /// passed over, as 'tfckpt verify' tells of problems; "latest_b64" and "path_b64" are there
    /// for paths that are not UTF-8.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

#[derive(Serialize)]
struct Document<'l> {
    latest: Cow<'l, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_b64: Option<String>,
    skipped: Vec<JsonSkipped<'l>>,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let (dir, state) = args.place.resolve()?;
    let latest = find(args, &dir, &state)?;
    let prefix = latest.prefix.as_os_str().as_bytes();
    for skipped in &latest.skipped {
        console.remark(format_args!("passed over {}", skipped::text(skipped)));
    }
    if args.json {
        let (text, latest_b64) = name::json(prefix);
        let skipped = JsonSkipped::list(&latest.skipped);
        console.json(&Document { latest: text, latest_b64, skipped })?;
        return console.line("");
    }
    // As it is: it is to be handed to the next program.
    console.write(prefix)?;
    console.line("")
}

fn find(args: &Args, dir: &Path, state: &StateOptions) -> Result<LatestValid> {
    let found = if args.valid {
        let depth = directory::depth(args.quick);
        let options = LatestValidOptions { state: state.clone(), depth };
        spin("verifying", || latest_valid(dir, &options))?
    } else {
        latest_with(dir, state)?.map(|prefix| LatestValid { prefix, skipped: Vec::new() })
    };
    found.ok_or_else(|| {
        let message = match args.valid {
            true => "there is neither a state file nor a checkpoint beside it",
            false => "there is no state file, and so no latest checkpoint",
        };
        Error::new(ErrorKind::NotFound, message).in_file(&dir.join(&state.file_name))
    })
}
