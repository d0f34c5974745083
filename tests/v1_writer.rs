//! V1 checkpoints being written: all of one or nothing, whatever fails.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use support::watched::{Call, Failing, Op, Watched};
use tfckpt::bundle::ReaderOptions;
use tfckpt::checkpoint::{Format, Reader};
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::tensor::{DType, Shape, Slice, Strings};
use tfckpt::v1::{Writer, WriterOptions, file_path};
use tfckpt::{ErrorKind, Result};

type Files = BTreeMap<PathBuf, Vec<u8>>;

const OLD: &[u8] = &[9, 9];
const NEW: &[u8] = &[1, 2];

/// All files below a directory, and the directories as files of no bytes.
fn files(storage: &MemoryStorage, dir: &Path) -> Files {
    let mut found = Files::new();
    for name in storage.list(dir).unwrap_or_default() {
        let path = dir.join(name);
        let bytes = storage.bytes(&path);
        if bytes.is_none() {
            found.extend(files(storage, &path));
        }
        found.insert(path, bytes.unwrap_or_default());
    }
    found
}

/// A save, and what is there before it.
#[derive(Clone, Copy, Debug)]
struct Scenario {
    prefix: &'static str,
    num_files: u32,
    /// How many files the checkpoint has that it replaces.
    replaces: Option<u32>,
}

const SCENARIOS: [Scenario; 5] = [
    Scenario { prefix: "/new/deep/ckpt", num_files: 1, replaces: None },
    Scenario { prefix: "/new/deep/ckpt", num_files: 3, replaces: None },
    Scenario { prefix: "/ckpt", num_files: 1, replaces: Some(1) },
    Scenario { prefix: "/ckpt", num_files: 3, replaces: Some(1) },
    Scenario { prefix: "/ckpt", num_files: 2, replaces: Some(3) },
];

impl Scenario {
    fn before(self) -> MemoryStorage {
        let storage = MemoryStorage::new();
        if let Some(num_files) = self.replaces {
            let options = options(&storage, num_files, false);
            let mut writer = Writer::create_with(self.prefix, options).unwrap();
            writer.add("x", DType::UINT8, &Shape::new([2]).unwrap(), OLD).unwrap();
            writer.finish().unwrap();
        }
        storage
    }

    fn act(self, storage: &Watched) -> Result<()> {
        let options = options(storage, self.num_files, self.replaces.is_some());
        let mut writer = Writer::create_with(self.prefix, options)?;
        add_tensors(&mut writer)?;
        writer.finish()
    }

    /// The value of `x` in the whole checkpoint that stands there; `None` where there
    /// is none, or not all of one.
    fn state(self, storage: &MemoryStorage) -> Option<Vec<u8>> {
        let options = ReaderOptions { storage: Arc::new(storage.clone()), ..Default::default() };
        match Reader::open_with(self.prefix, &options) {
            Ok(reader) => {
                assert_eq!(reader.format(), Format::V1);
                let report = reader.verify(&tfckpt::Progress::none()).unwrap();
                assert!(report.is_ok(), "{:?}", report.problems);
                Some(reader.read("x").unwrap())
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
                None
            }
        }
    }
}

fn options(
    storage: &(impl Storage + Clone + 'static),
    num_files: u32,
    replace: bool,
) -> WriterOptions {
    WriterOptions { storage: Arc::new(storage.clone()), num_files, replace, ..Default::default() }
}

fn add_tensors(writer: &mut Writer) -> Result<()> {
    let shape = |dims: &[i64]| Shape::new(dims).unwrap();
    let rows = |spec: &str| spec.parse::<Slice>().unwrap();
    writer.add("x", DType::UINT8, &shape(&[2]), NEW)?;
    let words: Strings = ["", "a", "bcd"].into_iter().collect();
    writer.add_strings("s", &shape(&[3]), &words)?;
    writer.add_slice("p", DType::INT16, &shape(&[2, 2]), &rows("0,1:-"), &[3; 4])?;
    let mut large = writer.begin("large", DType::HALF, &shape(&[20_000]))?;
    large.write(&vec![4; 19_999])?;
    large.write(&vec![5; 20_001])?;
    large.finish()?;
    writer.add_slice("p", DType::INT16, &shape(&[2, 2]), &rows("1,1:-"), &[6; 4])
}

/// Each call of a save fails once, or that and all after it.
fn each_failure(
    failing: fn(usize) -> Failing,
    mut check: impl FnMut(Scenario, &Call, Result<()>, &MemoryStorage, &Files),
) {
    for scenario in SCENARIOS {
        let run = |failing| {
            let storage = scenario.before();
            let before = files(&storage, Path::new("/"));
            let watched = Watched::new(storage.clone(), failing);
            let result = scenario.act(&watched);
            (storage, before, watched.take_calls(), result)
        };
        let (storage, _, calls, result) = run(Failing::None);
        result.unwrap();
        assert_eq!(scenario.state(&storage).as_deref(), Some(NEW));
        let written = (0..scenario.num_files)
            .map(|file| file_path(Path::new(scenario.prefix), file, scenario.num_files));
        let there = files(&storage, Path::new(scenario.prefix).parent().unwrap());
        assert_eq!(there.into_keys().collect::<Vec<_>>(), written.collect::<Vec<_>>());
        for number in 0..calls.len() {
            let (storage, before, calls, result) = run(failing(number));
            check(scenario, &calls[number], result, &storage, &before);
        }
    }
}

#[test]
fn one_failing_call_leaves_all_or_nothing() {
    each_failure(Failing::One, |scenario, failed, result, storage, before| {
        let place = format!("{scenario:?} with {failed:?}: {result:?}");
        match result {
            Ok(()) => {
                assert_eq!(scenario.state(storage).as_deref(), Some(NEW), "{place}");
                assert_eq!(failed.op, Op::Remove, "{place}");
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Io, "{place}");
                assert_eq!(error.file(), Some(failed.path.as_path()), "{place}");
                assert!(files(storage, Path::new("/")) == *before, "{place}");
            }
        }
    });
}

#[test]
fn a_storage_that_is_gone_leaves_all_or_nothing() {
    each_failure(Failing::AllFrom, |scenario, failed, result, storage, before| {
        let place = format!("{scenario:?} from {failed:?}: {result:?}");
        let stands = scenario.state(storage);
        let allowed = [None, scenario.replaces.map(|_| OLD), Some(NEW)];
        assert!(allowed.contains(&stands.as_deref()), "{place}: {stands:?}");
        assert!(result.is_err() || stands.as_deref() == Some(NEW), "{place}");
        let lost = stands.is_none() && scenario.replaces.is_none();
        assert!(!lost || before.is_empty(), "{place}");
    });
}

/// Before a file gets its name its bytes are durable, and before the last one does, so
/// are the names of the others.
#[test]
fn what_is_seen_is_durable() {
    for scenario in SCENARIOS.iter().filter(|scenario| scenario.replaces.is_none()) {
        let watched = Watched::new(scenario.before(), Failing::None);
        scenario.act(&watched).unwrap();
        let calls = watched.take_calls();
        let places =
            |op: Op| -> Vec<usize> { (0..calls.len()).filter(|&at| calls[at].op == op).collect() };
        let (syncs, renames) = (places(Op::Sync), places(Op::Rename));
        let dir_syncs = places(Op::SyncDir);
        assert_eq!((syncs.len(), renames.len()), (scenario.num_files as usize, syncs.len()));
        assert!(syncs.last() < renames.first());
        let last = *renames.last().unwrap();
        let before_last = renames.iter().rev().nth(1).unwrap_or(&0);
        assert!(dir_syncs.iter().any(|at| (before_last..&last).contains(&at)));
        assert!(dir_syncs.last() > Some(&last));
    }
}

#[test]
fn without_sync_nothing_is_synced() {
    let storage = MemoryStorage::new();
    let watched = Watched::new(storage.clone(), Failing::None);
    let options = WriterOptions { sync: false, ..options(&watched, 2, false) };
    let mut writer = Writer::create_with("/ckpt", options).unwrap();
    add_tensors(&mut writer).unwrap();
    writer.finish().unwrap();
    let calls = watched.take_calls();
    assert!(calls.iter().all(|call| !matches!(call.op, Op::Sync | Op::SyncDir | Op::SyncFile)));
    assert_eq!(SCENARIOS[2].state(&storage).as_deref(), Some(NEW));
}

#[test]
fn abandoned_it_leaves_nothing() {
    let storage = MemoryStorage::new();
    let mut writer = Writer::create_with("/new/deep/ckpt", options(&storage, 3, false)).unwrap();
    add_tensors(&mut writer).unwrap();
    drop(writer);
    assert_eq!(files(&storage, Path::new("/")), Files::new());
}

/// One of 10,000 slices, over files, in seconds.
#[test]
fn many_slices() {
    let storage = MemoryStorage::new();
    let mut writer = Writer::create_with("/ckpt", options(&storage, 4, false)).unwrap();
    let shape = Shape::new([100, 100]).unwrap();
    for at in 0..10_000 {
        let slice: Slice = format!("{},1:{},1", at / 100, at % 100).parse().unwrap();
        writer.add_slice("x", DType::UINT8, &shape, &slice, &[(at % 251) as u8]).unwrap();
    }
    writer.finish().unwrap();
    let expected: Vec<u8> = (0..10_000).map(|at| (at % 251) as u8).collect();
    assert_eq!(SCENARIOS[2].state(&storage), Some(expected));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let storage = MemoryStorage::new();
    for num_files in [0, 1001, u32::MAX] {
        let error = Writer::create_with("/ckpt", options(&storage, num_files, false)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
    let error = Writer::create_with("/", options(&storage, 1, false)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);

    let mut writer = Writer::create_with("/ckpt", options(&storage, 2, false)).unwrap();
    let shape = Shape::new([4, 0]).unwrap();
    let slice = |spec: &str| spec.parse::<Slice>().unwrap();
    // TensorFlow takes these for slices that overlap, though they have no elements.
    writer.add_slice("none", DType::FLOAT, &shape, &slice("0,3:-"), &[]).unwrap();
    writer.add_slice("none", DType::FLOAT, &shape, &slice("1,2:-"), &[]).unwrap();
    // The whole in another form, and beside a part.
    let two = Shape::new([2]).unwrap();
    writer.add_slice("whole", DType::UINT8, &two, &slice("0,2"), NEW).unwrap();
    for add in [None, Some("-"), Some("1,1")] {
        let result = match add {
            None => writer.add("whole", DType::UINT8, &two, NEW),
            Some("1,1") => writer.add_slice("whole", DType::UINT8, &two, &slice("1,1"), &[1]),
            Some(spec) => writer.add_slice("whole", DType::UINT8, &two, &slice(spec), NEW),
        };
        assert_eq!(result.unwrap_err().kind(), ErrorKind::AlreadyExists, "{add:?}");
    }
    let error = writer.finish().unwrap_err();
    assert_eq!((error.kind(), error.tensor()), (ErrorKind::InvalidArgument, Some(&b"none"[..])));
    assert_eq!(files(&storage, Path::new("/")), Files::new());
}

#[test]
fn only_v1_checkpoints_are_replaced() {
    let storage = MemoryStorage::new();
    storage.put("/d/stranger", b"not a checkpoint, and no table either");
    storage.put("/d/v2.index", b"");
    let before = files(&storage, Path::new("/"));
    for (prefix, file) in [("/d/stranger", "/d/stranger"), ("/d/v2", "/d/v2.index"), ("/d", "/d")] {
        for num_files in [1, 2] {
            let error =
                Writer::create_with(prefix, options(&storage, num_files, true)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{prefix}");
            assert_eq!(error.file(), Some(Path::new(file)));
        }
    }
    assert_eq!(files(&storage, Path::new("/")), before);
}
