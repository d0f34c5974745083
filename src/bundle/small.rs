//! Small tensors of a batch: neighbours are read together, and handed out.
//!
//! There may be millions of them, so that what is kept of each is little, and what is
//! done for each too. Whatever is unusual, or goes wrong, is left to the way on which a
//! single tensor is read.

use super::header::Endianness;
use super::look_up::LookUp;
use super::plain_entry::Plain;
use super::reader::{ReadOptions, Reader};
use super::requests::ReadRequest;
use super::stored::Manner;
use crate::checksum::{self, Copies};
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
pub(super) struct Small<'a> {
    name: &'a [u8],
    /// The front of it is what is read.
    dst: &'a mut [u8],
    offset: u64,
    /// Above 0, and no more than there is room for.
    size: u32,
    crc32c: u32,
    shard: u32,
    swap_unit: u8,
}

impl<'a> Small<'a> {
    /// What the request wants, of which `plain` is the entry. `None`, and the request stays
    /// as it is, where that is not small, or it wants some of it, or cannot be met.
    #[inline]
    pub(super) fn take(request: &mut ReadRequest<'a>, plain: &Plain) -> Option<Self> {
        let is_whole = request.slice.is_none() && request.dst_strides.is_none();
        let &Plain { dtype, shard, offset, size, crc32c } = plain;
        let fits = (1..=SMALL).contains(&size) && size <= request.dst.len() as u64;
        if !is_whole || !fits || dtype.size().is_none() {
            return None;
        }
        let (size, swap_unit) = (size as u32, dtype.swap_unit() as u8);
        let (name, dst) = (request.name, std::mem::take(&mut request.dst));
        Some(Self { name, dst, offset, size, crc32c, shard, swap_unit })
    }

    /// The request again.
    pub(super) fn into_request(self) -> ReadRequest<'a> {
        ReadRequest { name: self.name, dst: self.dst, ..ReadRequest::default() }
    }

    pub(super) fn size(&self) -> u64 {
        self.size.into()
    }

    fn end(&self) -> u64 {
        self.offset.saturating_add(self.size.into())
    }

    pub(super) fn place(&self) -> (u32, u64) {
        (self.shard, self.offset)
    }

    /// Gives it what is stored, `bytes`, and says whether that is what it should be.
    #[inline]
    fn fill(&mut self, bytes: &[u8], how: &Taking) -> bool {
        let Some(dst) = self.dst.get_mut(..bytes.len()) else { return false };
        let crc = match &how.copies {
            Some(copies) => Some(copies.copy(0, bytes, dst)),
            None => {
                dst.copy_from_slice(bytes);
                how.verify.then(|| checksum::crc32c(bytes))
            }
        };
        if how.swap {
            swap_bytes(dst, self.swap_unit.into());
        }
        crc.is_none_or(|crc| checksum::mask(crc) == self.crc32c)
    }

    /// Reads it as a single one is read, which tells what is wrong.
    fn read_alone(&mut self, reader: &Reader, options: &ReadOptions) -> Result<()> {
        let name = self.name;
        let plan = reader.plan(name, None)?;
        let dst = self.dst.get_mut(..self.size as usize).unwrap_or_default();
        reader.fill(&plan, dst, options).for_tensor(name)
    }
}

/// How those of a group are taken from where they were read.
struct Taking {
    verify: bool,
    swap: bool,
    /// Where they are written past the caches.
    copies: Option<Copies>,
}

impl Taking {
    fn new(reader: &Reader, manner: Manner) -> Self {
        // What is to be turned round is read again at once.
        let swap = reader.endianness() != Endianness::NATIVE;
        let past_cache = manner.verify && manner.past_cache && !swap;
        Self { verify: manner.verify, swap, copies: past_cache.then(Copies::new) }
    }
}

/// How many bytes it is that are to be read.
fn work(jobs: &[Small<'_>]) -> u64 {
    jobs.iter().fold(0, |sum, job| sum.saturating_add(job.size.into()))
}

/// Reads those that are found, on as many threads as the caller allows: while one looks
/// up more, others read.
pub(super) fn read(
    reader: &Reader,
    look_up: &mut LookUp<'_, '_>,
    options: &ReadOptions,
) -> Result<()> {
    let Some(first) = look_up.next() else { return Ok(()) };
    let manner = Manner::of_call(options.verify, look_up.likely_bytes());
    let most = GROUP.min((options.max_in_flight / options.threads.max(1)) as u64);
    let threads = options.threads.clamp(1, 1 + look_up.left() / 64);
    let some = std::iter::once(first).chain(look_up);
    crew::share(threads, &options.progress, some, |some, buf| {
        let mut some = some?;
        let mut rest = &mut some[..];
        while let Some(group) = next_group(&mut rest, most) {
            read_group(reader, group, buf, manner, options)?;
        }
        Ok(())
    })
}

/// Takes off the front of `rest` those that lie close together.
fn next_group<'s, 'a>(rest: &mut &'s mut [Small<'a>], most: u64) -> Option<&'s mut [Small<'a>]> {
    let len = group_len(rest, most);
    let (group, behind) = std::mem::take(rest).split_at_mut(len);
    *rest = behind;
    (len > 0).then_some(group)
}

fn group_len(jobs: &[Small<'_>], most: u64) -> usize {
    let Some(first) = jobs.first() else { return 0 };
    let mut end = first.end();
    let close = |job: &&Small<'_>| {
        let (reaches, is_near) = (job.end().max(end), job.offset.saturating_sub(end) <= GAP);
        end = reaches;
        job.shard == first.shard && is_near && reaches - first.offset <= most
    };
    1 + jobs.iter().skip(1).take_while(close).count()
}

/// Reads from the start of the first to the end of the last, and hands out.
fn read_group(
    reader: &Reader,
    group: &mut [Small<'_>],
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
    group: &[Small<'_>],
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
    group: &mut [Small<'_>],
    buf: &[u8],
    manner: Manner,
    options: &ReadOptions,
) -> Result<()> {
    let Some(start) = group.first().map(|first| first.offset) else { return Ok(()) };
    let taking = Taking::new(reader, manner);
    for job in group {
        let at = (job.offset - start) as usize;
        let bytes = buf.get(at..).and_then(|bytes| bytes.get(..job.size as usize));
        if !bytes.is_some_and(|bytes| job.fill(bytes, &taking)) {
            let unwatched = ReadOptions { progress: options.progress.uncounted(), ..*options };
            job.read_alone(reader, &unwatched)?;
        }
    }
    Ok(())
}
