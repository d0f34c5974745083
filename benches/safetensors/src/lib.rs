//! The safetensors crate behind a few C functions. They abort where something is wrong:
//! a benchmark has nothing better to do.

mod read;
mod write;

use std::ffi::{CStr, c_char};
use std::path::Path;

/// Tensors of `floats` floats each, one behind the other in memory.
#[repr(C)]
pub struct Tensors {
    /// Their names, each of which ends with a NUL.
    names: *const *const c_char,
    count: usize,
    floats: usize,
    memory: *mut u8,
}

impl Tensors {
    fn bytes_each(&self) -> usize {
        self.floats * size_of::<f32>()
    }

    /// # Safety
    ///
    /// The names must be there, and stay.
    unsafe fn name<'a>(&self, i: usize) -> &'a str {
        // SAFETY: the caller's word, and `i` is below the count.
        let name = unsafe { CStr::from_ptr(*self.names.add(i)) };
        name.to_str().expect("a name in ASCII")
    }
}

/// # Safety
///
/// It must end with a NUL, and stay.
unsafe fn path_of<'a>(path: *const c_char) -> &'a Path {
    // SAFETY: the caller's word.
    let path = unsafe { CStr::from_ptr(path) };
    Path::new(path.to_str().expect("a path in UTF-8"))
}
