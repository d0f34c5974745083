//! `tfckpt state`.

use serde_json::json;

use super::support::golden_states;
use super::*;

/// The document about a directory that is well.
fn looked(dir: &Path) -> Value {
    succeed(&[&"state", &"--json", &dir]).json()
}

#[test]
fn golden_state_files() {
    for golden in golden_states() {
        let run = succeed(&[&"state", &"--json", &golden.dir, &"--file", &golden.name]);
        let (shown, expected) = (run.json(), &golden.expected["state"]);
        let rows = shown["checkpoints"].as_array().unwrap();
        let named = expected["all_model_checkpoint_paths"].as_array().unwrap();
        assert_eq!(rows.len(), named.len(), "{shown}");
        for (row, path) in rows.iter().zip(named) {
            assert!(path.as_str().unwrap().ends_with(row["path"].as_str().unwrap()), "{row}");
            assert!(row["whole"] == true && row["prefix"].is_string(), "{row}");
        }
        let times: Vec<&Value> = rows.iter().map(|row| &row["timestamp"]).collect();
        match expected["all_model_checkpoint_timestamps"].as_array().unwrap() {
            none if none.is_empty() => assert!(times.iter().all(|time| time.is_null())),
            all => assert_eq!(times, all.iter().collect::<Vec<_>>()),
        }
        let latest = Path::new(shown["latest"]["prefix"].as_str().unwrap());
        assert_eq!(latest, golden.latest());
        assert_eq!(shown["last_preserved_timestamp"], expected["last_preserved_timestamp"]);
    }
}

#[test]
fn hostile_state_files() {
    for case in [
        "state_bad_text_proto",
        "state_bad_timestamp",
        "state_binary",
        "state_empty",
        "state_empty_model_path",
        "state_no_model_path",
        "state_unknown_field",
    ] {
        let run = tfckpt(&[&"state", &"--json", &hostile(case)]);
        assert_eq!(run.code, 1, "{case}: {}", run.stderr);
        assert!(run.stderr.contains("checkpoint: "), "{}", run.stderr);
        let shown = run.json();
        assert_eq!(shown["problem"]["status"], "DATA_LOSS", "{shown}");
        assert_eq!([&shown["latest"], &shown["checkpoints"]], [&Value::Null, &json!([])]);
        assert_eq!(shown["files"].as_array().unwrap().len(), 2, "{shown}");
    }
    for case in ["state_missing", "state_is_directory"] {
        let run = tfckpt(&[&"state", &hostile(case)]);
        assert_eq!(run.code, 2, "{case}: {}", run.stderr);
        assert!(run.stderr.contains("checkpoint: there is no state file"), "{}", run.stderr);
        let last = "0 checkpoints named, 0 of them whole; 0 beside; ";
        assert!(run.text().lines().last().unwrap().starts_with(last), "{}", run.text());
    }
    for (case, path) in [
        ("state_points_nowhere", "ckpt-9"),
        ("state_repeated_model_path", "ckpt-2"),
        ("state_not_utf8", "caf\\xe9"),
    ] {
        let run = tfckpt(&[&"state", &"--json", &hostile(case)]);
        assert_eq!((run.code, &*run.stderr), (1, ""), "{case}");
        let shown = run.json();
        let row = &shown["checkpoints"][0];
        assert_eq!([&row["path"], &row["prefix"]], [&json!(path), &Value::Null]);
        assert_eq!(row["problem"]["status"], "NOT_FOUND", "{shown}");
        assert_eq!(shown["latest"]["prefix"], Value::Null);
    }
}

#[test]
fn for_people() {
    let dir = copy_of("object_based/relative");
    let at = |name: &str| dir.path().join(name);
    damage(&at("ckpt-4.data-00000-of-00001"));
    std::fs::remove_file(at("ckpt-3.index")).unwrap();
    succeed(&[&"copy", &golden("strings/ckpt"), &at("best-9")]);
    let run = tfckpt(&[&"state", &dir.path()]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    let lines: Vec<&str> = run.text().lines().collect();
    let named = |start: &str, end: &str| {
        let fits = |line: &&str| line.starts_with(start) && line.ends_with(end);
        assert_eq!(lines.iter().filter(|line| fits(line)).count(), 1, "{lines:#?}");
    };
    named("  ckpt-3  saved 20", "Z, missing");
    named("* ckpt-4  saved 20", "Z, V2, damaged");
    let data = at("ckpt-4.data-00000-of-00001");
    named(&format!("    {}: tensor '", data.display()), "(at byte 0)");
    named(&format!("- {}: not named, V2, whole", at("best-9").display()), "");
    // What is left of the one without its index belongs to none.
    let data = at("ckpt-3.data-00000-of-00001");
    named(&format!("? {}: data, its index is missing", data.display()), "");
    named("", " whole; 3 beside; 1 other file");
}

/// Every file of a directory, and which checkpoint it belongs to.
#[test]
fn what_each_file_is() {
    let dir = copy_of("v1_saver/sharded");
    let at = |name: &str| dir.path().join(name);
    succeed(&[&"copy", &golden("strings/ckpt"), &at("best-9")]);
    std::fs::remove_file(at("model.ckpt-300-00001-of-00003")).unwrap();
    std::fs::write(at("page.index"), "<!doctype html>").unwrap();
    std::fs::create_dir(at("logs")).unwrap();
    let run = tfckpt(&[&"state", &"--json", &dir.path()]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    let shown = run.json();
    let row = &shown["checkpoints"][0];
    assert_eq!(
        [&row["format"], &row["step"], &row["whole"]],
        [&json!("V1"), &json!(300), &json!(false)]
    );
    assert_eq!(row["problems"][0]["shard"], 1, "{shown}");
    assert_eq!(row["problems"][0], row["problem"]);
    let files = shown["files"].as_array().unwrap();
    let told = |name: &str| {
        let is_it = |file: &&Value| Path::new(file["path"].as_str().unwrap()) == at(name);
        let file = files.iter().find(is_it).unwrap();
        let checkpoint = file["checkpoint"]
            .as_str()
            .map(|prefix| Path::new(prefix).file_name().unwrap().to_str().unwrap());
        (file["kind"].as_str().unwrap(), checkpoint)
    };
    let pattern = Some("model.ckpt-300-?????-of-00003");
    assert_eq!(told("model.ckpt-300-00000-of-00003"), ("V1", pattern));
    assert_eq!(told("model.ckpt-300.meta"), ("meta", pattern));
    assert_eq!(told("best-9.index"), ("index", Some("best-9")));
    assert_eq!(told("best-9.data-00000-of-00001"), ("data", Some("best-9")));
    assert_eq!(told("page.index"), ("index", Some("page")));
    assert_eq!(told("checkpoint"), ("state", None));
    assert_eq!(told("logs"), ("directory", None));
    let page =
        shown["unnamed"].as_array().unwrap().iter().find(|row| row["whole"] == false).unwrap();
    assert!(page["problem"]["message"].as_str().unwrap().contains("an HTML page"), "{page}");
}

#[test]
fn repair() {
    let dir = copy_of("object_based/relative");
    let at = |name: &str| dir.path().join(name);
    damage(&at("ckpt-4.data-00000-of-00001"));
    let run = succeed(&[&"state", &"--repair", &dir.path()]);
    let lines: Vec<&str> = run.text().lines().collect();
    assert!(lines.contains(&&*format!("added {}", at("ckpt-1").display())), "{lines:#?}");
    let dropped = format!("dropped {}: ", at("ckpt-4").display());
    assert!(lines.iter().any(|line| line.starts_with(&dropped)), "{lines:#?}");
    let last = format!("the latest is {}; state file rewritten", at("ckpt-3").display());
    assert_eq!(lines.last(), Some(&&*last));

    let shown = looked(dir.path());
    assert_eq!(shown["latest"]["path"], "ckpt-3");
    let named = |row: &Value| row["path"].as_str().unwrap().to_string();
    let rows: Vec<String> = shown["checkpoints"].as_array().unwrap().iter().map(named).collect();
    assert_eq!(rows, ["ckpt-1", "ckpt-2", "ckpt-3"]);
    let again = succeed(&[&"state", &"--repair", &"--json", &dir.path()]).json();
    assert_eq!([&again["changed"], &again["added"]], [&json!(false), &json!([])]);
    assert_eq!(again["dropped"][0]["path"], at("ckpt-4").to_str().unwrap());
    assert_eq!(again["latest"], at("ckpt-3").to_str().unwrap());
}

#[test]
fn repair_invents_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("checkpoint");
    std::fs::copy(hostile("state_bad_text_proto/checkpoint"), &file).unwrap();
    let before = std::fs::read(&file).unwrap();
    fail(2, "no checkpoint here is whole", &[&"state", &"--repair", &dir.path()]);
    assert_eq!(std::fs::read(&file).unwrap(), before);
    fail(2, "checkpoint: line 1, column ", &[&"state", &"--repair", &dir.path()]);
    fail(2, "there is no such directory", &[&"state", &"--repair", &dir.path().join("x")]);
    std::fs::remove_file(&file).unwrap();
    fail(2, "there was no state file", &[&"state", &"--repair", &dir.path()]);
    assert!(!file.exists());
}

/// A slip in the name must not cost a file of a checkpoint.
#[test]
fn repair_writes_over_nothing_but_state_files() {
    let dir = copy_of("tf1_saver/relative");
    let at = |name: &str| dir.path().join(name);
    std::fs::write(at("notes"), "to do").unwrap();
    std::fs::write(at("checkpoint.best"), "model_checkpoint_path: oops").unwrap();
    for name in files(dir.path()).iter().filter(|name| !name.starts_with("checkpoint")) {
        let before = std::fs::read(at(name)).unwrap();
        let words = if name == "notes" { "is no state file" } else { "a file of a checkpoint" };
        fail(2, words, &[&"state", &"--repair", &at(name)]);
        fail(2, "is no state file", &[&"state", &"--repair", &dir.path(), &"--file", name]);
        assert_eq!(std::fs::read(at(name)).unwrap(), before);
    }
    succeed(&[&"state", &"--repair", &at("checkpoint.best")]);
    fail(2, "a file of a checkpoint", &[&"latest", &at("model.ckpt-50.index")]);
}

#[test]
fn repair_of_a_state_file_that_is_lost() {
    let dir = copy_of("tf1_saver/relative");
    let file = dir.path().join("checkpoint");
    std::fs::remove_file(&file).unwrap();
    let run = succeed(&[&"state", &"--repair", &dir.path()]);
    let lost = format!("\n{}: there was no state file\n", file.display());
    assert!(run.text().contains(&lost), "{}", run.text());
    assert!(run.text().ends_with("model.ckpt-50; state file written\n"), "{}", run.text());
    assert!(file.exists());
}
