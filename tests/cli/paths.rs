//! Wrong paths: the command says what it looked for, and what stands there instead.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

/// A directory with three checkpoints, and a state file if so wished.
fn run(with_state: bool) -> tempfile::TempDir {
    let dir = copy_of("tf1_saver/absolute");
    fs::remove_file(dir.path().join("checkpoint.best")).unwrap();
    if !with_state {
        fs::remove_file(dir.path().join("checkpoint")).unwrap();
    }
    dir
}

fn wrong(path: &Path, words: &str) {
    for verb in ["ls", "verify"] {
        fail(2, words, &[&verb, &path]);
    }
}

#[test]
fn what_is_called_nearly_so_is_told() {
    let dir = run(true);
    let all = "stand model.ckpt-50, model.ckpt-40, model.ckpt-30, best.ckpt-50";
    wrong(&dir.path().join("modle.ckpt-50"), all);
    wrong(&dir.path().join("model.ckpt-50."), all);
    wrong(&dir.path().join("model.ckpt-*"), all);
    wrong(&dir.path().join("best.ckpt-5"), "stand best.ckpt-50, ");
    wrong(&dir.path().join("model.ckpt-50.indx"), "stand model.ckpt-50.index, ");
    wrong(&dir.path().join("checkpont"), "stand checkpoint, ");
    // It is no file of V1, whatever TensorFlow calls the files of V2.
    wrong(&dir.path().join("model.ckpt-50.data"), "model.ckpt-50, ");
    let one = golden("v1_saver/sharded/model.ckpt-30");
    wrong(&one, "v1_saver/sharded stands model.ckpt-300\n");
    let meta = ["meta", "ls"];
    fail(2, all, &[&meta[0], &meta[1], &dir.path().join("modle.ckpt-50")]);
}

#[test]
fn directories_are_told_as_far_as_they_exist() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("runs/first")).unwrap();
    fs::write(dir.path().join("runs/notes"), "").unwrap();
    let at = |name: &str| dir.path().join(name);
    let missing = format!("there is no directory {}, in ", at("rnus").display());
    wrong(&at("rnus/first/ckpt-1"), &missing);
    wrong(&at("rnus/first/ckpt-1"), "stands runs\n");
    wrong(&at("runs/first/ckpt-1"), "runs/first is empty\n");
    wrong(&at("runs/notes/ckpt-1"), "runs/notes is a file, and no directory\n");
    wrong(&at("runs"), "nor an index; in it stand first/, notes\n");
    wrong(&at("runs/first"), "it is empty\n");
    for verb in ["latest", "state"] {
        fail(2, "there is no such directory", &[&verb, &at("rnus")]);
    }
    let prefix = run(true).path().join("model.ckpt-5");
    fail(2, "there is no such directory", &[&"latest", &prefix]);
}

#[test]
fn what_is_left_of_a_checkpoint_is_told() {
    let dir = run(false);
    let at = |name: &str| dir.path().join(name);
    wrong(dir.path(), "4 checkpoints to choose from: ");
    fs::remove_file(at("model.ckpt-50.index")).unwrap();
    let rest = "all that is there of it is model.ckpt-50.data-00000-of-00001, model.ckpt-50.meta\n";
    wrong(&at("model.ckpt-50"), rest);
    wrong(&at("model.ckpt-50.index"), rest);
    fs::write(at("checkpoint"), "model_checkpoint_path: \"model.ckpt-50\"\n").unwrap();
    wrong(dir.path(), "/checkpoint names this checkpoint, but there is none, neither there nor ");
    wrong(dir.path(), "stand model.ckpt-40, model.ckpt-30, best.ckpt-50\n");
    fs::write(at("empty"), "").unwrap();
    fail(1, "an empty file", &[&"ls", &at("empty")]);
}

#[test]
fn special_files_are_named_and_nobody_waits_for_them() {
    let dir = run(false);
    let at = |name: &str| dir.path().join(name);
    for name in ["fifo", "other.index"] {
        assert!(Command::new("mkfifo").arg(at(name)).status().unwrap().success());
    }
    symlink("loop", at("loop")).unwrap();
    symlink("nowhere", at("dangling.index")).unwrap();
    wrong(&at("fifo"), "fifo itself is not a regular file");
    wrong(&at("other"), "not a regular file");
    wrong(Path::new("/dev/zero"), "/dev/zero itself is not a regular file");
    wrong(&at("loop"), "loop itself is a link that leads nowhere: ");
    wrong(&at("dangling"), "dangling.index itself is a link that leads nowhere: ");
    fail(2, "neither a directory nor a regular file", &[&"latest", &at("fifo")]);
    fail(2, "cannot look up: ", &[&"latest", &at("loop")]);
    // They are in nobody's way.
    fs::write(at("checkpoint"), "model_checkpoint_path: \"model.ckpt-50\"\n").unwrap();
    let latest = succeed(&[&"latest", &"--valid", &dir.path()]);
    assert_eq!(latest.text().trim_end(), at("model.ckpt-50").to_str().unwrap());
    let shown = succeed(&[&"state", &dir.path()]);
    assert!(shown.text().contains("\n? "), "{}", shown.text());
}

#[test]
fn any_name_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    for (name, shown) in [
        (&b"caf\xe9 [1]"[..], "caf\\xe9 [1]"),
        ("模型 *".as_bytes(), "模型 *"),
        (b"red\x1b[31m\n", "red\\x1b[31m\\n"),
    ] {
        let folder = dir.path().join(OsStr::from_bytes(name));
        fs::create_dir(&folder).unwrap();
        succeed(&[&"copy", &golden("strings/ckpt"), &folder.join(OsStr::from_bytes(name))]);
        wrong(&folder.join("nothing"), &format!("{shown}/nothing.index: no such file"));
        wrong(&folder.join("nothing"), &format!("{shown} stands {shown}\n"));
        for path in [&folder, &folder.join(OsStr::from_bytes(name))] {
            succeed(&[&"verify", path]);
        }
        let pattern = folder.join("caf?");
        fail(2, "no such file", &[&"verify", &pattern]);
    }
}

/// What is written to would be found by nobody.
#[test]
fn destinations_that_are_no_prefix() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("run")).unwrap();
    let source = golden("strings/ckpt");
    for verb in ["copy", "convert"] {
        let source = if verb == "copy" { source.clone() } else { at("x.npz") };
        fail(2, "is a directory; the files need a name in it", &[&verb, &source, &at("run")]);
        for name in ["c.index", "c.meta", "c.data-00000-of-00001"] {
            fail(2, "is to be a prefix", &[&verb, &source, &at(name)]);
        }
    }
    fail(2, "is a directory; the files", &[&"merge", &"-o", &at("run"), &source]);
    assert_eq!(files(dir.path()), ["run"]);
}

/// What may not be read is told as such; it is not taken for missing, and stands in
/// nobody's way that has nothing to do with it.
#[test]
fn forbidden_files() {
    let dir = run(true);
    let at = |name: &str| dir.path().join(name);
    let forbid =
        |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
    fs::write(at("secret"), "x").unwrap();
    forbid(&at("secret"));
    if fs::read(at("secret")).is_ok() {
        return; // Root may read everything.
    }
    fs::remove_file(at("checkpoint")).unwrap();
    wrong(dir.path(), "4 checkpoints to choose from");
    let data = at("model.ckpt-50.data-00000-of-00001");
    forbid(&data);
    let checked = tfckpt(&[&"verify", &at("model.ckpt-50")]);
    assert_eq!(checked.code, 2);
    assert!(checked.text().contains("; 9 tensors in it, "), "{}", checked.text());
    forbid(&at("model.ckpt-40.index"));
    fail(2, "ermission denied", &[&"ls", &at("model.ckpt-40")]);
    forbid(dir.path());
    fail(2, "ermission denied", &[&"ls", &dir.path()]);
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
}
