//! Many tensors at once.
//!
//! ```text
//! all requests     checked and given their places; unless all names come in order,
//!                  their entries made: all or none
//! some at a time   few bytes ──► DataShards, as one tensor is added
//!                  many      ──► Lanes, on threads
//!                  their CRCs ──► their entries
//! ```

use super::data_shard::DataShard;
use super::entries::{AHEAD, Mark};
use super::lane::{self, Job};
use super::request::{Whole, WriteRequests};
use super::values::Values;
use super::{WriteOptions, Writer, WriterOptions, emptiest};
use crate::bundle::plain_entry::Plain;
use crate::checksum;
use crate::error::{Error, Result, ResultExt};
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
        for number in 0..requests.len() {
            let whole = requests.whole(number)?;
            let size = whole.size().filter(|_| last < whole.name)?;
            places.next(&self.options, whole.dtype, size).ok()?;
            bytes = bytes.saturating_add(size);
            last = whole.name;
        }
        Some(Plan { places, bytes, registered: None })
    }

    /// Makes the entries of all requests, or of none, without their CRCs.
    fn register_all(&mut self, requests: &dyn WriteRequests, mut places: Places) -> Result<Plan> {
        let mark = self.entries.mark(requests.len())?;
        let mut bytes = 0u64;
        for number in 0..requests.len() {
            if number % AHEAD == 0 {
                self.look_ahead(requests, number);
            }
            match self.register(requests, number, &mut places) {
                Ok(size) => bytes = bytes.saturating_add(size),
                Err(error) => {
                    self.take_back(requests, number, Some(mark));
                    return Err(error);
                }
            }
        }
        Ok(Plan { places, bytes, registered: Some(mark) })
    }

    /// Looks at what the entries of some requests from `first` on need.
    fn look_ahead(&self, requests: &dyn WriteRequests, first: usize) {
        let mut names = [&[][..]; AHEAD];
        let numbers = first..requests.len().min(first + AHEAD);
        let count = numbers.len();
        for (name, number) in names.iter_mut().zip(numbers) {
            *name = requests.whole(number).map_or(&[], |whole| whole.name);
        }
        self.entries.look_ahead(&names[..count]);
    }

    fn register(
        &mut self,
        requests: &dyn WriteRequests,
        number: usize,
        places: &mut Places,
    ) -> Result<u64> {
        if let Some(whole) = requests.whole(number) {
            if let Some(size) = self.register_whole(&whole, places)? {
                return Ok(size);
            }
        }
        let request = requests.get(number)?;
        let target = request.target();
        let mut entry = target.entry_of(request.data).for_tensor(request.name)?;
        self.check_target(&target)?;
        let place = places.next(&self.options, entry.dtype, entry.size);
        (entry.shard, entry.offset) = place.for_tensor(request.name)?;
        self.entries.insert(&target, &entry)?;
        Ok(entry.size)
    }

    /// The same of a whole tensor; `None`, and nothing has been done, where there is
    /// something wrong with it.
    fn register_whole(&mut self, whole: &Whole<'_>, places: &mut Places) -> Result<Option<u64>> {
        let Some(size) = whole.size() else { return Ok(None) };
        let mut next = places.clone();
        let Ok((shard, offset)) = next.next(&self.options, whole.dtype, size) else {
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
        let mut jobs = Vec::new();
        for first in (0..requests.len()).step_by(some) {
            jobs.clear();
            for number in first..requests.len().min(first + some) {
                jobs.push(self.job(requests, number, &mut places)?);
            }
            let crcs = self.write_jobs(first, &mut jobs, options)?;
            let crcs = crcs.into_iter().map(checksum::mask);
            match &mut cursor {
                Some(cursor) => self.entries.set_crcs(cursor, crcs),
                None => jobs.iter().zip(crcs).try_for_each(|(job, crc32c)| {
                    self.entries.append(job.name, job.bytes.dims, &job.place(crc32c))
                })?,
            }
        }
        Ok(())
    }

    /// What is to be done for a request.
    fn job<'r>(
        &self,
        requests: &'r dyn WriteRequests,
        number: usize,
        places: &mut Places,
    ) -> Result<Job<'r, Values<'r>>> {
        let Whole { name, dtype, dims, data } = match requests.whole(number) {
            Some(whole) => whole,
            None => requests.get(number)?.values(),
        };
        let (shard, offset) = places.next(&self.options, dtype, data.len() as u64)?;
        let bytes = Values { dtype, dims, data, swap_unit: self.options.swap_unit(dtype) };
        Ok(Job { number, name, shard: shard as usize, offset, bytes })
    }

    /// The CRC of each; they are numbered from `first` on.
    fn write_jobs(
        &mut self,
        first: usize,
        jobs: &mut [Job<'_, Values<'_>>],
        options: &WriteOptions,
    ) -> Result<Vec<u32>> {
        let bytes: u64 = jobs.iter().map(|job| job.bytes.data.len() as u64).sum();
        if options.threads > 1 && bytes >= WORTH_THREADS {
            return lane::write(&mut self.shards, first, jobs, options);
        }
        let mut write = |job: &Job<'_, Values<'_>>| {
            options.progress.check()?;
            let shard = &mut self.shards[job.shard];
            shard.pad_to(job.offset)?;
            let Values { data, swap_unit, .. } = job.bytes;
            let crc = shard.append_as(data, swap_unit)?;
            options.progress.advance(data.len() as u64);
            Ok(crc)
        };
        jobs.iter().map(|job| write(job).for_tensor(job.name)).collect()
    }
}

impl Job<'_, Values<'_>> {
    fn place(&self, crc32c: u32) -> Plain {
        let Values { dtype, data, .. } = self.bytes;
        let (shard, size) = (self.shard as u32, data.len() as u64);
        Plain { dtype, shard, offset: self.offset, size, crc32c }
    }
}

/// Where the shards end, as tensors are given their places.
#[derive(Clone)]
pub(super) struct Places {
    ends: Vec<u64>,
}

impl Places {
    /// The shard of the next tensor, and where it begins there.
    pub(super) fn next(
        &mut self,
        options: &WriterOptions,
        dtype: DType,
        size: u64,
    ) -> Result<(u32, u64)> {
        let shard = if self.ends.len() == 1 { 0 } else { emptiest(self.ends.iter().copied()) };
        let alignment = options.alignment_of(dtype, size);
        // A power of two, of which no division is needed.
        let offset = self.ends[shard].checked_add(alignment - 1).map(|end| end & !(alignment - 1));
        let end = offset.and_then(|offset| offset.checked_add(size));
        match (offset, end.filter(|&end| end <= i64::MAX as u64)) {
            (Some(offset), Some(end)) => {
                self.ends[shard] = end;
                Ok((shard as u32, offset))
            }
            _ => Err(Error::invalid("no room in a file of 2^63 bytes")),
        }
    }
}
