//! Where C calls in: errors and panics become statuses here, and nowhere else.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::tfckpt_error;
use super::status::tfckpt_status;
use crate::error::{Error, ErrorKind, Result};

/// Carries out `call`. Where it fails the error goes to `err`, unless that is NULL.
///
/// # Safety
/// An `err` that is not NULL may be written to.
pub(super) unsafe fn boundary(
    err: *mut *mut tfckpt_error,
    call: impl FnOnce() -> Result<()>,
) -> tfckpt_status {
    // A handle that a panic leaves halfway is the writer's alone, and that one
    // is taken out of its handle for the time of a call.
    let called = catch_unwind(AssertUnwindSafe(|| call().map_err(tfckpt_error::from)));
    let error = match called {
        Ok(Ok(())) => return tfckpt_status::TFCKPT_OK,
        Ok(Err(error)) => error,
        Err(payload) => panicked(payload).into(),
    };
    let status = error.status();
    if !err.is_null() {
        // SAFETY: not NULL; the rest is the caller's word.
        unsafe { err.write(Box::into_raw(Box::new(error))) };
    }
    status
}

/// The same for a call that has a result, which goes to `out`.
///
/// # Safety
/// An `out` and an `err` that are not NULL may be written to.
pub(super) unsafe fn boundary_out<T>(
    out: *mut T,
    err: *mut *mut tfckpt_error,
    call: impl FnOnce() -> Result<T>,
) -> tfckpt_status {
    let call = || {
        if out.is_null() {
            return Err(Error::invalid("out is NULL"));
        }
        let value = call()?;
        // SAFETY: not NULL; the rest is the caller's word.
        unsafe { out.write(value) };
        Ok(())
    };
    // SAFETY: passed on.
    unsafe { boundary(err, call) }
}

/// The same for a call whose result is a new handle.
///
/// # Safety
/// As of [`boundary_out`].
pub(super) unsafe fn boundary_handle<T>(
    out: *mut *mut T,
    err: *mut *mut tfckpt_error,
    call: impl FnOnce() -> Result<T>,
) -> tfckpt_status {
    // SAFETY: passed on.
    unsafe { boundary_out(out, err, || Ok(Box::into_raw(Box::new(call()?)))) }
}

/// Drops a handle.
pub(super) fn free<T>(handle: Option<Box<T>>) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(handle))) {
        words(payload);
    }
}

fn panicked(payload: Box<dyn Any + Send>) -> Error {
    let words = words(payload).unwrap_or_else(|| "a panic without a message".into());
    Error::new(ErrorKind::Internal, format!("a defect of this library: {words}"))
}

/// What a panic says. Where that is not words, it could panic again when it is dropped.
fn words(payload: Box<dyn Any + Send>) -> Option<String> {
    match payload.downcast::<String>().map_err(|other| other.downcast::<&str>()) {
        Ok(words) => Some(*words),
        Err(Ok(words)) => Some(words.to_string()),
        Err(Err(other)) => {
            std::mem::forget(other);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;
    use std::ptr::null_mut;

    use super::*;
    use crate::capi::{tfckpt_error_free, tfckpt_error_message, tfckpt_error_status};

    fn message_of(call: impl FnOnce() -> Result<()>) -> (tfckpt_status, String) {
        let mut err = null_mut();
        // SAFETY: `err` is a variable of the right type, and set by a failure.
        unsafe {
            let status = boundary(&mut err, call);
            let error = err.as_ref();
            assert_eq!(tfckpt_error_status(error), status);
            let message = CStr::from_ptr(tfckpt_error_message(error)).to_str().unwrap().to_owned();
            tfckpt_error_free(Some(Box::from_raw(err)));
            (status, message)
        }
    }

    #[test]
    fn a_panic_is_a_status_and_keeps_its_words() {
        let (status, message) = message_of(|| panic!("{} went wrong", "this"));
        assert_eq!(status, tfckpt_status::TFCKPT_INTERNAL);
        assert!(message.contains("this went wrong"), "{message}");
        let (_, message) = message_of(|| std::panic::panic_any(()));
        assert!(message.contains("without a message"), "{message}");
    }

    #[test]
    fn a_panic_on_the_way_out_stops_here() {
        struct Bad;
        impl Drop for Bad {
            fn drop(&mut self) {
                panic!("while freeing");
            }
        }
        free(Some(Box::new(Bad)));
        free(None::<Box<Bad>>);
    }

    #[test]
    fn nothing_is_written_unless_it_is_due() {
        let mut out = 1;
        let mut err = null_mut();
        // SAFETY: `out` and `err` are variables of the right types.
        unsafe {
            let refused = || Err(Error::invalid("refused"));
            let status = boundary_out(&mut out, null_mut(), refused);
            assert_eq!((status, out), (tfckpt_status::TFCKPT_INVALID_ARGUMENT, 1));
            assert_eq!(boundary_out(&mut out, &mut err, || Ok(2)), tfckpt_status::TFCKPT_OK);
            assert!(out == 2 && err.is_null());
            let status = boundary_out(null_mut::<i32>(), null_mut(), || unreachable!());
            assert_eq!(status, tfckpt_status::TFCKPT_INVALID_ARGUMENT);
        }
    }
}
