//! Random bundles are what was put into them, whichever way they are written,
//! merged and read.

mod support;

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use support::check::check_bundle;
use support::model::{Cut, Model, Piece, without_collisions, write_bundle};
use support::random::Random;
use tfckpt::ErrorKind;
use tfckpt::bundle::{
    Endianness, MergeOptions, Reader, ReaderOptions, Transfer, Writer, WriterOptions,
    encode_slice_key, merge,
};
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::tensor::{DType, Extent, Shape, Slice};

/// A tensor in a few random numbers, so that a failing case can be shown.
#[derive(Clone, Debug)]
struct Spec {
    name: Vec<u8>,
    dtype: DType,
    dims: Vec<i64>,
    cuts: Vec<Cut>,
    streamed: Vec<usize>,
    seed: u64,
}

impl Spec {
    fn model(self) -> Model {
        let model = Model::new(self.name, self.dtype, &self.dims, &self.cuts, self.seed);
        Model { streamed: self.streamed, ..model }
    }
}

fn any_name() -> impl Strategy<Value = Vec<u8>> {
    let ordinary = prop_oneof![
        4 => "[a-c]{1,2}(/[a-c]{1,3}){0,2}".prop_map(String::into_bytes),
        1 => "\\PC{1,8}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 1..6),
        1 => proptest::collection::vec(select(vec![0, 1, 0xff]), 1..4),
        1 => (any::<u8>(), 200..700usize).prop_map(|(byte, len)| vec![byte; len]),
    ];
    // Names that could be the keys of slices, of tensors that may be there too.
    let slice_like = ("[a-c]{1,2}", proptest::collection::vec((0..3i64, 0..3i64), 0..3)).prop_map(
        |(name, extents)| {
            let extents = extents.iter().map(|&(start, length)| Extent::new(start, length));
            encode_slice_key(name.as_bytes(), &Slice::new(extents.collect::<Vec<_>>()))
        },
    );
    prop_oneof![9 => ordinary, 1 => slice_like]
}

fn any_dtype() -> impl Strategy<Value = DType> {
    let stored = |dtype: &&DType| dtype.size().is_some() || dtype.is_variable_length();
    let all: Vec<DType> = DType::ALL.iter().filter(stored).copied().collect();
    prop_oneof![
        6 => select(all),
        2 => Just(DType::STRING),
        1 => Just(DType::VARIANT),
        1 => Just(DType::HALF),
    ]
}

fn any_dims() -> impl Strategy<Value = Vec<i64>> {
    prop_oneof![
        20 => proptest::collection::vec(0..6i64, 0..=4),
        16 => proptest::collection::vec(1..6i64, 0..=4),
        // Of some KiB: aligned, and read in other ways than small ones.
        3 => (600..5000i64).prop_map(|dim| vec![dim]),
        3 => (20..60i64, 20..90i64).prop_map(|(rows, columns)| vec![rows, columns]),
        // Of several pieces, with rows that may lie far apart.
        1 => (24..40i64, 700..1000i64).prop_map(|(rows, columns)| vec![rows, columns]),
    ]
}

fn any_spec() -> impl Strategy<Value = Spec> {
    let cuts = proptest::collection::vec(any::<Cut>(), 0..8);
    let streamed = prop_oneof![
        3 => Just(Vec::new()),
        1 => proptest::collection::vec(1..40usize, 1..4),
        1 => proptest::collection::vec(1..4000usize, 1..4),
    ];
    (any_name(), any_dtype(), any_dims(), cuts, streamed, any::<u64>()).prop_map(
        |(name, dtype, dims, cuts, streamed, seed)| Spec {
            name,
            dtype,
            dims,
            cuts,
            streamed,
            seed,
        },
    )
}

fn models(specs: Vec<Spec>) -> Vec<Model> {
    without_collisions(specs.into_iter().map(Spec::model).collect())
}

/// Number of shards, alignment.
type Layout = (u32, Option<u64>);

fn any_layout() -> impl Strategy<Value = Layout> {
    (1..5u32, select(vec![None, None, Some(1), Some(8), Some(64), Some(4096)]))
}

fn options(storage: &MemoryStorage, layout: Layout, endianness: Endianness) -> WriterOptions {
    WriterOptions {
        storage: Arc::new(storage.clone()),
        num_shards: layout.0,
        alignment: layout.1,
        endianness,
        ..WriterOptions::default()
    }
}

fn open(storage: &MemoryStorage, prefix: &Path) -> Reader {
    let options = ReaderOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    Reader::open_with(prefix, &options).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(
        specs in proptest::collection::vec(any_spec(), 0..8),
        layout in any_layout(),
        endianness in select(vec![Endianness::Little, Endianness::Big]),
        seed in any::<u64>(),
    ) {
        let mut random = Random(seed);
        let models = models(specs);
        let mut pieces: Vec<Piece<'_>> = models.iter().flat_map(Model::pieces).collect();
        random.shuffle(&mut pieces);
        let storage = MemoryStorage::new();
        let prefix = Path::new("/dir/ckpt");
        write_bundle(prefix, &pieces, options(&storage, layout, endianness));
        let reader = open(&storage, prefix);
        let (num_shards, alignment) = layout;
        prop_assert_eq!(reader.header().num_shards, num_shards);
        prop_assert_eq!(reader.header().endianness, endianness);
        prop_assert_eq!(storage.list(Path::new("/dir")).unwrap().len(), num_shards as usize + 1);
        check_alignment(&reader, alignment);
        check_bundle(&reader, &models, &mut random);
    }

    /// Each piece goes into one of several bundles.
    #[test]
    fn merged_bundles_are_their_union(
        specs in proptest::collection::vec(any_spec(), 0..8),
        layouts in proptest::collection::vec(any_layout(), 1..5),
        endianness in select(vec![Endianness::Little, Endianness::Big]),
        transfer in select(vec![Transfer::Copy, Transfer::Link, Transfer::Move]),
        seed in any::<u64>(),
    ) {
        let mut random = Random(seed);
        let models = models(specs);
        let mut dealt: Vec<Vec<Piece<'_>>> = vec![Vec::new(); layouts.len()];
        for piece in models.iter().flat_map(Model::pieces) {
            dealt[random.below(layouts.len())].push(piece);
        }
        let storage = MemoryStorage::new();
        let prefixes: Vec<String> = (0..layouts.len()).map(|n| format!("/parts/{n}")).collect();
        for ((pieces, prefix), &layout) in dealt.iter_mut().zip(&prefixes).zip(&layouts) {
            random.shuffle(pieces);
            write_bundle(Path::new(prefix), pieces, options(&storage, layout, endianness));
        }
        let options = MergeOptions {
            storage: Arc::new(storage.clone()),
            transfer,
            ..MergeOptions::default()
        };
        merge("/whole/ckpt", &prefixes, &options).unwrap();
        let reader = open(&storage, Path::new("/whole/ckpt"));
        let shards: u32 = layouts.iter().map(|layout| layout.0).sum();
        prop_assert_eq!(reader.header().num_shards, shards);
        check_bundle(&reader, &models, &mut random);
        let left = storage.list(Path::new("/parts")).unwrap().len();
        let all = shards as usize + layouts.len();
        prop_assert_eq!(left, if transfer == Transfer::Move { 0 } else { all });
    }
}

fn check_alignment(reader: &Reader, alignment: Option<u64>) {
    for tensor in reader.tensors() {
        let tensor = tensor.unwrap();
        let entries = match tensor.entry.slices.is_empty() {
            true => vec![tensor.entry.clone()],
            false => (tensor.entry.slices.iter())
                .map(|slice| reader.slice_entry(&tensor, slice).unwrap())
                .collect(),
        };
        for entry in entries.iter().filter(|entry| entry.dtype.size().is_some()) {
            let element_size = entry.dtype.size().unwrap() as u64;
            let least = if entry.size < 4096 { element_size } else { 64 };
            assert_eq!(entry.offset % alignment.unwrap_or(least), 0);
        }
    }
}

/// The key of a slice is taken when a tensor has it for a name, and the other way
/// round; neither may silently take the place of the other.
#[test]
fn no_two_tensors_have_the_same_key() {
    let shape = Shape::new([2]).unwrap();
    let first: Slice = "0,1".parse().unwrap();
    let name = encode_slice_key(b"a", &first);
    let kind = |result: tfckpt::Result<()>| result.unwrap_err().kind();
    let storage = MemoryStorage::new();
    let options = WriterOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    let begin = |prefix: &str| Writer::create_with(prefix, options.clone()).unwrap();

    let mut writer = begin("whole");
    writer.add(&name, DType::INT8, &shape, &[7, 8]).unwrap();
    let slice = writer.add_slice("a", DType::INT8, &shape, &first, &[1]);
    assert_eq!(kind(slice), ErrorKind::AlreadyExists);
    writer.finish().unwrap();
    assert_eq!(open(&storage, Path::new("whole")).read(&name).unwrap(), [7, 8]);

    let mut writer = begin("partitioned");
    writer.add_slice(&name, DType::INT8, &shape, &first, &[7]).unwrap();
    let slice = writer.add_slice("a", DType::INT8, &shape, &first, &[1]);
    assert_eq!(kind(slice), ErrorKind::AlreadyExists);
    writer.finish().unwrap();

    let mut writer = begin("slice");
    writer.add_slice("a", DType::INT8, &shape, &first, &[1]).unwrap();
    let whole = writer.add(&name, DType::INT8, &shape, &[7, 8]);
    assert_eq!(kind(whole), ErrorKind::AlreadyExists);
    let part = writer.add_slice(&name, DType::INT8, &shape, &first, &[7]);
    assert_eq!(kind(part), ErrorKind::AlreadyExists);
    writer.finish().unwrap();

    let options = MergeOptions { storage: Arc::new(storage), ..Default::default() };
    for sources in [["whole", "slice"], ["slice", "whole"], ["slice", "partitioned"]] {
        let error = merge("merged", &sources, &options).unwrap_err();
        assert_eq!(
            (error.kind(), error.names()),
            (ErrorKind::InvalidArgument, &[name.clone()][..])
        );
    }
}

/// A partitioned tensor may be called like a slice and still have slices in
/// several bundles.
#[test]
fn slices_of_an_odd_name_are_joined() {
    let shape = Shape::new([2]).unwrap();
    let name = encode_slice_key(b"a", &Slice::new([Extent::new(3, 1)]));
    let storage = MemoryStorage::new();
    for (prefix, spec, value) in [("top", "0,1", 1), ("bottom", "1,1", 2)] {
        let options = WriterOptions { storage: Arc::new(storage.clone()), ..Default::default() };
        let mut writer = Writer::create_with(prefix, options).unwrap();
        writer.add_slice(&name, DType::INT8, &shape, &spec.parse().unwrap(), &[value]).unwrap();
        writer.finish().unwrap();
    }
    let options = MergeOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    merge("merged", &["top", "bottom"], &options).unwrap();
    assert_eq!(open(&storage, Path::new("merged")).read(&name).unwrap(), [1, 2]);
}
