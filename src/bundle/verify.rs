//! Everything that can be checked about a bundle, and all that is wrong with it.

use super::entry::{Entry, Tensor};
use super::index::Cursor;
use super::plan::{Cut, slice_entry, stored_regions};
use super::reader::Reader;
use super::slice_key::decode_slice_key;
use super::stored::Stored;
use super::variable;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::progress::Progress;
use crate::tensor::{Region, Slice};

/// What [`verify`] found.
#[derive(Debug, Default)]
pub struct Report {
    /// All that is wrong, each with its place.
    pub problems: Vec<Error>,
    /// How many tensors were looked at.
    pub tensors: u64,
    /// How many stored bytes of tensors were read and checked.
    pub bytes: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    /// Adds what is wrong. That it was called off is nothing of that kind.
    fn note(&mut self, result: Result<()>) -> Result<()> {
        match result {
            Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
            noted => {
                self.problems.extend(noted.err());
                Ok(())
            }
        }
    }
}

/// Reads and checks every block of the index and every stored byte of every
/// tensor, and lists all that is wrong rather than the first of it. `progress` is
/// told of the stored bytes of tensors.
///
/// Not covered by any checksum, and so not checked, are bytes between tensors
/// that no entry names.
///
/// # Errors
/// `Cancelled`. Damage is not an error here, but in the report.
pub fn verify(reader: &Reader, progress: &Progress) -> Result<Report> {
    progress.begin(|| stored_size(reader))?;
    verify_but(reader, &|_| false, progress)
}

/// How many bytes of tensors there are to be checked, as far as the index tells.
pub(crate) fn stored_size(reader: &Reader) -> u64 {
    let mut cursor = reader.tensors();
    let mut more = cursor.advance();
    let mut size = 0u64;
    loop {
        match more {
            Ok(true) => {
                let tensor = cursor.tensor();
                size = size.saturating_add(tensor.map_or(0, |tensor| size_of(reader, &tensor)));
                more = cursor.advance();
            }
            Ok(false) => return size,
            // The check tells of it.
            Err(_) => more = next_sound_block(&mut cursor, &mut Report::default()),
        }
    }
}

fn size_of(reader: &Reader, tensor: &Tensor) -> u64 {
    let Tensor { name, entry } = tensor;
    if refuse_stray_slice(reader, tensor).is_err() {
        return 0;
    }
    if !entry.is_partitioned() {
        return entry.size;
    }
    let slices = entry.slices.iter();
    let stored = slices.filter_map(|slice| slice_entry(reader.index(), name, entry, slice).ok());
    stored.fold(0, |sum, slice| sum.saturating_add(slice.size))
}

/// As [`verify`], but what there is to be done was told before. Tensors that
/// `may_lack` names may lack slices: others have them.
pub(crate) fn verify_but(
    reader: &Reader,
    may_lack: &dyn Fn(&[u8]) -> bool,
    progress: &Progress,
) -> Result<Report> {
    let mut report = Report::default();
    report.note(reader.index().table().verify_frame().in_file(reader.index().path()))?;
    let mut cursor = reader.tensors();
    let mut more = cursor.advance();
    loop {
        match more {
            Ok(true) => verify_current(reader, &cursor, may_lack, progress, &mut report)?,
            Ok(false) => return Ok(report),
            Err(error) => {
                report.problems.push(error);
                more = next_sound_block(&mut cursor, &mut report);
                continue;
            }
        }
        more = cursor.advance();
    }
}

/// Goes on behind a damaged block.
fn next_sound_block(cursor: &mut Cursor<'_>, report: &mut Report) -> Result<bool> {
    loop {
        match cursor.skip_block() {
            Ok(more) => return Ok(more),
            Err(error) => report.problems.push(error),
        }
    }
}

fn verify_current(
    reader: &Reader,
    cursor: &Cursor<'_>,
    may_lack: &dyn Fn(&[u8]) -> bool,
    progress: &Progress,
    report: &mut Report,
) -> Result<()> {
    report.tensors += 1;
    let tensor = cursor.tensor();
    let checked =
        tensor.and_then(|tensor| verify_tensor(reader, &tensor, may_lack, progress, report));
    report.note(checked)
}

fn verify_tensor(
    reader: &Reader,
    tensor: &Tensor,
    may_lack: &dyn Fn(&[u8]) -> bool,
    progress: &Progress,
    report: &mut Report,
) -> Result<()> {
    refuse_stray_slice(reader, tensor)?;
    if !tensor.entry.is_partitioned() {
        return verify_stored(reader, &tensor.name, &tensor.entry, progress, report);
    }
    let noted = report.problems.len();
    let regions = stored_regions(&tensor.name, &tensor.entry).in_file(reader.index().path());
    let covered: u64 = match &regions {
        Ok(regions) => regions.iter().map(|region| region.num_elements()).sum(),
        Err(_) => 0,
    };
    for slice in &tensor.entry.slices {
        let checked = verify_slice(reader, tensor, slice, progress, report);
        report.note(checked)?;
    }
    let regions = regions?;
    let wanted = tensor.entry.shape.num_elements();
    if covered != wanted && !may_lack(&tensor.name) {
        return Err(Error::data_loss(format!(
            "its {} stored slices have {covered} of its {wanted} elements",
            tensor.entry.slices.len()
        ))
        .in_file(reader.index().path())
        .for_tensor(&tensor.name));
    }
    if report.problems.len() > noted {
        return Ok(());
    }
    let cut = |(stored, region)| Cut { stored, region };
    let cuts: Vec<Cut> = regions.into_iter().enumerate().map(cut).collect();
    reader.check_cuts(&tensor.name, &Region::whole(&tensor.entry.shape), &cuts)
}

fn verify_slice(
    reader: &Reader,
    tensor: &Tensor,
    slice: &Slice,
    progress: &Progress,
    report: &mut Report,
) -> Result<()> {
    let entry = slice_entry(reader.index(), &tensor.name, &tensor.entry, slice)?;
    verify_stored(reader, &tensor.name, &entry, progress, report)
}

/// A key that stands for a slice, but that no tensor lists, has lost its tensor.
fn refuse_stray_slice(reader: &Reader, tensor: &Tensor) -> Result<()> {
    match decode_slice_key(&tensor.name) {
        Some((name, slice)) if !slice.extents().is_empty() => Err(Error::data_loss(format!(
            "slice '{slice}' is stored, but the tensor does not list it"
        ))
        .in_file(reader.index().path())
        .for_tensor(&name)),
        _ => Ok(()),
    }
}

fn verify_stored(
    reader: &Reader,
    name: &[u8],
    entry: &Entry,
    progress: &Progress,
    report: &mut Report,
) -> Result<()> {
    let checked = reader.placed(name, check_bytes(reader, entry, progress));
    if checked.is_ok() {
        report.bytes += entry.size;
    }
    checked
}

fn check_bytes(reader: &Reader, entry: &Entry, progress: &Progress) -> Result<()> {
    if entry.dtype.size().is_none() {
        variable::check_dtype(entry.dtype)?;
    }
    let stored = Stored::open(reader.shards(), entry, reader.endianness(), progress)?;
    if entry.dtype.is_variable_length() {
        let elements = entry.shape.num_elements();
        return variable::check(&stored, entry.dtype, elements);
    }
    stored.for_each_piece(|_, _| Ok(()))
}
