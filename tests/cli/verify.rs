//! `tfckpt verify`.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use serde_json::json;

use super::support::golden_bundles;
use super::*;

#[test]
fn golden_bundles_are_sound() {
    let mut partial = 0;
    for golden in golden_bundles() {
        let run = tfckpt(&[&"verify", &"--json", &golden.prefix]);
        let report = run.json();
        assert_eq!(report["tensors"], golden.tensors.len(), "{}", golden.prefix.display());
        let problems = report["problems"].as_array().unwrap();
        assert_eq!(report["ok"], problems.is_empty());
        assert_eq!(run.code, i32::from(!problems.is_empty()), "{report}");
        // Of a sharded save that was never merged, a part has but some slices.
        assert!(
            problems.iter().all(|p| p["message"].as_str().unwrap().contains("slices have")),
            "{report}"
        );
        partial += usize::from(!problems.is_empty());
    }
    assert!(partial < 10, "{partial}");
}

#[test]
fn for_people() {
    let run = succeed(&[&"verify", &golden("partitioned/tf1/model.ckpt")]);
    assert_eq!(run.text(), "5 tensors, 424 bytes: OK\n");
    let run = tfckpt(&[&"verify", &hostile("data_truncated/ckpt")]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    let lines: Vec<&str> = run.text().lines().collect();
    assert!(lines[0].contains("data-00000-of-00001: tensor 'gamma/table': "), "{lines:?}");
    assert!(lines[1].contains("tensor 'zeta/last': "), "{lines:?}");
    assert!(lines[2].ends_with(" bytes: 2 problems"), "{lines:?}");
}

#[test]
fn a_problem_has_its_place() {
    let run = tfckpt(&[&"verify", &"--json", &hostile("data_flipped_bit/ckpt")]);
    assert_eq!(run.code, 1);
    let report = run.json();
    let problem = &report["problems"][0];
    let place =
        json!([problem["status"], problem["tensor"], problem["shard"], problem["offset"].is_u64()]);
    assert_eq!(place, json!(["DATA_LOSS", "alpha/kernel", 0, true]));
    assert!(problem["file"].as_str().unwrap().ends_with("ckpt.data-00000-of-00001"), "{report}");
}

#[test]
fn a_missing_shard_is_bad_and_a_missing_checkpoint_is_not_there() {
    let run = tfckpt(&[&"verify", &"--json", &hostile("shard_missing/ckpt")]);
    assert_eq!(run.code, 1);
    assert_eq!(run.json()["problems"][0]["status"], "NOT_FOUND");
    fail(2, "no checkpoint", &[&"verify", &"--json", &hostile("index_missing/ckpt")]);
}

#[test]
fn what_can_not_be_opened_is_a_problem_too() {
    for (case, status) in
        [("index_bad_magic", "DATA_LOSS"), ("header_bad_consumers", "UNSUPPORTED")]
    {
        let run = tfckpt(&[&"verify", &"--json", &hostile(case).join("ckpt")]);
        assert_eq!((run.code, &*run.stderr), (1, ""), "{case}");
        let report = run.json();
        assert_eq!((&report["ok"], &report["tensors"]), (&json!(false), &json!(0)), "{report}");
        assert_eq!(report["problems"][0]["status"], status, "{report}");
        assert!(
            report["problems"][0]["file"].as_str().unwrap().ends_with("ckpt.index"),
            "{report}"
        );
    }
}

/// A shard that is missing is told once; JSON has every tensor of it.
#[test]
fn a_missing_shard_is_one_problem_of_many_tensors() {
    let dir = copy_of("sharded/tf1");
    let shard = dir.path().join("model.ckpt-7.data-00001-of-00003");
    std::fs::remove_file(&shard).unwrap();
    let run = tfckpt(&[&"verify", &dir.path()]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    let lines: Vec<&str> = run.text().lines().collect();
    assert!(lines[0].starts_with(&format!("{}: cannot open: ", shard.display())), "{lines:?}");
    assert!(lines[0].ends_with("; 3 tensors in it, the first 'tower_1/weights'"), "{lines:?}");
    assert_eq!(lines[1..], ["9 tensors, 480 bytes: 1 problem"]);
    let report = tfckpt(&[&"verify", &"--json", &dir.path()]).json();
    assert_eq!(report["problems"].as_array().unwrap().len(), 3);
}

/// That nobody reads to the end makes nothing of it better.
#[test]
fn the_verdict_survives_a_reader_that_goes_away() {
    let (reader, writer) = UnixStream::pair().unwrap();
    drop(reader);
    let output = command(&[&"verify", &hostile("data_flipped_bit/ckpt")])
        .stdout(OwnedFd::from(writer))
        .output()
        .unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(1), &b""[..]));
}
