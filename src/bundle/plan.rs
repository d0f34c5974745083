//! From what is wanted of a tensor to the stored pieces that make it up.

use std::ops::Range;

use super::entry::Entry;
use super::index::Index;
use super::runs::ByteRuns;
use crate::error::{Error, Result, ResultExt};
use crate::tensor::{DType, Overlap, Region, Shape, Slice, Target, check_partition};

/// What is wanted of a tensor, and the stored pieces that make it up.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) dtype: DType,
    /// The shape of what is wanted.
    pub(super) shape: Shape,
    /// How many elements there is room for from the first to the last where they go.
    pub(super) span: u64,
    pub(super) parts: Vec<Part>,
}

/// A stored piece, and what of it is wanted.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) entry: Entry,
    pub(super) overlap: Overlap,
}

/// A part of a stored slice: what of the tensor it is, and which of the slices that
/// the tensor lists has it.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    pub(crate) stored: usize,
    pub(crate) region: Region,
}

impl Plan {
    /// The pieces that make up `slice` of the tensor `name` with entry `entry`;
    /// the whole of it where that is `None`.
    ///
    /// When it returns, every element that is wanted lies in exactly one piece.
    pub(super) fn new(
        index: &Index,
        name: &[u8],
        entry: &Entry,
        slice: Option<&Slice>,
        strides: Option<&[i64]>,
    ) -> Result<Self> {
        if slice.is_none() && strides.is_none() && !entry.is_partitioned() {
            return Ok(Self::as_stored(entry));
        }
        let wanted = match slice {
            Some(slice) => slice.region(&entry.shape).for_tensor(name)?,
            None => Region::whole(&entry.shape),
        };
        // Elements without a size go to no memory of the caller's.
        let element_size = entry.dtype.size().unwrap_or(1);
        let wanted = Target::new(wanted, strides, element_size).for_tensor(name)?;
        let parts = if entry.is_partitioned() {
            gather(index, name, entry, &wanted)?
        } else {
            part_of(entry, Overlap::new(&Region::whole(&entry.shape), &wanted))
        };
        Self::to(entry, &wanted, parts)
    }

    fn to(entry: &Entry, wanted: &Target, parts: Vec<Part>) -> Result<Self> {
        let shape = Shape::new(wanted.region().lengths())?;
        Ok(Self { dtype: entry.dtype, shape, span: wanted.span(), parts })
    }

    /// The pieces that cuts of the tensor `name` lie in, as parts of `wanted`. They
    /// need not be all of that.
    pub(super) fn of_cuts<'c>(
        index: &Index,
        name: &[u8],
        entry: &Entry,
        wanted: &Target,
        cuts: impl IntoIterator<Item = &'c Cut>,
    ) -> Result<Self> {
        let mut parts = Vec::new();
        for Cut { stored, region } in cuts {
            let no_slice = || Error::data_loss("it has other slices than before").for_tensor(name);
            let slice = entry.slices.get(*stored).ok_or_else(no_slice)?;
            let stored = slice.region(&entry.shape).for_tensor(name)?;
            if let Some(overlap) = Overlap::within(region, &stored, wanted) {
                parts.push(Part { entry: slice_entry(index, name, entry, slice)?, overlap });
            }
        }
        Self::to(entry, wanted, parts)
    }

    /// All of a tensor that is one stored piece. Most tensors are, and of many
    /// small ones the planning would take longer than the reading.
    fn as_stored(entry: &Entry) -> Self {
        let span = entry.shape.num_elements();
        let parts = part_of(entry, Overlap::all(span));
        Self { dtype: entry.dtype, shape: entry.shape.clone(), span, parts }
    }

    /// How many bytes carrying it out takes: all of each piece where it is checked, or
    /// else what of it is wanted.
    pub(super) fn work(&self, verify: bool) -> u64 {
        let whole = verify || self.dtype.size().is_none();
        let work = |part: &Part| if whole { part.entry.size } else { part.wanted_bytes() };
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(work(part)))
    }

    /// The one stored piece whose bytes are just what is wanted, as they are, if it is so.
    pub(super) fn single(&self) -> Option<&Part> {
        match self.parts.as_slice() {
            [part] if part.is_all_of(&self.shape) => Some(part),
            _ => None,
        }
    }
}

impl Part {
    fn element_size(&self) -> u64 {
        self.entry.dtype.size().unwrap_or(1) as u64
    }

    fn wanted_bytes(&self) -> u64 {
        self.overlap.num_elements().saturating_mul(self.element_size())
    }

    /// Whether the whole piece is wanted, and nothing else.
    fn is_all_of(&self, wanted: &Shape) -> bool {
        let elements = self.overlap.num_elements();
        let all = elements == self.entry.shape.num_elements() && elements == wanted.num_elements();
        all && self.overlap.is_one_run()
    }

    /// Where in the stored bytes the wanted ones are, those between them among them.
    pub(super) fn stored_span(&self) -> Range<u64> {
        let (size, span) = (self.element_size(), self.overlap.stored_span());
        span.start * size..span.end * size
    }

    /// Where the first byte goes that is wanted of the stored ones from `stored` on; the
    /// end of them all where there is none.
    pub(super) fn wanted_behind(&self, stored: u64) -> u64 {
        let runs = ByteRuns::new(self, stored..self.entry.size);
        let end = || self.overlap.wanted_span().end * self.element_size();
        runs.current().map_or_else(end, |run| run.wanted)
    }
}

fn part_of(entry: &Entry, overlap: Option<Overlap>) -> Vec<Part> {
    overlap.map(|overlap| Part { entry: entry.clone(), overlap }).into_iter().collect()
}

fn gather(index: &Index, name: &[u8], entry: &Entry, wanted: &Target) -> Result<Vec<Part>> {
    let regions = stored_regions(name, entry).in_file(index.path())?;
    let mut parts = Vec::new();
    let mut covered = 0;
    for (slice, region) in entry.slices.iter().zip(&regions) {
        if let Some(overlap) = Overlap::new(region, wanted) {
            covered += overlap.num_elements();
            parts.push(Part { entry: slice_entry(index, name, entry, slice)?, overlap });
        }
    }
    let elements = wanted.region().num_elements();
    if covered != elements {
        return Err(Error::data_loss(format!(
            "its {} stored slices have {covered} of the {elements} elements wanted",
            entry.slices.len()
        ))
        .in_file(index.path())
        .for_tensor(name));
    }
    Ok(parts)
}

/// Where the stored slices of a partitioned tensor lie. They must not overlap:
/// whose values would count?
pub(super) fn stored_regions(name: &[u8], entry: &Entry) -> Result<Vec<Region>> {
    let regions: Vec<Region> = entry
        .slices
        .iter()
        .map(|slice| slice.region(&entry.shape))
        .collect::<Result<_>>()
        .for_tensor(name)?;
    check_partition(&regions).map_err(|(one, other)| {
        Error::data_loss(format!(
            "its stored slices '{}' and '{}' overlap",
            entry.slices[one], entry.slices[other]
        ))
        .for_tensor(name)
    })?;
    Ok(regions)
}

/// The entry of one stored slice of a partitioned tensor.
pub(super) fn slice_entry(
    index: &Index,
    name: &[u8],
    entry: &Entry,
    slice: &Slice,
) -> Result<Entry> {
    let damaged =
        |message: String| Error::data_loss(message).in_file(index.path()).for_tensor(name);
    let found = index.find_slice(name, slice)?;
    let stored = found.ok_or_else(|| damaged(format!("its slice '{slice}' has no entry")))?;
    let shape = slice.shape(&entry.shape).for_tensor(name)?;
    if stored.dtype != entry.dtype || stored.shape != shape || stored.is_partitioned() {
        return Err(damaged(format!(
            "its slice '{slice}' should be {} of shape {shape}, but is stored as {} of shape {}",
            entry.dtype, stored.dtype, stored.shape
        )));
    }
    Ok(stored)
}
