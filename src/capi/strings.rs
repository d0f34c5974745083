//! String and variant tensors.

use std::ffi::{c_char, c_void};

use super::arguments::{bytes, pointer, slice};
use super::boundary::{boundary_handle, free};
use super::error::tfckpt_error;
use super::read_options::tfckpt_read_options;
use super::reader::tfckpt_reader;
use super::status::tfckpt_status;
use crate::checkpoint::{Reader, Walk};
use crate::error::Result;
use crate::table::Keys;
use crate::tensor::Strings;

/// The elements of a string tensor, or the serialized VariantTensorDataProto of
/// each element of a variant tensor, one behind the other: element i is the bytes
/// of data from `offsets[i]` up to `offsets[i + 1]`. Or the names that a walk came to,
/// in the same way.
pub struct tfckpt_strings(Held);

enum Held {
    Values(Strings),
    Names(Keys),
}

impl tfckpt_strings {
    fn of(values: Strings) -> Self {
        Self(Held::Values(values))
    }

    /// No names, but the place for some.
    pub(super) fn for_names() -> Self {
        Self(Held::Names(Keys::new(0)))
    }

    /// Becomes the next names of a walk, `max` at most; before an error those that came.
    pub(super) fn take_names(
        &mut self,
        reader: &Reader,
        walk: &mut Walk,
        max: usize,
    ) -> Result<()> {
        let Held::Names(names) = &mut self.0 else { return Ok(()) };
        names.clear(max);
        reader.take_names(walk, names)
    }

    pub(super) fn count(&self) -> usize {
        self.offsets().len() - 1
    }

    fn offsets(&self) -> &[i64] {
        match &self.0 {
            Held::Values(values) => values.offsets(),
            Held::Names(names) => names.offsets(),
        }
    }

    fn data(&self) -> &[u8] {
        match &self.0 {
            Held::Values(values) => values.data(),
            Held::Names(names) => names.bytes(),
        }
    }
}

/// Reads a string or variant tensor, into *out. INVALID_ARGUMENT for types of a
/// fixed element size; otherwise as tfckpt_reader_read().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_read_strings(
    reader: Option<&tfckpt_reader>,
    name: *const c_char,
    name_len: usize,
    options: Option<&tfckpt_read_options>,
    out: *mut *mut tfckpt_strings,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let reader = tfckpt_reader::given(reader)?;
            let name = bytes(name, name_len, "name")?;
            let options = tfckpt_read_options::or_default(options);
            reader.read_strings(name, &options).map(tfckpt_strings::of)
        })
    }
}

/// Reads a slice of a string or variant tensor, into *out; starts, lengths and
/// rank as of tfckpt_reader_read_slice().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_read_strings_slice(
    reader: Option<&tfckpt_reader>,
    name: *const c_char,
    name_len: usize,
    starts: *const i64,
    lengths: *const i64,
    rank: usize,
    options: Option<&tfckpt_read_options>,
    out: *mut *mut tfckpt_strings,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let reader = tfckpt_reader::given(reader)?;
            let name = bytes(name, name_len, "name")?;
            let slice = slice(starts, lengths, rank)?;
            let options = tfckpt_read_options::or_default(options);
            reader.read_strings_slice(name, &slice, &options).map(tfckpt_strings::of)
        })
    }
}

/// Frees strings. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_strings_free(strings: Option<Box<tfckpt_strings>>) {
    free(strings);
}

/// How many elements there are.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_strings_count(strings: Option<&tfckpt_strings>) -> i64 {
    strings.map_or(0, |strings| strings.count() as i64)
}

/// Where in the data each element begins, and at last where the last one ends:
/// tfckpt_strings_count() + 1 numbers, of which the first is 0.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_strings_offsets(strings: Option<&tfckpt_strings>) -> *const i64 {
    strings.map_or(std::ptr::null(), |strings| pointer(strings.offsets()))
}

/// The bytes of all elements.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_strings_data(strings: Option<&tfckpt_strings>) -> *const c_void {
    strings.map_or(std::ptr::null(), |strings| pointer(strings.data()).cast())
}

/// How many bytes the elements have in all.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_strings_data_size(strings: Option<&tfckpt_strings>) -> usize {
    strings.map_or(0, |strings| strings.data().len())
}
