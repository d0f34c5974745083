//! Stored pieces cut into stretches, each read by any thread straight to where it
//! belongs, their CRCs put together in the end.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use super::header::Endianness;
use super::plain;
use super::plan::{Part, Plan};
use super::runs::{ByteRuns, Close, Place};
use super::stored::{Manner, Scratch, Stored};
use crate::checksum;
use crate::error::Result;

/// How long a stretch is. A multiple of every element's size; of a stretch each, two
/// threads come to the end together well enough. And it is a huge page, which a thread
/// that touches it first has to clear, while another one would do the same for nothing.
const STRETCH: u64 = 2 << 20;

/// A multiple of every element's size, too.
const ELEMENTS: u64 = 64;

/// A piece that several threads read is this long at least: to start a thread takes as
/// long as to read some hundred KiB.
const WORTH_CUTTING: u64 = 2 * STRETCH;

/// How so many bytes are cut into stretches, of which the first may have a length of its
/// own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cuts {
    size: u64,
    first: u64,
}

impl Cuts {
    /// All stretches are as long, but for the last one.
    pub(super) fn of(size: u64) -> Self {
        Self { size, first: if size < WORTH_CUTTING { size } else { STRETCH } }
    }

    /// The same for what goes to memory from `address` on: no two stretches begin in the
    /// same huge page.
    fn to(address: usize, size: u64) -> Self {
        let all = Self::of(size);
        let behind = address as u64 % STRETCH;
        let first = (all.first.saturating_sub(behind)).next_multiple_of(ELEMENTS);
        if size < WORTH_CUTTING { all } else { Self { first, ..all } }
    }

    fn count(self) -> usize {
        1 + (self.size - self.first).div_ceil(STRETCH) as usize
    }

    /// From the first to the last.
    pub(super) fn ranges(self) -> impl ExactSizeIterator<Item = Range<u64>> {
        (0..self.count()).map(move |number| {
            let end = self.first + number as u64 * STRETCH;
            let start = if number == 0 { 0 } else { end - STRETCH };
            start..end.min(self.size)
        })
    }
}

/// A stored piece of which stretches are read.
#[derive(Debug)]
pub(super) struct Piece<'p> {
    stored: Stored<'p>,
    cuts: Cuts,
    crcs: Crcs,
}

/// The CRCs of the stretches of a piece.
#[derive(Debug)]
struct Crcs(Mutex<(Vec<u32>, usize)>);

/// Part of a stored piece, and where in the caller's memory it goes.
pub(super) struct Stretch<'p, 'd> {
    piece: Arc<Piece<'p>>,
    part: Arc<Part>,
    number: usize,
    range: Range<u64>,
    place: Place<'d>,
}

impl<'p> Piece<'p> {
    /// Of the whole of which all stretches are read, if it is to be checked.
    pub(super) fn new(stored: Stored<'p>, cuts: Cuts) -> Self {
        let count = cuts.count();
        Self { stored, cuts, crcs: Crcs(Mutex::new((vec![0; count], count))) }
    }

    /// The same, wherever its bytes go.
    pub(super) fn anywhere(stored: Stored<'p>) -> Self {
        let cuts = Cuts::of(stored.size);
        Self::new(stored, cuts)
    }

    pub(super) fn stored(&self) -> &Stored<'p> {
        &self.stored
    }

    /// Takes the CRC of a stretch; with the last of them checks the whole.
    pub(super) fn take_crc(&self, number: usize, crc: u32) -> Result<()> {
        match self.crcs.take(number, crc, self.cuts) {
            Some(whole) => self.stored.check(whole),
            None => Ok(()),
        }
    }
}

impl Crcs {
    /// Takes one; with the last returns that of all bytes.
    fn take(&self, number: usize, crc: u32, cuts: Cuts) -> Option<u32> {
        let mut crcs = self.0.lock().unwrap_or_else(|e| e.into_inner());
        let (crcs, left) = &mut *crcs;
        *crcs.get_mut(number)? = crc;
        *left = left.checked_sub(1)?;
        if *left > 0 {
            return None;
        }
        let lengths = cuts.ranges().map(|range| range.end - range.start);
        let whole = |whole, (&crc, len)| checksum::combine(whole, crc, len);
        Some(crcs.iter().zip(lengths).fold(0, whole))
    }
}

impl Stretch<'_, '_> {
    /// Reads it; with the last of its piece, checks that.
    pub(super) fn read(mut self, manner: Manner, scratch: &mut Scratch) -> Result<()> {
        let Self { piece, part, range, place, .. } = &mut self;
        let crc = read_part(&piece.stored, part, range.clone(), place, manner, scratch)?;
        if manner.verify { self.piece.take_crc(self.number, crc) } else { Ok(()) }
    }
}

/// Reads a stretch of a stored piece, and puts what of it is wanted where it belongs, in
/// this machine's byte order. Returns the CRC, if that is wanted.
pub(super) fn read_part(
    stored: &Stored<'_>,
    part: &Part,
    range: Range<u64>,
    place: &mut Place<'_>,
    manner: Manner,
    scratch: &mut Scratch,
) -> Result<u32> {
    let mut runs = ByteRuns::new(part, range.clone());
    let only = runs.current().filter(|run| run.len == range.end - range.start);
    let crc = match only {
        Some(run) => {
            stored.read_into(place.at(run.wanted, run.len), run.stored, manner, scratch)?
        }
        None if manner.verify => stored.pieces_of(range.clone(), scratch, |at, piece| {
            runs.copy_piece(at, piece, place);
            Ok(())
        })?,
        None => read_runs(stored, runs, place, manner, scratch).map(|()| 0)?,
    };
    to_native(stored.endianness, part, range, place);
    Ok(crc)
}

/// Reads the runs alone, those that lie close together in one go.
fn read_runs(
    stored: &Stored<'_>,
    mut runs: ByteRuns<'_>,
    place: &mut Place<'_>,
    manner: Manner,
    scratch: &mut Scratch,
) -> Result<()> {
    while let Some(first) = runs.current() {
        let Close { end, count, wanted } = runs.clone().close_runs();
        if count == 1 {
            let dst = place.at(first.wanted, first.len);
            stored.read_into(dst, first.stored, manner, scratch)?;
            runs.advance();
        } else {
            let read = scratch.take((end - first.stored) as usize);
            stored.read_through(read, first.stored, wanted)?;
            runs.copy_piece(first.stored, read, place);
        }
    }
    Ok(())
}

fn to_native(endianness: Endianness, part: &Part, range: Range<u64>, place: &mut Place<'_>) {
    if endianness == Endianness::NATIVE {
        return;
    }
    let mut runs = ByteRuns::new(part, range);
    while let Some(run) = runs.current() {
        plain::to_native(endianness, part.entry.dtype, place.at(run.wanted, run.len));
        runs.advance();
    }
}

/// Cuts what carries out a plan into stretches that go to parts of `dst` of their own.
/// `None` where that is not worth it, or where parts go to places between each other's.
pub(super) fn cut<'p, 'd>(
    plan: &Plan,
    dst: &'d mut [u8],
    verify: bool,
    open: impl Fn(&Part) -> Result<Stored<'p>>,
) -> Result<Cutting<'p, 'd>> {
    let Some(parts) = in_order(plan).filter(|_| is_worth_it(plan, verify)) else {
        return Ok(Cutting::Whole(dst));
    };
    let mut stretches = Vec::new();
    for part in parts {
        let all = if verify { 0..part.entry.size } else { part.stored_span() };
        let address = dst.as_ptr().addr().wrapping_add(part.wanted_behind(all.start) as usize);
        let cuts = Cuts::to(address, all.end - all.start);
        let piece = Arc::new(Piece::new(open(part)?, cuts));
        let part = Arc::new(part.clone());
        for (number, range) in cuts.ranges().enumerate() {
            let range = all.start + range.start..all.start + range.end;
            let place = Place { start: part.wanted_behind(range.start), dst: &mut [] };
            let (piece, part) = (piece.clone(), part.clone());
            stretches.push(Stretch { piece, part, number, range, place });
        }
    }
    let mut rest = dst;
    for stretch in stretches.iter_mut().rev() {
        let place = &mut stretch.place;
        (rest, place.dst) = rest.split_at_mut(place.start as usize);
    }
    Ok(Cutting::Cut(stretches))
}

/// What [`cut`] has made.
pub(super) enum Cutting<'p, 'd> {
    Cut(Vec<Stretch<'p, 'd>>),
    /// Nothing: this is what was to be cut.
    Whole(&'d mut [u8]),
}

/// Whether it is long, and each part read from its first byte to its last.
fn is_worth_it(plan: &Plan, verify: bool) -> bool {
    let is_read_through = |part: &Part| verify || part.overlap.is_one_run();
    plan.work(verify) >= WORTH_CUTTING && plan.parts.iter().all(is_read_through)
}

/// The parts in the order of where they go; `None` where one reaches into another.
fn in_order(plan: &Plan) -> Option<Vec<&Part>> {
    let mut parts: Vec<&Part> = plan.parts.iter().collect();
    parts.sort_by_key(|part| part.overlap.wanted_span().start);
    let is_apart =
        |two: &[&Part]| two[0].overlap.wanted_span().end <= two[1].overlap.wanted_span().start;
    parts.windows(2).all(is_apart).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_all_of_it() {
        let sizes = [0, 1, STRETCH, WORTH_CUTTING - 1, WORTH_CUTTING, 5 * STRETCH + 1];
        let addresses = [0, 16, 4096, STRETCH - 1, STRETCH, STRETCH + 77];
        for (size, address) in sizes.into_iter().flat_map(|size| addresses.map(|at| (size, at))) {
            let cuts = Cuts::to(address as usize, size);
            let mut end = 0;
            for range in cuts.ranges() {
                assert_eq!(range.start, end);
                assert!(range.start % ELEMENTS == 0);
                assert!(end == 0 || (address + end) % STRETCH < ELEMENTS);
                end = range.end;
            }
            assert_eq!(end, size);
            assert_eq!(cuts.ranges().count(), cuts.count());
        }
    }

    #[test]
    fn crcs_come_in_any_order() {
        let data: Vec<u8> = (0..WORTH_CUTTING + 77).map(|at| (at % 251) as u8).collect();
        let size = data.len() as u64;
        let cuts = Cuts::to(48, size);
        let crcs = Crcs(Mutex::new((vec![0; 3], 3)));
        let crc = |number: usize| {
            let range = cuts.ranges().nth(number).unwrap();
            checksum::crc32c(&data[range.start as usize..range.end as usize])
        };
        assert_eq!(crcs.take(1, crc(1), cuts), None);
        assert_eq!(crcs.take(2, crc(2), cuts), None);
        assert_eq!(crcs.take(0, crc(0), cuts), Some(checksum::crc32c(&data)));
    }
}
