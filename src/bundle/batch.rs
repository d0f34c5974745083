//! Many tensors at once, in the order in which they lie in the shards.
//!
//! Requests are looked up in the order of names, so that each block of the index
//! is loaded once, and carried out in the order of shard and offset; small tensors
//! that lie close together are read together, while others are still looked up.

use super::look_up::LookUp;
use super::plain;
use super::plan::Plan;
use super::reader::{ReadOptions, Reader};
use super::requests::ReadRequests;
use super::small;
use super::stored::Manner;
use super::stretch::{Cutting, Stretch};
use crate::crew;
use crate::error::{Error, Result, ResultExt};

/// A request that was looked up, and is not that of a small tensor.
pub(super) struct Job<'a> {
    pub(super) name: &'a [u8],
    pub(super) plan: Plan,
    pub(super) dst: &'a mut [u8],
}

pub(super) fn read_many(
    reader: &Reader,
    requests: &mut dyn ReadRequests<'_>,
    options: &ReadOptions,
) -> Result<()> {
    let mut look_up = LookUp::new(reader, requests);
    if options.progress.is_watched() {
        // Who watches is told first how much there is to do.
        look_up.hold_all()?;
    }
    let work = |look_up: &LookUp<'_, '_>| look_up.bytes() + work(&look_up.planned, options);
    options.progress.begin(|| work(&look_up)).in_file(reader.index().path())?;
    let read = small::read(reader, &mut look_up, options);
    let missing = look_up.missing(read.is_err());
    if !missing.is_empty() {
        return Err(not_found(reader, missing));
    }
    read?;
    let manner = Manner::of_call(options.verify, work(&look_up));
    let mut planned = look_up.planned;
    planned.sort_by_key(Job::first_place);
    run(reader, planned, manner, options)
}

fn work(jobs: &[Job<'_>], options: &ReadOptions) -> u64 {
    jobs.iter().fold(0, |sum, job| sum.saturating_add(job.plan.work(options.verify)))
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
