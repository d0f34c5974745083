//! Any path opens: whatever leads to a checkpoint, by whatever name, in a real
//! directory; and what leads to none says what stands there instead.

mod support;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use support::data_dir;
use tempfile::TempDir;
use tfckpt::bundle::{Writer, WriterOptions, data_path};
use tfckpt::checkpoint::{Format, Reader, State, check_whole};
use tfckpt::storage::LocalStorage;
use tfckpt::tensor::{DType, Shape};
use tfckpt::{Error, ErrorKind, v1};

/// Names that a shell, a glob or a decoder would make something else of.
const NAMES: [&[u8]; 12] = [
    b"model.ckpt-7",
    b"a[b]*-7",
    b"?????",
    b"with space\tand tab",
    "模型-检查点".as_bytes(),
    b"caf\xe9\xff-7",
    b"-rf",
    b"x.index",
    b"x.data-00000-of-00001",
    b"x.meta",
    b"part-00000-of-00002",
    b"back\\slash\"'$(ls)",
];

fn name(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

/// `path` with something behind it.
fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_os_string();
    path.push(suffix);
    path.into()
}

fn save(prefix: &Path) {
    let options = WriterOptions { num_shards: 2, sync: false, ..Default::default() };
    let mut writer = Writer::create_with(prefix, options).unwrap();
    writer.add("x", DType::UINT8, &Shape::new([2]).unwrap(), &[1, 2]).unwrap();
    writer.finish().unwrap();
    fs::write(with(prefix, ".meta"), b"a graph").unwrap();
}

fn save_v1(path: &Path) {
    let mut writer = v1::Writer::create(path).unwrap();
    writer.add("x", DType::UINT8, &Shape::new([2]).unwrap(), &[1, 2]).unwrap();
    writer.finish().unwrap();
}

fn state(dir: &Path, file: &str, latest: &Path) {
    let state = State { model_checkpoint_path: latest.into(), ..State::default() };
    state.write(&LocalStorage::shared(), &dir.join(file), false).unwrap();
}

/// The path leads to a checkpoint with just this tensor.
fn opens(path: &Path, format: Format) -> PathBuf {
    let reader = Reader::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(reader.format(), format, "{}", path.display());
    assert_eq!(reader.read("x").unwrap(), [1, 2], "{}", path.display());
    reader.prefix().to_path_buf()
}

fn refused(path: &Path) -> Error {
    match Reader::open(path) {
        Ok(_) => panic!("{} opens", path.display()),
        Err(error) => error,
    }
}

#[test]
fn every_file_of_a_v2_checkpoint_by_any_name() {
    for bytes in NAMES {
        let dir = TempDir::new().unwrap();
        // A directory of such a name as well.
        let dir = dir.path().join(name(bytes));
        let prefix = dir.join(name(bytes));
        save(&prefix);
        for suffix in
            ["", "/", ".index", ".data-00000-of-00002", ".data-00001-of-00002", ".meta", ".meta//"]
        {
            assert_eq!(opens(&with(&prefix, suffix), Format::V2), prefix);
        }
        // The only one of its directory.
        assert_eq!(opens(&dir, Format::V2), prefix);
        save(&dir.join("another"));
        state(&dir, "checkpoint", prefix.file_name().unwrap().as_ref());
        state(&dir, "state of mine", &prefix);
        for path in [&dir, &with(&dir, "/"), &with(&dir, "///"), &dir.join(".")] {
            assert_eq!(opens(path, Format::V2).file_name(), prefix.file_name());
        }
        assert_eq!(opens(&dir.join("checkpoint"), Format::V2), prefix);
        assert_eq!(opens(&dir.join("state of mine"), Format::V2), prefix);
    }
}

#[test]
fn every_file_of_a_v1_checkpoint_by_any_name() {
    // What ends so is an index, and so V2; or one of several files.
    let alone = |name: &&[u8]| !name.ends_with(b".index") && !name.ends_with(b"-of-00002");
    for bytes in NAMES.into_iter().filter(alone) {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join(name(bytes));
        save_v1(&path);
        fs::write(with(&path, ".meta"), b"a graph").unwrap();
        for suffix in ["", "/", ".meta"] {
            assert_eq!(opens(&with(&path, suffix), Format::V1), path);
        }
        state(dir.path(), "checkpoint", name(bytes).as_ref());
        assert_eq!(opens(dir.path(), Format::V1), path);
    }
}

#[test]
fn every_file_of_a_v1_set_by_any_name() {
    let golden = data_dir("golden/v1_sliced/over_files");
    for bytes in NAMES {
        let dir = TempDir::new().unwrap();
        let stem = dir.path().join(name(bytes));
        for shard in ["-00000-of-00002", "-00001-of-00002"] {
            fs::copy(with(&golden.join("m"), shard), with(&stem, shard)).unwrap();
        }
        let pattern = with(&stem, "-?????-of-00002");
        for suffix in ["", ".meta", "-00000-of-00002", "-00001-of-00002", "-?????-of-00002"] {
            let path = with(&stem, suffix);
            let reader = Reader::open(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
            assert_eq!((reader.format(), reader.prefix()), (Format::V1, &*pattern));
            assert_eq!(reader.read("m").unwrap().len(), 192);
        }
        state(dir.path(), "checkpoint", Path::new(pattern.file_name().unwrap()));
        assert_eq!(Reader::open(dir.path()).unwrap().prefix(), pattern);

        // A set that lacks a file names it, whatever way it is asked for.
        fs::remove_file(with(&stem, "-00001-of-00002")).unwrap();
        for suffix in ["", ".meta", "-00000-of-00002", "-00001-of-00002", "-?????-of-00002"] {
            let error = refused(&with(&stem, suffix));
            assert_eq!((error.kind(), error.shard()), (ErrorKind::NotFound, Some(1)), "{error}");
            assert_eq!(error.file(), Some(&*with(&stem, "-00001-of-00002")));
        }
        assert_eq!(refused(dir.path()).shard(), Some(1));
    }
}

#[test]
fn every_part_of_a_saved_model() {
    let dir = TempDir::new().unwrap();
    let prefix = dir.path().join("variables/variables");
    save(&prefix);
    for model in ["saved_model.pb", "saved_model.pbtxt"] {
        fs::write(dir.path().join(model), b"\x08\x01").unwrap();
        for path in ["", "variables", "variables/", "variables/variables", model] {
            assert_eq!(opens(&dir.path().join(path), Format::V2), prefix, "{path}");
        }
    }
    for entry in fs::read_dir(data_dir("golden/saved_model")).unwrap() {
        let model = entry.unwrap().path();
        if model.is_dir() {
            let prefix = model.join("variables/variables");
            assert_eq!(Reader::open(&model).unwrap().prefix(), prefix);
            assert_eq!(Reader::open(model.join("variables")).unwrap().prefix(), prefix);
        }
    }
}

/// Links lead where they lead, and names are those of the link.
#[test]
fn links() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    save(&at("real/ckpt-1"));
    state(&at("real"), "checkpoint", Path::new("ckpt-1"));
    symlink(at("real"), at("directory")).unwrap();
    assert_eq!(opens(&at("directory"), Format::V2), at("directory/ckpt-1"));
    assert_eq!(opens(&at("directory/ckpt-1.index"), Format::V2), at("directory/ckpt-1"));
    // As a cache of downloads has them: names that are links to blobs.
    fs::create_dir(at("cache")).unwrap();
    for suffix in [".index", ".data-00000-of-00002", ".data-00001-of-00002"] {
        symlink(with(&at("real/ckpt-1"), suffix), with(&at("cache/model"), suffix)).unwrap();
    }
    assert_eq!(opens(&at("cache"), Format::V2), at("cache/model"));
    save_v1(&at("real/old-1"));
    symlink(at("real/old-1"), at("cache/old")).unwrap();
    assert_eq!(opens(&at("cache/old"), Format::V1), at("cache/old"));
    symlink(at("nowhere"), at("cache/broken.index")).unwrap();
    assert_eq!(refused(&at("cache/broken")).kind(), ErrorKind::NotFound);
}

/// Relative paths are those of the process, which has one working directory.
#[test]
fn relative_paths() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::env::set_current_dir(root).unwrap();
    let case = Path::new("tests/data/golden/object_based/relative");
    let prefix = Reader::open(case).unwrap().prefix().to_path_buf();
    assert_eq!(prefix.parent(), Some(case));
    for path in ["./tests/../tests/data/golden/object_based/relative", "tests/data/golden/.."] {
        let _ = Reader::open(path).map_err(|error| assert_eq!(error.kind(), ErrorKind::NotFound));
    }
    for path in ["", ".", "./", "..", "Cargo.toml", "/", "//"] {
        let error = refused(Path::new(path));
        let kinds = [ErrorKind::NotFound, ErrorKind::DataLoss];
        assert!(kinds.contains(&error.kind()), "{path}: {error}");
    }
}

/// A directory with a name that is a prefix beside it: the slash tells.
#[test]
fn a_slash_means_the_directory() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    save(&at("run"));
    save(&at("run/ckpt-1"));
    assert_eq!(opens(&at("run"), Format::V2), at("run"));
    assert_eq!(opens(&with(&at("run"), "/"), Format::V2), at("run/ckpt-1"));
    // A checkpoint may be called by nothing at all.
    fs::create_dir(at("nameless")).unwrap();
    save(&with(&at("nameless"), "/"));
    for path in [with(&at("nameless"), "/"), at("nameless"), at("nameless/.index")] {
        assert_eq!(opens(&path, Format::V2), at("nameless"));
    }
}

const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n";
const PAGE: &[u8] = b"\n<!DOCTYPE html><html><head><title>404</title></head></html>";

/// What stands in the place of a file is named, whichever file it is.
#[test]
fn files_that_are_something_else() {
    for (content, words) in [(POINTER, "a Git LFS pointer"), (PAGE, "an HTML page")] {
        for (file, reads) in [
            ("ckpt-1.index", false),
            ("ckpt-1.data-00000-of-00002", true),
            ("old-1", false),
            ("set-1-00000-of-00001", false),
            ("checkpoint", false),
        ] {
            let dir = TempDir::new().unwrap();
            let at = |name: &str| dir.path().join(name);
            save(&at("ckpt-1"));
            save_v1(&at("old-1"));
            save_v1(&at("set-1-00000-of-00001"));
            fs::write(at(file), content).unwrap();
            let error = match (reads, Reader::open(at(file))) {
                (false, opened) => opened.err().unwrap_or_else(|| panic!("{file} opens")),
                (true, opened) => opened.unwrap().read("x").unwrap_err(),
            };
            assert_eq!(error.kind(), ErrorKind::DataLoss, "{file}: {error}");
            assert!(error.message().contains(words), "{file}: {error}");
            assert_eq!(error.file(), Some(&*at(file)));
        }
    }
}

#[test]
fn what_was_looked_for_and_what_stands_there() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    save(&at("ckpt-1"));
    let says = |path: PathBuf, kind: ErrorKind, words: &str| {
        let error = refused(&path);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    };
    says(at("ckpt-2"), ErrorKind::NotFound, "ckpt-2.index: no such file");
    says(at("ckpt-2.meta"), ErrorKind::NotFound, "ckpt-2.index: no such file");
    says(at("ckpt-2.data-00000-of-00001"), ErrorKind::NotFound, "ckpt-2.index: no such file");
    says(at("none/at/all"), ErrorKind::NotFound, "all.index: no such file");
    says(at("ckpt-1.index/ckpt"), ErrorKind::NotFound, "no such file");
    says(at(&"long".repeat(100)), ErrorKind::NotFound, "no such file");
    fs::create_dir(at("empty")).unwrap();
    says(at("empty"), ErrorKind::NotFound, "a directory without a checkpoint");
    says(at("empty/checkpoint"), ErrorKind::NotFound, "checkpoint.index: no such file");
    fs::write(at("weights.h5"), b"\x89HDF\r\n\x1a\n").unwrap();
    says(at("weights.h5"), ErrorKind::DataLoss, "an HDF5 file");
    fs::write(at("notes"), b"some notes").unwrap();
    says(at("notes"), ErrorKind::DataLoss, "10 bytes are neither");
    fs::copy(at("ckpt-1.index"), at("renamed")).unwrap();
    says(at("renamed"), ErrorKind::DataLoss, "the index of a V2 checkpoint");
    save(&at("ckpt-10"));
    says(dir.path().into(), ErrorKind::NotFound, "2 checkpoints to choose from");

    // Of V2 a shard is missed when it is read, and named.
    fs::remove_file(data_path(&at("ckpt-1"), 0, 2)).unwrap();
    let error = Reader::open(at("ckpt-1")).unwrap().read("x").unwrap_err();
    assert_eq!((error.kind(), error.shard()), (ErrorKind::NotFound, Some(0)));
    assert_eq!(error.file(), Some(&*data_path(&at("ckpt-1"), 0, 2)));
    let error = check_whole(&LocalStorage::shared(), &at("ckpt-1"), Default::default());
    assert_eq!(error.unwrap_err().file(), Some(&*data_path(&at("ckpt-1"), 0, 2)));
}

/// No bytes are too odd to be a path.
#[test]
fn any_bytes() {
    let dir = TempDir::new().unwrap();
    for byte in 1..=255 {
        for bytes in [vec![byte], vec![byte, b'*'], vec![b'/', byte], vec![byte, b'/', b'/']] {
            let mut path = dir.path().as_os_str().to_os_string();
            path.push("/");
            path.push(OsString::from_vec(bytes));
            assert_eq!(refused(Path::new(&path)).kind(), ErrorKind::NotFound);
        }
    }
}
