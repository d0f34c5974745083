//! A signature of a graph.

use std::ffi::c_char;
use std::ptr::{from_ref, null};

use super::arguments::{Text, put_len};
use super::lists::item;
use super::meta_tensor::tfckpt_meta_tensor;
use crate::graph::Signature;

/// A signature: what a model takes and gives under one name.
pub struct tfckpt_meta_signature {
    key: Text,
    method_name: Text,
    bytes: u64,
    inputs: Vec<tfckpt_meta_tensor>,
    outputs: Vec<tfckpt_meta_tensor>,
}

impl From<(String, Signature)> for tfckpt_meta_signature {
    fn from((key, signature): (String, Signature)) -> Self {
        let Signature { method_name, inputs, outputs, bytes } = signature;
        let [inputs, outputs] =
            [inputs, outputs].map(|side| side.into_iter().map(Into::into).collect());
        let [key, method_name] = [key, method_name].map(Text::new);
        Self { key, method_name, bytes, inputs, outputs }
    }
}

/// Its key: "serving_default".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_signature_key(
    signature: Option<&tfckpt_meta_signature>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(signature.map(|signature| &signature.key), len) }
}

/// What it is for: "tensorflow/serving/predict".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_signature_method_name(
    signature: Option<&tfckpt_meta_signature>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(signature.map(|signature| &signature.method_name), len) }
}

/// How many bytes it takes.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_signature_byte_size(
    signature: Option<&tfckpt_meta_signature>,
) -> i64 {
    signature.map_or(0, |signature| signature.bytes as i64)
}

/// How many tensors it takes.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_signature_input_count(
    signature: Option<&tfckpt_meta_signature>,
) -> i64 {
    signature.map_or(0, |signature| signature.inputs.len() as i64)
}

/// The input at index, from 0, in the order of their keys; borrowed, and NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_signature_input(
    signature: Option<&tfckpt_meta_signature>,
    index: i64,
) -> *const tfckpt_meta_tensor {
    signature.and_then(|signature| item(&signature.inputs, index)).map_or(null(), from_ref)
}

/// How many tensors it gives.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_signature_output_count(
    signature: Option<&tfckpt_meta_signature>,
) -> i64 {
    signature.map_or(0, |signature| signature.outputs.len() as i64)
}

/// The output at index, from 0, in the order of their keys; borrowed, and NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_signature_output(
    signature: Option<&tfckpt_meta_signature>,
    index: i64,
) -> *const tfckpt_meta_tensor {
    signature.and_then(|signature| item(&signature.outputs, index)).map_or(null(), from_ref)
}
