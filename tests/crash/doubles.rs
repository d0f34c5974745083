//! Each call to the storage fails once, and whoever goes on after that.

use std::path::Path;
use std::sync::Arc;

use tfckpt::bundle::{Writer, WriterOptions};
use tfckpt::storage::MemoryStorage;
use tfckpt::tensor::{DType, Shape};
use tfckpt::{ErrorKind, Result};

use super::is_full;
use super::judge::{Judge, create_parents, temporary_files};
use super::scenario::{self, Disk, Scenario, fill};
use super::support::watched::{Call, Failing, Op, Watched};

const ROOT: &str = "/root";

/// What is done to a storage of which calls fail.
fn act_on(scenario: &Scenario, failing: Failing) -> (Disk, Vec<Call>, Result<()>) {
    let memory = MemoryStorage::new();
    let disk: Disk = Arc::new(memory.clone());
    disk.create_dir(Path::new(ROOT)).unwrap();
    create_parents(&disk, Path::new(ROOT));
    (scenario.prepare)(&disk, Path::new(ROOT));
    let watched = Watched::new(memory, failing);
    let result = (scenario.act)(&(Arc::new(watched.clone()) as Disk), Path::new(ROOT));
    (disk, watched.take_calls(), result)
}

#[test]
fn one_failing_call_of_the_storage_leaves_a_whole_checkpoint() {
    let mut all = 0;
    for scenario in scenario::all() {
        let judge = Judge::new(&scenario);
        let (_, calls, result) = act_on(&scenario, Failing::None);
        result.unwrap();
        for (number, call) in calls.iter().enumerate() {
            let (disk, _, result) = act_on(&scenario, Failing::One(number));
            let place = || format!("{} with {call:?}: {result:?}", scenario.name);
            match &result {
                Ok(()) => judge.check_done(&disk, Path::new(ROOT), &place),
                Err(error) => assert!(error.file().is_some(), "{}", place()),
            }
            if !matches!(call.op, Op::Remove | Op::RemoveDir) {
                let left = temporary_files(&disk, Path::new(ROOT));
                assert!(left.is_empty(), "{}: {left:?}", place());
            }
            judge.check(&disk, Path::new(ROOT), &place);
        }
        for number in 0..calls.len() {
            let (disk, _, result) = act_on(&scenario, Failing::AllFrom(number));
            let place = || format!("{} without a disk from {number}: {result:?}", scenario.name);
            judge.check(&disk, Path::new(ROOT), &place);
        }
        all += 2 * calls.len() + fail_twice(&scenario, &judge, calls.len());
    }
    println!("storage calls that fail: {all}");
    assert!(all > 1000, "only {all}");
}

/// Then everything fails, too, while the failure is being taken back.
fn fail_twice(scenario: &Scenario, judge: &Judge<'_>, calls: usize) -> usize {
    let every = if is_full() { 1 } else { 7 };
    let mut pairs = 0;
    for one in 0..calls {
        let (_, taken_back, _) = act_on(scenario, Failing::One(one));
        for first in (one + 1..taken_back.len()).filter(|first| (one + first) % every == 0) {
            let failing = Failing::OneThenAllFrom(one, first);
            let (disk, _, result) = act_on(scenario, failing);
            let place = || format!("{} with {failing:?}: {result:?}", scenario.name);
            judge.check(&disk, Path::new(ROOT), &place);
            pairs += 1;
        }
    }
    pairs
}

#[test]
fn a_writer_that_failed_is_cleanly_dead() {
    let [first, again, finished] = fail_each(fill);
    assert!(first.is_ok() && finished.is_ok());
    assert_eq!(again.unwrap_err().kind(), ErrorKind::AlreadyExists);
}

/// The blocks of its index, of which there are several, wait for the end.
#[test]
fn a_writer_of_names_in_order_that_failed_is_cleanly_dead() {
    let results = fail_each(|writer, turn| {
        (1..=4).map(|number| 4 * turn + number).try_for_each(|first| {
            let name = [first; 100 << 10];
            writer.add(name, DType::UINT8, &Shape::new([1]).unwrap(), &[1])
        })
    });
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

/// A writer that goes on as if nothing had happened commits all or nothing. What comes of
/// two turns and the end where nothing fails.
fn fail_each(fill: fn(&mut Writer, u8) -> Result<()>) -> [Result<()>; 3] {
    let write = |failing| {
        let memory = MemoryStorage::new();
        let watched = Watched::new(memory.clone(), failing);
        let options = WriterOptions {
            storage: Arc::new(watched.clone()),
            num_shards: 3,
            ..WriterOptions::default()
        };
        let Ok(mut writer) = Writer::create_with("/ckpt", options) else {
            return (memory, watched.take_calls(), None);
        };
        let results = [fill(&mut writer, 1), fill(&mut writer, 2), writer.finish()];
        (memory, watched.take_calls(), Some(results))
    };
    let (_, calls, whole) = write(Failing::None);
    for (number, call) in calls.iter().enumerate() {
        let (memory, _, results) = write(Failing::One(number));
        let disk: Disk = Arc::new(memory);
        let Some([first, second, finished]) = results else { continue };
        if first.is_err() {
            assert_eq!(second.unwrap_err().kind(), ErrorKind::Io, "{call:?}");
            assert_eq!(finished.as_ref().unwrap_err().kind(), ErrorKind::Io, "{call:?}");
        }
        let is_there = disk.exists(Path::new("/ckpt.index")).unwrap();
        assert_eq!(is_there, finished.is_ok(), "{call:?}: {finished:?}");
    }
    whole.unwrap()
}
