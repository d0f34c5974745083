//! `tfckpt diff`.

use serde_json::json;
use tfckpt::bundle::Writer;
use tfckpt::tensor::{DType, Shape, Slice, Strings};

use super::*;

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_ne_bytes()).collect()
}

/// Two checkpoints with one tensor of each kind of difference, and some without.
fn two(dir: &Path) -> (PathBuf, PathBuf) {
    let shape = |dims: &[i64]| Shape::new(dims).unwrap();
    let (a, b) = (dir.join("a"), dir.join("b"));
    let mut writer = Writer::create(&a).unwrap();
    writer.add("same", DType::FLOAT, &shape(&[2]), &bytes(&[1.0, f32::NAN])).unwrap();
    writer.add("near", DType::FLOAT, &shape(&[2, 2]), &bytes(&[1.0, 2.0, 3.0, 4.0])).unwrap();
    writer.add("type", DType::FLOAT, &shape(&[1]), &bytes(&[1.0])).unwrap();
    writer.add("shape", DType::FLOAT, &shape(&[2, 1]), &bytes(&[1.0, 2.0])).unwrap();
    writer.add_strings("words", &shape(&[2]), &Strings::from_iter(["x", "y"])).unwrap();
    writer.add("a", DType::INT32, &shape(&[]), &[0; 4]).unwrap();
    writer.finish().unwrap();
    let mut writer = Writer::create(&b).unwrap();
    writer.add("same", DType::FLOAT, &shape(&[2]), &bytes(&[1.0, f32::NAN])).unwrap();
    writer.add("near", DType::FLOAT, &shape(&[2, 2]), &bytes(&[1.0, 2.0, 3.25, 3.5])).unwrap();
    writer.add("type", DType::INT32, &shape(&[1]), &[0; 4]).unwrap();
    writer.add("shape", DType::FLOAT, &shape(&[1, 2]), &bytes(&[1.0, 2.0])).unwrap();
    writer.add_strings("words", &shape(&[2]), &Strings::from_iter(["x", "z"])).unwrap();
    writer.add(b"b\xff", DType::INT32, &shape(&[]), &[0; 4]).unwrap();
    writer.finish().unwrap();
    (a, b)
}

#[test]
fn for_people() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = two(dir.path());
    let run = tfckpt(&[&"diff", &a, &b]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    let expected = "\
a: only in A
b\\xff: only in B
near: 2 of 4 elements differ, the first at [1, 0], by at most 0.5
shape: shape [2, 1] in A, [1, 2] in B
type: DT_FLOAT in A, DT_INT32 in B
words: 1 of 2 elements differs, the first at [1]
1 equal, 4 different, 1 only in A, 1 only in B
";
    assert_eq!(run.text(), expected);
    let same = succeed(&[&"diff", &a, &a]);
    assert_eq!(same.text(), "6 equal, 0 different, 0 only in A, 0 only in B\n");
}

#[test]
fn as_json() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = two(dir.path());
    let run = tfckpt(&[&"diff", &"--json", &a, &b]);
    assert_eq!(run.code, 1);
    let values = json!({"elements": 4, "differing": 2, "first": [1, 0], "max_abs": 0.5});
    let expected = json!({
        "differences": [
            {"name": "a", "only_in": "A"},
            {"name": "b\\xff", "name_b64": "Yv8=", "only_in": "B"},
            {"name": "near", "values": values},
            {"name": "shape", "shape": {"a": [2, 1], "b": [1, 2]}},
            {"name": "type", "dtype": {"a": "DT_FLOAT", "b": "DT_INT32"}},
            {"name": "words", "values": {"elements": 2, "differing": 1, "first": [1]}},
        ],
        "equal": 1, "different": 4, "only_in_a": 1, "only_in_b": 1,
    });
    assert_eq!(run.json(), expected);
}

#[test]
fn within_a_tolerance() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = two(dir.path());
    let near = |atol: &str| {
        let run = tfckpt(&[&"diff", &a, &b, &"--atol", &atol]);
        run.text().lines().find(|line| line.starts_with("near")).map(String::from)
    };
    assert_eq!(near("0.5"), None);
    let expected = "near: 1 of 4 elements differs, the first at [1, 1], by at most 0.5";
    assert_eq!(near("0.25").as_deref(), Some(expected));
}

/// A scalar has no place in it, and a bound no more digits than anybody reads.
#[test]
fn scalars_and_bounds() {
    let (a, b) = ("tf1_saver/absolute/model.ckpt-40", "tf1_saver/absolute/model.ckpt-50");
    let run = tfckpt(&[&"diff", &golden(a), &golden(b)]);
    let lines: Vec<&str> = run.text().lines().collect();
    assert_eq!(lines[0], "beta1_power: 1 of 1 element differs, by at most 0.00866439");
    assert_eq!(lines[2], "global_step: 1 of 1 element differs");
    let all = tfckpt(&[&"diff", &golden(a), &golden(b), &"--atol", &"0.00866439"]);
    assert!(!all.text().contains("beta1_power"), "{}", all.text());
    let exact = tfckpt(&[&"diff", &golden(a), &golden(b), &"--json"]).json();
    assert_eq!(exact["differences"][0]["values"]["max_abs"], 0.008664388675242662);
}

#[test]
fn how_it_is_stored_makes_no_difference() {
    let (top, whole) = ("merge_inputs/merged/slices/ckpt", "merge_inputs/inputs/whole_table");
    let run = tfckpt(&[&"diff", &golden(top), &golden(whole)]);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    succeed(&[&"diff", &golden("big_endian/big/ckpt"), &golden("big_endian/little/ckpt")]);
    succeed(&[
        &"diff",
        &golden("big_endian/big_sharded/ckpt"),
        &golden("big_endian/little_sharded/ckpt"),
    ]);
}

/// What is printed does not depend on how many compare.
#[test]
fn on_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = two(dir.path());
    let (many, more) = (dir.path().join("many"), dir.path().join("more"));
    for (prefix, changed) in [(&many, 0), (&more, 3)] {
        let mut writer = Writer::create(prefix).unwrap();
        for number in 0..200 {
            let value = if number % 40 == changed { 9 } else { number as u8 };
            writer.add(format!("t{number:03}"), DType::UINT8, &Shape::default(), &[value]).unwrap();
        }
        writer.finish().unwrap();
    }
    let data = tfckpt::bundle::data_path(&more, 0, 1);
    let mut bytes = std::fs::read(&data).unwrap();
    bytes[77] ^= 1;
    std::fs::write(&data, bytes).unwrap();
    for (one, other) in [(&a, &b), (&many, &more)] {
        let runs = ["1", "2", "5"].map(|threads| {
            let run = tfckpt(&[&"diff", &one, &other, &"--threads", &threads]);
            (run.code, run.text().to_string(), run.stderr.clone())
        });
        assert_eq!(runs[0].0, 1);
        assert!(runs[0].1.lines().count() > 5, "{runs:?}");
        assert_eq!(runs[0].2.contains("t077"), one == &many, "{runs:?}");
        assert_eq!((&runs[0], &runs[0]), (&runs[1], &runs[2]));
    }
}

/// Larger than what is read at once, and stored in different ways.
#[test]
fn large_tensors() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    let (rows, columns) = (9000, 1024);
    let shape = Shape::new([rows, columns]).unwrap();
    let row =
        |row: i64| (0..columns).flat_map(move |c| (row * columns + c).to_ne_bytes()[..4].to_vec());
    let mut writer = Writer::create(&a).unwrap();
    let mut tensor = writer.begin("t", DType::INT32, &shape).unwrap();
    (0..rows).for_each(|r| tensor.write(&row(r).collect::<Vec<_>>()).unwrap());
    tensor.finish().unwrap();
    writer.finish().unwrap();

    let mut writer = Writer::create(&b).unwrap();
    for (start, length) in [(4000, 5000), (0, 4000)] {
        let slice: Slice = format!("{start},{length}:-").parse().unwrap();
        let mut data: Vec<u8> = (start..start + length).flat_map(row).collect();
        if start == 4000 {
            data[4 * (3000 * columns as usize + 7)] ^= 1;
        }
        writer.add_slice("t", DType::INT32, &shape, &slice, &data).unwrap();
    }
    writer.finish().unwrap();
    for (one, other) in [(&a, &b), (&b, &a)] {
        let run = tfckpt(&[&"diff", &one, &other]);
        assert_eq!((run.code, &*run.stderr), (1, ""));
        let expected = "t: 1 of 9,216,000 elements differs, the first at [7000, 7]";
        assert_eq!(run.text().lines().next(), Some(expected));
    }
    // The digest of what is stored in slices goes by blocks too.
    let sha256 = |prefix: &Path| {
        let list = succeed(&[&"ls", &"--json", &"--sha256", &prefix]).json();
        list["tensors"][0]["sha256"].clone()
    };
    let again = dir.path().join("again");
    succeed(&[&"copy", &a, &again, &"--shards", &"2"]);
    assert_eq!(sha256(&a), sha256(&again));
    assert_ne!(sha256(&a), sha256(&b));

    // Damage in the last of it is an error, and no difference.
    let file = tfckpt::bundle::data_path(&again, 0, 2);
    let mut damaged = std::fs::read(&file).unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    std::fs::write(&file, damaged).unwrap();
    for (one, other) in [(&a, &again), (&again, &b)] {
        let run = tfckpt(&[&"diff", &"--json", &one, &other]);
        assert_eq!(run.code, 1);
        assert!(run.stderr.contains("checksum"), "{}", run.stderr);
        let report = run.json();
        assert_eq!(report["different"], 0, "{report}");
        assert_eq!(report["problems"].as_array().unwrap().len(), 1, "{report}");
    }
}
