//! Everything that can be checked about a V1 checkpoint, and all that is wrong
//! with it.

use std::collections::HashSet;
use std::sync::Mutex;

use super::reader::{File, Reader};
use super::{StoredSlice, Tensor};
use crate::bundle::{ReadOptions, Report, decode_slice_key, encode_slice_key};
use crate::crew::{self, Budget};
use crate::error::{Error, Result, ResultExt};
use crate::progress::Progress;
use crate::shown::shown;
use crate::tensor::DType;

/// Decodes every tensor, checks every block of every file, and lists all that is
/// wrong rather than the first of it. `progress` is told of the bytes that numbers
/// have in memory; those in the report are of strings too.
///
/// # Errors
/// `Cancelled`. Damage is not an error here, but in the report.
pub fn verify(reader: &Reader, progress: &Progress) -> Result<Report> {
    progress.begin(|| stored_size(reader))?;
    let options = ReadOptions { progress: progress.clone(), ..ReadOptions::default() };
    verify_but(reader, &|_| false, &options)
}

/// How many bytes of numbers there are to be checked, by the metadata.
pub(crate) fn stored_size(reader: &Reader) -> u64 {
    let tensors = reader.tensors().values();
    let sizes =
        tensors.flat_map(|tensor| tensor.slices.iter().map(|stored| size_of(tensor, stored)));
    sizes.fold(0, u64::saturating_add)
}

fn size_of(tensor: &Tensor, stored: &StoredSlice) -> u64 {
    let element = tensor.dtype.size().unwrap_or(0) as u64;
    let shape = stored.slice.shape(&tensor.shape);
    shape.map_or(0, |shape| shape.num_elements().saturating_mul(element))
}

/// As [`verify`], but what there is to be done was told before, and on as many threads as
/// the options say. Tensors that `may_lack` names may lack slices: others have them.
pub(crate) fn verify_but(
    reader: &Reader,
    may_lack: &dyn Fn(&[u8]) -> bool,
    options: &ReadOptions,
) -> Result<Report> {
    let Found { mut slices, mut files, bytes } = look(reader, options)?;
    let mut report = Report { bytes, ..Report::default() };
    slices.sort_by_key(|&(place, _)| place);
    let mut slices = slices.into_iter().peekable();
    for (at, (name, tensor)) in reader.tensors().iter().enumerate() {
        report.tensors += 1;
        let before = report.problems.len();
        while let Some((_, error)) = slices.next_if(|((tensor, _), _)| *tensor == at) {
            report.problems.push(error);
        }
        // That a whole reads is not enough: it is read in the same way.
        if report.problems.len() == before {
            let whole = reader.check_whole(name, may_lack(name));
            report.problems.extend(whole.err().map(|error| place(reader, name, tensor, error)));
        }
    }
    files.sort_by_key(|&(file, _)| file);
    files.into_iter().for_each(|(_, error)| note(&mut report, Err(error)));
    Ok(report)
}

/// What is to be looked at.
enum Task<'r> {
    /// All blocks of a file.
    File(usize, &'r File),
    /// A stored slice; its tensor's place among all, and its own within that.
    Slice((usize, usize), &'r [u8], &'r Tensor, &'r StoredSlice),
}

/// What was found, in any order.
#[derive(Default)]
struct Found {
    /// What is wrong with stored slices, each with its place.
    slices: Vec<((usize, usize), Error)>,
    /// What is wrong with files, of each in its order.
    files: Vec<(usize, Error)>,
    bytes: u64,
}

/// Looks at all files and all stored slices.
fn look(reader: &Reader, options: &ReadOptions) -> Result<Found> {
    let files = reader.files.iter().enumerate().map(|(number, file)| Task::File(number, file));
    let slices = reader.tensors().iter().enumerate().flat_map(|(at, (name, tensor))| {
        let slices = tensor.slices.iter().enumerate();
        slices.map(move |(then, stored)| Task::Slice((at, then), name, tensor, stored))
    });
    let listed = listed_keys(reader);
    let found = Mutex::new(Found::default());
    let budget = Budget::new(options.max_in_flight as u64);
    let progress = &options.progress;
    // A file is much to do: others go on meanwhile.
    let tasks: Vec<Task<'_>> = files.chain(slices).collect();
    crew::share(options.threads.min(tasks.len()), progress, tasks, |task, &mut ()| {
        let found = || found.lock().unwrap_or_else(|e| e.into_inner());
        match task {
            Task::File(number, file) => {
                let problems = verify_file(file, number, &listed, progress)?;
                found().files.extend(problems.into_iter().map(|error| (number, error)));
            }
            Task::Slice(place, name, tensor, stored) => {
                match verify_slice(reader, name, tensor, stored, &budget, progress)? {
                    Ok(bytes) => found().bytes += bytes,
                    Err(error) => found().slices.push((place, error)),
                }
            }
        }
        Ok(())
    })?;
    Ok(found.into_inner().unwrap_or_else(|e| e.into_inner()))
}

/// Checks the frame of every file, and that the slices which the metadata list are all
/// of each tensor. Reads no values.
pub(crate) fn verify_metadata(reader: &Reader) -> Report {
    let mut report = Report::default();
    for file in &reader.files {
        note(&mut report, file.table.verify_frame().in_file(&file.path));
    }
    for (name, tensor) in reader.tensors() {
        report.tensors += 1;
        let whole = reader.check_whole(name, false);
        report.problems.extend(whole.err().map(|error| place(reader, name, tensor, error)));
    }
    report
}

/// An error about a tensor, in the file that has the first of it.
fn place(reader: &Reader, name: &[u8], tensor: &Tensor, error: Error) -> Error {
    let file = tensor.slices.first().and_then(|stored| reader.path(stored.file));
    match file.or(reader.path(0)) {
        Some(file) => error.for_tensor(name).in_file(file),
        None => error.for_tensor(name),
    }
}

/// Reads a stored slice, and tells how many bytes it has or what is wrong with it.
///
/// # Errors
/// `Cancelled`.
fn verify_slice(
    reader: &Reader,
    name: &[u8],
    tensor: &Tensor,
    stored: &StoredSlice,
    budget: &Budget,
    progress: &Progress,
) -> Result<Result<u64>> {
    let place = |error: Error| place(reader, name, tensor, error);
    let size = size_of(tensor, stored);
    // In the block that it is in it takes as many, more or less.
    let _held = budget.take(size, progress);
    progress.check().map_err(place)?;
    let read = read_slice(reader, name, tensor, stored).map_err(place);
    progress.advance(size);
    Ok(read)
}

/// How many bytes the values of a stored slice have.
fn read_slice(reader: &Reader, name: &[u8], tensor: &Tensor, stored: &StoredSlice) -> Result<u64> {
    match tensor.dtype {
        DType::STRING => {
            let strings = reader.stored_strings(name, tensor, stored);
            strings.map(|strings| strings.data().len() as u64)
        }
        _ => reader.check_stored(name, tensor, stored),
    }
}

/// The keys of all slices that tensors list, each with the file that has it.
fn listed_keys(reader: &Reader) -> HashSet<(usize, Vec<u8>)> {
    let tensors = reader.tensors().iter();
    let keys = tensors.flat_map(|(name, tensor)| {
        let key = move |stored: &StoredSlice| (stored.file, encode_slice_key(name, &stored.slice));
        tensor.slices.iter().map(key)
    });
    keys.collect()
}

/// Checks the frame and every block of a file, and that no slice in it has lost
/// its tensor. Tells all that is wrong.
///
/// # Errors
/// `Cancelled`.
fn verify_file(
    file: &File,
    number: usize,
    listed: &HashSet<(usize, Vec<u8>)>,
    progress: &Progress,
) -> Result<Vec<Error>> {
    let mut problems = Vec::from_iter(file.table.verify_frame().in_file(&file.path).err());
    let mut entries = file.table.cursor();
    let mut more = entries.next();
    loop {
        progress.check().in_file(&file.path)?;
        match more.in_file(&file.path) {
            Ok(true) => {}
            Ok(false) => return Ok(problems),
            Err(error) => {
                problems.push(error);
                more = entries.next_block();
                continue;
            }
        }
        let key = entries.key();
        if !key.is_empty() && !listed.contains(&(number, key.to_vec())) {
            problems.push(stray(key).in_file(&file.path));
        }
        more = entries.next();
    }
}

fn stray(key: &[u8]) -> Error {
    match decode_slice_key(key) {
        Some((name, slice)) => {
            let message = format!("slice '{slice}' is stored, but the metadata do not list it");
            Error::data_loss(message).for_tensor(&name)
        }
        None => Error::data_loss(format!("key '{}' stands for no slice", shown(key))),
    }
}

/// A damaged block has been told of by the tensors in it.
fn note(report: &mut Report, result: Result<()>) {
    let Err(error) = result else { return };
    let is_told = |told: &Error| {
        error.offset().is_some() && told.offset() == error.offset() && told.file() == error.file()
    };
    if !report.problems.iter().any(is_told) {
        report.problems.push(error);
    }
}
