//! Many tensors at once.
//!
//! ```text
//! all requests     checked and given their places; unless all names come in order,
//!                  their entries made: all or none
//! some at a time   few bytes ──► DataShards, as one tensor is added
//!                  many      ──► Lanes, on threads
//!                  their CRCs ──► their entries
//! ```

use std::ops::Range;

use super::data_shard::DataShard;
use super::entries::{AHEAD, Cursor, Mark};
use super::lane::{self, Job};
use super::request::{Whole, WriteRequests};
use super::values::Values;
use super::{WriteOptions, Writer, WriterOptions, emptiest};
use crate::bundle::plain_entry::Plain;
use crate::checksum;
use crate::error::{Error, Result, ResultExt};
use crate::table::common_prefix;
use crate::tensor::DType;

/// So many requests are handed to threads at a time.
const SOME: usize = 64 << 10;

/// And so many are written by one: what was looked at to write them is still in the
/// cache when their entries are made.
const FEW: usize = 256;

/// For fewer bytes no thread is started.
const WORTH_THREADS: u64 = 2 << 20;

/// What is going to be written.
struct Plan {
    /// Where the shards end then.
    places: Places,
    bytes: u64,
    /// Where the entries begin that have been made already, but for their CRCs; `None`
    /// where names come in order, and no entries have been made.
    registered: Option<Mark>,
}

impl Writer {
    pub(crate) fn add_requests(
        &mut self,
        requests: &dyn WriteRequests,
        options: &WriteOptions,
    ) -> Result<()> {
        self.check_sound()?;
        options.progress.check().in_file(&self.prefix)?;
        let places = self.places();
        let plan = match self.plan_in_order(requests, places.clone()) {
            Some(plan) => plan,
            None => self.register_all(requests, places.clone())?,
        };
        if let Err(error) = options.progress.begin(|| plan.bytes) {
            self.take_back(requests, requests.len(), plan.registered);
            return Err(error.in_file(&self.prefix));
        }
        self.expect(&plan.places);
        self.guarded(|writer| writer.write_all(requests, plan.registered, places, options))
            .in_file(&self.prefix)
    }

    pub(super) fn places(&self) -> Places {
        Places { ends: self.shards.iter().map(DataShard::len).collect() }
    }

    /// Tells the files how long they are going to be.
    pub(super) fn expect(&mut self, places: &Places) {
        for (shard, &end) in self.shards.iter_mut().zip(&places.ends) {
            shard.expect(end);
        }
    }

    /// The plan for whole tensors whose names come in order, behind all others, with
    /// nothing wrong. `None` for any else, whatever that may be.
    fn plan_in_order(&self, requests: &dyn WriteRequests, mut places: Places) -> Option<Plan> {
        let mut last = self.entries.last_name()?;
        let mut bytes = 0u64;
        let mut some = Vec::with_capacity(FEW);
        for numbers in in_steps(requests.len(), FEW) {
            some.clear();
            requests.take_whole(numbers.clone(), &mut some);
            for whole in &some {
                let size = whole.size().filter(|_| is_below(last, whole.name))?;
                places.next(&self.options, whole.dtype, size)?;
                bytes = bytes.saturating_add(size);
                last = whole.name;
            }
            if some.len() < numbers.len() {
                return None;
            }
        }
        Some(Plan { places, bytes, registered: None })
    }

    /// Makes the entries of all requests, or of none, without their CRCs.
    fn register_all(&mut self, requests: &dyn WriteRequests, mut places: Places) -> Result<Plan> {
        let mark = self.entries.mark(requests.len())?;
        let mut bytes = 0u64;
        let mut number = 0;
        let mut some = Vec::with_capacity(AHEAD);
        while number < requests.len() {
            some.clear();
            requests.take_whole(number..requests.len().min(number + AHEAD), &mut some);
            self.look_ahead(&some);
            // The one behind them is none of them, or wrong.
            let is_short = some.len() < AHEAD && number + some.len() < requests.len();
            let whole = some.iter().map(Some).chain(is_short.then_some(None));
            for whole in whole {
                match self.register(requests, number, whole, &mut places) {
                    Ok(size) => bytes = bytes.saturating_add(size),
                    Err(error) => {
                        self.take_back(requests, number, Some(mark));
                        return Err(error);
                    }
                }
                number += 1;
            }
        }
        Ok(Plan { places, bytes, registered: Some(mark) })
    }

    /// Looks at what the entries of some requests need.
    fn look_ahead(&self, some: &[Whole<'_>]) {
        let mut names = [&[][..]; AHEAD];
        for (name, whole) in names.iter_mut().zip(some) {
            *name = whole.name;
        }
        self.entries.look_ahead(&names[..some.len().min(AHEAD)]);
    }

    /// Makes the entry of a request, which `whole` is too, if that is all there is to it.
    fn register(
        &mut self,
        requests: &dyn WriteRequests,
        number: usize,
        whole: Option<&Whole<'_>>,
        places: &mut Places,
    ) -> Result<u64> {
        if let Some(whole) = whole {
            if let Some(size) = self.register_whole(whole, places)? {
                return Ok(size);
            }
        }
        let request = requests.get(number)?;
        let target = request.target();
        let mut entry = target.entry_of(request.data).for_tensor(request.name)?;
        self.check_target(&target)?;
        let place = places.next(&self.options, entry.dtype, entry.size).ok_or_else(no_room);
        (entry.shard, entry.offset) = place.for_tensor(request.name)?;
        self.entries.insert(&target, &entry)?;
        Ok(entry.size)
    }

    /// The same of a whole tensor; `None`, and nothing has been done, where there is
    /// something wrong with it.
    fn register_whole(&mut self, whole: &Whole<'_>, places: &mut Places) -> Result<Option<u64>> {
        let Some(size) = whole.size() else { return Ok(None) };
        let mut next = places.clone();
        let Some((shard, offset)) = next.next(&self.options, whole.dtype, size) else {
            return Ok(None);
        };
        let place = Plain { dtype: whole.dtype, shard, offset, size, crc32c: 0 };
        let is_new = self.entries.insert_new(whole.name, whole.dims, &place)?;
        if is_new {
            *places = next;
        }
        Ok(is_new.then_some(size))
    }

    /// Forgets the entries of the first `count` requests, which are all since `mark`.
    fn take_back(&mut self, requests: &dyn WriteRequests, count: usize, mark: Option<Mark>) {
        let sliced = |number| {
            let request = requests.get(number).ok()?;
            request.target().slice.map(|_| request.name)
        };
        if let Some(mark) = mark {
            self.entries.take_back(mark, (0..count).filter_map(sliced));
        }
    }

    fn write_all(
        &mut self,
        requests: &dyn WriteRequests,
        registered: Option<Mark>,
        mut places: Places,
        options: &WriteOptions,
    ) -> Result<()> {
        let mut cursor = registered.map(Mark::cursor);
        let some = if options.threads > 1 { SOME } else { FEW };
        let (mut values, mut stored) = (Vec::new(), Vec::new());
        for numbers in in_steps(requests.len(), some) {
            values_of(requests, numbers, &mut values)?;
            self.place_some(&values, &mut places, &mut stored)?;
            self.write_some(&values, &mut stored, options)?;
            self.complete(&values, &stored, &mut cursor)?;
        }
        Ok(())
    }

    /// Where each goes.
    fn place_some(
        &self,
        values: &[Whole<'_>],
        places: &mut Places,
        stored: &mut Vec<Plain>,
    ) -> Result<()> {
        stored.clear();
        for &Whole { dtype, data, .. } in values {
            let size = data.len() as u64;
            let (shard, offset) = places.next(&self.options, dtype, size).ok_or_else(no_room)?;
            stored.push(Plain { dtype, shard, offset, size, crc32c: 0 });
        }
        Ok(())
    }

    /// Writes each to its place, and says what CRC it has.
    fn write_some(
        &mut self,
        values: &[Whole<'_>],
        stored: &mut [Plain],
        options: &WriteOptions,
    ) -> Result<()> {
        let bytes = stored.iter().fold(0, |sum: u64, place| sum.saturating_add(place.size));
        if options.threads > 1 && bytes >= WORTH_THREADS {
            return self.write_on_threads(values, stored, options);
        }
        for (whole, place) in values.iter().zip(stored) {
            options.progress.check().for_tensor(whole.name)?;
            let shard = &mut self.shards[place.shard as usize];
            let swap_unit = self.options.swap_unit(whole.dtype);
            let written = shard.append_at(place.offset, whole.data, swap_unit);
            place.crc32c = checksum::mask(written.for_tensor(whole.name)?);
            options.progress.advance(place.size);
        }
        Ok(())
    }

    fn write_on_threads(
        &mut self,
        values: &[Whole<'_>],
        stored: &mut [Plain],
        options: &WriteOptions,
    ) -> Result<()> {
        let all = values.iter().zip(&*stored).enumerate();
        let jobs = all.map(|(number, (whole, place))| Job {
            number,
            name: whole.name,
            shard: place.shard as usize,
            offset: place.offset,
            bytes: Values { data: whole.data, swap_unit: self.options.swap_unit(whole.dtype) },
        });
        let crcs = lane::write(&mut self.shards, jobs.collect(), options)?;
        for (place, crc) in stored.iter_mut().zip(crcs) {
            place.crc32c = checksum::mask(crc);
        }
        Ok(())
    }

    /// Their entries, now that the CRCs are known.
    fn complete(
        &mut self,
        values: &[Whole<'_>],
        stored: &[Plain],
        registered: &mut Option<Cursor>,
    ) -> Result<()> {
        if let Some(cursor) = registered {
            self.entries.set_crcs(cursor, stored.iter().map(|place| place.crc32c));
            return Ok(());
        }
        let mut each = values.iter().zip(stored);
        each.try_for_each(|(whole, place)| self.entries.append(whole.name, whole.dims, place))
    }
}

/// As `<`, and quicker of names that begin alike.
#[inline]
fn is_below(one: &[u8], other: &[u8]) -> bool {
    let shared = common_prefix(one, other);
    one.get(shared) < other.get(shared)
}

/// So many of all at a time.
fn in_steps(count: usize, step: usize) -> impl Iterator<Item = Range<usize>> {
    (0..count).step_by(step).map(move |first| first..count.min(first + step))
}

/// What some requests have apart from slices, and shapes that go with these.
fn values_of<'r>(
    requests: &'r dyn WriteRequests,
    numbers: Range<usize>,
    values: &mut Vec<Whole<'r>>,
) -> Result<()> {
    values.clear();
    loop {
        requests.take_whole(numbers.start + values.len()..numbers.end, values);
        if values.len() == numbers.len() {
            return Ok(());
        }
        values.push(requests.get(numbers.start + values.len())?.values());
    }
}

/// Where the shards end, as tensors are given their places.
#[derive(Clone)]
pub(super) struct Places {
    ends: Vec<u64>,
}

impl Places {
    /// The shard of the next tensor, and where it begins there; `None` where there is no
    /// room.
    #[inline]
    pub(super) fn next(
        &mut self,
        options: &WriterOptions,
        dtype: DType,
        size: u64,
    ) -> Option<(u32, u64)> {
        let shard = if self.ends.len() == 1 { 0 } else { emptiest(self.ends.iter().copied()) };
        let alignment = options.alignment_of(dtype, size);
        let end = self.ends.get_mut(shard)?;
        // A power of two, of which no division is needed.
        let offset = end.checked_add(alignment - 1)? & !(alignment - 1);
        *end = offset.checked_add(size).filter(|&end| end <= i64::MAX as u64)?;
        Some((shard as u32, offset))
    }
}

pub(super) fn no_room() -> Error {
    Error::invalid("no room in a file of 2^63 bytes")
}
