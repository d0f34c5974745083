//! Stored pieces checked against their checksums, on several threads.

use std::ops::Range;
use std::sync::Mutex;

use super::entry::Entry;
use super::reader::{ReadOptions, Reader};
use super::stored::{Scratch, Stored};
use super::stretch::{Cuts, Piece};
use super::variable;
use crate::crew;
use crate::error::{Error, ErrorKind, Result};

/// A stored piece to be checked: a whole tensor, or a slice of one.
#[derive(Debug)]
pub(super) struct Check {
    /// That of the tensor.
    pub(super) name: Vec<u8>,
    /// That of the piece.
    pub(super) entry: Entry,
}

/// One of the stretches of a piece to be checked, or all of it.
struct Task<'c, 'p> {
    /// Which of the checks.
    at: usize,
    check: &'c Check,
    part: Part<'c, 'p>,
}

#[derive(Clone)]
enum Part<'c, 'p> {
    Whole,
    Stretch { piece: &'c Piece<'p>, number: usize, range: Range<u64> },
}

/// What is wrong with each, and which of them that is; in their order.
///
/// # Errors
/// `Cancelled`.
pub(super) fn check_all(
    reader: &Reader,
    checks: &[Check],
    options: &ReadOptions,
) -> Result<Vec<(usize, Error)>> {
    let pieces: Vec<_> = checks.iter().map(|check| long_piece(reader, check, options)).collect();
    let tasks: Vec<_> = checks.iter().zip(&pieces).enumerate().flat_map(tasks).collect();
    let problems = Mutex::new(Vec::new());
    let threads = options.threads.min(tasks.len());
    crew::share(threads, &options.progress, &tasks, |task, scratch| {
        match reader.placed(&task.check.name, task.run(reader, options, scratch)) {
            Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
            Err(error) => {
                let mut problems = problems.lock().unwrap_or_else(|e| e.into_inner());
                problems.push((task.at, task.number(), error));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    })?;
    let mut problems = problems.into_inner().unwrap_or_else(|e| e.into_inner());
    problems.sort_by_key(|&(at, number, _)| (at, number));
    problems.dedup_by_key(|&mut (at, ..)| at);
    Ok(problems.into_iter().map(|(at, _, error)| (at, error)).collect())
}

/// A piece that several threads are to check. If it can't be opened, one of them will
/// tell why.
fn long_piece<'p>(reader: &Reader, check: &Check, options: &'p ReadOptions) -> Option<Piece<'p>> {
    let entry = &check.entry;
    let is_long = options.threads > 1 && Cuts::of(entry.size).ranges().len() > 1;
    if !is_long || entry.dtype.size().is_none() {
        return None;
    }
    let stored = Stored::open(reader.shards(), entry, reader.endianness(), &options.progress);
    stored.ok().map(Piece::anywhere)
}

fn tasks<'c, 'p>(
    (at, (check, piece)): (usize, (&'c Check, &'c Option<Piece<'p>>)),
) -> Vec<Task<'c, 'p>> {
    let task = |part| Task { at, check, part };
    let Some(piece) = piece else { return vec![task(Part::Whole)] };
    let ranges = Cuts::of(check.entry.size).ranges().enumerate();
    ranges.map(|(number, range)| task(Part::Stretch { piece, number, range })).collect()
}

impl Task<'_, '_> {
    /// Which of the stretches it is.
    fn number(&self) -> usize {
        match self.part {
            Part::Whole => 0,
            Part::Stretch { number, .. } => number,
        }
    }

    fn run(&self, reader: &Reader, options: &ReadOptions, scratch: &mut Scratch) -> Result<()> {
        match &self.part {
            Part::Whole => check_whole(reader, &self.check.entry, options, scratch),
            Part::Stretch { piece, number, range } => {
                let crc = piece.stored().pieces_of(range.clone(), scratch, |_, _| Ok(()))?;
                piece.take_crc(*number, crc)
            }
        }
    }
}

fn check_whole(
    reader: &Reader,
    entry: &Entry,
    options: &ReadOptions,
    scratch: &mut Scratch,
) -> Result<()> {
    if entry.dtype.size().is_none() {
        variable::check_dtype(entry.dtype)?;
    }
    let stored = Stored::open(reader.shards(), entry, reader.endianness(), &options.progress)?;
    if entry.dtype.is_variable_length() {
        return variable::check(&stored, entry.dtype, entry.shape.num_elements());
    }
    stored.check(stored.pieces_of(0..entry.size, scratch, |_, _| Ok(()))?)
}
