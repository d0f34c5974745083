//! The look as one JSON document.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::Serialize;
use tfckpt::Result;
use tfckpt::checkpoint::{SurveyedCheckpoint, SurveyedFile};

use super::look::{Look, Named};
use crate::console::Console;
use crate::name;
use crate::problem::Problem;

#[derive(Serialize)]
struct Document<'l> {
    file: Cow<'l, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem<'l>>,
    latest: Option<Latest<'l>>,
    last_preserved_timestamp: f64,
    checkpoints: Vec<Row<'l>>,
    unnamed: Vec<Beside<'l>>,
    files: Vec<File<'l>>,
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
    #[serde(flatten)]
    state: State<'l>,
}

#[derive(Serialize)]
struct Beside<'l> {
    prefix: Cow<'l, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix_b64: Option<String>,
    #[serde(flatten)]
    state: State<'l>,
}

/// How a checkpoint is.
#[derive(Serialize)]
struct State<'l> {
    format: Option<&'static str>,
    step: Option<u64>,
    whole: bool,
    /// The first of the problems.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem<'l>>,
    problems: Vec<Problem<'l>>,
}

#[derive(Serialize)]
struct File<'l> {
    path: Cow<'l, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    kind: &'static str,
    checkpoint: Option<Cow<'l, str>>,
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'l str>,
}

pub fn print(look: &Look, console: &mut Console) -> Result<()> {
    let latest = look.named.iter().rfind(|named| named.is_latest);
    console.json(&Document {
        file: text(&look.file).0,
        problem: look.survey.state_problem.as_ref().map(Problem::new),
        latest: latest.map(|named| place(look, named)),
        last_preserved_timestamp: look.last_preserved_timestamp(),
        checkpoints: look.named.iter().map(|named| row(look, named)).collect(),
        unnamed: look.unnamed.iter().map(|&at| beside(&look.survey.checkpoints[at])).collect(),
        files: look.survey.files.iter().map(|found| file(look, found)).collect(),
    })?;
    console.line("")
}

fn text(path: &Path) -> (Cow<'_, str>, Option<String>) {
    name::json(path.as_os_str().as_bytes())
}

fn place<'l>(look: &'l Look, named: &'l Named) -> Latest<'l> {
    let (path, path_b64) = text(&named.path);
    let found = look.checkpoint(named);
    let prefix = found.format.map(|_| text(&found.prefix).0);
    Latest { path, path_b64, prefix }
}

fn row<'l>(look: &'l Look, named: &'l Named) -> Row<'l> {
    let Latest { path, path_b64, prefix } = place(look, named);
    let (timestamp, latest) = (named.timestamp, named.is_latest);
    Row { path, path_b64, prefix, timestamp, latest, state: state(look.checkpoint(named)) }
}

fn beside(found: &SurveyedCheckpoint) -> Beside<'_> {
    let (prefix, prefix_b64) = text(&found.prefix);
    Beside { prefix, prefix_b64, state: state(found) }
}

fn state(found: &SurveyedCheckpoint) -> State<'_> {
    State {
        format: found.format.map(|format| format.name()),
        step: found.step,
        whole: found.is_whole(),
        problem: found.problems.first().map(Problem::new),
        problems: Problem::list(&found.problems),
    }
}

fn file<'l>(look: &'l Look, found: &'l SurveyedFile) -> File<'l> {
    let (path, path_b64) = text(&found.path);
    let checkpoint = found.checkpoint.and_then(|at| look.survey.checkpoints.get(at));
    File {
        path,
        path_b64,
        kind: found.kind.name(),
        checkpoint: checkpoint.map(|checkpoint| text(&checkpoint.prefix).0),
        bytes: found.bytes,
        note: found.note.as_deref(),
    }
}
