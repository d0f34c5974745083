//! What every verb makes of checkpoints that are not V2, and of the paths to them.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use serde_json::{Value, json};

use super::support::golden_checkpoints;
use super::*;

fn golden_v1() -> Vec<PathBuf> {
    let mut golden = golden_checkpoints();
    golden.retain(|golden| golden.checkpoint["format"] == "V1");
    assert!(golden.len() >= 9, "only {}", golden.len());
    golden.into_iter().map(|golden| golden.prefix).collect()
}

#[test]
fn v1_is_copied_into_v2() {
    for src in golden_v1() {
        let dir = tempfile::tempdir().unwrap();
        let dst = dir.path().join("copy");
        succeed(&[&"copy", &src, &dst]);
        succeed(&[&"verify", &dst]);
        succeed(&[&"diff", &src, &dst]);
        let (old, new) = (rows(&src), rows(&dst));
        assert_eq!(old.len(), new.len());
        for (old, new) in old.iter().zip(&new) {
            for key in ["name", "dtype", "shape", "bytes", "slices"] {
                assert_eq!(old[key], new[key], "{old}");
            }
        }
    }
}

fn rows(path: &Path) -> Vec<Value> {
    let run = tfckpt(&[&"ls", &"--json", &path]);
    run.json()["tensors"].as_array().unwrap().clone()
}

#[test]
fn v1_as_a_table() {
    let run = succeed(&[&"ls", &golden("v1_saver/sharded")]);
    let last = run.text().lines().last().unwrap();
    assert!(last.starts_with("9 tensors, "), "{last}");
    assert!(last.ends_with("; V1, 3 files"), "{last}");
    assert!(!run.text().contains(" endian"));
}

#[test]
fn values_of_v1() {
    let dir = tempfile::tempdir().unwrap();
    let src = golden("v1_sliced/saver/model.ckpt");
    let copy = dir.path().join("copy");
    succeed(&[&"copy", &src, &copy]);
    for row in rows(&src) {
        let name = row["name"].as_str().unwrap();
        for extra in ["--raw", "--"] {
            let (old, new) =
                (tfckpt(&[&"cat", &extra, &src, &name]), tfckpt(&[&"cat", &extra, &copy, &name]));
            assert_eq!((old.code, old.stdout), (new.code, new.stdout), "{name}");
        }
    }
}

#[test]
fn formats_are_merged() {
    let dir = tempfile::tempdir().unwrap();
    let (v1, v2) = (hostile("good_v1/model.ckpt"), hostile("good_v2/ckpt"));
    let dst = dir.path().join("all");
    succeed(&[&"merge", &"-o", &dst, &v1, &v2]);
    let report = succeed(&[&"verify", &"--json", &dst]).json();
    assert_eq!(report["tensors"], rows(&v1).len() + rows(&v2).len());
    for src in [&v1, &v2] {
        let difference = tfckpt(&[&"diff", &"--json", src, &dst]).json();
        assert_eq!((&difference["different"], &difference["only_in_a"]), (&json!(0), &json!(0)));
    }
    fail(2, "more than one", &[&"merge", &"-o", &dir.path().join("b"), &v1, &v1]);
    succeed(&[&"merge", &"--on-conflict", &"last", &"-o", &dir.path().join("c"), &v1, &v1]);
    fail(2, "can't be moved", &[&"merge", &"--data", &"move", &"-o", &dir.path().join("d"), &v1]);
    assert!(v1.is_file());
    assert_eq!(files(dir.path()).len(), 4);
}

#[test]
fn every_path_to_v1() {
    for (dir, paths) in [
        ("v1_saver/single", &["", "checkpoint", "model.ckpt-300", "model.ckpt-300.meta"][..]),
        (
            "v1_saver/sharded",
            &[
                "",
                "checkpoint",
                "model.ckpt-300",
                "model.ckpt-300.meta",
                "model.ckpt-300-?????-of-00003",
                "model.ckpt-300-00002-of-00003",
            ],
        ),
    ] {
        let wanted = succeed(&[&"ls", &golden(dir)]).stdout;
        for path in paths {
            assert_eq!(succeed(&[&"ls", &golden(dir).join(path)]).stdout, wanted, "{dir}/{path}");
        }
    }
}

/// Names that a shell, a glob or a decoder would trip over.
#[test]
fn names_are_bytes() {
    let names: [&[u8]; 6] =
        [b"m[0]*?", b"two words", "模型".as_bytes(), b"\xff\xfe", b"-m", b"m-?????-of-00001"];
    for name in names {
        let dir = tempfile::tempdir().unwrap();
        let v1 = dir.path().join(OsStr::from_bytes(name));
        fs::copy(hostile("good_v1/model.ckpt"), &v1).unwrap();
        succeed(&[&"verify", &v1]);
        let v2 = dir.path().join(OsString::from_vec([name, b".2"].concat()));
        succeed(&[&"copy", &v1, &v2]);
        succeed(&[&"diff", &v1, &v2]);
        let sharded = |number: u8| [name, format!("-0000{number}-of-00002").as_bytes()].concat();
        for number in 0..2 {
            let from = golden(&format!("v1_sliced/over_files/m-0000{number}-of-00002"));
            fs::copy(from, dir.path().join(OsString::from_vec(sharded(number)))).unwrap();
        }
        let stem = dir.path().join(OsString::from_vec(sharded(1)));
        let wanted = succeed(&[&"ls", &golden("v1_sliced/over_files/m-?????-of-00002")]).stdout;
        assert_eq!(succeed(&[&"ls", &stem]).stdout, wanted);
    }
}

#[test]
fn a_missing_file_of_a_set_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let from = golden("v1_saver/sharded/model.ckpt-300-00000-of-00003");
    let to = dir.path().join("m-00000-of-00003");
    fs::copy(from, &to).unwrap();
    for path in ["m", "m-?????-of-00003", "m-00000-of-00003", "m-00002-of-00003"] {
        let words = "2 are missing: m-00001-of-00003, m-00002-of-00003";
        fail(2, words, &[&"ls", &dir.path().join(path)]);
    }
}

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\n\
    oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head></html>\n";

#[test]
fn impostors_are_named() {
    for (content, words) in [(POINTER, "Git LFS pointer"), (PAGE, "an HTML page")] {
        let dir = tempfile::tempdir().unwrap();
        let prefix = dir.path().join("m");
        let file = |suffix: &str| dir.path().join(format!("m{suffix}"));
        fs::write(file(".index"), content).unwrap();
        fail(1, words, &[&"ls", &prefix]);
        fs::copy(hostile("good_v2/ckpt.index"), file(".index")).unwrap();
        fs::write(file(".data-00000-of-00001"), content).unwrap();
        let run = tfckpt(&[&"verify", &"--json", &prefix]);
        let report = run.json();
        let problems = report["problems"].as_array().unwrap();
        assert!(!problems.is_empty());
        for problem in problems {
            assert!(problem["message"].as_str().unwrap().contains(words), "{problem}");
            assert!(problem["file"].as_str().unwrap().ends_with(".data-00000-of-00001"));
        }
        let run = tfckpt(&[&"cat", &prefix, &"alpha/kernel"]);
        assert_eq!(run.code, 1);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        fs::write(file("-v1"), content).unwrap();
        fail(1, words, &[&"ls", &file("-v1")]);
    }
}
