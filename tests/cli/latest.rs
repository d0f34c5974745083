//! `tfckpt latest`.

use serde_json::json;

use super::support::golden_states;
use super::*;

#[test]
fn golden_state_files() {
    for state in golden_states() {
        let run = succeed(&[&"latest", &state.dir, &"--file", &state.name]);
        assert_eq!(Path::new(run.text().trim_end()), state.latest());
        let path = state.dir.join(&state.name);
        let valid = succeed(&[&"latest", &"--valid", &"--json", &path]).json();
        assert_eq!(Path::new(valid["latest"].as_str().unwrap()), state.latest());
        assert_eq!(valid["skipped"], json!([]));
    }
}

#[test]
fn hostile_state_files() {
    for (case, code, words) in [
        ("state_bad_text_proto", 1, "line 1, column 24: "),
        ("state_bad_timestamp", 1, "(at byte 102)"),
        ("state_binary", 1, "line 2, column 1: "),
        ("state_empty", 1, "does not say which checkpoint is the latest"),
        ("state_empty_model_path", 1, "does not say which checkpoint is the latest"),
        ("state_is_directory", 2, "there is no state file"),
        ("state_missing", 2, "there is no state file"),
        ("state_no_model_path", 1, "does not say which checkpoint is the latest"),
        ("state_not_utf8", 2, "but there is none"),
        ("state_points_nowhere", 2, "names this checkpoint, but there is none"),
        ("state_repeated_model_path", 2, "ckpt-2: "),
        ("state_unknown_field", 1, "there is no field 'flavour'"),
    ] {
        let run = fail(code, words, &[&"latest", &hostile(case)]);
        assert!(run.stderr.contains(&format!("{case}/checkpoint")), "{}", run.stderr);
        let run = tfckpt(&[&"latest", &"--valid", &hostile(case)]);
        assert_eq!(run.code, code, "{case}: {}", run.stderr);
        assert!(run.stdout.is_empty(), "{case}");
    }
}

#[test]
fn wrong_directories() {
    fail(2, "there is no such directory", &[&"latest", &"/no/such/directory"]);
    fail(2, "there is no state file", &[&"latest", &golden("strings")]);
    fail(2, "--valid", &[&"latest", &golden("strings"), &"--quick"]);
}

#[test]
fn the_newest_whole_one_takes_the_place_of_a_damaged_one() {
    let dir = copy_of("object_based/relative");
    let at = |name: &str| dir.path().join(name);
    damage(&at("ckpt-4.data-00000-of-00001"));
    let run = tfckpt(&[&"latest", &"--valid", &dir.path()]);
    assert_eq!((run.code, run.text()), (0, &*format!("{}\n", at("ckpt-3").display())));
    let passed_over = format!("tfckpt: passed over {}: ", at("ckpt-4").display());
    assert!(run.stderr.starts_with(&passed_over), "{}", run.stderr);
    assert!(run.stderr.contains("ckpt-4.data-00000-of-00001: tensor '"), "{}", run.stderr);
    let run = tfckpt(&[&"latest", &"--valid", &"--json", &dir.path()]);
    let skipped = &run.json()["skipped"][0];
    assert_eq!(skipped["path"], at("ckpt-4").to_str().unwrap());
    assert_eq!(skipped["status"], "DATA_LOSS");
    // What a flipped bit does to no length.
    let run = succeed(&[&"latest", &"--valid", &"--quick", &dir.path()]);
    assert_eq!(run.text(), format!("{}\n", at("ckpt-4").display()));
}

#[test]
fn a_prefix_is_printed_as_it_is() {
    use std::os::unix::ffi::OsStrExt;
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join(OsStr::from_bytes(b"caf\xe9"));
    succeed(&[&"copy", &golden("strings/ckpt"), &prefix]);
    let state = hostile("state_not_utf8/checkpoint");
    std::fs::copy(state, dir.path().join("checkpoint")).unwrap();
    let run = succeed(&[&"latest", &dir.path()]);
    assert_eq!(run.stdout, [prefix.as_os_str().as_bytes(), b"\n"].concat());
    let found = succeed(&[&"latest", &"--json", &dir.path()]).json();
    assert!(found["latest"].as_str().unwrap().ends_with("/caf\\xe9"), "{found}");
    assert!(found["latest_b64"].is_string(), "{found}");
}
