//! A tensor that a signature takes or gives.

use std::ffi::c_char;

use super::arguments::{Text, pointer, put_len};
use crate::graph::{PartialShape, TensorInfo};
use crate::tensor::DType;

/// A tensor of a graph, as signatures speak of it.
pub struct tfckpt_meta_tensor {
    key: Text,
    name: Text,
    dtype: i32,
    shape: PartialShape,
}

impl From<(String, TensorInfo)> for tfckpt_meta_tensor {
    fn from((key, tensor): (String, TensorInfo)) -> Self {
        let [key, name] = [key, tensor.name].map(Text::new);
        Self { key, name, dtype: dtype_number(tensor.dtype), shape: tensor.shape }
    }
}

/// 0 for a type that is not told.
pub(super) fn dtype_number(dtype: Option<DType>) -> i32 {
    dtype.map_or(0, DType::number)
}

/// -1 where it is open.
pub(super) fn rank(shape: Option<&PartialShape>) -> i64 {
    match shape.map(|shape| shape.dims.as_ref()) {
        Some(Some(dims)) => dims.len() as i64,
        Some(None) => -1,
        None => 0,
    }
}

/// NULL where the rank is open.
pub(super) fn dims(shape: Option<&PartialShape>) -> *const i64 {
    let dims = shape.and_then(|shape| shape.dims.as_ref());
    dims.map_or(std::ptr::null(), |dims| pointer(dims))
}

/// What the signature calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_tensor_key(
    tensor: Option<&tfckpt_meta_tensor>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(tensor.map(|tensor| &tensor.key), len) }
}

/// Its name in the graph: "dense/BiasAdd:0"; empty where it is made of several tensors
/// (a sparse one, a composite one).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_tensor_name(
    tensor: Option<&tfckpt_meta_tensor>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(tensor.map(|tensor| &tensor.name), len) }
}

/// The type of its elements: a tfckpt_dtype; 0 where it is not told, or unknown.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_tensor_dtype(tensor: Option<&tfckpt_meta_tensor>) -> i32 {
    tensor.map_or(0, |tensor| tensor.dtype)
}

/// How many dimensions it has; -1 where that is open.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_tensor_rank(tensor: Option<&tfckpt_meta_tensor>) -> i64 {
    rank(tensor.map(|tensor| &tensor.shape))
}

/// Its dimensions, as many as tfckpt_meta_tensor_rank() says, -1 for one that is open;
/// borrowed, and NULL where their number is open.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_tensor_dims(tensor: Option<&tfckpt_meta_tensor>) -> *const i64 {
    dims(tensor.map(|tensor| &tensor.shape))
}
