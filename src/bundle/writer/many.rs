//! Many tensors at once.
//!
//! ```text
//! all requests     checked, given their places, their entries made: all or none
//! some at a time   few bytes ──► DataShards, as one tensor is added
//!                  many      ──► Lanes, on threads
//!                  their CRCs ──► their entries
//! ```

use super::data_shard::DataShard;
use super::entries::{Cursor, Mark};
use super::lane::{self, Job};
use super::request::WriteRequests;
use super::{WriteOptions, Writer, WriterOptions, emptiest};
use crate::checksum;
use crate::error::{Error, Result, ResultExt};
use crate::tensor::DType;

/// So many requests are written, or handed to threads, at a time.
const SOME: usize = 64 << 10;

/// For fewer bytes no thread is started.
const WORTH_THREADS: u64 = 2 << 20;

impl Writer {
    pub(crate) fn add_requests(
        &mut self,
        requests: &dyn WriteRequests,
        options: &WriteOptions,
    ) -> Result<()> {
        self.check_sound()?;
        options.progress.check().in_file(&self.prefix)?;
        let (mark, places) = (self.entries.mark(), self.places());
        let (planned, bytes) = self.register_all(requests, mark, places.clone())?;
        if let Err(error) = options.progress.begin(|| bytes) {
            self.take_back(requests, requests.len(), mark);
            return Err(error.in_file(&self.prefix));
        }
        for (shard, end) in self.shards.iter_mut().zip(planned.ends) {
            shard.expect(end);
        }
        self.guarded(|writer| writer.write_all(requests, mark.cursor(), places, options))
            .in_file(&self.prefix)
    }

    fn places(&self) -> Places {
        Places { ends: self.shards.iter().map(DataShard::len).collect() }
    }

    /// Makes the entries of all requests, or of none, without their CRCs. Tells where the
    /// shards will end then, and how many bytes there are.
    fn register_all(
        &mut self,
        requests: &dyn WriteRequests,
        mark: Mark,
        mut places: Places,
    ) -> Result<(Places, u64)> {
        let mut bytes = 0u64;
        for number in 0..requests.len() {
            match self.register(requests, number, &mut places) {
                Ok(size) => bytes = bytes.saturating_add(size),
                Err(error) => {
                    self.take_back(requests, number, mark);
                    return Err(error);
                }
            }
        }
        Ok((places, bytes))
    }

    fn register(
        &mut self,
        requests: &dyn WriteRequests,
        number: usize,
        places: &mut Places,
    ) -> Result<u64> {
        let request = requests.get(number)?;
        let target = request.target();
        let mut entry = target.entry_of(request.data).for_tensor(request.name)?;
        self.check_target(&target)?;
        let place = places.next(&self.options, entry.dtype, entry.size);
        (entry.shard, entry.offset) = place.for_tensor(request.name)?;
        self.entries.insert(&target, &entry);
        Ok(entry.size)
    }

    /// Forgets the entries of the first `count` requests, which are all since `mark`.
    fn take_back(&mut self, requests: &dyn WriteRequests, count: usize, mark: Mark) {
        let sliced = |number| {
            let request = requests.get(number).ok()?;
            request.target().slice.map(|_| request.name)
        };
        self.entries.take_back(mark, (0..count).filter_map(sliced));
    }

    fn write_all(
        &mut self,
        requests: &dyn WriteRequests,
        mut entries: Cursor,
        mut places: Places,
        options: &WriteOptions,
    ) -> Result<()> {
        let mut jobs = Vec::new();
        for first in (0..requests.len()).step_by(SOME) {
            jobs.clear();
            for number in first..requests.len().min(first + SOME) {
                let request = requests.get(number)?;
                let (name, dtype, data) = (request.name, request.dtype, request.data);
                let (shard, offset) = places.next(&self.options, dtype, data.len() as u64)?;
                jobs.push(Job {
                    number: number - first,
                    name,
                    shard: shard as usize,
                    offset,
                    data,
                    swap_unit: self.options.swap_unit(dtype),
                });
            }
            let crcs = self.write_jobs(&mut jobs, options)?;
            self.entries.set_crcs(&mut entries, crcs.into_iter().map(checksum::mask));
        }
        Ok(())
    }

    /// The CRC of each.
    fn write_jobs(&mut self, jobs: &mut [Job<'_>], options: &WriteOptions) -> Result<Vec<u32>> {
        let bytes: u64 = jobs.iter().map(|job| job.data.len() as u64).sum();
        if options.threads > 1 && bytes >= WORTH_THREADS {
            return lane::write(&mut self.shards, jobs, options);
        }
        let mut write = |job: &Job<'_>| {
            options.progress.check()?;
            let shard = &mut self.shards[job.shard];
            shard.pad_to(job.offset)?;
            let crc = shard.append_as(job.data, job.swap_unit)?;
            options.progress.advance(job.data.len() as u64);
            Ok(crc)
        };
        jobs.iter().map(|job| write(job).for_tensor(job.name)).collect()
    }
}

/// Where the shards end, as tensors are given their places.
#[derive(Clone)]
struct Places {
    ends: Vec<u64>,
}

impl Places {
    /// The shard of the next tensor, and where it begins there.
    fn next(&mut self, options: &WriterOptions, dtype: DType, size: u64) -> Result<(u32, u64)> {
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
