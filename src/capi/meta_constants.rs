//! The constants of a graph.

use std::ffi::c_char;

use super::arguments::{Text, put_len};
use super::lists::item;
use crate::graph::Constants;

/// Constants: how many, and which of them are the largest.
pub struct tfckpt_meta_constants {
    count: u64,
    bytes: u64,
    largest: Vec<(Text, u64)>,
}

impl From<Constants> for tfckpt_meta_constants {
    fn from(constants: Constants) -> Self {
        let Constants { count, bytes, largest } = constants;
        let largest = largest.into_iter().map(|(name, bytes)| (Text::new(name), bytes));
        Self { count, bytes, largest: largest.collect() }
    }
}

/// How many there are.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_constants_count(constants: Option<&tfckpt_meta_constants>) -> i64 {
    constants.map_or(0, |constants| constants.count as i64)
}

/// How many bytes their values take.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_constants_byte_size(
    constants: Option<&tfckpt_meta_constants>,
) -> i64 {
    constants.map_or(0, |constants| constants.bytes as i64)
}

/// How many of the largest are listed: ten at most.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_constants_largest_count(
    constants: Option<&tfckpt_meta_constants>,
) -> i64 {
    constants.map_or(0, |constants| constants.largest.len() as i64)
}

/// The name of one of these, from 0, the largest first; FUNCTION/NODE for one within a
/// function, and NULL outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_constants_largest_name(
    constants: Option<&tfckpt_meta_constants>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let constant = constants.and_then(|constants| item(&constants.largest, index));
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(constant.map(|(name, _)| name), len) }
}

/// How many bytes its value takes.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_constants_largest_byte_size(
    constants: Option<&tfckpt_meta_constants>,
    index: i64,
) -> i64 {
    let constant = constants.and_then(|constants| item(&constants.largest, index));
    constant.map_or(0, |&(_, bytes)| bytes as i64)
}
