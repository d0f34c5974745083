//! Every hostile file, through every verb that reads: an exit code that fits, words
//! that help, and never a panic.

use super::*;

/// A case of `tests/data/hostile/manifest.tsv`.
struct Case {
    kind: String,
    prefix: PathBuf,
    list: String,
    verify: String,
}

fn cases() -> Vec<Case> {
    let manifest = std::fs::read_to_string(hostile("manifest.tsv")).unwrap();
    let rows = manifest.lines().filter(|line| line.starts_with("case\t"));
    let cases: Vec<Case> = rows
        .map(|row| {
            let columns: Vec<&str> = row.split('\t').collect();
            Case {
                kind: columns[2].into(),
                prefix: hostile(columns[3]),
                list: columns[5].into(),
                verify: columns[6].into(),
            }
        })
        .collect();
    assert!(cases.len() > 100, "only {}", cases.len());
    cases
}

#[test]
fn verify_comes_to_the_right_verdict() {
    for case in cases().iter().filter(|case| case.kind != "state") {
        let run = tfckpt(&[&"verify", &"--json", &case.prefix]);
        let there = case.kind == "v1" || case.prefix.with_extension("index").is_file();
        let expected = match &*case.verify {
            "OK" => 0,
            _ if !there => 2,
            _ => 1,
        };
        assert_eq!(run.code, expected, "{}: {}", case.prefix.display(), run.stderr);
        if there {
            let report = run.json();
            let found = report["problems"].as_array().unwrap().iter();
            let statuses: Vec<&str> = found.map(|p| p["status"].as_str().unwrap()).collect();
            assert!(
                case.verify == "OK" || case.verify.split('|').any(|v| statuses.contains(&v)),
                "{}: {report}",
                case.prefix.display()
            );
        }
    }
}

#[test]
fn no_verb_takes_bad_data_for_good() {
    for case in cases().iter().filter(|case| case.kind != "state") {
        let dir = tempfile::tempdir().unwrap();
        let place = case.prefix.display();
        // Nobody but verify reads the block of the index that is empty.
        let unseen = case.prefix.parent().unwrap().ends_with("footer_metaindex_past_eof");
        let bad = case.verify != "OK" && !unseen;
        let listed = tfckpt(&[&"ls", &"--json", &"--sha256", &case.prefix]);
        // Resources and references are listed like any other, and have no content.
        let unreadable = case.verify == "UNSUPPORTED" && listed.code == 0;
        assert!((listed.code != 0) == bad || unreadable, "{place}: {}", listed.stderr);
        assert_eq!(listed.code == 0, listed.stderr.is_empty(), "{place}");
        let copied = tfckpt(&[&"copy", &case.prefix, &dir.path().join("copy")]);
        // A part of a sharded save lacks slices too, and is copied as it is.
        let partial = ["slices_not_covering", "slices_of_a_huge_shape", "v1_slices_not_covering"]
            .iter()
            .any(|partial| case.prefix.parent().unwrap().ends_with(partial));
        assert_eq!(copied.code != 0, bad && !partial, "{place}: {}", copied.stderr);
        assert_eq!(files(dir.path()).is_empty(), copied.code != 0, "{place}");
        let dir = tempfile::tempdir().unwrap();
        let converted = tfckpt(&[&"convert", &case.prefix, &dir.path().join("file.npz")]);
        assert!((converted.code != 0) == bad || unreadable, "{place}: {}", converted.stderr);
        assert_eq!(files(dir.path()).is_empty(), converted.code != 0, "{place}");
        let same = tfckpt(&[&"diff", &"--json", &case.prefix, &case.prefix]);
        assert!((same.code != 0) == bad || unreadable, "{place}: {}", same.stderr);
        assert!(listed.stdout.is_empty() || listed.json().is_object(), "{place}");
        assert!(same.stdout.is_empty() || same.json().is_object(), "{place}");
    }
}

#[test]
fn state_files_that_lead_nowhere_are_told_in_words() {
    for case in cases().iter().filter(|case| case.kind == "state") {
        let folder = case.prefix.parent().unwrap();
        let code = if case.list == "NOT_FOUND" { 2 } else { 1 };
        for args in [
            &[&"ls" as &dyn AsRef<OsStr>, &case.prefix][..],
            &[&"ls", &folder],
            &[&"latest", &folder],
            &[&"latest", &"--valid", &folder],
        ] {
            let run = tfckpt(args);
            assert_eq!(run.code, code, "{}: {}", case.prefix.display(), run.stderr);
            assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
        }
    }
}
