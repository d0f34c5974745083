//! V1 files that are damaged, or made to harm: errors with a place, and no memory
//! because a file says so.

#[path = "support/peak.rs"]
mod peak;
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use support::index::{Pairs, table};
use tfckpt::bundle::{ReadOptions, ReaderOptions, encode_slice_key};
use tfckpt::checkpoint;
use tfckpt::coding::put_varint;
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::table::{Compression, Table, TableOptions, TableWriterOptions};
use tfckpt::tensor::{DType, Shape, Slice, Strings};
use tfckpt::v1::{Reader, Writer, WriterOptions, file_path, verify};
use tfckpt::{Error, ErrorKind, Result};

#[global_allocator]
static ALLOCATOR: peak::Counting = peak::Counting;

/// A field of a message that holds bytes.
fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(&mut out, (number << 3) | 2);
    put_varint(&mut out, bytes.len() as u64);
    out.extend_from_slice(bytes);
    out
}

fn number(number: u64, value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(&mut out, number << 3);
    put_varint(&mut out, value as u64);
    out
}

fn shape_proto(dims: &[i64]) -> Vec<u8> {
    dims.iter().flat_map(|&dim| field(2, &number(1, dim))).collect()
}

fn slice_proto(spec: &str) -> Vec<u8> {
    let slice: Slice = spec.parse().unwrap();
    let extent = |extent: &tfckpt::tensor::Extent| match extent.length {
        Some(length) => field(1, &[number(1, extent.start), number(2, length)].concat()),
        None => field(1, &[]),
    };
    slice.extents().iter().flat_map(extent).collect()
}

/// What the metadata say of a tensor.
fn tensor(name: &[u8], dtype: DType, dims: &[i64], slices: &[&str]) -> Vec<u8> {
    let mut out = field(1, name);
    out.extend(field(2, &shape_proto(dims)));
    out.extend(number(3, dtype.number().into()));
    slices.iter().for_each(|spec| out.extend(field(4, &slice_proto(spec))));
    field(1, &out)
}

fn meta(tensors: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>) {
    (Vec::new(), field(1, &[tensors.concat(), field(2, &number(1, 1))].concat()))
}

/// The entry of a slice, whatever it holds.
fn entry(name: &[u8], spec: &str, value: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    (encode_slice_key(name, &spec.parse().unwrap()), value)
}

/// The value that such an entry has, with these fields of a `TensorProto`.
fn values(name: &[u8], spec: &str, fields: &[u8]) -> Vec<u8> {
    field(2, &[field(1, name), field(2, &slice_proto(spec)), field(3, fields)].concat())
}

fn storage(files: &[Pairs]) -> (MemoryStorage, Vec<PathBuf>) {
    let storage = MemoryStorage::new();
    let count = files.len() as u32;
    let path = |file: u32| file_path(Path::new("/ckpt"), file, count);
    for (number, pairs) in (0..).zip(files) {
        let mut pairs = pairs.clone();
        pairs.sort();
        storage.put(path(number), table(&pairs, &TableWriterOptions::default()));
    }
    (storage, (0..count).map(path).collect())
}

fn open(files: &[Pairs]) -> Result<Reader> {
    let (storage, paths) = storage(files);
    Reader::open(&storage, &paths, &TableOptions::default())
}

/// What `verify` finds of the tensor `x`, and a read of it.
fn lost(files: &[Pairs]) -> Vec<Error> {
    let reader = open(files).unwrap();
    let report = verify(&reader, &tfckpt::Progress::none()).unwrap();
    let mut errors: Vec<Error> = report.problems;
    assert!(!errors.is_empty());
    errors
        .extend([reader.read(b"x", None).unwrap_err(), reader.read_size(b"x", None).unwrap_err()]);
    for error in &errors {
        assert_eq!(error.kind(), ErrorKind::DataLoss, "{error}");
        assert_eq!(error.tensor(), Some(&b"x"[..]), "{error}");
    }
    errors
}

#[test]
fn values_that_are_not_those_of_their_slice() {
    let floats = |count: usize| field(5, &vec![0; 4 * count]);
    let listed = meta(&[tensor(b"x", DType::FLOAT, &[4], &["0,2", "2,2"])]);
    let good = entry(b"x", "0,2", values(b"x", "0,2", &floats(2)));
    for (value, words) in [
        (values(b"x", "2,2", &floats(1)), "1 values are stored for 2 elements"),
        (values(b"x", "2,2", &floats(3)), "3 values are stored for 2 elements"),
        (values(b"x", "2,2", &field(7, &[0, 0])), "0 values are stored for 2 elements"),
        (values(b"x", "2,2", &field(5, &[0; 7])), "of another kind"),
        (values(b"x", "0,2", &floats(2)), "are those of its slice '0,2'"),
        (values(b"y", "2,2", &floats(2)), "are those of 'y'"),
        (field(1, &[]), "has no values"),
        (vec![0x12, 9, 0x0a], "ends within"),
        (Vec::new(), "has no values"),
    ] {
        let files = [vec![listed.clone(), good.clone(), entry(b"x", "2,2", value)]];
        let errors = lost(&files);
        assert!(errors[0].message().contains(words), "{} {words}", errors[0]);
        assert!(errors.iter().all(|error| error.file() == Some(Path::new("/ckpt"))));
        let reader = open(&files).unwrap();
        assert_eq!(reader.read(b"x", Some(&"0,2".parse().unwrap())).unwrap(), [0; 8]);
    }
}

/// Every form of a message that means the same reads the same.
#[test]
fn other_forms_of_the_same_values() {
    let one = 1.0f32.to_le_bytes();
    let unpacked = [&[0x2d][..], &one, &[0x2d], &one].concat();
    let in_two = [field(5, &one), field(5, &one)].concat();
    let split = [
        field(2, &field(3, &field(5, &one))),
        field(2, &[field(1, b"x"), field(3, &field(5, &one)), field(9, b"unknown")].concat()),
    ];
    let group = [&[0x63][..], &number(1, 5), &[0x64], &field(5, &[one, one].concat())].concat();
    for value in [
        values(b"x", "-", &unpacked),
        values(b"x", "-", &in_two),
        values(b"x", "0,2", &in_two),
        values(b"x", "-", &group),
        split.concat(),
    ] {
        let files =
            [vec![meta(&[tensor(b"x", DType::FLOAT, &[2], &["-"])]), entry(b"x", "-", value)]];
        let reader = open(&files).unwrap();
        assert_eq!(reader.read(b"x", None).unwrap(), [1.0f32; 2].map(f32::to_ne_bytes).concat());
        assert!(verify(&reader, &tfckpt::Progress::none()).unwrap().is_ok());
    }
}

#[test]
fn what_tensors_lack() {
    let value = entry(b"x", "-", values(b"x", "-", &field(7, &[1, 2])));
    let listed = |slices: &[&str]| meta(&[tensor(b"x", DType::INT8, &[2], slices)]);
    // No slice at all, and one that has no entry.
    let errors = lost(&[vec![listed(&[])]]);
    assert!(errors[0].message().contains("no stored slice"), "{}", errors[0]);
    let errors = lost(&[vec![listed(&["-"])]]);
    assert!(errors[0].message().contains("has no entry"), "{}", errors[0]);
    // A slice twice, in one file or in two; and two that overlap.
    let twice = [vec![listed(&["-", "-"]), value.clone()]];
    let in_two = [vec![listed(&["-"]), value.clone()], vec![listed(&["-"]), value.clone()]];
    let other_form = entry(b"x", "0,2", values(b"x", "0,2", &field(7, &[1, 2])));
    let overlap = [vec![listed(&["-", "0,2"]), value.clone(), other_form]];
    for files in [&twice[..], &in_two, &overlap] {
        let errors = lost(files);
        assert!(errors[0].message().contains("overlap"), "{}", errors[0]);
    }
    // Values that nothing lists.
    let stray = [vec![listed(&["-"]), value.clone(), entry(b"y", "-", values(b"y", "-", &[]))]];
    let reader = open(&stray).unwrap();
    assert_eq!(reader.read(b"x", None).unwrap(), [1, 2]);
    let problems = verify(&reader, &tfckpt::Progress::none()).unwrap().problems;
    assert_eq!((problems.len(), problems[0].tensor()), (1, Some(&b"y"[..])));
}

/// A tensor that the metadata list without slices is not passed over by those who go
/// from piece to piece.
#[test]
fn nothing_is_no_piece() {
    let (storage, _) = storage(&[vec![meta(&[tensor(b"x", DType::INT8, &[0], &[])])]]);
    let options = ReaderOptions { storage: Arc::new(storage), ..Default::default() };
    let reader = checkpoint::Reader::open_with("/ckpt", &options).unwrap();
    let tensor = reader.tensor("x").unwrap();
    assert_eq!(reader.pieces(&tensor).unwrap_err().kind(), ErrorKind::DataLoss);
    assert_eq!(reader.read("x").unwrap_err().kind(), ErrorKind::DataLoss);
}

#[test]
fn metadata_that_make_no_sense() {
    let named = |dims: &[i64], slices: &[&str]| tensor(b"x", DType::FLOAT, dims, slices);
    let mut unknown = named(&[2], &["-"]);
    *unknown.last_mut().unwrap() = 0xff;
    for (files, words) in [
        (vec![vec![meta(&[unknown])]], "no SavedTensorSliceMeta"),
        (vec![vec![meta(&[named(&[2], &["-:-"])])]], "dimensions"),
        (vec![vec![meta(&[named(&[2], &["1,2"])])]], "reaches outside"),
        (vec![vec![meta(&[named(&[i64::MAX, 2], &["-:-"])])]], "2^63"),
        (vec![vec![meta(&[named(&[-1], &["-"])])]], "dimension of -1"),
        (vec![vec![meta(&[field(1, &number(3, 1))])]], "without a name"),
        (vec![vec![(Vec::new(), field(2, &[]))]], "nothing of tensors"),
        (vec![vec![(b"a".to_vec(), Vec::new())]], "not a V1 checkpoint"),
        (vec![vec![meta(&[named(&[2], &[])])], vec![meta(&[named(&[3], &[])])]], "[3] here"),
    ] {
        let error = open(&files).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataLoss, "{error}");
        assert!(error.to_string().contains(words), "{error}: {words}");
        assert!(error.file().is_some_and(|file| file.starts_with("/")), "{error}");
    }
    // All versions as V2 has them.
    let future = field(1, &field(2, &number(2, 9)));
    let error = open(&[vec![(Vec::new(), future)]]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

/// Shapes and counts that promise what is not there.
#[test]
fn memory_is_for_what_is_there() {
    let huge = 1i64 << 40;
    let dtypes = [DType::BOOL, DType::INT64, DType::COMPLEX128, DType::STRING];
    for dtype in dtypes {
        let listed = meta(&[tensor(b"x", dtype, &[huge], &["-"])]);
        let one = match dtype {
            DType::STRING => field(8, b"one"),
            DType::COMPLEX128 => field(12, &[0; 16]),
            DType::BOOL => field(11, &[1]),
            _ => field(10, &[1]),
        };
        let reader = open(&[vec![listed, entry(b"x", "-", values(b"x", "-", &one))]]).unwrap();
        let read = |slice: Option<&Slice>| -> Result<usize> {
            if dtype == DType::STRING {
                return reader.read_strings(b"x", slice).map(|strings| strings.len());
            }
            reader.read(b"x", slice).map(|data| data.len())
        };
        let (took, errors) = peak::of(|| {
            let part = "5,1000000000".parse().unwrap();
            [read(None).unwrap_err(), read(Some(&part)).unwrap_err()]
        });
        for error in errors {
            assert!(error.message().starts_with("1 values are stored for"), "{error}");
        }
        assert!(took < 1 << 20, "{dtype}: {took}");
        let (took, report) = peak::of(|| verify(&reader, &tfckpt::Progress::none()).unwrap());
        assert!(!report.is_ok() && took < 1 << 20, "{dtype}: {took}");
    }
}

/// Tensors of every form, in two files.
fn small(options: &TableWriterOptions, tensors: u8) -> (MemoryStorage, Vec<PathBuf>) {
    let storage = MemoryStorage::new();
    let writer_options = WriterOptions {
        storage: Arc::new(storage.clone()),
        num_files: 2,
        ..WriterOptions::default()
    };
    let mut writer = Writer::create_with("/ckpt", writer_options).unwrap();
    let shape = |dims: &[i64]| Shape::new(dims).unwrap();
    for at in 0..tensors {
        let data: Vec<u8> = (0..60u8).map(|byte| byte.wrapping_mul(at)).collect();
        writer.add(format!("tensor/{at}"), DType::FLOAT, &shape(&[3, 5]), &data).unwrap();
    }
    writer.add_slice("p", DType::INT8, &shape(&[4]), &"0,2".parse().unwrap(), &[1, 255]).unwrap();
    writer.add_slice("p", DType::INT8, &shape(&[4]), &"2,2".parse().unwrap(), &[3, 4]).unwrap();
    let words: Strings = ["", "word", "another"].into_iter().collect();
    writer.add_strings("words", &shape(&[3]), &words).unwrap();
    writer.add("none", DType::HALF, &shape(&[0]), &[]).unwrap();
    writer.finish().unwrap();
    let paths = [0, 1].map(|file| file_path(Path::new("/ckpt"), file, 2)).to_vec();
    for path in &paths {
        let file = Table::open(storage.open(path).unwrap(), &TableOptions::default()).unwrap();
        let mut cursor = file.cursor();
        let mut pairs = Pairs::new();
        while cursor.next().unwrap() {
            pairs.push((cursor.key().to_vec(), cursor.value().to_vec()));
        }
        storage.put(path, table(&pairs, options));
    }
    (storage, paths)
}

fn problems(storage: &MemoryStorage, paths: &[PathBuf]) -> Vec<Error> {
    match Reader::open(storage, paths, &TableOptions::default()) {
        Ok(reader) => verify(&reader, &tfckpt::Progress::none()).unwrap().problems,
        Err(error) => vec![error],
    }
}

/// In small blocks; some of them packed.
fn layouts() -> [TableWriterOptions; 3] {
    let plain = TableWriterOptions::default();
    let blocks = TableWriterOptions { block_size: 256, ..plain.clone() };
    let packed = TableWriterOptions { compression: Compression::Snappy, ..blocks.clone() };
    [plain, blocks, packed]
}

#[test]
fn no_byte_changes_unseen() {
    for options in layouts() {
        let (storage, paths) = small(&options, 20);
        assert!(problems(&storage, &paths).is_empty());
        for path in &paths {
            let good = storage.bytes(path).unwrap();
            for at in 0..good.len() {
                let mut bytes = good.clone();
                bytes[at] ^= 1 << (at % 8);
                storage.put(path, bytes);
                let found = problems(&storage, &paths);
                assert!(!found.is_empty(), "{} byte {at}", path.display());
                assert!(found.iter().all(|error| error.file() == Some(path)), "{found:?}");
            }
            for len in 0..good.len() {
                storage.put(path, &good[..len]);
                assert!(!problems(&storage, &paths).is_empty(), "{} cut to {len}", path.display());
            }
            storage.put(path, good);
        }
    }
}

/// Each damaged block is told by its offset, with the tensor whose values are in it.
#[test]
fn bad_blocks_are_named() {
    let (storage, paths) = small(&layouts()[1], 60);
    let good = storage.bytes(&paths[0]).unwrap();
    let mut starts = BTreeSet::new();
    // The metadata have the first block for themselves.
    let first_data = (0..good.len()).find(|&at| told(&storage, &paths, &good, &[at]).is_some());
    let first_data = first_data.unwrap();
    for at in (first_data..good.len() * 2 / 3).step_by(17) {
        let offsets = told(&storage, &paths, &good, &[at]).unwrap();
        assert_eq!(offsets.len(), 1, "{offsets:?}");
        assert!((at.saturating_sub(700)..=at).contains(&offsets[0]), "{at}: {offsets:?}");
        starts.extend(offsets);
    }
    assert!(starts.len() >= 3, "{starts:?}");
    let all: Vec<usize> = starts.iter().copied().collect();
    assert_eq!(told(&storage, &paths, &good, &all).unwrap(), all);
}

/// On one thread and on several, what is wrong is listed alike.
#[test]
fn problems_come_in_one_order() {
    let (storage, paths) = small(&layouts()[1], 60);
    let good: Vec<Vec<u8>> = paths.iter().map(|path| storage.bytes(path).unwrap()).collect();
    let options = ReaderOptions { storage: Arc::new(storage.clone()), ..ReaderOptions::default() };
    let mut most = 0;
    for step in [usize::MAX, 17, 150, 400] {
        for (path, good) in paths.iter().zip(&good) {
            let mut bytes = good.clone();
            // What is in front and at the end tells which tensors and blocks there are.
            let changed = (good.len() / 2..good.len() * 2 / 3).step_by(step).skip(1);
            changed.for_each(|at| bytes[at] ^= 0x10);
            storage.put(path, bytes);
        }
        let reader = checkpoint::Reader::open_with("/ckpt", &options).unwrap();
        let listed = [1, 2, 4].map(|threads| {
            let progress = tfckpt::Progress::new();
            let options =
                ReadOptions { threads, progress: progress.clone(), ..ReadOptions::default() };
            let report = reader.verify_with(&options).unwrap();
            assert_eq!(progress.done(), progress.total());
            let problems: Vec<String> = report.problems.iter().map(|e| e.to_string()).collect();
            (problems, report.bytes, report.tensors)
        });
        most = most.max(listed[0].0.len());
        assert_eq!(listed[0], listed[1]);
        assert_eq!(listed[0], listed[2]);
    }
    assert!(most > 5, "{most}");
}

/// The listener is told by the thread that called, and ends it on all.
#[test]
fn a_check_on_threads_is_called_off() {
    let (storage, _) = small(&layouts()[0], 60);
    let options = ReaderOptions { storage: Arc::new(storage), ..ReaderOptions::default() };
    let reader = checkpoint::Reader::open_with("/ckpt", &options).unwrap();
    for threads in [1, 2, 4] {
        let progress = tfckpt::Progress::new();
        let here = std::thread::current().id();
        progress.set_callback(Some(move |_, _| {
            assert_eq!(std::thread::current().id(), here);
            false
        }));
        let options = ReadOptions { threads, progress, ..ReadOptions::default() };
        let error = loop {
            // The others may have done all before it is told.
            if let Err(error) = reader.verify_with(&options) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
}

/// The offsets of the blocks that `verify` finds bad where these bytes are changed;
/// `None` where the checkpoint does not open.
fn told(
    storage: &MemoryStorage,
    paths: &[PathBuf],
    good: &[u8],
    changed: &[usize],
) -> Option<Vec<usize>> {
    let mut bytes = good.to_vec();
    changed.iter().for_each(|&at| bytes[at] ^= 0x10);
    storage.put(&paths[0], bytes);
    let reader = Reader::open(storage, paths, &TableOptions::default());
    let report = reader.ok().map(|reader| verify(&reader, &tfckpt::Progress::none()).unwrap());
    storage.put(&paths[0], good);
    let problems = report?.problems;
    assert!(problems.iter().any(|problem| problem.tensor().is_some()), "{problems:?}");
    let offsets: BTreeSet<usize> =
        problems.iter().filter_map(|problem| problem.offset()).map(|at| at as usize).collect();
    Some(offsets.into_iter().collect())
}
