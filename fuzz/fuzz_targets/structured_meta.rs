//! Graphs as alike those of TensorFlow as it takes to be cut: what is left of one is
//! whole, as it was, and not cut any further.
#![no_main]

use libfuzzer_sys::arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use tfckpt_fuzz::bounded;
use tfckpt_fuzz::graph_check::{assert_whole, look, storage_of, strip_twice};
use tfckpt_fuzz::graph_model::made_up;
use tfckpt_fuzz::graphs::open;
use tfckpt_fuzz::meta_options::options;

fuzz_target!(|data: &[u8]| {
    let mut input = Unstructured::new(data);
    let choice = input.int_in_range(0..=255).unwrap_or(0);
    let content = made_up(&mut |n| input.int_in_range(0..=n - 1).unwrap_or(0));
    bounded(content.len(), || {
        let file = open(&storage_of(&content), "/model.meta").expect("it is a graph");
        look(&file.graphs()[0]).expect("and sound");
        let (left, _) = strip_twice(&content, |changed| options(choice, changed)).expect("to cut");
        assert_whole(&content, &left);
    });
});
