//! Who reads a checkpoint is safe from the sweep of a manager, in this process or in
//! another.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tempfile::TempDir;
use tfckpt::ErrorKind;
use tfckpt::bundle::{WriterOptions, data_path, index_path};
use tfckpt::checkpoint::{Manager, ManagerOptions, Reader};
use tfckpt::tensor::{DType, Shape};

/// Where the process that only reads finds its directory.
const DIR: &str = "TFCKPT_TEST_SWEPT_DIR";
const NUM_SHARDS: u32 = 3;
const ELEMENTS: i64 = 50_000;

fn manager(dir: &Path) -> Manager {
    let writer = WriterOptions { num_shards: NUM_SHARDS, sync: false, ..Default::default() };
    let options = ManagerOptions { max_to_keep: Some(1), writer, ..Default::default() };
    Manager::open_with(dir, options).unwrap()
}

/// Saves tensors whose values are all the step.
fn save(manager: &Manager, elements: i64) {
    let mut save = manager.save().unwrap();
    let values = vec![save.step() as u8; elements as usize];
    for name in ["a", "b", "c"] {
        save.add(name, DType::UINT8, &Shape::new([elements]).unwrap(), &values).unwrap();
    }
    assert!(save.finish().unwrap().removal_problems.is_empty());
}

/// Reads all there is, which is all of one step.
fn step_of(reader: &Reader) -> u8 {
    let all = ["a", "b", "c"].map(|name| reader.read(name).unwrap());
    let step = all[0][0];
    assert!(all.iter().flatten().all(|&value| value == step));
    step
}

/// Not a test of its own: what another process does.
#[test]
fn the_process_that_reads() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let reader = Reader::open(Path::new(&dir)).unwrap();
    println!("\nopen");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    println!("\nstep {}", step_of(&reader));
}

fn reading_process(dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["the_process_that_reads", "--exact", "--nocapture"])
        .env(DIR, dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A reader that is open reads to the end, though nothing is left of its checkpoint,
/// and though it has read no values yet.
#[test]
fn a_reader_in_another_process_reads_on() {
    let dir = TempDir::new().unwrap();
    let manager = manager(dir.path());
    save(&manager, ELEMENTS);
    let mut process = reading_process(dir.path());
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.by_ref().any(|line| line == "open"));
    for _ in 0..3 {
        save(&manager, ELEMENTS);
    }
    let first = dir.path().join("ckpt-1");
    assert!(!index_path(&first).exists() && !data_path(&first, 0, NUM_SHARDS).exists());
    process.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert!(lines.any(|line| line == "step 1"));
    assert!(process.wait().unwrap().success());
}

/// However often the only checkpoint is replaced by the next, the latest opens and
/// is whole.
#[test]
fn the_latest_opens_while_it_is_swept() {
    let dir = TempDir::new().unwrap();
    let manager = manager(dir.path());
    save(&manager, 100);
    let (done, opened) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    let step = step_of(&Reader::open(dir.path()).unwrap());
                    assert!(step >= last, "{step} after {last}");
                    last = step;
                    opened.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..200 {
            save(&manager, 100);
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(opened.into_inner() > 0);
}

/// Data that are missing while their index is there were not swept: the checkpoint
/// opens, and what can be read is.
#[test]
fn a_missing_shard_is_told_when_it_is_read() {
    let dir = TempDir::new().unwrap();
    let manager = manager(dir.path());
    save(&manager, ELEMENTS);
    let prefix = dir.path().join("ckpt-1");
    std::fs::remove_file(data_path(&prefix, 1, NUM_SHARDS)).unwrap();
    let reader = Reader::open(&prefix).unwrap();
    let errors: Vec<_> =
        ["a", "b", "c"].iter().filter_map(|name| reader.read(name).err()).collect();
    assert_eq!(errors.len(), 1);
    assert_eq!((errors[0].kind(), errors[0].shard()), (ErrorKind::NotFound, Some(1)));
}
