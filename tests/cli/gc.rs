//! `tfckpt gc`.

use serde_json::json;

use super::*;

const FORGOTTEN: &str = "ckpt-1.index.tempstate3504744221881329947";
const CHECKPOINT: [&str; 2] = ["ckpt.data-00000-of-00001", "ckpt.index"];

/// A directory with a checkpoint, and what a save of TensorFlow has left.
fn littered() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    succeed(&[&"copy", &golden("strings/ckpt"), &dir.path().join("ckpt")]);
    std::fs::write(dir.path().join(FORGOTTEN), "x").unwrap();
    dir
}

#[test]
fn files_of_tensorflow_go_when_asked_for_and_old() {
    let dir = littered();
    let litter = dir.path().join(FORGOTTEN);
    let run = succeed(&[&"gc", &dir.path()]);
    assert_eq!(run.text(), "0 files removed, 0 in use, 0 too young\n");
    let run = succeed(&[&"gc", &"--tensorflow", &"--json", &dir.path()]);
    let young = json!({
        "dry_run": false, "removed": [], "in_use": [], "too_young": [litter], "problems": [],
    });
    assert_eq!(run.json(), young);

    let old: [&dyn AsRef<OsStr>; 4] = [&"gc", &"--tensorflow", &"--min-age=0", &dir.path()];
    let dry = succeed(&[&old[..], &[&"--dry-run"]].concat());
    let shown = litter.display();
    let expected =
        format!("{shown}: would be removed\n1 file would be removed, 0 in use, 0 too young\n");
    assert_eq!(dry.text(), expected);
    assert!(litter.exists());
    let run = succeed(&old);
    assert_eq!(run.text(), format!("{shown}: removed\n1 file removed, 0 in use, 0 too young\n"));
    assert_eq!(files(dir.path()), CHECKPOINT);
}

#[test]
fn files_are_told_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let litter = [5, 3, 9, 1, 7, 2].map(|n| format!("ckpt-{n}.index.tempstate{n}"));
    for name in &litter {
        std::fs::write(dir.path().join(name), "x").unwrap();
    }
    let run = succeed(&[&"gc", &"--tensorflow", &"--dry-run", &"--min-age=0", &dir.path()]);
    let lines: Vec<&str> = run.text().lines().take(litter.len()).collect();
    assert!(lines.is_sorted(), "{lines:#?}");
}

#[test]
fn a_writer_at_work_is_left_alone() {
    let dir = littered();
    let writer = tfckpt::bundle::Writer::create(dir.path().join("next")).unwrap();
    let run = succeed(&[&"gc", &"--json", &"--min-age=0", &dir.path()]).json();
    assert_eq!((&run["removed"], run["in_use"].as_array().unwrap().len()), (&json!([]), 1));
    // A crash releases its lock, and takes nothing away.
    let copies = tempfile::tempdir().unwrap();
    for name in files(dir.path()) {
        std::fs::copy(dir.path().join(&name), copies.path().join(&name)).unwrap();
    }
    drop(writer);
    assert!(files(copies.path()).len() > 3);
    succeed(&[&"gc", &copies.path()]);
    assert_eq!(files(copies.path()), [FORGOTTEN, CHECKPOINT[0], CHECKPOINT[1]]);
}

#[test]
fn wrong_usage() {
    fail(2, "/no/such: ", &[&"gc", &"/no/such"]);
    fail(2, "invalid value 'soon'", &[&"gc", &"x", &"--min-age", &"soon"]);
}
