//! Many tensors into their data files, by several threads.
//!
//! ```text
//! file    ··│····A····│····A·B··│··C·D····│·E··
//! unit      0         1         2         3        at multiples of a unit's size
//! ```
//! What a file gets is cut into units. Threads take one after the other; each unit is
//! one thread's, which takes the CRCs of what is in it just before it is written, so
//! that it is written from the cache. A tensor that reaches over several is checked in
//! parts, whose CRCs are combined in the end.
//!
//! The units of several files take turns, for the kernel lets only one thread at a time
//! write to each.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use super::WriteOptions;
use super::data_shard::{DIRECT, DataShard, PIECE};
use crate::bundle::stored::Window;
use crate::checksum;
use crate::crew;
use crate::error::{Result, ResultExt};
use crate::progress::Progress;
use crate::storage::WriteFile;

/// Smaller units are not worth the calls.
const LEAST_UNIT: usize = 16 << 10;

/// What goes where.
pub(super) struct Job<'a, B> {
    /// Its place among all.
    pub(super) number: usize,
    pub(super) name: &'a [u8],
    pub(super) shard: usize,
    pub(super) offset: u64,
    pub(super) bytes: B,
}

/// The bytes of a tensor, as they are to be stored.
pub(super) trait Bytes: Sync {
    fn len(&self) -> u64;

    /// Some of them; `memory` is there to put them into. Each is asked for once, by any
    /// thread.
    fn part<'s>(&'s self, part: Range<u64>, memory: &'s mut Memory) -> Result<&'s [u8]>;
}

/// Writes `jobs`, which are in the order of their places in each shard, to the ends of the
/// shards. Their CRCs come in the order of their numbers.
pub(super) fn write<B: Bytes>(
    shards: &mut [DataShard],
    mut jobs: Vec<Job<'_, B>>,
    options: &WriteOptions,
) -> Result<Vec<u32>> {
    jobs.sort_by_key(|job| job.shard);
    shards.iter_mut().try_for_each(DataShard::flush)?;
    let of_shards = jobs.chunk_by(|a, b| a.shard == b.shard);
    let new = |jobs| Lane::new(shards, jobs, unit_size(options));
    let lanes: Vec<Lane<'_, B>> = of_shards.map(new).collect();
    let work = |(lane, unit): (&Lane<'_, B>, usize), buffers: &mut Buffers| {
        lane.write_unit(unit, buffers, &options.progress)
    };
    let threads = options.threads.min(lanes.iter().map(|lane| lane.heads.len()).sum());
    let units = lanes.iter().map(|lane| lane.heads.len()).max().unwrap_or(0);
    let units = (0..units).flat_map(|unit| lanes.iter().map(move |lane| (lane, unit)));
    let units = units.filter(|(lane, unit)| *unit < lane.heads.len());
    crew::share(threads, &options.progress, units, work)?;
    let mut crcs = vec![0; jobs.len()];
    lanes.iter().for_each(|lane| lane.put_crcs(&mut crcs));
    let ends: Vec<_> = lanes.iter().map(|lane| (lane.jobs[0].shard, lane.range.end)).collect();
    ends.into_iter().for_each(|(shard, end)| shards[shard].skip_to(end));
    Ok(crcs)
}

/// Each thread holds at most a unit, and one more where it changes or brings bytes.
fn unit_size(options: &WriteOptions) -> u64 {
    let most = options.max_in_flight / options.threads.max(1) / 2;
    1 << most.clamp(LEAST_UNIT, PIECE).ilog2()
}

/// What a thread needs again and again.
#[derive(Default)]
struct Buffers {
    /// What is to be written together.
    gathered: Vec<u8>,
    memory: Memory,
}

/// Where a thread has bytes that are not as they are to be stored, or not there yet.
#[derive(Default)]
pub(in crate::bundle) struct Memory {
    /// What was read.
    pub(in crate::bundle) window: Window,
    /// What was made of it.
    pub(in crate::bundle) made: Vec<u8>,
}

/// What one file gets.
struct Lane<'a, B> {
    file: &'a dyn WriteFile,
    sync: bool,
    jobs: &'a [Job<'a, B>],
    range: Range<u64>,
    unit: u64,
    /// Of each job the CRC of what lies in the unit in which it begins.
    crcs: Vec<AtomicU32>,
    /// Of each unit the CRC of what a job has in it that began before.
    heads: Vec<AtomicU32>,
}

impl<'a, B: Bytes> Lane<'a, B> {
    /// `jobs` are all of one of the shards.
    fn new(shards: &'a [DataShard], jobs: &'a [Job<'a, B>], unit: u64) -> Self {
        let shard = &shards[jobs[0].shard];
        let start = shard.len();
        let end = jobs.last().map_or(start, Job::end);
        let units = if start < end { end.div_ceil(unit) - start / unit } else { 0 };
        Self {
            file: shard.file(),
            sync: shard.is_synced(),
            jobs,
            range: start..end,
            unit,
            crcs: jobs.iter().map(|_| AtomicU32::new(0)).collect(),
            heads: (0..units).map(|_| AtomicU32::new(0)).collect(),
        }
    }

    /// The unit in which byte `at` is.
    fn unit_at(&self, at: u64) -> usize {
        (at / self.unit - self.range.start / self.unit) as usize
    }

    /// The bytes of a unit.
    fn bytes_of(&self, unit: usize) -> Range<u64> {
        let start = (self.range.start / self.unit + unit as u64) * self.unit;
        start.max(self.range.start)..(start + self.unit).min(self.range.end)
    }

    fn write_unit(&self, unit: usize, buffers: &mut Buffers, progress: &Progress) -> Result<()> {
        progress.check()?;
        let bytes = self.bytes_of(unit);
        let Buffers { gathered, memory } = buffers;
        let mut out = Out { file: self.file, at: bytes.start, gathered };
        let mut done = 0;
        let mut last: &[u8] = &[];
        let first = self.jobs.partition_point(|job| job.end() <= bytes.start);
        let jobs = self.jobs.iter().zip(&self.crcs).skip(first);
        for (job, crc) in jobs.take_while(|(job, _)| job.offset < bytes.end) {
            let part = job.offset.max(bytes.start)..job.end().min(bytes.end);
            let place = if job.offset < bytes.start { &self.heads[unit] } else { crc };
            done += part.end - part.start;
            out.pad_to(part.start);
            let written = job.part(part, memory).and_then(|bytes| out.write(bytes));
            place.store(written.for_tensor(job.name)?, Ordering::Relaxed);
            last = job.name;
        }
        out.pad_to(bytes.end);
        out.flush().for_tensor(last)?;
        if self.sync {
            self.file.start_write_back(bytes);
        }
        progress.advance(done);
        Ok(())
    }

    /// The CRCs of whole jobs, when all units are written.
    fn put_crcs(&self, crcs: &mut [u32]) {
        for (job, crc) in self.jobs.iter().zip(&self.crcs) {
            let mut crc = crc.load(Ordering::Relaxed);
            let mut at = (job.offset / self.unit + 1) * self.unit;
            while at < job.end() {
                let len = self.unit.min(job.end() - at);
                let head = self.heads[self.unit_at(at)].load(Ordering::Relaxed);
                crc = checksum::combine(crc, head, len);
                at += len;
            }
            crcs[job.number] = crc;
        }
    }
}

impl<B: Bytes> Job<'_, B> {
    fn end(&self) -> u64 {
        self.offset + self.bytes.len()
    }

    /// A part of it, given as bytes of the file.
    fn part<'s>(&'s self, part: Range<u64>, memory: &'s mut Memory) -> Result<&'s [u8]> {
        self.bytes.part(part.start - self.offset..part.end - self.offset, memory)
    }
}

/// The bytes of a unit on their way to the file.
struct Out<'o> {
    file: &'o dyn WriteFile,
    /// Where what is gathered begins.
    at: u64,
    gathered: &'o mut Vec<u8>,
}

impl Out<'_> {
    /// Adds zeros up to byte `end` of the file, unless it is beyond that.
    fn pad_to(&mut self, end: u64) {
        let len = end.saturating_sub(self.at) as usize;
        self.gathered.resize(len.max(self.gathered.len()), 0);
    }

    /// Adds bytes, and tells their CRC.
    fn write(&mut self, part: &[u8]) -> Result<u32> {
        let crc = checksum::crc32c(part);
        if part.len() < DIRECT {
            self.gathered.extend_from_slice(part);
        } else {
            self.flush()?;
            self.file.write_all_at(part, self.at)?;
            self.at += part.len() as u64;
        }
        Ok(crc)
    }

    fn flush(&mut self) -> Result<()> {
        if !self.gathered.is_empty() {
            self.file.write_all_at(self.gathered, self.at)?;
            self.at += self.gathered.len() as u64;
            self.gathered.clear();
        }
        Ok(())
    }
}
