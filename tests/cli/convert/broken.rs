//! Files that are damaged, or lie: an error with a place, and nothing is written.

use super::files::{Entry, npy, npy_of, safetensors, zip, zip_saying};
use super::*;

/// Converts a file of these bytes, which must fail with these words.
fn refuse(extension: &str, bytes: &[u8], words: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file").with_extension(extension);
    std::fs::write(&file, bytes).unwrap();
    let run = fail(1, words, &[&"convert", &file, &dir.path().join("new/dst")]);
    assert!(run.stderr.contains(&format!("file.{extension}: ")), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert_eq!(files(dir.path()).len(), 1);
    run.stderr
}

fn array() -> Vec<u8> {
    npy("<i4", "False", "(2, 2)", &[7; 16])
}

#[test]
fn archives_that_lie() {
    let good = Entry::stored("a.npy", &array());
    let packed = Entry::packed("a.npy", &array());
    let refuse_one = |entry: Entry, words: &str| {
        let told = refuse("npz", &zip(&[entry]), words);
        assert!(told.contains("(at byte "), "{told}");
    };
    refuse_one(Entry { crc: 1, ..good.clone() }, "tensor 'a': its bytes have checksum");
    refuse_one(Entry { crc: 1, ..packed.clone() }, "tensor 'a': its bytes have checksum");
    refuse_one(Entry { size: good.size + 1, ..good.clone() }, "is to have 87 bytes");
    refuse_one(
        Entry { stored: u32::MAX - 1, size: u32::MAX - 1, ..good.clone() },
        "beyond the end",
    );
    refuse_one(Entry { size: 1 << 31, ..packed.clone() }, "is to have 2147483648 bytes");
    refuse_one(Entry { size: packed.size + 1, ..packed.clone() }, "there are 17");
    refuse_one(Entry { local_name: b"b.npy".to_vec(), ..good.clone() }, "another name");
    refuse_one(Entry { at: Some(9), ..good.clone() }, "no header of a ZIP archive");
    refuse_one(Entry { at: Some(u32::MAX - 1), ..good.clone() }, "");
    let mut garbage = packed.clone();
    garbage.bytes = vec![0xff; packed.bytes.len()];
    refuse_one(garbage, "");
    let mut short = packed.clone();
    short.bytes.truncate(short.bytes.len() / 2);
    short.stored = short.bytes.len() as u32;
    refuse_one(short, "");
}

#[test]
fn archives_that_contradict_themselves() {
    let good = Entry::stored("a.npy", &array());
    let told = refuse("npz", &zip(&[good.clone(), good.clone()]), "two arrays of this name");
    assert!(told.contains("tensor 'a'"), "{told}");
    let twin = Entry { name: b"a".to_vec(), local_name: b"a".to_vec(), ..good.clone() };
    refuse("npz", &zip(&[good.clone(), twin]), "two arrays of this name");
    for count in [0, 2] {
        refuse("npz", &zip_saying(std::slice::from_ref(&good), count), "has 1 entries, and says");
    }
    let same = Entry { at: Some(0), ..Entry::stored("a.npy", &array()) };
    refuse("npz", &zip(&[same.clone(), same]), "two entries begin here");
    // An archive in an archive, both of which claim the inner bytes.
    let inner = Entry::stored("in.npy", &array());
    let outer = Entry::stored(
        "out.npy",
        &npy(
            "|u1",
            "False",
            "(500,)",
            &[&zip(std::slice::from_ref(&inner))[..], &[0; 500]].concat()[..500],
        ),
    );
    let at = 30 + "out.npy".len() + (outer.bytes.len() - 500);
    let inner = Entry { at: Some(at as u32), ..inner };
    refuse("npz", &zip(&[outer, inner]), "begins within another");
}

#[test]
fn no_archives() {
    refuse("npz", b"", "no ZIP archive");
    refuse("npz", b"PK", "no ZIP archive");
    refuse("npz", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer");
    refuse("npz", b"<html>Not found", "HTML page");
    refuse("npz", &array(), "no ZIP archive");
    let whole = zip(&[Entry::stored("a.npy", &array())]);
    refuse("npz", &whole[..whole.len() - 1], "");
    refuse("npz", &whole[10..], "");
}

#[test]
fn headers_of_arrays_that_lie() {
    for (shape, words) in [
        ("(2, 3)", "takes 24 bytes, there are 16"),
        ("(4611686018427387904, 2)", "more than 2^63 elements"),
        ("(4611686018427387904,)", "takes more than 2^64 bytes"),
        ("(2147483648,)", "takes 8589934592 bytes, there are 16"),
        ("(-2, -2)", "no dimension"),
        ("(2, 2", "no dimension"),
        ("4", "instead of '('"),
    ] {
        for make in [Entry::stored, Entry::packed] {
            let bytes = zip(&[make("a.npy", &npy("<i4", "False", shape, &[7; 16]))]);
            let told = refuse("npz", &bytes, words);
            assert!(told.contains("tensor 'a'") && told.contains("(at byte 35)"), "{told}");
        }
    }
    let many = format!("({})", "1, ".repeat(255));
    refuse(
        "npz",
        &zip(&[Entry::stored("a.npy", &npy("|u1", "False", &many, &[7]))]),
        "255 dimensions",
    );
    let deep = npy_of(2, &format!("{{'shape': {}", "(".repeat(60_000)), b"");
    refuse("npz", &zip(&[Entry::packed("a.npy", &deep)]), "no dimension");
    let cut = &array()[..20];
    refuse("npz", &zip(&[Entry::stored("a.npy", cut)]), "ends too early");
    let surrogate = npy("<U1", "False", "(1,)", &[0, 0xd8, 0, 0]);
    refuse("npz", &zip(&[Entry::stored("a.npy", &surrogate)]), "0xd800 is no character");
}

#[test]
fn headers_of_safetensors_that_lie() {
    let one = |rest: &str| format!(r#"{{"a":{{"dtype":"F32",{rest}}}}}"#);
    let good = one(r#""shape":[2],"data_offsets":[0,8]"#);
    for (header, words) in [
        (one(r#""shape":[3],"data_offsets":[0,8]"#), "invalid shape"),
        (one(r#""shape":[2],"data_offsets":[8,0]"#), "invalid offset"),
        (one(r#""shape":[1],"data_offsets":[4,8]"#), "invalid offset"),
        (one(r#""shape":[2],"data_offsets":[0,18446744073709551615]"#), ""),
        (one(r#""shape":[2],"data_offsets":[0,1e99]"#), ""),
        (one(r#""shape":[9223372036854775807,8],"data_offsets":[0,8]"#), "overflow"),
        (
            one(r#""shape":[0,9223372036854775807,8],"data_offsets":[0,0]"#),
            "more than 2^63 elements",
        ),
        (one(r#""shape":[2]"#), "missing field"),
        (format!("{good}x"), "trailing characters"),
        (good.replace('F', "\u{1}"), "control character"),
        ("[".repeat(100_000), "invalid type"),
        (one(&format!(r#""shape":{}"#, "[".repeat(100_000))), ""),
        (good.replace("}}", &format!("}},{}", &good[1..])), "two tensors of this name"),
        ("\u{feff}{}".into(), ""),
    ] {
        let data = if header.contains("[0,0]") { &[][..] } else { &[0; 8] };
        let told = refuse("safetensors", &safetensors(&header, data), words);
        assert!(told.contains("(at byte "), "{told}");
    }
    let many = format!("[{}1]", "1,".repeat(254));
    let header = one(&format!(r#""shape":{many},"data_offsets":[0,4]"#));
    refuse("safetensors", &safetensors(&header, &[0; 4]), "255 dimensions");
    for data in [0, 7, 9, 100] {
        refuse("safetensors", &safetensors(&good, &vec![0; data]), "is about 8 bytes of data");
    }
}

#[test]
fn lengths_of_safetensors_that_lie() {
    refuse("safetensors", b"", "too short");
    refuse("safetensors", b"\x02\0\0\0\0\0\0", "too short");
    refuse("safetensors", b"\x03\0\0\0\0\0\0\0{}", "to have 3 bytes, but only 2");
    refuse("safetensors", &[0xff; 64], "18446744073709551615 bytes; 100000000 are possible");
    refuse("safetensors", b"\0\0\0\0\0\0\0\0", "damaged");
    refuse("safetensors", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer");
    refuse("safetensors", b"<!doctype html><html>Not found", "HTML page");
}

/// Whatever byte of a file is another, the command never panics, and does not take
/// one thing for another: what it makes of an archive, whose bytes have a checksum,
/// is right or nothing.
#[test]
fn flipped_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let (src, good) = (small(dir.path()), dir.path().join("good.npz"));
    succeed(&[&"convert", &src, &good]);
    let bytes = std::fs::read(&good).unwrap();
    for at in (0..bytes.len()).step_by(7) {
        let mut bad = bytes.clone();
        bad[at] ^= 1 << (at % 8);
        let (file, dst) = (dir.path().join("bad.npz"), dir.path().join("bad"));
        std::fs::write(&file, &bad).unwrap();
        let run = tfckpt(&[&"convert", &file, &dst]);
        if run.code == 0 {
            let differs = tfckpt(&[&"diff", &src, &dst]);
            assert!(differs.text().contains(" 0 different"), "byte {at}: {}", differs.text());
            for name in files(dir.path()).iter().filter(|name| name.starts_with("bad.")) {
                std::fs::remove_file(dir.path().join(name)).unwrap();
            }
        }
    }
}
