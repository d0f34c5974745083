//! The C API, called in any order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tfckpt_fuzz::calls::{Call, make};

fuzz_target!(|calls: Vec<Call>| make(&calls));
