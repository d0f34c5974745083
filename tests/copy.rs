//! Copies: the same content however they are made, no source harmed, and an object
//! graph that is true to what is left.

mod support;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use support::{digest, golden_bundles, golden_checkpoints};
use tempfile::TempDir;
use tfckpt::ErrorKind;
use tfckpt::bundle::{
    self, Endianness, ReadOptions, Reader as Bundle, Writer, WriterOptions, data_path, index_path,
};
use tfckpt::checkpoint::object_graph::{OBJECT_GRAPH_KEY, ObjectGraph, ObjectGraphBuilder};
use tfckpt::checkpoint::{
    CopyData, CopyOptions, Glob, NameFilter, NameMap, NameRule, Overlay, Reader, copy, copy_reader,
};
use tfckpt::storage::MemoryStorage;
use tfckpt::tensor::{DType, Shape};

const ALL: [CopyData; 3] = [CopyData::Rewrite, CopyData::Copy, CopyData::Link];

fn with_data(data: CopyData) -> CopyOptions {
    CopyOptions { data, ..CopyOptions::default() }
}

/// All that a bundle has but places: of each tensor the name, type, shape, and the
/// digest of each stored piece.
type Content = Vec<(Vec<u8>, DType, Vec<i64>, Vec<String>)>;

fn content(prefix: &Path) -> Content {
    let reader = Bundle::open(prefix).unwrap();
    let of_tensor = |tensor: bundle::Tensor| {
        let slices = tensor.entry.slices.iter();
        let mut digests: Vec<String> = slices
            .map(|slice| format!("{slice} {}", digest(&reader, &tensor, Some(slice)).unwrap()))
            .collect();
        if digests.is_empty() {
            digests.push(digest(&reader, &tensor, None).unwrap());
        }
        let dims = tensor.entry.shape.dims().to_vec();
        (tensor.name, tensor.entry.dtype, dims, digests)
    };
    reader.tensors().map(|tensor| of_tensor(tensor.unwrap())).collect()
}

fn problems(prefix: &Path) -> Vec<String> {
    let report = Reader::open(prefix).unwrap().verify(&tfckpt::Progress::none()).unwrap();
    report.problems.iter().map(|problem| problem.message().to_string()).collect()
}

/// Copies in every way, and hands out the prefixes of the copies.
fn copies(dir: &TempDir, src: &Path, options: &CopyOptions) -> Vec<PathBuf> {
    let made = ALL.map(|data| {
        let dst = dir.path().join(format!("{data:?}"));
        let options = CopyOptions { data, ..options.clone() };
        copy(&dst, src, &options).unwrap_or_else(|error| panic!("{}: {error}", src.display()));
        dst
    });
    made.to_vec()
}

/// A copy of the files of a golden bundle, on the file system of temporary files.
fn beside(dir: &TempDir, prefix: &Path) -> PathBuf {
    let source = dir.path().join("source");
    fs::create_dir(&source).unwrap();
    let name = prefix.file_name().unwrap();
    for file in fs::read_dir(prefix.parent().unwrap()).unwrap() {
        let file = file.unwrap();
        if file.file_name().as_encoded_bytes().starts_with(name.as_encoded_bytes()) {
            fs::copy(file.path(), source.join(file.file_name())).unwrap();
        }
    }
    source.join(name)
}

#[test]
fn whole_copies_have_the_same_content() {
    for golden in golden_bundles() {
        let dir = TempDir::new().unwrap();
        let src = beside(&dir, &golden.prefix);
        let (expected, wrong) = (content(&src), problems(&src));
        for dst in copies(&dir, &src, &CopyOptions::default()) {
            assert!(content(&dst) == expected, "{}", dst.display());
            assert_eq!(problems(&dst), wrong, "{}", dst.display());
        }
    }
}

#[test]
fn parts_under_other_names_have_the_same_content() {
    for golden in golden_bundles() {
        let dir = TempDir::new().unwrap();
        let src = beside(&dir, &golden.prefix);
        let is_wanted = |name: &[u8]| name.len() % 3 != 1 && name != OBJECT_GRAPH_KEY.as_bytes();
        let options = CopyOptions {
            filters: vec![NameFilter::new(is_wanted)],
            renames: vec![NameRule::prefix("", "new/")],
            ..CopyOptions::default()
        };
        let mut expected = content(&src);
        expected.retain(|(name, ..)| is_wanted(name));
        if expected.is_empty() {
            continue;
        }
        expected.iter_mut().for_each(|(name, ..)| *name = [b"new/", name.as_slice()].concat());
        let graphs: Vec<_> = copies(&dir, &src, &options)
            .iter()
            .map(|dst| {
                let mut copied = content(dst);
                let is_graph = |name: &[u8]| name == OBJECT_GRAPH_KEY.as_bytes();
                let graph = copied.iter().find(|(name, ..)| is_graph(name)).cloned();
                copied.retain(|(name, ..)| !is_graph(name));
                assert!(copied == expected, "{}", dst.display());
                check_graph(dst);
                graph
            })
            .collect();
        assert!(graphs.iter().all(|graph| *graph == graphs[0]), "{}", src.display());
    }
}

/// Every attribute of the object graph, if there is one, has its tensors.
fn check_graph(prefix: &Path) {
    let reader = Reader::open(prefix).unwrap();
    let Some(graph) = reader.object_graph().unwrap() else { return };
    for (_, attribute) in graph.attributes() {
        assert!(!graph.tensors_of(&attribute.key, &reader).unwrap().is_empty());
    }
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

/// A bundle with a tensor of one byte in each of three shards.
fn three_shards(dir: &TempDir) -> PathBuf {
    let src = dir.path().join("src");
    let options = WriterOptions { num_shards: 3, ..WriterOptions::default() };
    let mut writer = Writer::create_with(&src, options).unwrap();
    for (name, value) in [("a", 1), ("b", 2), ("c", 3)] {
        writer.add(name, DType::UINT8, &Shape::new([1]).unwrap(), &[value]).unwrap();
    }
    writer.finish().unwrap();
    src
}

#[test]
fn only_shards_that_are_needed_are_linked() {
    let dir = TempDir::new().unwrap();
    let src = three_shards(&dir);
    let dst = dir.path().join("dst");
    let options = CopyOptions {
        filters: vec![NameFilter::new(|name| name != b"b")],
        ..with_data(CopyData::Link)
    };
    copy(&dst, &src, &options).unwrap();
    assert_eq!(Bundle::open(&dst).unwrap().header().num_shards, 2);
    for (new, old) in [(0, 0), (1, 2)] {
        let (new, old) = (data_path(&dst, new, 2), data_path(&src, old, 3));
        assert_eq!(inode(&new), inode(&old));
        assert_eq!(fs::metadata(&new).unwrap().nlink(), 2);
    }
    assert_eq!(fs::metadata(data_path(&src, 1, 3)).unwrap().nlink(), 1);
    // Either may go without harm to the other.
    (0..3).for_each(|shard| fs::remove_file(data_path(&src, shard, 3)).unwrap());
    let reader = Reader::open(&dst).unwrap();
    assert_eq!((reader.read("a").unwrap(), reader.read("c").unwrap()), (vec![1], vec![3]));
}

#[test]
fn data_that_stays_is_not_looked_at_and_left_out_bytes_are_no_problem() {
    let dir = TempDir::new().unwrap();
    let src = dir.path().join("src");
    let mut writer = Writer::create(&src).unwrap();
    for (name, value) in [("a", 1), ("b", 2)] {
        writer.add(name, DType::UINT8, &Shape::new([1]).unwrap(), &[value]).unwrap();
    }
    writer.finish().unwrap();
    fs::write(data_path(&src, 0, 1), [9, 2]).unwrap();
    let options =
        CopyOptions { filters: vec![Glob::new("b").unwrap().into()], ..with_data(CopyData::Link) };
    copy(dir.path().join("b"), &src, &options).unwrap();
    assert!(problems(&dir.path().join("b")).is_empty());
    let error = copy(dir.path().join("all"), &src, &CopyOptions::default()).unwrap_err();
    assert_eq!((error.kind(), error.tensor()), (ErrorKind::DataLoss, Some(&b"a"[..])));
    // What the index says of a file is checked all the same.
    fs::write(data_path(&src, 0, 1), [9]).unwrap();
    let error = copy(dir.path().join("short"), &src, &options).unwrap_err();
    assert_eq!((error.kind(), error.tensor()), (ErrorKind::DataLoss, Some(&b"b"[..])));
    fs::remove_file(data_path(&src, 0, 1)).unwrap();
    let error = copy(dir.path().join("none"), &src, &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
}

/// The byte order of data that stays is kept, of that which comes new as well.
#[test]
fn byte_order() {
    let dir = TempDir::new().unwrap();
    let src = dir.path().join("src");
    let options = WriterOptions { endianness: Endianness::Big, ..WriterOptions::default() };
    let mut writer = Writer::create_with(&src, options).unwrap();
    write_objects(&mut writer, &["a", "b"]);
    writer.finish().unwrap();
    let options = CopyOptions {
        filters: vec![Glob::new("a/*").unwrap().into()],
        ..with_data(CopyData::Copy)
    };
    let kept = dir.path().join("kept");
    copy(&kept, &src, &options).unwrap();
    assert_eq!(Bundle::open(&kept).unwrap().header().endianness, Endianness::Big);
    assert!(problems(&kept).is_empty());
    let rewritten = dir.path().join("rewritten");
    copy(&rewritten, &src, &CopyOptions { data: CopyData::Rewrite, ..options }).unwrap();
    assert_eq!(Bundle::open(&rewritten).unwrap().header().endianness, Endianness::Little);
    assert!(content(&kept) == content(&rewritten));
}

fn key(path: &str) -> String {
    format!("{path}/.ATTRIBUTES/VARIABLE_VALUE")
}

/// Variables of the root with these names, each with the position as its value.
fn write_objects(writer: &mut Writer, names: &[&str]) -> ObjectGraph {
    let mut builder = ObjectGraphBuilder::new();
    for name in names {
        builder.add_variable(ObjectGraphBuilder::ROOT, name, &format!("full/{name}")).unwrap();
    }
    builder.add_save_counter().unwrap();
    let graph = builder.build().unwrap();
    for (value, (_, attribute)) in (1i64..).zip(graph.attributes()) {
        let value = value.to_ne_bytes();
        writer.add(&attribute.key, DType::INT64, &Shape::default(), &value).unwrap();
    }
    graph.write_to(writer).unwrap();
    graph
}

fn objects(dir: &TempDir, name: &str, variables: &[&str]) -> PathBuf {
    let prefix = dir.path().join(name);
    let mut writer = Writer::create(&prefix).unwrap();
    write_objects(&mut writer, variables);
    writer.finish().unwrap();
    prefix
}

fn value(reader: &Reader, name: &str) -> i64 {
    let tensor = reader.resolve(name).unwrap().unwrap_or_else(|| panic!("no {name}"));
    i64::from_ne_bytes(reader.read(tensor.name).unwrap().try_into().unwrap())
}

#[test]
fn the_graph_follows_names_and_loses_what_is_left_out() {
    let dir = TempDir::new().unwrap();
    let src = objects(&dir, "src", &["a", "b", "c"]);
    let options = CopyOptions {
        filters: vec![Glob::new("[ab]/*").unwrap().into(), Glob::new("save*").unwrap().into()],
        renames: vec![NameRule::parse("b/*=renamed").unwrap(), NameRule::parse("*=x/*").unwrap()],
        ..CopyOptions::default()
    };
    for dst in copies(&dir, &src, &options) {
        let reader = Reader::open(&dst).unwrap();
        let names: Vec<_> = reader.tensors().map(|tensor| tensor.unwrap().name).collect();
        let a = format!("x/{}", key("a"));
        let counter = format!("x/{}", key("save_counter"));
        assert_eq!(
            names,
            [OBJECT_GRAPH_KEY.as_bytes(), b"renamed", a.as_bytes(), counter.as_bytes()]
        );
        // Paths and full names lead to the tensors as before.
        assert_eq!([value(&reader, "a"), value(&reader, "full/a")], [1, 1]);
        assert_eq!(value(&reader, "renamed"), 2);
        // TensorFlow would not find this by any key.
        assert!(reader.resolve("b").unwrap().is_none());
        assert!(reader.resolve("c").unwrap().is_none());
        assert_eq!(reader.object_graph().unwrap().unwrap().nodes().len(), 3);
    }
}

/// Without a tensor that it is about, the graph goes too; unless that is what is
/// asked for.
#[test]
fn a_graph_of_nothing_is_left_out() {
    let dir = TempDir::new().unwrap();
    let src = dir.path().join("src");
    let mut writer = Writer::create(&src).unwrap();
    write_objects(&mut writer, &["a"]);
    writer.add("plain", DType::UINT8, &Shape::new([1]).unwrap(), &[7]).unwrap();
    writer.finish().unwrap();
    let names = |glob: &str| {
        let dir = TempDir::new().unwrap();
        let filters = vec![Glob::new(glob).unwrap().into()];
        let options = CopyOptions { filters, ..CopyOptions::default() };
        copies(&dir, &src, &options)
            .iter()
            .map(|dst| content(dst).into_iter().map(|(name, ..)| name).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    assert!(names("pl*").iter().all(|names| *names == [b"plain".to_vec()]));
    assert!(names("_CHECK*").iter().all(|names| *names == [OBJECT_GRAPH_KEY.as_bytes().to_vec()]));
}

/// One part of a sharded save has the graph of all: what lies in other parts keeps
/// its place in it, under the name that the same copy of those gives it.
#[test]
fn parts_of_a_sharded_save() {
    let dir = TempDir::new().unwrap();
    let whole = objects(&dir, "whole", &["a", "b"]);
    let part = |name: &str, wanted: &str| {
        let (dst, reader) = (dir.path().join(name), Bundle::open(&whole).unwrap());
        let mut writer = Writer::create(&dst).unwrap();
        for tensor in reader.tensors() {
            let bundle::Tensor { name, entry } = tensor.unwrap();
            if name == OBJECT_GRAPH_KEY.as_bytes() && wanted == "a" {
                let strings = reader.read_strings(&name, &ReadOptions::default()).unwrap();
                writer.add_strings(&name, &entry.shape, &strings).unwrap();
            } else if name.starts_with(wanted.as_bytes()) {
                let data = reader.read(&name).unwrap();
                writer.add(&name, entry.dtype, &entry.shape, &data).unwrap();
            }
        }
        writer.finish().unwrap();
        let options = CopyOptions {
            renames: vec![NameRule::prefix("", "new/")],
            ..with_data(CopyData::Link)
        };
        let renamed = dir.path().join(format!("{name}-renamed"));
        copy(&renamed, dst, &options).unwrap();
        renamed
    };
    let parts = [part("one", "a"), part("two", "b")];
    let merged = dir.path().join("merged");
    tfckpt::checkpoint::merge(&merged, &parts, &Default::default()).unwrap();
    let reader = Reader::open(&merged).unwrap();
    assert_eq!([value(&reader, "a"), value(&reader, "b")], [1, 2]);
}

#[test]
fn what_is_no_variable_keeps_the_end_of_its_name() {
    let iterator = support::data_dir("golden/variant/iterator/ckpt");
    let dir = TempDir::new().unwrap();
    let copied = |name: &str, rule: &str| {
        let renames = vec![NameRule::parse(rule).unwrap()];
        let dst = dir.path().join(name);
        copy(&dst, &iterator, &CopyOptions { renames, ..CopyOptions::default() }).map(|()| dst)
    };
    let dst = copied("prefix", "iterator/*=it/*").unwrap();
    check_graph(&dst);
    let reader = Reader::open(&dst).unwrap();
    let found = reader.resolve("iterator").unwrap().unwrap();
    assert_eq!(found.name, b"it/.ATTRIBUTES/ITERATOR_STATE");
    // That no key leads to, however one might choose it.
    let reader = Reader::open(copied("apart", "iterator/*=elsewhere").unwrap()).unwrap();
    assert!(reader.find("elsewhere").unwrap().is_some());
    assert!(reader.resolve("iterator").unwrap().is_none());
}

#[test]
fn an_object_with_several_tensors() {
    let dir = TempDir::new().unwrap();
    let src = dir.path().join("src");
    let mut builder = ObjectGraphBuilder::new();
    let table = builder.add_object(ObjectGraphBuilder::ROOT, "t").unwrap();
    builder.add_attribute(table, "table", "").unwrap();
    let graph = builder.build().unwrap();
    let mut writer = Writer::create(&src).unwrap();
    for ending in ["-keys", "-values"] {
        let name = format!("t/.ATTRIBUTES/table{ending}");
        writer.add(name, DType::UINT8, &Shape::default(), &[1]).unwrap();
    }
    graph.write_to(&mut writer).unwrap();
    writer.finish().unwrap();
    let keys = |name: &str, options: &CopyOptions| -> Option<Vec<String>> {
        let dst = dir.path().join(name);
        copy(&dst, &src, options).unwrap();
        let reader = Reader::open(&dst).unwrap();
        let graph = reader.object_graph().unwrap()?;
        Some(graph.attributes().map(|(_, attribute)| attribute.key.clone()).collect())
    };
    let renamed = |rule: &str| CopyOptions {
        renames: vec![NameRule::parse(rule).unwrap()],
        ..CopyOptions::default()
    };
    assert_eq!(keys("moved", &renamed("t/*=u/*")).unwrap(), ["u/.ATTRIBUTES/table"]);
    let half = CopyOptions {
        filters: vec![Glob::new("*-keys").unwrap().into()],
        ..CopyOptions::default()
    };
    assert_eq!(keys("half", &half), None);
    assert_eq!(keys("apart", &renamed("*-keys=other*-keys")), None);
    let error = Reader::open(&src).unwrap().resolve("t").unwrap_err();
    assert_eq!((error.kind(), error.names().len()), (ErrorKind::InvalidArgument, 2));
}

#[test]
fn optimizer_state_is_left_out() {
    for golden in golden_bundles() {
        let reader = Reader::open(&golden.prefix).unwrap();
        let Some(graph) = reader.object_graph().unwrap() else { continue };
        let dir = TempDir::new().unwrap();
        let src = beside(&dir, &golden.prefix);
        let options = CopyOptions { drop_optimizer_state: true, ..CopyOptions::default() };
        let mut expected = content(&src);
        expected.retain(|(name, ..)| {
            !graph.is_optimizer_state(name) && name != OBJECT_GRAPH_KEY.as_bytes()
        });
        for dst in copies(&dir, &src, &options) {
            let mut copied = content(&dst);
            copied.retain(|(name, ..)| name != OBJECT_GRAPH_KEY.as_bytes());
            assert!(copied == expected, "{}", dst.display());
            let pruned = Reader::open(&dst).unwrap();
            let pruned = pruned.object_graph().unwrap().map(ObjectGraph::to_bytes);
            let wanted = graph.without_optimizer_state();
            let wanted = wanted.attributes().next().is_some().then(|| wanted.to_bytes());
            assert_eq!(pruned, wanted, "{}", dst.display());
        }
    }
    let dir = TempDir::new().unwrap();
    let options = CopyOptions { drop_optimizer_state: true, ..CopyOptions::default() };
    let error = copy(dir.path().join("x"), three_shards(&dir), &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

/// An overlay is made one checkpoint, with its names and its graph.
#[test]
fn an_overlay_is_copied() {
    let dir = TempDir::new().unwrap();
    let (one, other) = (objects(&dir, "one", &["a", "b"]), objects(&dir, "other", &["b", "c"]));
    let mut overlay = Overlay::new();
    overlay.add(Reader::open(&one).unwrap(), NameMap::default());
    let rules = vec![NameRule::parse("b/*=b2/*").unwrap()];
    overlay.add(Reader::open(&other).unwrap(), NameMap { rules, keep_unmapped: true });
    let overlaid = overlay.open().unwrap();
    for data in ALL {
        let dst = dir.path().join(format!("{data:?}"));
        copy_reader(&dst, &overlaid, &with_data(data)).unwrap();
        assert!(problems(&dst).is_empty());
        let copied = Reader::open(&dst).unwrap();
        for reader in [&overlaid, &copied] {
            let found = ["a", "b", "c"].map(|name| value(reader, name));
            assert_eq!(found, [1, 2, 2]);
            assert_eq!(value(reader, &key("b2")), 1);
            assert_eq!(value(reader, "save_counter"), 3);
        }
        let names = |reader: &Reader| -> Vec<_> {
            reader.tensors().map(|tensor| tensor.unwrap().name).collect()
        };
        assert_eq!(names(&copied), names(&overlaid));
    }
    let inodes = |prefix: &Path, of| inode(&data_path(prefix, 0, of));
    assert_eq!(inodes(&dir.path().join("Link"), 3), inodes(&one, 1));
    let v1 = golden_checkpoints().into_iter().find(|golden| golden.checkpoint["format"] == "V1");
    overlay.add(Reader::open(v1.unwrap().prefix).unwrap(), NameMap::default());
    let reader = overlay.open().unwrap();
    let error = copy_reader(dir.path().join("v1"), &reader, &with_data(CopyData::Link));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidArgument);
    copy_reader(dir.path().join("v1"), &reader, &CopyOptions::default()).unwrap();
    assert_eq!(value(&Reader::open(dir.path().join("v1")).unwrap(), "c"), 2);
}

#[test]
fn a_copy_may_take_the_place_of_another_but_not_of_its_source() {
    for data in ALL {
        let dir = TempDir::new().unwrap();
        let src = three_shards(&dir);
        let dst = dir.path().join("dst");
        let options = CopyOptions { replace: true, ..with_data(data) };
        copy(&dst, &src, &with_data(data)).unwrap();
        let error = copy(&dst, &src, &with_data(data)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        let filters = vec![NameFilter::from(Glob::new("c").unwrap())];
        copy(&dst, &src, &CopyOptions { filters, ..options.clone() }).unwrap();
        assert_eq!(content(&dst).len(), 1);
        for same in [&src, &dir.path().join("./src")] {
            let error = copy(same, &src, &options).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
        assert_eq!(content(&src).len(), 3);
        let mut overlay = Overlay::new();
        overlay.add(Reader::open(&src).unwrap(), NameMap::default());
        let error = copy_reader(&src, &overlay.open().unwrap(), &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}

#[test]
fn options_that_make_no_sense() {
    let dir = TempDir::new().unwrap();
    let src = three_shards(&dir);
    let kept = with_data(CopyData::Copy);
    for options in [
        CopyOptions { cast: Some(DType::INT32), ..CopyOptions::default() },
        CopyOptions { num_shards: Some(0), ..CopyOptions::default() },
        CopyOptions { alignment: Some(3), ..CopyOptions::default() },
        CopyOptions { cast: Some(DType::HALF), ..kept.clone() },
        CopyOptions { num_shards: Some(3), ..kept.clone() },
        CopyOptions { alignment: Some(1), ..kept },
        CopyOptions { renames: vec![NameRule::parse("*=one").unwrap()], ..CopyOptions::default() },
    ] {
        let error = copy(dir.path().join("dst"), &src, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{options:?}");
        assert!(!index_path(&dir.path().join("dst")).exists());
    }
    for options in [
        CopyOptions { filters: vec![Glob::new("x").unwrap().into()], ..CopyOptions::default() },
        CopyOptions { filters: vec![NameFilter::new(|_| false)], ..CopyOptions::default() },
        CopyOptions { renames: vec![NameRule::prefix("x", "y")], ..CopyOptions::default() },
    ] {
        let error = copy(dir.path().join("dst"), &src, &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{options:?}");
    }
}

/// A name that is one variable's path and another's full name means neither.
#[test]
fn a_name_that_means_two_things_is_an_error() {
    let storage = MemoryStorage::new();
    let options = WriterOptions { storage: Arc::new(storage.clone()), ..WriterOptions::default() };
    let mut writer = Writer::create_with("/ckpt", options).unwrap();
    let mut builder = ObjectGraphBuilder::new();
    builder.add_variable(ObjectGraphBuilder::ROOT, "a", "b").unwrap();
    builder.add_variable(ObjectGraphBuilder::ROOT, "b", "c").unwrap();
    let graph = builder.build().unwrap();
    for (_, attribute) in graph.attributes() {
        writer.add(&attribute.key, DType::UINT8, &Shape::default(), &[1]).unwrap();
    }
    writer.add("c", DType::UINT8, &Shape::default(), &[2]).unwrap();
    graph.write_to(&mut writer).unwrap();
    writer.finish().unwrap();
    let options = bundle::ReaderOptions { storage: Arc::new(storage), ..Default::default() };
    let reader = Reader::open_with("/ckpt", &options).unwrap();
    let error = reader.resolve("b").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.names(), [key("a").into_bytes(), key("b").into_bytes()]);
    // What a tensor is called comes first.
    assert_eq!(reader.resolve("c").unwrap().unwrap().name, b"c");
    assert_eq!(reader.resolve("a").unwrap().unwrap().name, key("a").as_bytes());
    assert!(reader.resolve(b"\xff").unwrap().is_none());
}
