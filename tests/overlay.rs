//! An overlay is what a plain map of names would be, whatever checkpoints, names and
//! rules go into it.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use tfckpt::bundle::{OnConflict, ReadOptions, ReadRequest, ReaderOptions, Writer, WriterOptions};
use tfckpt::checkpoint::{NameMap, NameRule, Overlay, Piece, Reader, Tensor};
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::tensor::{DType, Extent, Shape, Slice};
use tfckpt::{Error, ErrorKind, v1};

const NAMES: [&str; 7] = ["a", "ab", "b", "b/a", "b/b", "c", "c/b/a"];
const RULES: [&str; 9] =
    ["a=x", "a*=*", "a=ab", "b/*=*", "*=c/*", "b*a=*", "*/a=*/b", "c=b", "b=b"];
const ROWS: i64 = 4;
const COLUMNS: i64 = 3;

/// A checkpoint of an overlay: V1 or V2, which names it has, which are partitioned.
#[derive(Clone, Debug)]
struct Layer {
    is_v1: bool,
    names: BTreeMap<&'static str, bool>,
    rules: Vec<&'static str>,
    keep_unmapped: bool,
}

fn layer() -> impl Strategy<Value = Layer> {
    let names = prop::collection::btree_map(select(&NAMES[..]), any::<bool>(), 0..5);
    let rules = prop::collection::vec(select(&RULES[..]), 0..3);
    (any::<bool>(), names, rules, prop::bool::weighted(0.8)).prop_map(
        |(is_v1, names, rules, keep_unmapped)| Layer { is_v1, names, rules, keep_unmapped },
    )
}

/// The values of a tensor tell where it came from.
fn values(layer: usize, name: &str) -> Vec<u8> {
    let seed = layer as i64 * 1000 + name.bytes().map(i64::from).sum::<i64>() * 13;
    (0..ROWS * COLUMNS).flat_map(|at| (seed + at).to_ne_bytes()).collect()
}

fn shape() -> Shape {
    Shape::new([ROWS, COLUMNS]).unwrap()
}

/// Two slices of whole rows, and the bytes of each.
fn halves(values: &[u8]) -> [(Slice, &[u8]); 2] {
    let (top, bottom) = values.split_at((COLUMNS * 8) as usize);
    let slice = |start, length| Slice::new([Extent::new(start, length), Extent::FULL]);
    [(slice(0, 1), top), (slice(1, ROWS - 1), bottom)]
}

fn write(storage: &Arc<dyn Storage>, number: usize, layer: &Layer) -> PathBuf {
    let path = PathBuf::from(format!("ckpt-{number}"));
    if layer.is_v1 {
        let options = v1::WriterOptions { storage: storage.clone(), ..Default::default() };
        let mut writer = v1::Writer::create_with(&path, options).unwrap();
        for (name, &partitioned) in &layer.names {
            let values = values(number, name);
            if !partitioned {
                writer.add(name, DType::INT64, &shape(), &values).unwrap();
                continue;
            }
            for (slice, values) in halves(&values) {
                writer.add_slice(name, DType::INT64, &shape(), &slice, values).unwrap();
            }
        }
        writer.finish().unwrap();
        return path;
    }
    let options = WriterOptions { storage: storage.clone(), ..WriterOptions::default() };
    let mut writer = Writer::create_with(&path, options).unwrap();
    for (name, &partitioned) in &layer.names {
        let values = values(number, name);
        if !partitioned {
            writer.add(name, DType::INT64, &shape(), &values).unwrap();
            continue;
        }
        for (slice, values) in halves(&values) {
            writer.add_slice(name, DType::INT64, &shape(), &slice, values).unwrap();
        }
    }
    writer.finish().unwrap();
    path
}

/// What an overlay should be: name → layer and name there; or why it should not open.
type Model = Result<BTreeMap<String, (usize, &'static str)>, ErrorKind>;

fn model(layers: &[Layer], on_conflict: OnConflict) -> Model {
    let mut failures = Vec::new();
    let mut all: BTreeMap<String, Vec<(usize, &str)>> = BTreeMap::new();
    for (number, layer) in layers.iter().enumerate() {
        let fits = |rule: &str, name: &str| NameRule::parse(rule).unwrap().apply(name.as_bytes());
        if layer.rules.iter().any(|rule| layer.names.keys().all(|name| fits(rule, name).is_none()))
        {
            return Err(ErrorKind::NotFound);
        }
        for name in layer.names.keys() {
            let new: BTreeSet<Vec<u8>> =
                layer.rules.iter().filter_map(|rule| fits(rule, name)).collect();
            if new.contains(&Vec::new()) {
                return Err(ErrorKind::InvalidArgument);
            }
            if new.is_empty() && layer.keep_unmapped {
                all.entry(name.to_string()).or_default().push((number, name));
            }
            for new in new {
                all.entry(String::from_utf8(new).unwrap()).or_default().push((number, name));
            }
        }
    }
    for holders in all.values() {
        let layers: BTreeSet<usize> = holders.iter().map(|(layer, _)| *layer).collect();
        if layers.len() < holders.len() || (layers.len() > 1 && on_conflict == OnConflict::Error) {
            failures.push(ErrorKind::InvalidArgument);
        }
    }
    if let Some(&failure) = failures.first() {
        return Err(failure);
    }
    let choose = |holders: Vec<(usize, &'static str)>| match on_conflict {
        OnConflict::Last => holders[holders.len() - 1],
        _ => holders[0],
    };
    Ok(all.into_iter().map(|(name, holders)| (name, choose(holders))).collect())
}

fn overlay(layers: &[Layer], on_conflict: OnConflict) -> tfckpt::Result<Reader> {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
    let mut overlay = Overlay::new();
    overlay.on_conflict(on_conflict);
    for (number, layer) in layers.iter().enumerate() {
        let path = write(&storage, number, layer);
        let options = ReaderOptions { storage: storage.clone(), ..ReaderOptions::default() };
        let rules = layer.rules.iter().map(|rule| NameRule::parse(rule).unwrap()).collect();
        let names = NameMap { rules, keep_unmapped: layer.keep_unmapped };
        overlay.add(Reader::open_with(path, &options)?, names);
    }
    overlay.open()
}

fn check(reader: &Reader, model: &BTreeMap<String, (usize, &'static str)>, layers: &[Layer]) {
    let tensors: Vec<Tensor> = reader.tensors().collect::<Result<_, _>>().unwrap();
    let names: Vec<&[u8]> = tensors.iter().map(|tensor| tensor.name.as_slice()).collect();
    assert_eq!(names, model.keys().map(String::as_bytes).collect::<Vec<_>>());
    assert_eq!(reader.len().unwrap(), model.len() as u64);
    assert_eq!(reader.at(model.len() as u64).unwrap(), None);
    for (at, (tensor, (name, &(layer, original)))) in (0..).zip(tensors.iter().zip(model)) {
        assert_eq!(reader.find(name).unwrap().as_ref(), Some(tensor));
        assert_eq!(reader.at(at).unwrap().as_ref(), Some(tensor));
        assert_eq!(tensor.is_partitioned(), layers[layer].names[original]);
        let values = values(layer, original);
        assert_eq!(reader.read(name).unwrap(), values);
        let row: Slice = "2,1:-".parse().unwrap();
        let mut dst = [0; COLUMNS as usize * 8];
        reader.read_slice_into(name, &row, &mut dst, &ReadOptions::default()).unwrap();
        assert_eq!(dst, values[2 * dst.len()..][..dst.len()]);
        let pieces: Vec<Piece> = reader.pieces(tensor).unwrap();
        let mut stored = Vec::new();
        for piece in &pieces {
            let each = |part: &[u8]| {
                stored.extend_from_slice(part);
                Ok(())
            };
            reader.read_piece(tensor, piece, each).unwrap();
        }
        assert_eq!(stored, values);
    }
    check_many(reader, model);
    for prefix in ["", "a", "b/", "c/b", "zz"] {
        let found = reader.tensors_with_prefix(prefix).map(|tensor| tensor.unwrap().name);
        let expected = model.keys().filter(|name| name.starts_with(prefix));
        assert!(found.eq(expected.map(|name| name.as_bytes().to_vec())), "{prefix}");
    }
    assert!(reader.verify(&tfckpt::Progress::none()).unwrap().is_ok());
}

fn check_many(reader: &Reader, model: &BTreeMap<String, (usize, &'static str)>) {
    let mut buffers = vec![vec![0; (ROWS * COLUMNS * 8) as usize]; model.len()];
    let requests = model.keys().rev().zip(&mut buffers).map(|(name, dst)| ReadRequest {
        name: name.as_bytes(),
        slice: None,
        dst,
        dst_strides: None,
    });
    let options = ReadOptions { threads: 2, ..ReadOptions::default() };
    reader.read_many(&mut requests.collect::<Vec<_>>(), &options).unwrap();
    for (&(layer, original), buffer) in model.values().rev().zip(&buffers) {
        assert_eq!(*buffer, values(layer, original));
    }
    let mut requests = ["none", "at all"].map(|name| ReadRequest {
        name: name.as_bytes(),
        slice: None,
        dst: &mut [],
        dst_strides: None,
    });
    let error = reader.read_many(&mut requests, &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.names(), [b"at all".to_vec(), b"none".to_vec()]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_overlay_is_what_a_map_of_names_is(
        layers in prop::collection::vec(layer(), 1..4),
        on_conflict in select(&[OnConflict::Error, OnConflict::First, OnConflict::Last][..]),
    ) {
        match (overlay(&layers, on_conflict), model(&layers, on_conflict)) {
            (Ok(reader), Ok(model)) => check(&reader, &model, &layers),
            (Err(error), Err(kind)) => {
                // Either of two reasons may be told.
                let kinds = [kind, ErrorKind::NotFound, ErrorKind::InvalidArgument];
                prop_assert!(kinds.contains(&error.kind()), "{error}");
            }
            (Ok(_), Err(kind)) => prop_assert!(false, "it should be {kind:?}"),
            (Err(error), Ok(_)) => prop_assert!(false, "{error}"),
        }
    }

    /// An overlay of an overlay is like one of all.
    #[test]
    fn overlays_nest(layers in prop::collection::vec(layer(), 2..4)) {
        let plain: Vec<Layer> = layers
            .into_iter()
            .map(|layer| Layer { rules: Vec::new(), keep_unmapped: true, ..layer })
            .collect();
        let flat = overlay(&plain, OnConflict::First).unwrap();
        let mut nested = Overlay::new();
        nested.add(flat, NameMap::default());
        let model = model(&plain, OnConflict::First).unwrap();
        check(&nested.open().unwrap(), &model, &plain);
    }
}

#[test]
fn conflicts_are_all_listed() {
    let layer = |names: &[&'static str]| Layer {
        is_v1: false,
        names: names.iter().map(|&name| (name, false)).collect(),
        rules: Vec::new(),
        keep_unmapped: true,
    };
    let layers = [layer(&["a", "b", "c"]), layer(&["b", "c"]), layer(&["c"])];
    let error: Error = overlay(&layers, OnConflict::Error).unwrap_err();
    assert_eq!(error.names(), [b"b".to_vec(), b"c".to_vec()]);
    assert_eq!(error.tensor(), Some(&b"b"[..]));
    assert!(overlay(&[], OnConflict::Error).is_err());
}

/// Objects that are in both are one, and a graph joined with itself is as it was.
#[test]
fn a_graph_joined_with_itself() {
    for name in ["object_based/keras/ckpt-50", "object_based/slots/ckpt", "saved_model/keras"] {
        let open = || Reader::open(support::data_dir("golden").join(name)).unwrap();
        let mut overlay = Overlay::new();
        overlay.on_conflict(OnConflict::First);
        overlay.add(open(), NameMap::default()).add(open(), NameMap::default());
        let (joined, single) = (overlay.open().unwrap(), open());
        let bytes = |reader: &Reader| reader.object_graph().unwrap().unwrap().to_bytes();
        assert_eq!(bytes(&joined), bytes(&single), "{name}");
        let options = ReadOptions::default();
        let strings = joined.read_strings("_CHECKPOINTABLE_OBJECT_GRAPH", &options).unwrap();
        assert_eq!(strings.data(), bytes(&single), "{name}");
        assert!(joined.verify(&tfckpt::Progress::none()).unwrap().is_ok());
    }
}

/// A graph that is made here is read as any tensor is.
#[test]
fn a_made_graph_is_a_string_like_others() {
    let open = || Reader::open(support::data_dir("golden/object_based/slots/ckpt")).unwrap();
    let mut overlay = Overlay::new();
    let rules = vec![NameRule::prefix("", "x/")];
    overlay.add(open(), NameMap { rules, keep_unmapped: true });
    let reader = overlay.open().unwrap();
    let name = "_CHECKPOINTABLE_OBJECT_GRAPH";
    let tensor = reader.tensor(name).unwrap();
    assert_eq!((tensor.dtype, tensor.shape.rank(), tensor.stored), (DType::STRING, 0, None));
    let bytes = reader.object_graph().unwrap().unwrap().to_bytes();
    assert_ne!(bytes, open().object_graph().unwrap().unwrap().to_bytes());
    assert_eq!(reader.string_bytes(name).unwrap(), bytes.len() as u64);
    let options = ReadOptions::default();
    let scalar = reader.read_strings_slice(name, &Slice::default(), &options).unwrap();
    assert_eq!(scalar.data(), bytes);
    for error in [
        reader.read(name).unwrap_err(),
        reader.read_into(name, &mut [0; 9], &options).unwrap_err(),
        reader.read_size(name, None).unwrap_err(),
        reader.read_strings_slice(name, &"0,1".parse().unwrap(), &options).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
    assert_eq!(reader.view(name, &options).unwrap_err().kind(), ErrorKind::Unsupported);
    let mut request =
        [ReadRequest { name: name.as_bytes(), slice: None, dst: &mut [], dst_strides: None }];
    assert!(reader.read_many(&mut request, &options).is_err());
    // An overlay of it has it too, and what is renamed twice has a graph for that.
    let mut nested = Overlay::new();
    let rules = vec![NameRule::prefix("x/", "y/")];
    nested.add(reader, NameMap { rules, keep_unmapped: false });
    let nested = nested.open().unwrap();
    assert_eq!(
        nested.resolve("net/w").unwrap().unwrap().name,
        b"y/net/w/.ATTRIBUTES/VARIABLE_VALUE"
    );
}
