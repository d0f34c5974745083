//! Many tensors at once, in the order in which they lie in the shards.
//!
//! Requests are looked up in the order of names, so that each block of the index
//! is loaded once, and carried out in the order of shard and offset; small tensors
//! that lie close together are read together.

use super::entry::Entry;
use super::index::Finder;
use super::order;
use super::plain;
use super::plain_entry::Plain;
use super::plan::Plan;
use super::reader::{ReadOptions, Reader};
use super::small::{self, Small};
use super::stored::Manner;
use super::stretch::{Cutting, Stretch};
use crate::crew;
use crate::error::{Error, Result, ResultExt};
use crate::tensor::Slice;

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
    planned.sort_by_key(Job::first_place);
    run(reader, planned, Manner::of_call(options.verify, bytes), options)
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
        let request = match Small::new(request, Plain::decode(value, index.header())) {
            Ok(job) => {
                small.push(job);
                continue;
            }
            Err(request) => request,
        };
        let entry = index.parse(name, value)?;
        match Small::new(request, Plain::of(&entry)) {
            Ok(job) => small.push(job),
            Err(request) => planned.push(plan(reader, request, entry)?),
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
}

/// What a thread takes at once.
enum Task<'p, 'a> {
    Whole(Job<'a>),
    /// Of a long tensor.
    Stretch(&'a [u8], Stretch<'p, 'a>),
}

/// Carries out the jobs on as many threads as the caller allows.
fn run(reader: &Reader, jobs: Vec<Job<'_>>, manner: Manner, options: &ReadOptions) -> Result<()> {
    let tasks = tasks(reader, jobs, options)?;
    let threads = options.threads.min(tasks.len());
    crew::share(threads, &options.progress, tasks, |task, scratch| match task {
        Task::Whole(Job { name, plan, dst }) => {
            plain::read_alone(reader, &plan, dst, manner, options, scratch).for_tensor(name)
        }
        Task::Stretch(name, stretch) => stretch.read(manner, scratch).for_tensor(name),
    })
}

/// The jobs, long ones cut into stretches where there are threads for them.
fn tasks<'p, 'a>(
    reader: &Reader,
    jobs: Vec<Job<'a>>,
    options: &'p ReadOptions,
) -> Result<Vec<Task<'p, 'a>>> {
    let mut tasks = Vec::with_capacity(jobs.len());
    for job in jobs {
        if options.threads <= 1 {
            tasks.push(Task::Whole(job));
            continue;
        }
        let Job { name, plan, dst } = job;
        match plain::cut(reader, &plan, dst, options).for_tensor(name)? {
            Cutting::Whole(dst) => tasks.push(Task::Whole(Job { name, plan, dst })),
            Cutting::Cut(cut) => {
                tasks.extend(cut.into_iter().map(|stretch| Task::Stretch(name, stretch)));
            }
        }
    }
    Ok(tasks)
}
