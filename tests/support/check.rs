//! Whether a bundle holds just the tensors it should, whichever way it is read.

use std::collections::{BTreeMap, BTreeSet};

use tfckpt::Progress;
use tfckpt::bundle::{ReadOptions, ReadRequest, Reader, Tensor, decode_slice_key, verify};
use tfckpt::tensor::{DType, Shape, Slice};

use super::model::Model;
use super::random::Random;

/// Reads a bundle in every way there is.
pub fn check_bundle(reader: &Reader, models: &[Model], random: &mut Random) {
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
    let parts: Vec<Vec<&[u8]>> = wanted
        .iter()
        .map(|(model, slice)| match slice {
            Some(slice) => model.part(slice),
            None => model.elements.iter().map(Vec::as_slice).collect(),
        })
        .collect();
    let strides: Vec<Option<Vec<i64>>> =
        wanted.iter().map(|wanted| random.chance(2).then(|| strides_of(wanted, random))).collect();
    let expected: Vec<Vec<u8>> = wanted
        .iter()
        .zip(parts.iter().zip(&strides))
        .map(|(wanted, (elements, strides))| match strides {
            Some(strides) => scattered(&shape_of(wanted), elements, strides),
            None => elements.concat(),
        })
        .collect();
    let mut buffers: Vec<Vec<u8>> =
        expected.iter().map(|bytes| vec![0x5a; bytes.len() + random.below(3)]).collect();
    let mut requests: Vec<ReadRequest<'_>> = wanted
        .iter()
        .zip(buffers.iter_mut().zip(&strides))
        .map(|((model, slice), (dst, strides))| ReadRequest {
            name: &model.name,
            slice: slice.clone(),
            dst,
            dst_strides: strides.as_deref(),
        })
        .collect();
    let options = ReadOptions {
        threads: 1 + random.below(3),
        verify: !random.chance(3),
        max_in_flight: [0, 100, 8 << 20][random.below(3)],
        progress: Progress::new(),
    };
    reader.read_many(&mut requests, &options).unwrap();
    assert_eq!(options.progress.done(), options.progress.total());
    for ((bytes, expected), (model, _)) in buffers.iter().zip(&expected).zip(&wanted) {
        let (read, beyond) = bytes.split_at(expected.len());
        assert!(read == expected, "{} {options:?}", model.name.escape_ascii());
        assert!(beyond.iter().all(|&byte| byte == 0x5a));
    }
}

/// Nothing is wrong but that some names are those of slices without a tensor.
fn check_verify(reader: &Reader, models: &[Model]) {
    let progress = Progress::new();
    let report = verify(reader, &progress).unwrap();
    assert_eq!((progress.done(), progress.total()), (report.bytes, report.bytes));
    let strays = models.iter().filter(|model| {
        decode_slice_key(&model.name).is_some_and(|(_, slice)| !slice.extents().is_empty())
    });
    assert_eq!(report.problems.len(), strays.count(), "{:?}", report.problems);
    for problem in &report.problems {
        assert!(problem.message().contains("the tensor does not list it"), "{problem}");
    }
    assert_eq!(report.tensors, models.len() as u64);
}

fn shape_of((model, slice): &(&Model, Option<Slice>)) -> Shape {
    slice.as_ref().map_or(model.shape.clone(), |slice| slice.shape(&model.shape).unwrap())
}

/// Strides with room between some rows and columns, and numbers that mean nothing where
/// there are no neighbours.
fn strides_of(wanted: &(&Model, Option<Slice>), random: &mut Random) -> Vec<i64> {
    let size = wanted.0.dtype.size().unwrap() as i64;
    let shape = shape_of(wanted);
    let mut strides = vec![0; shape.rank()];
    let mut inner = size;
    for (stride, &length) in strides.iter_mut().zip(shape.dims()).rev() {
        *stride = if length < 2 { -3 } else { inner + size * random.up_to(2) };
        inner += *stride * (length - 1).max(0);
    }
    strides
}

/// The elements where the strides put them, one by one; what lies between is untouched.
fn scattered(shape: &Shape, elements: &[&[u8]], strides: &[i64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut index = vec![0; shape.rank()];
    for element in elements {
        let place = |(at, stride): (&i64, &i64)| if *at == 0 { 0 } else { at * stride };
        let at = index.iter().zip(strides).map(place).sum::<i64>() as usize;
        bytes.resize(bytes.len().max(at + element.len()), 0x5a);
        bytes[at..at + element.len()].copy_from_slice(element);
        for (at, &length) in index.iter_mut().zip(shape.dims()).rev() {
            *at += 1;
            if *at < length {
                break;
            }
            *at = 0;
        }
    }
    bytes
}
