//! `tfckpt merge`.

use super::*;

fn input(name: &str) -> PathBuf {
    golden("merge_inputs/inputs").join(name)
}

#[test]
fn several_into_one() {
    let dir = tempfile::tempdir().unwrap();
    let dst = dir.path().join("all");
    let with_suffix = |name: &str, suffix: &str| {
        let mut path = input(name).into_os_string();
        path.push(suffix);
        path
    };
    succeed(&[
        &"merge",
        &"-o",
        &dst,
        &input("a"),
        &with_suffix("b", ".index"),
        &with_suffix("c", ".data-00000-of-00001"),
    ]);
    let expected = golden("merge_inputs/merged/abc/ckpt.index");
    assert_eq!(
        std::fs::read(dst.with_extension("index")).unwrap(),
        std::fs::read(expected).unwrap()
    );
    succeed(&[&"verify", &dst]);
    fail(2, "is there already", &[&"merge", &"-o", &dst, &input("a")]);
}

#[test]
fn conflicts() {
    let dir = tempfile::tempdir().unwrap();
    let dst = dir.path().join("all");
    let run =
        fail(2, "\n  a/x\n", &[&"merge", &"-o", &dst, &input("a"), &input("conflicts_with_a")]);
    assert!(!run.stderr.contains("a/words"), "{}", run.stderr);
    assert!(files(dir.path()).is_empty());
    for (rule, winner) in [("first", "a"), ("last", "conflicts_with_a")] {
        let dst = dir.path().join(rule);
        succeed(&[
            &"merge",
            &"--on-conflict",
            &rule,
            &"-o",
            &dst,
            &input("a"),
            &input("conflicts_with_a"),
        ]);
        let wanted = succeed(&[&"cat", &input(winner), &"a/x"]).stdout;
        assert_eq!(succeed(&[&"cat", &dst, &"a/x"]).stdout, wanted, "{rule}");
    }
}

#[test]
fn a_move_takes_the_sources_away() {
    let dir = tempfile::tempdir().unwrap();
    let (part, dst) = (dir.path().join("part"), dir.path().join("all"));
    succeed(&[&"copy", &input("a"), &part]);
    fail(2, "no checkpoint", &[&"merge", &"--data", &"move", &"-o", &dst, &part, &input("none")]);
    assert_eq!(files(dir.path()), ["part.data-00000-of-00001", "part.index"]);
    succeed(&[&"merge", &"--data", &"move", &"--output", &dst, &part]);
    assert_eq!(files(dir.path()), ["all.data-00000-of-00001", "all.index"]);
    succeed(&[&"diff", &dst, &input("a")]);
}

#[test]
fn damage_is_told_from_wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    let dst = dir.path().join("all");
    fail(1, "ckpt.index", &[&"merge", &"-o", &dst, &input("a"), &hostile("index_bad_magic/ckpt")]);
    fail(2, "endian", &[&"merge", &"-o", &dst, &input("a"), &input("b_big_endian")]);
    assert!(files(dir.path()).is_empty());
}
