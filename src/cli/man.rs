//! `tfckpt man`: the manual page, for packages to install.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use tfckpt::{Error, ErrorKind, Result};

use crate::Cli;
use crate::console::Console;

/// Print the manual page
pub fn run(console: &mut Console) -> Result<()> {
    let page = page().map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    console.write(&page)
}

fn page() -> io::Result<Vec<u8>> {
    // That every verb has --help goes without saying.
    let mut command = Cli::command().mut_subcommands(without_help);
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone()).manual("tfckpt manual");
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    for verb in command.get_subcommands_mut().filter(|verb| !verb.is_hide_set()) {
        put_verb(&mut page, verb)?;
        for verb in verb.get_subcommands_mut() {
            put_verb(&mut page, verb)?;
        }
    }
    put_exit_status(&mut page)?;
    Ok(page)
}

fn without_help(verb: Command) -> Command {
    verb.disable_help_flag(true).mut_subcommands(without_help)
}

/// A verb as a section of the one page.
fn put_verb(page: &mut Vec<u8>, verb: &mut Command) -> io::Result<()> {
    let usage = verb.render_usage().to_string();
    let mut heading = Roff::new();
    // A verb of a verb has both their names.
    let name = verb.get_bin_name().unwrap_or_default().trim_start_matches("tfckpt ");
    heading.control("SH", [name.to_uppercase().as_str()]);
    heading.text([bold(usage.trim_start_matches("Usage: "))]);
    heading.to_writer(page)?;
    let man = Man::new(verb.clone());
    for render in [Man::render_description_section, Man::render_options_section] {
        let mut part = Vec::new();
        render(&man, &mut part)?;
        put_without_heading(page, &part)?;
    }
    Ok(())
}

/// The part of a page that would have a section of its own, as a paragraph.
fn put_without_heading(page: &mut Vec<u8>, part: &[u8]) -> io::Result<()> {
    for line in part.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(b".SH") {
            page.write_all(b".PP\n")?;
        } else {
            page.write_all(line)?;
        }
    }
    Ok(())
}

fn put_exit_status(page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in crate::EXIT_STATUS {
        roff.control("TP", []);
        roff.text([bold(code.to_string())]);
        roff.text([roman(*meaning)]);
    }
    roff.to_writer(page)
}
