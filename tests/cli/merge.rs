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

#[test]
fn each_source_may_have_other_names() {
    let dir = tempfile::tempdir().unwrap();
    let cat = |prefix: &Path, name: &str| succeed(&[&"cat", &prefix, &name]).stdout;
    let (a, other) = (input("a"), input("conflicts_with_a"));
    for how in ["copy", "link"] {
        let dst = dir.path().join(how);
        let data = ["--data", how];
        let rename = ["--rename", "a/*=first/*"];
        succeed(&[&"merge", &data[0], &data[1], &"-o", &dst, &a, &rename[0], &rename[1], &other]);
        succeed(&[&"verify", &dst]);
        assert_eq!(cat(&dst, "first/x"), cat(&a, "a/x"));
        assert_eq!(cat(&dst, "a/x"), cat(&other, "a/x"));
    }
    let dst = dir.path().join("none");
    fail(2, "behind the SRC", &[&"merge", &"--rename", &"a/*=b/*", &"-o", &dst, &a]);
    fail(2, "fit no tensor's name: 'b=c'", &[&"merge", &"-o", &dst, &a, &"--rename", &"b=c"]);
    fail(
        2,
        "two tensors would have this name",
        &[&"merge", &"-o", &dst, &a, &"--rename", &"a/x=a/words"],
    );
    let v1 = hostile("good_v1/model.ckpt");
    let dst = dir.path().join("v1");
    succeed(&[&"merge", &"-o", &dst, &v1, &"--rename", &"*=one/*", &v1]);
    let names = succeed(&[&"ls", &dst]);
    assert!(names.text().contains("one/a ") && names.text().contains("\na "), "{}", names.text());
}

/// What `tf.train.Checkpoint` saved twice: the graphs are joined, the save counters
/// are no conflict, and what has the same name in both still is.
#[test]
fn object_graphs_are_joined() {
    let dir = tempfile::tempdir().unwrap();
    let src = golden("object_based/keras/ckpt-50");
    let (model, rest) = (dir.path().join("model"), dir.path().join("rest"));
    let counter = "save_counter/*";
    succeed(&[&"copy", &src, &model, &"--drop-optimizer-state"]);
    succeed(&[
        &"copy",
        &src,
        &rest,
        &"--filter",
        &"optimizer/_iterations/*",
        &"--filter",
        &"optimizer/_variables/*",
        &"--filter",
        &counter,
    ]);
    for how in ["copy", "link", "move"] {
        let dst = dir.path().join(how);
        succeed(&[&"merge", &"-o", &dst, &model, &rest, &"--data", &how]);
        succeed(&[&"verify", &dst]);
        let text = succeed(&[&"graph", &dst]).text().to_string();
        assert!(text.contains("optimizer_state  optimizer/_iterations"), "{text}");
        assert!(text.contains("model/_functional/_operations/1/_kernel"), "{text}");
        assert!(text.contains("save_counter     save_counter"), "{text}");
    }
    assert!(!dir.path().join("model.index").exists());
    let all = dir.path().join("copy");
    let sources = format!("checkpoints: {}, {}; so ", all.display(), src.display());
    fail(2, &sources, &[&"merge", &"-o", &model, &all, &src]);
}
