//! Every block of hex in docs/format.md is what stands in the file it names.
//!
//! Such a block opens with "```hex FILE OFFSET", FILE below tests/data/golden. Each of
//! its lines holds bytes, and after two spaces what they are.

use std::fs;
use std::path::{Path, PathBuf};

struct Quote {
    file: String,
    offset: usize,
    bytes: Vec<u8>,
}

#[test]
fn hex_is_what_the_files_hold() {
    let quotes = quotes();
    assert!(quotes.len() >= 10, "only {} blocks found", quotes.len());
    for Quote { file, offset, bytes } in quotes {
        let data = golden(&file);
        let found = data.get(offset..offset + bytes.len());
        assert_eq!(found, Some(bytes.as_slice()), "{file} at byte {offset}");
    }
}

/// The walks through a V2 checkpoint and a V1 file leave no byte of them out.
#[test]
fn some_files_are_explained_whole() {
    for file in [
        "merge_inputs/inputs/a.index",
        "merge_inputs/inputs/a.data-00000-of-00001",
        "v1_sliced/over_files/m-00000-of-00002",
    ] {
        let mut explained = vec![false; golden(file).len()];
        for quote in quotes().iter().filter(|quote| quote.file == file) {
            explained[quote.offset..][..quote.bytes.len()].fill(true);
        }
        assert_eq!(explained.iter().position(|&seen| !seen), None, "{file}");
    }
}

fn quotes() -> Vec<Quote> {
    let text = fs::read_to_string(root().join("docs/format.md")).unwrap();
    text.split("\n```hex ").skip(1).map(parse).collect()
}

fn parse(block: &str) -> Quote {
    let (head, rest) = block.split_once('\n').unwrap();
    let (file, offset) = head.split_once(' ').unwrap();
    let lines = rest.lines().take_while(|line| *line != "```");
    let bytes = lines.flat_map(|line| line.split("  ").next().unwrap().split(' '));
    Quote {
        file: file.to_owned(),
        offset: offset.parse().unwrap(),
        bytes: bytes.map(|hex| u8::from_str_radix(hex, 16).unwrap()).collect(),
    }
}

fn golden(file: &str) -> Vec<u8> {
    fs::read(root().join("tests/data/golden").join(file)).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}
