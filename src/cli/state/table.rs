//! The look as lines for people.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use tfckpt::{Error, Result};

use super::look::{Look, Named};
use crate::console::Console;
use crate::name;
use crate::text::count;
use crate::time::utc;

pub fn print(look: &Look, console: &mut Console) -> Result<()> {
    let width = look.named.iter().map(|named| shown(&named.path).chars().count()).max();
    for named in &look.named {
        print_named(named, width.unwrap_or(0), console)?;
    }
    for unnamed in &look.unnamed {
        let prefix = shown(&unnamed.prefix);
        console.line(format_args!("- {prefix}: not named, {}", verdict(&unnamed.problem)))?;
    }
    let well = look.named.iter().filter(|named| named.problem.is_none()).count();
    console.line(format_args!(
        "{} named, {well} of them whole; {} beside",
        count(look.named.len() as u64, "checkpoint"),
        look.unnamed.len()
    ))
}

fn print_named(named: &Named, width: usize, console: &mut Console) -> Result<()> {
    let mark = if named.is_latest { '*' } else { ' ' };
    let path = shown(&named.path);
    let padding = " ".repeat(width.saturating_sub(path.chars().count()));
    let place = match &named.prefix {
        Some(prefix) if !prefix.ends_with(&named.path) => format!("at {}, ", shown(prefix)),
        _ => String::new(),
    };
    let saved = named.timestamp.map_or(String::new(), |time| format!("saved {}, ", utc(time)));
    console.line(format_args!("{mark} {path}{padding}  {place}{saved}{}", verdict(&named.problem)))
}

fn shown(path: &Path) -> String {
    name::display(path.as_os_str().as_bytes())
}

fn verdict(problem: &Option<Error>) -> String {
    match problem {
        None => "whole".to_string(),
        Some(problem) => problem.to_string(),
    }
}
