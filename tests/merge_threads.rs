//! Merges that copy data, on several threads: the same files whatever threads and budgets
//! there are, and nothing left where that fails.

mod support;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use support::random::Random;
use support::watched::{Failing, Op, Watched};
use tfckpt::bundle::{MergeOptions, Writer, WriterOptions};
use tfckpt::checkpoint::{Reader, merge};
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::tensor::{DType, Shape};
use tfckpt::{ErrorKind, Progress, Result, v1};

const THREADS: [usize; 3] = [1, 2, 4];

/// Bundles of some shards, none of them as long as another, and one of V1.
fn new_storage() -> MemoryStorage {
    let mut random = Random(3);
    let storage = MemoryStorage::new();
    for dir in ["/in", "/out"] {
        storage.create_dir(Path::new(dir)).unwrap();
    }
    for (number, num_shards) in [1, 3, 2].into_iter().enumerate() {
        let storage = Arc::new(storage.clone());
        let options = WriterOptions { storage, num_shards, ..WriterOptions::default() };
        let mut writer = Writer::create_with(format!("/in/{number}"), options).unwrap();
        for (at, size) in [1_500_000, 0, 700_001, 5].into_iter().enumerate() {
            let (name, shape) = (format!("{number}/{at}"), Shape::new([size as i64]).unwrap());
            writer.add(name, DType::UINT8, &shape, &random.bytes(size)).unwrap();
        }
        writer.finish().unwrap();
    }
    let options = v1::WriterOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    let mut writer = v1::Writer::create_with("/in/v1", options).unwrap();
    let shape = Shape::new([400_000]).unwrap();
    for name in ["v1/a", "v1/b"] {
        writer.add(name, DType::FLOAT, &shape, &random.bytes(1_600_000)).unwrap();
    }
    writer.finish().unwrap();
    storage
}

fn merged(storage: &Arc<dyn Storage>, sources: &[&str], options: &MergeOptions) -> Result<()> {
    merge("/out/ckpt", sources, &MergeOptions { storage: storage.clone(), ..options.clone() })
}

fn take_files(storage: &MemoryStorage) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let mut names = storage.list(Path::new("/out")).unwrap();
    names.sort();
    let take = |name: PathBuf| {
        let path = Path::new("/out").join(&name);
        let bytes = storage.bytes(&path);
        storage.remove(&path).unwrap();
        (name, bytes)
    };
    names.into_iter().map(take).collect()
}

const BUNDLES: &[&str] = &["/in/0", "/in/1", "/in/2"];
const ALL: &[&str] = &["/in/0", "/in/1", "/in/2", "/in/v1"];

#[test]
fn the_files_are_those_of_one_thread() {
    let storage = new_storage();
    let all: Arc<dyn Storage> = Arc::new(storage.clone());
    for (sources, num_files) in [(BUNDLES, 7), (ALL, 2)] {
        merged(&all, sources, &MergeOptions::default()).unwrap();
        let options = tfckpt::bundle::ReaderOptions { storage: all.clone(), ..Default::default() };
        let reader = Reader::open_with("/out/ckpt", &options).unwrap();
        assert!(reader.verify(&Progress::none()).unwrap().is_ok());
        let expected = take_files(&storage);
        assert_eq!(expected.len(), num_files);
        for threads in THREADS {
            for max_in_flight in [0, 100_000, 64 << 20] {
                let progress = Progress::new();
                let watch = progress.clone();
                let options =
                    MergeOptions { threads, max_in_flight, progress: watch, ..Default::default() };
                merged(&all, sources, &options).unwrap();
                assert!(take_files(&storage) == expected, "{options:?}");
                assert_eq!(progress.done(), progress.total(), "{options:?}");
            }
        }
    }
}

/// No more files are open at once than there are threads, and each is synced.
#[test]
fn few_files_are_written_at_once() {
    for threads in THREADS {
        let watched = Watched::new(new_storage(), Failing::None);
        let options = MergeOptions { threads, ..MergeOptions::default() };
        merged(&(Arc::new(watched.clone()) as Arc<dyn Storage>), BUNDLES, &options).unwrap();
        let calls = watched.take_calls();
        assert_eq!(calls.iter().filter(|call| call.op == Op::Sync).count(), 7);
        let (mut open, mut most) = (0, 0);
        for call in &calls {
            open += usize::from(call.op == Op::Create);
            open -= usize::from(call.op == Op::Sync);
            most = most.max(open);
        }
        // Those that say that a writer lives, and the index.
        assert!(most <= threads + 2, "{threads} threads: {most} files");
    }
}

/// One that helps can't read or write: the call says so.
#[test]
fn a_fault_of_another_thread_is_told() {
    for (sources, threads) in [(BUNDLES, 2), (BUNDLES, 4), (ALL, 3)] {
        let inner = new_storage();
        let failing = Failing::NotOn(thread::current().id());
        let storage: Arc<dyn Storage> = Arc::new(Watched::new(inner.clone(), failing));
        let options = MergeOptions { threads, ..MergeOptions::default() };
        let error = loop {
            // All may be done before another thread has begun.
            match merged(&storage, sources, &options) {
                Err(error) => break error,
                Ok(()) => drop(take_files(&inner)),
            }
        };
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.file().is_some(), "{error:?}");
        assert!(take_files(&inner).is_empty());
    }
}

#[test]
fn a_callback_is_called_here_and_ends_it() {
    for sources in [BUNDLES, ALL] {
        for threads in THREADS {
            let storage = new_storage();
            let progress = Progress::new();
            let heard = Arc::new(Mutex::new(Vec::new()));
            let ear = heard.clone();
            progress.set_callback(Some(move |done, total| {
                ear.lock().unwrap().push((done <= total, thread::current().id()));
                false
            }));
            let options = MergeOptions { threads, progress, ..MergeOptions::default() };
            let all: Arc<dyn Storage> = Arc::new(storage.clone());
            let error = merged(&all, sources, &options).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);
            let heard = heard.lock().unwrap();
            assert!(!heard.is_empty());
            assert!(heard.iter().all(|&told| told == (true, thread::current().id())));
            assert!(take_files(&storage).is_empty());
        }
    }
}
