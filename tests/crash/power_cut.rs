//! A power cut at any instant of an operation, with any part of what was not yet synced.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use tfckpt::storage::MemoryStorage;

use super::is_full;
use super::judge::{Judge, create_parents, files_below};
use super::recorder::{Log, Recorder};
use super::replay::{Limits, each_state};
use super::scenario::{self, Disk, Scenario};
use super::support::random::Random;

const ROOT: &str = "/root";

fn limits() -> Limits {
    match is_full() {
        true => Limits { subsets: 4096, fates: 6 },
        false => Limits { subsets: 1024, fates: 3 },
    }
}

fn record(scenario: &Scenario) -> Log {
    let memory = MemoryStorage::new();
    let disk: Disk = Arc::new(memory.clone());
    disk.create_dir(Path::new(ROOT)).unwrap();
    create_parents(&disk, Path::new(ROOT));
    (scenario.prepare)(&disk, Path::new(ROOT));
    let recorder = Recorder::new(memory, Path::new(ROOT));
    let disk: Disk = Arc::new(recorder.clone());
    (scenario.act)(&disk, Path::new(ROOT)).unwrap();
    recorder.log()
}

fn hash_of(storage: &MemoryStorage) -> u64 {
    let mut hasher = DefaultHasher::new();
    let disk: Disk = Arc::new(storage.clone());
    for path in files_below(&disk, Path::new(ROOT)) {
        (&path, storage.bytes(&path)).hash(&mut hasher);
    }
    hasher.finish()
}

/// How many states there were.
fn cut_everywhere(scenario: &Scenario, seed: u64) -> (usize, usize) {
    let judge = Judge::new(scenario);
    let log = record(scenario);
    let mut seen = HashSet::new();
    each_state(&log, limits(), &mut Random(seed), |storage, at| {
        if seen.insert(hash_of(storage)) {
            let disk: Disk = Arc::new(storage.clone());
            let names = files_below(&disk, Path::new(ROOT));
            let place = || {
                let events = log.events.get(..at).unwrap_or_default();
                let last = events.iter().rev().take(3).collect::<Vec<_>>();
                format!("{} cut off after {at}: {last:.200?}, with {names:?}", scenario.name)
            };
            judge.check(&disk, Path::new(ROOT), &place);
        }
    });
    (log.events.len(), seen.len())
}

/// That a power cut may do harm, and that it is noticed.
#[test]
fn what_is_not_synced_is_torn() {
    let cut = std::panic::catch_unwind(|| cut_everywhere(&scenario::unsynced(), 0));
    assert!(cut.is_err(), "{cut:?}");
}

#[test]
fn a_power_cut_leaves_a_whole_checkpoint() {
    let (mut all_points, mut all_states) = (0, 0);
    for (seed, scenario) in scenario::all().iter().enumerate() {
        let (points, states) = cut_everywhere(scenario, seed as u64);
        println!("{}: {points} steps, {states} states", scenario.name);
        all_points += points + 1;
        all_states += states;
    }
    println!("power cuts: {all_points} points, {all_states} states, in each a whole checkpoint");
    assert!(all_states > 5000, "only {all_states}");
}
