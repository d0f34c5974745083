//! Lists that a handle has: of paths, and of what is wrong.

use std::ffi::c_char;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::arguments::{Text, put_len};
use super::error::tfckpt_error;
use crate::checkpoint::Skipped;
use crate::error::Error;

/// A path as C has it.
pub(super) fn path_text(path: impl AsRef<Path>) -> Text {
    Text::new(path.as_ref().as_os_str().as_bytes())
}

/// The item at an index from C.
pub(super) fn item<T>(list: &[T], index: i64) -> Option<&T> {
    usize::try_from(index).ok().and_then(|index| list.get(index))
}

/// Paths.
#[derive(Default)]
pub(super) struct Paths(Vec<Text>);

impl<P: AsRef<Path>> FromIterator<P> for Paths {
    fn from_iter<I: IntoIterator<Item = P>>(paths: I) -> Self {
        Self(paths.into_iter().map(path_text).collect())
    }
}

impl Paths {
    pub(super) fn count(&self) -> i64 {
        self.0.len() as i64
    }

    /// NULL outside.
    pub(super) fn at(&self, index: i64) -> *const c_char {
        item(&self.0, index).map_or(std::ptr::null(), Text::as_ptr)
    }

    /// As [`at`](Paths::at), with the length: a path may have a NUL in it that is
    /// only recorded somewhere.
    ///
    /// # Safety
    /// A `len` that is not NULL may be written to.
    pub(super) unsafe fn at_with_len(&self, index: i64, len: *mut usize) -> *const c_char {
        // SAFETY: passed on.
        unsafe { put_len(item(&self.0, index), len) }
    }
}

/// What is wrong.
#[derive(Default)]
pub(super) struct Problems(Vec<tfckpt_error>);

impl FromIterator<Error> for Problems {
    fn from_iter<I: IntoIterator<Item = Error>>(errors: I) -> Self {
        Self(errors.into_iter().map(Into::into).collect())
    }
}

impl Problems {
    pub(super) fn count(&self) -> i64 {
        self.0.len() as i64
    }

    /// NULL outside.
    pub(super) fn at(&self, index: i64) -> *const tfckpt_error {
        item(&self.0, index).map_or(std::ptr::null(), std::ptr::from_ref)
    }
}

/// What was passed over, and why each.
pub(super) fn split(skipped: Vec<Skipped>) -> (Paths, Problems) {
    let (paths, problems): (Vec<_>, Vec<_>) =
        skipped.into_iter().map(|skipped| (skipped.path, skipped.problem)).unzip();
    (paths.into_iter().collect(), problems.into_iter().collect())
}
