//! Random bundles are what was put into them, whichever way they are written,
//! merged and read.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use support::random::Random;
use tfckpt::ErrorKind;
use tfckpt::bundle::{
    Endianness, MergeOptions, ReadOptions, ReadRequest, Reader, ReaderOptions, Tensor, Transfer,
    Writer, WriterOptions, decode_slice_key, encode_slice_key, merge, verify,
};
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::tensor::{DType, Extent, Shape, Slice, Strings};

/// A tensor in a few random numbers, so that a failing case can be shown.
#[derive(Clone, Debug)]
struct Spec {
    name: Vec<u8>,
    dtype: DType,
    dims: Vec<i64>,
    /// Which piece is cut, along which dimension, and where.
    cuts: Vec<(Index, Index, Index)>,
    /// The sizes in which its bytes come, again and again; all at once where
    /// there are none.
    streamed: Vec<usize>,
    seed: u64,
}

/// A tensor as it must come back.
#[derive(Debug)]
struct Model {
    name: Vec<u8>,
    dtype: DType,
    shape: Shape,
    /// The bytes of each element, in C order.
    elements: Vec<Vec<u8>>,
    /// The slices that it is stored as; none where it is stored whole.
    slices: Vec<Slice>,
    streamed: Vec<usize>,
}

/// What is written in one go: a tensor, or a slice of it.
type Piece<'m> = (&'m Model, Option<&'m Slice>);

impl Model {
    fn new(spec: Spec) -> Self {
        let mut random = Random(spec.seed);
        let shape = Shape::new(spec.dims.clone()).unwrap();
        let elements = (0..shape.num_elements())
            .map(|_| {
                let len = spec.dtype.size().unwrap_or_else(|| string_len(&mut random));
                random.bytes(len)
            })
            .collect();
        let slices = partition(&spec.dims, &spec.cuts, &mut random);
        let (name, dtype, streamed) = (spec.name, spec.dtype, spec.streamed);
        Self { name, dtype, shape, elements, slices, streamed }
    }

    /// The keys that it takes in the index.
    fn keys(&self) -> Vec<Vec<u8>> {
        let slice_keys = self.slices.iter().map(|slice| encode_slice_key(&self.name, slice));
        std::iter::once(self.name.clone()).chain(slice_keys).collect()
    }

    fn pieces(&self) -> Vec<Piece<'_>> {
        match self.slices.is_empty() {
            true => vec![(self, None)],
            false => self.slices.iter().map(|slice| (self, Some(slice))).collect(),
        }
    }

    /// The elements of `slice`, asked for one by one.
    fn part(&self, slice: &Slice) -> Vec<&[u8]> {
        let mut found = vec![0];
        for (extent, &dim) in slice.extents().iter().zip(self.shape.dims()) {
            let length = extent.length.unwrap_or(dim);
            let along = |at: &i64| {
                let first = at * dim + extent.start;
                first..first + length
            };
            found = found.iter().flat_map(along).collect();
        }
        found.iter().map(|&at| self.elements[at as usize].as_slice()).collect()
    }

    fn random_slice(&self, random: &mut Random) -> Slice {
        let extents = self.shape.dims().iter().map(|&dim| {
            let start = random.up_to(dim);
            let length = random.up_to(dim - start);
            extent(start, length, dim, random.chance(2))
        });
        Slice::new(extents.collect::<Vec<_>>())
    }
}

/// Most are short; some are at the borders of varints.
fn string_len(random: &mut Random) -> usize {
    match random.below(40) {
        0 => 127 + random.below(3),
        1 => (1 << 14) - 1 + random.below(3),
        2..6 => random.below(300),
        6..12 => 0,
        _ => random.below(12),
    }
}

/// A whole dimension can be written in two ways.
fn extent(start: i64, length: i64, dim: i64, in_full: bool) -> Extent {
    match start == 0 && length == dim && in_full {
        true => Extent::FULL,
        false => Extent::new(start, length),
    }
}

/// Cuts a tensor in two, a piece of it in two, and so on; the pieces come in any
/// order. No cut at all leaves nothing: then it is stored whole.
fn partition(dims: &[i64], cuts: &[(Index, Index, Index)], random: &mut Random) -> Vec<Slice> {
    let mut pieces = vec![dims.iter().map(|&dim| (0, dim)).collect::<Vec<_>>()];
    for (piece, dim, at) in cuts.iter().filter(|_| !dims.is_empty()) {
        let piece = piece.index(pieces.len());
        let dim = dim.index(dims.len());
        let (start, length) = pieces[piece][dim];
        // The first makes two parts of the whole, later ones may cut nothing off.
        let least = i64::from(pieces.len() == 1);
        if length < 2 * least {
            continue;
        }
        let length_before = least + at.index((length - 2 * least + 1) as usize) as i64;
        let mut before = pieces[piece].clone();
        let mut behind = before.clone();
        before[dim] = (start, length_before);
        behind[dim] = (start + length_before, length - length_before);
        if !pieces.contains(&before) && !pieces.contains(&behind) && before != behind {
            pieces[piece] = before;
            pieces.push(behind);
        }
    }
    if pieces.len() == 1 {
        return Vec::new();
    }
    random.shuffle(&mut pieces);
    let slice = |piece: &Vec<(i64, i64)>| {
        let extents = piece
            .iter()
            .zip(dims)
            .map(|(&(start, length), &dim)| extent(start, length, dim, random.chance(2)));
        Slice::new(extents.collect::<Vec<_>>())
    };
    pieces.iter().map(slice).collect()
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
    let cuts = proptest::collection::vec(any::<(Index, Index, Index)>(), 0..8);
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

/// Tensors no two of which want the same key.
fn models(specs: Vec<Spec>) -> Vec<Model> {
    let mut taken = BTreeSet::new();
    let mut models: Vec<Model> = specs.into_iter().map(Model::new).collect();
    models.retain(|model| {
        let keys = model.keys();
        let free = keys.iter().all(|key| !taken.contains(key));
        taken.extend(keys.into_iter().filter(|_| free));
        free
    });
    models
}

/// Number of shards, alignment.
fn any_layout() -> impl Strategy<Value = (u32, Option<u64>)> {
    (1..5u32, select(vec![None, None, Some(1), Some(8), Some(64), Some(4096)]))
}

fn write_bundle(prefix: &Path, pieces: &[Piece<'_>], options: WriterOptions) {
    let mut writer = Writer::create_with(prefix, options).unwrap();
    for (model, slice) in pieces {
        write_piece(&mut writer, model, *slice).unwrap();
    }
    writer.finish().unwrap();
}

fn write_piece(writer: &mut Writer, model: &Model, slice: Option<&Slice>) -> tfckpt::Result<()> {
    let Model { name, dtype, shape, .. } = model;
    let whole = Slice::full(shape.rank());
    let elements = model.part(slice.unwrap_or(&whole));
    if dtype.is_variable_length() {
        let strings: Strings = elements.iter().collect();
        return match (slice, *dtype == DType::STRING) {
            (None, true) => writer.add_strings(name, shape, &strings),
            (None, false) => writer.add_variants(name, shape, &strings),
            (Some(slice), true) => writer.add_strings_slice(name, shape, slice, &strings),
            (Some(slice), false) => writer.add_variants_slice(name, shape, slice, &strings),
        };
    }
    let data = elements.concat();
    if model.streamed.is_empty() {
        return match slice {
            None => writer.add(name, *dtype, shape, &data),
            Some(slice) => writer.add_slice(name, *dtype, shape, slice, &data),
        };
    }
    let mut tensor = match slice {
        None => writer.begin(name, *dtype, shape)?,
        Some(slice) => writer.begin_slice(name, *dtype, shape, slice)?,
    };
    let mut rest = &data[..];
    for &size in model.streamed.iter().cycle() {
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        tensor.write(piece)?;
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    tensor.finish()
}

fn open(storage: &MemoryStorage, prefix: &Path) -> Reader {
    let options = ReaderOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    Reader::open_with(prefix, &options).unwrap()
}

/// Reads a bundle in every way there is.
fn check_bundle(reader: &Reader, models: &[Model], random: &mut Random) {
    let by_name: BTreeMap<&[u8], &Model> = models.iter().map(|m| (&m.name[..], m)).collect();
    check_walks(reader, &by_name, random);
    check_look_ups(reader, models);
    for model in models {
        check_values(reader, model, random);
    }
    check_many(reader, models, random);
    check_verify(reader, models);
}

/// Cursors and positions give the tensors in the order of their names.
fn check_walks(reader: &Reader, by_name: &BTreeMap<&[u8], &Model>, random: &mut Random) {
    let tensors: Vec<Tensor> = reader.tensors().collect::<Result<_, _>>().unwrap();
    let names: Vec<&[u8]> = tensors.iter().map(|tensor| &tensor.name[..]).collect();
    assert_eq!(names, by_name.keys().copied().collect::<Vec<_>>());
    assert_eq!(reader.index().len().unwrap(), names.len() as u64);
    assert_eq!(reader.index().is_empty().unwrap(), names.is_empty());
    for (position, tensor) in tensors.iter().enumerate() {
        check_entry(tensor, by_name[&tensor.name[..]]);
        assert_eq!(reader.index().at(position as u64).unwrap().as_ref(), Some(tensor));
    }
    assert_eq!(reader.index().at(names.len() as u64).unwrap(), None);
    for name in &names {
        let prefix = &name[..random.below(name.len() + 1)];
        let found: Vec<Tensor> =
            reader.tensors_with_prefix(prefix).collect::<Result<_, _>>().unwrap();
        let expected = tensors.iter().filter(|tensor| tensor.name.starts_with(prefix));
        assert!(found.iter().eq(expected), "prefix {}", prefix.escape_ascii());
    }
}

fn check_entry(tensor: &Tensor, model: &Model) {
    let entry = &tensor.entry;
    assert_eq!((entry.dtype, &entry.shape), (model.dtype, &model.shape));
    let sorted = |slices: &[Slice]| {
        let mut specs: Vec<String> = slices.iter().map(Slice::to_string).collect();
        specs.sort();
        specs
    };
    assert_eq!(sorted(&entry.slices), sorted(&model.slices));
}

/// Names are found, and nothing else is.
fn check_look_ups(reader: &Reader, models: &[Model]) {
    let names: BTreeSet<&[u8]> = models.iter().map(|model| &model.name[..]).collect();
    for model in models {
        check_entry(&reader.find(&model.name).unwrap().unwrap(), model);
        let mut others = model.keys();
        others.push([&model.name[..], b"\0"].concat());
        others.push(model.name[1..].to_vec());
        for other in others.iter().filter(|other| !names.contains(&other[..])) {
            assert_eq!(reader.find(other).unwrap(), None, "{}", other.escape_ascii());
        }
    }
}

fn check_values(reader: &Reader, model: &Model, random: &mut Random) {
    let mut slices = model.slices.clone();
    slices.push(Slice::full(model.shape.rank()));
    slices.extend((0..4).map(|_| model.random_slice(random)));
    for slice in &slices {
        let expected = model.part(slice);
        for verify in [true, false] {
            let options = ReadOptions { verify, ..ReadOptions::default() };
            check_slice(reader, model, slice, &expected, &options);
        }
    }
    check_whole(reader, model);
}

fn check_slice(
    reader: &Reader,
    model: &Model,
    slice: &Slice,
    expected: &[&[u8]],
    options: &ReadOptions,
) {
    let place = || format!("{} {slice} {options:?}", model.name.escape_ascii());
    if model.dtype.is_variable_length() {
        let strings = reader.read_strings_slice(&model.name, slice, options).unwrap();
        assert!(strings.iter().eq(expected.iter().copied()), "{}", place());
        return;
    }
    let expected = expected.concat();
    let mut data = vec![0x5a; expected.len() + 3];
    let read = reader.read_slice_into(&model.name, slice, &mut data, options).unwrap();
    assert_eq!(read, expected.len(), "{}", place());
    assert!(data[..read] == expected && data[read..] == [0x5a; 3], "{}", place());
}

fn check_whole(reader: &Reader, model: &Model) {
    let options = ReadOptions::default();
    if model.dtype.is_variable_length() {
        let strings = reader.read_strings(&model.name, &options).unwrap();
        assert!(strings.iter().eq(&model.elements));
        if model.dtype == DType::STRING {
            let bytes: usize = model.elements.iter().map(Vec::len).sum();
            assert_eq!(reader.string_bytes(&model.name).unwrap(), bytes as u64);
        }
    } else {
        assert!(reader.read(&model.name).unwrap() == model.elements.concat());
    }
}

/// Tensors and slices, some twice, in any order, on several threads.
fn check_many(reader: &Reader, models: &[Model], random: &mut Random) {
    let plain: Vec<&Model> = models.iter().filter(|model| model.dtype.size().is_some()).collect();
    let mut wanted: Vec<(&Model, Option<Slice>)> = Vec::new();
    for model in &plain {
        wanted.extend([(*model, None), (*model, Some(model.random_slice(random)))]);
        wanted.extend(model.slices.iter().map(|slice| (*model, Some(slice.clone()))));
    }
    random.shuffle(&mut wanted);
    let expected: Vec<Vec<u8>> = wanted
        .iter()
        .map(|(model, slice)| match slice {
            Some(slice) => model.part(slice).concat(),
            None => model.elements.concat(),
        })
        .collect();
    let mut buffers: Vec<Vec<u8>> =
        expected.iter().map(|bytes| vec![0x5a; bytes.len() + random.below(3)]).collect();
    let mut requests: Vec<ReadRequest<'_>> = wanted
        .iter()
        .zip(&mut buffers)
        .map(|((model, slice), dst)| ReadRequest { name: &model.name, slice: slice.clone(), dst })
        .collect();
    let options = ReadOptions {
        threads: 1 + random.below(3),
        verify: !random.chance(3),
        max_in_flight: [0, 100, 8 << 20][random.below(3)],
    };
    reader.read_many(&mut requests, &options).unwrap();
    for ((bytes, expected), (model, _)) in buffers.iter().zip(&expected).zip(&wanted) {
        let (read, beyond) = bytes.split_at(expected.len());
        assert!(read == expected, "{} {options:?}", model.name.escape_ascii());
        assert!(beyond.iter().all(|&byte| byte == 0x5a));
    }
}

/// Nothing is wrong but that some names are those of slices without a tensor.
fn check_verify(reader: &Reader, models: &[Model]) {
    let report = verify(reader, |_| true).unwrap();
    let strays = models.iter().filter(|model| {
        decode_slice_key(&model.name).is_some_and(|(_, slice)| !slice.extents().is_empty())
    });
    assert_eq!(report.problems.len(), strays.count(), "{:?}", report.problems);
    for problem in &report.problems {
        assert!(problem.message().contains("the tensor does not list it"), "{problem}");
    }
    assert_eq!(report.tensors, models.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(
        specs in proptest::collection::vec(any_spec(), 0..8),
        (num_shards, alignment) in any_layout(),
        endianness in select(vec![Endianness::Little, Endianness::Big]),
        seed in any::<u64>(),
    ) {
        let mut random = Random(seed);
        let models = models(specs);
        let mut pieces: Vec<Piece<'_>> = models.iter().flat_map(Model::pieces).collect();
        random.shuffle(&mut pieces);
        let storage = MemoryStorage::new();
        let prefix = Path::new("/dir/ckpt");
        write_bundle(prefix, &pieces, WriterOptions {
            storage: Arc::new(storage.clone()),
            num_shards,
            alignment,
            endianness,
            ..WriterOptions::default()
        });
        let reader = open(&storage, prefix);
        prop_assert_eq!((reader.header().num_shards, reader.header().endianness), (num_shards, endianness));
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
        for ((pieces, prefix), &(num_shards, alignment)) in
            dealt.iter_mut().zip(&prefixes).zip(&layouts)
        {
            random.shuffle(pieces);
            write_bundle(Path::new(prefix), pieces, WriterOptions {
                storage: Arc::new(storage.clone()),
                num_shards,
                alignment,
                endianness,
                ..WriterOptions::default()
            });
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
