//! What a tensor is, and where its bytes are.

use std::ffi::c_char;

use super::arguments::{Text, WHOLE, pointer, put_len};
use super::boundary::free;
use crate::checkpoint::{Listed, Place, Tensor};
use crate::tensor::{DType, Shape, Slice};

/// What a tensor is, and where its bytes are: a snapshot that needs its reader no
/// more.
pub struct tfckpt_tensor {
    name: Text,
    dtype: DType,
    shape: Shape,
    stored: Option<Place>,
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
    fn from(Tensor { name, dtype, shape, slices, stored }: Tensor) -> Self {
        let slices = slices.iter().map(Extents::from).collect();
        Self { name: Text::new(name), dtype, shape, stored, slices }
    }
}

impl From<Listed<'_>> for tfckpt_tensor {
    fn from(tensor: Listed<'_>) -> Self {
        tensor.to_tensor().into()
    }
}

impl tfckpt_tensor {
    /// Becomes another tensor, in the same memory.
    #[inline]
    pub(super) fn set(&mut self, tensor: Listed<'_>) {
        let Listed { name, dtype, shape, slices, stored } = tensor;
        self.name.set(name);
        (self.dtype, self.stored) = (dtype, stored);
        self.shape.clone_from(shape);
        self.slices.clear();
        self.slices.extend(slices.iter().map(Extents::from));
    }

    fn stored(tensor: Option<&Self>) -> Option<&Place> {
        tensor.and_then(|tensor| tensor.stored.as_ref())
    }

    fn slice(tensor: Option<&Self>, index: i64) -> Option<&Extents> {
        usize::try_from(index).ok().and_then(|index| tensor?.slices.get(index))
    }

    fn byte_size(&self) -> Option<u64> {
        self.shape.byte_size_if(self.dtype.size()?)
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
    unsafe { put_len(tensor.map(|tensor| &tensor.name), len) }
}

/// The type of its elements: a tfckpt_dtype, or a reference type.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_dtype(tensor: Option<&tfckpt_tensor>) -> i32 {
    tensor.map_or(0, |tensor| tensor.dtype.number())
}

/// How many dimensions it has; 0 for a scalar.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_rank(tensor: Option<&tfckpt_tensor>) -> usize {
    tensor.map_or(0, |tensor| tensor.shape.rank())
}

/// Its dimensions, outermost first, tfckpt_tensor_rank() of them.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_dims(tensor: Option<&tfckpt_tensor>) -> *const i64 {
    tensor.map_or(std::ptr::null(), |tensor| pointer(tensor.shape.dims()))
}

/// How many elements it has: the product of its dimensions, 1 for a scalar.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_num_elements(tensor: Option<&tfckpt_tensor>) -> i64 {
    tensor.map_or(0, |tensor| tensor.shape.num_elements() as i64)
}

/// How many bytes its elements take in memory; -1 where they have no fixed size.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_tensor_byte_size(tensor: Option<&tfckpt_tensor>) -> i64 {
    tensor.and_then(|tensor| tensor.byte_size()).map_or(-1, |bytes| bytes as i64)
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
