//! `tfckpt diff`: what two checkpoints don't have in common.

mod compare;
mod report;
mod tally;

use std::cmp::Ordering;
use std::iter::{Fuse, Peekable};
use std::path::PathBuf;

use tfckpt::checkpoint::{Cursor, Reader, Tensor};
use tfckpt::{Error, Result};

use self::compare::compare;
use self::report::{Difference, Report, Side};
use self::tally::Values;
use crate::console::Console;
use crate::exit::Exit;
use crate::path;
use crate::threads::{Threads, Told, in_order};

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
    #[command(flatten)]
    threads: Threads,
}

fn parse_tolerance(text: &str) -> std::result::Result<f64, String> {
    let atol: f64 = text.parse().map_err(|_| "it is no number")?;
    if atol >= 0.0 { Ok(atol) } else { Err("it must not be negative".into()) }
}

/// Two checkpoints being compared.
struct Diff<'c> {
    report: Report,
    console: &'c mut Console,
}

/// What there is of a name.
enum Step {
    OnlyIn(Side, Tensor),
    Both(Tensor, Tensor),
    /// Something can't be known.
    Problem(Error),
}

/// What has come of it.
enum Outcome {
    OnlyIn(Side, Tensor),
    Unlike(Tensor, Tensor),
    Values(Tensor, Values),
    Problem(Error),
}

pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let (a, b) = (path::open(&args.a)?, path::open(&args.b)?);
    let report = Report::begin(args.json, console)?;
    console.begin("comparing", path::data_bytes(&a));
    let mut diff = Diff { report, console };
    let steps = Steps { a: a.tensors().fuse().peekable(), b: b.tensors().fuse().peekable() };
    let work = |step, advance: &dyn Fn(u64)| outcome(step, &a, &b, args.atol, advance);
    in_order(args.threads.number(), steps, work, |told| match told {
        Told::Advance(bytes) => {
            diff.console.advance(bytes);
            Ok(())
        }
        Told::Done(outcome) => diff.add(outcome),
    })?;
    let report = diff.report;
    console.end();
    report.end(console)
}

/// A walk along both in the order of names.
struct Steps<'r> {
    a: Peekable<Fuse<Cursor<'r>>>,
    b: Peekable<Fuse<Cursor<'r>>>,
}

impl Iterator for Steps<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        for walk in [&mut self.a, &mut self.b] {
            if let Some(Err(error)) = walk.next_if(Result::is_err) {
                return Some(Step::Problem(error));
            }
        }
        let order = match (self.a.peek(), self.b.peek()) {
            (Some(Ok(a)), Some(Ok(b))) => a.name.cmp(&b.name),
            (Some(_), _) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        let a = self.a.next_if(|_| order.is_le()).and_then(Result::ok);
        let b = self.b.next_if(|_| order.is_ge()).and_then(Result::ok);
        match (a, b) {
            (Some(a), Some(b)) => Some(Step::Both(a, b)),
            (Some(a), None) => Some(Step::OnlyIn(Side::A, a)),
            (None, Some(b)) => Some(Step::OnlyIn(Side::B, b)),
            (None, None) => None,
        }
    }
}

/// What comes of a step. `advance` is told of bytes that are compared.
fn outcome(
    step: Step,
    a: &Reader,
    b: &Reader,
    atol: Option<f64>,
    advance: &dyn Fn(u64),
) -> Outcome {
    match step {
        Step::OnlyIn(side, tensor) => Outcome::OnlyIn(side, tensor),
        Step::Problem(error) => Outcome::Problem(error),
        Step::Both(one, other) if (one.dtype, &one.shape) != (other.dtype, &other.shape) => {
            Outcome::Unlike(one, other)
        }
        Step::Both(one, other) => match compare((a, &one), (b, &other), atol, advance) {
            Ok(values) => Outcome::Values(one, values),
            Err(error) => Outcome::Problem(error),
        },
    }
}

impl Diff<'_> {
    fn add(&mut self, outcome: Outcome) -> Result<()> {
        match outcome {
            Outcome::OnlyIn(side, tensor) => self.differs(&tensor.name, Difference::OnlyIn(side)),
            Outcome::Unlike(a, b) => self.differs(&a.name, Difference::unlike(&a, &b)),
            Outcome::Values(_, values) if values.differing == 0 => {
                self.report.equal += 1;
                Ok(())
            }
            Outcome::Values(tensor, values) => {
                self.differs(&tensor.name, Difference::Values(values))
            }
            Outcome::Problem(error) => {
                self.console.report(&error);
                self.report.problems.push(error);
                Ok(())
            }
        }
    }

    fn differs(&mut self, name: &[u8], difference: Difference<'_>) -> Result<()> {
        self.console.raise(Exit::Bad);
        self.report.add(name, &difference, self.console)
    }
}
