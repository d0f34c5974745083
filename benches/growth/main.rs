//! How time and memory grow with the entries of a checkpoint, and with its shards.

mod cost;
mod fit;
mod options;
mod table;
mod work;

use std::io;
use std::path::Path;
use std::process::ExitCode;

use cost::Cost;
use options::{Cell, Options};
use work::Work;

/// What the shards are counted with.
const ENTRIES_OF_SHARDS: u64 = 1_000_000;
const SHARDS: [u32; 2] = [8, 64];

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let done = match &options.cell {
        Some(cell) => print_cost(cell),
        None => print_table(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// In a process of its own, which has done nothing before.
fn print_cost(cell: &Cell) -> io::Result<()> {
    let cost = work::measure(cell)?;
    println!("{} {}", cost.seconds, cost.bytes);
    Ok(())
}

fn print_table(options: &Options) -> io::Result<()> {
    std::fs::create_dir_all(&options.dir)?;
    let dir = tempdir(&options.dir)?;
    let printed = print_rows(options, &dir);
    std::fs::remove_dir_all(&dir)?;
    printed
}

fn tempdir(parent: &Path) -> io::Result<std::path::PathBuf> {
    let dir = parent.join(format!("growth.{}", std::process::id()));
    std::fs::create_dir(&dir)?;
    Ok(dir)
}

fn print_rows(options: &Options, dir: &Path) -> io::Result<()> {
    table::print_head();
    let mut by_entries = Vec::new();
    for entries in sizes(options.max) {
        let costs = row(entries, 1, dir)?;
        table::print_row(entries, 1, &costs);
        by_entries.push((entries as f64, costs));
    }
    table::print_exponents(&by_entries);
    let entries = ENTRIES_OF_SHARDS.min(options.max);
    for shards in SHARDS {
        table::print_row(entries, shards, &row(entries, shards, dir)?);
    }
    Ok(())
}

/// 10^3, 10^4 and so on.
fn sizes(max: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(1000), |entries| Some(entries * 10)).take_while(move |&n| n <= max)
}

/// What each kind of work costs; one writes what the next ones read.
fn row(entries: u64, shards: u32, dir: &Path) -> io::Result<[Cost; Work::ALL.len()]> {
    let dir = dir.join(format!("{entries}-{shards}"));
    std::fs::create_dir(&dir)?;
    let mut costs = [Cost::default(); Work::ALL.len()];
    for (cost, work) in costs.iter_mut().zip(Work::ALL) {
        *cost = cost::of_child(&Cell { work, entries, shards, dir: dir.clone() })?;
    }
    std::fs::remove_dir_all(&dir)?;
    Ok(costs)
}
