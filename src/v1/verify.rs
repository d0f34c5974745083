//! Everything that can be checked about a V1 checkpoint, and all that is wrong
//! with it.

use std::collections::HashSet;

use super::reader::{File, Reader};
use super::{StoredSlice, Tensor};
use crate::bundle::{Report, decode_slice_key, encode_slice_key};
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
    verify_but(reader, &|_| false, progress)
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

/// As [`verify`], but what there is to be done was told before. Tensors that
/// `may_lack` names may lack slices: others have them.
pub(crate) fn verify_but(
    reader: &Reader,
    may_lack: &dyn Fn(&[u8]) -> bool,
    progress: &Progress,
) -> Result<Report> {
    let mut report = Report::default();
    for (name, tensor) in reader.tensors() {
        report.tensors += 1;
        verify_tensor(reader, name, tensor, may_lack(name), progress, &mut report)?;
    }
    let listed = listed_keys(reader);
    for (number, file) in reader.files.iter().enumerate() {
        verify_file(file, number, &listed, progress, &mut report)?;
    }
    Ok(report)
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

/// Reads the stored slices one by one, and whether they make up the tensor. That
/// a whole reads is not enough: it is read in the same way.
fn verify_tensor(
    reader: &Reader,
    name: &[u8],
    tensor: &Tensor,
    may_lack: bool,
    progress: &Progress,
    report: &mut Report,
) -> Result<()> {
    let place = |error: Error| place(reader, name, tensor, error);
    let before = report.problems.len();
    for stored in &tensor.slices {
        progress.check().map_err(place)?;
        match read_slice(reader, name, tensor, stored) {
            Ok(bytes) => report.bytes += bytes,
            Err(error) => report.problems.push(place(error)),
        }
        progress.advance(size_of(tensor, stored));
    }
    if report.problems.len() == before {
        report.problems.extend(reader.check_whole(name, may_lack).err().map(place));
    }
    Ok(())
}

/// How many bytes the values of a stored slice have.
fn read_slice(reader: &Reader, name: &[u8], tensor: &Tensor, stored: &StoredSlice) -> Result<u64> {
    match tensor.dtype {
        DType::STRING => {
            let strings = reader.stored_strings(name, tensor, stored);
            strings.map(|strings| strings.data().len() as u64)
        }
        _ => reader.stored_bytes(name, tensor, stored).map(|values| values.len() as u64),
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
/// its tensor.
fn verify_file(
    file: &File,
    number: usize,
    listed: &HashSet<(usize, Vec<u8>)>,
    progress: &Progress,
    report: &mut Report,
) -> Result<()> {
    note(report, file.table.verify_frame().in_file(&file.path));
    let mut entries = file.table.cursor();
    let mut more = entries.next();
    loop {
        progress.check().in_file(&file.path)?;
        match more.in_file(&file.path) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => {
                note(report, Err(error));
                more = entries.next_block();
                continue;
            }
        }
        let key = entries.key();
        if !key.is_empty() && !listed.contains(&(number, key.to_vec())) {
            note(report, Err(stray(key).in_file(&file.path)));
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
