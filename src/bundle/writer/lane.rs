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
//! Threads spread over the files as far as these go: the kernel lets only one at a time
//! write to each.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use super::WriteOptions;
use super::data_shard::{DIRECT, DataShard, PIECE};
use crate::checksum;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::storage::WriteFile;
use crate::tensor::swap_bytes;

/// Smaller units are not worth the calls.
const LEAST_UNIT: usize = 16 << 10;

/// What goes where.
pub(super) struct Job<'a> {
    /// Its place among all.
    pub(super) number: usize,
    pub(super) shard: usize,
    pub(super) offset: u64,
    pub(super) data: &'a [u8],
    pub(super) swap_unit: usize,
}

/// An error, and the number of the job that was at hand.
pub(super) struct Failed {
    pub(super) number: usize,
    pub(super) error: Error,
}

type Outcome<T> = std::result::Result<T, Failed>;

/// Writes `jobs`, which are in the order of their places in each shard, to the ends of the
/// shards. The CRC of each, in the order of their numbers.
pub(super) fn write(
    shards: &mut [DataShard],
    jobs: &mut [Job<'_>],
    options: &WriteOptions,
) -> Outcome<Vec<u32>> {
    jobs.sort_by_key(|job| job.shard);
    for jobs in jobs.chunk_by(|a, b| a.shard == b.shard) {
        let Job { number, shard, .. } = jobs[0];
        shards[shard].flush().map_err(|error| Failed { number, error })?;
    }
    let mut crcs = vec![0; jobs.len()];
    let mut ends = Vec::new();
    let lanes: Vec<Lane<'_>> = jobs
        .chunk_by(|a, b| a.shard == b.shard)
        .map(|jobs| Lane::new(&shards[jobs[0].shard], jobs, unit_size(options)))
        .collect();
    run(&lanes, options)?;
    for lane in &lanes {
        lane.put_crcs(&mut crcs);
        ends.push((lane.jobs[0].shard, lane.range.end));
    }
    ends.into_iter().for_each(|(shard, end)| shards[shard].skip_to(end));
    Ok(crcs)
}

/// Each thread holds at most a unit, and one more where it turns bytes round.
fn unit_size(options: &WriteOptions) -> u64 {
    let most = options.max_in_flight / options.threads / 2;
    1 << most.clamp(LEAST_UNIT, PIECE).ilog2()
}

/// Writes all units on as many threads as the caller allows.
fn run(lanes: &[Lane<'_>], options: &WriteOptions) -> Outcome<()> {
    let units: usize = lanes.iter().map(|lane| lane.heads.len()).sum();
    let failed = AtomicBool::new(false);
    let work = |thread: usize| {
        let mut buffers = Buffers::default();
        let (later, first) = lanes.split_at(thread % lanes.len().max(1));
        for lane in first.iter().chain(later) {
            while let Some(unit) = lane.take() {
                if failed.load(Ordering::Relaxed) {
                    return Ok(());
                }
                lane.write_unit(unit, &mut buffers, &options.progress)
                    .inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            }
        }
        Ok(())
    };
    let work = &work;
    std::thread::scope(|scope| {
        let threads = options.threads.min(units);
        let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || work(thread))).collect();
        let mut result = work(0);
        for other in others {
            let joined = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            result = result.and(joined);
        }
        result
    })
}

/// What a thread needs again and again.
#[derive(Default)]
struct Buffers {
    /// What is to be written together.
    gathered: Vec<u8>,
    swapped: Vec<u8>,
}

/// What one file gets.
struct Lane<'a> {
    file: &'a dyn WriteFile,
    sync: bool,
    jobs: &'a [Job<'a>],
    range: Range<u64>,
    unit: u64,
    /// Of each job the CRC of what lies in the unit in which it begins.
    crcs: Vec<AtomicU32>,
    /// Of each unit the CRC of what a job has in it that began before.
    heads: Vec<AtomicU32>,
    next: AtomicUsize,
}

impl<'a> Lane<'a> {
    fn new(shard: &'a DataShard, jobs: &'a [Job<'a>], unit: u64) -> Self {
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
            next: AtomicUsize::new(0),
        }
    }

    /// A unit that nobody has.
    fn take(&self) -> Option<usize> {
        let unit = self.next.fetch_add(1, Ordering::Relaxed);
        (unit < self.heads.len()).then_some(unit)
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

    fn write_unit(&self, unit: usize, buffers: &mut Buffers, progress: &Progress) -> Outcome<()> {
        let bytes = self.bytes_of(unit);
        let first = self.jobs.partition_point(|job| job.end() <= bytes.start);
        let Buffers { gathered, swapped } = buffers;
        let mut out = Out { file: self.file, at: bytes.start, gathered };
        let mut done = 0;
        let mut last = first.min(self.jobs.len() - 1);
        let mut write = || {
            progress.check()?;
            for (at, job) in self.jobs.iter().enumerate().skip(first) {
                if job.offset >= bytes.end {
                    break;
                }
                last = at;
                let part = job.offset.max(bytes.start)..job.end().min(bytes.end);
                done += part.end - part.start;
                let began_before = job.offset < bytes.start;
                out.pad_to(part.start);
                let crc = out.write(job.stored(part, swapped))?;
                let place = if began_before { &self.heads[unit] } else { &self.crcs[at] };
                place.store(crc, Ordering::Relaxed);
            }
            out.pad_to(bytes.end);
            out.flush()
        };
        let written = write();
        written.map_err(|error| Failed { number: self.jobs[last].number, error })?;
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

impl Job<'_> {
    fn end(&self) -> u64 {
        self.offset + self.data.len() as u64
    }

    /// A part of it, given as bytes of the file, as it is stored.
    fn stored<'s>(&'s self, part: Range<u64>, swapped: &'s mut Vec<u8>) -> &'s [u8] {
        let start = (part.start - self.offset) as usize;
        let end = (part.end - self.offset) as usize;
        if self.swap_unit == 1 {
            return &self.data[start..end];
        }
        // What is turned round are whole elements.
        let whole = start - start % self.swap_unit..end.next_multiple_of(self.swap_unit);
        let before = start - whole.start;
        swapped.clear();
        swapped.extend_from_slice(&self.data[whole]);
        swap_bytes(swapped, self.swap_unit);
        &swapped[before..before + (end - start)]
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
