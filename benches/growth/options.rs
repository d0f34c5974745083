//! What the command line says.

use std::path::PathBuf;

use crate::work::Work;

const USAGE: &str = "\
cargo bench --bench growth -- [OPTION]...
  --max N     the most entries, a power of ten (10000000)
  --dir DIR   where files are written, and removed at the end (build/bench)";

pub struct Options {
    pub max: u64,
    pub dir: PathBuf,
    /// In a child, which does one thing.
    pub cell: Option<Cell>,
}

/// One number of the table.
pub struct Cell {
    pub work: Work,
    pub entries: u64,
    pub shards: u32,
    /// Its own, with what was written there.
    pub dir: PathBuf,
}

impl Options {
    /// What is wrong, if anything is.
    pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, &'static str> {
        let mut options = Self { max: 10_000_000, dir: PathBuf::from("build/bench"), cell: None };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                // What cargo itself hands on.
                "--bench" => {}
                "--max" => options.max = number(args.next())?,
                "--dir" => options.dir = args.next().ok_or(USAGE)?.into(),
                "--cell" => options.cell = Some(Cell::parse(&mut args).ok_or(USAGE)?),
                _ => return Err(USAGE),
            }
        }
        Ok(options)
    }
}

impl Cell {
    /// As the arguments of a child.
    pub fn to_args(&self) -> [String; 5] {
        [
            "--cell".into(),
            self.work.name().into(),
            self.entries.to_string(),
            self.shards.to_string(),
            self.dir.display().to_string(),
        ]
    }

    fn parse(args: &mut impl Iterator<Item = String>) -> Option<Self> {
        Some(Self {
            work: Work::of_name(&args.next()?)?,
            entries: args.next()?.parse().ok()?,
            shards: args.next()?.parse().ok()?,
            dir: args.next()?.into(),
        })
    }
}

fn number(text: Option<String>) -> Result<u64, &'static str> {
    text.and_then(|text| text.parse().ok()).filter(|&number| number >= 1000).ok_or(USAGE)
}
