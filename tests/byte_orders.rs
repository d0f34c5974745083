//! Values are the same on every machine, whatever byte order it has and a file has: what is
//! written of them is told byte by byte here, and what TensorFlow wrote is read. Under Miri
//! this runs for machines that nobody has at hand; see `make miri`.

use std::path::Path;
use std::sync::Arc;

use tfckpt::bundle::{
    Endianness, ReadOptions, Reader, ReaderOptions, Writer, WriterOptions, data_path, index_path,
    verify,
};
use tfckpt::storage::MemoryStorage;
use tfckpt::tensor::{DType, Shape, Slice, Strings};
use tfckpt::{Progress, v1};

const PREFIX: &str = "/ckpt";
const FLOATS: [f32; 3] = [1.0, -2.5, f32::MIN_POSITIVE];
const LONGS: [i64; 2] = [0x0102_0304_0506_0708, -2];
const SHORTS: [u16; 4] = [0x0102, 0xfffe, 0, 0x8000];
const COMPLEX: [(f64, f64); 1] = [(1.5, -0.0)];

/// The values as they are in memory.
fn native() -> [(&'static str, DType, Vec<u8>); 4] {
    [
        (
            "complex",
            DType::COMPLEX128,
            COMPLEX
                .iter()
                .flat_map(|(re, im)| [re.to_ne_bytes(), im.to_ne_bytes()])
                .flatten()
                .collect(),
        ),
        ("floats", DType::FLOAT, FLOATS.iter().flat_map(|one| one.to_ne_bytes()).collect()),
        ("longs", DType::INT64, LONGS.iter().flat_map(|one| one.to_ne_bytes()).collect()),
        ("shorts", DType::UINT16, SHORTS.iter().flat_map(|one| one.to_ne_bytes()).collect()),
    ]
}

/// What a file has of them, one behind the other.
fn stored(big: bool) -> Vec<u8> {
    let little: [&[u8]; 10] = [
        &[0, 0, 0, 0, 0, 0, 0xf8, 0x3f],
        &[0, 0, 0, 0, 0, 0, 0, 0x80],
        &[0, 0, 0x80, 0x3f],
        &[0, 0, 0x20, 0xc0],
        &[0, 0, 0x80, 0],
        &[8, 7, 6, 5, 4, 3, 2, 1],
        &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[2, 1],
        &[0xfe, 0xff],
        &[0, 0],
    ];
    let last: &[u8] = &[0, 0x80];
    let turned = |value: &[u8]| -> Vec<u8> {
        if big { value.iter().rev().copied().collect() } else { value.to_vec() }
    };
    little.into_iter().chain([last]).flat_map(turned).collect()
}

fn elements() -> Strings {
    [&b"one"[..], b"", b"three"].into_iter().collect()
}

fn written(endianness: Endianness) -> MemoryStorage {
    let storage = MemoryStorage::new();
    let options = WriterOptions {
        storage: Arc::new(storage.clone()),
        endianness,
        alignment: Some(1),
        ..WriterOptions::default()
    };
    let mut writer = Writer::create_with(Path::new(PREFIX), options).unwrap();
    for (name, dtype, values) in native() {
        let count = (values.len() / dtype.size().unwrap()) as i64;
        writer.add(name, dtype, &Shape::new([count]).unwrap(), &values).unwrap();
    }
    writer.add_strings("words", &Shape::new([3]).unwrap(), &elements()).unwrap();
    writer.finish().unwrap();
    storage
}

fn open(storage: &MemoryStorage) -> Reader {
    let options = ReaderOptions { storage: Arc::new(storage.clone()), ..ReaderOptions::default() };
    Reader::open_with(PREFIX, &options).unwrap()
}

#[test]
fn files_have_the_bytes_of_their_order() {
    for endianness in [Endianness::Little, Endianness::Big] {
        let storage = written(endianness);
        let data = storage.bytes(data_path(Path::new(PREFIX), 0, 1)).unwrap();
        let expected = stored(endianness == Endianness::Big);
        assert_eq!(data[..expected.len()], expected, "{endianness:?}");
    }
}

#[test]
fn values_come_back_from_files_of_either_order() {
    for endianness in [Endianness::Little, Endianness::Big] {
        let reader = open(&written(endianness));
        assert!(verify(&reader, &Progress::none()).unwrap().is_ok());
        for (name, dtype, values) in native() {
            assert_eq!(reader.read(name).unwrap(), values, "{name} {endianness:?}");
            let size = dtype.size().unwrap();
            let mut last = vec![0; size];
            let count = values.len() / size;
            let slice: Slice = format!("{},1", count - 1).parse().unwrap();
            reader.read_slice_into(name, &slice, &mut last, &ReadOptions::default()).unwrap();
            assert_eq!(last, values[values.len() - size..], "{name} {endianness:?}");
        }
        assert_eq!(reader.read_strings("words", &ReadOptions::default()).unwrap(), elements());
    }
}

/// TensorFlow's own files: a bundle, and an index of blocks.
#[test]
fn files_of_tensorflow_are_read() {
    let index = include_bytes!("data/hostile/good_v2/ckpt.index");
    let blocks = include_bytes!("data/hostile/good_v2_blocks/ckpt.index");
    let data = include_bytes!("data/hostile/good_v2/ckpt.data-00000-of-00001");
    for index in [&index[..], blocks] {
        let storage = MemoryStorage::new();
        storage.put(index_path(Path::new(PREFIX)), index);
        storage.put(data_path(Path::new(PREFIX), 0, 1), &data[..]);
        let reader = open(&storage);
        assert!(verify(&reader, &Progress::none()).unwrap().is_ok());
        assert_eq!(reader.tensors().count(), 6);
        let kernel: Vec<u8> = (0..12).flat_map(|n| (n as f32 / 8.0).to_ne_bytes()).collect();
        assert_eq!(reader.read("alpha/kernel").unwrap(), kernel);
        assert_eq!(reader.read("beta/count").unwrap(), 1_234_567_890_123i64.to_ne_bytes());
        let table: Vec<u8> = (0..24).flat_map(|n| (n as f32).to_ne_bytes()).collect();
        assert_eq!(reader.read("gamma/table").unwrap(), table);
    }
}

#[test]
fn a_v1_file_of_tensorflow_is_read() {
    let storage = MemoryStorage::new();
    storage.put("/v1", &include_bytes!("data/hostile/good_v1/model.ckpt")[..]);
    let reader = v1::Reader::open(&storage, &["/v1"], &Default::default()).unwrap();
    let floats: Vec<u8> = (0..6).flat_map(|n| (n as f32).to_ne_bytes()).collect();
    assert_eq!(reader.read(b"a", None).unwrap(), floats);
    let longs: Vec<u8> = [7i64, 8, 9].iter().flat_map(|n| n.to_ne_bytes()).collect();
    assert_eq!(reader.read(b"b", None).unwrap(), longs);
    let table: Vec<u8> = (0..24).flat_map(|n| (n as f32).to_ne_bytes()).collect();
    assert_eq!(reader.read(b"parts", None).unwrap(), table);
}
