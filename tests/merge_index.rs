//! The index of a merge: whose entry each key gets, whichever way the keys of the sources
//! lie between each other's, and that all of them are checked.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use support::index::{pairs, table};
use support::random::Random;
use tfckpt::ErrorKind;
use tfckpt::bundle::{
    MergeOptions, OnConflict, Reader, ReaderOptions, Writer, WriterOptions, index_path, merge,
};
use tfckpt::storage::MemoryStorage;
use tfckpt::table::TableWriterOptions;
use tfckpt::tensor::{DType, Shape};

/// The tensors of a source, of one byte each.
type Tensors = BTreeMap<String, u8>;

fn options(storage: &MemoryStorage, on_conflict: OnConflict) -> MergeOptions {
    MergeOptions { storage: Arc::new(storage.clone()), on_conflict, ..MergeOptions::default() }
}

fn open(storage: &MemoryStorage, prefix: &str) -> Reader {
    let options = ReaderOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    Reader::open_with(prefix, &options).unwrap()
}

fn write(storage: &MemoryStorage, prefix: &Path, tensors: &Tensors, num_shards: u32) {
    let storage = Arc::new(storage.clone());
    let options = WriterOptions { storage, num_shards, ..WriterOptions::default() };
    let mut writer = Writer::create_with(prefix, options).unwrap();
    for (name, &value) in tensors {
        writer.add(name, DType::UINT8, &Shape::new([1]).unwrap(), &[value]).unwrap();
    }
    writer.finish().unwrap();
}

/// Names that lie in ranges of their own, between each other's, or are many a source's.
fn sources(random: &mut Random) -> Vec<Tensors> {
    let mut sources = vec![Tensors::new(); 1 + random.below(5)];
    let (count, apart, shared) = (random.below(300), random.chance(2), random.chance(2));
    for number in 0..count {
        let name = format!("block_{:03}/kernel", number * 7 % 300);
        for _ in 0..if shared { 2 } else { 1 } {
            let at =
                if apart { number * sources.len() / count } else { random.below(sources.len()) };
            sources[at].insert(name.clone(), random.next() as u8);
        }
    }
    sources
}

fn expected(sources: &[Tensors], on_conflict: OnConflict) -> Tensors {
    let mut all = Tensors::new();
    for (name, &value) in sources.iter().flatten() {
        match on_conflict {
            OnConflict::Last => drop(all.insert(name.clone(), value)),
            _ => drop(all.entry(name.clone()).or_insert(value)),
        }
    }
    all
}

#[test]
fn each_key_gets_the_entry_that_it_should() {
    let mut random = Random(1);
    for _ in 0..60 {
        let (storage, tensors) = (MemoryStorage::new(), sources(&mut random));
        let prefixes: Vec<PathBuf> =
            (0..tensors.len()).map(|number| format!("source{number}").into()).collect();
        for (prefix, tensors) in prefixes.iter().zip(&tensors) {
            write(&storage, prefix, tensors, 1 + random.below(3) as u32);
        }
        for on_conflict in [OnConflict::First, OnConflict::Last] {
            let dst = format!("{on_conflict:?}");
            merge(&dst, &prefixes, &options(&storage, on_conflict)).unwrap();
            let reader = open(&storage, &dst);
            let merged = reader.tensors().map(|tensor| {
                let name = String::from_utf8(tensor.unwrap().name).unwrap();
                let value = reader.read(&name).unwrap()[0];
                (name, value)
            });
            let merged: Vec<(String, u8)> = merged.collect();
            let expected: Vec<_> = expected(&tensors, on_conflict).into_iter().collect();
            assert_eq!(merged, expected);
        }
        let all: Vec<&String> = tensors.iter().flat_map(BTreeMap::keys).collect();
        let mut twice: Vec<Vec<u8>> = all.iter().map(|name| name.as_bytes().to_vec()).collect();
        twice.sort();
        let mut twice: Vec<_> =
            twice.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0].clone()).collect();
        twice.dedup();
        match merge("error", &prefixes, &options(&storage, OnConflict::Error)) {
            Ok(()) => assert_eq!(twice.len(), 0),
            Err(error) => assert_eq!(error.names(), twice),
        }
    }
}

/// Two sources of two tensors each, the second with an index of other bytes.
fn with_value(change: impl FnOnce(&mut Vec<u8>)) -> (MemoryStorage, [&'static str; 2]) {
    let storage = MemoryStorage::new();
    write(&storage, Path::new("one"), &Tensors::from([("a".into(), 1), ("b".into(), 2)]), 1);
    write(&storage, Path::new("two"), &Tensors::from([("a".into(), 3), ("c".into(), 4)]), 1);
    let mut pairs = pairs(&storage, Path::new("two"));
    let value = pairs.iter_mut().find(|(key, _)| key == b"a").unwrap();
    change(&mut value.1);
    let index = table(&pairs, &TableWriterOptions::default());
    storage.put(index_path(Path::new("two")), index);
    (storage, ["one", "two"])
}

fn merged_value(storage: &MemoryStorage, sources: [&str; 2]) -> Vec<u8> {
    merge("merged", &sources, &options(storage, OnConflict::Last)).unwrap();
    let pairs = pairs(storage, Path::new("merged"));
    pairs.into_iter().find(|(key, _)| key == b"a").unwrap().1
}

/// However an entry is put, the merged index has it as TensorFlow would write it.
#[test]
fn entries_are_put_as_usual() {
    let (storage, sources) = with_value(|_| ());
    let usual = merged_value(&storage, sources);
    assert_eq!(usual[..2], [0x08, 4]);
    assert!(usual.windows(2).any(|field| field == [0x18, 1]), "{usual:02x?}");
    let unusual: [fn(&mut Vec<u8>); 5] = [
        // The type in two bytes.
        |value| drop(value.splice(1..2, [0x84, 0x00])),
        // Shard 0, said in so many words.
        |value| drop(value.splice(8..8, [0x18, 0x00])),
        // The same, in too many.
        |value| drop(value.splice(8..8, [0x18, 0x80, 0x00])),
        // A field that nobody knows.
        |value| value.extend([0x78, 0x01]),
        // The type behind the rest.
        |value| value.rotate_left(2),
    ];
    for change in unusual {
        let (storage, sources) = with_value(change);
        assert_eq!(merged_value(&storage, sources), usual);
    }
}

/// An entry that no shape is in is that of a scalar, whatever else takes more room.
#[test]
fn a_shape_that_is_not_there() {
    let (storage, sources) = with_value(|_| ());
    let value = merged_value(&storage, sources);
    let scalar = [&value[..2], &[0x12, 0x00], &value[8..]].concat();
    let (storage, sources) = with_value(|value| {
        value.drain(2..8);
        value.splice(2..2, [0x18, 0x00]);
    });
    assert_eq!(merged_value(&storage, sources), scalar);
}

/// What another source has instead is checked all the same.
#[test]
fn an_entry_that_is_not_taken_is_checked() {
    let far = |value: &mut Vec<u8>| drop(value.splice(8..8, [0x20, 0x7f]));
    for on_conflict in [OnConflict::First, OnConflict::Last, OnConflict::Error] {
        let (storage, sources) = with_value(far);
        let error = merge("merged", &sources, &options(&storage, on_conflict)).unwrap_err();
        assert_eq!((error.kind(), error.tensor()), (ErrorKind::DataLoss, Some(&b"a"[..])));
        assert_eq!((error.shard(), error.offset()), (Some(0), Some(0x7f)));
        assert!(error.file().unwrap().ends_with("two.data-00000-of-00001"), "{error}");
        let (storage, sources) = with_value(|value| value[1] = 50);
        let error = merge("merged", &sources, &options(&storage, on_conflict)).unwrap_err();
        assert_eq!((error.kind(), error.tensor()), (ErrorKind::DataLoss, Some(&b"a"[..])));
        assert!(error.file().unwrap().ends_with("two.index"), "{error}");
        assert!(storage.bytes("merged.index").is_none());
    }
}
