//! `tfckpt copy`.

use tfckpt::bundle::{Reader, Tensor, Writer};
use tfckpt::tensor::{DType, Shape};

use super::support::golden_bundles;
use super::*;

fn data(prefix: &Path, shard: u32, of: u32) -> Vec<u8> {
    std::fs::read(tfckpt::bundle::data_path(prefix, shard, of)).unwrap()
}

fn index(prefix: &Path) -> Vec<u8> {
    std::fs::read(tfckpt::bundle::index_path(prefix)).unwrap()
}

/// Whether the entries of a bundle leave no gap between them.
fn is_packed(prefix: &Path) -> bool {
    let reader = Reader::open(prefix).unwrap();
    let stored = |tensor: Tensor| match &*tensor.entry.slices {
        [] => tensor.entry.size,
        slices => slices.iter().map(|s| reader.slice_entry(&tensor, s).unwrap().size).sum(),
    };
    let total: u64 = reader.tensors().map(|tensor| stored(tensor.unwrap())).sum();
    total == data(prefix, 0, 1).len() as u64
}

#[test]
fn packed_bundles_come_out_byte_for_byte() {
    let mut same = 0;
    for golden in golden_bundles() {
        let header = &golden.checkpoint;
        if header["shard_count"] != 1 || header["endianness"] != "LITTLE" {
            continue;
        }
        let dir = tempfile::tempdir().unwrap();
        let (src, dst) = (&golden.prefix, dir.path().join("copy"));
        succeed(&[&"copy", src, &dst, &"--align", &"1", &"--shards", &"1"]);
        if !is_packed(src) {
            assert!(
                src.components().any(|part| part.as_os_str() == "aligned_data"),
                "{}",
                src.display()
            );
            continue;
        }
        assert!(data(src, 0, 1) == data(&dst, 0, 1), "{}", src.display());
        assert_eq!(index(src) == index(&dst), is_default_index(src), "{}", src.display());
        same += 1;
    }
    assert!(same >= 30, "only {same}");
}

/// Whether the index is as TensorFlow writes it, or one that was rewritten with
/// other blocks, or with another version in it.
fn is_default_index(prefix: &Path) -> bool {
    let rewritten = [
        "snappy_blocks_512",
        "snappy_one_block",
        "snappy_restart_1",
        "mixed",
        "small_blocks",
        "c_producer_7",
    ];
    !prefix.components().any(|part| rewritten.iter().any(|name| part.as_os_str() == *name))
}

#[test]
fn any_bundle_as_any_number_of_shards() {
    for golden in golden_bundles() {
        let dir = tempfile::tempdir().unwrap();
        let dst = dir.path().join("new/copy");
        succeed(&[&"copy", &golden.prefix, &dst, &"--shards", &"3", &"--align", &"64"]);
        assert_eq!(files(&dir.path().join("new")).len(), 4);
        let (old, new) = (Reader::open(&golden.prefix).unwrap(), Reader::open(&dst).unwrap());
        assert_eq!(new.header().num_shards, 3);
        for (old, new) in old.tensors().zip(new.tensors()) {
            let (old, new) = (old.unwrap(), new.unwrap());
            assert_eq!((old.name, old.entry.dtype), (new.name, new.entry.dtype));
            assert_eq!(old.entry.slices, new.entry.slices, "the order in which slices are listed");
        }
        let partial = tfckpt(&[&"verify", &golden.prefix]).code;
        let differs = tfckpt(&[&"diff", &golden.prefix, &dst]);
        assert_eq!(differs.code, partial, "{}{}", differs.text(), differs.stderr);
        assert!(
            differs.text().contains(" 0 different, 0 only in A, 0 only in B"),
            "{}",
            differs.text()
        );
    }
}

#[test]
fn by_default_there_are_as_many_shards_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let dst = dir.path().join("copy");
    succeed(&[&"copy", &golden("partitioned/over_shards/ckpt"), &dst]);
    assert_eq!(Reader::open(&dst).unwrap().header().num_shards, 3);
    fail(
        2,
        "1 to 1000",
        &[&"copy", &golden("strings/ckpt"), &dir.path().join("x"), &"--shards", &"0"],
    );
    fail(
        2,
        "powers of two",
        &[&"copy", &golden("strings/ckpt"), &dir.path().join("x"), &"--align", &"3"],
    );
}

#[test]
fn a_big_endian_source_becomes_little_endian() {
    let dir = tempfile::tempdir().unwrap();
    let dst = dir.path().join("copy");
    succeed(&[&"copy", &golden("big_endian/big/ckpt"), &dst, &"--align", &"1"]);
    let little = golden("big_endian/little/ckpt");
    assert!(data(&dst, 0, 1) == data(&little, 0, 1));
    assert!(index(&dst) == index(&little));
}

fn names(prefix: &Path) -> Vec<String> {
    let reader = Reader::open(prefix).unwrap();
    let name = |tensor: tfckpt::Result<tfckpt::bundle::Tensor>| tensor.unwrap().name;
    reader.tensors().map(|tensor| String::from_utf8(name(tensor)).unwrap()).collect()
}

#[test]
fn filter_and_rename() {
    let dir = tempfile::tempdir().unwrap();
    let dst = dir.path().join("copy");
    let src = golden("partitioned/tf1/model.ckpt");
    let filter = ["--filter", "r*"];
    let rules = ["rank1/bias=b", "r*3/cube=v/*", "r*=new/r*"];
    let rules: Vec<&str> = rules.iter().flat_map(|&rule| ["--rename", rule]).collect();
    let mut args: Vec<&dyn AsRef<OsStr>> = vec![&"copy", &src, &dst];
    args.extend(filter.iter().chain(&rules).map(|arg| arg as &dyn AsRef<OsStr>));
    succeed(&args);
    assert_eq!(names(&dst), ["b", "new/rows/embedding", "v/ank"]);
    let cat = |prefix: &Path, name: &str| succeed(&[&"cat", &prefix, &name]).stdout;
    assert_eq!(cat(&dst, "new/rows/embedding"), cat(&src, "rows/embedding"));
    assert_eq!(cat(&dst, "v/ank"), cat(&src, "rank3/cube"));
}

#[test]
fn what_can_not_be_renamed_is_listed_and_nothing_written() {
    let dir = tempfile::tempdir().unwrap();
    let dst = dir.path().join("copy");
    let src = golden("partitioned/tf1/model.ckpt");
    let run = fail(
        2,
        "'one': this would be the name of 'rank1/bias' and 'rank3/cube' and 'rows/embedding'; so it",
        &[&"copy", &src, &dst, &"--rename", &"r*=one", &"--rename", &"columns/*=whole"],
    );
    assert_eq!(run.stderr.lines().skip(1).collect::<Vec<_>>(), ["  one", "  whole"]);
    fail(
        2,
        "rules that fit no tensor's name: 'x=y', 'rows/*=z'\n",
        &[
            &"copy",
            &src,
            &dst,
            &"--rename",
            &"x=y",
            &"--rename",
            &"r*=s*",
            &"--rename",
            &"rows/*=z",
        ],
    );
    fail(
        2,
        "no tensor's name matches 'x', 'y*'\n",
        &[&"copy", &src, &dst, &"--filter", &"x", &"--filter", &"r*", &"--filter", &"y*"],
    );
    assert!(files(dir.path()).is_empty());
}

#[test]
fn a_cast_is_for_floating_types_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (src, dst) = (dir.path().join("src"), dir.path().join("dst"));
    let values = [0.1f32, -1.5, 65520.0, 1e-8, f32::NAN];
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
    let shape = Shape::new([5]).unwrap();
    let mut writer = Writer::create(&src).unwrap();
    writer.add("f", DType::FLOAT, &shape, &bytes).unwrap();
    writer.add("i", DType::INT32, &shape, &bytes).unwrap();
    let (parts, table) = (["0,2", "2,3"], [&bytes[..8], &bytes[8..]]);
    for (part, bytes) in parts.iter().zip(table) {
        writer.add_slice("p", DType::FLOAT, &shape, &part.parse().unwrap(), bytes).unwrap();
    }
    writer.finish().unwrap();
    succeed(&[&"copy", &src, &dst, &"--cast", &"float16"]);
    for name in ["f", "p"] {
        let text = succeed(&[&"cat", &dst, &name]);
        assert_eq!(text.text(), "0.099975586 -1.5 inf 0.0 NaN\n", "{name}");
    }
    let dtypes = |prefix: &Path| -> Vec<DType> {
        Reader::open(prefix).unwrap().tensors().map(|t| t.unwrap().entry.dtype).collect()
    };
    assert_eq!(dtypes(&dst), [DType::HALF, DType::INT32, DType::HALF]);
    assert_eq!(succeed(&[&"cat", &"--raw", &dst, &"i"]).stdout, bytes);
}

#[test]
fn nothing_is_overwritten_or_half_written() {
    let dir = tempfile::tempdir().unwrap();
    let dst = dir.path().join("copy");
    let src = golden("strings/ckpt");
    succeed(&[&"copy", &src, &dst]);
    fail(2, "is there already", &[&"copy", &src, &dst]);
    fail(2, "is a directory", &[&"copy", &src, &dir.path().join("x/")]);
    fail(2, "without '.index'", &[&"copy", &src, &dir.path().join("x.index")]);
    let before = files(dir.path());
    fail(1, "alpha/kernel", &[&"copy", &hostile("data_flipped_bit/ckpt"), &dir.path().join("y")]);
    fail(
        2,
        "data-00000-of-00001",
        &[&"copy", &hostile("data_missing/ckpt"), &dir.path().join("y")],
    );
    assert_eq!(files(dir.path()), before);
}

#[test]
fn what_any_filter_matches_is_copied() {
    let dir = tempfile::tempdir().unwrap();
    let dst = dir.path().join("copy");
    let src = golden("partitioned/tf1/model.ckpt");
    succeed(&[&"copy", &src, &dst, &"--filter", &"rank?/*", &"--filter", &"whole"]);
    assert_eq!(names(&dst), ["rank1/bias", "rank3/cube", "whole"]);
}

fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).unwrap())
}

#[test]
fn data_may_stay_as_it_is() {
    for how in ["copy", "link"] {
        // Both on one file system.
        let (src, dir) = (copy_of("partitioned/over_shards"), tempfile::tempdir().unwrap());
        let (src, dst) = (&src.path().join("ckpt"), &dir.path().join("all"));
        succeed(&[&"copy", src, dst, &"--data", &how]);
        assert_eq!(index(src), index(dst));
        for shard in 0..3 {
            assert_eq!(data(src, shard, 3), data(dst, shard, 3));
            let files = [src, dst].map(|prefix| tfckpt::bundle::data_path(prefix, shard, 3));
            assert_eq!(inode(&files[0]) == inode(&files[1]), how == "link");
        }
        let dst = &dir.path().join("some");
        let rename = "table=new/table";
        succeed(&[&"copy", src, dst, &"--data", &how, &"--filter", &"t*", &"--rename", &rename]);
        succeed(&[&"verify", dst]);
        assert_eq!(names(dst), ["new/table"]);
        let cat = |prefix: &Path, name: &str| succeed(&[&"cat", &prefix, &name]).stdout;
        assert_eq!(cat(dst, "new/table"), cat(src, "table"));
    }
}

#[test]
fn why_data_can_not_stay_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (src, dst) = (golden("strings/ckpt"), dir.path().join("copy"));
    fail(
        2,
        "the data can't stay as it is: values are to be cast and an alignment is given; let it be",
        &[&"copy", &src, &dst, &"--data", &"link", &"--cast", &"half", &"--align", &"64"],
    );
    fail(2, "number of data shards", &[&"copy", &src, &dst, &"--data", &"copy", &"--shards", &"2"]);
    let v1 = golden("v1_saver/sharded");
    fail(2, "a V1 checkpoint has its values", &[&"copy", &v1, &dst, &"--data", &"link"]);
    assert!(files(dir.path()).is_empty());
}

/// `/dev/shm` is a file system of its own where there is one.
#[test]
fn a_link_across_file_systems_is_an_error() {
    let Ok(other) = tempfile::TempDir::new_in("/dev/shm") else { return };
    let dst = other.path().join("copy");
    fail(
        2,
        "a copy of the data needs no link",
        &[&"copy", &golden("strings/ckpt"), &dst, &"--data", &"link"],
    );
    assert!(files(other.path()).is_empty());
    succeed(&[&"copy", &golden("strings/ckpt"), &dst, &"--data", &"copy"]);
    succeed(&[&"diff", &golden("strings/ckpt"), &dst]);
}

#[test]
fn a_checkpoint_is_not_copied_onto_itself() {
    let dir = copy_of("strings");
    let before = files(dir.path());
    let src = dir.path().join("ckpt");
    fail(2, "source and destination are the same", &[&"copy", &dir.path(), &src]);
    assert_eq!(files(dir.path()), before);
}

#[test]
fn the_object_graph_follows_the_tensors() {
    let dir = tempfile::tempdir().unwrap();
    let src = golden("object_based/keras/ckpt-50");
    let graph = |prefix: &Path| succeed(&[&"graph", &prefix]).text().to_string();
    for how in ["rewrite", "copy"] {
        let dst = dir.path().join(how);
        succeed(&[&"copy", &src, &dst, &"--drop-optimizer-state", &"--data", &how]);
        succeed(&[&"verify", &dst]);
        assert!(!graph(&dst).contains("optimizer_state"), "{}", graph(&dst));
        assert!(names(&dst).len() < names(&src).len());

        let dst = dir.path().join(format!("{how}-kernels"));
        let rename = "*=renamed/*";
        succeed(&[&"copy", &src, &dst, &"--rename", &rename, &"--data", &how]);
        succeed(&[&"verify", &dst]);
        let lines = |text: String| text.lines().map(str::to_string).collect::<Vec<_>>();
        assert_eq!(lines(graph(&dst)).len(), lines(graph(&src)).len());
        let cat = |prefix: &Path, name: &str| succeed(&[&"cat", &prefix, &name]).stdout;
        let path = "model/_functional/_operations/1/_kernel";
        assert_eq!(cat(&dst, path), cat(&src, path));
        assert_eq!(cat(&dst, "sequential/hidden/kernel"), cat(&src, path));

        // Names that are no keys: a checkpoint for name-based savers.
        let dst = dir.path().join(format!("{how}-names"));
        let rename = "*/.ATTRIBUTES/VARIABLE_VALUE=*";
        succeed(&[&"copy", &src, &dst, &"--rename", &rename, &"--data", &how]);
        fail(2, "no object graph", &[&"graph", &dst]);
    }
    let src = golden("strings/ckpt");
    let dst = dir.path().join("none");
    fail(2, "without an object graph", &[&"copy", &src, &dst, &"--drop-optimizer-state"]);
}

/// The files don't depend on how many copy.
#[test]
fn on_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let src = dir.path().join("src");
    let mut writer = Writer::create(&src).unwrap();
    let shape = Shape::new([2_500_000]).unwrap();
    for name in ["a", "b", "c"] {
        writer.add(name, DType::UINT8, &shape, &vec![name.as_bytes()[0]; 2_500_000]).unwrap();
    }
    writer.finish().unwrap();
    for threads in ["1", "2", "5"] {
        let dst = dir.path().join(threads);
        succeed(&[&"copy", &src, &dst, &"--threads", &threads]);
        assert!(data(&dst, 0, 1) == data(&src, 0, 1) && index(&dst) == index(&src), "{threads}");
    }
    fail(2, "--threads", &[&"copy", &src, &dir.path().join("0"), &"--threads", &"0"]);
}
