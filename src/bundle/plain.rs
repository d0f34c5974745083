//! Elements of a fixed size, brought into a buffer.

use super::header::Endianness;
use super::plan::{Part, Plan};
use super::reader::ReadOptions;
use super::shards::Shards;
use super::stored::{PIECE, Stored};
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::{DType, Run, swap_bytes};

/// Bytes that nobody asked for, but that are read all the same between two runs
/// where that saves a call to the operating system.
const READ_THROUGH: u64 = 4 << 10;

/// Checks that a plan is for plain elements, and how many bytes they take.
pub(super) fn byte_size(plan: &Plan) -> Result<u64> {
    plan.shape.byte_size(check_dtype(plan.dtype)?)
}

/// Refuses types whose elements have no fixed size. Of the others, the size.
pub(crate) fn check_dtype(dtype: DType) -> Result<usize> {
    dtype.size().ok_or_else(|| {
        if dtype.is_variable_length() {
            Error::invalid(format!("{dtype} has elements of varying length; read it as strings"))
        } else {
            Error::unsupported(format!("{dtype} has no values in a file"))
        }
    })
}

/// The part of the caller's buffer that a plan fills.
pub(super) fn buffer<'d>(plan: &Plan, dst: &'d mut [u8]) -> Result<&'d mut [u8]> {
    let needed = byte_size(plan)?;
    let have = dst.len();
    usize::try_from(needed).ok().and_then(|needed| dst.get_mut(..needed)).ok_or_else(|| {
        Error::new(
            ErrorKind::BufferTooSmall,
            format!("{needed} bytes wanted, the buffer has {have}"),
        )
    })
}

/// Carries out a plan: fills `dst`, which [`buffer`] made, with what is wanted, in
/// this machine's byte order.
pub(super) fn read(
    shards: &Shards,
    endianness: Endianness,
    plan: &Plan,
    dst: &mut [u8],
    options: &ReadOptions,
) -> Result<()> {
    if let Some(part) = plan.single() {
        let progress = &options.progress;
        Stored::open(shards, &part.entry, endianness, progress)?.read_into(dst, options.verify)?;
    } else {
        for part in &plan.parts {
            read_part(shards, endianness, part, dst, options)?;
        }
    }
    to_native(endianness, plan, dst);
    Ok(())
}

/// Reads the parts of a plan, and leaves the rest of `dst` as it is.
pub(super) fn read_parts(
    shards: &Shards,
    endianness: Endianness,
    plan: &Plan,
    dst: &mut [u8],
    options: &ReadOptions,
) -> Result<()> {
    for part in &plan.parts {
        read_part(shards, endianness, part, dst, options)?;
        if endianness != Endianness::NATIVE {
            let mut runs = ByteRuns::new(part);
            while let Some(run) = runs.current {
                swap_bytes(run_target(dst, run), plan.dtype.swap_unit());
                runs.advance();
            }
        }
    }
    Ok(())
}

/// Turns what was read into this machine's byte order.
pub(super) fn to_native(endianness: Endianness, plan: &Plan, dst: &mut [u8]) {
    if endianness != Endianness::NATIVE {
        swap_bytes(dst, plan.dtype.swap_unit());
    }
}

fn read_part(
    shards: &Shards,
    endianness: Endianness,
    part: &Part,
    dst: &mut [u8],
    options: &ReadOptions,
) -> Result<()> {
    let ReadOptions { verify, ref progress, .. } = *options;
    let stored = Stored::open(shards, &part.entry, endianness, progress)?;
    let mut runs = ByteRuns::new(part);
    if let Some(run) = runs.only().filter(|run| run.len == stored.size || !verify) {
        stored_run(&stored, run, dst, verify)
    } else if verify {
        stored.for_each_piece(|at, piece| {
            runs.copy_piece(at, piece, dst);
            Ok(())
        })
    } else {
        read_runs(&stored, runs, dst)
    }
}

fn stored_run(stored: &Stored<'_>, run: Run, dst: &mut [u8], verify: bool) -> Result<()> {
    let dst = &mut dst[run.wanted as usize..][..run.len as usize];
    if verify { stored.read_into(dst, true) } else { stored.read_range(dst, run.stored) }
}

/// Reads the runs alone, those that lie close together in one go.
fn read_runs(stored: &Stored<'_>, mut runs: ByteRuns<'_>, dst: &mut [u8]) -> Result<()> {
    let mut buf = Vec::new();
    while let Some(first) = runs.current {
        let Close { end, count, wanted } = runs.clone().close_runs();
        if count == 1 {
            stored.read_range(run_target(dst, first), first.stored)?;
            runs.advance();
        } else {
            buf.resize((end - first.stored) as usize, 0);
            stored.read_through(&mut buf, first.stored, wanted)?;
            runs.copy_piece(first.stored, &buf, dst);
        }
    }
    Ok(())
}

fn run_target(dst: &mut [u8], run: Run) -> &mut [u8] {
    &mut dst[run.wanted as usize..][..run.len as usize]
}

/// Runs that are read in one go.
#[derive(Default)]
struct Close {
    /// Where the last one ends.
    end: u64,
    /// How many they are.
    count: usize,
    /// How many bytes they have, those between them left out.
    wanted: u64,
}

/// The runs of an overlap, in bytes rather than elements.
#[derive(Clone)]
struct ByteRuns<'p> {
    runs: crate::tensor::Runs<'p>,
    element_size: u64,
    current: Option<Run>,
    left: u64,
}

impl<'p> ByteRuns<'p> {
    fn new(part: &'p Part) -> Self {
        let element_size = part.entry.dtype.size().unwrap_or(1) as u64;
        let runs = part.overlap.runs();
        let mut runs = Self { left: runs.len() as u64, runs, element_size, current: None };
        runs.advance();
        runs
    }

    /// The run, if there is just one.
    fn only(&self) -> Option<Run> {
        self.current.filter(|_| self.left == 0)
    }

    fn advance(&mut self) {
        let size = self.element_size;
        self.current = self.runs.next().map(|run| Run {
            stored: run.stored * size,
            wanted: run.wanted * size,
            len: run.len * size,
        });
        self.left = self.left.saturating_sub(1);
    }

    /// The current run and those close behind it.
    fn close_runs(mut self) -> Close {
        let Some(first) = self.current else { return Close::default() };
        let (mut end, mut count, mut wanted) = (first.stored, 0, 0);
        while let Some(run) = self.current {
            let run_end = run.stored + run.len;
            let far = run.stored - end > READ_THROUGH || run_end - first.stored > PIECE as u64;
            if count > 0 && far {
                break;
            }
            (end, count, wanted) = (run_end, count + 1, wanted + run.len);
            self.advance();
        }
        Close { end, count, wanted }
    }

    /// Copies what of `piece`, the stored bytes from `at` on, is wanted. Pieces
    /// come in order.
    fn copy_piece(&mut self, at: u64, piece: &[u8], dst: &mut [u8]) {
        let piece_end = at + piece.len() as u64;
        while let Some(run) = self.current {
            let (start, end) = (run.stored.max(at), (run.stored + run.len).min(piece_end));
            if start < end {
                let from = &piece[(start - at) as usize..(end - at) as usize];
                let to = (run.wanted + (start - run.stored)) as usize;
                dst[to..to + from.len()].copy_from_slice(from);
            }
            if run.stored + run.len > piece_end {
                return;
            }
            self.advance();
        }
    }
}
