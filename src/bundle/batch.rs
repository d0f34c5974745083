//! Many tensors at once, in the order in which they lie in the shards.
//!
//! Requests are looked up in the order of names, so that each block of the index
//! is loaded once, and carried out in the order of shard and offset; small tensors
//! that lie close together are read together.

use super::entry::Entry;
use super::index::Finder;
use super::order;
use super::plain;
use super::plan::Plan;
use super::reader::{ReadOptions, Reader};
use super::small::{self, Small};
use super::stored::{Manner, Scratch, Stored};
use super::stretch::{Cutting, Stretch};
use crate::checksum;
use crate::crew;
use crate::error::{Error, Result, ResultExt};
use crate::progress::Progress;
use crate::tensor::Slice;

/// Tensors up to this size are read together with their neighbours.
pub(super) const SMALL: u64 = 64 << 10;
/// Bytes between two of them that are read and thrown away.
pub(super) const GAP: u64 = 16 << 10;
/// The most that is read together.
const GROUP: u64 = 1 << 20;

/// One of many tensors to be read.
#[derive(Debug)]
pub struct ReadRequest<'a> {
    /// The tensor's name.
    pub name: &'a [u8],
    /// What of it; all of it where that is `None`.
    pub slice: Option<Slice>,
    /// Where to, C order; longer than needed is fine.
    pub dst: &'a mut [u8],
    /// How many bytes lie between the first of neighbours along each dimension of what
    /// is read, where that is not packed: what is read goes to a part of a larger
    /// array. Bytes between are left as they are.
    ///
    /// Each is a multiple of the element size, and no less than what its neighbours
    /// take: rows may lie apart, but neither backwards, nor in each other. Along a
    /// dimension of fewer than two elements it means nothing.
    pub dst_strides: Option<&'a [i64]>,
}

/// A request that was looked up.
struct Job<'a> {
    name: &'a [u8],
    plan: Plan,
    dst: &'a mut [u8],
}

pub(super) fn read_many(
    reader: &Reader,
    requests: &mut [ReadRequest<'_>],
    options: &ReadOptions,
) -> Result<()> {
    let Jobs { mut small, mut planned } = look_up(reader, requests)?;
    let work = |sum: u64, job: &Job<'_>| sum.saturating_add(job.plan.work(options.verify));
    let bytes = planned.iter().fold(small::work(&small), work);
    options.progress.begin(|| bytes).in_file(reader.index().path())?;
    small::read(reader, &mut small, options)?;
    planned.sort_by_key(|job| (job.single_place().is_none(), job.first_place()));
    let manner = Manner::of_call(options.verify, bytes);
    run(reader, group(planned, options), manner, options)
}

/// Requests that were looked up: those of small tensors, which are nearly all where
/// there are many, and others.
struct Jobs<'r, 'a> {
    small: Vec<Small<'r, 'a>>,
    planned: Vec<Job<'r>>,
}

/// Finds all the tensors, in the order of their names.
fn look_up<'r, 'a>(reader: &Reader, requests: &'r mut [ReadRequest<'a>]) -> Result<Jobs<'r, 'a>> {
    let index = reader.index();
    let mut finder = Finder::new(index, requests.len());
    let (mut planned, mut missing) = (Vec::new(), Vec::new());
    let mut small = Vec::with_capacity(requests.len());
    for request in order::by_name(requests) {
        let name = request.name;
        let Some(value) = finder.find(name)? else {
            missing.push(name.to_vec());
            continue;
        };
        match Small::new(request, value, index.header()) {
            Ok(job) => small.push(job),
            Err(request) => planned.push(plan(reader, request, index.parse(name, value)?)?),
        }
    }
    if missing.is_empty() { Ok(Jobs { small, planned }) } else { Err(not_found(reader, missing)) }
}

fn plan<'r>(reader: &Reader, request: &'r mut ReadRequest<'_>, entry: Entry) -> Result<Job<'r>> {
    let name = request.name;
    let plan = reader.plan_entry(name, &entry, request.slice.as_ref(), request.dst_strides)?;
    let dst = reader.placed(name, plain::buffer(&plan, request.dst))?;
    Ok(Job { name, plan, dst })
}

fn not_found(reader: &Reader, missing: Vec<Vec<u8>>) -> Error {
    let first = missing[0].clone();
    let message = match missing.len() {
        1 => "there is no such tensor".to_string(),
        count => format!("there is no such tensor, nor {} others that were asked for", count - 1),
    };
    Error::not_found(message).in_file(reader.index().path()).for_tensor(&first).with_names(missing)
}

impl Job<'_> {
    fn first_place(&self) -> (u32, u64) {
        self.plan.parts.first().map_or((0, 0), |part| (part.entry.shard, part.entry.offset))
    }

    fn stored<'p>(&self, reader: &Reader, progress: &'p Progress) -> Result<Stored<'p>> {
        let entry = &self.plan.parts[0].entry;
        Stored::open(reader.shards(), entry, reader.endianness(), progress).for_tensor(self.name)
    }

    /// Shard, offset and end, where it is one small stored piece as it is.
    fn single_place(&self) -> Option<(u32, u64, u64)> {
        let entry = &self.plan.single()?.entry;
        let end = entry.offset.checked_add(entry.size)?;
        (entry.size <= SMALL).then_some((entry.shard, entry.offset, end))
    }
}

/// Puts small neighbours together. `jobs` are sorted, those that can't be put
/// together at the end.
fn group<'a>(jobs: Vec<Job<'a>>, options: &ReadOptions) -> Vec<Vec<Job<'a>>> {
    let most = GROUP.min((options.max_in_flight / options.threads.max(1)) as u64);
    let mut groups: Vec<Vec<Job<'a>>> = Vec::new();
    let mut open: Option<(u32, u64, u64)> = None;
    for job in jobs {
        let place = job.single_place();
        open = match (open, place) {
            (Some((shard, start, end)), Some((job_shard, job_start, job_end)))
                if shard == job_shard
                    && job_start.saturating_sub(end) <= GAP
                    && job_end.max(end) - start <= most =>
            {
                Some((shard, start, job_end.max(end)))
            }
            (_, place) => {
                groups.push(Vec::new());
                place
            }
        };
        if let Some(last) = groups.last_mut() {
            last.push(job);
        }
    }
    groups
}

/// What a thread takes at once.
enum Task<'p, 'a> {
    Group(Vec<Job<'a>>),
    /// Of a long tensor.
    Stretch(&'a [u8], Stretch<'p, 'a>),
}

/// Carries out the groups on as many threads as the caller allows.
fn run(
    reader: &Reader,
    groups: Vec<Vec<Job<'_>>>,
    manner: Manner,
    options: &ReadOptions,
) -> Result<()> {
    let tasks = tasks(reader, groups, options)?;
    let threads = options.threads.min(tasks.len());
    crew::share(threads, &options.progress, tasks, |task, scratch| match task {
        Task::Group(group) => run_group(reader, group, manner, scratch, options),
        Task::Stretch(name, stretch) => stretch.read(manner, scratch).for_tensor(name),
    })
}

fn tasks<'p, 'a>(
    reader: &Reader,
    groups: Vec<Vec<Job<'a>>>,
    options: &'p ReadOptions,
) -> Result<Vec<Task<'p, 'a>>> {
    let mut tasks = Vec::with_capacity(groups.len());
    for group in groups {
        match <[Job<'_>; 1]>::try_from(group) {
            Ok([job]) if options.threads > 1 => cut(reader, job, options, &mut tasks)?,
            Ok(alone) => tasks.push(Task::Group(alone.into())),
            Err(group) => tasks.push(Task::Group(group)),
        }
    }
    Ok(tasks)
}

/// Adds the stretches of a long one, or itself.
fn cut<'p, 'a>(
    reader: &Reader,
    Job { name, plan, dst }: Job<'a>,
    options: &'p ReadOptions,
    tasks: &mut Vec<Task<'p, 'a>>,
) -> Result<()> {
    match plain::cut(reader, &plan, dst, options).for_tensor(name)? {
        Cutting::Whole(dst) => tasks.push(Task::Group(vec![Job { name, plan, dst }])),
        Cutting::Cut(cut) => {
            tasks.extend(cut.into_iter().map(|stretch| Task::Stretch(name, stretch)));
        }
    }
    Ok(())
}

fn run_group(
    reader: &Reader,
    group: Vec<Job<'_>>,
    manner: Manner,
    scratch: &mut Scratch,
    options: &ReadOptions,
) -> Result<()> {
    if group.len() > 1 {
        return read_together(reader, group, manner, scratch, options);
    }
    read_one_by_one(reader, group, manner, scratch, options)
}

fn read_one_by_one(
    reader: &Reader,
    group: Vec<Job<'_>>,
    manner: Manner,
    scratch: &mut Scratch,
    options: &ReadOptions,
) -> Result<()> {
    group.into_iter().try_for_each(|Job { name, plan, dst }| {
        plain::read_alone(reader, &plan, dst, manner, options, scratch).for_tensor(name)
    })
}

/// Reads from the start of the first to the end of the last, and hands out.
fn read_together(
    reader: &Reader,
    group: Vec<Job<'_>>,
    manner: Manner,
    scratch: &mut Scratch,
    options: &ReadOptions,
) -> Result<()> {
    let stored = group.iter().map(|job| job.stored(reader, &options.progress));
    let stored = stored.collect::<Result<Vec<_>>>()?;
    let Some(first) = stored.first() else { return Ok(()) };
    let start = first.offset;
    let end = stored.iter().map(|stored| stored.offset + stored.size).max().unwrap_or(start);
    let buf = scratch.take((end - start) as usize);
    let wanted = stored.iter().map(|stored| stored.size).sum();
    if first.read_through(buf, 0, wanted).is_err() {
        // Which of them it is about shows when each is read by itself.
        return read_one_by_one(reader, group, manner, scratch, options);
    }
    for (job, stored) in group.into_iter().zip(&stored) {
        let bytes = &buf[(stored.offset - start) as usize..][..stored.size as usize];
        if options.verify {
            stored.check(checksum::crc32c(bytes)).for_tensor(job.name)?;
        }
        job.dst.copy_from_slice(bytes);
        plain::to_native(reader.endianness(), job.plan.dtype, job.dst);
    }
    Ok(())
}
