//! What the command line says.

use std::path::PathBuf;

const USAGE: &str = "\
cargo bench --features cli --bench meta -- [OPTION]...
  --gib N     how large the graph is (3)
  --dir DIR   where it is written, and removed at the end (build/bench)
  --limit N   how many MiB may be resident (200)";

pub struct Options {
    pub bytes: u64,
    pub dir: PathBuf,
    pub limit: f64,
}

impl Options {
    /// What is wrong, if anything is.
    pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, &'static str> {
        let mut options = Self { bytes: 3 << 30, dir: PathBuf::from("build/bench"), limit: 200.0 };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                // What cargo itself hands on.
                "--bench" => {}
                "--gib" => options.bytes = (number(args.next())? * (1u64 << 30) as f64) as u64,
                "--dir" => options.dir = args.next().ok_or(USAGE)?.into(),
                "--limit" => options.limit = number(args.next())?,
                _ => return Err(USAGE),
            }
        }
        Ok(options)
    }
}

fn number(text: Option<String>) -> Result<f64, &'static str> {
    text.and_then(|text| text.parse().ok()).filter(|number| *number > 0.0).ok_or(USAGE)
}
