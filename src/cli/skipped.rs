//! Something that was passed over, as text and as JSON.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;

use serde::Serialize;
use tfckpt::checkpoint::Skipped;

use crate::name;
use crate::problem::Problem;

/// A path, and the problem with what is there, on one line.
pub fn text(skipped: &Skipped) -> String {
    let (path, problem) = (name::path(&skipped.path), &skipped.problem);
    match problem.file() == Some(&skipped.path) {
        true => problem.to_string(),
        false => format!("{path}: {problem}"),
    }
}

/// A path, and the problem with what is there.
#[derive(Serialize)]
pub struct JsonSkipped<'s> {
    path: Cow<'s, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    #[serde(flatten)]
    problem: Problem<'s>,
}

impl<'s> JsonSkipped<'s> {
    fn new(skipped: &'s Skipped) -> Self {
        let (path, path_b64) = name::json(skipped.path.as_os_str().as_bytes());
        Self { path, path_b64, problem: Problem::new(&skipped.problem) }
    }

    pub fn list(skipped: &'s [Skipped]) -> Vec<Self> {
        skipped.iter().map(Self::new).collect()
    }
}
