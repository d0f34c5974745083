//! Every call to the storage that a save, a merge or a copy makes fails once: there is an
//! error or there is a whole checkpoint, and never a file left over.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use support::watched::{Call, Failing, Op, Watched};
use tfckpt::bundle::{
    MergeOptions, Reader, ReaderOptions, Transfer, Writer, WriterOptions, index_path, merge, verify,
};
use tfckpt::checkpoint::object_graph::ObjectGraphBuilder;
use tfckpt::checkpoint::{self, CopyData, CopyOptions, NameRule};
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::tensor::{DType, Shape, Slice, Strings};
use tfckpt::{Error, ErrorKind, Result};

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// All files below a directory, and the directories as files of no bytes.
fn files(storage: &MemoryStorage, dir: &Path) -> Files {
    let mut found = Files::new();
    for name in storage.list(dir).unwrap_or_default() {
        let path = dir.join(name);
        match storage.bytes(&path) {
            Some(bytes) => {
                found.insert(path, bytes);
            }
            None => {
                found.extend(files(storage, &path));
                found.insert(path, Vec::new());
            }
        }
    }
    found
}

/// What a scenario leaves when it fails: just what was there before, or less of
/// the old checkpoint that it was to replace.
struct Scenario {
    name: &'static str,
    dst: &'static str,
    /// Puts there what the act starts from.
    prepare: fn(&MemoryStorage),
    act: fn(&Watched) -> Result<()>,
    /// The value of the tensor `x` in the checkpoint that the act makes.
    makes: &'static [u8],
    /// Whether the sources go away at the end.
    moves: bool,
}

const OLD: &[u8] = &[9, 9];
const NEW: &[u8] = &[1, 2];

fn scenarios() -> Vec<Scenario> {
    let save = Scenario {
        name: "save",
        dst: "/new/deep/ckpt",
        prepare: |_| {},
        act: |storage| write_checkpoint(storage, "/new/deep/ckpt", 3, false),
        makes: NEW,
        moves: false,
    };
    let merged = Scenario {
        name: "merge by copy",
        dst: "/out/deep/ckpt",
        prepare: prepare_sources,
        act: |storage| merge_into(storage, Transfer::Copy),
        makes: NEW,
        moves: false,
    };
    vec![
        Scenario {
            name: "replacing save",
            dst: "/ckpt",
            prepare: |storage| old(storage, "/ckpt"),
            act: |storage| write_checkpoint(storage, "/ckpt", 1, true),
            ..save
        },
        Scenario {
            name: "save beside data files without an index",
            dst: "/ckpt",
            prepare: |storage| {
                old(storage, "/ckpt");
                storage.remove(Path::new("/ckpt.index")).unwrap();
            },
            act: |storage| write_checkpoint(storage, "/ckpt", 2, false),
            ..save
        },
        Scenario {
            name: "merge by link",
            act: |storage| merge_into(storage, Transfer::Link),
            ..merged
        },
        Scenario {
            name: "merge by move",
            act: |storage| merge_into(storage, Transfer::Move),
            moves: true,
            ..merged
        },
        Scenario {
            name: "merge of object graphs by move",
            prepare: prepare_graphs,
            act: |storage| {
                checkpoint::merge("/out/deep/ckpt", &["/in/a", "/in/b"], &moving(storage))
            },
            moves: true,
            ..merged
        },
        Scenario {
            name: "copy",
            prepare: prepare_graphs,
            act: |storage| copy_into(storage, "/out/deep/ckpt", CopyData::Rewrite, false),
            ..merged
        },
        Scenario {
            name: "copy that keeps data",
            prepare: prepare_graphs,
            act: |storage| copy_into(storage, "/out/deep/ckpt", CopyData::Copy, false),
            ..merged
        },
        Scenario {
            name: "copy by link",
            prepare: prepare_graphs,
            act: |storage| copy_into(storage, "/out/deep/ckpt", CopyData::Link, false),
            ..merged
        },
        Scenario {
            name: "replacing copy by link",
            dst: "/ckpt",
            prepare: |storage| {
                prepare_graphs(storage);
                old(storage, "/ckpt");
            },
            act: |storage| copy_into(storage, "/ckpt", CopyData::Link, true),
            ..merged
        },
        save,
        merged,
    ]
}

/// Two checkpoints of objects, the first of which has `x` by another name too.
fn prepare_graphs(storage: &MemoryStorage) {
    for (prefix, variable, name, value) in [("/in/a", "v", "x", NEW), ("/in/b", "w", "y", OLD)] {
        let options = WriterOptions { storage: Arc::new(storage.clone()), ..Default::default() };
        let mut writer = Writer::create_with(prefix, options).unwrap();
        let mut builder = ObjectGraphBuilder::new();
        let node = builder.add_variable(ObjectGraphBuilder::ROOT, variable, "").unwrap();
        let graph = builder.build().unwrap();
        let shape = Shape::new([2]).unwrap();
        for name in [name, graph.variable_key(node).unwrap()] {
            writer.add(name, DType::UINT8, &shape, value).unwrap();
        }
        graph.write_to(&mut writer).unwrap();
        writer.finish().unwrap();
    }
}

fn moving(storage: &Watched) -> MergeOptions {
    MergeOptions {
        storage: Arc::new(storage.clone()),
        transfer: Transfer::Move,
        ..MergeOptions::default()
    }
}

/// A copy with another object graph.
fn copy_into(storage: &Watched, dst: &str, data: CopyData, replace: bool) -> Result<()> {
    let options = CopyOptions {
        storage: Arc::new(storage.clone()),
        renames: vec![NameRule::prefix("v", "u")],
        data,
        replace,
        ..CopyOptions::default()
    };
    checkpoint::copy(dst, "/in/a", &options)
}

/// A checkpoint of some large and many small pieces, so that buffers are flushed
/// on the way.
fn write_checkpoint(storage: &Watched, prefix: &str, num_shards: u32, replace: bool) -> Result<()> {
    let options = WriterOptions {
        storage: Arc::new(storage.clone()),
        num_shards,
        replace,
        ..WriterOptions::default()
    };
    let mut writer = Writer::create_with(prefix, options)?;
    add_tensors(&mut writer)?;
    writer.finish()
}

fn add_tensors(writer: &mut Writer) -> Result<()> {
    let shape = |dims: &[i64]| Shape::new(dims).unwrap();
    writer.add("x", DType::UINT8, &shape(&[2]), NEW)?;
    let words: Strings = ["", "a", "bcd"].into_iter().collect();
    writer.add_strings("s", &shape(&[3]), &words)?;
    let rows = |spec: &str| spec.parse::<Slice>().unwrap();
    writer.add_slice("p", DType::UINT8, &shape(&[2, 2]), &rows("0,1:-"), &[3; 2])?;
    let mut large = writer.begin("large", DType::UINT8, &shape(&[1_600_000]))?;
    large.write(&vec![4; 800_000])?;
    large.write(&vec![5; 800_000])?;
    large.finish()?;
    writer.add_slice("p", DType::UINT8, &shape(&[2, 2]), &rows("1,1:-"), &[6; 2])
}

/// A checkpoint that was there before.
fn old(storage: &MemoryStorage, prefix: &str) {
    one_tensor(storage, prefix, "x", OLD, 2);
}

fn one_tensor(storage: &MemoryStorage, prefix: &str, name: &str, value: &[u8], num_shards: u32) {
    let options = WriterOptions {
        storage: Arc::new(storage.clone()),
        num_shards,
        ..WriterOptions::default()
    };
    let mut writer = Writer::create_with(prefix, options).unwrap();
    writer.add(name, DType::UINT8, &Shape::new([2]).unwrap(), value).unwrap();
    writer.finish().unwrap();
}

fn prepare_sources(storage: &MemoryStorage) {
    one_tensor(storage, "/in/a", "x", NEW, 2);
    one_tensor(storage, "/in/b", "y", OLD, 1);
}

fn merge_into(storage: &Watched, transfer: Transfer) -> Result<()> {
    let options =
        MergeOptions { storage: Arc::new(storage.clone()), transfer, ..MergeOptions::default() };
    merge("/out/deep/ckpt", &["/in/a", "/in/b"], &options)
}

/// What stands at a prefix: nothing, or a checkpoint, and the value of its `x`.
fn state(storage: &MemoryStorage, prefix: &str) -> Option<Vec<u8>> {
    if !storage.exists(&index_path(Path::new(prefix))).unwrap() {
        return None;
    }
    let options = ReaderOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    let reader = Reader::open_with(prefix, &options).unwrap();
    let report = verify(&reader, &tfckpt::Progress::none()).unwrap();
    assert!(report.is_ok(), "{:?}", report.problems);
    Some(reader.read("x").unwrap())
}

/// What came of an act of which one call failed.
struct Outcome<'s> {
    scenario: &'s Scenario,
    failed: &'s Call,
    result: Result<()>,
    before: Files,
    storage: MemoryStorage,
}

/// Runs the act with each call failing in turn, or that one and all after it.
fn each_failure(failing: fn(usize) -> Failing, mut check: impl FnMut(Outcome<'_>)) {
    for scenario in &scenarios() {
        let run = |failing| {
            let storage = MemoryStorage::new();
            (scenario.prepare)(&storage);
            let before = files(&storage, Path::new("/"));
            let watched = Watched::new(storage.clone(), failing);
            let result = (scenario.act)(&watched);
            (storage, before, watched.take_calls(), result)
        };
        let (storage, _, calls, result) = run(Failing::None);
        result.unwrap();
        assert_eq!(state(&storage, scenario.dst).as_deref(), Some(scenario.makes));
        assert!(calls.len() > 20, "{}: {} calls", scenario.name, calls.len());
        for number in 0..calls.len() {
            // Temporary files have other names each time.
            let (storage, before, calls, result) = run(failing(number));
            check(Outcome { scenario, failed: &calls[number], result, before, storage });
        }
    }
}

#[test]
fn one_failing_call_leaves_all_or_nothing() {
    each_failure(Failing::One, |outcome| {
        let Outcome { scenario, failed, result, before, storage } = outcome;
        let place = format!("{} with {failed:?}: {result:?}", scenario.name);
        let after = files(&storage, Path::new("/"));
        match &result {
            Ok(()) => {
                assert_eq!(state(&storage, scenario.dst).as_deref(), Some(scenario.makes));
                check_left_over(&after, failed, &place);
            }
            Err(error) if is_of_sources(scenario, failed) => {
                check_error(error, failed, &place);
                assert!(error.message().contains("the merged bundle is whole"), "{place}");
                assert_eq!(state(&storage, scenario.dst).as_deref(), Some(scenario.makes));
                check_left_over(&after, failed, &place);
            }
            Err(error) => {
                check_error(error, failed, &place);
                assert!(after == before, "{place}: {:?}", after.keys());
            }
        }
    });
}

/// Whether the call is one by which a source of a move goes away.
fn is_of_sources(scenario: &Scenario, call: &Call) -> bool {
    scenario.moves && matches!(call.op, Op::Remove | Op::SyncDir) && call.path.starts_with("/in")
}

fn check_error(error: &Error, failed: &Call, place: &str) {
    assert_eq!(
        (error.kind(), error.file()),
        (ErrorKind::Io, Some(failed.path.as_path())),
        "{place}"
    );
}

/// A temporary file stays only where it was its removal that failed.
fn check_left_over(after: &Files, failed: &Call, place: &str) {
    let is_temporary =
        |path: &&PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(".tfckpt-");
    let left: Vec<&PathBuf> = after.keys().filter(is_temporary).collect();
    let may_stay = Some(&failed.path).filter(is_temporary).filter(|_| failed.op == Op::Remove);
    assert_eq!(left, may_stay.into_iter().collect::<Vec<_>>(), "{place}");
}

/// A storage that fails for good is like a crash: what is there then is a whole
/// checkpoint or none, and no source is harmed.
#[test]
fn a_storage_that_is_gone_leaves_all_or_nothing() {
    each_failure(Failing::AllFrom, |outcome| {
        let Outcome { scenario, failed, result, before, storage } = outcome;
        let place = format!("{} from {failed:?}: {result:?}", scenario.name);
        let stands = state(&storage, scenario.dst);
        let allowed = [None, Some(OLD), Some(scenario.makes)];
        assert!(allowed.contains(&stands.as_deref()), "{place}: {stands:?}");
        assert!(result.is_err() || stands.as_deref() == Some(scenario.makes), "{place}");
        if stands.as_deref() == Some(OLD) {
            assert_eq!(state_of(&before, scenario.dst), Some(OLD.to_vec()), "{place}");
        }
        let after = files(&storage, Path::new("/in"));
        let sources = files_below(&before, "/in");
        let may_be_gone = scenario.moves && stands.is_some();
        assert!(after == sources || may_be_gone, "{place}: {:?}", after.keys());
    });
}

fn files_below(files: &Files, dir: &str) -> Files {
    let below = files.iter().filter(|(path, _)| path.starts_with(dir) && *path != Path::new(dir));
    below.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
}

fn state_of(files: &Files, prefix: &str) -> Option<Vec<u8>> {
    let storage = MemoryStorage::new();
    files.iter().for_each(|(path, bytes)| storage.put(path, bytes.clone()));
    state(&storage, prefix)
}

/// A writer that is dropped removes what it can, whatever fails.
#[test]
fn abandoning_leaves_only_what_cannot_be_removed() {
    let abandon = |failing| {
        let storage = MemoryStorage::new();
        let watched = Watched::new(storage.clone(), failing);
        let options = WriterOptions {
            storage: Arc::new(watched.clone()),
            num_shards: 3,
            ..Default::default()
        };
        let result = Writer::create_with("/new/deep/ckpt", options)
            .and_then(|mut writer| add_tensors(&mut writer));
        (files(&storage, Path::new("/")), watched.take_calls(), result)
    };
    let (left, calls, result) = abandon(Failing::None);
    result.unwrap();
    assert!(left.is_empty(), "{left:?}");
    for (number, failed) in calls.iter().enumerate() {
        let (left, _, result) = abandon(Failing::One(number));
        let removes = matches!(failed.op, Op::Remove | Op::RemoveDir);
        assert_eq!(result.is_err(), !removes, "{failed:?}");
        assert_eq!(left.is_empty(), !removes, "{failed:?}: {:?}", left.keys());
    }
}

/// Before a file gets its name its bytes are durable; before the index gets its
/// own, so are the names of all others; before a source goes away, everything.
#[test]
fn what_is_seen_is_durable() {
    for scenario in scenarios().iter().filter(|scenario| !scenario.dst.starts_with("/ckpt")) {
        let storage = MemoryStorage::new();
        (scenario.prepare)(&storage);
        let watched = Watched::new(storage, Failing::None);
        (scenario.act)(&watched).unwrap();
        let calls = watched.take_calls();
        let places = |ops: &[Op]| -> Vec<usize> {
            (0..calls.len()).filter(|&at| ops.contains(&calls[at].op)).collect()
        };
        let (syncs, renames) = (places(&[Op::Sync, Op::SyncFile]), places(&[Op::Rename]));
        let dir_syncs = places(&[Op::SyncDir]);
        // The lock that tells a living writer goes when all is done.
        let is_lock = |at: &usize| calls[*at].path.extension().is_some_and(|e| e == "lock");
        let removals: Vec<usize> =
            places(&[Op::Remove]).into_iter().filter(|at| !is_lock(at)).collect();
        let [.., data, index] = renames[..] else { panic!("{calls:?}") };
        assert_eq!(syncs.len(), renames.len(), "{}", scenario.name);
        assert!(syncs.last() < renames.first(), "{}", scenario.name);
        assert!(dir_syncs.iter().any(|at| (data..index).contains(at)), "{}", scenario.name);
        let first_removal = removals.first().copied().unwrap_or(calls.len());
        let last_sync = dir_syncs.iter().rfind(|&&at| at < first_removal).unwrap();
        assert!(index < *last_sync, "{}", scenario.name);
        assert_eq!(removals.is_empty(), !scenario.moves, "{}", scenario.name);
    }
}
