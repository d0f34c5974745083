//! The look as lines for people.

use tfckpt::checkpoint::{SurveyedCheckpoint, SurveyedFile};
use tfckpt::{Error, ErrorKind, Result};

use super::look::{Look, Named};
use crate::console::Console;
use crate::name;
use crate::text::{self, count};
use crate::time::utc;

pub fn print(look: &Look, console: &mut Console) -> Result<()> {
    let width = look.named.iter().map(|named| text::width(&name::path(&named.path))).max();
    for named in &look.named {
        print_named(look, named, width.unwrap_or(0), console)?;
    }
    for &unnamed in &look.unnamed {
        let unnamed = &look.survey.checkpoints[unnamed];
        let prefix = name::path(&unnamed.prefix);
        console.line(format_args!("- {prefix}: not named, {}", verdict(unnamed)))?;
        print_problem(unnamed, console)?;
    }
    for file in look.other_files() {
        print_file(file, console)?;
    }
    let well = look.named.iter().filter(|named| look.checkpoint(named).is_whole()).count();
    let others = match look.other_files().count() as u64 {
        0 => String::new(),
        others => format!("; {}", count(others, "other file")),
    };
    console.line(format_args!(
        "{} named, {well} of them whole; {} beside{others}",
        count(look.named.len() as u64, "checkpoint"),
        look.unnamed.len()
    ))
}

fn print_named(look: &Look, named: &Named, width: usize, console: &mut Console) -> Result<()> {
    let mark = if named.is_latest { '*' } else { ' ' };
    let path = name::path(&named.path);
    let padding = text::padding(&path, width);
    let found = look.checkpoint(named);
    let place = match found.format {
        Some(_) if !found.prefix.ends_with(&named.path) => {
            format!("at {}, ", name::path(&found.prefix))
        }
        _ => String::new(),
    };
    let saved = named.timestamp.map_or(String::new(), |time| format!("saved {}, ", utc(time)));
    console.line(format_args!("{mark} {path}{padding}  {place}{saved}{}", verdict(found)))?;
    print_problem(found, console)
}

/// What is wrong, the first of it, on a line of its own. That nothing is there has been
/// said.
fn print_problem(found: &SurveyedCheckpoint, console: &mut Console) -> Result<()> {
    let Some(problem) = found.problems.first().filter(|_| !is_missing(found)) else {
        return Ok(());
    };
    let more = match found.problems.len() as u64 - 1 {
        0 => String::new(),
        others => format!("; and {}", count(others, "other problem")),
    };
    console.line(format_args!("    {problem}{more}"))
}

fn print_file(file: &SurveyedFile, console: &mut Console) -> Result<()> {
    let note = file.note.as_ref().map_or(String::new(), |note| format!(", {note}"));
    console.line(format_args!("? {}: {}{note}", name::path(&file.path), file.kind.name()))
}

/// The format, and how it is.
fn verdict(found: &SurveyedCheckpoint) -> String {
    let format = found.format.map_or(String::new(), |format| format!("{}, ", format.name()));
    let state = match found.problems.first().map(Error::kind) {
        None => "whole",
        _ if is_missing(found) => "missing",
        Some(ErrorKind::NotFound) => "incomplete",
        Some(ErrorKind::DataLoss) => "damaged",
        Some(_) => "unreadable",
    };
    format!("{format}{state}")
}

/// Whether there is no such checkpoint.
fn is_missing(found: &SurveyedCheckpoint) -> bool {
    let is_not_there = |problem: &Error| problem.kind() == ErrorKind::NotFound;
    found.format.is_none() && found.problems.first().is_some_and(is_not_there)
}
