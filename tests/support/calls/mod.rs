//! The C API, called in any order with any handles, alive and NULL, on files good and bad;
//! and what each call is to keep to: an error exactly on failure, nothing written else.
#![allow(unsafe_code)]

mod call;
mod files;
mod folder;
mod handles;
mod look;
mod meta;
mod read;
mod write;

pub use self::call::Call;
use self::files::scratch;
pub use self::files::{NUM_SOUND, remove_scratch};
use self::handles::Handles;
pub use self::look::succeeded;

pub const MOST_CALLS: usize = 64;

/// Makes the calls one after the other, and frees what is left.
pub fn make(calls: &[Call]) {
    let mut handles = Handles::default();
    calls.iter().take(MOST_CALLS).for_each(|call| handles.call(call));
    handles.free_all();
    for made in ["copied", "merged"] {
        for end in
            [".index", ".data-00000-of-00001", ".data-00000-of-00002", ".data-00001-of-00002"]
        {
            let _ = std::fs::remove_file(scratch(&format!("{made}{end}")));
        }
    }
}
