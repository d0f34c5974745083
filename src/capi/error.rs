//! Errors as handles.

use std::ffi::c_char;
use std::os::unix::ffi::OsStrExt;

use super::arguments::{Text, put_len};
use super::status::tfckpt_status;
use crate::error::Error;

/// Why a call failed, and where: file, tensor, shard, byte offset. A call that
/// fails makes one where it was given an err; it is owned by the caller.
pub struct tfckpt_error {
    status: tfckpt_status,
    message: Text,
    file: Option<Text>,
    tensor: Option<Text>,
    shard: i32,
    offset: i64,
    names: Vec<Text>,
}

impl From<Error> for tfckpt_error {
    fn from(error: Error) -> Self {
        Self {
            status: error.kind().into(),
            message: Text::new(error.to_string()),
            file: error.file().map(|file| Text::new(file.as_os_str().as_bytes())),
            tensor: error.tensor().map(Text::new),
            shard: error.shard().and_then(|shard| shard.try_into().ok()).unwrap_or(-1),
            offset: error.offset().and_then(|offset| offset.try_into().ok()).unwrap_or(-1),
            names: error.names().iter().map(|name| Text::new(name.as_slice())).collect(),
        }
    }
}

impl tfckpt_error {
    pub(super) fn status(&self) -> tfckpt_status {
        self.status
    }
}

/// Frees an error. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_error_free(error: Option<Box<tfckpt_error>>) {
    super::boundary::free(error);
}

/// The status that the call returned.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_error_status(error: Option<&tfckpt_error>) -> tfckpt_status {
    error.map_or(tfckpt_status::TFCKPT_OK, |error| error.status)
}

/// What is wrong and where, for people to read. UTF-8.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_error_message(error: Option<&tfckpt_error>) -> *const c_char {
    error.map_or(std::ptr::null(), |error| error.message.as_ptr())
}

/// The path of the file it is about, or NULL where it is about none.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_error_file(error: Option<&tfckpt_error>) -> *const c_char {
    error.and_then(|error| error.file.as_ref()).map_or(std::ptr::null(), Text::as_ptr)
}

/// The name of the tensor it is about, or NULL where it is about none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_error_tensor(
    error: Option<&tfckpt_error>,
    len: *mut usize,
) -> *const c_char {
    let tensor = error.and_then(|error| error.tensor.as_ref());
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(tensor, len) }
}

/// The data shard it is about, counted from 0, or -1.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_error_shard(error: Option<&tfckpt_error>) -> i32 {
    error.map_or(-1, |error| error.shard)
}

/// The byte of tfckpt_error_file() at which it was noticed, or -1.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_error_offset(error: Option<&tfckpt_error>) -> i64 {
    error.map_or(-1, |error| error.offset)
}

/// How many names it lists: of the tensors that tfckpt_reader_read_many() did not
/// find, or that several sources of tfckpt_checkpoint_merge() or tfckpt_overlay_open()
/// have; or the keys that tfckpt_object_graph_find() leads to. 0 for most errors.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_error_name_count(error: Option<&tfckpt_error>) -> i64 {
    error.map_or(0, |error| error.names.len() as i64)
}

/// The name at index, from 0 to tfckpt_error_name_count() - 1; NULL outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_error_name(
    error: Option<&tfckpt_error>,
    index: i64,
    len: *mut usize,
) -> *const c_char {
    let name = usize::try_from(index).ok().and_then(|index| error?.names.get(index));
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(name, len) }
}
