//! `.safetensors` files as others write them.

use super::files::{le, safetensors};
use super::*;

#[test]
fn tensors_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    let (file, dst) = (dir.path().join("file.safetensors"), dir.path().join("dst"));
    let header = r#"{"__metadata__":{"format":"pt","by":"someone"},
        "b":{"data_offsets":[4,8],"dtype":"I16","shape":[1,2]},
        "empty":{"dtype":"F64","shape":[0,9],"data_offsets":[4,4]},
        "\u6a21/\u0000a":{"dtype":"BF16","shape":[],"data_offsets":[8,10]},
        "a":{"dtype":"U32","shape":[1],"data_offsets":[0,4]}}   "#;
    std::fs::write(&file, safetensors(header, &le![7u32, 1i16, -1i16, 0x3f80u16])).unwrap();
    let run = tfckpt(&[&"convert", &file, &dst]);
    let note = "tfckpt: note: the metadata of the file (by, format) has no place in a checkpoint, and is left out\n";
    assert_eq!((run.code, &*run.stderr), (0, note));
    assert_eq!(names(&dst), ["a", "b", "empty", "模/\0a"]);
    let cat = |name: &str| succeed(&[&"cat", &dst, &name]).text().to_string();
    assert_eq!(
        (cat("a"), cat("b"), cat("模/\\x00a")),
        ("7\n".into(), "1 -1\n".into(), "1.0\n".into())
    );
    assert_eq!(Reader::open(&dst).unwrap().tensor("empty").unwrap().shape.dims(), [0, 9]);
}

#[test]
fn the_largest_elements_come_first() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file.safetensors");
    succeed(&[&"convert", &small(dir.path()), &file]);
    let bytes = std::fs::read(&file).unwrap();
    let header = concat!(
        r#"{"step":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#,
        r#""dense/bias":{"dtype":"F32","shape":[0],"data_offsets":[8,8]},"#,
        r#""dense/kernel":{"dtype":"F32","shape":[3,1],"data_offsets":[8,20]}}"#,
    );
    let header = format!("{header:<0$}", header.len().next_multiple_of(8));
    assert_eq!(bytes, safetensors(&header, &le![7i64, 0.5f32, -1f32, 1e30f32]));
}

#[test]
fn types_that_no_checkpoint_has_are_listed_and_can_be_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let (file, dst) = (dir.path().join("file.safetensors"), dir.path().join("dst"));
    let header = r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},
        "b":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[1,2]},
        "c":{"dtype":"F4","shape":[2],"data_offsets":[2,3]}}"#;
    std::fs::write(&file, safetensors(header, &[1, 2, 3])).unwrap();
    let run = fail(2, "no checkpoint has tensors of these types", &[&"convert", &file, &dst]);
    assert!(run.stderr.ends_with(":\n  b: F8_E8M0\n  c: F4\n"), "{}", run.stderr);
    succeed(&[&"convert", &file, &dst, &"--filter", &"a"]);
    let unknown = header.replace("F8_E8M0", "F2");
    std::fs::write(&file, safetensors(&unknown, &[1, 2, 3])).unwrap();
    let run = fail(2, "types that are not known", &[&"convert", &file, &dir.path().join("x")]);
    assert!(run.stderr.ends_with(":\n  b: F2\n"), "{}", run.stderr);
}

#[test]
fn no_tensors_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    std::fs::write(at("none.safetensors"), safetensors("{}", &[])).unwrap();
    succeed(&[&"convert", &at("none.safetensors"), &at("dst")]);
    succeed(&[&"convert", &at("dst"), &at("again.safetensors")]);
    assert_eq!(std::fs::read(at("again.safetensors")).unwrap(), safetensors("{}      ", &[]));
}
