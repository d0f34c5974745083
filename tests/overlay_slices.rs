//! Slices of one tensor in several checkpoints: an overlay of them is what a grid of
//! elements would be, of which each is filled by the checkpoint that wins.
// Of a list of rows, a range is a part.
#![allow(clippy::single_range_in_vec_init)]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use support::{data_dir, index};
use tfckpt::bundle::{
    Endianness, MergeOptions, OnConflict, ReadOptions, ReadRequest, ReaderOptions, Transfer,
    Writer, WriterOptions, data_path, index_path,
};
use tfckpt::checkpoint::{
    CopyData, CopyOptions, NameMap, NameRule, Overlay, Reader, Tensor, copy_reader, merge,
};
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::table::TableWriterOptions;
use tfckpt::tensor::{DType, Extent, Shape, Slice, Strings};
use tfckpt::{Error, ErrorKind, v1};

const ROWS: usize = 6;
const COLUMNS: usize = 5;
const SIZE: usize = ROWS * COLUMNS;

/// A rectangle of the tensor: rows, columns.
type Part = (std::ops::Range<usize>, std::ops::Range<usize>);

/// A checkpoint with parts of the tensor.
#[derive(Clone, Debug)]
struct Layer {
    is_v1: bool,
    is_big: bool,
    parts: Vec<Part>,
}

fn shape() -> Shape {
    Shape::new([ROWS as i64, COLUMNS as i64]).unwrap()
}

/// Some of the fields of a grid, so that no two parts of a checkpoint overlap.
fn parts() -> impl Strategy<Value = Vec<Part>> {
    let cuts = |end: usize| {
        prop::collection::btree_set(1..end, 0..3).prop_map(move |inner| {
            let cuts: Vec<usize> = [0].into_iter().chain(inner).chain([end]).collect();
            cuts.windows(2).map(|pair| pair[0]..pair[1]).collect::<Vec<_>>()
        })
    };
    (cuts(ROWS), cuts(COLUMNS), any::<[bool; 9]>()).prop_map(|(rows, columns, taken)| {
        let fields =
            rows.iter().flat_map(|row| columns.iter().map(|col| (row.clone(), col.clone())));
        fields.zip(taken).filter_map(|(field, taken)| taken.then_some(field)).collect()
    })
}

fn layer() -> impl Strategy<Value = Layer> {
    (any::<bool>(), any::<bool>(), parts()).prop_map(|(is_v1, is_big, parts)| Layer {
        is_v1,
        is_big,
        parts,
    })
}

/// Written as TensorFlow writes it, a whole dimension as such.
fn slice(part: &Part) -> Slice {
    let extent = |range: &std::ops::Range<usize>, dim| match range.len() == dim {
        true => Extent::FULL,
        false => Extent::new(range.start as i64, range.len() as i64),
    };
    Slice::new([extent(&part.0, ROWS), extent(&part.1, COLUMNS)])
}

/// An element tells where it is from.
fn element(layer: usize, row: usize, column: usize) -> i32 {
    (layer * 1000 + row * 10 + column) as i32
}

fn values(layer: usize, part: &Part) -> Vec<i32> {
    let rows = part.0.clone();
    rows.flat_map(|row| part.1.clone().map(move |column| element(layer, row, column))).collect()
}

fn bytes(values: &[i32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_ne_bytes()).collect()
}

fn strings(values: &[i32]) -> Strings {
    values.iter().map(|value| value.to_string()).collect()
}

/// Writes the parts as a tensor of numbers, `n`, and one of strings, `s`.
fn write(storage: &Arc<dyn Storage>, number: usize, layer: &Layer) -> PathBuf {
    let path = PathBuf::from(format!("ckpt-{number}"));
    let parts = || layer.parts.iter().map(|part| (slice(part), values(number, part)));
    if layer.is_v1 {
        let options = v1::WriterOptions { storage: storage.clone(), ..Default::default() };
        let mut writer = v1::Writer::create_with(&path, options).unwrap();
        for (slice, values) in parts() {
            writer.add_slice("n", DType::INT32, &shape(), &slice, &bytes(&values)).unwrap();
            writer.add_strings_slice("s", &shape(), &slice, &strings(&values)).unwrap();
        }
        writer.finish().unwrap();
        return path;
    }
    let endianness = if layer.is_big { Endianness::Big } else { Endianness::Little };
    let options = WriterOptions { storage: storage.clone(), endianness, ..Default::default() };
    let mut writer = Writer::create_with(&path, options).unwrap();
    for (slice, values) in parts() {
        writer.add_slice("n", DType::INT32, &shape(), &slice, &bytes(&values)).unwrap();
        writer.add_strings_slice("s", &shape(), &slice, &strings(&values)).unwrap();
    }
    writer.finish().unwrap();
    path
}

/// What an overlay should show.
struct Model {
    grid: [Option<i32>; SIZE],
    /// Whether nothing is wrong with it, nor with what it leaves out.
    is_sound: bool,
}

impl Layer {
    /// A slice that is all of the tensor makes one that is not partitioned.
    fn is_whole(&self) -> bool {
        self.parts == [(0..ROWS, 0..COLUMNS)]
    }

    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        self.parts.iter().flat_map(|(rows, columns)| {
            rows.clone().flat_map(move |row| columns.clone().map(move |column| (row, column)))
        })
    }
}

/// `None` where the checkpoints contradict each other.
fn model(layers: &[Layer], on_conflict: OnConflict) -> Option<Model> {
    let mut holders: Vec<(usize, &Layer)> = layers.iter().enumerate().collect();
    holders.retain(|(_, layer)| !layer.parts.is_empty());
    let chosen = match on_conflict {
        OnConflict::Last => holders.last(),
        _ => holders.first(),
    };
    let mut grid = [None; SIZE];
    let Some(&(chosen, whole)) = chosen else { return Some(Model { grid, is_sound: true }) };
    // A tensor that is not partitioned joins no other.
    let (mates, others): (Vec<_>, Vec<_>) = holders
        .into_iter()
        .partition(|(number, layer)| *number == chosen || !layer.is_whole() && !whole.is_whole());
    let mut conflict = !others.is_empty();
    for (number, layer) in mates {
        for (row, column) in layer.places() {
            let place = &mut grid[row * COLUMNS + column];
            conflict |= place.is_some();
            if place.is_none() || on_conflict == OnConflict::Last {
                *place = Some(element(number, row, column));
            }
        }
    }
    let is_sound = grid.iter().all(Option::is_some)
        && others.iter().all(|(_, layer)| layer.places().count() == SIZE);
    (!conflict || on_conflict != OnConflict::Error).then_some(Model { grid, is_sound })
}

fn open(storage: &Arc<dyn Storage>, path: &Path) -> Reader {
    let options = ReaderOptions { storage: storage.clone(), ..ReaderOptions::default() };
    Reader::open_with(path, &options).unwrap()
}

fn overlay(
    storage: &Arc<dyn Storage>,
    paths: &[PathBuf],
    on_conflict: OnConflict,
) -> tfckpt::Result<Reader> {
    let mut overlay = Overlay::new();
    overlay.on_conflict(on_conflict);
    for path in paths {
        overlay.add(open(storage, path), NameMap::default());
    }
    overlay.open()
}

/// Every way to read the tensor shows the grid.
fn check(reader: &Reader, model: &Model) {
    let grid = &model.grid;
    if grid.iter().all(Option::is_none) {
        assert!(reader.is_empty().unwrap());
        return;
    }
    let whole: Option<Vec<i32>> = grid.iter().copied().collect();
    match &whole {
        Some(values) => {
            assert_eq!(reader.read("n").unwrap(), bytes(values));
            assert_eq!(reader.read_size("n", None).unwrap(), (SIZE * 4) as u64);
            let read = reader.read_strings("s", &ReadOptions::default()).unwrap();
            assert_eq!(read, strings(values));
            assert_eq!(reader.string_bytes("s").unwrap(), read.data().len() as u64);
        }
        None => {
            let mut dst = [0; SIZE * 4];
            let options = ReadOptions::default();
            for error in [
                reader.read("n").unwrap_err(),
                reader.read_size("n", None).unwrap_err(),
                reader.read_into("n", &mut dst, &options).unwrap_err(),
                reader.read_strings("s", &options).unwrap_err(),
            ] {
                assert_eq!(error.kind(), ErrorKind::DataLoss, "{error}");
                assert!(error.tensor().is_some());
            }
        }
    }
    for part in
        [(0..ROWS, 0..COLUMNS), (1..3, 0..COLUMNS), (0..ROWS, 1..4), (2..5, 2..3), (3..3, 0..2)]
    {
        check_slice(reader, grid, &part);
    }
    check_pieces(reader, grid);
    let report = reader.verify(&tfckpt::Progress::none()).unwrap();
    assert_eq!(report.is_ok(), model.is_sound, "{:?}", report.problems);
    for tensor in reader.tensors() {
        let tensor = tensor.unwrap();
        assert_eq!(reader.find(&tensor.name).unwrap().as_ref(), Some(&tensor));
    }
}

fn check_slice(reader: &Reader, grid: &[Option<i32>; SIZE], part: &Part) {
    let places = part.0.clone().flat_map(|row| part.1.clone().map(move |col| row * COLUMNS + col));
    let wanted: Option<Vec<i32>> = places.map(|place| grid[place]).collect();
    let slice = slice(part);
    for verify in [true, false] {
        let options = ReadOptions { verify, ..ReadOptions::default() };
        let mut dst = vec![0x55; part.0.len() * part.1.len() * 4];
        let mut many = dst.clone();
        let mut requests = [ReadRequest {
            name: b"n",
            slice: Some(slice.clone()),
            dst: &mut many,
            dst_strides: None,
        }];
        let reads = [
            reader.read_slice_into("n", &slice, &mut dst, &options).map(drop),
            reader.read_many(&mut requests, &options),
        ];
        match &wanted {
            None => assert!(reads.iter().all(Result::is_err)),
            Some(values) => {
                assert!(reads.iter().all(Result::is_ok), "{reads:?}");
                assert_eq!(dst, bytes(values));
                assert_eq!(many, dst);
                let read = reader.read_strings_slice("s", &slice, &options).unwrap();
                assert_eq!(read, strings(values));
            }
        }
    }
}

/// The pieces have all elements that there are, each once.
fn check_pieces(reader: &Reader, grid: &[Option<i32>; SIZE]) {
    let tensor = reader.tensor("n").unwrap();
    let mut left = *grid;
    for piece in reader.pieces(&tensor).unwrap() {
        let mut data = Vec::new();
        let each = |part: &[u8]| {
            data.extend_from_slice(part);
            Ok(())
        };
        reader.read_piece(&tensor, &piece, each).unwrap();
        let slice = piece.slice.clone().unwrap_or_else(|| Slice::full(2));
        let shape = slice.shape(&shape()).unwrap();
        let (row, column) = (slice.extents()[0].start as usize, slice.extents()[1].start as usize);
        assert_eq!(data.len() as i64, shape.dims()[0] * shape.dims()[1] * 4);
        for (at, value) in data.chunks(4).enumerate() {
            let at_row = row + at / shape.dims()[1] as usize;
            let place = at_row * COLUMNS + column + at % shape.dims()[1] as usize;
            assert_eq!(left[place].take(), Some(i32::from_ne_bytes(value.try_into().unwrap())));
        }
    }
    assert_eq!(left, [None; SIZE]);
}

fn policies() -> impl Strategy<Value = OnConflict> {
    select(&[OnConflict::Error, OnConflict::First, OnConflict::Last][..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slices_come_together(
        layers in prop::collection::vec(layer(), 1..4),
        on_conflict in policies(),
    ) {
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
        let paths: Vec<PathBuf> =
            layers.iter().enumerate().map(|(number, layer)| write(&storage, number, layer)).collect();
        match (overlay(&storage, &paths, on_conflict), model(&layers, on_conflict)) {
            (Ok(reader), Some(model)) => check(&reader, &model),
            (Err(error), None) => {
                prop_assert_eq!(error.kind(), ErrorKind::InvalidArgument);
                prop_assert_eq!(error.names(), [b"n".to_vec(), b"s".to_vec()]);
            }
            (Ok(_), None) => prop_assert!(false, "a conflict is not seen"),
            (Err(error), Some(_)) => prop_assert!(false, "{}", error),
        }
    }

    /// An overlay of overlays, and a merge, are the same.
    #[test]
    fn nested_and_merged(layers in prop::collection::vec(layer(), 2..4), on_conflict in policies()) {
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
        // A merge of indices wants one byte order.
        let layers: Vec<Layer> =
            layers.into_iter().map(|layer| Layer { is_big: false, ..layer }).collect();
        let paths: Vec<PathBuf> =
            layers.iter().enumerate().map(|(number, layer)| write(&storage, number, layer)).collect();
        let options = MergeOptions { storage: storage.clone(), on_conflict, ..Default::default() };
        let merged = merge("merged", &paths, &options);
        let Some(model) = model(&layers, on_conflict) else {
            let error = merged.unwrap_err();
            prop_assert_eq!(error.names(), [b"n".to_vec(), b"s".to_vec()]);
            return Ok(());
        };
        merged.unwrap();
        let is_sound = model.grid.iter().all(Option::is_some);
        check(&open(&storage, Path::new("merged")), &Model { is_sound, ..model });

        // A tensor that is not partitioned wins or loses as a whole against what is beneath.
        if layers.iter().any(Layer::is_whole) {
            return Ok(());
        }
        let mut nested = Overlay::new();
        nested.on_conflict(on_conflict);
        nested.add(open(&storage, &paths[0]), NameMap::default());
        if let Ok(inner) = overlay(&storage, &paths[1..], on_conflict) {
            nested.add(inner, NameMap::default());
            check(&nested.open().unwrap(), &model);
        }
    }
}

/// Two checkpoints of whole rows, some of them in both.
fn rows(storage: &Arc<dyn Storage>, ranges: &[&[std::ops::Range<usize>]]) -> Vec<PathBuf> {
    let layer = |(number, ranges): (usize, &&[std::ops::Range<usize>])| {
        let parts = ranges.iter().map(|rows| (rows.clone(), 0..COLUMNS)).collect();
        write(storage, number, &Layer { is_v1: number % 2 == 1, is_big: false, parts })
    };
    ranges.iter().enumerate().map(layer).collect()
}

#[test]
fn renamed_slices_come_together_too() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
    let paths = rows(&storage, &[&[0..2, 4..6], &[2..4]]);
    let mut both = Overlay::new();
    for (path, rule) in paths.iter().zip(["n=all", "n=all"]) {
        let rules = vec![NameRule::parse(rule).unwrap()];
        both.add(open(&storage, path), NameMap { rules, keep_unmapped: false });
    }
    let reader = both.open().unwrap();
    let tensor: Tensor = reader.tensor("all").unwrap();
    let specs: Vec<String> = tensor.slices.iter().map(Slice::to_string).collect();
    assert_eq!(specs, ["0,2:-", "4,2:-", "2,2:-"]);
    let values: Vec<i32> =
        (0..ROWS).flat_map(|row| values((row / 2) % 2, &(row..row + 1, 0..COLUMNS))).collect();
    assert_eq!(reader.read("all").unwrap(), bytes(&values));
    let error = reader.view("all", &ReadOptions::default()).unwrap_err();
    assert_eq!((error.kind(), error.tensor()), (ErrorKind::Unsupported, Some(&b"all"[..])));
    let mut small = [0; SIZE * 4 - 1];
    let error = reader.read_into("all", &mut small, &ReadOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BufferTooSmall);
    let outside: Slice = "0,7:-".parse().unwrap();
    let error = reader.read_size("all", Some(&outside)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let error = reader.read_strings("all", &ReadOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

/// What lacks slices by itself lacks none here; where a slice lacks in all, it shows.
#[test]
fn verify_knows_what_others_have() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
    let paths = rows(&storage, &[&[0..2], &[2..6], &[0..2]]);
    let problems = |paths: &[PathBuf], on_conflict| -> Vec<Error> {
        overlay(&storage, paths, on_conflict)
            .unwrap()
            .verify(&tfckpt::Progress::none())
            .unwrap()
            .problems
    };
    assert_eq!(problems(&paths[..1], OnConflict::Error).len(), 2);
    assert!(problems(&paths[..2], OnConflict::Error).is_empty());
    assert!(problems(&paths, OnConflict::First).is_empty());
    let lacking = problems(&[paths[0].clone(), paths[2].clone()], OnConflict::Last);
    let tensors: Vec<_> = lacking.iter().filter_map(Error::tensor).collect();
    assert_eq!(tensors, [b"n", b"s"]);
}

/// Overlapping slices can be merged only where values may be written anew.
#[test]
fn a_merge_cuts_what_overlaps() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
    let write = |number, parts: &[std::ops::Range<usize>]| {
        let parts = parts.iter().map(|rows| (rows.clone(), 0..COLUMNS)).collect();
        write(&storage, number, &Layer { is_v1: false, is_big: false, parts })
    };
    let paths = [write(0, &[0..4]), write(1, &[2..6])];
    let merged = |dst: &str, on_conflict, transfer| {
        let storage = storage.clone();
        let options = MergeOptions { storage, on_conflict, transfer, ..Default::default() };
        merge(dst, &paths, &options)
    };
    let error = merged("a", OnConflict::Error, Transfer::Copy).unwrap_err();
    assert_eq!(error.names(), [b"n".to_vec(), b"s".to_vec()]);
    let error = merged("b", OnConflict::First, Transfer::Move).unwrap_err();
    assert_eq!((error.kind(), error.tensor()), (ErrorKind::InvalidArgument, Some(&b"n"[..])));
    merged("c", OnConflict::First, Transfer::Link).unwrap();
    let reader = open(&storage, Path::new("c"));
    let specs: Vec<String> =
        reader.tensor("n").unwrap().slices.iter().map(Slice::to_string).collect();
    assert_eq!(specs, ["0,4:-", "4,2:-"]);
    assert!(reader.verify(&tfckpt::Progress::none()).unwrap().is_ok());
}

/// A copy that leaves data as they are can bring slices together, but not cut them.
#[test]
fn a_copy_of_the_index_alone() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
    let write = |number, rows: &[std::ops::Range<usize>]| {
        let parts = rows.iter().map(|rows| (rows.clone(), 0..COLUMNS)).collect();
        write(&storage, number, &Layer { is_v1: false, is_big: false, parts })
    };
    let paths = [write(0, &[0..2, 4..6]), write(1, &[2..4]), write(2, &[1..3])];
    let options =
        CopyOptions { storage: storage.clone(), data: CopyData::Copy, ..CopyOptions::default() };
    let reader = overlay(&storage, &paths[..2], OnConflict::Error).unwrap();
    copy_reader("copy", &reader, &options).unwrap();
    let copy = open(&storage, Path::new("copy"));
    assert_eq!(copy.num_shards(), 2);
    assert_eq!(copy.read("n").unwrap(), reader.read("n").unwrap());
    assert!(copy.verify(&tfckpt::Progress::none()).unwrap().is_ok());
    let reader = overlay(&storage, &paths, OnConflict::First).unwrap();
    let all = reader.read("n").unwrap();
    assert_eq!(all, copy.read("n").unwrap());
    let reader = overlay(&storage, &paths, OnConflict::Last).unwrap();
    let error = copy_reader("cut", &reader, &options).unwrap_err();
    assert_eq!((error.kind(), error.tensor()), (ErrorKind::InvalidArgument, Some(&b"n"[..])));
    let anew = CopyOptions { data: CopyData::Rewrite, ..options };
    copy_reader("cut", &reader, &anew).unwrap();
    let copy = open(&storage, Path::new("cut"));
    assert_eq!(copy.read("n").unwrap(), reader.read("n").unwrap());
    assert_ne!(copy.read("n").unwrap(), all);
}

/// A small file whose slices all have the same bytes asks for no memory here either.
#[test]
fn slices_cannot_share_their_bytes() {
    let storage = MemoryStorage::new();
    let shared: Arc<dyn Storage> = Arc::new(storage.clone());
    let paths = rows(&shared, &[&[0..1, 1..2, 2..3, 3..4, 4..5], &[5..6]]);
    let mut pairs = index::pairs(&storage, &paths[0]);
    let first = pairs[1].1.clone();
    pairs[2..6].iter_mut().for_each(|(_, value)| *value = first.clone());
    storage.put(index_path(&paths[0]), index::table(&pairs, &TableWriterOptions::default()));
    storage.put(data_path(&paths[0], 0, 1), vec![0; COLUMNS * 4]);
    let reader = overlay(&shared, &paths, OnConflict::Error).unwrap();
    for error in [reader.read("n").unwrap_err(), reader.read_size("n", None).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::DataLoss);
        assert!(error.message().contains("their data shards only"), "{error}");
    }
}

/// An overlay shows what TensorFlow makes of the same checkpoints, and refuses where it
/// does: all but a merge of indices that it can do without.
#[test]
fn as_tensorflow_merges() {
    let golden = data_dir("golden/merge_inputs");
    let text = std::fs::read(golden.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let (mut same, mut refused) = (0, 0);
    for (name, wanted) in expected["extra"]["merges"].as_object().unwrap() {
        if wanted["allow_missing_files"] == true {
            continue;
        }
        let inputs = wanted["inputs"].as_array().unwrap().iter();
        let inputs: Vec<PathBuf> = inputs.map(|path| golden.join(path.as_str().unwrap())).collect();
        let readers = inputs.iter().map(Reader::open).collect::<Result<Vec<_>, _>>();
        let overlay = readers.and_then(|readers| {
            let mut overlay = Overlay::new();
            for reader in readers {
                overlay.add(reader, NameMap::default());
            }
            overlay.open()
        });
        if wanted["outcome"] != "ok" {
            assert_eq!(
                overlay.is_ok(),
                ["endianness", "versions"].contains(&name.as_str()),
                "{name}"
            );
            refused += 1;
            continue;
        }
        let merged = Reader::open(golden.join("merged").join(name).join("ckpt")).unwrap();
        same_tensors(&overlay.unwrap(), &merged);
        same += 1;
    }
    assert!(same >= 7 && refused >= 7, "{same} {refused}");
}

fn same_tensors(one: &Reader, other: &Reader) {
    assert_eq!(one.len().unwrap(), other.len().unwrap());
    for (tensor, wanted) in one.tensors().zip(other.tensors()) {
        let (tensor, wanted) = (tensor.unwrap(), wanted.unwrap());
        assert_eq!(Tensor { stored: wanted.stored, ..tensor }, wanted);
        for slice in &wanted.slices {
            let read = |reader: &Reader| {
                let mut dst =
                    vec![0; reader.read_size(&wanted.name, Some(slice)).unwrap() as usize];
                let options = ReadOptions::default();
                reader.read_slice_into(&wanted.name, slice, &mut dst, &options).unwrap();
                dst
            };
            assert_eq!(read(one), read(other));
        }
        if wanted.dtype == DType::STRING {
            let read = |reader: &Reader| {
                reader.read_strings(&wanted.name, &ReadOptions::default()).unwrap()
            };
            assert_eq!(read(one), read(other));
        } else {
            let read = |reader: &Reader| reader.read(&wanted.name).map_err(|error| error.kind());
            assert_eq!(read(one), read(other));
        }
    }
}

/// What a save of TensorFlow's was interrupted at, before it was made one.
#[test]
fn parts_that_were_never_merged() {
    let folder = data_dir("golden/sharded/interrupted/_temp_0");
    let mut overlay = Overlay::new();
    for part in 0..2 {
        let path = folder.join(format!("part-{part:05}-of-00002"));
        overlay.add(Reader::open(path).unwrap(), NameMap::default());
    }
    let reader = overlay.open().unwrap();
    assert!(!reader.is_empty().unwrap());
    assert!(reader.verify(&tfckpt::Progress::none()).unwrap().is_ok());
}
