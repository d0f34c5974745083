//! What kind of failure, as a number.

use std::ffi::{CStr, c_char};

use crate::error::ErrorKind;

/// How a call ended. The numbers are never reused, and later versions may add
/// some: treat one that you don't know as a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum tfckpt_status {
    /// It did what it says.
    TFCKPT_OK = 0,
    /// The call asks for something that makes no sense.
    TFCKPT_INVALID_ARGUMENT = 1,
    /// There is no such file, or no such tensor.
    TFCKPT_NOT_FOUND = 2,
    /// The operating system refused a read, a write or a look at a directory.
    TFCKPT_IO = 3,
    /// The bytes are not what they should be: damaged, cut short, contradictory.
    TFCKPT_DATA_LOSS = 4,
    /// The file is sound but asks for what this version does not do.
    TFCKPT_UNSUPPORTED = 5,
    /// The caller's buffer is smaller than what is to go into it.
    TFCKPT_BUFFER_TOO_SMALL = 6,
    /// What was to be created is there already.
    TFCKPT_ALREADY_EXISTS = 7,
    /// The caller called it off.
    TFCKPT_CANCELLED = 8,
    /// A limit that the caller may raise was crossed.
    TFCKPT_RESOURCE_LIMIT = 9,
    /// A defect of this library.
    TFCKPT_INTERNAL = 99,
}

use tfckpt_status::*;

impl From<ErrorKind> for tfckpt_status {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidArgument => TFCKPT_INVALID_ARGUMENT,
            ErrorKind::NotFound => TFCKPT_NOT_FOUND,
            ErrorKind::Io => TFCKPT_IO,
            ErrorKind::DataLoss => TFCKPT_DATA_LOSS,
            ErrorKind::Unsupported => TFCKPT_UNSUPPORTED,
            ErrorKind::BufferTooSmall => TFCKPT_BUFFER_TOO_SMALL,
            ErrorKind::AlreadyExists => TFCKPT_ALREADY_EXISTS,
            ErrorKind::Cancelled => TFCKPT_CANCELLED,
            ErrorKind::ResourceLimit => TFCKPT_RESOURCE_LIMIT,
            ErrorKind::Internal => TFCKPT_INTERNAL,
        }
    }
}

const NAMES: &[(tfckpt_status, &CStr)] = &[
    (TFCKPT_OK, c"OK"),
    (TFCKPT_INVALID_ARGUMENT, c"INVALID_ARGUMENT"),
    (TFCKPT_NOT_FOUND, c"NOT_FOUND"),
    (TFCKPT_IO, c"IO"),
    (TFCKPT_DATA_LOSS, c"DATA_LOSS"),
    (TFCKPT_UNSUPPORTED, c"UNSUPPORTED"),
    (TFCKPT_BUFFER_TOO_SMALL, c"BUFFER_TOO_SMALL"),
    (TFCKPT_ALREADY_EXISTS, c"ALREADY_EXISTS"),
    (TFCKPT_CANCELLED, c"CANCELLED"),
    (TFCKPT_RESOURCE_LIMIT, c"RESOURCE_LIMIT"),
    (TFCKPT_INTERNAL, c"INTERNAL"),
];

/// The name of a status without its prefix: "DATA_LOSS"; NULL for a number that
/// is none. Never freed.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_status_name(status: i32) -> *const c_char {
    let found = NAMES.iter().find(|(known, _)| *known as i32 == status);
    found.map_or(std::ptr::null(), |(_, name)| name.as_ptr())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [ErrorKind; 10] = [
        ErrorKind::InvalidArgument,
        ErrorKind::NotFound,
        ErrorKind::Io,
        ErrorKind::DataLoss,
        ErrorKind::Unsupported,
        ErrorKind::BufferTooSmall,
        ErrorKind::AlreadyExists,
        ErrorKind::Cancelled,
        ErrorKind::ResourceLimit,
        ErrorKind::Internal,
    ];

    #[test]
    fn kinds_keep_their_numbers_and_names() {
        assert_eq!(NAMES.len(), 1 + KINDS.len());
        for (kind, &(status, name)) in KINDS.into_iter().zip(&NAMES[1..]) {
            assert_eq!(tfckpt_status::from(kind), status);
            assert_eq!(kind as i32, status as i32);
            assert_eq!(kind.name(), name.to_str().unwrap());
        }
    }
}
