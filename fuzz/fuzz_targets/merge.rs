//! Tensors dealt to several bundles and merged again, perhaps with a bundle that
//! has tensors of the same names; and what comes of it copied.
#![no_main]

use std::collections::BTreeSet;
use std::sync::Arc;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tfckpt::bundle::{MergeOptions, OnConflict, Reader, ReaderOptions, Transfer, merge};
use tfckpt::checkpoint::{CopyOptions, copy};
use tfckpt::storage::MemoryStorage;
use tfckpt_fuzz::check;
use tfckpt_fuzz::explore::{self, PREFIX};
use tfckpt_fuzz::model::{Model, Piece};
use tfckpt_fuzz::random::Random;
use tfckpt_fuzz::spec::{Layout, TensorSpec, models, shuffled};

#[derive(Arbitrary, Debug)]
struct Input {
    tensors: Vec<TensorSpec>,
    layouts: [Layout; 3],
    rivals: Vec<TensorSpec>,
    rivals_first: bool,
    on_conflict: u8,
    transfer: u8,
    big: bool,
    threads: u8,
    num_shards: u8,
    seed: u64,
}

fuzz_target!(|input: Input| {
    let mut random = Random(input.seed);
    let (models, rivals) = (models(&input.tensors), models(&input.rivals));
    let storage = MemoryStorage::new();
    let mut dealt: Vec<Vec<Piece<'_>>> = vec![Vec::new(); 2];
    for piece in shuffled(&models, &mut random) {
        dealt[random.below(2)].push(piece);
    }
    let rival_pieces = shuffled(&rivals, &mut random);
    let at = if input.rivals_first { 0 } else { 2 };
    dealt.insert(at, rival_pieces);
    let prefixes = ["/in/0", "/in/1", "/in/2"];
    for ((pieces, prefix), layout) in dealt.iter().zip(prefixes).zip(input.layouts) {
        layout.write(&storage, prefix, pieces, input.big);
    }
    let policies = [OnConflict::Error, OnConflict::First, OnConflict::Last];
    let transfers = [Transfer::Copy, Transfer::Link, Transfer::Move];
    // So little memory that the threads wait for each other, or enough.
    let (threads, max_in_flight) = (usize::from(input.threads % 4), [1, 64 << 20][random.below(2)]);
    let options = MergeOptions {
        threads,
        max_in_flight,
        storage: Arc::new(storage.clone()),
        on_conflict: policies[usize::from(input.on_conflict) % 3],
        transfer: transfers[usize::from(input.transfer) % 3],
        ..MergeOptions::default()
    };
    let expected = expected(models, rivals, input.rivals_first, options.on_conflict);
    match merge(PREFIX, &prefixes, &options) {
        Ok(()) => {
            let reader = explore::open(&storage).unwrap();
            match expected {
                Expected::Just(models) => {
                    check::check_bundle(&reader, &models, &mut random);
                    let options = CopyOptions {
                        threads,
                        max_in_flight,
                        num_shards: (input.num_shards > 0).then_some(input.num_shards.into()),
                        ..CopyOptions::default()
                    };
                    let copied = copied(&storage, options);
                    check::check_bundle(&copied, &models, &mut random);
                }
                Expected::Conflict => panic!("conflicts were not seen"),
                Expected::Unknown => explore::bundle(&reader),
            }
        }
        Err(error) => assert!(!matches!(expected, Expected::Just(_)), "{error:?}"),
    }
});

/// A copy of what was merged.
fn copied(storage: &MemoryStorage, options: CopyOptions) -> Reader {
    let storage: Arc<MemoryStorage> = Arc::new(storage.clone());
    let options = CopyOptions { storage: storage.clone(), ..options };
    copy("/copy", PREFIX, &options).unwrap();
    Reader::open_with("/copy", &ReaderOptions { storage, ..Default::default() }).unwrap()
}

/// What must come of a merge.
enum Expected {
    Just(Vec<Model>),
    Conflict,
    /// Slices that overlap, or a tensor called like a slice of another: whether
    /// that can be joined is not looked into here.
    Unknown,
}

fn expected(
    models: Vec<Model>,
    rivals: Vec<Model>,
    rivals_first: bool,
    on_conflict: OnConflict,
) -> Expected {
    let keys = |models: &[Model]| models.iter().flat_map(Model::keys).collect::<BTreeSet<_>>();
    let names =
        |models: &[Model]| models.iter().map(|m| m.name.clone()).collect::<BTreeSet<Vec<u8>>>();
    if keys(&models).is_disjoint(&keys(&rivals)) {
        return Expected::Just(models.into_iter().chain(rivals).collect());
    }
    let shared_names: BTreeSet<_> = names(&models).intersection(&names(&rivals)).cloned().collect();
    let both_sliced = |name: &Vec<u8>| {
        let is_sliced = |models: &[Model]| {
            models.iter().any(|model| model.name == *name && !model.slices.is_empty())
        };
        is_sliced(&models) && is_sliced(&rivals)
    };
    let all_shared: BTreeSet<_> = keys(&models).intersection(&keys(&rivals)).cloned().collect();
    if all_shared != shared_names || shared_names.iter().any(both_sliced) {
        return Expected::Unknown;
    }
    if on_conflict == OnConflict::Error {
        return Expected::Conflict;
    }
    let rivals_win = rivals_first == (on_conflict == OnConflict::First);
    let (mut winners, mut losers) = if rivals_win { (rivals, models) } else { (models, rivals) };
    losers.retain(|model| !shared_names.contains(&model.name));
    winners.extend(losers);
    Expected::Just(winners)
}
