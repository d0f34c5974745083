//! What a repair changed.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::Serialize;
use tfckpt::checkpoint::{Repaired, Skipped};
use tfckpt::{ErrorKind, Result};

use crate::console::Console;
use crate::name;
use crate::skipped::{self, JsonSkipped};

#[derive(Serialize)]
struct Document<'r> {
    changed: bool,
    latest: Cow<'r, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_b64: Option<String>,
    added: Vec<Cow<'r, str>>,
    dropped: Vec<JsonSkipped<'r>>,
}

pub fn print_json(done: &Repaired, console: &mut Console) -> Result<()> {
    let (latest, latest_b64) = text(&done.latest);
    console.json(&Document {
        changed: done.changed,
        latest,
        latest_b64,
        added: done.added.iter().map(|prefix| text(prefix).0).collect(),
        dropped: JsonSkipped::list(&done.dropped),
    })?;
    console.line("")
}

fn text(path: &Path) -> (Cow<'_, str>, Option<String>) {
    name::json(path.as_os_str().as_bytes())
}

/// `file` is the state file, of which is told too why it was of no use.
pub fn print_text(done: &Repaired, file: &Path, console: &mut Console) -> Result<()> {
    for prefix in &done.added {
        console.line(format_args!("added {}", name::path(prefix)))?;
    }
    for dropped in &done.dropped {
        let verb = if dropped.path == file { "" } else { "dropped " };
        console.line(format_args!("{verb}{}", skipped::text(dropped)))?;
    }
    let was_lost =
        |dropped: &Skipped| dropped.path == file && dropped.problem.kind() == ErrorKind::NotFound;
    let state = match done.changed {
        true if done.dropped.iter().any(was_lost) => "written",
        true => "rewritten",
        false => "left as it is",
    };
    console.line(format_args!("the latest is {}; state file {state}", name::path(&done.latest)))
}
