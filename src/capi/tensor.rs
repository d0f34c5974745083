//! What a tensor is, and where its bytes are.

use std::ffi::c_char;

use super::arguments::{WHOLE, pointer, put_text};
use super::boundary::free;
use crate::checkpoint::{Place, Tensor};
use crate::error::Result;
use crate::tensor::Slice;

/// What a tensor is, and where its bytes are: a snapshot that needs its reader no
/// more.
pub struct tfckpt_tensor {
    /// Its name has a NUL behind it.
    tensor: Tensor,
    slices: Vec<Extents>,
}

/// A slice the way it is handed out.
struct Extents {
    starts: Vec<i64>,
    lengths: Vec<i64>,
}

impl From<&Slice> for Extents {
    fn from(slice: &Slice) -> Self {
        let extents = slice.extents();
        Self {
            starts: extents.iter().map(|extent| extent.start).collect(),
            lengths: extents.iter().map(|extent| extent.length.unwrap_or(WHOLE)).collect(),
        }
    }
}

impl From<Tensor> for tfckpt_tensor {
    fn from(tensor: Tensor) -> Self {
        let mut made = Self { tensor, slices: Vec::new() };
        made.complete();
        made
    }
}

impl tfckpt_tensor {
    /// Becomes the tensor that `set` makes of the one it was, if that says so.
    #[inline]
    pub(super) fn set(
        &mut self,
        set: impl FnOnce(&mut Tensor) -> Result<bool>,
    ) -> Result<Option<&Self>> {
        let is_set = set(&mut self.tensor)?;
        self.complete();
        Ok(is_set.then_some(self))
    }

    /// Adds to a new tensor what only C asks for.
    #[inline]
    fn complete(&mut self) {
        self.tensor.name.push(0);
        if !(self.slices.is_empty() && self.tensor.slices.is_empty()) {
            self.slices = self.tensor.slices.iter().map(Extents::from).collect();
        }
    }

    fn stored(tensor: Option<&Self>) -> Option<&Place> {
        tensor.and_then(|tensor| tensor.tensor.stored.as_ref())
    }

    fn slice(tensor: Option<&Self>, index: i64) -> Option<&Extents> {
        usize::try_from(index).ok().and_then(|index| tensor?.slices.get(index))
    }
}

/// Frees a tensor. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_free(tensor: Option<Box<tfckpt_tensor>>) {
    free(tensor);
}

/// Its name: any bytes, in practice UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_tensor_name(
    tensor: Option<&tfckpt_tensor>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_text(tensor.map(|tensor| &*tensor.tensor.name), len) }
}

/// The type of its elements: a tfckpt_dtype, or a reference type.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_dtype(tensor: Option<&tfckpt_tensor>) -> i32 {
    tensor.map_or(0, |tensor| tensor.tensor.dtype.number())
}

/// How many dimensions it has; 0 for a scalar.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_rank(tensor: Option<&tfckpt_tensor>) -> usize {
    tensor.map_or(0, |tensor| tensor.tensor.shape.rank())
}

/// Its dimensions, outermost first, tfckpt_tensor_rank() of them.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_dims(tensor: Option<&tfckpt_tensor>) -> *const i64 {
    tensor.map_or(std::ptr::null(), |tensor| pointer(tensor.tensor.shape.dims()))
}

/// How many elements it has: the product of its dimensions, 1 for a scalar.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_num_elements(tensor: Option<&tfckpt_tensor>) -> i64 {
    tensor.map_or(0, |tensor| tensor.tensor.shape.num_elements() as i64)
}

/// How many bytes its elements take in memory; -1 where they have no fixed size.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_byte_size(tensor: Option<&tfckpt_tensor>) -> i64 {
    tensor.and_then(|tensor| tensor.tensor.byte_size()).map_or(-1, |bytes| bytes as i64)
}

/// The data shard that has its bytes, counted from 0; -1 for a tensor stored as
/// slices, and in V1.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_shard(tensor: Option<&tfckpt_tensor>) -> i32 {
    tfckpt_tensor::stored(tensor).map_or(-1, |place| place.shard as i32)
}

/// Where in that shard its bytes begin; -1 for a tensor stored as slices,
/// and in V1.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_offset(tensor: Option<&tfckpt_tensor>) -> i64 {
    tfckpt_tensor::stored(tensor).map_or(-1, |place| place.offset as i64)
}

/// How many bytes it has there; -1 for a tensor stored as slices,
/// and in V1.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_stored_size(tensor: Option<&tfckpt_tensor>) -> i64 {
    tfckpt_tensor::stored(tensor).map_or(-1, |place| place.size as i64)
}

/// The masked CRC-32C of its bytes there; 0 for a tensor stored as slices,
/// and in V1.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_crc32c(tensor: Option<&tfckpt_tensor>) -> u32 {
    tfckpt_tensor::stored(tensor).map_or(0, |place| place.crc32c)
}

/// In how many slices it is stored; 0 for a tensor that is stored whole.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_slice_count(tensor: Option<&tfckpt_tensor>) -> i64 {
    tensor.map_or(0, |tensor| tensor.slices.len() as i64)
}

/// Where in each dimension the slice at index begins, from 0 to
/// tfckpt_tensor_slice_count() - 1; NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_slice_starts(
    tensor: Option<&tfckpt_tensor>,
    index: i64,
) -> *const i64 {
    tfckpt_tensor::slice(tensor, index).map_or(std::ptr::null(), |slice| pointer(&slice.starts))
}

/// How many elements of each dimension the slice at index has, -1 for all of them;
/// NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_slice_lengths(
    tensor: Option<&tfckpt_tensor>,
    index: i64,
) -> *const i64 {
    tfckpt_tensor::slice(tensor, index).map_or(std::ptr::null(), |slice| pointer(&slice.lengths))
}
