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
    Call, GraphCall, MOST_CALLS, MetaCall, NUM_SOUND, NUM_SOUND_METAS, make, remove_scratch,
    succeeded,
};
use crate::random::Random;

/// Fewer where each takes seconds.
const SEQUENCES: u64 = if cfg!(miri) { 2 } else { 300 };
const CORPUS: usize = if cfg!(miri) { 2 } else { usize::MAX };

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
    let bytes = Random(seed).bytes(16 << 10);
    let mut bytes = Unstructured::new(&bytes);
    let sound = Call::Open { path: (seed % NUM_SOUND as u64) as u8, options: false };
    let others = (1..MOST_CALLS).map(|_| Call::arbitrary(&mut bytes).unwrap());
    iter::once(sound).chain(others).collect()
}

/// Calls about graphs alone, which are few among all.
fn about_graphs(seed: u64) -> Vec<Call> {
    let bytes = Random(seed).bytes(16 << 10);
    let mut bytes = Unstructured::new(&bytes);
    let path = (seed % NUM_SOUND_METAS as u64) as u8;
    let metas = iter::once(Call::Meta(MetaCall::Open { path }));
    let objects = [
        Call::Open { path: (seed % NUM_SOUND as u64) as u8, options: false },
        Call::Graph(0),
        Call::Create { v1: seed % 4 == 1, shards: 1, alignment: 1, big: false },
        Call::Objects(GraphCall::Builder),
    ];
    if seed % 2 == 0 {
        let others = (1..MOST_CALLS).map(|_| Call::Meta(Arbitrary::arbitrary(&mut bytes).unwrap()));
        metas.chain(others).collect()
    } else {
        let others =
            (4..MOST_CALLS).map(|_| Call::Objects(Arbitrary::arbitrary(&mut bytes).unwrap()));
        objects.into_iter().chain(others).collect()
    }
}

#[test]
fn calls_in_any_order_keep_to_the_rules() {
    corpus().take(CORPUS).for_each(|calls| make(&calls));
    (0..SEQUENCES).flat_map(|seed| [any(seed), about_graphs(seed)]).for_each(|calls| make(&calls));
    remove_scratch();
    let least = 10 * SEQUENCES as usize;
    assert!(succeeded() > least, "only {} of the calls came to good", succeeded());
}
