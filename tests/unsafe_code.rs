//! Where the compiler's word is not enough, a test enters: each file with `unsafe` in it is
//! here with a test that runs through it, and each function that C can call is called by the
//! programs in tests/c, which run under AddressSanitizer and in valgrind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files of src outside of the C API that have `unsafe` in them, and a test that enters each.
const ENTERED: &[(&str, &str)] = &[
    ("checksum/wide.rs", "src/checksum"),
    ("storage/fresh.rs", "src/storage/fresh.rs"),
    ("storage/hints.rs", "tests/writer.rs"),
    ("storage/lock.rs", "tests/manager.rs"),
    ("storage/mapping.rs", "tests/golden.rs"),
    ("storage/pages.rs", "src/storage/pages.rs"),
    ("storage/reserve.rs", "src/storage/reserve.rs"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_in(dir: PathBuf) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in dir.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_in(path)) } else { found.push(path) }
    }
    found
}

/// The lines of code that begin something unsafe.
fn unsafe_lines(path: &Path) -> usize {
    let code = std::fs::read_to_string(path).unwrap();
    let is_unsafe = |line: &str| {
        let code = line.split("//").next().unwrap();
        ["unsafe {", "unsafe fn", "unsafe impl"].iter().any(|one| code.contains(one))
    };
    code.lines().filter(|line| is_unsafe(line)).count()
}

#[test]
fn what_is_unsafe_is_known_and_entered() {
    let entered: BTreeMap<&str, &str> = ENTERED.iter().copied().collect();
    let src = root().join("src");
    let mut seen = 0;
    for path in files_in(src.clone()) {
        let name = path.strip_prefix(&src).unwrap().to_str().unwrap();
        if name.starts_with("capi/") || unsafe_lines(&path) == 0 {
            continue;
        }
        let test = entered.get(name).unwrap_or_else(|| panic!("no test is named for src/{name}"));
        assert!(root().join(test).exists(), "{test}");
        seen += 1;
    }
    assert_eq!(seen, ENTERED.len(), "a file is named that has nothing unsafe");
}

#[test]
fn every_function_is_called_from_c() {
    calls_every_function("tests/c", &["c", "h"]);
}

/// What is not among the calls in any order, no sequence of them can find a fault in.
#[test]
fn every_function_is_called_in_any_order() {
    calls_every_function("tests/support/calls", &["rs"]);
}

fn calls_every_function(folder: &str, languages: &[&str]) {
    let mut code = String::new();
    for path in files_in(root().join(folder)) {
        if path.extension().is_some_and(|end| languages.iter().any(|language| end == *language)) {
            code.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let called: std::collections::BTreeSet<&str> = code.split(|c: char| !is_of_a_name(c)).collect();
    let listed = std::fs::read_to_string(root().join("tests/c/symbols.txt")).unwrap();
    let missing: Vec<&str> = listed.lines().filter(|name| !called.contains(name)).collect();
    assert!(missing.is_empty(), "{folder} calls none of {missing:#?}");
}
