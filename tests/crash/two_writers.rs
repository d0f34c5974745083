//! Two writers at one place at one time: one of them is told, and nothing is lost.

use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use tfckpt::ErrorKind;
use tfckpt::bundle::{Reader, Writer, WriterOptions, verify};
use tfckpt::checkpoint::{self, Depth, Manager, ManagerOptions, RepairOptions, State, repair};
use tfckpt::storage::LocalStorage;
use tfckpt::tensor::{DType, Shape};

use super::is_full;
use super::scenario::fill;

const WRITERS: u8 = 4;
const SHARDS: u32 = 3;
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

fn rounds() -> usize {
    if is_full() { 2000 } else { 100 }
}

/// Writes values that tell whose they are.
fn add_own(writer: &mut Writer, own: u8) -> tfckpt::Result<()> {
    let shape = Shape::new([5000]).unwrap();
    NAMES.iter().try_for_each(|name| writer.add(name, DType::UINT8, &shape, &[own; 5000]))
}

/// Whose values there are, all of one.
fn owner(prefix: &Path) -> u8 {
    let reader = Reader::open(prefix).unwrap();
    assert!(verify(&reader, &tfckpt::Progress::none()).unwrap().is_ok());
    let all = NAMES.map(|name| reader.read(name).unwrap()).concat();
    assert!(all.iter().all(|&value| value == all[0]), "a mixture of {all:?}");
    all[0]
}

/// Saves from several threads that finish at the same time; who succeeded.
fn race(prefix: &Path, replace: bool) -> Vec<u8> {
    let barrier = Barrier::new(usize::from(WRITERS));
    let save = |own| {
        let num_shards = SHARDS - u32::from(own % 2);
        let options =
            WriterOptions { num_shards, replace, sync: false, ..WriterOptions::default() };
        let mut writer = Writer::create_with(prefix, options).unwrap();
        add_own(&mut writer, own).unwrap();
        barrier.wait();
        match writer.finish() {
            Ok(()) => Some(own),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
                None
            }
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..WRITERS).map(|own| scope.spawn(move || save(own))).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn of_writers_at_one_prefix_one_succeeds_and_the_others_are_told() {
    for round in 0..rounds() {
        let dir = TempDir::new().unwrap();
        let prefix = dir.path().join("ckpt");
        let winners = race(&prefix, false);
        assert_eq!(winners, [owner(&prefix)], "round {round}");
    }
}

#[test]
fn writers_that_replace_each_other_leave_one_checkpoint() {
    let dir = TempDir::new().unwrap();
    let prefix = dir.path().join("ckpt");
    for round in 0..rounds() {
        assert_eq!(race(&prefix, true).len(), usize::from(WRITERS), "round {round}");
        owner(&prefix);
        let count = Reader::open(&prefix).unwrap().header().num_shards as usize;
        assert_eq!(dir.path().read_dir().unwrap().count(), 1 + count, "round {round}");
    }
}

/// Who opens what is replaced without end has all of one, and reads it to the end.
#[test]
fn a_reader_of_what_is_being_replaced_has_one_of_them() {
    let dir = TempDir::new().unwrap();
    let prefix = dir.path().join("ckpt");
    race(&prefix, true);
    let done = AtomicBool::new(false);
    let read = || {
        let mut reads = 0;
        while !done.load(Ordering::Relaxed) {
            let reader = checkpoint::Reader::open(&prefix).unwrap();
            let all = NAMES.map(|name| reader.read(name).unwrap()).concat();
            assert!(all.iter().all(|&value| value == all[0]), "a mixture");
            reads += 1;
        }
        reads
    };
    let reads: u64 = thread::scope(|scope| {
        let readers = [scope.spawn(read), scope.spawn(read)];
        for _ in 0..rounds() {
            race(&prefix, true);
        }
        done.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    });
    println!("read while it was replaced: {reads} times");
    assert!(reads > 0);
}

fn manager(dir: &Path) -> Manager {
    let writer = WriterOptions { sync: false, ..WriterOptions::default() };
    Manager::open_with(dir, ManagerOptions { writer, ..ManagerOptions::default() }).unwrap()
}

fn save_step(manager: &Manager, step: u64) {
    let mut save = manager.save_step(step).unwrap();
    fill(&mut save, step as u8).unwrap();
    save.finish().unwrap();
}

fn state_of(dir: &Path) -> State {
    State::read(LocalStorage::shared().as_ref(), &dir.join("checkpoint")).unwrap()
}

/// Each of several managers of one directory hears of what the others save, and whoever
/// repairs the state file meanwhile takes none of it away.
#[test]
fn no_save_of_several_managers_is_lost() {
    let saves = if is_full() { 500 } else { 40 };
    let dir = TempDir::new().unwrap();
    let writers = u64::from(WRITERS);
    let repairs = thread::scope(|scope| {
        let save_all = |own| {
            let manager = manager(dir.path());
            (0..saves).for_each(|step| save_step(&manager, step * writers + own));
        };
        let savers: Vec<_> = (0..writers).map(|own| scope.spawn(move || save_all(own))).collect();
        let options =
            RepairOptions { sync: false, depth: Depth::Lengths, ..RepairOptions::default() };
        let (mut repairs, mut changed) = (0, 0);
        while savers.iter().any(|saver| !saver.is_finished()) {
            match repair(&dir, &options) {
                Ok(repaired) => changed += usize::from(repaired.changed),
                Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error}"),
            }
            repairs += 1;
        }
        [repairs, changed]
    });
    println!("looked at, and repaired, while {} were saved: {repairs:?}", saves * writers);
    let all = (saves * writers) as usize;
    assert_eq!(state_of(dir.path()).all_model_checkpoint_paths.len(), all);
    assert_eq!(Manager::open(dir.path()).unwrap().checkpoints().len(), all);
}

/// What somebody records while the directory is looked at stays in the state file.
#[test]
fn repair_waits_for_its_turn_and_looks_again() {
    let dir = TempDir::new().unwrap();
    let manager = manager(dir.path());
    save_step(&manager, 1);
    let first = state_of(dir.path());
    save_step(&manager, 2);
    let second = state_of(dir.path());
    let disk = LocalStorage::shared();
    let record = |state: &State| state.write(&disk, &dir.path().join("checkpoint"), false).unwrap();
    record(&first);
    let turn = disk.try_lock_dir(dir.path()).unwrap().unwrap();
    thread::scope(|scope| {
        let repairing = scope.spawn(|| repair(&dir, &RepairOptions::default()).unwrap());
        thread::sleep(Duration::from_millis(100));
        assert!(!repairing.is_finished(), "it took no turn");
        record(&second);
        drop(turn);
        assert!(!repairing.join().unwrap().changed);
    });
    assert_eq!(state_of(dir.path()), second);
}
