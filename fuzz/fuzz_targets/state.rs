//! Any bytes as a state file. What parses is written in a form that means the same,
//! and that stays as it is from then on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tfckpt::ErrorKind;
use tfckpt::checkpoint::State;
use tfckpt_fuzz::bounded;

fuzz_target!(|text: &[u8]| {
    bounded(text.len(), || match State::parse(text) {
        Ok(state) => {
            let written = state.to_text();
            let read = State::parse(&written).expect("what was written parses");
            assert_eq!(read.to_text(), written);
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::DataLoss);
            assert!(error.offset().is_some_and(|at| at <= text.len() as u64), "{error}");
        }
    });
});
