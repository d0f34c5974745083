//! `tfckpt convert`.

mod broken;
mod files;
mod npz;
mod safetensors;

use tfckpt::bundle::Writer;
use tfckpt::checkpoint::Reader;
use tfckpt::checkpoint::object_graph::OBJECT_GRAPH_KEY;
use tfckpt::tensor::{DType, Shape, Strings};

use super::support::{Golden, golden_checkpoints, name_bytes};
use super::*;

const FORMATS: [&str; 2] = ["npz", "safetensors"];

/// The types that each format has, strings aside.
fn has_dtype(format: &str, dtype: DType) -> bool {
    let only_one = match format {
        "npz" => &[DType::COMPLEX128][..],
        _ => &[
            DType::BFLOAT16,
            DType::FLOAT8_E4M3FN,
            DType::FLOAT8_E5M2,
            DType::FLOAT8_E4M3FNUZ,
            DType::FLOAT8_E5M2FNUZ,
        ],
    };
    let both = [
        DType::FLOAT,
        DType::DOUBLE,
        DType::HALF,
        DType::INT8,
        DType::INT16,
        DType::INT32,
        DType::INT64,
        DType::UINT8,
        DType::UINT16,
        DType::UINT32,
        DType::UINT64,
        DType::BOOL,
        DType::COMPLEX64,
    ];
    both.contains(&dtype) || only_one.contains(&dtype)
}

/// Whether a format can hold a tensor of a golden checkpoint.
fn can_hold(format: &str, reader: &Reader, tensor: &serde_json::Value) -> bool {
    let name = name_bytes(tensor);
    let Ok(text) = std::str::from_utf8(&name) else { return false };
    let dtype = DType::from_name(tensor["dtype"].as_str().unwrap()).unwrap();
    match (format, dtype) {
        ("npz", _) if text.contains('\0') => false,
        ("npz", DType::STRING) => {
            let strings = reader.read_strings(&name, &Default::default()).unwrap();
            strings.iter().all(|element| element.last() != Some(&0))
        }
        _ => has_dtype(format, dtype),
    }
}

/// Golden checkpoints that can be read as a whole.
fn whole_checkpoints() -> Vec<Golden> {
    let mut found = golden_checkpoints();
    found.retain(|golden| golden.tensors.iter().all(|tensor| tensor["full_restore"].is_null()));
    found
}

#[test]
fn every_golden_checkpoint_there_and_back() {
    let (mut converted, mut refused) = (0, 0);
    for golden in whole_checkpoints() {
        let reader = Reader::open(&golden.prefix).unwrap();
        for format in FORMATS {
            let dir = tempfile::tempdir().unwrap();
            let (file, back) =
                (dir.path().join("file").with_extension(format), dir.path().join("b"));
            let tensors = golden.tensors.iter().filter(|t| t["name"] != OBJECT_GRAPH_KEY);
            let lost = tensors.filter(|tensor| !can_hold(format, &reader, tensor)).count();
            let run = tfckpt(&[&"convert", &golden.prefix, &file]);
            if lost > 0 {
                assert_eq!(run.code, 2, "{} {format}", golden.prefix.display());
                assert_eq!(run.stderr.lines().count(), 1 + lost, "{}", run.stderr);
                assert!(files(dir.path()).is_empty());
                refused += 1;
                continue;
            }
            let has_graph = golden.tensors.iter().any(|t| t["name"] == OBJECT_GRAPH_KEY);
            assert_eq!(run.code, 0, "{}", run.stderr);
            assert_eq!(run.stderr.lines().count(), usize::from(has_graph), "{}", run.stderr);
            succeed(&[&"convert", &file, &back]);
            let differs = tfckpt(&[&"diff", &golden.prefix, &back]);
            let expected = format!(
                "{} equal, 0 different, {} only in A, 0 only in B\n",
                golden.tensors.len() - usize::from(has_graph),
                u8::from(has_graph)
            );
            assert!(differs.text().ends_with(&expected), "{}{}", differs.text(), run.stderr);
            converted += 1;
        }
    }
    assert!(converted >= 60 && refused >= 10, "{converted} converted, {refused} refused");
}

#[test]
fn every_type_there_and_back() {
    let src = golden("all_dtypes/ckpt");
    let names: Vec<String> = names(&src);
    for format in FORMATS {
        let mut types = 0;
        for &dtype in DType::ALL {
            let stem = match dtype {
                DType::FLOAT => "float32".to_string(),
                DType::DOUBLE => "float64".to_string(),
                DType::HALF => "float16".to_string(),
                dtype => dtype.name().trim_start_matches("DT_").to_lowercase(),
            };
            let filter = format!("{stem}/*");
            let number = names.iter().filter(|n| n.starts_with(&format!("{stem}/"))).count();
            if number == 0 || !has_dtype(format, dtype) && (format, dtype) != ("npz", DType::STRING)
            {
                continue;
            }
            let dir = tempfile::tempdir().unwrap();
            let (file, back) =
                (dir.path().join("file").with_extension(format), dir.path().join("b"));
            let run = tfckpt(&[&"convert", &src, &file, &"--filter", &filter]);
            assert_eq!((run.code, &*run.stderr), (0, ""), "{format} {dtype}");
            succeed(&[&"convert", &file, &back]);
            let equal = format!("{number} equal, 0 different, ");
            let differs = tfckpt(&[&"diff", &src, &back]);
            assert!(differs.text().contains(&equal), "{format} {dtype}: {}", differs.text());
            types += 1;
        }
        assert_eq!(types, if format == "npz" { 15 } else { 18 });
    }
}

fn names(prefix: &Path) -> Vec<String> {
    let reader = Reader::open(prefix).unwrap();
    let name = |tensor: tfckpt::Result<tfckpt::checkpoint::Tensor>| tensor.unwrap().name;
    reader.tensors().map(|tensor| String::from_utf8(name(tensor)).unwrap()).collect()
}

/// A checkpoint of a few tensors.
fn small(dir: &Path) -> PathBuf {
    let prefix = dir.join("small");
    let mut writer = Writer::create(&prefix).unwrap();
    let floats: Vec<u8> = [0.5f32, -1.0, 1e30].iter().flat_map(|v| v.to_ne_bytes()).collect();
    writer.add("dense/kernel", DType::FLOAT, &Shape::new([3, 1]).unwrap(), &floats).unwrap();
    writer.add("dense/bias", DType::FLOAT, &Shape::new([0]).unwrap(), &[]).unwrap();
    writer.add("step", DType::INT64, &Shape::default(), &7i64.to_ne_bytes()).unwrap();
    writer.finish().unwrap();
    prefix
}

#[test]
fn filter_rename_and_cast_to_a_file() {
    for format in FORMATS {
        let dir = tempfile::tempdir().unwrap();
        let src = small(dir.path());
        let (file, back) = (dir.path().join("new/f").with_extension(format), dir.path().join("b"));
        let filter: [&dyn AsRef<OsStr>; 2] = [&"--filter", &"[!x]*e*"];
        let rules: [&dyn AsRef<OsStr>; 4] =
            [&"--rename", &"dense/*=d.*", &"--rename", &"step=global_step"];
        let cast: [&dyn AsRef<OsStr>; 2] = [&"--cast", &"float16"];
        succeed(
            &[&[&"convert" as &dyn AsRef<OsStr>, &src, &file], &filter[..], &rules, &cast].concat(),
        );
        succeed(&[&"convert", &file, &back]);
        assert_eq!(names(&back), ["d.bias", "d.kernel", "global_step"]);
        assert_eq!(succeed(&[&"cat", &back, &"d.kernel"]).text(), "0.5\n-1.0\ninf\n");
        assert_eq!(Reader::open(&back).unwrap().tensor("d.kernel").unwrap().dtype, DType::HALF);
    }
}

#[test]
fn filter_rename_cast_shards_and_align_to_a_checkpoint() {
    for format in FORMATS {
        let dir = tempfile::tempdir().unwrap();
        let (src, dst) = (small(dir.path()), dir.path().join("new/dst"));
        let file = dir.path().join("f").with_extension(format);
        succeed(&[&"convert", &src, &file]);
        let args: [&dyn AsRef<OsStr>; 13] = [
            &"convert",
            &file,
            &dst,
            &"--filter",
            &"d*",
            &"--rename",
            &"*/kernel=k",
            &"--cast",
            &"float64",
            &"--shards",
            &"2",
            &"--align",
            &"4096",
        ];
        succeed(&args);
        assert_eq!(names(&dst), ["dense/bias", "k"]);
        let reader = Reader::open(&dst).unwrap();
        assert_eq!(reader.num_shards(), 2);
        let kernel = reader.tensor("k").unwrap();
        assert_eq!((kernel.dtype, kernel.stored.unwrap().offset % 4096), (DType::DOUBLE, 0));
    }
}

#[test]
fn names_and_types_that_a_file_has_not() {
    let dir = tempfile::tempdir().unwrap();
    let src = dir.path().join("src");
    let mut writer = Writer::create(&src).unwrap();
    let one = Shape::new([1]).unwrap();
    let long = "x".repeat(65_532);
    let names =
        [&b"caf\xe9"[..], b"null\0", b"__metadata__", b"a", b"a.npy", long.as_bytes(), b"fine"];
    for name in names {
        writer.add(name, DType::UINT8, &one, &[1]).unwrap();
    }
    writer.add("deep", DType::UINT8, &Shape::new([1; 65]).unwrap(), &[1]).unwrap();
    writer.add("brain", DType::BFLOAT16, &one, &[0, 0]).unwrap();
    writer.add("wide", DType::COMPLEX128, &one, &[0; 16]).unwrap();
    writer.add_strings("s", &one, &Strings::from_iter([b"ends in\0"])).unwrap();
    writer.finish().unwrap();
    let run = fail(2, "can't hold these", &[&"convert", &src, &dir.path().join("f.npz")]);
    let listed: Vec<&str> = run.stderr.lines().skip(1).collect();
    let expected = [
        "  brain: DT_BFLOAT16",
        "  caf\\xe9: its name is not UTF-8",
        "  deep: 65 dimensions, of which NumPy has 64 at most",
        "  null\\x00: NumPy takes a name to end at a zero byte",
        &format!("  {long}: its name has more than 65531 bytes"),
        "  a.npy: NumPy would take it for the file of another",
        "  s: NumPy takes zero bytes at the end of a string for none of it",
    ];
    assert_eq!(listed, expected);
    let run = fail(2, "can't hold these", &[&"convert", &src, &dir.path().join("f.safetensors")]);
    let listed: Vec<&str> = run.stderr.lines().skip(1).collect();
    let expected = [
        "  __metadata__: in a file this name is taken",
        "  caf\\xe9: its name is not UTF-8",
        "  s: DT_STRING",
        "  wide: DT_COMPLEX128",
    ];
    assert_eq!(listed, expected);
    assert_eq!(files(dir.path()).len(), 2);
}

#[test]
fn the_object_graph_stays_behind() {
    let dir = tempfile::tempdir().unwrap();
    let src = golden("object_based/keras/ckpt-50");
    for format in FORMATS {
        let file = dir.path().join("f").with_extension(format);
        let run = tfckpt(&[&"convert", &src, &file]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(
            run.stderr.starts_with("tfckpt: note: _CHECKPOINTABLE_OBJECT_GRAPH "),
            "{}",
            run.stderr
        );
        let alone = dir.path().join("alone").with_extension(format);
        fail(2, "the object graph alone", &[&"convert", &src, &alone, &"--filter", &"_CHECK*"]);
    }
    assert_eq!(files(dir.path()), ["f.npz", "f.safetensors"]);
}

/// With the graph of the checkpoint that a file was made of, what is made of the file
/// is whole again.
#[test]
fn the_object_graph_can_be_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let src = golden("object_based/keras/ckpt-50");
    tfckpt(&[&"convert", &src, &at("f.npz")]);
    succeed(&[&"convert", &at("f.npz"), &at("values")]);
    let merge: [&dyn AsRef<OsStr>; 7] =
        [&"merge", &"--on-conflict", &"first", &"-o", &at("whole"), &at("values"), &src];
    succeed(&merge);
    succeed(&[&"diff", &src, &at("whole")]);
}

#[test]
fn optimizer_state_can_be_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let src = golden("object_based/keras/ckpt-50");
    tfckpt(&[&"convert", &src, &at("f.npz"), &"--drop-optimizer-state"]);
    succeed(&[&"convert", &at("f.npz"), &at("values")]);
    succeed(&[&"copy", &src, &at("copy"), &"--drop-optimizer-state"]);
    let mut expected = names(&at("copy"));
    expected.retain(|name| name != OBJECT_GRAPH_KEY);
    assert_eq!(names(&at("values")), expected);
    assert!(expected.len() < names(&src).len() - 1);
    fail(
        2,
        "a file does not tell",
        &[&"convert", &at("f.npz"), &at("x"), &"--drop-optimizer-state"],
    );
    fail(
        2,
        "without an object graph",
        &[&"convert", &at("values"), &at("x.npz"), &"--drop-optimizer-state"],
    );
}

#[test]
fn rules_and_filters_that_fit_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let src = small(dir.path());
    for format in FORMATS {
        let file = dir.path().join("f").with_extension(format);
        succeed(&[&"convert", &src, &file]);
        for (from, to) in
            [(&src, dir.path().join("g").with_extension(format)), (&file, dir.path().join("g"))]
        {
            fail(2, "name matches 'x'", &[&"convert", from, &to, &"--filter", &"x"]);
            let rule: [&dyn AsRef<OsStr>; 5] = [&"convert", from, &to, &"--rename", &"x=y"];
            fail(2, "rules that fit no tensor's name: 'x=y'", &rule);
            let rule: [&dyn AsRef<OsStr>; 5] =
                [&"convert", from, &to, &"--rename", &"dense/*=step"];
            let run = fail(2, "tensor 'step': this would be the name of ", &rule);
            assert!(run.stderr.ends_with("\n  step\n"), "{}", run.stderr);
        }
        std::fs::remove_file(file).unwrap();
    }
    assert_eq!(files(dir.path()).len(), 2);
}

#[test]
fn wrong_usage_of_convert() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let src = small(dir.path());
    fail(2, "neither SRC nor DST", &[&"convert", &src, &at("b")]);
    fail(2, "one of them is to be a checkpoint", &[&"convert", &at("a.npz"), &at("b.safetensors")]);
    for flag in ["--shards", "--align"] {
        fail(2, "are not for a .npz", &[&"convert", &src, &at("b.npz"), &flag, &"1"]);
    }
    succeed(&[&"convert", &src, &at("B.NPZ")]);
    fail(2, "1 to 1000", &[&"convert", &at("B.NPZ"), &at("b"), &"--shards", &"0"]);
    fail(2, "powers of two", &[&"convert", &at("B.NPZ"), &at("b"), &"--align", &"3"]);
    fail(2, "without '.index'", &[&"convert", &at("B.NPZ"), &at("b.index")]);
    fail(2, "no such file", &[&"convert", &at("none"), &at("b.npz")]);
    fail(2, "none.npz: cannot open", &[&"convert", &at("none.npz"), &at("b")]);
    std::fs::create_dir(at("dir.npz")).unwrap();
    fail(2, "not a regular file", &[&"convert", &at("dir.npz"), &at("b")]);
    fail(2, "is there already", &[&"convert", &src, &at("dir.npz")]);
}

#[test]
fn nothing_is_overwritten_or_half_written() {
    let dir = tempfile::tempdir().unwrap();
    let src = small(dir.path());
    for format in FORMATS {
        let file = dir.path().join("f").with_extension(format);
        std::fs::write(&file, "precious").unwrap();
        fail(2, "is there already", &[&"convert", &src, &file]);
        assert_eq!(std::fs::read(&file).unwrap(), b"precious");
        std::fs::remove_file(&file).unwrap();
        succeed(&[&"convert", &src, &file]);
        fail(2, "is there already", &[&"convert", &file, &src]);
        let before = files(dir.path());
        for damaged in ["data_flipped_bit/ckpt", "data_missing/ckpt", "slices_not_covering/ckpt"] {
            let new = dir.path().join("new").with_extension(format);
            let run = tfckpt(&[&"convert", &hostile(damaged), &new]);
            assert_ne!(run.code, 0, "{damaged}");
        }
        assert_eq!(files(dir.path()), before);
    }
}
