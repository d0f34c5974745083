//! Tensors long enough for several threads, and calls that write past the caches: what
//! comes out is what one thread reads in small pieces, and damage is seen wherever it is.

mod support;

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use support::random::Random;
use tempfile::TempDir;
use tfckpt::bundle::{
    Endianness, ReadOptions, ReadRequest, Reader, ReaderOptions, Writer, WriterOptions, data_path,
};
use tfckpt::tensor::{DType, Shape, Slice};
use tfckpt::{ErrorKind, Progress, checkpoint};

/// 18 MiB of it are more than caches are left with.
const ROWS: usize = 4608;
const COLUMNS: usize = 1024;
const SIZE: usize = ROWS * COLUMNS * 4;

fn slice(spec: &str) -> Slice {
    spec.parse().unwrap()
}

fn elements() -> Vec<u8> {
    Random(7).bytes(SIZE)
}

/// What is in a rectangle of the elements, row by row.
fn part(all: &[u8], rows: (usize, usize), columns: (usize, usize)) -> Vec<u8> {
    let row = |row| {
        let start = row * COLUMNS;
        &all[4 * (start + columns.0)..4 * (start + columns.1)]
    };
    (rows.0..rows.1).flat_map(row).copied().collect()
}

/// One tensor whole, one in rows, one in a grid; behind a few bytes, so that nothing is
/// aligned.
fn write(dir: &TempDir, endianness: Endianness) -> std::path::PathBuf {
    let prefix = dir.path().join("ckpt");
    let options = WriterOptions { endianness, sync: false, ..WriterOptions::default() };
    let mut writer = Writer::create_with(&prefix, options).unwrap();
    let all = elements();
    let shape = Shape::new([ROWS as i64, COLUMNS as i64]).unwrap();
    writer.add("a", DType::UINT8, &Shape::new([3]).unwrap(), &[1, 2, 3]).unwrap();
    writer.add("whole", DType::FLOAT, &shape, &all).unwrap();
    for (name, columns) in [("rows", &[(0, COLUMNS)][..]), ("grid", &[(0, 100), (100, COLUMNS)])] {
        for rows in [(2000, ROWS), (0, 2000)] {
            for &columns in columns {
                let spec = [rows, columns].map(|(start, end)| format!("{start},{}", end - start));
                let values = part(&all, rows, columns);
                writer
                    .add_slice(name, DType::FLOAT, &shape, &slice(&spec.join(":")), &values)
                    .unwrap();
            }
        }
    }
    writer.finish().unwrap();
    prefix
}

/// Every way to read that takes another path through the library.
fn ways() -> impl Iterator<Item = (bool, ReadOptions)> {
    [false, true].into_iter().flat_map(|mapped| {
        [(1, true), (1, false), (3, true), (3, false)].into_iter().map(move |(threads, verify)| {
            (
                mapped,
                ReadOptions { threads, verify, progress: Progress::new(), ..Default::default() },
            )
        })
    })
}

fn open(prefix: &Path, mapped: bool) -> Reader {
    Reader::open_with(prefix, &ReaderOptions { mapped, ..Default::default() }).unwrap()
}

fn check_reads(endianness: Endianness) {
    let dir = TempDir::new().unwrap();
    let prefix = write(&dir, endianness);
    let all = elements();
    let corner = part(&all, (1000, 4001), (90, 120));
    let rows = part(&all, (1999, 4500), (0, COLUMNS));
    for (mapped, options) in ways() {
        let reader = open(&prefix, mapped);
        for name in ["whole", "rows", "grid"] {
            let place = || format!("{name} {mapped} {options:?}");
            let mut dst = vec![0; SIZE + 1];
            assert_eq!(reader.read_into(name, &mut dst, &options).unwrap(), SIZE);
            assert!(dst[..SIZE] == all && dst[SIZE] == 0, "{}", place());
            for (spec, expected) in [("1000,3001:90,30", &corner), ("1999,2501:-", &rows)] {
                let read = reader.read_slice_into(name, &slice(spec), &mut dst[1..], &options);
                assert_eq!(read.unwrap(), expected.len());
                assert!(dst[1..][..expected.len()] == **expected, "{spec} of {}", place());
            }
            check_strided(&reader, name, &all, &options);
            assert_eq!(options.progress.done(), options.progress.total());
        }
    }
}

/// The rows as a part of longer ones.
fn check_strided(reader: &Reader, name: &str, all: &[u8], options: &ReadOptions) {
    const PITCH: usize = 4 * COLUMNS + 24;
    let mut dst = vec![0x5a; ROWS * PITCH];
    let strides = [PITCH as i64, 4];
    let whole = ReadRequest {
        name: name.as_bytes(),
        slice: None,
        dst: &mut dst[8..],
        dst_strides: Some(&strides),
    };
    reader.read_many(&mut [whole], options).unwrap();
    for (row, values) in dst.chunks(PITCH).zip(all.chunks(4 * COLUMNS)) {
        let (before, rest) = row.split_at(8);
        let (read, behind) = rest.split_at(4 * COLUMNS);
        assert!(read == values, "{name} {options:?}");
        assert!(before.iter().chain(behind).all(|&byte| byte == 0x5a));
    }
}

#[test]
fn every_way_reads_the_same() {
    check_reads(Endianness::NATIVE);
}

#[test]
fn every_way_turns_the_bytes_round() {
    check_reads(match Endianness::NATIVE {
        Endianness::Little => Endianness::Big,
        Endianness::Big => Endianness::Little,
    });
}

#[test]
fn damage_is_seen_in_every_stretch() {
    let dir = TempDir::new().unwrap();
    let prefix = write(&dir, Endianness::NATIVE);
    let offset = open(&prefix, false).find("whole").unwrap().unwrap().entry.offset;
    let data = OpenOptions::new().read(true).write(true).open(data_path(&prefix, 0, 1)).unwrap();
    let mut dst = vec![0; SIZE];
    for at in [0, 2 << 20, (5 << 20) + 77, SIZE as u64 - 1] {
        let mut byte = [0];
        data.read_exact_at(&mut byte, offset + at).unwrap();
        data.write_all_at(&[byte[0] ^ 0x10], offset + at).unwrap();
        for (mapped, options) in ways().filter(|(_, options)| options.verify) {
            let reader = open(&prefix, mapped);
            let one_row = slice("5,1:-");
            let errors = [
                reader.read_into("whole", &mut dst, &options).unwrap_err(),
                reader.read_slice_into("whole", &one_row, &mut dst, &options).unwrap_err(),
                reader.view("whole", &options).unwrap_err(),
                checkpoint::Reader::open(&prefix)
                    .unwrap()
                    .verify_with(&options)
                    .unwrap()
                    .problems
                    .remove(0),
            ];
            for error in errors {
                assert_eq!(error.kind(), ErrorKind::DataLoss, "{error}");
                assert_eq!((error.tensor(), error.offset()), (Some(&b"whole"[..]), Some(offset)));
            }
        }
        data.write_all_at(&byte, offset + at).unwrap();
    }
    let verified = checkpoint::Reader::open(&prefix).unwrap();
    let threads = ReadOptions { threads: 3, ..ReadOptions::default() };
    let report = verified.verify_with(&threads).unwrap();
    assert!(report.is_ok() && report.bytes == 3 * SIZE as u64 + 3, "{report:?}");
}

/// On one thread and on several, what is wrong is listed alike.
#[test]
fn problems_come_in_the_order_of_the_index() {
    let dir = TempDir::new().unwrap();
    let prefix = write(&dir, Endianness::NATIVE);
    let data = OpenOptions::new().write(true).open(data_path(&prefix, 0, 1)).unwrap();
    data.set_len(2 * SIZE as u64).unwrap();
    data.write_all_at(&[1; 8 << 20], 0).unwrap();
    let reader = checkpoint::Reader::open(&prefix).unwrap();
    let listed = [1, 2, 5].map(|threads| {
        let options = ReadOptions { threads, ..ReadOptions::default() };
        let report = reader.verify_with(&options).unwrap();
        let problems: Vec<String> = report.problems.iter().map(|e| e.to_string()).collect();
        (problems, report.bytes, report.tensors)
    });
    assert!(listed[0].0.len() > 2, "{listed:?}");
    assert_eq!(listed[0], listed[1]);
    assert_eq!(listed[0], listed[2]);
}

/// A callback is called by the calling thread, and ends a call on all of them.
#[test]
fn a_callback_ends_a_read() {
    let dir = TempDir::new().unwrap();
    let prefix = write(&dir, Endianness::NATIVE);
    let mut dst = vec![0; SIZE];
    for (mapped, options) in ways() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = heard.clone();
        options.progress.set_callback(Some(move |done, total| {
            ear.lock().unwrap().push((done, total, std::thread::current().id()));
            false
        }));
        let error = loop {
            // The last stretch may be read before it is seen.
            if let Err(error) = open(&prefix, mapped).read_into("grid", &mut dst, &options) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        let heard = heard.lock().unwrap();
        let [(done, total, thread)] = heard[..] else { panic!("{heard:?}") };
        assert!(0 < done && done <= total && thread == std::thread::current().id());
    }
}
