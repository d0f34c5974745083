//! What of a stored piece is wanted, as runs of bytes.

use std::ops::Range;

use super::plan::Part;
use super::stored::PIECE;
use crate::tensor::{Run, Runs};

/// Bytes that nobody asked for, but that are read all the same between two runs
/// where that saves a call to the operating system.
const READ_THROUGH: u64 = 4 << 10;

/// The runs of an overlap in a stretch of the stored bytes, in bytes rather than
/// elements.
#[derive(Clone)]
pub(super) struct ByteRuns<'p> {
    runs: Runs<'p>,
    element_size: u64,
    stretch: Range<u64>,
    current: Option<Run>,
}

/// Runs that are read in one go.
#[derive(Default)]
pub(super) struct Close {
    /// Where the last one ends.
    pub(super) end: u64,
    /// How many they are.
    pub(super) count: usize,
    /// How many bytes they have, those between them left out.
    pub(super) wanted: u64,
}

impl<'p> ByteRuns<'p> {
    /// Those in `stretch`, which begins and ends between two elements.
    pub(super) fn new(part: &'p Part, stretch: Range<u64>) -> Self {
        let element_size = part.entry.dtype.size().unwrap_or(1) as u64;
        let runs = Runs::behind(&part.overlap, stretch.start / element_size);
        let mut runs = Self { runs, element_size, stretch, current: None };
        runs.advance();
        runs
    }

    /// The run where this is.
    pub(super) fn current(&self) -> Option<Run> {
        self.current
    }

    pub(super) fn advance(&mut self) {
        let size = self.element_size;
        self.current = self.runs.next().and_then(|run| {
            let start = (run.stored * size).max(self.stretch.start);
            let end = ((run.stored + run.len) * size).min(self.stretch.end);
            let wanted = run.wanted * size + (start - run.stored * size);
            (start < end).then(|| Run { stored: start, wanted, len: end - start })
        });
    }

    /// The current run and those close behind it.
    pub(super) fn close_runs(mut self) -> Close {
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
    pub(super) fn copy_piece(&mut self, at: u64, piece: &[u8], dst: &mut Place<'_>) {
        let piece_end = at + piece.len() as u64;
        while let Some(run) = self.current {
            let (start, end) = (run.stored.max(at), (run.stored + run.len).min(piece_end));
            if start < end {
                let from = &piece[(start - at) as usize..(end - at) as usize];
                dst.at(run.wanted + (start - run.stored), end - start).copy_from_slice(from);
            }
            if run.stored + run.len > piece_end {
                return;
            }
            self.advance();
        }
    }
}

/// The caller's memory from byte `start` of what is wanted on.
pub(super) struct Place<'d> {
    pub(super) start: u64,
    pub(super) dst: &'d mut [u8],
}

impl Place<'_> {
    /// So many bytes from byte `wanted` of what is wanted on.
    pub(super) fn at(&mut self, wanted: u64, len: u64) -> &mut [u8] {
        let start = (wanted - self.start) as usize;
        &mut self.dst[start..][..len as usize]
    }
}
