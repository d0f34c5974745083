//! What getters are held to: NULL exactly outside of a list, texts as long as is told.

use std::ffi::{CStr, c_char};
use std::hint::black_box;
use std::ptr::null_mut;

use tfckpt::capi::tfckpt_error;

use super::look::look_at;

/// No more than so many are looked at of a list that may be as long as a file says.
const MOST_ITEMS: i64 = 50;

/// A text, which tells the same with a length and without. The bytes are looked at, and the
/// NUL behind them.
pub fn text<'t>(get: impl Fn(*mut usize) -> *const c_char) -> Option<&'t [u8]> {
    let mut len = usize::MAX;
    let start = get(&mut len);
    assert_eq!(start, get(null_mut()));
    // SAFETY: so the getter promises.
    unsafe { text_at(start, len) }
}

/// The same of one that is there, or NULL.
///
/// # Safety
/// It has that many bytes, and a NUL behind.
pub unsafe fn text_at<'t>(start: *const c_char, len: usize) -> Option<&'t [u8]> {
    if start.is_null() {
        assert_eq!(len, 0);
        return None;
    }
    // SAFETY: so the caller says.
    let bytes = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), len + 1) };
    bytes.iter().for_each(|byte| {
        black_box(byte);
    });
    assert_eq!(bytes[len], 0);
    Some(&bytes[..len])
}

/// How long a text is that ends with its first NUL.
///
/// # Safety
/// It does.
pub unsafe fn length(text: *const c_char) -> usize {
    // SAFETY: so the caller says.
    unsafe { CStr::from_ptr(text) }.count_bytes()
}

/// Asks for all items of a list, and for some that are not: `get` tells whether one is there.
pub fn each(count: i64, get: impl FnMut(i64) -> bool) {
    assert!(count >= 0);
    each_of((-1..=count).chain([i64::MIN, i64::MAX]), count, get);
}

/// The same for some of a list.
pub fn some(count: i64, get: impl FnMut(i64) -> bool) {
    each_of(positions(count), count, get);
}

fn each_of(positions: impl Iterator<Item = i64>, count: i64, mut get: impl FnMut(i64) -> bool) {
    for index in positions {
        assert_eq!(get(index), (0..count).contains(&index), "{index} of {count}");
    }
}

/// The positions that are looked at in a list; some are none of it.
pub fn positions(count: i64) -> impl Iterator<Item = i64> {
    assert!(count >= 0);
    (-1..=count.min(MOST_ITEMS)).chain([i64::MIN, count, i64::MAX])
}

/// A shape whose rank may be open; of what is not there it has none.
///
/// # Safety
/// There are `rank` values at `dims`, or NULL.
pub unsafe fn look_at_shape(is_there: bool, rank: i64, dims: *const i64) {
    assert_eq!(dims.is_null(), !is_there || rank == -1);
    let rank = usize::try_from(rank).unwrap_or(0);
    // SAFETY: of the caller.
    (0..rank).for_each(|at| assert!(unsafe { *dims.add(at) } >= -1));
}

/// # Safety
/// What `at` gives are texts, or NULL.
pub unsafe fn look_at_paths(count: i64, at: impl Fn(i64) -> *const c_char) {
    some(count, |index| {
        let path = at(index);
        if !path.is_null() {
            // SAFETY: so the caller says.
            black_box(unsafe { length(path) });
        }
        !path.is_null()
    });
}

/// # Safety
/// What `at` gives are errors, or NULL.
pub unsafe fn look_at_problems(count: i64, at: impl Fn(i64) -> *const tfckpt_error) {
    some(count, |index| {
        // SAFETY: so the caller says.
        let problem = unsafe { at(index).as_ref() };
        problem.into_iter().for_each(look_at);
        problem.is_some()
    });
}
