//! Reading: from a mapped file, as the crate's documents show, or from one read whole.

use std::ffi::c_char;
use std::fs::File;
use std::path::Path;

use memmap2::Mmap;
use safetensors::SafeTensors;

use crate::{Tensors, path_of};

fn map(path: &Path) -> Mmap {
    let file = File::open(path).expect("a file");
    // SAFETY: nobody else has the file.
    unsafe { Mmap::map(&file) }.expect("a mapping")
}

/// Maps the file and copies the values of each tensor out of it, unverified.
///
/// # Safety
///
/// All of `tensors` must be there, the memory for nobody else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn safetensors_read(path: *const c_char, tensors: &Tensors) {
    // SAFETY: the caller's word.
    let mapped = map(unsafe { path_of(path) });
    let file = SafeTensors::deserialize(&mapped).expect("a header");
    let bytes = tensors.bytes_each();
    for i in 0..tensors.count {
        // SAFETY: the caller's word.
        let name = unsafe { tensors.name(i) };
        let view = file.tensor(name).expect("a tensor");
        // SAFETY: the caller's word; each tensor has its own part of the memory.
        let dst = unsafe { std::slice::from_raw_parts_mut(tensors.memory.add(i * bytes), bytes) };
        dst.copy_from_slice(view.data());
    }
}

/// Maps the file and looks at each word of each tensor in it; their sum.
///
/// # Safety
///
/// The path must end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn safetensors_view(path: *const c_char) -> u64 {
    // SAFETY: the caller's word.
    let mapped = map(unsafe { path_of(path) });
    let file = SafeTensors::deserialize(&mapped).expect("a header");
    file.iter().fold(0, |sum, (_, view)| sum.wrapping_add(sum_of(view.data())))
}

/// Of all whole words, on sixteen lanes that the compiler makes registers of.
fn sum_of(bytes: &[u8]) -> u64 {
    let mut lanes = [0u64; 16];
    for line in bytes.chunks_exact(size_of_val(&lanes)) {
        for (lane, word) in lanes.iter_mut().zip(line.chunks_exact(size_of::<u64>())) {
            let word = u64::from_ne_bytes(word.try_into().expect("a word"));
            *lane = lane.wrapping_add(word);
        }
    }
    lanes.iter().fold(0, |sum, &lane| sum.wrapping_add(lane))
}

/// Maps the file and goes over its tensors; the sum of the lengths of their names, the
/// bits of their types and their elements.
///
/// # Safety
///
/// The path must end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn safetensors_list(path: *const c_char) -> u64 {
    // SAFETY: the caller's word.
    let mapped = map(unsafe { path_of(path) });
    let file = SafeTensors::deserialize(&mapped).expect("a header");
    let measure = |(name, view): (&str, safetensors::tensor::TensorView<'_>)| {
        name.len() + view.dtype().bitsize() + view.shape().iter().product::<usize>()
    };
    file.iter().map(measure).sum::<usize>() as u64
}

/// A file in memory.
pub struct Loaded(Vec<u8>);

/// Reads the whole file into new memory and takes its header.
///
/// # Safety
///
/// The path must end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn safetensors_load(path: *const c_char) -> *mut Loaded {
    // SAFETY: the caller's word.
    let bytes = std::fs::read(unsafe { path_of(path) }).expect("a file");
    SafeTensors::deserialize(&bytes).expect("a header");
    Box::into_raw(Box::new(Loaded(bytes)))
}

/// The bytes of a tensor of what was loaded.
///
/// # Safety
///
/// `loaded` must be one, `tensors` as when it was written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn safetensors_loaded_data(
    loaded: &Loaded,
    tensors: &Tensors,
    i: usize,
) -> *const u8 {
    let file = SafeTensors::deserialize(&loaded.0).expect("a header");
    // SAFETY: the caller's word.
    let name = unsafe { tensors.name(i) };
    file.tensor(name).expect("a tensor").data().as_ptr()
}

/// Frees it. NULL is fine.
///
/// # Safety
///
/// It must be one that is not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn safetensors_loaded_free(loaded: *mut Loaded) {
    if !loaded.is_null() {
        // SAFETY: the caller's word; it came out of a box.
        drop(unsafe { Box::from_raw(loaded) });
    }
}
