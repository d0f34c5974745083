//! What is read of the files: no more than is needed, in good order, and never
//! past the end of a file that is cut short meanwhile.

mod support;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use support::random::Random;
use support::watched::{Call, Failing, Op, Watched};
use tempfile::TempDir;
use tfckpt::bundle::{
    Endianness, Index, ReadOptions, ReadRequest, Reader, ReaderOptions, Writer, WriterOptions,
    data_path, index_path, verify,
};
use tfckpt::checksum;
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::table::{TableOptions, TableWriter, TableWriterOptions};
use tfckpt::tensor::{DType, Shape, Slice, Strings};
use tfckpt::{Error, ErrorKind};

const PREFIX: &str = "/ckpt";

fn shape(dims: &[i64]) -> Shape {
    Shape::new(dims).unwrap()
}

fn slice(spec: &str) -> Slice {
    spec.parse().unwrap()
}

fn open(storage: &Watched) -> Reader {
    let options = ReaderOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    Reader::open_with(PREFIX, &options).unwrap()
}

/// A bundle in memory, and the storage that watches over it.
fn written(
    options: WriterOptions,
    write: impl FnOnce(&mut Writer) -> tfckpt::Result<()>,
) -> Watched {
    let storage = MemoryStorage::new();
    let options = WriterOptions { storage: Arc::new(storage.clone()), ..options };
    let mut writer = Writer::create_with(PREFIX, options).unwrap();
    write(&mut writer).unwrap();
    writer.finish().unwrap();
    Watched::new(storage, Failing::None)
}

/// An index of so many scalars, which all have the same four bytes.
fn index_of(scalars: usize) -> Watched {
    let storage = MemoryStorage::new();
    let file = storage.create(&index_path(Path::new(PREFIX))).unwrap();
    let mut table = TableWriter::new(&*file, &TableWriterOptions::default()).unwrap();
    table.add(b"", &[8, 1, 26, 2, 8, 1]).unwrap();
    let crc = checksum::mask(checksum::crc32c(b"data")).to_le_bytes();
    let entry = [&[8, 1, 18, 0, 40, 4, 53][..], &crc].concat();
    for number in 0..scalars {
        table.add(format!("scalar/{number:07}").as_bytes(), &entry).unwrap();
    }
    table.finish().unwrap();
    storage.put(data_path(Path::new(PREFIX), 0, 1), b"data");
    Watched::new(storage, Failing::None)
}

#[test]
fn opening_reads_footer_index_block_and_header_block() {
    let storage = index_of(1_000_000);
    let reader = open(&storage);
    let calls = storage.take_calls();
    let ops: Vec<Op> = calls.iter().map(|call| call.op).collect();
    assert_eq!(ops, [Op::Open, Op::Read, Op::Read, Op::Read], "{calls:?}");
    let [_, footer, index_block, first_block] = <[Call; 4]>::try_from(calls).unwrap();
    assert_eq!(footer.len, 48);
    assert_eq!(index_block.offset + index_block.len, footer.offset);
    assert!(index_block.len < 8 << 10, "{index_block:?}");
    assert_eq!(first_block.offset, 0);
    assert!(first_block.len < 300 << 10, "{first_block:?}");

    // A look-up takes one block more, and the tensor itself.
    assert!(reader.find("scalar/0654321").unwrap().is_some());
    let reads = storage.take_reads();
    assert!(reads.len() == 1 && reads[0].len < 300 << 10, "{reads:?}");
    assert_eq!(reader.read("scalar/0654321").unwrap(), b"data");
    assert_eq!(storage.take_calls().len(), 2);
}

#[test]
fn a_table_read_once_need_not_be_read_again() {
    let storage = index_of(100_000);
    let reader = open(&storage);
    storage.take_calls();
    assert_eq!(reader.index().len().unwrap(), 100_000);
    let blocks = storage.take_reads().len();
    assert!(blocks >= 5, "{blocks} blocks");
    for position in [99_999, 5, 50_000, 77_777] {
        let tensor = reader.index().at(position).unwrap().unwrap();
        assert_eq!(tensor.name, format!("scalar/{position:07}").as_bytes());
    }
    assert!(storage.take_calls().is_empty());
}

/// The ranges of a data file that make up a slice of a tensor of 4-byte elements
/// stored at byte 0, row by row.
fn wanted_ranges(rows: (u64, u64), columns: (u64, u64), row_len: u64) -> Vec<(u64, u64)> {
    (rows.0..rows.1)
        .map(|row| (4 * (row * row_len + columns.0), 4 * (row * row_len + columns.1)))
        .collect()
}

/// Every byte that is read is wanted, or in a gap of at most 4 KiB between two
/// that are; none is read twice.
fn check_reads(reads: &[Call], mut wanted: Vec<(u64, u64)>) {
    let mut read: Vec<_> = reads.iter().map(|r| (r.offset, r.offset + r.len)).collect();
    assert!(read.windows(2).all(|two| two[0].1 <= two[1].0), "{read:?}");
    // A long range may be read in several pieces.
    join_neighbours(&mut read);
    join_neighbours(&mut wanted);
    for (start, end) in &read {
        let inside: Vec<_> = wanted.iter().filter(|w| w.0 >= *start && w.1 <= *end).collect();
        let bounds = (inside.first().map(|w| w.0), inside.last().map(|w| w.1));
        assert_eq!(bounds, (Some(*start), Some(*end)));
        assert!(inside.windows(2).all(|two| two[1].0 - two[0].1 <= 4096), "{inside:?}");
    }
    let is_read = |w: &(u64, u64)| read.iter().any(|r| r.0 <= w.0 && w.1 <= r.1);
    assert!(wanted.iter().all(is_read), "{read:?}");
}

/// Makes one range of those of which one ends where the next begins.
fn join_neighbours(ranges: &mut Vec<(u64, u64)>) {
    ranges.dedup_by(|next, range| {
        let joins = range.1 == next.0;
        range.1 = if joins { next.1 } else { range.1 };
        joins
    });
}

#[test]
fn unchecked_slices_read_what_they_need() {
    let unchecked = ReadOptions { verify: false, ..ReadOptions::default() };
    for (row_count, row_len, slices) in [
        (100, 3000, ["17,20:500,10", "-:2999,1", "3,4:-", "99,1:0,3000", "0,100:1,2998"]),
        (300, 500, ["-:0,100", "100,200:499,1", "-:-", "7,1:3,4", "0,300:0,499"]),
    ] {
        let data = Random(1).bytes(4 * row_count * row_len);
        let dims = shape(&[row_count as i64, row_len as i64]);
        let storage =
            written(WriterOptions::default(), |writer| writer.add("x", DType::FLOAT, &dims, &data));
        let reader = open(&storage);
        for spec in slices {
            let part = slice(spec);
            let extents = part.extents().iter().zip(dims.dims());
            let bounds: Vec<(u64, u64)> = extents
                .map(|(e, &dim)| (e.start as u64, (e.start + e.length.unwrap_or(dim)) as u64))
                .collect();
            let wanted = wanted_ranges(bounds[0], bounds[1], row_len as u64);
            let mut dst = vec![0; data.len()];
            storage.take_calls();
            let len = reader.read_slice_into("x", &part, &mut dst, &unchecked).unwrap();
            let expected: Vec<u8> =
                wanted.iter().flat_map(|r| &data[r.0 as usize..r.1 as usize]).copied().collect();
            assert!(dst[..len] == expected, "{spec}");
            check_reads(&storage.take_reads(), wanted);
        }
    }
}

/// Of a partitioned tensor only the stored slices are touched that are wanted;
/// with the check those are read whole, and once.
#[test]
fn stored_slices_that_are_not_wanted_are_left_alone() {
    let dims = shape(&[4, 1000]);
    let packed = WriterOptions { alignment: Some(1), ..WriterOptions::default() };
    let storage = written(packed, |writer| {
        (0..4).try_for_each(|row| {
            let data = Random(row).bytes(4000);
            writer.add_slice("x", DType::FLOAT, &dims, &slice(&format!("{row},1:-")), &data)
        })
    });
    let reader = open(&storage);
    let mut dst = vec![0; 16_000];
    for (spec, verify, ranges) in [
        ("1,2:10,5", false, &[(4040, 20), (8040, 20)][..]),
        ("1,2:10,5", true, &[(4000, 4000), (8000, 4000)]),
        ("3,1:-", false, &[(12_000, 4000)]),
        ("2,0:-", true, &[]),
        ("-:0,1", false, &[(0, 4), (4000, 4), (8000, 4), (12_000, 4)]),
    ] {
        let options = ReadOptions { verify, ..ReadOptions::default() };
        storage.take_calls();
        reader.read_slice_into("x", &slice(spec), &mut dst, &options).unwrap();
        let reads = storage.take_reads();
        let found: Vec<_> = reads.iter().map(|read| (read.offset, read.len)).collect();
        assert_eq!(found, ranges, "{spec} {verify}");
    }
}

#[test]
fn string_bytes_reads_the_lengths_alone() {
    let strings: Strings = (0..10).map(|_| vec![b'x'; 100_000]).collect();
    let storage = written(WriterOptions::default(), |writer| {
        writer.add_strings("x", &shape(&[10]), &strings)
    });
    let reader = open(&storage);
    storage.take_calls();
    assert_eq!(reader.string_bytes("x").unwrap(), 1_000_000);
    let read: u64 = storage.take_reads().iter().map(|read| read.len).sum();
    assert!(read <= 256 << 10, "{read} bytes");
}

#[test]
fn many_small_tensors_are_read_together_and_in_order() {
    const COUNT: usize = 10_000;
    let name = |number: usize| format!("layer_{}/{number}", number % 7).into_bytes();
    let data = |number: usize| Random(number as u64).bytes(40 + 4 * (number % 50));
    for (num_shards, threads) in [(1, 1), (4, 1), (4, 3)] {
        let options = WriterOptions { num_shards, ..WriterOptions::default() };
        let storage = written(options, |writer| {
            (0..COUNT).try_for_each(|number| {
                let data = data(number);
                writer.add(name(number), DType::FLOAT, &shape(&[data.len() as i64 / 4]), &data)
            })
        });
        let reader = open(&storage);
        assert_eq!(reader.index().len().unwrap(), COUNT as u64);
        let mut order: Vec<usize> = (0..COUNT).collect();
        Random(2).shuffle(&mut order);
        let names: Vec<Vec<u8>> = order.iter().map(|&number| name(number)).collect();
        let mut buffers: Vec<Vec<u8>> = order.iter().map(|&n| vec![0; data(n).len()]).collect();
        let mut requests: Vec<ReadRequest<'_>> = names
            .iter()
            .zip(&mut buffers)
            .map(|(name, dst)| ReadRequest { name, slice: None, dst, dst_strides: None })
            .collect();
        storage.take_calls();
        reader.read_many(&mut requests, &ReadOptions { threads, ..Default::default() }).unwrap();
        assert!(order.iter().zip(&buffers).all(|(&number, read)| *read == data(number)));
        let reads = storage.take_reads();
        assert!(reads.len() < 20, "{} reads", reads.len());
        assert!(reads.iter().all(|read| read.len <= 1 << 20));
        let places: Vec<(&PathBuf, u64)> = reads.iter().map(|r| (&r.path, r.offset)).collect();
        assert!(threads > 1 || places.is_sorted(), "{places:?}");
        // Shards may be padded at most by alignment: nothing is read twice.
        let read: u64 = reads.iter().map(|read| read.len).sum();
        let stored: usize = (0..COUNT).map(|number| data(number).len()).sum();
        assert!(read < stored as u64 + 4 * u64::from(num_shards), "{read} of {stored}");
    }
}

/// Requests in the order of names, which the shards have too: little is found ahead of what
/// is read, and nothing is read that lies before what was.
#[test]
fn shards_are_read_a_window_at_a_time() {
    const COUNT: usize = 100_000;
    let names: Vec<String> = (0..COUNT).map(|number| format!("{number:06}")).collect();
    for num_shards in [2, 7] {
        let options = WriterOptions { num_shards, ..WriterOptions::default() };
        let storage = written(options, |writer| {
            let mut data = (0_u32..).map(u32::to_le_bytes);
            let mut names = names.iter();
            names.try_for_each(|name| {
                writer.add(name.as_str(), DType::INT32, &shape(&[]), &data.next().unwrap())
            })
        });
        let reader = open(&storage);
        let mut numbers = vec![[0; 4]; COUNT];
        let mut requests: Vec<ReadRequest<'_>> = names
            .iter()
            .zip(&mut numbers)
            .map(|(name, dst)| ReadRequest { name: name.as_bytes(), dst, ..Default::default() })
            .collect();
        storage.take_calls();
        reader.read_many(&mut requests, &ReadOptions::default()).unwrap();
        assert!((0..).zip(&numbers).all(|(number, read): (u32, _)| *read == number.to_le_bytes()));
        let data = |path: &Path| path.extension().is_some_and(|end| end != "index");
        let reads = storage.take_reads();
        let mut ends = BTreeMap::new();
        let mut read = 0;
        for call in reads.iter().filter(|call| data(&call.path)) {
            let end = ends.insert(&call.path, call.offset + call.len).unwrap_or(0);
            assert_eq!(call.offset, end, "{:?}", call.path);
            read += call.len;
        }
        assert_eq!(read, 4 * COUNT as u64);
        let first = reads.iter().position(|call| data(&call.path)).unwrap();
        let index_reads = reads.iter().filter(|call| !data(&call.path)).count();
        assert!(first < index_reads / 2, "{first} of {index_reads} blocks before the first tensor");
        assert!(reads.len() - index_reads < COUNT / 500, "{} reads", reads.len());
    }
}

/// Tensors of all sorts on the disk, the last of them `z`.
fn on_disk(endianness: Endianness) -> TempDir {
    let dir = TempDir::new().unwrap();
    let options = WriterOptions { endianness, ..WriterOptions::default() };
    let mut writer = Writer::create_with(dir.path().join("ckpt"), options).unwrap();
    writer.add("a", DType::INT32, &shape(&[10]), &[1; 40]).unwrap();
    writer.add("b", DType::INT32, &shape(&[5, 1000]), &[2; 20_000]).unwrap();
    let words: Strings = (0..100).map(|n| format!("word {n}")).collect();
    writer.add_strings("s", &shape(&[100]), &words).unwrap();
    writer.add_variants("v", &shape(&[100]), &words).unwrap();
    writer.add_slice("p", DType::INT16, &shape(&[2, 3]), &slice("1,1:-"), &[3; 6]).unwrap();
    writer.add_slice("p", DType::INT16, &shape(&[2, 3]), &slice("0,1:-"), &[4; 6]).unwrap();
    writer.add("z", DType::INT32, &shape(&[1]), &[5; 4]).unwrap();
    writer.finish().unwrap();
    dir
}

/// The file ends for us where it ends now, not where it ended when it was opened.
#[test]
fn a_data_file_cut_short_after_it_was_opened_is_data_loss() {
    for endianness in [Endianness::Little, Endianness::Big] {
        let dir = on_disk(endianness);
        let prefix = dir.path().join("ckpt");
        let data = data_path(&prefix, 0, 1);
        let good = fs::read(&data).unwrap();
        for len in (0..good.len() as u64).step_by(53) {
            fs::write(&data, &good).unwrap();
            let reader = Reader::open(&prefix).unwrap();
            reader.read("z").unwrap();
            OpenOptions::new().write(true).open(&data).unwrap().set_len(len).unwrap();
            check_cut(&reader, &data, len);
        }
    }
}

fn check_cut(reader: &Reader, data: &Path, len: u64) {
    let mut lost = Vec::new();
    for tensor in reader.tensors() {
        let tensor = tensor.unwrap();
        let ends: Vec<u64> = match tensor.entry.is_partitioned() {
            true => (tensor.entry.slices.iter())
                .map(|slice| reader.slice_entry(&tensor, slice).unwrap())
                .map(|entry| entry.offset + entry.size)
                .collect(),
            false => vec![tensor.entry.offset + tensor.entry.size],
        };
        let is_lost = ends.iter().any(|&end| end > len);
        if is_lost {
            lost.push(tensor.name.clone());
        }
        for verify in [true, false] {
            let read = read_any(reader, &tensor.name, verify);
            assert_eq!(read.is_err(), is_lost, "{} of {len}", tensor.name.escape_ascii());
            if let Err(error) = read {
                check_loss(&error, data, &tensor.name, len);
            }
        }
    }
    let problems = verify(reader, &tfckpt::Progress::none()).unwrap().problems;
    let named: Vec<_> = problems.iter().filter_map(Error::tensor).collect();
    assert!(lost.iter().all(|name| named.contains(&&name[..])), "{len}: {problems:?}");
    problems.iter().for_each(|problem| assert_eq!(problem.kind(), ErrorKind::DataLoss));
    check_cut_of_many(reader, data, &lost, len);
}

fn check_loss(error: &Error, data: &Path, name: &[u8], len: u64) {
    assert_eq!((error.kind(), error.file()), (ErrorKind::DataLoss, Some(data)), "{error:?}");
    assert_eq!((error.tensor(), error.shard()), (Some(name), Some(0)), "{error:?}");
    assert!(error.offset().is_some(), "{error:?} of {len}");
}

fn read_any(reader: &Reader, name: &[u8], verify: bool) -> tfckpt::Result<()> {
    let options = ReadOptions { verify, ..ReadOptions::default() };
    if reader.find(name)?.is_some_and(|tensor| tensor.entry.dtype.is_variable_length()) {
        return reader.read_strings(name, &options).map(drop);
    }
    reader.read_into(name, &mut [0; 20_000], &options).map(drop)
}

/// Of tensors that are read together the error names one that is lost.
fn check_cut_of_many(reader: &Reader, data: &Path, lost: &[Vec<u8>], len: u64) {
    let mut buffers = vec![vec![0; 20_000]; 4];
    let mut requests: Vec<ReadRequest<'_>> = [&b"a"[..], b"b", b"p", b"z"]
        .into_iter()
        .zip(&mut buffers)
        .map(|(name, dst)| ReadRequest { name, slice: None, dst, dst_strides: None })
        .collect();
    match reader.read_many(&mut requests, &ReadOptions::default()) {
        Ok(()) => assert!(requests.iter().all(|request| !lost.iter().any(|l| l == request.name))),
        Err(error) => {
            let name = lost.iter().find(|name| Some(&name[..]) == error.tensor());
            check_loss(&error, data, name.unwrap_or_else(|| panic!("{error:?}")), len);
        }
    }
}

/// An index that can't be read says so, and which file it is.
#[test]
fn every_read_that_fails_is_told() {
    let dir = on_disk(Endianness::Little);
    let prefix = dir.path().join("ckpt");
    let storage = MemoryStorage::new();
    for path in [index_path(&prefix), data_path(&prefix, 0, 1)] {
        storage.put(Path::new("/").join(path.file_name().unwrap()), fs::read(path).unwrap());
    }
    let calls = {
        let watched = Watched::new(storage.clone(), Failing::None);
        assert!(read_everything(&watched).is_empty());
        watched.take_calls()
    };
    assert!(calls.len() > 10);
    for (number, call) in calls.iter().enumerate() {
        let errors = read_everything(&Watched::new(storage.clone(), Failing::One(number)));
        assert!(!errors.is_empty(), "{call:?}");
        for error in errors {
            assert_eq!((error.kind(), error.file()), (ErrorKind::Io, Some(call.path.as_path())));
        }
    }
}

/// All errors met on the way through a bundle.
fn read_everything(storage: &Watched) -> Vec<Error> {
    let options = TableOptions { cache_bytes: 0, ..TableOptions::default() };
    let index = Index::open(storage, Path::new(PREFIX), &options);
    let reader_options = ReaderOptions {
        storage: Arc::new(storage.clone()),
        index: options,
        ..ReaderOptions::default()
    };
    let reader = match index.and_then(|_| Reader::open_with(PREFIX, &reader_options)) {
        Ok(reader) => reader,
        Err(error) => return vec![error],
    };
    let mut errors = verify(&reader, &tfckpt::Progress::none()).unwrap().problems;
    errors.extend(reader.index().len().err());
    for name in ["a", "b", "p", "s", "v", "z"] {
        errors.extend(read_any(&reader, name.as_bytes(), true).err());
    }
    errors
}
