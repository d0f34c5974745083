//! Lists that a handle has, from before the first to behind the last.

use std::ffi::{CStr, c_char};

use tfckpt::capi::tfckpt_error;

use super::look::look_at;

/// No more than so many of a list are looked at one by one.
const MOST_ITEMS: i64 = 50;

/// The positions that are looked at in a list; some are none of it.
pub fn positions(count: i64) -> impl Iterator<Item = i64> {
    assert!(count >= 0);
    (-1..=count.min(MOST_ITEMS)).chain([i64::MIN, count, i64::MAX])
}

fn look_at_each<T>(count: i64, at: impl Fn(i64) -> *const T, look: impl Fn(*const T)) {
    for index in positions(count) {
        let item = at(index);
        assert_eq!(item.is_null(), !(0..count).contains(&index), "{index} of {count}");
        if !item.is_null() {
            look(item);
        }
    }
}

/// How long a text is that ends with its first NUL.
///
/// # Safety
/// It does.
pub unsafe fn length(text: *const c_char) -> usize {
    // SAFETY: so the caller says.
    unsafe { CStr::from_ptr(text) }.count_bytes()
}

/// # Safety
/// What `at` gives are texts, or NULL.
pub unsafe fn look_at_paths(count: i64, at: impl Fn(i64) -> *const c_char) {
    look_at_each(count, at, |path| {
        // SAFETY: so the caller says.
        std::hint::black_box(unsafe { length(path) });
    });
}

/// Texts that may have a NUL in them.
///
/// # Safety
/// What `at` gives are texts of the length that it puts, or NULL.
pub unsafe fn look_at_texts(count: i64, at: impl Fn(i64, *mut usize) -> *const c_char) {
    for index in positions(count) {
        let mut len = usize::MAX;
        let text = at(index, &mut len);
        assert_eq!(text.is_null(), !(0..count).contains(&index), "{index} of {count}");
        // SAFETY: so the caller says.
        unsafe { look_at_text(text, len) };
    }
}

/// # Safety
/// A text of that length, or NULL.
pub unsafe fn look_at_text(text: *const c_char, len: usize) {
    if text.is_null() {
        return assert_eq!(len, 0);
    }
    // SAFETY: so the caller says, and a NUL is behind it.
    unsafe {
        assert!(length(text) <= len);
        assert_eq!(*text.add(len), 0);
    }
}

/// # Safety
/// What `at` gives are errors, or NULL.
pub unsafe fn look_at_problems(count: i64, at: impl Fn(i64) -> *const tfckpt_error) {
    // SAFETY: so the caller says.
    look_at_each(count, at, |problem| look_at(unsafe { &*problem }));
}
