//! Any bytes as a table, as they are and with their checksums made right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tfckpt_fuzz::{bounded, explore, forge};

fuzz_target!(|data: &[u8]| {
    bounded(data.len(), || explore::table(data));
    let mut fixed = data.to_vec();
    forge::fix_table(&mut fixed);
    bounded(data.len(), || explore::table(&fixed));
});
