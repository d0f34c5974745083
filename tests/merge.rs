//! Merges: the same index as TensorFlow's, and no input harmed.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{data_dir, digest};
use tempfile::TempDir;
use tfckpt::ErrorKind;
use tfckpt::bundle::{
    MergeOptions, OnConflict, Reader, Transfer, Writer, WriterOptions, index_path, merge, verify,
};
use tfckpt::checkpoint::{NameMap, NameRule, merge_named};
use tfckpt::tensor::{DType, Shape, Slice};

const TRANSFERS: [Transfer; 3] = [Transfer::Copy, Transfer::Link, Transfer::Move];

/// The golden inputs, copied so that a move can take them.
fn inputs(dir: &TempDir) -> PathBuf {
    let target = dir.path().join("inputs");
    fs::create_dir(&target).unwrap();
    for file in fs::read_dir(data_dir("golden/merge_inputs/inputs")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), target.join(file.file_name())).unwrap();
    }
    target
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Every merge that TensorFlow was asked for: the same result, byte for byte, or
/// a refusal where it refused.
#[test]
fn as_tensorflow_merges() {
    let golden = data_dir("golden/merge_inputs");
    let text = fs::read(golden.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let merges = expected["extra"]["merges"].as_object().unwrap();
    let (mut same, mut refused) = (0, 0);
    for (name, wanted) in merges {
        if wanted["allow_missing_files"] == true {
            continue;
        }
        for transfer in TRANSFERS {
            let dir = TempDir::new().unwrap();
            let inputs = inputs(&dir);
            let before = names(&inputs);
            let sources: Vec<PathBuf> = wanted["inputs"]
                .as_array()
                .unwrap()
                .iter()
                .map(|source| dir.path().join(source.as_str().unwrap()))
                .collect();
            let dst = dir.path().join("out/ckpt");
            let options = MergeOptions { transfer, ..MergeOptions::default() };
            let merged = merge(&dst, &sources, &options);
            if wanted["outcome"] != "ok" {
                assert!(merged.is_err(), "{name}");
                assert_eq!(names(&inputs), before, "{name}");
                assert!(!dst.parent().unwrap().exists(), "{name}");
                refused += 1;
                continue;
            }
            merged.unwrap_or_else(|error| panic!("{name}: {error}"));
            let golden = golden.join("merged").join(name);
            assert_eq!(names(&golden), names(dst.parent().unwrap()), "{name}");
            for file in names(&golden) {
                let ours = fs::read(dst.parent().unwrap().join(&file)).unwrap();
                assert_eq!(ours, fs::read(golden.join(&file)).unwrap(), "{name} {file}");
            }
            let left = names(&inputs).len();
            assert_eq!(left < before.len(), transfer == Transfer::Move, "{name}");
            same += 1;
        }
    }
    assert!(same >= 18 && refused >= 18, "{same} {refused}");
}

#[test]
fn conflicts_are_resolved_as_asked() {
    let dir = TempDir::new().unwrap();
    let inputs = inputs(&dir);
    let sources = [inputs.join("a"), inputs.join("conflicts_with_a")];
    let digest_of = |prefix: &Path| {
        let reader = Reader::open(prefix).unwrap();
        digest(&reader, &reader.find("a/x").unwrap().unwrap(), None).unwrap()
    };
    for (on_conflict, winner) in [(OnConflict::First, 0), (OnConflict::Last, 1)] {
        let dst = dir.path().join(format!("{on_conflict:?}"));
        merge(&dst, &sources, &MergeOptions { on_conflict, ..MergeOptions::default() }).unwrap();
        assert_eq!(digest_of(&dst), digest_of(&sources[winner]));
        assert!(verify(&Reader::open(&dst).unwrap(), &tfckpt::Progress::none()).unwrap().is_ok());
    }
    assert_ne!(digest_of(&sources[0]), digest_of(&sources[1]));
    let error = merge(dir.path().join("x"), &sources, &MergeOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.names(), [b"a/x".to_vec()]);
}

/// A bundle with rows of a partitioned tensor, or all of it where there is one range.
fn rows(prefix: &Path, ranges: &[(i64, i64)], value: f32) {
    let shape = Shape::new([6, 2]).unwrap();
    let mut writer = Writer::create(prefix).unwrap();
    for &(start, length) in ranges {
        let slice: Slice = format!("{start},{length}:-").parse().unwrap();
        let data: Vec<u8> = (0..length * 2).flat_map(|_| value.to_ne_bytes()).collect();
        writer.add_slice("table", DType::FLOAT, &shape, &slice, &data).unwrap();
    }
    writer.finish().unwrap();
}

fn values(prefix: &Path) -> Vec<f32> {
    let data = Reader::open(prefix).unwrap().read("table").unwrap();
    data.chunks(4).map(|bytes| f32::from_ne_bytes(bytes.try_into().unwrap())).collect()
}

#[test]
fn conflicts_between_slices() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name);
    rows(&path("top"), &[(0, 2), (2, 1)], 1.0);
    rows(&path("bottom"), &[(2, 1), (3, 3)], 2.0);
    rows(&path("whole"), &[(0, 6)], 3.0);
    rows(&path("across"), &[(1, 2)], 4.0);
    rows(&path("low"), &[(3, 3)], 2.0);
    let merged = |dst: &str, sources: &[&str], on_conflict| {
        let sources: Vec<PathBuf> = sources.iter().map(|name| path(name)).collect();
        let options = MergeOptions { on_conflict, ..MergeOptions::default() };
        merge(path(dst), &sources, &options).map(|()| {
            let reader = Reader::open(path(dst)).unwrap();
            let report = verify(&reader, &tfckpt::Progress::none()).unwrap();
            assert!(report.is_ok(), "{:?}", report.problems);
            values(&path(dst))
        })
    };
    let split = |at: usize| [vec![1.0; at * 2], vec![2.0; 12 - at * 2]].concat();
    use OnConflict::{Error, First, Last};
    assert_eq!(merged("a", &["top", "bottom"], First).unwrap(), split(3));
    assert_eq!(merged("b", &["top", "bottom"], Last).unwrap(), split(2));
    let error = merged("c", &["top", "bottom"], Error).unwrap_err();
    assert_eq!(error.names(), [b"table".to_vec()]);
    assert_eq!(merged("d", &["top", "whole"], Last).unwrap(), [3.0; 12]);
    assert_eq!(merged("e", &["whole", "bottom"], First).unwrap(), [3.0; 12]);
    assert_eq!(merged("f", &["whole", "top"], Error).unwrap_err().names(), [b"table".to_vec()]);
    // The slices of a tensor win or lose together, wherever they are.
    assert_eq!(merged("h", &["top", "low", "whole"], First).unwrap(), split(3));
    assert_eq!(merged("i", &["whole", "top", "low"], Last).unwrap(), split(3));
    assert_eq!(merged("j", &["top", "low", "whole"], Last).unwrap(), [3.0; 12]);
    // Slices that overlap without being the same can't be joined by any policy.
    assert!(merged("g", &["top", "across"], First).is_err());
}

#[test]
fn a_missing_shard_harms_nobody() {
    for transfer in TRANSFERS {
        let dir = TempDir::new().unwrap();
        let inputs = inputs(&dir);
        fs::remove_file(inputs.join("two_shards.data-00001-of-00002")).unwrap();
        let before = names(&inputs);
        let options = MergeOptions { transfer, ..MergeOptions::default() };
        let sources = [inputs.join("a"), inputs.join("two_shards")];
        let error = merge(dir.path().join("out"), &sources, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.shard(), Some(1));
        assert!(error.file().unwrap().ends_with("two_shards.data-00001-of-00002"));
        assert_eq!(names(&inputs), before);
        assert_eq!(names(dir.path()), ["inputs"]);
    }
}

/// `/dev/shm` is a file system of its own where there is one.
#[test]
fn across_file_systems() {
    let Ok(other) = TempDir::new_in("/dev/shm") else { return };
    for transfer in [Transfer::Link, Transfer::Move] {
        let dir = TempDir::new().unwrap();
        let inputs = inputs(&dir);
        let dst = other.path().join(format!("{transfer:?}"));
        let options = MergeOptions { transfer, ..MergeOptions::default() };
        merge(&dst, &[inputs.join("a"), inputs.join("b")], &options).unwrap();
        assert!(verify(&Reader::open(&dst).unwrap(), &tfckpt::Progress::none()).unwrap().is_ok());
        assert_eq!(index_path(&inputs.join("a")).exists(), transfer != Transfer::Move);
    }
}

#[test]
fn an_existing_bundle_is_not_overwritten() {
    let dir = TempDir::new().unwrap();
    let inputs = inputs(&dir);
    let error = merge(inputs.join("b"), &[inputs.join("a")], &MergeOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    let none: [&Path; 0] = [];
    let error = merge(dir.path().join("x"), &none, &MergeOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

/// Shards that no entry names are carried along, so that the number of files is
/// the one that the header says. TensorFlow does not count them, so they come last.
#[test]
fn unnamed_shards_come_along() {
    let dir = TempDir::new().unwrap();
    let write = |name: &str, num_shards, value| {
        let options = WriterOptions { num_shards, ..WriterOptions::default() };
        let mut writer = Writer::create_with(dir.path().join(name), options).unwrap();
        writer.add(name, DType::UINT8, &Shape::new([1]).unwrap(), &[value]).unwrap();
        writer.finish().unwrap();
        dir.path().join(name)
    };
    let sources = [write("three", 3, 7), write("one", 1, 8)];
    let dst = dir.path().join("out/ckpt");
    merge(&dst, &sources, &MergeOptions::default()).unwrap();
    assert_eq!(names(dst.parent().unwrap()).len(), 5);
    let reader = Reader::open(&dst).unwrap();
    for (name, shard, value) in [("three", 0, 7), ("one", 1, 8)] {
        assert_eq!(reader.find(name).unwrap().unwrap().entry.shard, shard);
        assert_eq!(reader.read(name).unwrap(), [value]);
    }
}

/// Other names for the tensors of a source are no hindrance to anything else.
#[test]
fn sources_under_other_names() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name);
    rows(&path("top"), &[(0, 2), (2, 1)], 1.0);
    rows(&path("bottom"), &[(3, 3)], 2.0);
    let named = |name: &str, rules: &[&str]| {
        let rules = rules.iter().map(|rule| NameRule::parse(rule).unwrap()).collect();
        (path(name), NameMap { rules, keep_unmapped: true })
    };
    let merged = |dst: &str, sources: &[(PathBuf, NameMap)]| {
        merge_named(path(dst), sources, &MergeOptions::default())?;
        let reader = Reader::open(path(dst)).unwrap();
        assert!(verify(&reader, &tfckpt::Progress::none()).unwrap().is_ok());
        let values = |name: &str| reader.read(name).map(|data| data[..4].to_vec());
        Ok::<_, tfckpt::Error>((values("new"), values("other"), reader.header().num_shards))
    };
    let one = 1f32.to_ne_bytes().to_vec();
    // Slices of one tensor are brought together, under each of its names.
    let sources =
        [named("top", &["table=new", "t*=other"]), named("bottom", &["table=new", "*=other"])];
    let (new, other, shards) = merged("both", &sources).unwrap();
    assert_eq!((new.unwrap(), other.unwrap(), shards), (one.clone(), one.clone(), 2));
    let error = merged("conflict", &[named("top", &["*=new"]), named("top", &["*=new"])]);
    assert_eq!(error.unwrap_err().names(), [b"new".to_vec()]);
    // Nothing is moved of which something would be left.
    let mut part = named("top", &["none=new"]);
    part.1 = NameMap { rules: Vec::new(), keep_unmapped: false };
    let moving = MergeOptions { transfer: Transfer::Move, ..MergeOptions::default() };
    let error = merge_named(path("moved"), &[part], &moving).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    merge_named(path("moved"), &[named("top", &["*=new"])], &moving).unwrap();
    assert!(!index_path(&path("top")).exists());
    assert!(!path("top.data-00000-of-00001").exists());
}
