//! No byte of a checkpoint can change, and no part of it go missing, without
//! `verify` noticing; but for the padding between tensors, which is worked out
//! here from the entries.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use support::{data_dir, index};
use tfckpt::bundle::{
    Endianness, Entry, Reader, ReaderOptions, Writer, WriterOptions, data_path, index_path, verify,
};
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::table::{Compression, Table, TableOptions, TableWriterOptions};
use tfckpt::tensor::{DType, Shape, Slice, Strings};
use tfckpt::{Error, ErrorKind};

/// The files of a checkpoint, by their paths.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A checkpoint in memory.
struct Checkpoint {
    prefix: PathBuf,
    files: Files,
}

/// Where in each file the bytes are that no entry names.
type Unnamed = BTreeMap<PathBuf, Vec<usize>>;

impl Checkpoint {
    fn storage(&self) -> MemoryStorage {
        let storage = MemoryStorage::new();
        self.files.iter().for_each(|(path, bytes)| storage.put(path, bytes.clone()));
        storage
    }

    /// All that is found wrong where one file is another, or not there at all.
    fn problems_with(&self, file: &Path, bytes: Option<Vec<u8>>) -> Vec<Error> {
        let storage = self.storage();
        match bytes {
            Some(bytes) => storage.put(file, bytes),
            None => storage.remove(file).unwrap(),
        }
        problems(&storage, &self.prefix)
    }

    /// The bytes of the data files that are padding.
    fn unnamed(&self) -> Unnamed {
        let reader = open(&self.storage(), &self.prefix).unwrap();
        let mut named: BTreeMap<PathBuf, Vec<Range<u64>>> = BTreeMap::new();
        for entry in entries(&reader) {
            let ranges = named.entry(reader.shard_path(entry.shard)).or_default();
            ranges.push(entry.offset..entry.offset + entry.size);
        }
        let index = index_path(&self.prefix);
        let data = self.files.iter().filter(|(path, _)| **path != index);
        let gaps = data.map(|(path, bytes)| {
            let ranges = named.get(path).map(Vec::as_slice).unwrap_or_default();
            let is_named = |at: &usize| ranges.iter().any(|range| range.contains(&(*at as u64)));
            (path.clone(), (0..bytes.len()).filter(|at| !is_named(at)).collect())
        });
        gaps.chain([(index.clone(), Vec::new())]).collect()
    }
}

fn open(storage: &MemoryStorage, prefix: &Path) -> tfckpt::Result<Reader> {
    let options = ReaderOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    Reader::open_with(prefix, &options)
}

/// All that opening or `verify` finds.
fn problems(storage: &MemoryStorage, prefix: &Path) -> Vec<Error> {
    match open(storage, prefix) {
        Ok(reader) => verify(&reader, &tfckpt::Progress::none()).unwrap().problems,
        Err(error) => vec![error],
    }
}

/// The entries that have bytes: of whole tensors, and of slices.
fn entries(reader: &Reader) -> Vec<Entry> {
    let mut entries = Vec::new();
    for tensor in reader.tensors() {
        let tensor = tensor.unwrap();
        for slice in &tensor.entry.slices {
            entries.push(reader.slice_entry(&tensor, slice).unwrap());
        }
        if !tensor.entry.is_partitioned() {
            entries.push(tensor.entry);
        }
    }
    entries
}

/// A checkpoint of every kind of entry there is, aligned, in two shards.
fn small(endianness: Endianness, table: &TableWriterOptions) -> Checkpoint {
    let storage = MemoryStorage::new();
    let prefix = Path::new("/ckpt");
    let options = WriterOptions {
        storage: Arc::new(storage.clone()),
        num_shards: 2,
        alignment: Some(32),
        endianness,
        ..WriterOptions::default()
    };
    let mut writer = Writer::create_with(prefix, options).unwrap();
    add_tensors(&mut writer).unwrap();
    writer.finish().unwrap();
    let pairs = index::pairs(&storage, prefix);
    storage.put(index_path(prefix), index::table(&pairs, table));
    let paths = [index_path(prefix), data_path(prefix, 0, 2), data_path(prefix, 1, 2)];
    let files = paths.map(|path| (path.clone(), storage.bytes(&path).unwrap())).into();
    Checkpoint { prefix: prefix.to_path_buf(), files }
}

fn add_tensors(writer: &mut Writer) -> tfckpt::Result<()> {
    let shape = |dims: &[i64]| Shape::new(dims).unwrap();
    let slice = |spec: &str| spec.parse::<Slice>().unwrap();
    let bytes = |len: u8| (1..=len).collect::<Vec<u8>>();
    let long = "long".repeat(40);
    let words: Strings = ["", "word", &long].into_iter().collect();
    writer.add("plain/float", DType::FLOAT, &shape(&[3, 2]), &bytes(24))?;
    writer.add("plain/bool", DType::BOOL, &shape(&[]), &[1])?;
    writer.add("plain/complex", DType::COMPLEX128, &shape(&[1]), &bytes(16))?;
    writer.add_strings("strings", &shape(&[3]), &words)?;
    writer.add_variants("variants", &shape(&[3, 1]), &words)?;
    writer.add_strings("strings/none", &shape(&[0]), &Strings::default())?;
    let halves = shape(&[2, 3]);
    writer.add_slice("sliced/half", DType::HALF, &halves, &slice("1,1:-"), &bytes(6))?;
    writer.add_slice("sliced/half", DType::HALF, &halves, &slice("0,1:0,2"), &bytes(4))?;
    writer.add_slice("sliced/half", DType::HALF, &halves, &slice("0,1:2,1"), &bytes(2))?;
    let two = ["a", "b"].into_iter().collect::<Strings>();
    writer.add_strings_slice("sliced/strings", &shape(&[4]), &slice("0,2"), &two)?;
    writer.add_strings_slice("sliced/strings", &shape(&[4]), &slice("2,2"), &two)?;
    // Nothing but padding goes before it, in the end of a shard.
    writer.add("empty", DType::INT64, &shape(&[2, 0]), &[])
}

/// A checkpoint that TensorFlow wrote.
fn golden(case: &str) -> Checkpoint {
    let dir = data_dir("hostile").join(case);
    let files = fs::read_dir(&dir).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|file| file.to_str().unwrap().contains("/ckpt."));
    let files = files.map(|path| (path.clone(), fs::read(&path).unwrap())).collect();
    Checkpoint { prefix: dir.join("ckpt"), files }
}

fn checkpoints() -> Vec<Checkpoint> {
    let blocks = |block_size, compression| TableWriterOptions {
        block_size,
        compression,
        ..TableWriterOptions::default()
    };
    vec![
        small(Endianness::Little, &blocks(120, Compression::None)),
        small(Endianness::Big, &blocks(150, Compression::Snappy)),
        golden("good_v2"),
        golden("good_v2_blocks"),
        golden("good_v2_shards"),
    ]
}

#[test]
fn whole_checkpoints_have_nothing_wrong() {
    for checkpoint in checkpoints() {
        let problems = problems(&checkpoint.storage(), &checkpoint.prefix);
        assert!(problems.is_empty(), "{problems:?}");
    }
    for checkpoint in &checkpoints()[..2] {
        let index = checkpoint.storage().open(&index_path(&checkpoint.prefix)).unwrap();
        assert!(Table::open(index, &TableOptions::default()).unwrap().block_count() >= 3);
    }
}

#[test]
fn every_flip_is_seen_but_in_padding() {
    for checkpoint in checkpoints() {
        let unnamed = checkpoint.unnamed();
        for (path, good) in &checkpoint.files {
            for at in 0..good.len() {
                let is_padding = unnamed[path].contains(&at);
                for mask in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                    let mut bytes = good.clone();
                    bytes[at] ^= mask;
                    let problems = checkpoint.problems_with(path, Some(bytes));
                    let place = format!("byte {at} of {} xor {mask}", path.display());
                    assert_eq!(problems.is_empty(), is_padding, "{place}: {problems:?}");
                    check_places(&problems, path, &place);
                }
            }
        }
    }
}

/// Every problem is one of the file that was changed.
fn check_places(problems: &[Error], path: &Path, place: &str) {
    for problem in problems {
        assert_eq!(problem.file(), Some(path), "{place}: {problem:?}");
    }
}

/// The bytes that no checksum covers, by name: TensorFlow leaves none, and our
/// alignment those in front of aligned tensors.
#[test]
fn padding_is_what_alignment_asks_for() {
    let of = |checkpoint: &Checkpoint| -> BTreeMap<String, Vec<Range<usize>>> {
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_string();
        let unnamed = checkpoint.unnamed().into_iter().filter(|(_, at)| !at.is_empty());
        unnamed.map(|(path, at)| (name(&path), ranges(&at))).collect()
    };
    for case in ["good_v2", "good_v2_blocks", "good_v2_shards"] {
        assert_eq!(of(&golden(case)), BTreeMap::new(), "{case}");
    }
    // Before `sliced/half` [1,1:-] and [0,1:2,1] and `empty`; before `plain/complex`
    // and `sliced/half` [0,1:0,2].
    let padding = [
        ("ckpt.data-00000-of-00002".to_string(), vec![200..224, 230..256, 266..288]),
        ("ckpt.data-00001-of-00002".to_string(), vec![1..32, 228..256]),
    ];
    for checkpoint in &checkpoints()[..2] {
        assert_eq!(of(checkpoint), padding.clone().into());
    }
}

/// Numbers that follow one another, put together.
fn ranges(numbers: &[usize]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some(last) if last.end == number => last.end += 1,
            _ => ranges.push(number..number + 1),
        }
    }
    ranges
}

#[test]
fn every_cut_is_seen() {
    for checkpoint in checkpoints() {
        for (path, good) in &checkpoint.files {
            for len in 0..good.len() {
                let problems = checkpoint.problems_with(path, Some(good[..len].to_vec()));
                let place = format!("the first {len} bytes of {}", path.display());
                assert!(!problems.is_empty(), "{place}");
                check_places(&problems, path, &place);
            }
        }
    }
}

#[test]
fn every_missing_file_is_seen() {
    for checkpoint in checkpoints() {
        for path in checkpoint.files.keys() {
            let problems = checkpoint.problems_with(path, None);
            let place = path.display().to_string();
            assert!(!problems.is_empty(), "{place}");
            check_places(&problems, path, &place);
            assert!(problems.iter().all(|p| p.kind() == ErrorKind::NotFound), "{place}");
        }
    }
}
