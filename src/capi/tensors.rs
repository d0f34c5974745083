//! What many tensors are, side by side in arrays.

use std::ffi::c_char;

use super::arguments::{WHOLE, pointer};
use super::boundary::free;
use crate::checkpoint::Tensor;
use crate::tensor::Slice;

/// What many tensors are, and where their bytes are: arrays with an element for each
/// tensor, or with all that all of them have, one behind the other. A snapshot that
/// needs its cursor and its reader no more.
pub struct tfckpt_tensors {
    names: Vec<u8>,
    name_offsets: Vec<i64>,
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
/// A name of so many bytes is not unusual.
const LIKELY_NAME: usize = 32;

impl tfckpt_tensors {
    /// None yet, with room for some of at most `max`.
    pub(super) fn with_room(max: i64) -> Self {
        let room = usize::try_from(max).map_or(0, |max| max.min(MOST_ROOM));
        let offsets = || {
            let mut offsets = Vec::with_capacity(room + 1);
            offsets.push(0);
            offsets
        };
        Self {
            names: Vec::with_capacity(room * LIKELY_NAME),
            name_offsets: offsets(),
            dtypes: Vec::with_capacity(room),
            dims: Vec::with_capacity(room),
            dim_offsets: offsets(),
            shards: Vec::with_capacity(room),
            offsets: Vec::with_capacity(room),
            stored_sizes: Vec::with_capacity(room),
            crc32cs: Vec::with_capacity(room),
            slice_counts: Vec::with_capacity(room),
            slice_starts: Vec::new(),
            slice_lengths: Vec::new(),
        }
    }

    pub(super) fn count(&self) -> i64 {
        self.dtypes.len() as i64
    }

    pub(super) fn push(&mut self, tensor: &Tensor) {
        self.names.extend_from_slice(&tensor.name);
        self.name_offsets.push(self.names.len() as i64);
        self.dtypes.push(tensor.dtype.number());
        self.dims.extend_from_slice(tensor.shape.dims());
        self.dim_offsets.push(self.dims.len() as i64);
        self.push_place(tensor);
        self.slice_counts.push(tensor.slices.len() as i64);
        tensor.slices.iter().for_each(|slice| self.push_slice(slice));
    }

    fn push_place(&mut self, tensor: &Tensor) {
        let stored = tensor.stored.as_ref();
        self.shards.push(stored.map_or(-1, |place| place.shard as i32));
        self.offsets.push(stored.map_or(-1, |place| place.offset as i64));
        self.stored_sizes.push(stored.map_or(-1, |place| place.size as i64));
        self.crc32cs.push(stored.map_or(0, |place| place.crc32c));
    }

    fn push_slice(&mut self, slice: &Slice) {
        for extent in slice.extents() {
            self.slice_starts.push(extent.start);
            self.slice_lengths.push(extent.length.unwrap_or(WHOLE));
        }
    }
}

/// Where one of the arrays is, or NULL.
fn array<T>(
    tensors: Option<&tfckpt_tensors>,
    of: impl FnOnce(&tfckpt_tensors) -> &Vec<T>,
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
    array(tensors, |tensors| &tensors.names).cast()
}

/// Where in the names that of each begins, and at last where the last one ends:
/// tfckpt_tensors_count() + 1 numbers, of which the first is 0.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_name_offsets(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.name_offsets)
}

/// The type of the elements of each: a tfckpt_dtype, or a reference type.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_dtypes(tensors: Option<&tfckpt_tensors>) -> *const i32 {
    array(tensors, |tensors| &tensors.dtypes)
}

/// The dimensions of all, one tensor behind the other, outermost first.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_dims(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.dims)
}

/// Where in the dimensions those of each begin, and at last where the last ones end:
/// tfckpt_tensors_count() + 1 numbers, of which the first is 0.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_dim_offsets(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.dim_offsets)
}

/// The data shard of each, as of tfckpt_tensor_shard().
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_shards(tensors: Option<&tfckpt_tensors>) -> *const i32 {
    array(tensors, |tensors| &tensors.shards)
}

/// Where in its shard each begins, as of tfckpt_tensor_offset().
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_offsets(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.offsets)
}

/// How many bytes each has there, as of tfckpt_tensor_stored_size().
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_stored_sizes(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.stored_sizes)
}

/// The masked CRC-32C of each, as of tfckpt_tensor_crc32c().
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_crc32cs(tensors: Option<&tfckpt_tensors>) -> *const u32 {
    array(tensors, |tensors| &tensors.crc32cs)
}

/// In how many slices each is stored; 0 for one that is stored whole.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_slice_counts(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.slice_counts)
}

/// Where in each dimension the slices begin: those of all tensors, one slice behind the
/// other, each with as many numbers as its tensor has dimensions.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_slice_starts(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.slice_starts)
}

/// How many elements of each dimension the slices have, -1 for all of them; otherwise as
/// tfckpt_tensors_slice_starts().
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensors_slice_lengths(tensors: Option<&tfckpt_tensors>) -> *const i64 {
    array(tensors, |tensors| &tensors.slice_lengths)
}
