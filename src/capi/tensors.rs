//! What many tensors are, side by side in arrays.

use std::ffi::c_char;

use super::arguments::{WHOLE, pointer};
use super::boundary::free;
use crate::checkpoint::{Listing, Place, Reader, Walk};
use crate::error::Result;
use crate::table::Keys;
use crate::tensor::{DType, Shape, Slice};

/// What many tensors are, and where their bytes are: arrays with an element for each
/// tensor, or with all that all of them have, one behind the other. A snapshot that
/// needs its cursor and its reader no more.
pub struct tfckpt_tensors {
    names: Keys,
    columns: Columns,
}

/// All but the names.
struct Columns {
    dtypes: Vec<i32>,
    dims: Vec<i64>,
    dim_offsets: Vec<i64>,
    shards: Vec<i32>,
    offsets: Vec<i64>,
    stored_sizes: Vec<i64>,
    crc32cs: Vec<u32>,
    slice_counts: Vec<i64>,
    slice_starts: Vec<i64>,
    slice_lengths: Vec<i64>,
}

/// Room for so many is made before it is known that there are as many.
const MOST_ROOM: usize = 1024;

impl tfckpt_tensors {
    /// The next ones of a walk, some of at most `max`; and the error that ended it.
    pub(super) fn take(reader: &Reader, walk: &mut Walk, max: usize) -> (Self, Result<()>) {
        let mut tensors = Self { names: Keys::new(max), columns: Columns::with_room(max) };
        let Self { names, columns } = &mut tensors;
        let taken = reader.take(walk, names, columns);
        columns.fill();
        (tensors, taken)
    }

    pub(super) fn count(&self) -> i64 {
        self.names.len() as i64
    }
}

impl Columns {
    fn with_room(max: usize) -> Self {
        let room = max.min(MOST_ROOM);
        let mut dim_offsets = Vec::with_capacity(room + 1);
        dim_offsets.push(0);
        Self {
            dtypes: Vec::with_capacity(room),
            dims: Vec::with_capacity(room),
            dim_offsets,
            shards: Vec::with_capacity(room),
            offsets: Vec::with_capacity(room),
            stored_sizes: Vec::with_capacity(room),
            crc32cs: Vec::with_capacity(room),
            slice_counts: Vec::with_capacity(room),
            slice_starts: Vec::new(),
            slice_lengths: Vec::new(),
        }
    }

    /// The tensors at the end that are like the one before them get all that they share
    /// with that.
    fn fill(&mut self) {
        let times = self.offsets.len() - self.dtypes.len();
        let [.., begin, end] = *self.dim_offsets.as_slice() else { return };
        let rank = end - begin;
        self.dim_offsets.extend((1..=times as i64).map(|number| end + rank * number));
        repeat_end(&mut self.dims, rank as usize, times);
        repeat_end(&mut self.dtypes, 1, times);
        repeat_end(&mut self.shards, 1, times);
        repeat_end(&mut self.stored_sizes, 1, times);
        repeat_end(&mut self.slice_counts, 1, times);
    }

    fn push_slice(&mut self, slice: &Slice) {
        for extent in slice.extents() {
            self.slice_starts.push(extent.start);
            self.slice_lengths.push(extent.length.unwrap_or(WHOLE));
        }
    }
}

impl Listing for Columns {
    // Apart, so that what is done for most tensors is short.
    #[inline(never)]
    fn add(&mut self, dtype: DType, shape: &Shape, stored: Option<Place>, slices: &[Slice]) {
        self.fill();
        self.dtypes.push(dtype.number());
        self.dims.extend_from_slice(shape.dims());
        self.dim_offsets.push(self.dims.len() as i64);
        self.shards.push(stored.map_or(-1, |place| place.shard as i32));
        self.offsets.push(stored.map_or(-1, |place| place.offset as i64));
        self.stored_sizes.push(stored.map_or(-1, |place| place.size as i64));
        self.crc32cs.push(stored.map_or(0, |place| place.crc32c));
        self.slice_counts.push(slices.len() as i64);
        slices.iter().for_each(|slice| self.push_slice(slice));
    }

    /// What it shares with the last one is [filled in](Columns::fill) later, of many at once.
    #[inline(always)]
    fn add_alike(&mut self, offset: u64, crc32c: u32) {
        self.offsets.push(offset as i64);
        self.crc32cs.push(crc32c);
    }
}

/// Repeats the last `len` elements so many times.
fn repeat_end<T: Copy>(all: &mut Vec<T>, len: usize, times: usize) {
    let start = all.len() - len;
    let end = all.len() + len * times;
    while all.len() < end {
        let more = (end - all.len()).min(all.len() - start);
        all.extend_from_within(start..start + more);
    }
}

/// Where one of the arrays is, or NULL.
fn array<T>(
    tensors: Option<&tfckpt_tensors>,
    of: impl FnOnce(&tfckpt_tensors) -> &[T],
) -> *const T {
    tensors.map_or(std::ptr::null(), |tensors| pointer(of(tensors)))
}

/// Frees them, and the arrays that were borrowed. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_free(tensors: Option<Box<tfckpt_tensors>>) {
    free(tensors);
}

/// How many there are.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_count(tensors: Option<&tfckpt_tensors>) -> i64 {
    tensors.map_or(0, tfckpt_tensors::count)
}

/// The names of all, one behind the other, with nothing between them and no NUL at the
/// end.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_names(tensors: Option<&tfckpt_tensors>) -> *const c_char {
    array(tensors, |tensors| tensors.names.bytes()).cast()
}

/// Where in the names that of each begins, and at last where the last one ends:
/// tfckpt_tensors_count() + 1 numbers, of which the first is 0.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_name_offsets(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| tensors.names.offsets())
}

/// The type of the elements of each: a tfckpt_dtype, or a reference type.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_dtypes(tensors: Option<&tfckpt_tensors>) -> *const i32 {
    array(tensors, |tensors| &tensors.columns.dtypes)
}

/// The dimensions of all, one tensor behind the other, outermost first.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_dims(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.columns.dims)
}

/// Where in the dimensions those of each begin, and at last where the last ones end:
/// tfckpt_tensors_count() + 1 numbers, of which the first is 0.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_dim_offsets(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.columns.dim_offsets)
}

/// The data shard of each, as of tfckpt_tensor_shard().
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_shards(tensors: Option<&tfckpt_tensors>) -> *const i32 {
    array(tensors, |tensors| &tensors.columns.shards)
}

/// Where in its shard each begins, as of tfckpt_tensor_offset().
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_offsets(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.columns.offsets)
}

/// How many bytes each has there, as of tfckpt_tensor_stored_size().
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_stored_sizes(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.columns.stored_sizes)
}

/// The masked CRC-32C of each, as of tfckpt_tensor_crc32c().
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_crc32cs(tensors: Option<&tfckpt_tensors>) -> *const u32 {
    array(tensors, |tensors| &tensors.columns.crc32cs)
}

/// In how many slices each is stored; 0 for one that is stored whole.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_slice_counts(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.columns.slice_counts)
}

/// Where in each dimension the slices begin: those of all tensors, one slice behind the
/// other, each with as many numbers as its tensor has dimensions.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_slice_starts(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.columns.slice_starts)
}

/// How many elements of each dimension the slices have, -1 for all of them; otherwise as
/// tfckpt_tensors_slice_starts().
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_slice_lengths(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.columns.slice_lengths)
}
