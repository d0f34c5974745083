//! Writing: the crate's `serialize_to_file`.

use std::borrow::Cow;
use std::ffi::c_char;
use std::fs::File;

use safetensors::{Dtype, View, serialize_to_file};

use crate::{Tensors, path_of};

/// A tensor that lies in the caller's memory.
struct Borrowed<'a> {
    shape: [usize; 1],
    data: &'a [u8],
}

impl View for &Borrowed<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.data.into()
    }

    fn data_len(&self) -> usize {
        self.data.len()
    }
}

/// Tensors ready to be written.
pub struct Written<'a>(Vec<(&'a str, Borrowed<'a>)>);

/// Makes them ready, which is not part of what is measured.
///
/// # Safety
///
/// All of `tensors` must be there, and stay for as long as this.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn safetensors_prepare(tensors: &Tensors) -> *mut Written<'static> {
    let bytes = tensors.bytes_each();
    let borrowed = |i| {
        // SAFETY: the caller's word.
        let data = unsafe { std::slice::from_raw_parts(tensors.memory.add(i * bytes), bytes) };
        // SAFETY: the caller's word.
        let name = unsafe { tensors.name(i) };
        (name, Borrowed { shape: [tensors.floats], data })
    };
    Box::into_raw(Box::new(Written((0..tensors.count).map(borrowed).collect())))
}

/// Writes them to a file; on the disk when it returns if it is to be synced.
///
/// # Safety
///
/// The path must end with a NUL, and `written` be ready.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn safetensors_write(path: *const c_char, written: &Written<'_>, sync: bool) {
    // SAFETY: the caller's word.
    let path = unsafe { path_of(path) };
    let tensors = written.0.iter().map(|(name, tensor)| (*name, tensor));
    serialize_to_file(tensors, None, path).expect("a file that can be written");
    if sync {
        sync_all(path).expect("a disk");
    }
}

/// Syncs the file and its name.
fn sync_all(path: &std::path::Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()?;
    File::open(path.parent().unwrap_or(path))?.sync_all()
}

/// Frees them. NULL is fine.
///
/// # Safety
///
/// They must not be freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn safetensors_written_free(written: *mut Written<'static>) {
    if !written.is_null() {
        // SAFETY: the caller's word; it came out of a box.
        drop(unsafe { Box::from_raw(written) });
    }
}
