//! `tfckpt diff`: what two checkpoints don't have in common.

mod compare;
mod report;
mod tally;

use std::cmp::Ordering;
use std::iter::Fuse;
use std::path::PathBuf;

use tfckpt::checkpoint::{Cursor, Reader, Tensor};
use tfckpt::{Error, Result};

use self::compare::compare;
use self::report::{Difference, Report, Side};
use crate::console::Console;
use crate::exit::Exit;
use crate::path;

/// Compare two checkpoints: names, dtypes, shapes, values
///
/// How the bytes are stored, in which order, shards or slices, makes no difference. Values are the
/// same if their bytes are, unless --atol is given. The exit code is 0 where nothing differs, and 1
/// where something does.
#[derive(clap::Args)]
pub struct Args {
    /// One checkpoint: a prefix, any of its files, a directory, of either format
    a: PathBuf,
    /// The other
    b: PathBuf,
    /// Print one JSON document
    ///
    /// {"differences": [{"name", "only_in"}, {"name", "dtype": {"a", "b"}, "shape": {"a", "b"}},
    /// {"name", "values": {"elements", "differing", "first", "max_abs"}}, ...], "equal",
    /// "different", "only_in_a", "only_in_b"}. "first" is an index, "max_abs" is there for
    /// floating types; "name_b64" for a name that is not UTF-8, "problems" where something
    /// could not be read.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
    /// Take floating and complex values for the same if they are at most X apart
    ///
    /// NaN is then the same as NaN, and -0 as 0.
    #[arg(long, value_name = "X", value_parser = parse_tolerance)]
    atol: Option<f64>,
}

fn parse_tolerance(text: &str) -> std::result::Result<f64, String> {
    let atol: f64 = text.parse().map_err(|_| "it is no number")?;
    if atol >= 0.0 { Ok(atol) } else { Err("it must not be negative".into()) }
}

/// Two checkpoints being compared.
struct Diff<'c> {
    a: &'c Reader,
    b: &'c Reader,
    atol: Option<f64>,
    report: Report,
    console: &'c mut Console,
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let (a, b) = (path::open(&args.a)?, path::open(&args.b)?);
    let report = Report::begin(args.json, console)?;
    console.begin("comparing", path::data_bytes(&a));
    let mut diff = Diff { a: &a, b: &b, atol: args.atol, report, console };
    diff.walk()?;
    let report = diff.report;
    console.end();
    report.end(console)
}

impl Diff<'_> {
    /// Goes along both in the order of names.
    fn walk(&mut self) -> Result<()> {
        let mut walk_a = self.a.tensors().fuse();
        let mut walk_b = self.b.tensors().fuse();
        let (mut in_a, mut in_b) = (self.next(&mut walk_a), self.next(&mut walk_b));
        while in_a.is_some() || in_b.is_some() {
            let order = match (&in_a, &in_b) {
                (Some(a), Some(b)) => a.name.cmp(&b.name),
                (Some(_), None) => Ordering::Less,
                (None, _) => Ordering::Greater,
            };
            let a = in_a.take_if(|_| order.is_le());
            let b = in_b.take_if(|_| order.is_ge());
            match (&a, &b) {
                (Some(a), Some(b)) => self.both(a, b)?,
                (Some(a), None) => self.differs(&a.name, Difference::OnlyIn(Side::A))?,
                (None, Some(b)) => self.differs(&b.name, Difference::OnlyIn(Side::B))?,
                (None, None) => {}
            }
            in_a = in_a.or_else(|| self.next(&mut walk_a));
            in_b = in_b.or_else(|| self.next(&mut walk_b));
        }
        Ok(())
    }

    /// The next tensor that there is something to be known of.
    fn next(&mut self, walk: &mut Fuse<Cursor<'_>>) -> Option<Tensor> {
        loop {
            match walk.next()? {
                Ok(tensor) => return Some(tensor),
                Err(error) => self.problem(error),
            }
        }
    }

    fn problem(&mut self, error: Error) {
        self.console.report(&error);
        self.report.problems.push(error);
    }

    fn both(&mut self, a: &Tensor, b: &Tensor) -> Result<()> {
        if (a.dtype, &a.shape) != (b.dtype, &b.shape) {
            return self.differs(&a.name, Difference::unlike(a, b));
        }
        let console = &mut *self.console;
        match compare((self.a, a), (self.b, b), self.atol, |bytes| console.advance(bytes)) {
            Ok(values) if values.differing == 0 => self.report.equal += 1,
            Ok(values) => self.differs(&a.name, Difference::Values(values))?,
            Err(error) => self.problem(error),
        }
        Ok(())
    }

    fn differs(&mut self, name: &[u8], difference: Difference<'_>) -> Result<()> {
        self.console.raise(Exit::Bad);
        self.report.add(name, &difference, self.console)
    }
}
