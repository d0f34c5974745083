//! Walks over the tensors of a checkpoint.

use std::ffi::c_char;
use std::sync::Arc;

use super::arguments::{bytes, given};
use super::boundary::{boundary_handle, boundary_out, free};
use super::error::tfckpt_error;
use super::reader::tfckpt_reader;
use super::status::tfckpt_status;
use super::tensor::tfckpt_tensor;
use crate::checkpoint::{Reader, Walk};
use crate::error::Result;

/// A walk over tensors, in the order of their names, byte by byte unsigned. It
/// needs its reader no more.
pub struct tfckpt_cursor {
    reader: Arc<Reader>,
    walk: Walk,
    current: Option<tfckpt_tensor>,
}

impl tfckpt_cursor {
    fn new(reader: &Arc<Reader>, prefix: &[u8]) -> Self {
        Self { reader: reader.clone(), walk: reader.walk(prefix), current: None }
    }

    fn step(&mut self) -> Result<Option<&tfckpt_tensor>> {
        self.current = None;
        self.current = self.reader.step(&mut self.walk)?.map(Into::into);
        Ok(self.current.as_ref())
    }
}

/// Begins a walk over the tensors whose names begin with a prefix, into *out; an
/// empty prefix is all of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_list(
    reader: Option<&tfckpt_reader>,
    prefix: *const c_char,
    prefix_len: usize,
    out: *mut *mut tfckpt_cursor,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let prefix = bytes(prefix, prefix_len, "prefix")?;
            Ok(tfckpt_cursor::new(tfckpt_reader::given(reader)?, prefix))
        })
    }
}

/// Goes to the next tensor, into *out: borrowed until the next call, and NULL
/// behind the last. DATA_LOSS where an entry or a part of the index is damaged;
/// the next call goes on behind that, so a walk always comes to an end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_cursor_next(
    cursor: Option<&mut tfckpt_cursor>,
    out: *mut *const tfckpt_tensor,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_out(out, err, || {
            let tensor = given(cursor, "cursor")?.step()?;
            Ok(tensor.map_or(std::ptr::null(), std::ptr::from_ref))
        })
    }
}

/// Frees a cursor, and the tensor that was borrowed from it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_cursor_free(cursor: Option<Box<tfckpt_cursor>>) {
    free(cursor);
}
