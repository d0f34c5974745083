//! What a graph of several gigabytes costs to be summed up and stripped: memory
//! and time, each of a process of its own.

mod child;
mod graph;
mod options;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use child::Cost;
use options::Options;

const MIB: f64 = (1 << 20) as f64;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("more than {} MiB were resident", options.limit);
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What is done with the graph, by the command, in a process each.
const RUNS: [&[&str]; 3] = [&["ls", "--json"], &["strip"], &["strip", "--constants", "--training"]];

/// Whether every process kept below the limit.
fn run(options: &Options) -> io::Result<bool> {
    let folder = Folder::new(&options.dir)?;
    let file = folder.0.join("large.meta");
    let made = graph::write(&file, options.bytes, &graph::Shape::of(options.bytes))?;
    println!("{made}");
    println!(
        "{:<34}{:>9}{:>11}{:>10}{:>10}",
        "MiB at most:", "resident", "anonymous", "of files", "seconds"
    );
    let mut good = true;
    for verbs in RUNS {
        let stripped = folder.0.join("stripped.meta");
        let cost = measure(verbs, &file, &stripped)?;
        println!("{:<34}{cost}", format!("meta {}", verbs.join(" ")));
        good &= cost.resident as f64 <= options.limit * MIB;
        if verbs[0] == "strip" {
            made.check_stripped(
                std::fs::metadata(&stripped)?.len(),
                verbs.contains(&"--constants"),
            )?;
            std::fs::remove_file(&stripped)?;
        }
    }
    Ok(good)
}

fn measure(verbs: &[&str], file: &Path, stripped: &Path) -> io::Result<Cost> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfckpt"));
    command.arg("meta").args(verbs).arg(file);
    if verbs[0] == "strip" {
        command.arg(stripped);
    }
    child::run(command)
}

/// A new folder, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(beside: &Path) -> io::Result<Self> {
        let path = beside.join(format!("meta-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
