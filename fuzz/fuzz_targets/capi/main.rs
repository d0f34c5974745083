//! The C API, called in any order with any handles, alive and NULL, on files good and bad;
//! and what each call is to keep to: an error exactly on failure, nothing written else.
#![no_main]

mod call;
mod files;
mod handles;
mod look;
mod read;
mod write;

use libfuzzer_sys::fuzz_target;

use crate::call::Call;
use crate::files::scratch;
use crate::handles::Handles;

const MOST_CALLS: usize = 64;

fuzz_target!(|calls: Vec<Call>| {
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
});
