//! `tfckpt cat`.

use std::os::unix::ffi::OsStrExt;

use serde_json::Value;

use super::support::{base64, golden_bundles, name_bytes, sha256};
use super::*;

/// The golden tensors that TensorFlow could read, with the bundle they are in;
/// of thousands that are alike only some.
fn each_tensor(mut check: impl FnMut(&Path, &OsStr, &Value)) {
    let mut checked = 0;
    for golden in golden_bundles() {
        let step = 1 + golden.tensors.len() / 100;
        for expected in golden.tensors.iter().step_by(step).filter(|t| t["sha256"].is_string()) {
            let name = name_bytes(expected);
            // No argument has a zero byte: such a name goes by its escapes.
            let name = if name.contains(&0) { b"null\\x00inside".to_vec() } else { name };
            check(&golden.prefix, OsStr::from_bytes(&name), expected);
            checked += 1;
        }
    }
    assert!(checked > 700, "only {checked} tensors");
}

#[test]
fn raw_is_the_content() {
    each_tensor(|prefix, name, expected| {
        let run = succeed(&[&"cat", &"--raw", &prefix, &"--", &name]);
        if expected["dtype"] == "DT_STRING" {
            assert_eq!(expected["string_bytes"], run.stdout.len(), "{expected}");
        } else {
            assert_eq!(expected["sha256"], sha256(&run.stdout), "{expected}");
        }
    });
}

#[test]
fn text_leads_back_to_the_content() {
    each_tensor(|prefix, name, expected| {
        let run = succeed(&[&"cat", &prefix, &"--", &name]);
        let text = run.text();
        let shape: Vec<u64> =
            expected["shape"].as_array().unwrap().iter().map(|d| d.as_u64().unwrap()).collect();
        let elements: u64 = shape.iter().product();
        if expected["dtype"] == "DT_STRING" {
            assert_eq!(text.lines().count() as u64, elements, "{expected}");
            return;
        }
        let row = shape.last().copied().unwrap_or(1);
        assert!(text.lines().all(|line| line.split(' ').count() as u64 == row), "{text}");
        let values: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(values.len() as u64, elements, "{expected}");
        if let Some(bytes) = parse(expected["dtype"].as_str().unwrap(), &values) {
            assert_eq!(expected["sha256"], sha256(&bytes), "{expected}");
        }
    });
}

/// The bytes of numbers in text; `None` for types whose texts this test can't
/// read, and for NaN, of which there are many.
fn parse(dtype: &str, values: &[&str]) -> Option<Vec<u8>> {
    macro_rules! as_type {
        ($type:ty) => {
            values.iter().flat_map(|v| v.parse::<$type>().unwrap().to_ne_bytes()).collect()
        };
    }
    if values.iter().any(|value| value.contains("NaN")) {
        return None;
    }
    Some(match dtype {
        "DT_FLOAT" => as_type!(f32),
        "DT_DOUBLE" => as_type!(f64),
        "DT_INT8" | "DT_QINT8" => as_type!(i8),
        "DT_UINT8" | "DT_QUINT8" | "DT_UINT4" | "DT_UINT2" => as_type!(u8),
        "DT_INT16" | "DT_QINT16" => as_type!(i16),
        "DT_UINT16" | "DT_QUINT16" => as_type!(u16),
        "DT_INT32" | "DT_QINT32" => as_type!(i32),
        "DT_UINT32" => as_type!(u32),
        "DT_INT64" => as_type!(i64),
        "DT_UINT64" => as_type!(u64),
        "DT_INT4" => values.iter().map(|v| v.parse::<i8>().unwrap() as u8 & 0xf).collect(),
        "DT_INT2" => values.iter().map(|v| v.parse::<i8>().unwrap() as u8 & 0x3).collect(),
        "DT_BOOL" => values.iter().map(|&v| u8::from(v == "true")).collect(),
        _ => return None,
    })
}

#[test]
fn strings_are_escaped() {
    let run = succeed(&[&"cat", &golden("strings/ckpt"), &"not_utf8"]);
    let tensors =
        &golden_bundles().into_iter().find(|g| g.prefix.ends_with("strings/ckpt")).unwrap().tensors;
    let expected = tensors.iter().find(|t| t["name"] == "not_utf8").unwrap();
    for (line, element) in run.text().lines().zip(expected["strings_b64"].as_array().unwrap()) {
        let element = base64(element.as_str().unwrap());
        assert!(!line.contains(char::is_control), "{line}");
        assert!(element.is_empty() || line.contains("\\x"), "{line} {element:?}");
    }
}

#[test]
fn a_slice() {
    let prefix = golden("partitioned/tf1/model.ckpt");
    let whole = succeed(&[&"cat", &prefix, &"columns/kernel"]);
    let whole: Vec<&str> = whole.text().split_whitespace().collect();
    let part = succeed(&[&"cat", &prefix, &"columns/kernel", &"--slice", &"1,2:2,4"]);
    let expected = format!("{}\n{}\n", whole[11..15].join(" "), whole[20..24].join(" "));
    assert_eq!(part.text(), expected);
    let row = succeed(&[&"cat", &prefix, &"columns/kernel", &"--slice", &"-:8,1"]);
    assert_eq!(row.text().lines().collect::<Vec<_>>(), [whole[8], whole[17], whole[26]]);
    let none = succeed(&[&"cat", &prefix, &"columns/kernel", &"--slice", &"3,0:-"]);
    assert_eq!(none.text(), "");
    let words = succeed(&[&"cat", &golden("strings/ckpt"), &"matrix", &"--slice", &"1,1:0,2"]);
    assert_eq!(words.text().lines().count(), 2);
}

#[test]
fn what_can_not_be_shown() {
    let prefix = golden("partitioned/tf1/model.ckpt");
    fail(2, "tensor 'kernel': there is no such tensor", &[&"cat", &prefix, &"kernel"]);
    fail(
        2,
        "reaches outside of [3,9]",
        &[&"cat", &prefix, &"columns/kernel", &"--slice", &"3,1:-"],
    );
    fail(2, "has 1 dimensions", &[&"cat", &prefix, &"columns/kernel", &"--slice", &"-"]);
    fail(2, "is no slice spec", &[&"cat", &prefix, &"columns/kernel", &"--slice", &"1"]);
    fail(2, "DT_RESOURCE", &[&"cat", &hostile("entry_dtype_resource/ckpt"), &"alpha/kernel"]);
    fail(2, "data-00000-of-00001", &[&"cat", &hostile("data_missing/ckpt"), &"alpha/kernel"]);
    let damaged = tfckpt(&[&"cat", &hostile("data_flipped_bit/ckpt"), &"alpha/kernel"]);
    assert_eq!(damaged.code, 1, "{}", damaged.stderr);
    assert!(damaged.stderr.contains("checksum"), "{}", damaged.stderr);
}

/// Not a value is printed of a tensor that is damaged, wherever the damage is.
#[test]
fn of_a_damaged_tensor_nothing_is_printed() {
    use tfckpt::bundle::{Writer, data_path};
    use tfckpt::tensor::{DType, Shape};
    let dir = tempfile::tempdir().unwrap();
    for (name, rows) in [("small", 10), ("large", 5_000_000)] {
        let prefix = dir.path().join(name);
        let mut writer = Writer::create(&prefix).unwrap();
        let shape = Shape::new([rows, 1]).unwrap();
        writer.add("t", DType::FLOAT, &shape, &vec![0; rows as usize * 4]).unwrap();
        writer.finish().unwrap();
        assert!(!succeed(&[&"cat", &prefix, &"t"]).stdout.is_empty());
        let data = data_path(&prefix, 0, 1);
        let mut bytes = std::fs::read(&data).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&data, bytes).unwrap();
        fail(1, "checksum", &[&"cat", &prefix, &"t"]);
        fail(1, "checksum", &[&"cat", &prefix, &"t", &"--raw"]);
        fail(1, "checksum", &[&"cat", &prefix, &"t", &"--slice", &"0,3:-"]);
    }
    // V1, where the damage is to a block of the table, and strings.
    let v1 = copy_of("v1_saver/single");
    damage(&v1.path().join("model.ckpt-300"));
    assert!(tfckpt(&[&"cat", &v1.path().join("model.ckpt-300"), &"global_step"]).stdout.is_empty());
}

#[test]
fn variants_are_their_messages() {
    let run = succeed(&[&"cat", &golden("variant/lists/ckpt"), &"ragged_rows"]);
    assert_eq!(run.text().lines().count(), 3, "{}", run.text());
}

#[test]
fn any_name_of_a_variable_will_do() {
    let path = golden("object_based/keras/ckpt-50");
    let key = "optimizer/_trainable_variables/0/.ATTRIBUTES/VARIABLE_VALUE";
    let values = succeed(&[&"cat", &path, &key]).stdout;
    for name in [
        "optimizer/_trainable_variables/0",
        "model/_functional/_operations/1/_kernel",
        "sequential/hidden/kernel",
    ] {
        assert_eq!(succeed(&[&"cat", &path, &name]).stdout, values, "{name}");
    }
    fail(2, "there is no such tensor", &[&"cat", &path, &"model/nothing"]);
    let several = fail(
        2,
        "means 2 tensors",
        &[&"cat", &golden("saved_model/keras"), &"sequential/norm/gamma"],
    );
    assert!(several.stderr.contains("\n  variables/2/.ATTRIBUTES/VARIABLE_VALUE\n"));
}
