//! Every way to look at a table or a bundle, whatever it is; all must agree.

use std::path::Path;
use std::sync::Arc;

use tfckpt::bundle::{
    ReadOptions, ReadRequest, Reader, ReaderOptions, Tensor, data_path, index_path, verify,
};
use tfckpt::storage::{MemoryFile, MemoryStorage};
use tfckpt::table::{Table, TableOptions};
use tfckpt::tensor::{Extent, Shape, Slice, Strings};
use tfckpt::{Error, ErrorKind, Progress, Result};

pub const PREFIX: &str = "/ckpt";

/// How many tensors of a bundle are looked at closely.
const MOST_TENSORS: usize = 64;

const CHECKED: ReadOptions =
    ReadOptions { verify: true, threads: 1, max_in_flight: 8 << 20, progress: Progress::none() };
const UNCHECKED: ReadOptions =
    ReadOptions { verify: false, threads: 1, max_in_flight: 8 << 20, progress: Progress::none() };

/// A bundle of an index and the data shards that go with it.
pub fn storage_of(index: &[u8], shards: &[Vec<u8>]) -> MemoryStorage {
    let storage = MemoryStorage::new();
    let prefix = Path::new(PREFIX);
    storage.put(index_path(prefix), index);
    for (number, shard) in (0..).zip(shards) {
        storage.put(data_path(prefix, number, shards.len() as u32), shard.clone());
    }
    storage
}

pub fn open(storage: &MemoryStorage) -> Result<Reader> {
    let options = ReaderOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    Reader::open_with(PREFIX, &options)
}

/// Looks at a table that is nothing but these bytes.
pub fn table(bytes: &[u8]) {
    let file = Arc::new(MemoryFile::new("table", bytes));
    let Ok(table) = Table::open(file, &TableOptions::default()) else { return };
    let _ = table.verify_frame();
    let mut cursor = table.cursor();
    let mut last: Option<Vec<u8>> = None;
    loop {
        match cursor.next() {
            Ok(true) => {
                assert!(last.as_deref().is_none_or(|last| last < cursor.key()), "keys must rise");
                let (key, value) = (cursor.key().to_vec(), cursor.value().to_vec());
                look_up(&table, cursor.block(), &key, &value);
                last = Some(key);
            }
            Ok(false) => return,
            Err(_) => {
                let block = cursor.block();
                let _ = cursor.next_block();
                assert!(cursor.block() > block, "there must be a way on");
                // It stands on the first entry of that block, or before it.
                last = Some(cursor.key().to_vec()).filter(|key| !key.is_empty()).or(last);
            }
        }
    }
}

/// In a block that is not sound in all, a search may meet what is wrong, or miss the key.
fn look_up(table: &Table, block: usize, key: &[u8], value: &[u8]) {
    if table.block_len(block).is_err() {
        let _ = table.get(key);
        let _ = table.cursor().seek(key);
        return;
    }
    assert_eq!(table.get(key).unwrap().as_deref(), Some(value));
    let mut cursor = table.cursor();
    assert!(cursor.seek(key).unwrap());
    assert_eq!((cursor.key(), cursor.value()), (key, value));
}

/// Looks at a bundle.
pub fn bundle(reader: &Reader) {
    let report = verify(reader, &tfckpt::Progress::none()).unwrap();
    report.problems.iter().for_each(assert_about_files);
    let listed: Vec<Result<Tensor>> = reader.tensors().collect();
    check_positions(reader, &listed, report.is_ok());
    let tensors: Vec<Tensor> = listed.into_iter().flatten().collect();
    assert!(tensors.windows(2).all(|two| two[0].name < two[1].name), "names must rise");
    let is_sound = reader.index().len().is_ok();
    let mut plain = Vec::new();
    for tensor in tensors.iter().take(MOST_TENSORS) {
        let found = reader.find(&tensor.name);
        if is_sound {
            assert_eq!(found.unwrap().as_ref(), Some(tensor));
        }
        let _ = reader.tensors_with_prefix(&tensor.name).count();
        let read = content(reader, tensor);
        assert!(read.is_ok() || !report.is_ok(), "verify missed it");
        match read {
            Ok(Content::Plain(data)) => plain.push((tensor, data)),
            Ok(Content::Strings) => {}
            Err(error) => assert_about_files(&error),
        }
    }
    if is_sound {
        check_many(reader, &plain);
    }
}

fn check_positions(reader: &Reader, listed: &[Result<Tensor>], is_sound: bool) {
    let Ok(len) = reader.index().len() else {
        assert!(!is_sound, "verify has not seen what counting has");
        return;
    };
    assert_eq!(len, listed.len() as u64);
    for (position, tensor) in (0..).zip(listed).take(MOST_TENSORS) {
        match (tensor, reader.index().at(position)) {
            (Ok(tensor), found) => assert_eq!(found.unwrap().as_ref(), Some(tensor)),
            (Err(error), found) => assert_eq!(found.unwrap_err().kind(), error.kind()),
        }
    }
    assert_eq!(reader.index().at(len).unwrap(), None);
}

enum Content {
    Plain(Vec<u8>),
    Strings,
}

/// What a tensor holds, read in every way.
fn content(reader: &Reader, tensor: &Tensor) -> Result<Content> {
    let shape = &tensor.entry.shape;
    if tensor.entry.dtype.is_variable_length() {
        let whole = reader.read_strings(&tensor.name, &CHECKED);
        let unchecked = reader.read_strings(&tensor.name, &UNCHECKED);
        let _ = reader.string_bytes(&tensor.name);
        let whole = whole?;
        assert_eq!(whole, unchecked.unwrap());
        slices(shape).for_each(|slice| check_strings(reader, tensor, &slice, &whole));
        return Ok(Content::Strings);
    }
    let whole = reader.read(&tensor.name);
    let _ = reader.read_into(&tensor.name, &mut [0; 256], &UNCHECKED);
    let whole = whole?;
    let size = tensor.entry.dtype.size().unwrap();
    slices(shape).for_each(|slice| check_slice(reader, tensor, &slice, &whole, size));
    Ok(Content::Plain(whole))
}

/// A few slices of any shape: all of it, nothing, corners, and the middle.
pub(crate) fn slices(shape: &Shape) -> impl Iterator<Item = Slice> {
    let of = |extent: fn(i64) -> Extent| {
        Slice::new(shape.dims().iter().map(|&dim| extent(dim)).collect::<Vec<_>>())
    };
    [
        of(|_| Extent::FULL),
        of(|_| Extent::new(0, 0)),
        of(|dim| Extent::new(0, dim.min(1))),
        of(|dim| Extent::new(dim / 2, dim - dim / 2)),
        of(|dim| Extent::new(dim / 3, dim / 3)),
    ]
    .into_iter()
}

/// The elements of a slice, by their places in the whole.
pub(crate) fn places(shape: &Shape, slice: &Slice) -> Vec<usize> {
    let mut found = vec![0];
    for (extent, &dim) in slice.extents().iter().zip(shape.dims()) {
        let indices = extent.start..extent.start + extent.length.unwrap_or(dim);
        let along = |at: &i64| {
            let first = at * dim;
            indices.clone().map(move |index| first + index)
        };
        found = found.iter().flat_map(along).collect();
    }
    found.into_iter().map(|place| place as usize).collect()
}

fn check_slice(reader: &Reader, tensor: &Tensor, slice: &Slice, whole: &[u8], size: usize) {
    let places = places(&tensor.entry.shape, slice);
    let expected: Vec<u8> =
        places.iter().flat_map(|at| &whole[at * size..][..size]).copied().collect();
    let mut data = vec![0; expected.len()];
    for options in [CHECKED, UNCHECKED] {
        let read = reader.read_slice_into(&tensor.name, slice, &mut data, &options).unwrap();
        assert!(read == data.len() && data == expected, "slice {slice}");
    }
}

fn check_strings(reader: &Reader, tensor: &Tensor, slice: &Slice, whole: &Strings) {
    let places = places(&tensor.entry.shape, slice);
    let expected: Strings = places.iter().map(|&at| whole.get(at).unwrap()).collect();
    assert_eq!(reader.read_strings_slice(&tensor.name, slice, &CHECKED).unwrap(), expected);
}

fn check_many(reader: &Reader, tensors: &[(&Tensor, Vec<u8>)]) {
    let mut buffers: Vec<Vec<u8>> = tensors.iter().map(|(_, data)| vec![0; data.len()]).collect();
    let mut requests: Vec<ReadRequest<'_>> = tensors
        .iter()
        .zip(&mut buffers)
        .rev()
        .map(|((tensor, _), dst)| ReadRequest {
            name: &tensor.name,
            slice: None,
            dst,
            dst_strides: None,
        })
        .collect();
    reader.read_many(&mut requests, &CHECKED).unwrap();
    assert!(tensors.iter().zip(&buffers).all(|((_, data), read)| data == read));
}

/// Files can be the cause of some kinds of error; others would be our fault.
pub fn assert_about_files(error: &Error) {
    use ErrorKind::{DataLoss, NotFound, ResourceLimit, Unsupported};
    let is_about_files = [DataLoss, NotFound, ResourceLimit, Unsupported].contains(&error.kind());
    assert!(is_about_files && error.file().is_some(), "{error:?}");
}
