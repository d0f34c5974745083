//! Small tensors of a batch: neighbours are read together, and handed out.
//!
//! There may be millions of them, so that what is kept of each is little, and what is
//! done for each too. Whatever is unusual, or goes wrong, is left to the way on which a
//! single tensor is read.

use super::batch::ReadRequest;
use super::header::Endianness;
use super::plain_entry::Plain;
use super::reader::{ReadOptions, Reader};
use super::stored::Manner;
use crate::checksum;
use crate::crew;
use crate::error::{Result, ResultExt};
use crate::tensor::swap_bytes;

/// Tensors up to this size are read together with their neighbours.
const SMALL: u64 = 64 << 10;
/// Bytes between two of them that are read and thrown away.
const GAP: u64 = 16 << 10;
/// The most that is read together: what the second level of caches has room for.
const GROUP: u64 = 256 << 10;

/// A small tensor that was looked up, all of which is wanted.
pub(super) struct Small<'r, 'a> {
    request: &'r mut ReadRequest<'a>,
    offset: u64,
    /// Above 0, and no more than fits the request.
    size: u32,
    crc32c: u32,
    shard: u32,
    swap_unit: u8,
}

impl<'r, 'a> Small<'r, 'a> {
    /// The request, with what its entry says, if that is of a tensor stored whole; or just
    /// the request, where that is not small, or wants some of it, or cannot be met.
    pub(super) fn new(
        request: &'r mut ReadRequest<'a>,
        plain: Option<Plain>,
    ) -> std::result::Result<Self, &'r mut ReadRequest<'a>> {
        let is_whole = request.slice.is_none() && request.dst_strides.is_none();
        let fits = |plain: &Plain| {
            plain.dtype.size().is_some()
                && (1..=SMALL).contains(&plain.size)
                && plain.size <= request.dst.len() as u64
        };
        match plain.filter(fits).filter(|_| is_whole) {
            Some(Plain { dtype, shard, offset, size, crc32c }) => {
                let (size, swap_unit) = (size as u32, dtype.swap_unit() as u8);
                Ok(Self { request, offset, size, crc32c, shard, swap_unit })
            }
            None => Err(request),
        }
    }

    fn end(&self) -> u64 {
        self.offset.saturating_add(self.size.into())
    }

    fn place(&self) -> (u32, u64) {
        (self.shard, self.offset)
    }

    /// Takes what is stored at `bytes`, if it is what it should be.
    fn take(&mut self, bytes: &[u8], endianness: Endianness, manner: Manner) -> bool {
        let Some(dst) = self.request.dst.get_mut(..self.size as usize) else { return false };
        if bytes.len() != dst.len() {
            return false;
        }
        // What is to be turned round is read again at once.
        let swap = endianness != Endianness::NATIVE;
        let crc = match manner.verify && manner.past_cache && !swap {
            true => Some(checksum::copy(0, bytes, dst)),
            false => {
                dst.copy_from_slice(bytes);
                manner.verify.then(|| checksum::crc32c(bytes))
            }
        };
        if swap {
            swap_bytes(dst, self.swap_unit.into());
        }
        crc.is_none_or(|crc| checksum::mask(crc) == self.crc32c)
    }

    /// Reads it as a single one is read, which tells what is wrong.
    fn read_alone(&mut self, reader: &Reader, options: &ReadOptions) -> Result<()> {
        let name = self.request.name;
        let plan = reader.plan(name, None)?;
        let dst = self.request.dst.get_mut(..self.size as usize).unwrap_or_default();
        reader.fill(&plan, dst, options).for_tensor(name)
    }
}

/// How many bytes it is that are to be read.
pub(super) fn work(jobs: &[Small<'_, '_>]) -> u64 {
    jobs.iter().fold(0, |sum, job| sum.saturating_add(job.size.into()))
}

/// Reads them all, on as many threads as the caller allows.
pub(super) fn read(
    reader: &Reader,
    jobs: &mut [Small<'_, '_>],
    options: &ReadOptions,
) -> Result<()> {
    if !jobs.is_sorted_by_key(Small::place) {
        jobs.sort_unstable_by_key(Small::place);
    }
    let manner = Manner::of_call(options.verify, work(jobs));
    let most = GROUP.min((options.max_in_flight / options.threads.max(1)) as u64);
    let threads = options.threads.clamp(1, 1 + jobs.len() / 64);
    let mut rest = jobs;
    let groups = std::iter::from_fn(|| next_group(&mut rest, most));
    crew::share(threads, &options.progress, groups, |group, buf| {
        read_group(reader, group, buf, manner, options)
    })
}

/// Takes off the front of `rest` those that lie close together.
fn next_group<'s, 'r, 'a>(
    rest: &mut &'s mut [Small<'r, 'a>],
    most: u64,
) -> Option<&'s mut [Small<'r, 'a>]> {
    let len = group_len(rest, most);
    let (group, behind) = std::mem::take(rest).split_at_mut(len);
    *rest = behind;
    (len > 0).then_some(group)
}

fn group_len(jobs: &[Small<'_, '_>], most: u64) -> usize {
    let Some(first) = jobs.first() else { return 0 };
    let mut end = first.end();
    let close = |job: &&Small<'_, '_>| {
        let (reaches, is_near) = (job.end().max(end), job.offset.saturating_sub(end) <= GAP);
        end = reaches;
        job.shard == first.shard && is_near && reaches - first.offset <= most
    };
    1 + jobs.iter().skip(1).take_while(close).count()
}

/// Reads from the start of the first to the end of the last, and hands out.
fn read_group(
    reader: &Reader,
    group: &mut [Small<'_, '_>],
    buf: &mut Vec<u8>,
    manner: Manner,
    options: &ReadOptions,
) -> Result<()> {
    let Some((shard, start)) = group.first().map(Small::place) else { return Ok(()) };
    if !options.progress.is_cancelled() && fetch(reader, shard, start, group, buf).is_some() {
        options.progress.advance(work(group));
        return hand_out(reader, group, buf, manner, options);
    }
    // Which of them it is about shows when each is read by itself.
    group.iter_mut().try_for_each(|job| job.read_alone(reader, options))
}

/// Brings the bytes of a group; `None` where that fails.
fn fetch(
    reader: &Reader,
    shard: u32,
    start: u64,
    group: &[Small<'_, '_>],
    buf: &mut Vec<u8>,
) -> Option<()> {
    let file = reader.shards().file(shard).ok()?;
    let end = group.iter().map(Small::end).max()?;
    if end > file.len() {
        return None;
    }
    buf.resize(usize::try_from(end.checked_sub(start)?).ok()?, 0);
    file.read_exact_at(buf, start).ok()
}

fn hand_out(
    reader: &Reader,
    group: &mut [Small<'_, '_>],
    buf: &[u8],
    manner: Manner,
    options: &ReadOptions,
) -> Result<()> {
    let Some(start) = group.first().map(|first| first.offset) else { return Ok(()) };
    for job in group {
        let at = (job.offset - start) as usize;
        let bytes = buf.get(at..).and_then(|bytes| bytes.get(..job.size as usize));
        if !job.take(bytes.unwrap_or_default(), reader.endianness(), manner) {
            let unwatched = ReadOptions { progress: options.progress.uncounted(), ..*options };
            job.read_alone(reader, &unwatched)?;
        }
    }
    Ok(())
}
