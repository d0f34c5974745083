//! V1 checkpoints: every one that TensorFlow wrote reads as it reads it, and what
//! is written is what it would write.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{data_dir, dtype_of, name_bytes, sha256, sha256_strings, shape_of};
use tempfile::TempDir;
use tfckpt::storage::LocalStorage;
use tfckpt::table::TableOptions;
use tfckpt::tensor::{DType, Slice};
use tfckpt::v1::{Reader, Tensor, Writer};
use tfckpt::{ErrorKind, Result};

struct Golden {
    files: Vec<PathBuf>,
    tensors: Vec<Value>,
}

fn golden() -> Vec<Golden> {
    let mut found = Vec::new();
    for case in fs::read_dir(data_dir("golden")).unwrap() {
        let case = case.unwrap().path();
        let Ok(text) = fs::read(case.join("expected.json")) else { continue };
        let expected: Value = serde_json::from_slice(&text).unwrap();
        let checkpoints = expected["checkpoints"].as_array().unwrap();
        for checkpoint in checkpoints.iter().filter(|c| c["format"] == "V1") {
            let tensors = match checkpoint["tensors_same_as"].as_str() {
                Some(other) => {
                    &checkpoints.iter().find(|c| c["prefix"] == other).unwrap()["tensors"]
                }
                None => &checkpoint["tensors"],
            };
            let files = checkpoint["files"].as_array().unwrap();
            found.push(Golden {
                files: files.iter().map(|f| case.join(f["path"].as_str().unwrap())).collect(),
                tensors: tensors.as_array().unwrap().clone(),
            });
        }
    }
    assert!(found.len() >= 9, "only {}", found.len());
    found
}

fn open(files: &[PathBuf]) -> Result<Reader> {
    Reader::open(&LocalStorage, files, &TableOptions::default())
}

fn digest(reader: &Reader, name: &[u8], tensor: &Tensor, slice: Option<&Slice>) -> Result<String> {
    if tensor.dtype == DType::STRING {
        return Ok(sha256_strings(&reader.read_strings(name, slice)?));
    }
    let shape = match slice {
        Some(slice) => slice.shape(&tensor.shape)?,
        None => tensor.shape.clone(),
    };
    // Of files that are bad the shape says nothing of memory.
    let size = reader.read_size(name, slice)? as usize;
    assert_eq!(size as u64, shape.num_elements() * tensor.dtype.size().unwrap() as u64);
    let mut data = vec![0xa5; size];
    reader.read_into(name, slice, &mut data)?;
    Ok(sha256(&data))
}

#[test]
fn everything_reads_as_tensorflow_reads_it() {
    let (mut tensors, mut slices) = (0, 0);
    for golden in golden() {
        let reader = open(&golden.files).unwrap();
        assert_eq!(reader.tensors().len(), golden.tensors.len());
        for ((name, tensor), expected) in reader.tensors().iter().zip(&golden.tensors) {
            let place = format!("{:?} {}", golden.files[0], name.escape_ascii());
            assert_eq!(*name, name_bytes(expected), "{place}");
            assert_eq!(tensor.dtype, dtype_of(&expected["dtype"]), "{place}");
            assert_eq!(tensor.shape.dims(), shape_of(&expected["shape"]), "{place}");
            if let Some(sha256) = expected["sha256"].as_str() {
                assert_eq!(digest(&reader, name, tensor, None).unwrap(), sha256, "{place}");
            }
            tensors += 1;
            for slice in expected["slices"].as_array().unwrap() {
                let spec: Slice = slice["spec"].as_str().unwrap().parse().unwrap();
                let stored = tensor.slices.iter().find(|stored| stored.slice == spec).unwrap();
                let file = reader.path(stored.file).unwrap();
                assert!(file.ends_with(slice["file"].as_str().unwrap()), "{place}");
                if let Some(sha256) = slice["sha256"].as_str() {
                    let found = digest(&reader, name, tensor, Some(&spec)).unwrap();
                    assert_eq!(found, sha256, "{place} {spec}");
                    slices += 1;
                }
            }
        }
    }
    assert!(tensors > 200 && slices > 200, "{tensors} {slices}");
}

/// Parts of tensors that no stored slice is by itself.
#[test]
fn any_slice_is_gathered() {
    for golden in golden() {
        let reader = open(&golden.files).unwrap();
        for (name, tensor) in reader.tensors() {
            let Some(size) = tensor.dtype.size() else { continue };
            let Some(rows) = tensor.shape.dims().first().copied().filter(|&n| n > 2) else {
                continue;
            };
            let elements = tensor.shape.num_elements() as usize;
            let row = elements / rows as usize * size;
            let mut whole = vec![0; elements * size];
            if reader.read_into(name, None, &mut whole).is_err() {
                continue;
            }
            let mut spec = format!("1,{}", rows - 2);
            spec += &":-".repeat(tensor.shape.rank() - 1);
            let mut part = vec![0; whole.len() - 2 * row];
            reader.read_into(name, Some(&spec.parse().unwrap()), &mut part).unwrap();
            assert_eq!(part, whole[row..whole.len() - row]);
        }
    }
}

/// The files of TensorFlow's own writer, made again from what they hold.
#[test]
fn what_is_written_is_what_tensorflow_writes() {
    let mut same = 0;
    for golden in golden() {
        let [file] = golden.files.as_slice() else { continue };
        let reader = open(&golden.files).unwrap();
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("again");
        let mut writer = Writer::create(&path).unwrap();
        for name in names_in_order(file) {
            let tensor = &reader.tensors()[&name];
            for stored in &tensor.slices {
                let (shape, slice) = (&tensor.shape, &stored.slice);
                if tensor.dtype == DType::STRING {
                    let strings = reader.read_strings(&name, Some(slice)).unwrap();
                    writer.add_strings_slice(&name, shape, slice, &strings).unwrap();
                    continue;
                }
                let elements = slice.shape(shape).unwrap().num_elements();
                let mut data = vec![0; elements as usize * tensor.dtype.size().unwrap()];
                reader.read_into(&name, Some(slice), &mut data).unwrap();
                writer.add_slice(&name, tensor.dtype, shape, slice, &data).unwrap();
            }
        }
        writer.finish().unwrap();
        if fs::read(file).unwrap() == fs::read(&path).unwrap() {
            same += 1;
        } else {
            // Made with snappy blocks or smaller ones.
            assert!(file.to_str().unwrap().contains("v1_snappy"), "{}", file.display());
        }
        assert_eq!(open(&[path]).unwrap().tensors(), reader.tensors());
    }
    assert!(same >= 5, "only {same}");
}

/// The tensors in the order in which the metadata have them.
fn names_in_order(file: &Path) -> Vec<Vec<u8>> {
    let file = tfckpt::storage::Storage::open(&LocalStorage, file).unwrap();
    let table = tfckpt::table::Table::open(file, &TableOptions::default()).unwrap();
    let value = table.get(b"").unwrap().unwrap();
    let field = |mut bytes: &[u8], number: u64| {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let tag = tfckpt::coding::take_varint(&mut bytes).unwrap();
            let len = tfckpt::coding::take_varint(&mut bytes).unwrap() as usize;
            if tag & 7 != 2 {
                continue;
            }
            let (content, rest) = bytes.split_at(len);
            bytes = rest;
            if tag >> 3 == number {
                found.push(content.to_vec());
            }
        }
        found
    };
    let meta = field(&value, 1).remove(0);
    field(&meta, 1).iter().map(|tensor| field(tensor, 1).remove(0)).collect()
}

#[test]
fn damage_is_an_error_with_a_place() {
    let mut cases = 0;
    for case in fs::read_dir(data_dir("hostile")).unwrap() {
        let case = case.unwrap();
        let name = case.file_name().into_string().unwrap();
        let path = case.path().join("model.ckpt");
        if !name.starts_with("v1_") || name == "good_v1" {
            continue;
        }
        cases += 1;
        let read_all = || -> Result<()> {
            let reader = open(std::slice::from_ref(&path))?;
            for (name, tensor) in reader.tensors() {
                digest(&reader, name, tensor, None)?;
            }
            Ok(())
        };
        let error = read_all().expect_err(&name);
        let expected = match name.as_str() {
            "v1_future_min_consumer" => ErrorKind::Unsupported,
            _ => ErrorKind::DataLoss,
        };
        assert_eq!(error.kind(), expected, "{name}: {error}");
        assert!(error.file().is_some() || error.tensor().is_some(), "{name}: {error}");
    }
    assert_eq!(cases, 30);
}
