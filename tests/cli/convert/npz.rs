//! `.npz` files as NumPy writes them, and as it might.

use super::files::{Entry, be, le, npy, npy_of, zip};
use super::*;

/// A checkpoint of a `.npz` of these entries.
fn checkpoint(dir: &Path, entries: &[Entry]) -> PathBuf {
    let (file, dst) = (dir.join("file.npz"), dir.join("dst"));
    std::fs::write(&file, zip(entries)).unwrap();
    succeed(&[&"convert", &file, &dst]);
    dst
}

fn cat(prefix: &Path, name: &str) -> String {
    succeed(&[&"cat", &prefix, &name]).text().to_string()
}

#[test]
fn any_byte_order_any_order_of_dimensions_packed_or_not() {
    let little = le![1i32, -2i32, 3i32, 4i32, 5i32, 6i32];
    let big = be![1i32, -2i32, 3i32, 4i32, 5i32, 6i32];
    for make in [Entry::stored, Entry::packed] {
        let dir = tempfile::tempdir().unwrap();
        let entries = [
            make("c_little.npy", &npy("<i4", "False", "(2, 3)", &little)),
            make("c_big.npy", &npy(">i4", "False", "(2, 3)", &big)),
            make("f_little.npy", &npy("<i4", "True", "(2, 3)", &little)),
            make("f_big.npy", &npy(">i4", "True", "(2, 3)", &big)),
            make("f_flat.npy", &npy("<i4", "True", "(6,)", &little)),
            make("f_empty.npy", &npy("<i4", "True", "(2, 0)", &[])),
            make(
                "complex.npy",
                &npy(">c8", "False", "(3,)", &be![1f32, -2f32, 0f32, 0.5f32, 3f32, 4f32]),
            ),
            make("deep/name.npy", &npy("|b1", "False", "()", &[1])),
            make("模型/权重.npy", &npy("<f2", "False", "(1, 0, 2)", &[])),
            make(
                "version2.npy",
                &npy_of(2, "{'descr':'=u1','fortran_order':False,'shape':(2,)}", &[7, 8]),
            ),
            make(
                "version3.npy",
                &npy_of(3, "{'descr':'|i1','fortran_order':False,'shape':(1,)}", &[255]),
            ),
            make("no_suffix", &npy("<f8", "False", "(1,)", &le![2.5f64])),
        ];
        let dst = checkpoint(dir.path(), &entries);
        for name in ["c_little", "c_big"] {
            assert_eq!(cat(&dst, name), "1 -2 3\n4 5 6\n");
        }
        for name in ["f_little", "f_big"] {
            assert_eq!(cat(&dst, name), "1 3 5\n-2 4 6\n");
        }
        assert_eq!(cat(&dst, "f_flat"), "1 -2 3 4 5 6\n");
        assert_eq!(cat(&dst, "complex"), "1.0-2.0j 0.0+0.5j 3.0+4.0j\n");
        assert_eq!(cat(&dst, "deep/name"), "true\n");
        assert_eq!(cat(&dst, "version2"), "7 8\n");
        assert_eq!(cat(&dst, "version3"), "-1\n");
        assert_eq!(cat(&dst, "no_suffix"), "2.5\n");
        let reader = Reader::open(&dst).unwrap();
        let shape = |name: &str| reader.tensor(name).unwrap().shape.to_string();
        assert_eq!((shape("模型/权重"), shape("f_empty")), ("[1,0,2]".into(), "[2,0]".into()));
    }
}

#[test]
fn strings_of_bytes_and_of_characters() {
    let dir = tempfile::tempdir().unwrap();
    let text = |words: [&str; 4], swap: bool| -> Vec<u8> {
        let padded = words.map(|word| {
            let mut codes: Vec<u32> = word.chars().map(u32::from).collect();
            codes.resize(3, 0);
            codes
        });
        let bytes = |code: u32| if swap { code.to_be_bytes() } else { code.to_le_bytes() };
        padded.concat().into_iter().flat_map(bytes).collect()
    };
    let words = ["é", "", "a\0b", "😀模x"];
    let dst = checkpoint(
        dir.path(),
        &[
            Entry::stored("s.npy", &npy("|S3", "False", "(3,)", b"ab\0\0\0\0x\0y")),
            Entry::packed("f.npy", &npy("|S2", "True", "(2, 2)", b"aab\0c\0d\0")),
            Entry::packed("little.npy", &npy("<U3", "False", "(4,)", &text(words, false))),
            Entry::stored("big.npy", &npy(">U3", "False", "(4,)", &text(words, true))),
            Entry::stored("none.npy", &npy("|S0", "False", "(0,)", b"")),
        ],
    );
    assert_eq!(cat(&dst, "s"), "ab\n\nx\\x00y\n");
    assert_eq!(cat(&dst, "f"), "aa\nc\nb\nd\n");
    for name in ["little", "big"] {
        assert_eq!(cat(&dst, name), "é\n\na\\x00b\n😀模x\n");
    }
    assert_eq!(cat(&dst, "none"), "");
}

#[test]
fn arrays_larger_than_a_block() {
    let dir = tempfile::tempdir().unwrap();
    let numbers: Vec<u8> = (0..700_001u32).flat_map(u32::to_le_bytes).collect();
    let (rows, columns) = (1013u32, 701u32);
    let turned: Vec<u8> = (0..columns)
        .flat_map(|column| (0..rows).flat_map(move |row| (row * columns + column).to_be_bytes()))
        .collect();
    let wide: Vec<u8> = [b"x".repeat(3 << 20), vec![0; 3 << 20], b"y".repeat(3 << 20)].concat();
    let dst = checkpoint(
        dir.path(),
        &[
            Entry::packed("packed.npy", &npy("<u4", "False", "(700001,)", &numbers)),
            Entry::stored("stored.npy", &npy("<u4", "False", "(700001,)", &numbers)),
            Entry::packed("turned.npy", &npy(">u4", "True", "(1013, 701)", &turned)),
            Entry::packed("wide.npy", &npy("|S3145728", "False", "(3,)", &wide)),
        ],
    );
    for name in ["packed", "stored"] {
        assert!(succeed(&[&"cat", &"--raw", &dst, &name]).stdout == numbers);
    }
    let expected =
        &numbers[..(rows * columns) as usize * 4 - (rows * columns - 700_001) as usize * 4];
    let raw = succeed(&[&"cat", &"--raw", &dst, &"turned"]).stdout;
    assert!(raw.starts_with(expected) && raw.len() == (rows * columns) as usize * 4);
    let lines: Vec<usize> = cat(&dst, "wide").lines().map(str::len).collect();
    assert_eq!(lines, [3 << 20, 0, 3 << 20]);
}

#[test]
fn what_no_tensor_can_be_is_listed_and_can_be_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let (file, dst) = (dir.path().join("file.npz"), dir.path().join("dst"));
    let fields = "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }";
    let encrypted = Entry { flags: 1, ..Entry::stored("x_encrypted.npy", b"") };
    let lzma = Entry { method: 14, ..Entry::stored("x_lzma.npy", b"") };
    let latin = Entry {
        name: b"x_\xe9.npy".to_vec(),
        local_name: b"x_\xe9.npy".to_vec(),
        ..Entry::stored("", &npy("|u1", "False", "(1,)", &[3]))
    };
    let entries = [
        Entry::stored("fine.npy", &npy("|u1", "False", "(1,)", &[3])),
        Entry::stored("folder/", b""),
        Entry::stored("x_bfloat.npy", &npy("<V2", "False", "(1,)", &[0, 0])),
        Entry::stored("x_objects.npy", &npy("|O", "False", "(1,)", b"\x80\x04N.")),
        Entry::stored("x_time.npy", &npy("<M8[ns]", "False", "(1,)", &[0; 8])),
        Entry::stored("x_fields.npy", &npy_of(1, fields, &[0; 4])),
        Entry::stored("x_version.npy", &npy_of(9, "{}", b"")),
        Entry::stored("x_readme.txt", b"hello"),
        Entry::stored("x_nothing.npy", &npy("|S0", "False", "(1000000000000,)", b"")),
        encrypted,
        lzma,
        latin,
    ];
    std::fs::write(&file, zip(&entries)).unwrap();
    let run = fail(2, "no tensor can be made of these", &[&"convert", &file, &dst]);
    let listed: Vec<&str> = run.stderr.lines().skip(1).collect();
    let expected = [
        "  x_bfloat: '<V2': bytes of no type, which bfloat16 and float8 become in NumPy; save them \
         as float32, and --cast them back",
        "  x_objects: '|O': pickled Python objects, which are never loaded",
        "  x_time: '<M8[ns]': no tensor has elements of this type",
        "  x_fields: has elements of several fields",
        "  x_version: is of version 9.0 of the format",
        "  x_readme.txt: is no array: it does not begin as a .npy file does",
        "  x_nothing: '|S0' has elements of no bytes",
        "  x_encrypted: is encrypted",
        "  x_lzma: is packed by method 14, not DEFLATE",
        "  x_\\xe9: its name is not marked as UTF-8, or is not UTF-8",
    ];
    assert_eq!(listed, expected);
    succeed(&[&"convert", &file, &dst, &"--filter", &"fin*"]);
    assert_eq!(names(&dst), ["fine"]);
}

#[test]
fn a_name_for_an_array_that_has_none() {
    let dir = tempfile::tempdir().unwrap();
    let (file, dst) = (dir.path().join("file.npz"), dir.path().join("dst"));
    std::fs::write(&file, zip(&[Entry::stored(".npy", &npy("|u1", "False", "()", &[3]))])).unwrap();
    fail(2, "without a name", &[&"convert", &file, &dst]);
    succeed(&[&"convert", &file, &dst, &"--rename", &"*=named"]);
    assert_eq!(cat(&dst, "named"), "3\n");
}

#[test]
fn no_arrays_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let dst = checkpoint(dir.path(), &[]);
    assert!(names(&dst).is_empty());
    succeed(&[&"convert", &dst, &dir.path().join("empty.npz")]);
    assert_eq!(std::fs::read(dir.path().join("empty.npz")).unwrap(), zip(&[]));
}

/// A ZIP archive may stand behind something else, and have a comment.
#[test]
fn an_archive_within_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let (file, dst) = (dir.path().join("file.npz"), dir.path().join("dst"));
    let mut bytes = zip(&[Entry::packed("a.npy", &npy("|u1", "False", "()", &[3]))]);
    let comment = bytes.len() - 2;
    bytes[comment] = 5;
    bytes.extend(b"hello");
    std::fs::write(&file, [&b"#!/bin/sh\n"[..], &bytes].concat()).unwrap();
    succeed(&[&"convert", &file, &dst]);
    assert_eq!(cat(&dst, "a"), "3\n");
}
