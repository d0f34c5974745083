//! The committed header is what `src/capi` says, and the C++ one has a face for each
//! function. `TFCKPT_WRITE_HEADER=1` writes the former.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tfckpt::tensor::DType;

/// The files of `src/capi` that declare something, in the order of the header.
const NOUNS: [&str; 48] = [
    "version",
    "status",
    "error",
    "dtype",
    "reader_options",
    "reader",
    "cursor",
    "tensor",
    "tensors",
    "progress",
    "read_options",
    "read",
    "strings",
    "view",
    "writer_options",
    "writer",
    "write_options",
    "write_many",
    "merge",
    "overlay",
    "copy",
    "verify",
    "object",
    "object_graph",
    "object_graph_builder",
    "state_options",
    "state",
    "latest",
    "repair",
    "survey",
    "manager_options",
    "manager",
    "saved",
    "gc",
    "meta",
    "meta_summary",
    "meta_ops",
    "meta_constants",
    "meta_saver",
    "meta_saver_def",
    "meta_collection",
    "meta_signature",
    "meta_tensor",
    "meta_variables",
    "meta_nodes",
    "meta_diff",
    "meta_change",
    "meta_strip",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn generate() -> String {
    let config = cbindgen::Config::from_file(root().join("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for noun in NOUNS {
        builder = builder.with_src(root().join("src/capi").join(noun).with_extension("rs"));
    }
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    String::from_utf8(header).unwrap()
}

#[test]
fn the_committed_header_is_up_to_date() {
    let path = root().join("include/tfckpt/tfckpt.h");
    let header = generate();
    if std::env::var_os("TFCKPT_WRITE_HEADER").is_some() {
        std::fs::write(&path, &header).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let line = header.lines().zip(committed.lines()).take_while(|(new, old)| new == old).count();
    assert!(header == committed, "it differs from line {} on: make header", line + 1);
}

#[test]
fn no_file_is_left_out() {
    let mut exporting = BTreeSet::new();
    for file in root().join("src/capi").read_dir().unwrap() {
        let path = file.unwrap().path();
        if std::fs::read_to_string(&path).unwrap().contains("#[unsafe(no_mangle)]") {
            exporting.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert_eq!(exporting, NOUNS.into_iter().map(String::from).collect());
}

/// cbindgen leaves out what no function takes or returns, unless `cbindgen.toml` has it.
#[test]
fn every_enum_is_declared() {
    let header = generate();
    for noun in NOUNS {
        let file = root().join("src/capi").join(noun).with_extension("rs");
        let code = std::fs::read_to_string(file).unwrap();
        for line in code.lines().filter_map(|line| line.strip_prefix("pub enum ")) {
            let name = line.trim_end_matches(" {");
            assert!(header.contains(&format!("\nenum {name}\n")), "{name}");
        }
    }
}

#[test]
fn every_dtype_has_its_constant() {
    let header = generate();
    let constants = header.lines().filter(|line| line.trim().starts_with("TFCKPT_DT_"));
    assert_eq!(constants.count(), DType::ALL.len());
    for dtype in DType::ALL {
        let line = format!("    TFCKPT_{} = {},\n", dtype.name(), dtype.number());
        assert!(header.contains(&line), "{line}");
    }
}

#[test]
fn every_exported_function_is_declared_and_listed() {
    let header = generate();
    let listed = std::fs::read_to_string(root().join("tests/c/symbols.txt")).unwrap();
    let declared: BTreeSet<&str> = header
        .lines()
        .filter(|line| !line.starts_with(['/', ' ', '#', '}']) && line.contains('('))
        .filter(|line| !line.starts_with("typedef"))
        .filter_map(|line| line.split('(').next()?.rsplit([' ', '*']).next())
        .collect();
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines.is_sorted(), "tests/c/symbols.txt is not sorted");
    assert_eq!(declared, lines.into_iter().collect());
}

/// The names in the code of a C++ header, comments left out.
fn names_in(code: &str) -> BTreeSet<&str> {
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let code = code.lines().filter_map(|line| line.split("//").next());
    code.flat_map(|line| line.split(move |c| !is_of_a_name(c))).collect()
}

#[test]
fn every_function_has_its_face_in_cpp() {
    let listed = std::fs::read_to_string(root().join("tests/c/symbols.txt")).unwrap();
    let mut headers = BTreeMap::new();
    collect_headers(root().join("include/tfckpt/tfckpt.hpp"), &mut headers);
    let called: BTreeSet<&str> = headers.values().flat_map(|code| names_in(code)).collect();
    let faceless: Vec<&str> = listed.lines().filter(|name| !called.contains(name)).collect();
    assert!(faceless.is_empty(), "tfckpt.hpp has no face of {faceless:#?}");
}

/// A C++ header and all of ours that it includes, by their paths.
fn collect_headers(path: PathBuf, headers: &mut BTreeMap<PathBuf, String>) {
    // The C one declares the functions, which is no face.
    if path.extension().is_none_or(|end| end != "hpp") || headers.contains_key(&path) {
        return;
    }
    let code = std::fs::read_to_string(&path).unwrap();
    headers.insert(path.clone(), code.clone());
    let included =
        code.lines().filter_map(|line| line.strip_prefix("#include \"")?.strip_suffix('"'));
    included.for_each(|name| collect_headers(path.with_file_name(name), headers));
}

#[test]
fn a_name_in_a_comment_is_no_face() {
    let names =
        names_in("/// As tfckpt_a().\nreturn Handle<tfckpt_b, tfckpt_b_free>(x); // tfckpt_c");
    for (name, is_there) in [("tfckpt_b_free", true), ("tfckpt_a", false), ("tfckpt_c", false)] {
        assert_eq!(names.contains(name), is_there, "{name}");
    }
}
