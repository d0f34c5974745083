//! The look as one JSON document.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::Serialize;
use tfckpt::{Error, Result};

use super::look::{Look, Named, Unnamed};
use crate::console::Console;
use crate::name;
use crate::problem::Problem;

#[derive(Serialize)]
struct Document<'l> {
    file: Cow<'l, str>,
    latest: Option<Latest<'l>>,
    last_preserved_timestamp: f64,
    checkpoints: Vec<Row<'l>>,
    unnamed: Vec<Beside<'l>>,
}

#[derive(Serialize)]
struct Latest<'l> {
    path: Cow<'l, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    prefix: Option<Cow<'l, str>>,
}

#[derive(Serialize)]
struct Row<'l> {
    path: Cow<'l, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    prefix: Option<Cow<'l, str>>,
    timestamp: Option<f64>,
    latest: bool,
    whole: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem<'l>>,
}

#[derive(Serialize)]
struct Beside<'l> {
    prefix: Cow<'l, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix_b64: Option<String>,
    whole: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem<'l>>,
}

pub fn print(look: &Look, console: &mut Console) -> Result<()> {
    console.json(&Document {
        file: text(&look.file).0,
        latest: look.named.iter().rfind(|named| named.is_latest).map(latest),
        last_preserved_timestamp: look.last_preserved_timestamp,
        checkpoints: look.named.iter().map(row).collect(),
        unnamed: look.unnamed.iter().map(beside).collect(),
    })?;
    console.line("")
}

fn text(path: &Path) -> (Cow<'_, str>, Option<String>) {
    name::json(path.as_os_str().as_bytes())
}

fn problem(problem: &Option<Error>) -> Option<Problem<'_>> {
    problem.as_ref().map(Problem::new)
}

fn latest(named: &Named) -> Latest<'_> {
    let (path, path_b64) = text(&named.path);
    Latest { path, path_b64, prefix: named.prefix.as_deref().map(|prefix| text(prefix).0) }
}

fn row(named: &Named) -> Row<'_> {
    let Latest { path, path_b64, prefix } = latest(named);
    Row {
        path,
        path_b64,
        prefix,
        timestamp: named.timestamp,
        latest: named.is_latest,
        whole: named.problem.is_none(),
        problem: problem(&named.problem),
    }
}

fn beside(unnamed: &Unnamed) -> Beside<'_> {
    let (prefix, prefix_b64) = text(&unnamed.prefix);
    let whole = unnamed.problem.is_none();
    Beside { prefix, prefix_b64, whole, problem: problem(&unnamed.problem) }
}
