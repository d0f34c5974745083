//! Calls that are watched, and called off at every one of their steps.

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use support::watched::{Failing, Op, Watched};
use support::{data_dir, golden_checkpoints};
use tfckpt::bundle::{
    MergeOptions, ReadOptions, ReadRequest, ReaderOptions, Transfer, Writer, WriterOptions,
};
use tfckpt::checkpoint::{CopyData, CopyOptions, NameMap, Overlay, Reader, copy, merge};
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::tensor::{DType, Extent, Shape, Slice};
use tfckpt::{ErrorKind, Progress, Result, v1};

/// More than is read in one go where it is checked.
const LARGE: usize = 600 << 10;

/// A checkpoint of a large tensor, small ones, a partitioned one and strings.
fn write(storage: &MemoryStorage) {
    let options = WriterOptions { storage: Arc::new(storage.clone()), ..WriterOptions::default() };
    let mut writer = Writer::create_with("/in/ckpt", options).unwrap();
    let large = Shape::new([LARGE as i64]).unwrap();
    writer.add("large", DType::UINT8, &large, &vec![7; LARGE]).unwrap();
    for name in ["a", "b"] {
        writer.add(name, DType::UINT8, &Shape::new([3]).unwrap(), &[1, 2, 3]).unwrap();
    }
    let shape = Shape::new([4]).unwrap();
    for start in [0, 2] {
        let slice = Slice::new([Extent::new(start, 2)]);
        writer.add_slice("parts", DType::UINT8, &shape, &slice, &[8, 9]).unwrap();
    }
    let strings = ["x", "yz"].into_iter().collect();
    writer.add_strings("strings", &Shape::new([2]).unwrap(), &strings).unwrap();
    writer.finish().unwrap();
    let options = v1::WriterOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    let mut writer = v1::Writer::create_with("/v1/ckpt", options).unwrap();
    writer.add("old", DType::UINT8, &Shape::new([3]).unwrap(), &[1, 2, 3]).unwrap();
    writer.add("other", DType::UINT8, &Shape::new([2]).unwrap(), &[4, 5]).unwrap();
    writer.finish().unwrap();
}

fn open(storage: &Arc<dyn Storage>, path: &str) -> Result<Reader> {
    Reader::open_with(path, &ReaderOptions { storage: storage.clone(), ..Default::default() })
}

fn watched(progress: &Progress) -> ReadOptions {
    ReadOptions { progress: progress.clone(), ..ReadOptions::default() }
}

fn read_many(reader: &Reader, names: &[&str], options: &ReadOptions) -> Result<()> {
    let mut buffers: Vec<Vec<u8>> = names.iter().map(|_| vec![0; LARGE]).collect();
    let requests = names.iter().zip(&mut buffers);
    let mut requests: Vec<ReadRequest<'_>> = requests
        .map(|(name, dst)| ReadRequest {
            name: name.as_bytes(),
            slice: None,
            dst,
            dst_strides: None,
        })
        .collect();
    reader.read_many(&mut requests, options)
}

type Call = fn(&Arc<dyn Storage>, &Progress) -> Result<()>;

/// All that can be watched.
const CALLS: [(&str, Call); 13] = [
    ("read", |storage, progress| {
        let mut dst = vec![0; LARGE];
        open(storage, "/in/ckpt")?.read_into("large", &mut dst, &watched(progress)).map(drop)
    }),
    ("read unchecked", |storage, progress| {
        let options = ReadOptions { verify: false, ..watched(progress) };
        let mut dst = vec![0; LARGE];
        open(storage, "/in/ckpt")?.read_into("large", &mut dst, &options).map(drop)
    }),
    ("read a slice", |storage, progress| {
        let slice = Slice::new([Extent::new(1, 2)]);
        let reader = open(storage, "/in/ckpt")?;
        reader.read_slice_into("parts", &slice, &mut [0; 2], &watched(progress)).map(drop)
    }),
    ("read strings", |storage, progress| {
        open(storage, "/in/ckpt")?.read_strings("strings", &watched(progress)).map(drop)
    }),
    ("read many", |storage, progress| {
        let names = ["a", "large", "b", "parts"];
        read_many(&open(storage, "/in/ckpt")?, &names, &watched(progress))
    }),
    ("read many of V1", |storage, progress| {
        read_many(&open(storage, "/v1/ckpt")?, &["other", "old"], &watched(progress))
    }),
    ("read many of an overlay", |storage, progress| {
        read_many(&overlay(storage)?, &["a", "old", "parts"], &watched(progress))
    }),
    ("verify", |storage, progress| {
        let report = open(storage, "/in/ckpt")?.verify(progress)?;
        assert!(report.is_ok());
        Ok(())
    }),
    ("verify an overlay", |storage, progress| {
        assert!(overlay(storage)?.verify(progress)?.is_ok());
        Ok(())
    }),
    ("copy", |storage, progress| copy_as(storage, progress, "/v1/ckpt", CopyData::Rewrite)),
    ("copy all", |storage, progress| copy_as(storage, progress, "/in/ckpt", CopyData::Rewrite)),
    ("copy the data", |storage, progress| {
        copy_as(storage, progress, "/in/ckpt", CopyData::Copy)?;
        storage.remove(Path::new("/out/ckpt.index"))?;
        storage.remove(Path::new("/out/ckpt.data-00000-of-00001"))?;
        copy_as(storage, progress, "/in/ckpt", CopyData::Link)
    }),
    ("merge", |storage, progress| {
        let options = MergeOptions {
            storage: storage.clone(),
            progress: progress.clone(),
            transfer: Transfer::Move,
            ..MergeOptions::default()
        };
        merge("/out/ckpt", &["/in/ckpt"], &options)
    }),
];

fn overlay(storage: &Arc<dyn Storage>) -> Result<Reader> {
    let mut overlay = Overlay::new();
    for path in ["/in/ckpt", "/v1/ckpt"] {
        overlay.add(open(storage, path)?, NameMap::default());
    }
    overlay.open()
}

fn copy_as(
    storage: &Arc<dyn Storage>,
    progress: &Progress,
    src: &str,
    data: CopyData,
) -> Result<()> {
    let (storage, progress) = (storage.clone(), progress.clone());
    copy("/out/ckpt", src, &CopyOptions { storage, progress, data, ..CopyOptions::default() })
}

fn new_storage() -> MemoryStorage {
    let storage = MemoryStorage::new();
    for dir in ["/in", "/v1", "/out"] {
        storage.create_dir(Path::new(dir)).unwrap();
    }
    write(&storage);
    storage
}

fn names_in(storage: &MemoryStorage, dir: &str) -> Vec<PathBuf> {
    let mut names = storage.list(Path::new(dir)).unwrap();
    names.sort();
    names
}

#[test]
fn at_the_end_all_is_done() {
    for (name, call) in CALLS {
        let storage: Arc<dyn Storage> = Arc::new(new_storage());
        let progress = Progress::new();
        call(&storage, &progress).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(progress.total() > 0, "{name}");
        assert_eq!(progress.done(), progress.total(), "{name}");
    }
}

#[test]
fn a_call_ends_soon_after_it_was_called_off_and_leaves_nothing() {
    for (name, call) in CALLS {
        let watched = Watched::new(new_storage(), Failing::None);
        let storage: Arc<dyn Storage> = Arc::new(watched.clone());
        call(&storage, &Progress::new()).unwrap();
        let steps = watched.take_calls().len();
        let mut cancelled = 0;
        for at in 0..steps {
            let inner = new_storage();
            let inputs = names_in(&inner, "/in");
            let progress = Progress::new();
            let watched = Watched::cancelling(inner.clone(), at, &progress);
            let storage: Arc<dyn Storage> = Arc::new(watched.clone());
            // At the very end it may be too late.
            let Err(error) = call(&storage, &progress) else { continue };
            cancelled += 1;
            assert_eq!(error.kind(), ErrorKind::Cancelled, "{name}, step {at}: {error}");
            let calls = watched.take_calls();
            let data = calls.iter().skip(at + 1).filter(|call| {
                call.op == Op::Read && call.path.to_string_lossy().contains(".data-")
            });
            let read: u64 = data.map(|call| call.len).sum();
            assert!(read <= 256 << 10, "{name}, step {at}: {read} bytes");
            assert!(progress.done() <= progress.total(), "{name}, step {at}");
            assert!(names_in(&inner, "/out").is_empty(), "{name}, step {at}");
            assert_eq!(names_in(&inner, "/in"), inputs, "{name}, step {at}");
        }
        assert!(cancelled > 0, "{name}: {steps} steps");
    }
}

#[test]
fn a_large_tensor_that_is_not_checked_is_called_off_soon() {
    const LEN: usize = 9 << 20;
    let storage = MemoryStorage::new();
    storage.create_dir(Path::new("/in")).unwrap();
    let options = WriterOptions { storage: Arc::new(storage.clone()), ..WriterOptions::default() };
    let mut writer = Writer::create_with("/in/ckpt", options).unwrap();
    let shape = Shape::new([LEN as i64]).unwrap();
    writer.add("large", DType::UINT8, &shape, &vec![7; LEN]).unwrap();
    writer.finish().unwrap();
    let progress = Progress::new();
    // The index and the data are open when the first data is read.
    let opening = Watched::new(storage.clone(), Failing::None);
    open(&(Arc::new(opening.clone()) as Arc<dyn Storage>), "/in/ckpt").unwrap();
    let steps = opening.take_calls().len();
    let watching = Watched::cancelling(storage, steps, &progress);
    let reader = open(&(Arc::new(watching.clone()) as Arc<dyn Storage>), "/in/ckpt").unwrap();
    let options = ReadOptions { verify: false, ..watched(&progress) };
    let slice = Slice::new([Extent::new(1, LEN as i64 - 1)]);
    let read = reader.read_slice_into("large", &slice, &mut vec![0; LEN], &options);
    assert_eq!(read.unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!((progress.done(), progress.total()), (4 << 20, LEN as u64 - 1));
}

/// What was being read is told.
#[test]
fn a_cancelled_call_says_where_it_was() {
    let progress = Progress::new();
    let storage: Arc<dyn Storage> = Arc::new(new_storage());
    let reader = open(&storage, "/in/ckpt").unwrap();
    progress.cancel();
    let mut dst = vec![0; LARGE];
    let error = reader.read_into("large", &mut dst, &watched(&progress)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(error.tensor(), Some(&b"large"[..]));
    assert!(error.file().is_some() && error.message().contains("called off"));
}

/// Damage is no reason to stop, and what is lost with it is not done.
#[test]
fn a_check_goes_on_behind_damage() {
    let storage = new_storage();
    let path = Path::new("/in/ckpt.data-00000-of-00001");
    let mut bytes = storage.bytes(path).unwrap();
    bytes.truncate(100);
    storage.put(path, bytes);
    let storage: Arc<dyn Storage> = Arc::new(storage);
    let progress = Progress::new();
    let report = open(&storage, "/in/ckpt").unwrap().verify(&progress).unwrap();
    assert!(!report.is_ok());
    assert!(progress.done() < progress.total());
}

#[test]
fn every_golden_checkpoint_is_checked_to_the_end() {
    for golden in golden_checkpoints() {
        let progress = Progress::new();
        let Ok(reader) = Reader::open(&golden.prefix) else { continue };
        reader.verify(&progress).unwrap();
        assert_eq!(progress.done(), progress.total(), "{}", golden.prefix.display());
    }
}

/// However odd the files are, no more is done than there was to do.
#[test]
fn no_hostile_checkpoint_goes_beyond_the_end() {
    let mut checked = 0;
    for case in std::fs::read_dir(data_dir("hostile")).unwrap() {
        let Ok(reader) = Reader::open(case.unwrap().path().join("ckpt")) else { continue };
        let progress = Progress::new();
        let report = reader.verify(&progress).unwrap();
        assert!(progress.done() <= progress.total(), "{}", reader.prefix().display());
        assert!(!report.is_ok() || progress.done() == progress.total());
        checked += 1;
    }
    assert!(checked > 10, "{checked}");
}
