//! A stored piece on its way into another bundle.
//!
//! Threads take any parts of it, each for itself, so that nothing of it is held but what
//! they are at. Where bytes stay as they are, one CRC does for both bundles: what was
//! written is compared with what the index of the source says.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use super::entry::Entry;
use super::header::Endianness;
use super::plain;
use super::reader::Reader;
use super::stored::{Stored, Window};
use crate::checksum;
use crate::error::{Result, ResultExt};
use crate::progress::Progress;
use crate::storage::ReadFile;
use crate::tensor::{DType, convert, swap_bytes};

/// Bytes between two pieces that are read all the same where that saves a call to the
/// operating system.
const READ_THROUGH: u64 = 4 << 10;

/// So much of the pieces behind one is read with it, for they are wanted next.
const READ_ON: u64 = 64 << 10;

/// A stored piece on its way into another bundle.
pub(crate) struct Relay<'p> {
    name: Vec<u8>,
    stored: Stored<'p>,
    /// Up to which byte of the file to read on behind it.
    reach: u64,
    change: Option<Change>,
    progress: &'p Progress,
}

/// What is stored in another way than it was.
struct Change {
    from: DType,
    to: DType,
    /// Every how many bytes are turned round before, and behind.
    swap_units: (usize, usize),
    /// Of what parts were read, and their CRCs.
    crcs: Mutex<Vec<(Range<u64>, u32)>>,
}

impl<'p> Relay<'p> {
    /// Of what is stored under `entry`, all of the tensor `name` or a slice of it, as
    /// elements of type `to` in this byte order. `progress` is told of the bytes as they
    /// were stored.
    ///
    /// # Errors
    /// Those of [`Reader::read_stored`] that don't take reading.
    pub(crate) fn new(
        reader: &Reader,
        name: &[u8],
        entry: &Entry,
        (to, behind): (DType, Endianness),
        progress: &'p Progress,
    ) -> Result<Self> {
        let (from, before) = (entry.dtype, reader.endianness());
        reader.placed(name, plain::check_dtype(from))?;
        let stored = Stored::open(reader.shards(), entry, before, progress).for_tensor(name)?;
        let swap_unit = |order, dtype: DType| {
            if order == Endianness::NATIVE { 1 } else { dtype.swap_unit() }
        };
        let swap_units = (swap_unit(before, from), swap_unit(behind, to));
        let is_same = from == to && swap_units.0 == swap_units.1;
        let change = (!is_same).then(|| Change { from, to, swap_units, crcs: Mutex::default() });
        let reach = stored.offset + stored.size;
        Ok(Self { name: name.to_vec(), stored, reach, change, progress })
    }

    /// How many times the bytes that are written a thread holds at most.
    pub(crate) fn expansion(&self) -> usize {
        let size_of = |dtype: DType| dtype.size().unwrap_or(1);
        // What was read, that in this machine's byte order, and what is made of it.
        let of = |change: &Change| 2 * size_of(change.from).div_ceil(size_of(change.to));
        self.change.as_ref().map_or(1, of)
    }

    /// Says of relays in the order in which they are taken that those close behind each
    /// other in a file can be read together.
    pub(crate) fn join<'r>(relays: impl DoubleEndedIterator<Item = &'r mut Self>)
    where
        'p: 'r,
    {
        let mut next: Option<(Arc<dyn ReadFile>, u64, u64)> = None;
        for relay in relays.rev() {
            let Stored { file, offset, size, .. } = &relay.stored;
            let end = offset + size;
            let close = next.filter(|(other, start, _)| {
                let gap = start.checked_sub(end);
                Arc::ptr_eq(file, other) && gap.is_some_and(|gap| gap <= READ_THROUGH)
            });
            let reach = close.map_or(end, |(_, _, reach)| reach);
            relay.reach = reach.min(end + READ_ON);
            next = Some((file.clone(), *offset, reach));
        }
    }

    /// Some of the bytes as they are to be stored, where they are mapped, or in what is
    /// handed in.
    pub(super) fn part<'s>(
        &'s self,
        part: Range<u64>,
        window: &'s mut Window,
        made: &'s mut Vec<u8>,
    ) -> Result<&'s [u8]> {
        let bytes = match &self.change {
            None => self.stored.bytes_of(part, self.reach, window).inspect(|bytes| {
                self.progress.advance(bytes.len() as u64);
            }),
            Some(change) => self.changed(change, part, window, made),
        };
        bytes.for_tensor(&self.name)
    }

    fn changed<'s>(
        &self,
        change: &Change,
        part: Range<u64>,
        window: &mut Window,
        made: &'s mut Vec<u8>,
    ) -> Result<&'s [u8]> {
        let size_of = |dtype: DType| dtype.size().unwrap_or(1) as u64;
        let (from, to) = (size_of(change.from), size_of(change.to));
        // An element that two parts share is read for both, and counts where it begins.
        let all = part.start / to * from..part.end.div_ceil(to) * from;
        let own = part.start.div_ceil(to) * from..all.end;
        let bytes = self.stored.bytes_of(all.clone(), self.reach, window)?;
        change.take_crc(own.clone(), &bytes[(own.start - all.start) as usize..]);
        change.make(bytes, made);
        self.progress.advance(own.end - own.start);
        let before = (part.start % to) as usize;
        Ok(&made[before..before + (part.end - part.start) as usize])
    }

    /// Compares what was read with what the index of the source says, when all of it has
    /// been, and has `written` as its CRC.
    pub(super) fn check(&self, written: u32) -> Result<()> {
        let crc = self.change.as_ref().map_or(written, Change::crc);
        self.stored.check(crc).for_tensor(&self.name)
    }
}

impl Change {
    fn take_crc(&self, range: Range<u64>, bytes: &[u8]) {
        let crc = checksum::crc32c(bytes);
        self.crcs.lock().unwrap_or_else(|e| e.into_inner()).push((range, crc));
    }

    /// That of all, put together from those of the parts.
    fn crc(&self) -> u32 {
        let mut crcs = self.crcs.lock().unwrap_or_else(|e| e.into_inner());
        crcs.sort_by_key(|(range, _)| range.start);
        let join = |all, (range, crc): &(Range<u64>, u32)| {
            checksum::combine(all, *crc, range.end - range.start)
        };
        crcs.iter().fold(0, join)
    }

    /// Makes of elements as they were stored what is to be stored.
    fn make(&self, elements: &[u8], made: &mut Vec<u8>) {
        let (before, behind) = self.swap_units;
        if self.from == self.to {
            made.clear();
            made.extend_from_slice(elements);
            // Turned round on one side only.
            return swap_bytes(made, before.max(behind));
        }
        if before == 1 {
            convert(elements, self.from, self.to, made);
        } else {
            let mut native = elements.to_vec();
            swap_bytes(&mut native, before);
            convert(&native, self.from, self.to, made);
        }
        swap_bytes(made, behind);
    }
}
