//! Copies on several threads: the same files whatever threads and budgets there are, every
//! byte checked on its way, and nothing left where that fails.

mod support;

#[path = "support/peak.rs"]
mod peak;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use support::random::Random;
use support::watched::{Failing, Watched};
use tfckpt::bundle::{Endianness, OnConflict, Writer, WriterOptions};
use tfckpt::checkpoint::{
    CopyOptions, NameFilter, NameMap, Overlay, Piece, Reader, Tensor, copy, copy_reader,
};
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::table::TableOptions;
use tfckpt::tensor::{Cast, DType, Shape, Strings};
use tfckpt::{ErrorKind, Progress, Result, v1};

#[global_allocator]
static COUNTING: peak::Counting = peak::Counting;

const THREADS: [usize; 3] = [1, 2, 4];

fn writer_options(storage: &MemoryStorage) -> WriterOptions {
    WriterOptions { storage: Arc::new(storage.clone()), ..WriterOptions::default() }
}

fn open(storage: &MemoryStorage, path: &str) -> Reader {
    let storage = Arc::new(storage.clone());
    let options = tfckpt::bundle::ReaderOptions { storage, ..Default::default() };
    Reader::open_with(path, &options).unwrap()
}

/// Tensors of all sizes, strings among them, some in slices, in no order.
fn write_mixed(random: &mut Random, writer: &mut Writer) {
    let types = [DType::UINT8, DType::FLOAT, DType::DOUBLE, DType::HALF, DType::COMPLEX64];
    let sizes = [0, 1, 3, 1000, 5000, 70_000, 300_000, 1_500_001];
    for number in 0..30 {
        let name = format!("{}/{number}", random.below(10));
        let dtype = types[random.below(types.len())];
        let size = dtype.size().unwrap();
        let most = sizes[random.below(sizes.len())];
        let elements = random.below(most + 1) / size;
        let shape = Shape::new([elements as i64]).unwrap();
        let data = random.bytes(elements * size);
        if random.chance(12) {
            let strings = Strings::from_iter(data.chunks(100));
            let shape = Shape::new([strings.len() as i64]).unwrap();
            writer.add_strings(name, &shape, &strings).unwrap();
        } else if random.chance(4) && elements > 1 {
            let (front, back) = data.split_at(size);
            let rest = format!("1,{}", elements - 1).parse().unwrap();
            writer.add_slice(&name, dtype, &shape, &rest, back).unwrap();
            writer.add_slice(&name, dtype, &shape, &"0,1".parse().unwrap(), front).unwrap();
        } else {
            writer.add(name, dtype, &shape, &data).unwrap();
        }
    }
}

type Files = Vec<(String, Option<Vec<u8>>)>;

/// The files below `/out`.
fn files(storage: &MemoryStorage) -> Files {
    let mut names = storage.list(Path::new("/out")).unwrap();
    names.sort();
    let file = |name: &std::path::PathBuf| {
        (name.display().to_string(), storage.bytes(Path::new("/out").join(name)))
    };
    names.iter().map(file).collect()
}

/// What copies of `reader` are made of; what is in `/out` is gone then.
fn copied(storage: &MemoryStorage, reader: &Reader, options: &CopyOptions) -> Files {
    let options = CopyOptions { storage: Arc::new(storage.clone()), ..options.clone() };
    copy_reader("/out/ckpt", reader, &options).unwrap();
    take_files(storage)
}

fn take_files(storage: &MemoryStorage) -> Files {
    let files = files(storage);
    for (name, _) in &files {
        storage.remove(&Path::new("/out").join(name)).unwrap();
    }
    files
}

/// The same by a writer that is given one tensor after the other, as they are stored.
fn one_by_one(storage: &MemoryStorage, reader: &Reader, options: &CopyOptions) -> Files {
    let mut writer = Writer::create_with(
        "/out/ckpt",
        WriterOptions {
            num_shards: options.num_shards.unwrap_or(reader.num_shards()),
            alignment: options.alignment,
            ..writer_options(storage)
        },
    )
    .unwrap();
    let cast = options.cast.map(|dtype| Cast::to(dtype).unwrap());
    let tensors: Vec<Tensor> = reader.tensors().map(Result::unwrap).collect();
    let pieces: Vec<Vec<Piece>> = tensors.iter().map(|t| reader.pieces(t).unwrap()).collect();
    let mut order: Vec<(&Piece, usize)> = Vec::new();
    for (at, pieces) in pieces.iter().enumerate() {
        order.extend(pieces.iter().map(|piece| (piece, at)));
    }
    order.sort_by(|(one, _), (other, _)| one.stored_order(other));
    let mut listed: Vec<_> = pieces.iter().map(|pieces| pieces.iter()).collect();
    for (_, at) in order {
        add_piece(&mut writer, reader, &tensors[at], listed[at].next().unwrap(), cast).unwrap();
    }
    writer.finish().unwrap();
    take_files(storage)
}

fn add_piece(
    writer: &mut Writer,
    reader: &Reader,
    tensor: &Tensor,
    piece: &Piece,
    cast: Option<Cast>,
) -> Result<()> {
    let Tensor { name, dtype, shape, .. } = tensor;
    if *dtype == DType::STRING {
        return writer.add_strings(name, shape, &reader.read_strings(name, &Default::default())?);
    }
    let mut values = Vec::new();
    reader.read_piece(tensor, piece, |part| {
        values.extend_from_slice(part);
        Ok(())
    })?;
    let mut dtype = *dtype;
    if let Some(cast) = cast.filter(|cast| cast.of(dtype) != dtype) {
        let elements = std::mem::take(&mut values);
        cast.convert(&elements, dtype, &mut values);
        dtype = cast.of(dtype);
    }
    match &piece.slice {
        Some(slice) => writer.add_slice(name, dtype, shape, slice, &values),
        None => writer.add(name, dtype, shape, &values),
    }
}

/// Copies by any number of threads are those of one tensor after the other.
fn check_copies(storage: &MemoryStorage, reader: &Reader, options: &CopyOptions) {
    let expected = one_by_one(storage, reader, options);
    for threads in THREADS {
        for max_in_flight in [100_000, 64 << 20] {
            let progress = Progress::new();
            let options = CopyOptions {
                threads,
                max_in_flight,
                progress: progress.clone(),
                ..options.clone()
            };
            assert!(copied(storage, reader, &options) == expected, "{options:?}");
            assert_eq!(progress.done(), progress.total(), "{options:?}");
        }
    }
}

fn new_storage() -> MemoryStorage {
    let storage = MemoryStorage::new();
    for dir in ["/in", "/out"] {
        storage.create_dir(Path::new(dir)).unwrap();
    }
    storage
}

#[test]
fn the_files_are_those_of_one_tensor_after_the_other() {
    let mut random = Random(11);
    for round in 0..3 {
        let storage = new_storage();
        let mut writer = Writer::create_with(
            "/in/ckpt",
            WriterOptions {
                num_shards: [1, 3][round % 2],
                alignment: [None, Some(1), Some(4096)][round % 3],
                endianness: [Endianness::Little, Endianness::Big][random.below(2)],
                ..writer_options(&storage)
            },
        )
        .unwrap();
        write_mixed(&mut random, &mut writer);
        writer.finish().unwrap();
        let options = CopyOptions {
            cast: [None, Some(DType::FLOAT), Some(DType::DOUBLE)][round % 3],
            num_shards: [None, Some(2)][random.below(2)],
            alignment: [Some(1), None][random.below(2)],
            ..CopyOptions::default()
        };
        check_copies(&storage, &open(&storage, "/in/ckpt"), &options);
    }
}

/// Of V1, and of slices that an overlay cuts, the values are read before.
#[test]
fn values_that_no_bundle_has_just_so() {
    let mut random = Random(5);
    let storage = new_storage();
    let options = v1::WriterOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    let mut writer = v1::Writer::create_with("/in/v1", options).unwrap();
    for number in 0..40 {
        let elements = [0, 1, 700, 60_000, 300_000][random.below(5)];
        let shape = Shape::new([elements as i64]).unwrap();
        let data = random.bytes(elements * 4);
        writer.add(format!("v1/{number}"), DType::FLOAT, &shape, &data).unwrap();
    }
    writer.finish().unwrap();
    let shape = Shape::new([300_000]).unwrap();
    for (name, slice) in [("/in/a", "0,200000"), ("/in/b", "100000,200000")] {
        let mut writer = Writer::create_with(name, writer_options(&storage)).unwrap();
        let slice = slice.parse().unwrap();
        writer.add_slice("joined", DType::FLOAT, &shape, &slice, &random.bytes(800_000)).unwrap();
        writer
            .add(name, DType::UINT8, &Shape::new([2_500_000]).unwrap(), &random.bytes(2_500_000))
            .unwrap();
        writer.finish().unwrap();
    }
    let mut overlay = Overlay::new();
    overlay.on_conflict(OnConflict::First);
    for name in ["/in/v1", "/in/a", "/in/b"] {
        overlay.add(open(&storage, name), NameMap::default());
    }
    let options = CopyOptions { num_shards: Some(1), ..CopyOptions::default() };
    check_copies(&storage, &overlay.open().unwrap(), &options);
    check_copies(
        &storage,
        &open(&storage, "/in/v1"),
        &CopyOptions { cast: Some(DType::BFLOAT16), ..options },
    );
}

/// Tensors of 3 MiB.
fn write_large(storage: &MemoryStorage) {
    let mut writer = Writer::create_with("/in/ckpt", writer_options(storage)).unwrap();
    for number in 0..8u8 {
        let data = vec![number; 3 << 20];
        let shape = Shape::new([data.len() as i64]).unwrap();
        writer.add(format!("t{number}"), DType::UINT8, &shape, &data).unwrap();
    }
    writer.finish().unwrap();
}

fn copy_large(storage: &Arc<dyn Storage>, threads: usize, progress: &Progress) -> Result<()> {
    let (storage, progress) = (storage.clone(), progress.clone());
    let options = CopyOptions { storage, threads, progress, ..CopyOptions::default() };
    copy("/out/ckpt", "/in/ckpt", &options)
}

#[test]
fn damage_anywhere_is_told_and_nothing_copied() {
    for at in [0, (9 << 20) - 1, (13 << 20) + 77, (24 << 20) - 1] {
        let storage = new_storage();
        write_large(&storage);
        let data = "/in/ckpt.data-00000-of-00001";
        let mut bytes = storage.bytes(data).unwrap();
        bytes[at] ^= 0x10;
        storage.put(data, bytes);
        let storage_of_all: Arc<dyn Storage> = Arc::new(storage.clone());
        for (threads, cast) in [(1, None), (2, None), (4, None), (4, Some(DType::HALF))] {
            let options = CopyOptions {
                storage: storage_of_all.clone(),
                threads,
                cast,
                ..CopyOptions::default()
            };
            let error = copy("/out/ckpt", "/in/ckpt", &options).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::DataLoss);
            let number = at / (3 << 20);
            assert_eq!(error.tensor(), Some(format!("t{number}").as_bytes()), "{error}");
            assert_eq!(error.file(), Some(Path::new(data)));
            assert_eq!(error.offset(), Some(number as u64 * (3 << 20)));
            assert!(files(&storage).is_empty());
            // What is not copied is not looked at.
            let others = move |name: &[u8]| name != format!("t{number}").as_bytes();
            let filters = vec![NameFilter::new(others)];
            copied(&storage, &open(&storage, "/in/ckpt"), &CopyOptions { filters, ..options });
        }
    }
}

/// One that helps can't read or write: the call says so.
#[test]
fn a_fault_of_another_thread_is_told() {
    for threads in [2, 4] {
        let inner = new_storage();
        write_large(&inner);
        let failing = Failing::NotOn(thread::current().id());
        let storage: Arc<dyn Storage> = Arc::new(Watched::new(inner.clone(), failing));
        let error = loop {
            // All may be done before another thread has begun.
            match copy_large(&storage, threads, &Progress::none()) {
                Err(error) => break error,
                Ok(()) => drop(take_files(&inner)),
            }
        };
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.tensor().is_some() && error.file().is_some(), "{error:?}");
        assert!(files(&inner).is_empty());
    }
}

#[test]
fn a_callback_is_called_here_and_ends_it() {
    for threads in THREADS {
        let storage = new_storage();
        write_large(&storage);
        let progress = Progress::new();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = heard.clone();
        progress.set_callback(Some(move |done, total| {
            ear.lock().unwrap().push((done, total, thread::current().id()));
            false
        }));
        let all: Arc<dyn Storage> = Arc::new(storage.clone());
        let error = copy_large(&all, threads, &progress).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        let heard = heard.lock().unwrap();
        assert!(!heard.is_empty());
        for &(done, total, thread) in heard.iter() {
            assert_eq!((total, thread), (24 << 20, thread::current().id()));
            assert!(done <= total);
        }
        assert!(files(&storage).is_empty());
    }
}

/// Of large tensors there is never more in memory than the budget.
#[test]
fn a_copy_takes_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let (src, old) = (dir.path().join("src"), dir.path().join("v1"));
    let mut writer = Writer::create(&src).unwrap();
    let mut old_writer = v1::Writer::create(&old).unwrap();
    let shape = Shape::new([2 << 20]).unwrap();
    for number in 0..12 {
        let (name, data) = (format!("{number}"), vec![number; 2 << 20]);
        writer.add(&name, DType::UINT8, &shape, &data).unwrap();
        old_writer.add(&name, DType::UINT8, &shape, &data).unwrap();
    }
    writer.finish().unwrap();
    old_writer.finish().unwrap();
    for (src, most) in [(&src, 8 << 20), (&old, 17 << 20)] {
        for threads in [1, 3] {
            let dst = dir.path().join(format!("{most}-{threads}"));
            let max_in_flight = most - (1 << 20);
            // Of V1 it would be the values.
            let index = TableOptions { cache_bytes: 0, ..TableOptions::default() };
            let options = CopyOptions { index, threads, max_in_flight, ..CopyOptions::default() };
            let (peak, ()) = peak::of(|| copy(&dst, src, &options).unwrap());
            assert!(peak < most, "{threads} threads: {peak} bytes");
        }
    }
}
