//! What a directory holds: every checkpoint, how it is, and what every file is.

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use support::{data_dir, golden_checkpoints};
use tempfile::TempDir;
use tfckpt::bundle::{Writer, WriterOptions, data_path, index_path};
use tfckpt::checkpoint::{
    Depth, FileKind, Format, State, StateOptions, Survey, SurveyOptions, SurveyedFile, latest,
    repair, survey,
};
use tfckpt::storage::LocalStorage;
use tfckpt::tensor::{DType, Shape};
use tfckpt::{ErrorKind, v1};

fn save(prefix: &Path, num_shards: u32) {
    let options = WriterOptions { num_shards, sync: false, ..Default::default() };
    let mut writer = Writer::create_with(prefix, options).unwrap();
    for name in ["a", "b", "c"] {
        writer.add(name, DType::INT32, &Shape::new([2]).unwrap(), &[1; 8]).unwrap();
    }
    writer.finish().unwrap();
}

fn save_v1(path: &Path) {
    let mut writer = v1::Writer::create(path).unwrap();
    writer.add("x", DType::INT32, &Shape::new([2]).unwrap(), &[1; 8]).unwrap();
    writer.finish().unwrap();
}

fn state(dir: &Path, latest: &str, all: &[&str]) {
    let state = State {
        model_checkpoint_path: latest.into(),
        all_model_checkpoint_paths: all.iter().map(PathBuf::from).collect(),
        ..State::default()
    };
    state.write(&LocalStorage::shared(), &dir.join("checkpoint"), false).unwrap();
}

fn look(dir: &Path) -> Survey {
    survey(dir, &SurveyOptions::default()).unwrap()
}

fn file<'s>(survey: &'s Survey, name: &str) -> &'s SurveyedFile {
    let found = survey.files.iter().find(|file| file.path.file_name().unwrap() == name);
    found.unwrap_or_else(|| panic!("{name} is not listed"))
}

/// The kind of a file, the name of its checkpoint, and the note on it.
fn told<'s>(survey: &'s Survey, name: &str) -> (FileKind, &'s str, &'s str) {
    let file = file(survey, name);
    let checkpoint = file.checkpoint.map(|at| &survey.checkpoints[at].prefix);
    let checkpoint = checkpoint.and_then(|prefix| prefix.file_name()?.to_str());
    (file.kind, checkpoint.unwrap_or("-"), file.note.as_deref().unwrap_or("-"))
}

#[test]
fn every_file_has_a_kind() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    save(&at("ckpt-2"), 2);
    save(&at("ckpt-10"), 1);
    save_v1(&at("old-7"));
    save_v1(&at("older"));
    save_v1(&at("set-3-00000-of-00001"));
    for (name, content) in [
        ("ckpt-2.meta", "a graph"),
        ("old-7.meta", "a graph"),
        ("set-3.meta", "a graph"),
        ("gone-5.meta", "a graph"),
        ("gone-5.data-00000-of-00001", "values"),
        ("ckpt-10.data-00001-of-00002", "values of another save"),
        ("ckpt-2.index.tempstate123", ""),
        ("checkpoint.tmpb85e61df9dcb43fc87edf8fbdeb44bc9", ""),
        (".tfckpt-00-1.tmp", ""),
        ("best", "model_checkpoint_path: \"ckpt-2\"\n"),
        ("page", "<!doctype html>"),
        ("pointer", "version https://git-lfs.github.com/spec/v1\n"),
        ("notes", "some notes"),
        ("graph.pbtxt", "node {}"),
        ("events.out.tfevents.1.host", ""),
    ] {
        fs::write(at(name), content).unwrap();
    }
    // A table as well, but of somebody else's.
    fs::copy(data_dir("table/names"), at("000005.ldb")).unwrap();
    fs::create_dir(at("ckpt-3_temp")).unwrap();
    fs::create_dir_all(at("model/variables")).unwrap();
    fs::write(at("model/saved_model.pb"), "").unwrap();
    fs::create_dir(at("run")).unwrap();
    fs::write(at("run/checkpoint"), "").unwrap();
    symlink("nowhere", at("broken")).unwrap();
    state(dir.path(), "ckpt-10", &["ckpt-2", "ckpt-10"]);

    let survey = look(dir.path());
    use FileKind::*;
    for (name, expected) in [
        ("checkpoint", (State, "-", "-")),
        ("best", (State, "-", "-")),
        ("ckpt-2.index", (Index, "ckpt-2", "-")),
        ("ckpt-2.data-00000-of-00002", (Data, "ckpt-2", "-")),
        ("ckpt-2.data-00001-of-00002", (Data, "ckpt-2", "-")),
        ("ckpt-2.meta", (Meta, "ckpt-2", "-")),
        ("ckpt-10.data-00000-of-00001", (Data, "ckpt-10", "-")),
        ("ckpt-10.data-00001-of-00002", (Data, "-", "the index knows no such data shard")),
        ("old-7", (SliceFile, "old-7", "-")),
        ("old-7.meta", (Meta, "old-7", "-")),
        ("older", (SliceFile, "older", "-")),
        ("set-3-00000-of-00001", (SliceFile, "set-3-?????-of-00001", "-")),
        ("set-3.meta", (Meta, "set-3-?????-of-00001", "-")),
        ("gone-5.meta", (Meta, "-", "its checkpoint is missing")),
        ("gone-5.data-00000-of-00001", (Data, "-", "its index is missing")),
        ("ckpt-2.index.tempstate123", (Temporary, "-", "-")),
        ("checkpoint.tmpb85e61df9dcb43fc87edf8fbdeb44bc9", (Temporary, "-", "-")),
        (".tfckpt-00-1.tmp", (Temporary, "-", "-")),
        ("ckpt-3_temp", (Temporary, "-", "parts of a checkpoint that were not merged")),
        ("model", (Directory, "-", "a SavedModel")),
        ("run", (Directory, "-", "it has a state file of its own")),
        ("page", (Other, "-", "an HTML page, as a failed download leaves it")),
        ("pointer", (Other, "-", "a Git LFS pointer, for which 'git lfs pull' brings the file")),
        ("notes", (Other, "-", "-")),
        ("graph.pbtxt", (Other, "-", "a graph as text")),
        ("events.out.tfevents.1.host", (Other, "-", "events for TensorBoard")),
        ("000005.ldb", (Other, "-", "-")),
    ] {
        assert_eq!(told(&survey, name), expected, "{name}");
    }
    let names: Vec<_> = survey.files.iter().map(|file| file.path.file_name().unwrap()).collect();
    assert!(names.is_sorted());
    assert_eq!(file(&survey, "notes").bytes, Some(10));
    assert_eq!(file(&survey, "run").bytes, None);

    let prefixes: Vec<PathBuf> = survey.checkpoints.iter().map(|c| c.prefix.clone()).collect();
    let expected = ["older", "ckpt-2", "set-3-?????-of-00001", "old-7", "ckpt-10"];
    assert_eq!(prefixes, expected.map(at));
    let facts: Vec<_> =
        survey.checkpoints.iter().map(|c| (c.format, c.step, c.is_listed, c.is_whole())).collect();
    let (v1, v2) = (Some(Format::V1), Some(Format::V2));
    let expected = [
        (v1, None, false, true),
        (v2, Some(2), true, true),
        (v1, Some(3), false, true),
        (v1, Some(7), false, true),
        (v2, Some(10), true, true),
    ];
    assert_eq!(facts, expected);
    assert_eq!(survey.latest, Some(4));
    assert!(survey.state.is_some() && survey.state_problem.is_none());
    assert!(survey.checkpoints[0].modified_seconds().unwrap() > 1e9);
}

#[test]
fn what_is_missing_is_listed() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    save(&at("ckpt-1"), 4);
    for shard in [1, 3] {
        fs::remove_file(data_path(&at("ckpt-1"), shard, 4)).unwrap();
    }
    save(&at("ckpt-2"), 1);
    let data = data_path(&at("ckpt-2"), 0, 1);
    let mut bytes = fs::read(&data).unwrap();
    (bytes[0], bytes[9]) = (0, 0);
    fs::write(&data, bytes).unwrap();
    save_v1(&at("old-3-00001-of-00003"));
    save(&at("ckpt-4"), 1);
    fs::write(index_path(&at("ckpt-4")), "<html>").unwrap();
    save(&at("elsewhere/ckpt-5"), 1);
    state(dir.path(), "ckpt-6", &["ckpt-1", "elsewhere/ckpt-5", "ckpt-6"]);

    let survey = look(dir.path());
    let problems = |step: u64| {
        let found = survey.checkpoints.iter().find(|found| found.step == Some(step)).unwrap();
        let problem = |problem: &tfckpt::Error| {
            let file = problem.file().unwrap().strip_prefix(dir.path()).unwrap();
            (problem.kind(), file.to_str().unwrap().to_string(), problem.shard())
        };
        found.problems.iter().map(problem).collect::<Vec<_>>()
    };
    let missing = |file: &str, shard| (ErrorKind::NotFound, file.to_string(), shard);
    assert_eq!(
        problems(1),
        [
            missing("ckpt-1.data-00001-of-00004", Some(1)),
            missing("ckpt-1.data-00003-of-00004", Some(3)),
        ]
    );
    let damaged = (ErrorKind::DataLoss, "ckpt-2.data-00000-of-00001".to_string(), Some(0));
    assert_eq!(problems(2), [damaged.clone(), damaged]);
    let pattern = "old-3-?????-of-00003";
    assert_eq!(problems(3), [missing(pattern, Some(0)), missing(pattern, Some(2))]);
    assert_eq!(problems(4), [(ErrorKind::DataLoss, "ckpt-4.index".to_string(), None)]);
    assert_eq!(problems(5), []);
    assert_eq!(problems(6), [missing("ckpt-6", None)]);
    let formats: Vec<_> = survey.checkpoints.iter().map(|found| found.format).collect();
    assert_eq!(formats[5], None);
    assert_eq!(survey.latest, Some(5));
    assert!(file(&survey, "ckpt-4.index").note.as_deref().unwrap().contains("HTML"));

    // Bytes that were changed do not show in lengths.
    let options = SurveyOptions { depth: Depth::Lengths, ..SurveyOptions::default() };
    let quick = tfckpt::checkpoint::survey(&dir, &options).unwrap();
    assert!(quick.checkpoints[1].is_whole() && !quick.checkpoints[0].is_whole());
}

#[test]
fn with_and_without_a_state_file() {
    let dir = TempDir::new().unwrap();
    save(&dir.path().join("ckpt-1"), 1);
    let survey = look(dir.path());
    assert!(survey.state.is_none() && survey.state_problem.is_none() && survey.latest.is_none());
    assert_eq!(survey.checkpoints.len(), 1);
    fs::write(dir.path().join("checkpoint"), "<!doctype html>").unwrap();
    let survey = look(dir.path());
    let problem = survey.state_problem.unwrap();
    assert!(problem.message().contains("an HTML page"), "{problem}");
    assert_eq!(problem.kind(), ErrorKind::DataLoss);
    assert_eq!(survey.checkpoints.len(), 1);
    let missing = tfckpt::checkpoint::survey(dir.path().join("x"), &SurveyOptions::default());
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::NotFound);
}

/// A checkpoint that is named by an absolute path is the one that lies there, by
/// whatever path the directory is given.
#[test]
fn one_checkpoint_does_not_look_like_two() {
    let root = TempDir::new().unwrap();
    let dir = root.path().join("run");
    save(&dir.join("ckpt-1"), 1);
    let recorded = dir.join("ckpt-1");
    state(&dir, recorded.to_str().unwrap(), &[recorded.to_str().unwrap()]);
    std::env::set_current_dir(root.path()).unwrap();
    for given in [Path::new("run"), Path::new("./run"), &dir] {
        let survey = look(given);
        assert_eq!(survey.checkpoints.len(), 1);
        assert_eq!(survey.checkpoints[0].prefix, given.join("ckpt-1"));
        assert_eq!(latest(given).unwrap(), Some(given.join("ckpt-1")));
        let repaired = repair(given, &Default::default()).unwrap();
        assert!(repaired.added.is_empty());
        assert_eq!(repaired.state.all_model_checkpoint_paths, [Path::new("ckpt-1")]);
        state(&dir, recorded.to_str().unwrap(), &[recorded.to_str().unwrap()]);
    }
}

/// Every golden checkpoint is found in its directory, in the format that it has, and is
/// whole where TensorFlow reads all of it; and every file of it is known.
#[test]
fn golden_directories() {
    let mut checked = 0;
    for golden in golden_checkpoints() {
        let dir = golden.prefix.parent().unwrap();
        let state = StateOptions { file_name: "no such file".into(), ..Default::default() };
        let options = SurveyOptions { state, ..SurveyOptions::default() };
        let survey = survey(dir, &options).unwrap();
        let found = survey.checkpoints.iter().position(|found| found.prefix == golden.prefix);
        let at = found.unwrap_or_else(|| panic!("{} is not found", golden.prefix.display()));
        let found = &survey.checkpoints[at];
        assert_eq!(found.format.unwrap().name(), golden.checkpoint["format"]);
        let incomplete = golden
            .tensors
            .iter()
            .any(|tensor| tensor["full_restore"].is_string() && tensor["sha256"].is_null());
        assert!(found.is_whole() || incomplete, "{:?}", found.problems);
        let files = survey.files.iter().filter(|file| {
            let holds = [FileKind::Data, FileKind::SliceFile].contains(&file.kind);
            holds && file.checkpoint == Some(at)
        });
        assert_eq!(files.count() as u64, golden.checkpoint["shard_count"].as_u64().unwrap());
        checked += 1;
    }
    assert!(checked > 80, "only {checked}");
}
