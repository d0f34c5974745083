//! Which library this is.

use std::ffi::{CStr, c_char};

/// The version of this header: MAJOR.MINOR.PATCH.
pub const TFCKPT_VERSION_MAJOR: i32 = 0;
/// See TFCKPT_VERSION_MAJOR.
pub const TFCKPT_VERSION_MINOR: i32 = 1;
/// See TFCKPT_VERSION_MAJOR.
pub const TFCKPT_VERSION_PATCH: i32 = 0;

/// The binary interface that this header describes: one more with every change
/// that a program compiled before would not survive.
pub const TFCKPT_ABI_VERSION: i32 = 1;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("a version has no NUL"),
    };

/// The version of the library that runs, which may be another than that of the
/// header: "0.1.0". Never freed.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The binary interface of the library that runs. A program may go on where that
/// is the TFCKPT_ABI_VERSION it was compiled with.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_abi_version() -> i32 {
    TFCKPT_ABI_VERSION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_macros_are_the_version_of_the_crate() {
        let macros =
            format!("{TFCKPT_VERSION_MAJOR}.{TFCKPT_VERSION_MINOR}.{TFCKPT_VERSION_PATCH}");
        assert_eq!(macros, env!("CARGO_PKG_VERSION"));
        assert_eq!(VERSION.to_str(), Ok(env!("CARGO_PKG_VERSION")));
    }
}
