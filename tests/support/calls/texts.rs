//! What getters are held to: NULL exactly outside, texts as long as is told.

use std::ffi::c_char;
use std::hint::black_box;
use std::ptr::null_mut;

/// A text, which tells the same with a length and without. The bytes are looked at, and the
/// NUL behind them.
pub fn text<'t>(get: impl Fn(*mut usize) -> *const c_char) -> Option<&'t [u8]> {
    let mut len = usize::MAX;
    let start = get(&mut len).cast::<u8>();
    assert_eq!(start, get(null_mut()).cast());
    if start.is_null() {
        assert_eq!(len, 0);
        return None;
    }
    // SAFETY: as many bytes as is told, with a NUL behind.
    let bytes = unsafe { std::slice::from_raw_parts(start, len + 1) };
    bytes.iter().for_each(|byte| {
        black_box(byte);
    });
    assert_eq!(bytes[len], 0);
    Some(&bytes[..len])
}

/// Asks for all items of a list, and for some that are not: `get` tells whether one is there.
pub fn each(count: i64, mut get: impl FnMut(i64) -> bool) {
    assert!(count >= 0);
    for index in (-1..=count).chain([i64::MIN, i64::MAX]) {
        assert_eq!(get(index), (0..count).contains(&index), "{index} of {count}");
    }
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
