//! Walks over the tensors of a checkpoint.

use std::ffi::c_char;
use std::sync::Arc;

use super::arguments::{bytes, given, put_text};
use super::boundary::{boundary_handle, boundary_out, free};
use super::error::tfckpt_error;
use super::reader::tfckpt_reader;
use super::status::tfckpt_status;
use super::strings::tfckpt_strings;
use super::tensor::tfckpt_tensor;
use super::tensors::tfckpt_tensors;
use crate::checkpoint::{Reader, Tensor, Walk};
use crate::error::{Error, Result};

/// A walk over tensors, in the order of their names, byte by byte unsigned. It
/// needs its reader no more.
pub struct tfckpt_cursor {
    reader: Arc<Reader>,
    walk: Walk,
    current: tfckpt_tensor,
    /// With a NUL behind it.
    name: Vec<u8>,
    names: tfckpt_strings,
    /// What was met behind tensors that had to be handed out first.
    problem: Option<Error>,
}

impl tfckpt_cursor {
    fn new(reader: &Arc<Reader>, prefix: &[u8]) -> Self {
        let (reader, walk) = (reader.clone(), reader.walk(prefix));
        let current = Tensor::nowhere().into();
        let names = tfckpt_strings::for_names();
        Self { reader, walk, current, name: Vec::new(), names, problem: None }
    }

    #[inline(always)]
    fn step(&mut self) -> Result<Option<&tfckpt_tensor>> {
        self.report()?;
        self.current.set(|tensor| self.reader.step(&mut self.walk, tensor))
    }

    #[inline(always)]
    fn step_name(&mut self) -> Result<Option<&[u8]>> {
        self.report()?;
        self.reader.step_name(&mut self.walk, &mut self.name)
    }

    fn take_names(&mut self, max: i64) -> Result<&tfckpt_strings> {
        let max = check_max(max)?;
        self.report()?;
        let taken = self.names.take_names(&self.reader, &mut self.walk, max);
        self.put_off(taken, self.names.count() as i64)?;
        Ok(&self.names)
    }

    fn take(&mut self, max: i64) -> Result<tfckpt_tensors> {
        let max = check_max(max)?;
        self.report()?;
        let (tensors, taken) = tfckpt_tensors::take(&self.reader, &mut self.walk, max);
        self.put_off(taken, tensors.count())?;
        Ok(tensors)
    }

    /// Keeps an error for the next call where there are `taken` to be handed out first.
    fn put_off(&mut self, result: Result<()>, taken: i64) -> Result<()> {
        match result {
            Err(problem) if taken > 0 => self.problem = Some(problem),
            result => return result,
        }
        Ok(())
    }

    /// Gives the problem that was met before, if it was not given yet.
    #[inline(always)]
    fn report(&mut self) -> Result<()> {
        if self.problem.is_none() { Ok(()) } else { self.problem.take().map_or(Ok(()), Err) }
    }
}

fn check_max(max: i64) -> Result<usize> {
    let least = usize::try_from(max).ok().filter(|&max| max > 0);
    least.ok_or_else(|| Error::invalid(format!("{max} tensors are asked for; 1 is the least")))
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

/// Goes to the next tensor, and looks at no more than its name, into *out: borrowed
/// until the next call of this, and NULL behind the last tensor. An entry that is
/// damaged is not noticed; otherwise as tfckpt_cursor_next(), the tensor borrowed from
/// which stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_cursor_next_name(
    cursor: Option<&mut tfckpt_cursor>,
    out: *mut *const c_char,
    len: *mut usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_out(out, err, || {
            let name = given(cursor, "cursor")?.step_name()?;
            Ok(put_text(name, len))
        })
    }
}

/// Goes over the next tensors at once, and looks at no more than their names, max of them
/// at most, and no more when they take 2 MiB, into *out: borrowed until the next call of
/// this, and none behind the last. This is the fastest way to list what there is; a max of
/// 1,000 is a good one. INVALID_ARGUMENT for a max below 1. Otherwise as
/// tfckpt_cursor_next_name(); names before the damage come first, and the error with the
/// next call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_cursor_next_names(
    cursor: Option<&mut tfckpt_cursor>,
    max: i64,
    out: *mut *const tfckpt_strings,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_out(out, err, || Ok(std::ptr::from_ref(given(cursor, "cursor")?.take_names(max)?)))
    }
}

/// Goes over the next tensors at once, max of them at most, and no more when their names
/// take 2 MiB, into *out: none behind the last. What is borrowed from tfckpt_cursor_next()
/// stays. INVALID_ARGUMENT for a max below 1. DATA_LOSS as of tfckpt_cursor_next(); tensors
/// before the damage come first, and the error with the next call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_cursor_next_many(
    cursor: Option<&mut tfckpt_cursor>,
    max: i64,
    out: *mut *mut tfckpt_tensors,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { boundary_handle(out, err, || given(cursor, "cursor")?.take(max)) }
}

/// Frees a cursor, and the tensor that was borrowed from it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_cursor_free(cursor: Option<Box<tfckpt_cursor>>) {
    free(cursor);
}
