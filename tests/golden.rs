//! Every bundle that TensorFlow wrote reads as TensorFlow reads it.

mod support;

use support::{Golden, digest, dtype_of, golden_bundles, name_bytes, sha256, shape_of};
use tfckpt::bundle::{ReadOptions, ReadRequest, Reader, ReaderOptions, Tensor, verify};
use tfckpt::tensor::{DType, Slice};

fn each_tensor(mut check: impl FnMut(&Reader, &Tensor, &serde_json::Value, &str)) {
    let mut checked = 0;
    for golden in golden_bundles() {
        let reader = Reader::open(&golden.prefix).unwrap();
        let tensors: Vec<Tensor> = reader.tensors().collect::<Result<_, _>>().unwrap();
        assert_eq!(tensors.len(), golden.tensors.len(), "{}", golden.prefix.display());
        for (tensor, expected) in tensors.iter().zip(&golden.tensors) {
            let place = format!("{} {}", golden.prefix.display(), tensor.name.escape_ascii());
            assert_eq!(tensor.name, name_bytes(expected), "{place}");
            check(&reader, tensor, expected, &place);
            checked += 1;
        }
    }
    assert!(checked > 4000, "only {checked} tensors");
}

#[test]
fn headers() {
    for Golden { prefix, checkpoint, tensors } in golden_bundles() {
        let reader = Reader::open(&prefix).unwrap();
        let header = reader.header();
        assert_eq!(header.num_shards, checkpoint["shard_count"].as_u64().unwrap() as u32);
        assert_eq!(header.endianness.name(), checkpoint["endianness"]);
        assert_eq!(header.version.producer as i64, checkpoint["version"]["producer"]);
        assert_eq!(reader.index().len().unwrap(), tensors.len() as u64, "{}", prefix.display());
    }
}

#[test]
fn entries() {
    each_tensor(|_, tensor, expected, place| {
        let entry = &tensor.entry;
        assert_eq!(entry.dtype, dtype_of(&expected["dtype"]), "{place}");
        assert_eq!(entry.dtype.number() as i64, expected["dtype_number"], "{place}");
        assert_eq!(entry.shape.dims(), shape_of(&expected["shape"]), "{place}");
        let stored = &expected["stored"];
        if stored.is_object() {
            assert_eq!(entry.shard as u64, stored["shard_id"], "{place}");
            assert_eq!(entry.offset, stored["offset"], "{place}");
            assert_eq!(entry.size, stored["size"], "{place}");
            assert_eq!(entry.crc32c as u64, stored["crc32c"], "{place}");
        }
        let specs = expected["slices"].as_array().map(Vec::as_slice).unwrap_or_default();
        let expected_specs: Vec<&str> = specs.iter().map(|s| s["spec"].as_str().unwrap()).collect();
        let mut found: Vec<String> = entry.slices.iter().map(Slice::to_string).collect();
        let mut expected_sorted: Vec<String> =
            expected_specs.iter().map(|s| s.to_string()).collect();
        found.sort();
        expected_sorted.sort();
        assert_eq!(found, expected_sorted, "{place}");
    });
}

#[test]
fn values() {
    let mut beyond_tensorflow = 0;
    each_tensor(|reader, tensor, expected, place| {
        if let Some(sha256) = expected["sha256"].as_str() {
            assert_eq!(digest(reader, tensor, None).unwrap(), sha256, "{place}");
        } else if tensor.entry.dtype != DType::VARIANT {
            // TensorFlow could not put it together: slices missing, or a dtype
            // that it does not gather. The latter we do.
            beyond_tensorflow += usize::from(digest(reader, tensor, None).is_ok());
        }
    });
    assert!(beyond_tensorflow >= 10, "{beyond_tensorflow}");
}

#[test]
fn stored_slices() {
    let mut checked = 0;
    each_tensor(|reader, tensor, expected, place| {
        for slice in expected["slices"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let spec: Slice = slice["spec"].as_str().unwrap().parse().unwrap();
            let found = digest(reader, tensor, Some(&spec)).unwrap();
            assert_eq!(found, slice["sha256"].as_str().unwrap(), "{place} {spec}");
            checked += 1;
        }
    });
    assert!(checked > 100, "only {checked} slices");
}

#[test]
fn variants_are_the_records_as_stored() {
    let mut checked = 0;
    each_tensor(|reader, tensor, expected, place| {
        let Some(records) = expected["variants"].as_array() else { return };
        let found = reader.read_strings(&tensor.name, &ReadOptions::default()).unwrap();
        let lengths: Vec<u64> = found.iter().map(|record| record.len() as u64).collect();
        let expected: Vec<u64> =
            records.iter().map(|r| r["serialized_bytes"].as_u64().unwrap()).collect();
        assert_eq!(lengths, expected, "{place}");
        checked += 1;
    });
    assert!(checked >= 5, "only {checked} variants");
}

#[test]
fn positions_are_the_order_of_names() {
    for golden in golden_bundles() {
        let reader = Reader::open(&golden.prefix).unwrap();
        let step = 1 + golden.tensors.len() / 50;
        for (position, expected) in golden.tensors.iter().enumerate().step_by(step) {
            let tensor = reader.index().at(position as u64).unwrap().unwrap();
            assert_eq!(tensor.name, name_bytes(expected));
            assert_eq!(reader.find(&tensor.name).unwrap().unwrap(), tensor);
        }
        assert!(reader.index().at(golden.tensors.len() as u64).unwrap().is_none());
        assert!(reader.index().at(u64::MAX).unwrap().is_none());
    }
}

#[test]
fn many_at_once_are_the_same() {
    for golden in golden_bundles() {
        for (mapped, threads) in [(false, 1), (true, 1), (false, 3)] {
            let options = ReaderOptions { mapped, ..ReaderOptions::default() };
            // An empty file can't be mapped, and nothing is read from it.
            let reader = Reader::open_with(&golden.prefix, &options).unwrap();
            let wanted: Vec<_> = golden
                .tensors
                .iter()
                .rev()
                .filter(|t| t["sha256"].is_string() && t["dtype"] != "DT_STRING")
                .map(|t| (name_bytes(t), t["nbytes"].as_u64().unwrap() as usize, &t["sha256"]))
                .collect();
            let mut buffers: Vec<Vec<u8>> = wanted.iter().map(|w| vec![0x5a; w.1]).collect();
            let mut requests: Vec<ReadRequest<'_>> = wanted
                .iter()
                .zip(&mut buffers)
                .map(|(w, dst)| ReadRequest { name: &w.0, slice: None, dst, dst_strides: None })
                .collect();
            let options = ReadOptions { threads, ..ReadOptions::default() };
            reader.read_many(&mut requests, &options).unwrap();
            for (buffer, (name, _, expected)) in buffers.iter().zip(&wanted) {
                assert_eq!(sha256(buffer), **expected, "{}", name.escape_ascii());
            }
        }
    }
}

#[test]
fn verify_finds_nothing() {
    for golden in golden_bundles() {
        let reader = Reader::open(&golden.prefix).unwrap();
        let report = verify(&reader, &tfckpt::Progress::none()).unwrap();
        // The parts of a sharded save that was never merged lack some slices.
        let partial = golden.tensors.iter().any(|expected| {
            let tensor = reader.find(name_bytes(expected)).unwrap().unwrap();
            !expected["full_restore"].is_null() && digest(&reader, &tensor, None).is_err()
        });
        assert_eq!(report.is_ok(), !partial, "{}: {:?}", golden.prefix.display(), report.problems);
        assert_eq!(report.tensors, golden.tensors.len() as u64);
    }
}
