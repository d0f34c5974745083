//! Calls that only ask.

use std::ffi::{CStr, c_void};
use std::ptr::{null, null_mut};

use arbitrary::Arbitrary;
use tfckpt::capi::*;

use super::call::Name;
use super::getters::{length, text_at};
use super::handles::{Handles, pick, pick_mut};
use super::look::{called, look_at_strings};

#[derive(Arbitrary, Debug)]
pub enum TellCall {
    Reader(u8),
    NextName(u8),
    NextNames(u8, i8),
    Progress(u8),
    Watch { which: u8, callback: Option<bool> },
    Dtype(u8),
    DtypeOf(Name),
    Status(i8),
    Version,
}

impl Handles {
    /// # Safety
    /// As of [`Handles::call`].
    pub unsafe fn tell(&mut self, call: &TellCall) {
        // SAFETY: as of `call`.
        unsafe {
            match call {
                TellCall::Reader(which) => look_at_reader(pick(&self.readers, *which)),
                TellCall::NextName(which) => next_name(pick_mut(&self.cursors, *which)),
                TellCall::NextNames(which, max) => {
                    next_names(pick_mut(&self.cursors, *which), *max)
                }
                TellCall::Progress(which) => look_at_progress(pick(&self.progress, *which)),
                TellCall::Watch { which, callback } => {
                    watch(pick(&self.progress, *which), *callback)
                }
                TellCall::Dtype(number) => look_at_dtype((*number).into()),
                TellCall::DtypeOf(name) => dtype_of(name),
                TellCall::Status(number) => look_at_status((*number).into()),
                TellCall::Version => look_at_version(),
            }
        }
    }
}

unsafe fn look_at_reader(reader: Option<&tfckpt_reader>) {
    let format = tfckpt_reader_format(reader);
    let shards = tfckpt_reader_num_shards(reader);
    let is_big = tfckpt_reader_is_big_endian(reader);
    let prefix = tfckpt_reader_prefix(reader);
    assert_eq!(prefix.is_null(), reader.is_none());
    match reader {
        // SAFETY: not NULL, and so a text.
        Some(_) => std::hint::black_box(unsafe { length(prefix) }),
        None => return assert_eq!((format, shards, is_big), (0, 0, false)),
    };
    assert!((1..=3).contains(&format) && shards >= 0);
    assert!(!is_big || format == tfckpt_format::TFCKPT_FORMAT_V2 as i32);
}

unsafe fn next_name(cursor: Option<&mut tfckpt_cursor>) {
    let (mut name, mut len) = (null(), 0);
    // SAFETY: the cursor is alive or NULL, what it hands out is its own.
    unsafe {
        called(|err| tfckpt_cursor_next_name(cursor, &mut name, &mut len, err));
        text_at(name, len);
    }
}

unsafe fn next_names(cursor: Option<&mut tfckpt_cursor>, max: i8) {
    let mut names = null();
    // SAFETY: as above.
    unsafe {
        let is_ok = called(|err| tfckpt_cursor_next_names(cursor, max.into(), &mut names, err));
        assert_eq!(is_ok, !names.is_null());
        look_at_strings(names.as_ref());
        assert!(!is_ok || tfckpt_strings_count(names.as_ref()) <= max.into());
    }
}

fn look_at_progress(progress: Option<&tfckpt_progress>) {
    let done = tfckpt_progress_done(progress);
    let total = tfckpt_progress_total(progress);
    assert!(done <= total && (progress.is_some() || total == 0));
    let was_cancelled = tfckpt_progress_is_cancelled(progress);
    assert!(!was_cancelled || tfckpt_progress_is_cancelled(progress));
}

/// Goes on if `user` is NULL.
unsafe extern "C" fn watched(user: *mut c_void, done: u64, total: u64) -> bool {
    assert!(done <= total);
    user.is_null()
}

/// Has it watched by one that lets it go on or not, or by none.
unsafe fn watch(progress: Option<&tfckpt_progress>, callback: Option<bool>) {
    let user = match callback {
        Some(false) => std::ptr::dangling_mut(),
        _ => null_mut(),
    };
    let callback: tfckpt_progress_callback = callback.and(Some(watched));
    // SAFETY: `watched` looks at no more of `user` than whether there is one.
    unsafe { tfckpt_progress_set_callback(progress, callback, user) };
}

/// A type has a name, and that name is of the type.
unsafe fn look_at_dtype(number: i32) {
    let name = tfckpt_dtype_name(number);
    if name.is_null() {
        return assert_eq!(tfckpt_dtype_size(number), 0);
    }
    let mut found = 0;
    // SAFETY: a text.
    let is_ok =
        called(|err| unsafe { tfckpt_dtype_from_name(name, length(name), &mut found, err) });
    assert!(is_ok && found == number && tfckpt_dtype_size(number) <= 16);
}

unsafe fn dtype_of(name: &Name) {
    let ((name, len), mut found) = (name.parts(), -7);
    // SAFETY: the name is as long as is told.
    if called(|err| unsafe { tfckpt_dtype_from_name(name, len, &mut found, err) }) {
        assert!(!tfckpt_dtype_name(found).is_null());
    } else {
        assert_eq!(found, -7);
    }
}

unsafe fn look_at_status(number: i32) {
    let name = tfckpt_status_name(number);
    // SAFETY: a text, if it is not NULL.
    assert!(name.is_null() || unsafe { length(name) } > 0);
    assert_eq!(name.is_null(), !(0..=9).contains(&number) && number != 99);
}

unsafe fn look_at_version() {
    let header = [TFCKPT_VERSION_MAJOR, TFCKPT_VERSION_MINOR, TFCKPT_VERSION_PATCH];
    // SAFETY: a text.
    let version = unsafe { CStr::from_ptr(tfckpt_version()) };
    let parts = version.to_str().unwrap().split('.').map(|part| part.parse::<i32>().unwrap());
    assert!(parts.eq(header));
    assert_eq!(tfckpt_abi_version(), TFCKPT_ABI_VERSION);
}
