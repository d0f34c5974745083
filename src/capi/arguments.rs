//! What C gives, as Rust has it; and the other way round.

use std::ffi::{CStr, OsStr, c_char, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::error::{Error, Result};
use crate::tensor::{DType, Extent, Shape, Slice};

/// The length of a slice's dimension that means all of it.
pub(super) const WHOLE: i64 = -1;

/// More threads than this are no help, and may be more than the system gives.
pub(super) const MAX_THREADS: usize = 256;

/// A handle that must not be NULL.
pub(super) fn given<T>(handle: Option<T>, what: &str) -> Result<T> {
    handle.ok_or_else(|| is_null(what))
}

fn is_null(what: &str) -> Error {
    Error::invalid(format!("{what} is NULL"))
}

/// An array of `len` elements; NULL is one of none.
///
/// # Safety
/// A `data` that is not NULL points to `len` elements, which nobody changes
/// during `'a`.
pub(super) unsafe fn array<'a, T>(data: *const T, len: usize, what: &str) -> Result<&'a [T]> {
    // SAFETY: passed on.
    unsafe { array_if(data, len) }.ok_or_else(|| no_array(data, len, what))
}

/// The same where nobody need be told what is wrong with one.
///
/// # Safety
/// As of [`array`].
#[inline]
pub(super) unsafe fn array_if<'a, T>(data: *const T, len: usize) -> Option<&'a [T]> {
    if !is_array(data, len) {
        return (data.is_null() && len == 0).then_some(&[]);
    }
    // SAFETY: aligned and of a possible length; the rest is the caller's word.
    Some(unsafe { std::slice::from_raw_parts(data, len) })
}

/// Has the processor fetch a request that comes so many bytes later, and what this one
/// points to, before they are looked at: by itself it looks ahead within a page alone, and
/// a million requests are more than its caches hold.
#[inline(always)]
pub(super) fn look_ahead<T, U>(request: &T, behind: *const U) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

        const AHEAD: usize = 4096;
        let later = std::ptr::from_ref(request).wrapping_byte_add(AHEAD);
        // SAFETY: to ask for what is not there does nothing.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(later.cast());
            _mm_prefetch::<_MM_HINT_T0>(later.wrapping_byte_add(64).cast());
            _mm_prefetch::<_MM_HINT_T0>(behind.cast());
        }
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = (request, behind);
}

/// Memory to write `len` bytes to; NULL is none.
///
/// # Safety
/// A `data` that is not NULL points to `len` bytes, which nobody else touches
/// during `'a`.
pub(super) unsafe fn buffer<'a>(data: *mut c_void, len: usize) -> Result<&'a mut [u8]> {
    let data = data.cast::<u8>();
    if is_array(data, len) {
        // SAFETY: of a possible length; the rest is the caller's word.
        return Ok(unsafe { std::slice::from_raw_parts_mut(data, len) });
    }
    if data.is_null() && len == 0 { Ok(&mut []) } else { Err(no_array(data, len, "dst")) }
}

/// Whether there may be `len` elements at `data`.
#[inline]
fn is_array<T>(data: *const T, len: usize) -> bool {
    !data.is_null() && data.is_aligned() && fits_memory(data, len)
}

/// Why there are none.
#[cold]
fn no_array<T>(data: *const T, len: usize, what: &str) -> Error {
    Error::invalid(if data.is_null() {
        format!("{what} is NULL, but its length is {len}")
    } else if !fits_memory(data, len) {
        format!("{what} has {len} elements, more than memory can hold")
    } else {
        format!("{what} is not aligned for its elements")
    })
}

#[inline]
fn fits_memory<T>(data: *const T, len: usize) -> bool {
    let bytes = len.checked_mul(size_of::<T>()).filter(|&bytes| bytes <= isize::MAX as usize);
    bytes.is_some_and(|bytes| data.addr().checked_add(bytes).is_some())
}

/// The bytes of a name or of values.
///
/// # Safety
/// As of [`array`].
pub(super) unsafe fn bytes<'a, T>(data: *const T, len: usize, what: &str) -> Result<&'a [u8]> {
    // SAFETY: passed on.
    unsafe { array(data.cast(), len, what) }
}

/// A path, taken literally.
///
/// # Safety
/// A `path` that is not NULL ends with a NUL, and nobody changes it during `'a`.
pub(super) unsafe fn path_of<'a>(path: *const c_char, what: &str) -> Result<&'a Path> {
    if path.is_null() {
        return Err(is_null(what));
    }
    // SAFETY: not NULL; the rest is the caller's word.
    let path = unsafe { CStr::from_ptr(path) };
    Ok(Path::new(OsStr::from_bytes(path.to_bytes())))
}

pub(super) fn dtype_of(number: i32) -> Result<DType> {
    DType::from_number(number)
        .ok_or_else(|| Error::invalid(format!("dtype {number}, which is none")))
}

/// # Safety
/// As of [`array`].
pub(super) unsafe fn shape(dims: *const i64, rank: usize) -> Result<Shape> {
    check_rank(rank)?;
    // SAFETY: passed on.
    Shape::new(unsafe { array(dims, rank, "dims") }?)
}

/// # Safety
/// As of [`array`], of both.
pub(super) unsafe fn slice(starts: *const i64, lengths: *const i64, rank: usize) -> Result<Slice> {
    check_rank(rank)?;
    // SAFETY: passed on.
    let (starts, lengths) =
        unsafe { (array(starts, rank, "starts")?, array(lengths, rank, "lengths")?) };
    let extents = starts
        .iter()
        .zip(lengths)
        .map(|(&start, &length)| Extent { start, length: (length != WHOLE).then_some(length) });
    Ok(Slice::new(extents.collect::<Vec<_>>()))
}

/// Refuses a rank that can only be a mistake before it is taken for a length.
pub(super) fn check_rank(rank: usize) -> Result<()> {
    if rank > Shape::MAX_RANK {
        return Err(Error::invalid(format!(
            "rank {rank}; at most {} dimensions are possible",
            Shape::MAX_RANK
        )));
    }
    Ok(())
}

/// Bytes with a NUL behind them, which their length does not count.
pub(super) struct Text(Vec<u8>);

impl Text {
    pub(super) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let mut bytes = bytes.into();
        bytes.push(0);
        Self(bytes)
    }

    pub(super) fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }
}

/// Where a text is; its length goes to `len` unless that is NULL.
///
/// # Safety
/// A `len` that is not NULL may be written to.
pub(super) unsafe fn put_len(text: Option<&Text>, len: *mut usize) -> *const c_char {
    // SAFETY: passed on.
    unsafe { put_text(text.map(|text| &*text.0), len) }
}

/// The same of a text that has its NUL with it.
///
/// # Safety
/// A `len` that is not NULL may be written to.
#[inline]
pub(super) unsafe fn put_text(text: Option<&[u8]>, len: *mut usize) -> *const c_char {
    if !len.is_null() {
        // SAFETY: not NULL; the rest is the caller's word.
        unsafe { len.write(text.map_or(0, |text| text.len().saturating_sub(1))) };
    }
    text.map_or(std::ptr::null(), |text| text.as_ptr().cast())
}

#[repr(align(64))]
struct Nothing([u8; 64]);
static NOTHING: Nothing = Nothing([0; 64]);

/// Where an array is. One of no elements is somewhere too: some languages do not
/// bear the pointers that Rust has for those.
pub(super) fn pointer<T>(array: &[T]) -> *const T {
    if array.is_empty() { NOTHING.0.as_ptr().cast() } else { array.as_ptr() }
}
