//! What each call is held to, and what is looked at of what it gives.

use std::ffi::CStr;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

use tfckpt::capi::*;

use super::columns::look_at_place;
use super::handles::owned;

static SUCCEEDED: AtomicUsize = AtomicUsize::new(0);

/// How many calls have come to good.
pub fn succeeded() -> usize {
    SUCCEEDED.load(Ordering::Relaxed)
}

/// Makes a call and holds it to the rules: an error exactly where it fails, which can be
/// looked at in every way.
pub fn called(call: impl FnOnce(*mut *mut tfckpt_error) -> tfckpt_status) -> bool {
    let mut err = null_mut();
    let status = call(&mut err) as i32;
    assert_ne!(status, tfckpt_status::TFCKPT_INTERNAL as i32, "{}", message(err));
    assert_eq!(status == 0, err.is_null());
    if let Some(error) = owned(err) {
        assert_eq!(tfckpt_error_status(Some(&error)) as i32, status);
        look_at(&error);
        tfckpt_error_free(Some(error));
    }
    SUCCEEDED.fetch_add(usize::from(status == 0), Ordering::Relaxed);
    status == 0
}

pub fn message(err: *const tfckpt_error) -> String {
    // SAFETY: an error, or NULL.
    let text = unsafe { tfckpt_error_message(err.as_ref()) };
    if text.is_null() {
        return String::new();
    }
    // SAFETY: it ends with a NUL.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into()
}

pub fn look_at(error: &tfckpt_error) {
    let error = Some(error);
    let mut len = 0;
    // SAFETY: `len` is a variable.
    unsafe {
        tfckpt_error_file(error);
        tfckpt_error_tensor(error, &mut len);
        for index in -1..=tfckpt_error_name_count(error) {
            tfckpt_error_name(error, index, &mut len);
        }
    }
    assert!(tfckpt_error_offset(error) >= -1 && tfckpt_error_shard(error) >= -1);
}

/// A call with a handle as its result, which is written on success only.
pub fn made<T>(call: impl FnOnce(*mut *mut T, *mut *mut tfckpt_error) -> tfckpt_status) -> *mut T {
    let mut out = null_mut();
    let is_ok = called(|err| call(&mut out, err));
    assert_eq!(is_ok, !out.is_null());
    out
}

pub fn look_at_tensor(tensor: Option<&tfckpt_tensor>) {
    let mut len = 0;
    // SAFETY: the lengths are those of the arrays.
    unsafe {
        let name = tfckpt_tensor_name(tensor, &mut len);
        assert!(tensor.is_none() || *name.add(len) == 0);
        let dims = tfckpt_tensor_dims(tensor);
        let rank = tfckpt_tensor_rank(tensor);
        assert!((0..rank).all(|at| *dims.add(at) >= 0));
        for index in -1..=tfckpt_tensor_slice_count(tensor).min(20) {
            let starts = tfckpt_tensor_slice_starts(tensor, index);
            let lengths = tfckpt_tensor_slice_lengths(tensor, index);
            assert_eq!(starts.is_null(), lengths.is_null());
            if !starts.is_null() {
                assert!((0..rank).all(|at| *starts.add(at) >= 0 && *lengths.add(at) >= -1));
            }
        }
    }
    look_at_place(
        tfckpt_tensor_shard(tensor),
        tfckpt_tensor_offset(tensor),
        tfckpt_tensor_stored_size(tensor),
        tfckpt_tensor_crc32c(tensor),
    );
    assert_eq!(tfckpt_tensor_dtype(tensor) > 0, tensor.is_some());
    assert!(tfckpt_tensor_byte_size(tensor) >= -1 && tfckpt_tensor_num_elements(tensor) >= 0);
}

pub fn look_at_strings(strings: Option<&tfckpt_strings>) {
    let (count, size) = (tfckpt_strings_count(strings) as usize, tfckpt_strings_data_size(strings));
    let offsets = tfckpt_strings_offsets(strings);
    let data = tfckpt_strings_data(strings).cast::<u8>();
    if strings.is_some() {
        // SAFETY: there are count + 1 offsets, and size bytes.
        unsafe {
            assert!((0..count).all(|at| *offsets.add(at) <= *offsets.add(at + 1)));
            assert_eq!(*offsets.add(count) as usize, size);
            (0..size).for_each(|at| {
                std::hint::black_box(*data.add(at));
            });
        }
    }
}

/// The alignment that is told is that of the bytes, which are whole elements.
pub fn look_at_view(view: Option<&tfckpt_view>) {
    let address = tfckpt_view_data(view).addr();
    let alignment = tfckpt_view_alignment(view);
    let size = tfckpt_dtype_size(tfckpt_view_dtype(view));
    if view.is_none() {
        return assert_eq!((address, alignment, size), (0, 0, 0));
    }
    assert!(alignment.is_power_of_two() && alignment <= 4096);
    assert!(address % alignment == 0 && tfckpt_view_size(view) % size == 0);
}
