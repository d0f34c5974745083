//! Many tensors written at once: the same files as one after the other, whatever threads,
//! shards and sizes there are, and all of them or none.

mod support;

#[path = "support/peak.rs"]
mod peak;

use std::sync::Arc;

use support::random::Random;
use support::watched::{Failing, Op, Watched};
use tfckpt::bundle::{
    Endianness, Reader, WriteOptions, WriteRequest, Writer, WriterOptions, verify,
};
use tfckpt::storage::{LocalStorage, MemoryStorage, Storage};
use tfckpt::tensor::{DType, Shape, Slice};
use tfckpt::{ErrorKind, Progress, Result};

#[global_allocator]
static COUNTING: peak::Counting = peak::Counting;

/// What a tensor of the tests is: its name, and how many elements of which type.
struct Tensor {
    name: String,
    dtype: DType,
    shape: Shape,
    slice: Option<Slice>,
    data: Vec<u8>,
}

impl Tensor {
    fn request(&self) -> WriteRequest<'_> {
        WriteRequest {
            name: self.name.as_bytes(),
            dtype: self.dtype,
            shape: self.shape.clone(),
            slice: self.slice.clone(),
            data: &self.data,
        }
    }
}

/// Tensors of all sizes, some of them in slices, in no order.
fn tensors(random: &mut Random) -> Vec<Tensor> {
    let types = [DType::UINT8, DType::FLOAT, DType::DOUBLE, DType::COMPLEX128];
    let sizes = [0, 1, 3, 1000, 5000, 70_000, 300_000, 1_100_000, 3_000_001];
    let mut tensors = Vec::new();
    for number in 0..60 {
        let dtype = types[random.below(types.len())];
        let most = sizes[random.below(sizes.len())];
        let elements = random.below(most + 1) / dtype.size().unwrap();
        let data = random.bytes(elements * dtype.size().unwrap());
        let name = format!("{}/{number}", random.below(10));
        let shape = Shape::new([elements as i64]).unwrap();
        if !random.chance(4) || elements < 2 {
            tensors.push(Tensor { name, dtype, shape, slice: None, data });
            continue;
        }
        let (front, back) = data.split_at(dtype.size().unwrap());
        let rest = elements as i64 - 1;
        for (spec, data) in [(format!("1,{rest}"), back), ("0,1".to_string(), front)] {
            let (name, shape, slice) = (name.clone(), shape.clone(), spec.parse().ok());
            tensors.push(Tensor { name, dtype, shape, slice, data: data.to_vec() });
        }
    }
    tensors
}

/// The files that come of it.
fn files(
    options: &WriterOptions,
    write: impl FnOnce(&mut Writer) -> Result<()>,
) -> Result<Vec<Option<Vec<u8>>>> {
    let storage = MemoryStorage::new();
    let options = WriterOptions { storage: Arc::new(storage.clone()), ..options.clone() };
    let mut writer = Writer::create_with("/ckpt", options.clone())?;
    write(&mut writer)?;
    writer.finish()?;
    let data = |shard| format!("/ckpt.data-{shard:05}-of-{:05}", options.num_shards);
    let names = std::iter::once("/ckpt.index".to_string()).chain((0..options.num_shards).map(data));
    Ok(names.map(|name| storage.bytes(name)).collect())
}

fn add(writer: &mut Writer, tensor: &Tensor) -> Result<()> {
    let Tensor { name, dtype, shape, slice, data } = tensor;
    match slice {
        Some(slice) => writer.add_slice(name, *dtype, shape, slice, data),
        None => writer.add(name, *dtype, shape, data),
    }
}

#[test]
fn the_files_are_those_of_adding_one_by_one() {
    let mut random = Random(7);
    for round in 0..12 {
        let tensors = tensors(&mut random);
        let options = WriterOptions {
            num_shards: [1, 1, 2, 5][random.below(4)],
            alignment: [None, Some(1), Some(4096), Some(1 << 20)][round % 4],
            endianness: [Endianness::Little, Endianness::Big][random.below(2)],
            ..WriterOptions::default()
        };
        let one_by_one = |writer: &mut Writer| tensors.iter().try_for_each(|t| add(writer, t));
        let expected = files(&options, one_by_one).unwrap();
        let requests: Vec<_> = tensors.iter().map(Tensor::request).collect();
        for threads in [0, 1, 2, 5] {
            let write = WriteOptions {
                threads,
                max_in_flight: [0, 100_000, 8 << 20][random.below(3)],
                progress: Progress::new(),
            };
            // Some at once, some by themselves, some at once again.
            let (first, rest) = requests.split_at(random.below(requests.len()));
            let (single, rest) = rest.split_at(random.below(2));
            let many = |writer: &mut Writer| {
                writer.add_many(first, &write)?;
                tensors[first.len()..][..single.len()].iter().try_for_each(|t| add(writer, t))?;
                writer.add_many(rest, &write)
            };
            assert!(files(&options, many).unwrap() == expected, "{options:?} {write:?}");
            let bytes: usize = first.iter().chain(rest).map(|request| request.data.len()).sum();
            let progress = &write.progress;
            assert_eq!((progress.done(), progress.total()), (bytes as u64, bytes as u64));
        }
    }
}

#[test]
fn on_a_disk_too() {
    let dir = tempfile::tempdir().unwrap();
    let tensors = tensors(&mut Random(3));
    for (sync, num_shards) in [(true, 1), (false, 3)] {
        let prefix = dir.path().join(format!("{num_shards}/ckpt"));
        let options = WriterOptions { sync, num_shards, ..WriterOptions::default() };
        let mut writer = Writer::create_with(&prefix, options).unwrap();
        let requests: Vec<_> = tensors.iter().map(Tensor::request).collect();
        let options = WriteOptions { threads: 3, ..WriteOptions::default() };
        writer.add_many(&requests, &options).unwrap();
        writer.finish().unwrap();
        let reader = Reader::open(&prefix).unwrap();
        assert!(verify(&reader, &Progress::none()).unwrap().is_ok());
        for tensor in tensors.iter().filter(|tensor| tensor.slice.is_none()) {
            assert!(reader.read(&tensor.name).unwrap() == tensor.data, "{}", tensor.name);
        }
    }
}

/// Files are as long as what is in them, and take no more room.
#[test]
fn no_room_is_kept() {
    use std::os::unix::fs::MetadataExt;
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(dir.path().join("ckpt")).unwrap();
    let shape = Shape::new([100_000]).unwrap();
    for number in 0..35 {
        let data = vec![number; 100_000];
        writer.add(format!("{number}"), DType::UINT8, &shape, &data).unwrap();
    }
    // Room is made for what does not come.
    let mut tensor = writer.begin("x", DType::UINT8, &Shape::new([1 << 30]).unwrap()).unwrap();
    tensor.write(&[1]).unwrap();
    drop(tensor);
    writer.finish().unwrap();
    let data = dir.path().join("ckpt.data-00000-of-00001").metadata().unwrap();
    assert!((3_500_000..3_600_000).contains(&data.len()), "{}", data.len());
    assert!(data.blocks() * 512 < 4 << 20, "{} blocks", data.blocks());
}

fn small(name: &str) -> Tensor {
    let (name, dtype) = (name.to_string(), DType::UINT8);
    Tensor { name, dtype, shape: Shape::new([2]).unwrap(), slice: None, data: vec![1, 2] }
}

/// An error is that of the first request that has one, and nothing is added then.
#[test]
fn all_or_none_are_added() {
    let tensor = |name, spec: &str, len| Tensor {
        slice: (!spec.is_empty()).then(|| spec.parse().unwrap()),
        data: vec![7; len],
        ..small(name)
    };
    let good = [tensor("a", "", 2), tensor("s", "0,1", 1), tensor("z", "", 2), tensor("b", "", 2)];
    let cases = [
        (tensor("", "", 2), ErrorKind::InvalidArgument),
        (tensor("a", "", 2), ErrorKind::AlreadyExists),
        (tensor("old", "", 2), ErrorKind::AlreadyExists),
        (tensor("c", "", 3), ErrorKind::InvalidArgument),
        (tensor("s", "0,1", 1), ErrorKind::AlreadyExists),
        (tensor("t", "1,2", 2), ErrorKind::InvalidArgument),
        (Tensor { dtype: DType::STRING, ..tensor("c", "", 2) }, ErrorKind::Unsupported),
        (Tensor { dtype: DType::INT8, ..tensor("s", "1,1", 1) }, ErrorKind::InvalidArgument),
    ];
    for (bad, kind) in &cases {
        let mut names = Vec::new();
        let write = |writer: &mut Writer| {
            add(writer, &tensor("old", "", 2))?;
            add(writer, &tensor("partly", "1,1", 1))?;
            let slice = tensor("partly", "0,1", 1);
            let all: Vec<_> = good.iter().chain([&slice, bad, bad]).map(Tensor::request).collect();
            let error = writer.add_many(&all, &WriteOptions::default()).unwrap_err();
            assert_eq!(error.kind(), *kind, "{error}");
            names.extend(error.tensor().map(<[u8]>::to_vec));
            // None of the names is taken.
            good.iter().chain([&slice]).try_for_each(|tensor| add(writer, tensor))
        };
        let one_by_one = |writer: &mut Writer| {
            add(writer, &tensor("old", "", 2))?;
            add(writer, &tensor("partly", "1,1", 1))?;
            let slice = tensor("partly", "0,1", 1);
            good.iter().chain([&slice]).try_for_each(|tensor| add(writer, tensor))
        };
        assert!(
            files(&WriterOptions::default(), write).unwrap()
                == files(&WriterOptions::default(), one_by_one).unwrap()
        );
        assert!(bad.name.is_empty() || names == [bad.name.as_bytes()], "{names:?}");
    }
}

/// When a write fails, or the call is called off, the writer is only to be abandoned.
#[test]
fn after_a_failure_nothing_goes_on() {
    let large: Vec<Tensor> = (0..8)
        .map(|number| Tensor {
            shape: Shape::new([3 << 20]).unwrap(),
            data: vec![number; 3 << 20],
            ..small(&format!("{number}"))
        })
        .collect();
    let requests: Vec<_> = large.iter().map(Tensor::request).collect();
    let create = |storage: &Watched| {
        let options = WriterOptions {
            storage: Arc::new(storage.clone()),
            num_shards: 2,
            ..Default::default()
        };
        Writer::create_with("/ckpt", options).unwrap()
    };
    let watched = Watched::new(MemoryStorage::new(), Failing::None);
    drop(create(&watched));
    let before = watched.take_calls().iter().filter(|call| call.op != Op::Remove).count();
    for threads in [1, 2, 4] {
        for number in [before, before + 9] {
            let watched = Watched::new(MemoryStorage::new(), Failing::One(number));
            let mut writer = create(&watched);
            let options = WriteOptions { threads, ..WriteOptions::default() };
            let error = writer.add_many(&requests, &options).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io);
            assert!(error.file().is_some() && error.tensor().is_some(), "{error:?}");
            assert_eq!(add(&mut writer, &small("x")).unwrap_err().kind(), ErrorKind::Io);
            assert_eq!(writer.finish().unwrap_err().kind(), ErrorKind::Io);
        }
        let progress = Progress::new();
        let watched = Watched::cancelling(MemoryStorage::new(), before + 5, &progress);
        let mut writer = create(&watched);
        let options = WriteOptions { threads, progress, ..WriteOptions::default() };
        let error = writer.add_many(&requests, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert!(options.progress.done() < 24 << 20);
        drop(writer);
    }
}

/// A writer of very many small tensors, in order or not, needs little more for each than
/// its entry takes in the file.
#[test]
fn many_entries_take_little_memory() {
    const COUNT: u64 = 200_000;
    let dir = tempfile::tempdir().unwrap();
    let shape = Shape::new([1]).unwrap();
    for step in [1, 7919] {
        let prefix = dir.path().join(format!("{step}"));
        let mut writer = Writer::create(&prefix).unwrap();
        let (peak, ()) = peak::of(|| {
            for number in 0..COUNT {
                let name = format!("model/block_{:06}/w", number * step % COUNT);
                writer.add(name, DType::FLOAT, &shape, &(number as f32).to_ne_bytes()).unwrap();
            }
            writer.finish().unwrap();
        });
        let reader = Reader::open(&prefix).unwrap();
        assert_eq!(reader.index().len().unwrap(), COUNT);
        assert!(peak < 15 << 20, "{peak} bytes");
    }
}

/// The call that allocates room, of a file system that has none.
#[test]
fn hints_are_no_errors() {
    let dir = tempfile::tempdir().unwrap();
    let file = LocalStorage.create(&dir.path().join("a")).unwrap();
    file.allocate(0..u64::MAX);
    file.allocate(0..1 << 62);
    file.start_write_back(5..1 << 63);
    file.write_all_at(b"abc", 0).unwrap();
    file.end_allocation(3);
    file.sync().unwrap();
    assert_eq!(std::fs::read(dir.path().join("a")).unwrap(), b"abc");
    file.end_allocation(2);
    assert_eq!(std::fs::read(dir.path().join("a")).unwrap(), b"abc");
}
