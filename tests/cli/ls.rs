//! `tfckpt ls`.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use serde_json::{Value, json};

use super::support::{Golden, golden_checkpoints, name_bytes};
use super::*;

#[test]
fn every_golden_checkpoint_is_as_tensorflow_says() {
    let mut tensors = 0;
    for Golden { prefix, checkpoint, tensors: expected } in golden_checkpoints() {
        let run = tfckpt(&[&"ls", &"--json", &"--sha256", &prefix]);
        let list = run.json();
        let place = prefix.display();
        assert_eq!(list["format"], checkpoint["format"], "{place}");
        assert_eq!(list["shards"], checkpoint["shard_count"], "{place}");
        assert_eq!(list["endianness"], checkpoint["endianness"], "{place}");
        assert_eq!(keys(&list), ["endianness", "format", "shards", "tensors"]);
        let rows = list["tensors"].as_array().unwrap();
        assert_eq!(rows.len(), expected.len(), "{place}");
        let mut unreadable = 0;
        for (row, expected) in rows.iter().zip(&expected) {
            check_row(row, expected);
            unreadable += usize::from(row["error"].is_string());
            tensors += 1;
        }
        // Not even those slices have to be there that a partial save has.
        assert_eq!(run.code, i32::from(unreadable > 0), "{place}: {}", run.stderr);
        assert_eq!(run.stderr.lines().count(), unreadable, "{place}: {}", run.stderr);
    }
    assert!(tensors > 4000, "only {tensors} tensors");
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

fn check_row(row: &Value, expected: &Value) {
    let place = format!("{row}\n{expected}");
    assert_eq!(row["name"], expected["name"], "{place}");
    assert_eq!(row.get("name_b64"), expected.get("name_b64"), "{place}");
    assert_eq!(row["dtype"], expected["dtype"], "{place}");
    assert_eq!(row["shape"], expected["shape"], "{place}");
    if expected["sha256"].is_string() {
        assert_eq!(row["bytes"], expected["nbytes"], "{place}");
        assert_eq!(row["sha256"], expected["sha256"], "{place}");
    }
    if expected["dtype"] == "DT_VARIANT" {
        assert!(row["bytes"].is_null() && row["sha256"].is_null(), "{place}");
    }
    let mut wanted = vec!["bytes", "dtype", "name", "sha256", "shape"];
    if expected["stored"].is_object() {
        assert_eq!(row["shard"], expected["stored"]["shard_id"], "{place}");
        assert_eq!(row["offset"], expected["stored"]["offset"], "{place}");
        assert_eq!(row["stored_bytes"], expected["stored"]["size"], "{place}");
        assert_eq!(row["crc32c"], expected["stored"]["crc32c"], "{place}");
        wanted.extend(["crc32c", "offset", "shard", "stored_bytes"]);
    } else if !is_stored_whole(expected) {
        assert_eq!(specs(&row["slices"]), specs(&expected["slices"]), "{place}");
        wanted.push("slices");
    }
    if row["error"].is_string() {
        assert!(expected["full_restore"].is_string() && row["sha256"].is_null(), "{place}");
        wanted.push("error");
    }
    wanted.extend(expected.get("name_b64").map(|_| "name_b64"));
    wanted.sort();
    assert_eq!(keys(row), wanted, "{place}");
}

/// V1 has every tensor as slices; one that is the whole is not listed.
fn is_stored_whole(expected: &Value) -> bool {
    let slices = expected["slices"].as_array().unwrap();
    slices.len() == 1 && slices[0]["shape"] == expected["shape"] && slices[0]["file"].is_string()
}

/// Slice specs as a set: ours, or those of an `expected.json`.
fn specs(slices: &Value) -> Vec<&str> {
    let slices = slices.as_array().unwrap().iter();
    let mut specs: Vec<&str> = slices
        .map(|slice| slice.as_str().unwrap_or_else(|| slice["spec"].as_str().unwrap()))
        .collect();
    specs.sort();
    specs
}

#[test]
fn without_sha256_nothing_is_hashed() {
    let run = succeed(&[&"ls", &"--json", &golden("strings/ckpt")]);
    for row in run.json()["tensors"].as_array().unwrap() {
        assert!(row["bytes"].is_u64() && row.get("sha256").is_none(), "{row}");
    }
}

#[test]
fn as_a_table() {
    let run = succeed(&[&"ls", &golden("partitioned/tf1/model.ckpt")]);
    let expected = "\
name            dtype     shape    bytes  where
columns/kernel  DT_FLOAT  [3,9]      108  4 slices
rank1/bias      DT_FLOAT  [5]         20  2 slices
rank3/cube      DT_FLOAT  [2,5,3]    120  2 slices
rows/embedding  DT_FLOAT  [10,4]     160  3 slices
whole           DT_FLOAT  [2,2]       16  0:408
5 tensors, 424 bytes; V2, 1 data shard, little endian
";
    assert_eq!(run.text(), expected);
}

#[test]
fn odd_names_stay_on_their_line() {
    let run = succeed(&[&"ls", &golden("odd_keys/ckpt")]);
    assert_eq!(run.text().lines().count(), 35 + 2);
    for name in ["new\\nline", "tab\\there", "null\\x00inside", "back\\\\slash", "模型/权重"] {
        assert!(run.text().contains(&format!("\n{name} ")), "{name}");
    }
    let run = succeed(&[&"ls", &golden("odd_keys/not_utf8/ckpt")]);
    assert!(run.text().contains("latin1/\\xe9t\\xe9 "), "{}", run.text());
}

#[test]
fn a_filter_is_for_whole_names() {
    let names_of_any = |globs: &[&str]| {
        let path = golden("odd_keys/ckpt");
        let filters: Vec<String> = globs.iter().map(|glob| format!("--filter={glob}")).collect();
        let mut args: Vec<&dyn AsRef<OsStr>> = vec![&"ls", &"--json", &path];
        args.extend(filters.iter().map(|filter| filter as &dyn AsRef<OsStr>));
        let list = succeed(&args).json();
        let rows = list["tensors"].as_array().unwrap();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    let names = |glob| names_of_any(&[glob]);
    assert_eq!(names("prefix/*"), ["prefix/", "prefix/a", "prefix/a/b"]);
    assert_eq!(names("prefix[/.]a"), ["prefix.a", "prefix/a"]);
    assert_eq!(names("?"), ["-", ".", "0", "\u{7f}", "\u{ffff}", "\u{10ffff}"]);
    assert_eq!(names("no such"), [""; 0]);
    assert_eq!(names_of_any(&["prefix/a", "prefix.a"]), ["prefix.a", "prefix/a"]);
    assert_eq!(names_of_any(&["prefix/a", "0", "no such"]), ["0", "prefix/a"]);
    assert_eq!(names_of_any(&["prefix/a", "prefix/*"]), names("prefix/*"));
}

#[test]
fn any_file_of_a_checkpoint_will_do() {
    let wanted = succeed(&[&"ls", &golden("saved_model/module/variables/variables")]).stdout;
    for path in [
        "saved_model/module",
        "saved_model/module/variables/variables.index",
        "saved_model/module/variables/variables.data-00000-of-00001",
    ] {
        assert_eq!(succeed(&[&"ls", &golden(path)]).stdout, wanted, "{path}");
    }
    succeed(&[&"ls", &golden("partitioned/tf1/model.ckpt.meta")]);
}

#[test]
fn what_is_damaged_hides_nothing_else() {
    let run = tfckpt(&[&"ls", &"--json", &hostile("entry_dtype_invalid/ckpt")]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("tensor 'alpha/kernel'"), "{}", run.stderr);
    let list = run.json();
    assert!(list["tensors"].as_array().unwrap().len() > 2, "{list}");
    let problem = &list["problems"][0];
    assert_eq!(
        (&problem["status"], &problem["tensor"]),
        (&json!("DATA_LOSS"), &json!("alpha/kernel"))
    );

    let run = tfckpt(&[&"ls", &hostile("second_block_flipped_byte/ckpt")]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(run.text().lines().count() > 3, "{}", run.text());
}

#[test]
fn an_index_is_enough_until_values_are_asked_for() {
    let run = succeed(&[&"ls", &"--json", &hostile("data_missing/ckpt")]);
    let list = run.json();
    let rows = list["tensors"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["dtype"] == "DT_STRING" && row["bytes"].is_null()), "{list}");
    let run = tfckpt(&[&"ls", &"--json", &"--sha256", &hostile("data_missing/ckpt")]);
    assert_eq!(run.code, 1);
    assert_eq!(run.stderr.lines().count(), rows.len());
    for row in run.json()["tensors"].as_array().unwrap() {
        assert!(row["sha256"].is_null(), "{row}");
        assert!(row["error"].as_str().unwrap().contains("data-00000-of-00001"), "{row}");
    }
}

#[test]
fn a_damaged_tensor_has_no_digest() {
    let run = tfckpt(&[&"ls", &"--json", &"--sha256", &hostile("data_flipped_bit/ckpt")]);
    assert_eq!(run.code, 1);
    let list = run.json();
    for row in list["tensors"].as_array().unwrap() {
        assert_eq!(row["sha256"].is_null(), row["name"] == "alpha/kernel", "{row}");
    }
}

/// As `tfckpt ls … | head -1` does.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    for args in [&["ls"][..], &["ls", "--json"]] {
        let prefix = golden("many_tensors/default_blocks");
        let mut child = command(&[])
            .args(args)
            .arg(&prefix)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::with_capacity(64, child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        drop(stdout);
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!((child.wait().unwrap().code(), &*stderr), (Some(0), ""));
    }
}

#[test]
fn a_full_disk_is_one() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command(&[&"ls", &golden("strings/ckpt")]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("tfckpt: cannot write to standard output: "), "{stderr}");
}

#[test]
fn paths_need_not_be_utf8() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join(OsStr::from_bytes(b"m\xffdel-1.5"));
    succeed(&[&"copy", &golden("odd_keys/not_utf8/ckpt"), &prefix]);
    let run = succeed(&[&"ls", &"--json", &prefix]);
    let list = run.json();
    let bytes: Vec<_> = list["tensors"].as_array().unwrap().iter().map(name_bytes).collect();
    assert!(bytes.contains(&b"utf16/\xff\xfe".to_vec()));
}

/// Columns are those of a terminal, on which a Chinese letter takes two.
#[test]
fn columns_stand_below_each_other_whatever_the_names() {
    use tfckpt::bundle::Writer;
    use tfckpt::tensor::{DType, Shape};
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("ckpt");
    let mut writer = Writer::create(&prefix).unwrap();
    for name in ["a", "e\u{301}", "模型"] {
        writer.add(name, DType::UINT8, &Shape::new([]).unwrap(), &[7]).unwrap();
    }
    writer.finish().unwrap();
    let text = succeed(&[&"ls", &prefix]);
    let lines: Vec<&str> = text.text().lines().collect();
    let row = |name: &str| lines.iter().find(|line| line.starts_with(name)).unwrap().to_string();
    assert!(row("a ").starts_with("a     DT_UINT8"), "{lines:#?}");
    assert!(row("e\u{301}").starts_with("e\u{301}     DT_UINT8"), "{lines:#?}");
    assert!(row("模型").starts_with("模型  DT_UINT8"), "{lines:#?}");
}
