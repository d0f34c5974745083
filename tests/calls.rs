//! A bounded form of the fuzz target `capi`: the calls of its corpus, and any calls. Miri runs
//! it too, in which all that is unsafe in the C API is entered.

#[path = "support/calls/mod.rs"]
mod calls;
#[path = "support/random.rs"]
mod random;

use std::iter;
use std::path::Path;

use arbitrary::{Arbitrary, Unstructured};

use crate::calls::{
    Call, GraphCall, MOST_CALLS, MetaCall, NUM_SOUND, NUM_SOUND_METAS, OBJECT_BASED, make,
    remove_scratch, succeeded,
};
use crate::random::Random;

/// Fewer where each takes seconds.
const SEQUENCES: u64 = if cfg!(miri) { 2 } else { 300 };
const CORPUS: usize = if cfg!(miri) { 2 } else { usize::MAX };
const MOST_ABOUT_GRAPHS: usize = if cfg!(miri) { MOST_CALLS / 4 } else { MOST_CALLS };

fn corpus() -> impl Iterator<Item = Vec<Call>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/capi");
    let mut files: Vec<_> = dir.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| {
        let bytes = std::fs::read(path).unwrap();
        Vec::arbitrary_take_rest(Unstructured::new(&bytes)).unwrap()
    })
}

fn any(seed: u64) -> Vec<Call> {
    let sound = Call::Open { path: (seed % NUM_SOUND as u64) as u8, options: false };
    iter::once(sound).chain(many(seed)).take(MOST_CALLS).collect()
}

/// Calls about `.meta` files alone, which are few among all.
fn about_metas(seed: u64) -> Vec<Call> {
    let path = (seed % NUM_SOUND_METAS as u64) as u8;
    let file = Call::Meta(MetaCall::Open { path });
    iter::once(file).chain(many(seed).map(Call::Meta)).take(MOST_ABOUT_GRAPHS).collect()
}

/// Calls about object graphs alone: one that was read, and those that are made.
fn about_objects(seed: u64) -> Vec<Call> {
    let first = [
        Call::Open { path: OBJECT_BASED[(seed % 3) as usize], options: false },
        Call::Graph(0),
        Call::Create { v1: seed % 2 == 1, shards: 1, alignment: 1, big: false },
        Call::Objects(GraphCall::Builder),
    ];
    first.into_iter().chain(many(seed).map(Call::Objects)).take(MOST_ABOUT_GRAPHS).collect()
}

fn many<T: for<'b> Arbitrary<'b>>(seed: u64) -> impl Iterator<Item = T> {
    let bytes = Random(seed).bytes(16 << 10);
    let mut bytes = Unstructured::new(&bytes);
    let many: Vec<T> = (0..MOST_CALLS).map(|_| T::arbitrary(&mut bytes).unwrap()).collect();
    many.into_iter()
}

#[test]
fn calls_in_any_order_keep_to_the_rules() {
    corpus().take(CORPUS).for_each(|calls| make(&calls));
    (0..SEQUENCES).for_each(|seed| make(&any(seed)));
    (0..SEQUENCES.div_ceil(3)).for_each(|seed| {
        make(&about_metas(seed));
        make(&about_objects(seed));
    });
    remove_scratch();
    let least = 10 * SEQUENCES as usize;
    assert!(succeeded() > least, "only {} of the calls came to good", succeeded());
}
