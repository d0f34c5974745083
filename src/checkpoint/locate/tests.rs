use super::*;
use crate::storage::MemoryStorage;

/// The last eight bytes of every table, and so of every V1 file.
const TABLE_MAGIC: [u8; 8] = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();

fn storage(files: &[(&str, &[u8])]) -> Arc<dyn Storage> {
    let storage = MemoryStorage::new();
    for (path, bytes) in files {
        storage.put(path, *bytes);
    }
    Arc::new(storage)
}

fn found(storage: &Arc<dyn Storage>, path: &str) -> PathBuf {
    locate(storage, Path::new(path)).unwrap_or_else(|error| panic!("{path}: {error}")).prefix
}

fn message(storage: &Arc<dyn Storage>, path: &str) -> String {
    locate(storage, Path::new(path)).unwrap_err().to_string()
}

#[test]
fn every_file_of_a_bundle_leads_to_it() {
    let storage = storage(&[
        ("/m.0/variables/variables.index", b""),
        ("/m.0/variables/variables.data-00000-of-00001", b""),
        ("/m.0/saved_model.pb", b"\x08\x01"),
    ]);
    for path in [
        "/m.0",
        "/m.0/saved_model.pb",
        "/m.0/variables",
        "/m.0/variables/variables",
        "/m.0/variables/variables.index",
        "/m.0/variables/variables.meta",
        "/m.0/variables/variables.data-00000-of-00001",
        "/m.0/variables/variables.data-100000-of-200000",
    ] {
        assert_eq!(found(&storage, path), Path::new("/m.0/variables/variables"), "{path}");
    }
}

#[test]
fn every_file_of_a_v1_checkpoint_leads_to_it() {
    let storage = storage(&[
        ("d/one-7", &TABLE_MAGIC),
        ("d/one-7.meta", b"\x0a"),
        ("d/m[*]-7-00000-of-00002", &TABLE_MAGIC),
        ("d/m[*]-7-00001-of-00002", &TABLE_MAGIC),
        ("d/m[*]-7.meta", b"\x0a"),
    ]);
    for path in ["d/one-7", "d/one-7.meta"] {
        assert_eq!(found(&storage, path), Path::new("d/one-7"), "{path}");
    }
    for path in ["d/m[*]-7", "d/m[*]-7.meta", "d/m[*]-7-00001-of-00002", "d/m[*]-7-?????-of-00002"]
    {
        let located = locate(&storage, Path::new(path)).unwrap();
        assert_eq!(located.prefix, Path::new("d/m[*]-7-?????-of-00002"), "{path}");
        assert_eq!(located.files.len(), 2);
        assert_eq!(located.files[1], Path::new("d/m[*]-7-00001-of-00002"));
    }
}

#[test]
fn names_are_literal_first() {
    let storage = storage(&[
        ("m-?????-of-00001", &TABLE_MAGIC),
        ("m-00000-of-00001", &TABLE_MAGIC),
        ("x", b""),
        ("x.index", b""),
    ]);
    let located = locate(&storage, Path::new("m-?????-of-00001")).unwrap();
    assert_eq!(located.files, [Path::new("m-?????-of-00001")]);
    assert_eq!(locate(&storage, Path::new("x")).unwrap().format, Format::V2);
}

#[test]
fn state_files_lead_to_the_latest() {
    let storage = storage(&[
        ("d/checkpoint", b"model_checkpoint_path: \"ckpt-2\""),
        ("d/best", b"\nmodel_checkpoint_path: \"/moved/ckpt-1\""),
        ("d/broken", b"model_checkpoint_path: ckpt"),
        ("d/ckpt-1.index", b""),
        ("d/ckpt-2.index", b""),
    ]);
    assert_eq!(found(&storage, "d"), Path::new("d/ckpt-2"));
    assert_eq!(found(&storage, "d/checkpoint"), Path::new("d/ckpt-2"));
    assert_eq!(found(&storage, "d/best"), Path::new("d/ckpt-1"));
    assert!(message(&storage, "d/broken").starts_with("d/broken: "));
}

#[test]
fn a_wrong_path_says_what_stands_there() {
    let storage = storage(&[
        ("/dir/file", b"abc"),
        ("/dir/page", b"<!doctype html>"),
        ("/dir/m-00000-of-00003", &TABLE_MAGIC),
        ("/dir/x.data-00000-of-00001", b"version https://git-lfs.github.com/spec/v1\n"),
        ("/two/a.index", b""),
        ("/two/b.index", b""),
    ]);
    let message = |path: &str| message(&storage, path);
    let says = |path: &str, words: &str| {
        let message = message(path);
        assert!(message.contains(words), "{message}");
    };
    says("/dir", "a directory without a checkpoint");
    says("/two", "2 checkpoints to choose from: /two/");
    says("/dir/file", "3 bytes are neither");
    says("/dir/page", "an HTML page");
    says("/dir/x.index", "/dir/x.index: no such file");
    says("/dir/x.data-00000-of-00001", "Git LFS");
    let missing = "2 are missing: m-00001-of-00003, m-00002-of-00003";
    says("/dir/m", missing);
    says("/dir/m-?????-of-00003", missing);
    says("/dir/m-00000-of-00003", missing);
    says("/dir/m-00001-of-00003", missing);
    says("/dir/m-00000-of-4000000000", "no such file");
}
