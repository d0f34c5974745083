//! Many tensors of a V1 checkpoint in one call, on any number of threads.

mod support;

use std::path::Path;
use std::sync::Arc;

use support::random::Random;
use tfckpt::bundle::{ReadOptions, ReadRequest, ReaderOptions};
use tfckpt::checkpoint::Reader;
use tfckpt::storage::MemoryStorage;
use tfckpt::tensor::{DType, Shape, Slice};
use tfckpt::v1::{Writer, WriterOptions, file_path};
use tfckpt::{ErrorKind, Progress, Result};

const PREFIX: &str = "/ckpt";
const FILES: u32 = 3;

/// Names and values: many small tensors, some of which a block has many, and a few that
/// are more than a thread takes at once.
fn tensors() -> Vec<(String, Vec<u8>)> {
    let mut random = Random(3);
    let size = |number: usize| if number % 50 == 7 { (1 << 20) + 100 } else { 4 + number % 3000 };
    (0..300).map(|number| (format!("t{number:03}"), random.bytes(size(number)))).collect()
}

fn written(tensors: &[(String, Vec<u8>)]) -> MemoryStorage {
    let storage = MemoryStorage::new();
    let shared = Arc::new(storage.clone());
    let options = WriterOptions { storage: shared, num_files: FILES, ..WriterOptions::default() };
    let mut writer = Writer::create_with(PREFIX, options).unwrap();
    for (name, values) in tensors {
        let shape = Shape::new([values.len() as i64]).unwrap();
        writer.add(name, DType::UINT8, &shape, values).unwrap();
    }
    writer.finish().unwrap();
    storage
}

fn open(storage: &MemoryStorage) -> Reader {
    let options = ReaderOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    Reader::open_with(PREFIX, &options).unwrap()
}

fn on(threads: usize) -> ReadOptions {
    ReadOptions { threads, progress: Progress::new(), ..ReadOptions::default() }
}

/// All tensors in random order, of each third one but two elements.
fn read_all(
    reader: &Reader,
    tensors: &[(String, Vec<u8>)],
    options: &ReadOptions,
) -> Result<Vec<(usize, Vec<u8>)>> {
    let mut order: Vec<usize> = (0..tensors.len()).collect();
    Random(5).shuffle(&mut order);
    let size = |at: usize| if at % 3 == 0 { 2 } else { tensors[at].1.len() };
    let mut read: Vec<(usize, Vec<u8>)> =
        order.into_iter().map(|at| (at, vec![0; size(at)])).collect();
    let slice = |at: usize| (at % 3 == 0).then(|| "1,2".parse::<Slice>().unwrap());
    let mut requests: Vec<ReadRequest<'_>> = read
        .iter_mut()
        .map(|(at, dst)| {
            let (name, slice) = (tensors[*at].0.as_bytes(), slice(*at));
            ReadRequest { name, slice, dst, dst_strides: None }
        })
        .collect();
    reader.read_many(&mut requests, options)?;
    Ok(read)
}

#[test]
fn values_are_the_same_on_any_number_of_threads() {
    let tensors = tensors();
    let storage = written(&tensors);
    for threads in [0, 1, 2, 5] {
        let options = on(threads);
        for (at, read) in read_all(&open(&storage), &tensors, &options).unwrap() {
            let all = &tensors[at].1;
            let expected = if at % 3 == 0 { &all[1..3] } else { all };
            assert!(read == expected, "{at} on {threads}");
        }
        assert_eq!(options.progress.done(), options.progress.total());
        assert!(options.progress.total() > 4 << 20);
    }
}

/// The error is about a tensor that is damaged, and names the file that has it.
#[test]
fn damage_is_named() {
    let tensors = tensors();
    let storage = written(&tensors);
    let path = file_path(Path::new(PREFIX), 1, FILES);
    let mut bytes = storage.bytes(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    storage.put(&path, bytes);
    for threads in [1, 2, 5] {
        let error = read_all(&open(&storage), &tensors, &on(threads)).unwrap_err();
        assert_eq!((error.kind(), error.file()), (ErrorKind::DataLoss, Some(&*path)));
        assert!(error.tensor().is_some() && error.offset().is_some(), "{error}");
        let name = error.tensor().unwrap();
        assert!(open(&storage).read(name).is_err(), "{error}");
    }
}

#[test]
fn a_call_ends_when_it_is_cancelled() {
    let tensors = tensors();
    let storage = written(&tensors);
    for threads in [1, 2, 5] {
        let options = on(threads);
        options.progress.set_callback(Some(|_, _| false));
        let reader = open(&storage);
        let ended = (0..1000).find_map(|_| read_all(&reader, &tensors, &options).err());
        assert_eq!(ended.unwrap().kind(), ErrorKind::Cancelled);
    }
}
