//! State files mean to us what they mean to TensorFlow, and are written as it does.

mod support;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use support::{data_dir, golden_states};
use tempfile::TempDir;
use tfckpt::ErrorKind;
use tfckpt::bundle::{Writer, data_path, index_path};
use tfckpt::checkpoint::{
    Depth, LatestValid, LatestValidOptions, Reader, RepairOptions, Repaired, State, StateOptions,
    check_whole, latest, latest_valid, latest_with, repair,
};
use tfckpt::storage::LocalStorage;
use tfckpt::tensor::{DType, Shape};

/// The bytes that a column of the table stands for.
fn unescaped(column: &str) -> Vec<u8> {
    let mut rest = if column == "-" { "" } else { column };
    let mut bytes = Vec::new();
    while let Some((before, behind)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(&behind[..2], 16).unwrap());
        rest = &behind[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// Texts that TensorFlow has no way for, as their paths are not UTF-8.
fn is_beyond_tensorflow(text: &[u8]) -> bool {
    [&b"\"\xe9\""[..], b"\"\\351\"", b"\"\\xe9\"", b"# \xe9\n"]
        .iter()
        .any(|part| text.windows(part.len()).any(|window| window == *part))
}

#[test]
fn texts_mean_what_they_mean_to_tensorflow() {
    let table = std::fs::read_to_string(data_dir("state").join("verdicts.tsv")).unwrap();
    let mut counts = [0; 3];
    for row in table.lines().filter(|line| !line.starts_with('#')) {
        let [text, verdict, result] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        let text = unescaped(text);
        let shown = text.escape_ascii();
        let parsed = State::parse(&text);
        if is_beyond_tensorflow(&text) {
            assert!(parsed.is_ok(), "{shown}: {parsed:?}");
            counts[2] += 1;
        } else if verdict == "ok" {
            let written = parsed.unwrap_or_else(|error| panic!("{shown}: {error}")).to_text();
            assert_eq!(
                written.escape_ascii().to_string(),
                unescaped(result).escape_ascii().to_string(),
                "{shown}"
            );
            counts[0] += 1;
        } else {
            let error = parsed.expect_err(&shown.to_string());
            assert_eq!(error.kind(), ErrorKind::DataLoss, "{shown}");
            assert!(error.offset().is_some_and(|at| at <= text.len() as u64), "{shown}: {error}");
            // Ours says where in a string an escape is wrong, and where a bracket opens.
            if !text.contains(&b'\\') && text[0] != b'[' {
                let (line, column) = result.split_once(':').unwrap_or(("1", "1"));
                let place = format!("line {line}, column {column}: ");
                assert!(error.message().starts_with(&place), "{shown}: {error}, not {place}");
            }
            counts[1] += 1;
        }
    }
    assert!(counts[0] > 100 && counts[1] > 100 && counts[2] == 4, "{counts:?}");
}

fn paths(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect()
}

#[test]
fn golden_files_are_read_and_written_back() {
    for golden in golden_states() {
        let directory = golden.expected["directory"].as_str().unwrap();
        let file = golden.dir.join(&golden.name);
        let state = State::read(LocalStorage::shared().as_ref(), &file).unwrap();
        assert_eq!(state.to_text(), std::fs::read(&file).unwrap(), "{}", file.display());

        let expected = &golden.expected["state"];
        let joined = |path: &PathBuf| Path::new(directory).join(path);
        let latest = expected["model_checkpoint_path"].as_str().unwrap();
        assert_eq!(joined(&state.model_checkpoint_path), Path::new(latest));
        let all: Vec<PathBuf> = state.all_model_checkpoint_paths.iter().map(joined).collect();
        let all_expected = paths(&expected["all_model_checkpoint_paths"]);
        assert_eq!(all, all_expected.iter().map(PathBuf::from).collect::<Vec<_>>());
        let times = serde_json::json!(state.all_model_checkpoint_timestamps);
        assert_eq!(times, expected["all_model_checkpoint_timestamps"]);
        assert_eq!(state.last_preserved_timestamp, expected["last_preserved_timestamp"]);
    }
}

#[test]
fn the_latest_is_that_of_tensorflow_and_is_found_where_it_moved() {
    let mut moved = 0;
    for golden in golden_states() {
        let options = StateOptions { file_name: (&golden.name).into(), ..StateOptions::default() };
        let found = latest_with(&golden.dir, &options).unwrap().unwrap();
        assert_eq!(found, golden.latest());
        // TensorFlow looks only where the files were saved.
        moved += usize::from(golden.expected["latest_checkpoint"].is_null());
        let options = LatestValidOptions { state: options, ..LatestValidOptions::default() };
        let valid = latest_valid(&golden.dir, &options).unwrap().unwrap();
        assert_eq!(valid.prefix, found);
        assert!(valid.skipped.is_empty(), "{:?}", valid.skipped);
    }
    assert_eq!(moved, 2);
}

#[test]
fn hostile_state_files_are_what_their_verdicts_say() {
    let verdicts = std::fs::read_to_string(data_dir("hostile").join("verdicts.tsv")).unwrap();
    let mut checked = 0;
    for row in verdicts.lines().filter(|row| row.starts_with("state_")) {
        let [case, open, list, ..] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{row}")
        };
        let dir = data_dir("hostile").join(case);
        let read = State::read(LocalStorage::shared().as_ref(), &dir.join("checkpoint"));
        let read = read.map_or_else(|error| error.kind().name(), |_| "OK");
        assert!(open.split('|').any(|open| open == read), "{case}: {read}");
        let found = latest(&dir).map(|found| found.is_some());
        let found = found.map_or_else(
            |error| error.kind().name(),
            |found| if found { "OK" } else { "NOT_FOUND" },
        );
        assert!(list.split('|').any(|list| list == found), "{case}: {found}");
        checked += 1;
    }
    assert_eq!(checked, 20);
}

#[test]
fn hostile_state_files() {
    let error = |case: &str| latest(data_dir("hostile").join(case)).unwrap_err();
    for (case, place, what) in [
        ("state_bad_text_proto", Some(23), "line 1, column 24: this string has no closing quote"),
        ("state_bad_timestamp", Some(102), "line 3, column 34: '\"yesterday\"' where a number"),
        ("state_binary", Some(1), "line 2, column 1: "),
        ("state_unknown_field", Some(32), "line 2, column 1: there is no field 'flavour'"),
        ("state_empty", None, "does not say which checkpoint is the latest"),
        ("state_empty_model_path", None, "does not say which checkpoint is the latest"),
        ("state_no_model_path", None, "does not say which checkpoint is the latest"),
    ] {
        let error = error(case);
        assert_eq!(error.kind(), ErrorKind::DataLoss, "{case}: {error}");
        assert_eq!(error.offset(), place, "{case}: {error}");
        assert!(error.message().contains(what), "{case}: {error}");
        assert_eq!(error.file(), Some(&*data_dir("hostile").join(case).join("checkpoint")));
    }
    for (case, name) in [
        ("state_points_nowhere", &b"ckpt-9"[..]),
        ("state_repeated_model_path", b"ckpt-2"),
        ("state_not_utf8", b"caf\xe9"),
    ] {
        let error = error(case);
        assert_eq!(error.kind(), ErrorKind::NotFound, "{case}: {error}");
        let said = "checkpoint names this checkpoint, but there is none";
        assert!(error.message().contains(said), "{case}: {error}");
        let named = data_dir("hostile").join(case).join(OsStr::from_bytes(name));
        assert_eq!(error.file(), Some(&*named));
    }
    for case in ["state_missing", "state_is_directory"] {
        assert_eq!(latest(data_dir("hostile").join(case)).unwrap(), None, "{case}");
    }
    // The bytes of a path that is not UTF-8 are the path.
    let dir = TempDir::new().unwrap();
    let text = std::fs::read(data_dir("hostile").join("state_not_utf8/checkpoint")).unwrap();
    std::fs::write(dir.path().join("checkpoint"), &text).unwrap();
    let prefix = dir.path().join(OsStr::from_bytes(b"caf\xe9"));
    save(&prefix);
    assert_eq!(latest(&dir).unwrap(), Some(prefix));
}

#[test]
fn a_path_that_no_file_can_have_is_not_there() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("file"), "x").unwrap();
    let long = "x".repeat(300);
    for path in ["a\\000b", "a\\000/b", &long, &format!("{long}/b"), "file/ckpt-1"] {
        let text = format!("model_checkpoint_path: \"{path}\"\n");
        std::fs::write(dir.path().join("checkpoint"), text).unwrap();
        let error = latest(&dir).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{path}: {error}");
        let error = valid(&dir, Depth::Checksums).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{path}: {error}");
    }
}

/// A small checkpoint at `prefix`.
fn save(prefix: &Path) {
    let mut writer = Writer::create(prefix).unwrap();
    writer.add("x", DType::INT32, &Shape::new([2]).unwrap(), &[1; 8]).unwrap();
    writer.finish().unwrap();
}

fn damage(prefix: &Path) {
    let data = data_path(prefix, 0, 1);
    let mut bytes = std::fs::read(&data).unwrap();
    bytes[3] ^= 1;
    std::fs::write(data, bytes).unwrap();
}

/// A directory with `ckpt-1` to `ckpt-4`, all of them in the state file.
fn directory() -> TempDir {
    let dir = TempDir::new().unwrap();
    let names: Vec<PathBuf> = (1..=4).map(|step| format!("ckpt-{step}").into()).collect();
    names.iter().for_each(|name| save(&dir.path().join(name)));
    let state = State {
        model_checkpoint_path: names[3].clone(),
        all_model_checkpoint_paths: names,
        all_model_checkpoint_timestamps: vec![10.5, 20.5, 30.5, 40.5],
        last_preserved_timestamp: 9.25,
    };
    state.write(&LocalStorage::shared(), &dir.path().join("checkpoint"), true).unwrap();
    dir
}

fn valid(dir: &TempDir, depth: Depth) -> tfckpt::Result<Option<LatestValid>> {
    latest_valid(dir, &LatestValidOptions { depth, ..LatestValidOptions::default() })
}

#[test]
fn the_newest_whole_one_takes_the_place_of_a_damaged_one() {
    let dir = directory();
    let at = |name: &str| dir.path().join(name);
    damage(&at("ckpt-4"));
    std::fs::write(data_path(&at("ckpt-3"), 0, 1), [1; 7]).unwrap();
    std::fs::remove_file(data_path(&at("ckpt-2"), 0, 1)).unwrap();

    let found = valid(&dir, Depth::Checksums).unwrap().unwrap();
    assert_eq!(found.prefix, at("ckpt-1"));
    let skipped: Vec<_> =
        found.skipped.iter().map(|s| (s.path.clone(), s.problem.kind())).collect();
    let expected = [
        (at("ckpt-4"), ErrorKind::DataLoss),
        (at("ckpt-3"), ErrorKind::DataLoss),
        (at("ckpt-2"), ErrorKind::NotFound),
    ];
    assert_eq!(skipped, expected);
    // A flipped bit does not show in lengths.
    assert_eq!(valid(&dir, Depth::Lengths).unwrap().unwrap().prefix, at("ckpt-4"));
    // The state file is asked, and what it says is whole or not.
    assert_eq!(latest(&dir).unwrap(), Some(at("ckpt-4")));

    std::fs::remove_file(index_path(&at("ckpt-1"))).unwrap();
    let error = valid(&dir, Depth::Checksums).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DataLoss);
    assert!(error.message().contains("ckpt-1"), "{error}");
}

#[test]
fn without_a_state_file_the_directory_tells() {
    let dir = directory();
    std::fs::remove_file(dir.path().join("checkpoint")).unwrap();
    save(&dir.path().join("ckpt-10"));
    let found = valid(&dir, Depth::Checksums).unwrap().unwrap();
    assert_eq!(found.prefix, dir.path().join("ckpt-10"));
    assert_eq!(found.skipped.len(), 1);
    assert_eq!(found.skipped[0].problem.kind(), ErrorKind::NotFound);
    assert_eq!(latest(&dir).unwrap(), None);

    let empty = TempDir::new().unwrap();
    assert!(valid(&empty, Depth::Checksums).unwrap().is_none());
    std::fs::write(empty.path().join("checkpoint"), "x").unwrap();
    assert_eq!(valid(&empty, Depth::Checksums).unwrap_err().kind(), ErrorKind::DataLoss);
}

#[test]
fn v1_checkpoints_are_whole_or_not() {
    let dir = TempDir::new().unwrap();
    let golden = data_dir("golden").join("v1_saver/sharded");
    for entry in std::fs::read_dir(&golden).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    let pattern = dir.path().join("model.ckpt-300-?????-of-00003");
    assert_eq!(valid(&dir, Depth::Checksums).unwrap().unwrap().prefix, pattern);
    std::fs::remove_file(dir.path().join("checkpoint")).unwrap();
    assert_eq!(valid(&dir, Depth::Checksums).unwrap().unwrap().prefix, pattern);
    let shard = dir.path().join("model.ckpt-300-00001-of-00003");
    let mut bytes = std::fs::read(&shard).unwrap();
    bytes[10] ^= 1;
    std::fs::write(&shard, bytes).unwrap();
    // What tensors there are stands in the same block as their values here.
    for depth in [Depth::Lengths, Depth::Checksums] {
        let error = valid(&dir, depth).unwrap_err();
        assert!(error.message().contains("model.ckpt-300-00001-of-00003"), "{error}");
    }
    std::fs::remove_file(&shard).unwrap();
    let error = valid(&dir, Depth::Lengths).unwrap_err();
    assert!(error.message().contains("file 1 of 3 is missing"), "{error}");
}

/// A checkpoint that lies may have sound checksums in all of its blocks: it is whole
/// just where all of it verifies.
#[test]
fn whole_is_what_verifies() {
    let manifest = std::fs::read_to_string(data_dir("hostile").join("manifest.tsv")).unwrap();
    let mut checked = 0;
    for row in manifest.lines().filter(|row| row.starts_with("case\t")) {
        let columns: Vec<&str> = row.split('\t').collect();
        let (kind, prefix, verify) = (columns[2], columns[3], columns[6]);
        if kind == "state" {
            continue;
        }
        let prefix = data_dir("hostile").join(prefix);
        let whole = check_whole(&LocalStorage::shared(), &prefix, Depth::Checksums);
        let status = whole.map_or_else(|error| error.kind().name(), |()| "OK");
        assert!(verify.split('|').any(|verdict| verdict == status), "{row}: {status}");
        // What is whole is never refused for its lengths.
        if status == "OK" {
            check_whole(&LocalStorage::shared(), &prefix, Depth::Lengths).unwrap();
        }
        checked += 1;
    }
    assert!(checked > 100, "only {checked} cases");
}

/// A V1 file whose values are not those of its metadata is passed over, and repaired
/// away.
#[test]
fn v1_files_that_lie_are_not_whole() {
    for case in [
        "v1_name_mismatch",
        "v1_slice_data_missing",
        "v1_slices_not_covering",
        "v1_too_few_values",
        "v1_too_many_values",
    ] {
        let dir = TempDir::new().unwrap();
        let at = |name: &str| dir.path().join(name);
        let copy = |case: &str, name: &str| {
            let from = data_dir("hostile").join(case).join("model.ckpt");
            std::fs::copy(from, at(name)).unwrap();
        };
        copy(case, "model.ckpt-2");
        copy("good_v1", "model.ckpt-1");
        std::fs::write(at("checkpoint"), "model_checkpoint_path: \"model.ckpt-2\"\n").unwrap();
        let found = valid(&dir, Depth::Checksums).unwrap().unwrap();
        assert_eq!(found.prefix, at("model.ckpt-1"), "{case}");
        assert_eq!(found.skipped[0].path, at("model.ckpt-2"));
        assert_eq!(found.skipped[0].problem.kind(), ErrorKind::DataLoss);
        // What the metadata alone show needs no values.
        let latest = valid(&dir, Depth::Lengths).unwrap().unwrap().prefix;
        let shows = case == "v1_slices_not_covering";
        assert_eq!(latest, at(if shows { "model.ckpt-1" } else { "model.ckpt-2" }), "{case}");
        let repaired = repaired(&dir).unwrap();
        assert_eq!(repaired.latest, at("model.ckpt-1"), "{case}");
        assert_eq!(repaired.dropped[0].path, at("model.ckpt-2"));
    }
}

#[test]
fn what_is_missing_is_named() {
    let dir = directory();
    let prefix = dir.path().join("ckpt-4");
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n";
    std::fs::write(data_path(&prefix, 0, 1), pointer).unwrap();
    let problem = check_whole(&LocalStorage::shared(), &prefix, Depth::Checksums).unwrap_err();
    assert!(problem.message().contains("Git LFS pointer"), "{problem}");
    std::fs::remove_file(data_path(&prefix, 0, 1)).unwrap();
    let problem = check_whole(&LocalStorage::shared(), &prefix, Depth::Lengths).unwrap_err();
    assert_eq!((problem.kind(), problem.shard()), (ErrorKind::NotFound, Some(0)));
    assert_eq!(problem.file(), Some(&*data_path(&prefix, 0, 1)));
}

fn repaired(dir: &TempDir) -> tfckpt::Result<Repaired> {
    repair(dir, &RepairOptions::default())
}

#[test]
fn a_good_state_file_is_left_as_it_is() {
    let dir = directory();
    let before = std::fs::read(dir.path().join("checkpoint")).unwrap();
    let repaired = repaired(&dir).unwrap();
    assert!(!repaired.changed && repaired.added.is_empty() && repaired.dropped.is_empty());
    assert_eq!(std::fs::read(dir.path().join("checkpoint")).unwrap(), before);
}

#[test]
fn repair_keeps_what_is_whole() {
    let dir = directory();
    let at = |name: &str| dir.path().join(name);
    damage(&at("ckpt-4"));
    std::fs::remove_file(index_path(&at("ckpt-2"))).unwrap();
    save(&at("old-7"));
    let repaired = repaired(&dir).unwrap();
    assert_eq!(repaired.latest, at("ckpt-3"));
    assert_eq!(repaired.added, [at("old-7")]);
    let dropped: Vec<&Path> = repaired.dropped.iter().map(|d| d.path.as_path()).collect();
    assert_eq!(dropped, [at("ckpt-2"), at("ckpt-4")]);
    let text = std::fs::read_to_string(at("checkpoint")).unwrap();
    // What was not on the roll gets a time at which nobody removes it.
    assert_eq!(
        text,
        "model_checkpoint_path: \"ckpt-3\"\n\
         all_model_checkpoint_paths: \"old-7\"\n\
         all_model_checkpoint_paths: \"ckpt-1\"\n\
         all_model_checkpoint_paths: \"ckpt-3\"\n\
         all_model_checkpoint_timestamps: 9.25\n\
         all_model_checkpoint_timestamps: 10.5\n\
         all_model_checkpoint_timestamps: 30.5\n\
         last_preserved_timestamp: 9.25\n"
    );
    assert_eq!(latest(&dir).unwrap(), Some(at("ckpt-3")));
}

#[test]
fn repair_of_a_file_that_does_not_parse_goes_by_steps() {
    let dir = directory();
    let at = |name: &str| dir.path().join(name);
    save(&at("ckpt-10"));
    save(&at("best-11"));
    std::fs::write(at("checkpoint"), "model_checkpoint_path: \"ckpt-").unwrap();
    let options = RepairOptions { checkpoint_name: Some("ckpt".into()), ..Default::default() };
    let repaired = repair(&dir, &options).unwrap();
    assert_eq!(repaired.dropped[0].path, at("checkpoint"));
    assert_eq!(repaired.latest, at("ckpt-10"));
    let steps = ["ckpt-1", "ckpt-2", "ckpt-3", "ckpt-4", "ckpt-10"].map(PathBuf::from);
    assert_eq!(repaired.state.all_model_checkpoint_paths, steps);
    assert!(repaired.state.all_model_checkpoint_timestamps.is_empty());
    assert_eq!(latest(&dir).unwrap(), Some(at("ckpt-10")));
}

#[test]
fn repair_of_a_moved_directory_makes_paths_relative() {
    let dir = TempDir::new().unwrap();
    let golden = data_dir("golden").join("tf1_saver/absolute");
    for entry in std::fs::read_dir(&golden).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    let repaired = repaired(&dir).unwrap();
    assert_eq!(repaired.latest, dir.path().join("model.ckpt-50"));
    assert_eq!(repaired.added, [dir.path().join("best.ckpt-50")]);
    let names = ["best.ckpt-50", "model.ckpt-30", "model.ckpt-40", "model.ckpt-50"];
    assert_eq!(repaired.state.all_model_checkpoint_paths, names.map(PathBuf::from));
}

/// A V1 checkpoint may be called as state files are: it is not written over.
#[test]
fn repair_destroys_no_checkpoint() {
    let dir = directory();
    let file = dir.path().join("checkpoint");
    std::fs::copy(data_dir("hostile/good_v1/model.ckpt"), &file).unwrap();
    let before = std::fs::read(&file).unwrap();
    assert_eq!(repaired(&dir).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert_eq!(valid(&dir, Depth::Checksums).unwrap().unwrap().prefix, dir.path().join("ckpt-4"));
    assert_eq!(Reader::open(&file).unwrap().format().name(), "V1");
}

#[test]
fn repair_invents_nothing() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("checkpoint");
    for text in ["model_checkpoint_path: \"ckpt-1\"\n", "model_checkpoint_path"] {
        std::fs::write(&file, text).unwrap();
        assert_eq!(repaired(&dir).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn a_state_that_no_reader_takes_is_not_written() {
    let storage = LocalStorage::shared();
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("checkpoint");
    let state = State::default();
    assert_eq!(state.write(&storage, &file, true).unwrap_err().kind(), ErrorKind::InvalidArgument);
    let state = State {
        model_checkpoint_path: "a".into(),
        all_model_checkpoint_timestamps: vec![1.0],
        ..State::default()
    };
    assert_eq!(state.write(&storage, &file, true).unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_back(
        latest in path(), all in vec(path(), 0..4), times in vec(any::<f64>(), 0..4), last in any::<f64>(),
    ) {
        let state = State {
            model_checkpoint_path: latest,
            all_model_checkpoint_paths: all,
            all_model_checkpoint_timestamps: times,
            last_preserved_timestamp: last,
        };
        let read = State::parse(&state.to_text()).unwrap();
        // Compared as text: NaN is not equal to itself.
        prop_assert_eq!(format!("{read:?}"), format!("{state:?}"));
    }

    #[test]
    fn no_text_is_too_much(text in text()) {
        if let Err(error) = State::parse(&text) {
            prop_assert!(error.offset().is_some_and(|at| at <= text.len() as u64));
        }
    }
}

fn path() -> impl Strategy<Value = PathBuf> {
    vec(any::<u8>(), 0..20).prop_map(|bytes| OsString::from_vec(bytes).into())
}

/// Words of the format in any order.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&[u8]> = vec![
        b"model_checkpoint_path",
        b"all_model_checkpoint_paths",
        b"last_preserved_timestamp",
        b"all_model_checkpoint_timestamps",
        b":",
        b" ",
        b"\"",
        b"'",
        b"\\",
        b"\\x",
        b"\\u",
        b"12",
        b"-",
        b"[",
        b"]",
        b",",
        b";",
        b"\n",
        b"#",
        b"\xc3",
        b"\xe2\x80",
        b"\xe2\x80\x83",
        b"a",
        b"\x00",
        b"nan",
    ];
    vec(proptest::sample::select(words), 0..24).prop_map(|words| words.concat())
}
