//! Everything that can be checked about a bundle, and all that is wrong with it.

use super::check::{Check, check_all};
use super::entry::Tensor;
use super::index::Cursor;
use super::plan::{Cut, slice_entry, stored_regions};
use super::reader::{ReadOptions, Reader};
use super::slice_key::decode_slice_key;
use crate::error::{Error, Result, ResultExt};
use crate::progress::Progress;
use crate::tensor::Region;

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
    let options = ReadOptions { progress: progress.clone(), ..ReadOptions::default() };
    progress.begin(|| stored_size(reader))?;
    verify_but(reader, &|_| false, &options)
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
            Err(_) => more = next_sound_block(&mut cursor, &mut Vec::new()),
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
    options: &ReadOptions,
) -> Result<Report> {
    let mut walk = Walk { reader, may_lack, options, report: Report::default(), ahead: Vec::new() };
    let framed = reader.index().table().verify_frame().in_file(reader.index().path());
    walk.report.problems.extend(framed.err());
    let mut cursor = reader.tensors();
    let mut more = cursor.advance();
    loop {
        match more {
            Ok(true) => {
                walk.look_at(cursor.tensor())?;
                more = cursor.advance();
            }
            Ok(false) => break,
            Err(error) => {
                walk.catch_up()?;
                walk.report.problems.push(error);
                more = next_sound_block(&mut cursor, &mut walk.report.problems);
            }
        }
    }
    walk.catch_up()?;
    Ok(walk.report)
}

/// Goes on behind a damaged block.
fn next_sound_block(cursor: &mut Cursor<'_>, problems: &mut Vec<Error>) -> Result<bool> {
    loop {
        match cursor.skip_block() {
            Ok(more) => return Ok(more),
            Err(error) => problems.push(error),
        }
    }
}

/// Several threads are given so many stored pieces at once.
const AHEAD: usize = 4 << 10;

/// A walk over the index. It goes ahead of the checks of what is stored, so that several
/// threads have something to do; problems are listed in the order of the index all
/// the same.
struct Walk<'r> {
    reader: &'r Reader,
    may_lack: &'r dyn Fn(&[u8]) -> bool,
    options: &'r ReadOptions,
    report: Report,
    /// What is still to be checked.
    ahead: Vec<Check>,
}

impl Walk<'_> {
    fn look_at(&mut self, tensor: Result<Tensor>) -> Result<()> {
        self.report.tensors += 1;
        match tensor.and_then(|tensor| refuse_stray_slice(self.reader, &tensor).map(|()| tensor)) {
            Ok(tensor) if tensor.entry.is_partitioned() => self.look_at_slices(&tensor),
            Ok(Tensor { name, entry }) => self.look_forward_to(Check { name, entry }),
            Err(error) => self.note(error),
        }
    }

    fn look_forward_to(&mut self, check: Check) -> Result<()> {
        self.ahead.push(check);
        let is_enough = self.options.threads <= 1 || self.ahead.len() >= AHEAD;
        if is_enough { self.catch_up() } else { Ok(()) }
    }

    /// Checks what is still to be checked.
    fn catch_up(&mut self) -> Result<()> {
        let checks = std::mem::take(&mut self.ahead);
        let problems = check_all(self.reader, &checks, self.options)?;
        let sizes = |checks: &[Check]| checks.iter().map(|check| check.entry.size).sum::<u64>();
        self.report.bytes += sizes(&checks);
        for (at, error) in problems {
            self.report.bytes -= checks[at].entry.size;
            self.report.problems.push(error);
        }
        Ok(())
    }

    fn note(&mut self, error: Error) -> Result<()> {
        self.catch_up()?;
        self.report.problems.push(error);
        Ok(())
    }

    fn look_at_slices(&mut self, tensor: &Tensor) -> Result<()> {
        self.catch_up()?;
        let Tensor { name, entry } = tensor;
        let noted = self.report.problems.len();
        let index = self.reader.index();
        for slice in &entry.slices {
            match slice_entry(index, name, entry, slice) {
                Ok(entry) => self.look_forward_to(Check { name: name.clone(), entry })?,
                Err(error) => self.note(error)?,
            }
        }
        self.catch_up()?;
        let is_sound = self.report.problems.len() == noted;
        self.report.problems.extend(self.check_slices(tensor, is_sound).err());
        Ok(())
    }

    /// Checks that the slices make up the tensor; and where each of them is sound, that
    /// the files have as much as they say.
    fn check_slices(&self, tensor: &Tensor, is_sound: bool) -> Result<()> {
        let Tensor { name, entry } = tensor;
        let home = self.reader.index().path();
        let regions = stored_regions(name, entry).in_file(home)?;
        let covered: u64 = regions.iter().map(Region::num_elements).sum();
        let wanted = entry.shape.num_elements();
        if covered != wanted && !(self.may_lack)(name) {
            return Err(Error::data_loss(format!(
                "its {} stored slices have {covered} of its {wanted} elements",
                entry.slices.len()
            ))
            .in_file(home)
            .for_tensor(name));
        }
        if !is_sound {
            return Ok(());
        }
        let cut = |(stored, region)| Cut { stored, region };
        let cuts: Vec<Cut> = regions.into_iter().enumerate().map(cut).collect();
        self.reader.check_cuts(name, &Region::whole(&entry.shape), &cuts)
    }
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
