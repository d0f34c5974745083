//! Wrong usage, help, version and the manual page.

use super::*;

#[test]
fn wrong_usage() {
    fail(2, "unrecognized subcommand 'list'", &[&"list"]);
    fail(2, "required arguments were not provided", &[&"cat", &"x"]);
    fail(2, "unexpected argument '--slow'", &[&"ls", &"x", &"--slow"]);
    fail(2, "'[' without ']'", &[&"ls", &"x", &"--filter", &"[a"]);
    fail(2, "there is no '='", &[&"copy", &"x", &"y", &"--rename", &"a"]);
    fail(2, "only floating types", &[&"copy", &"x", &"y", &"--cast", &"DT_INT8"]);
    fail(2, "must not be negative", &[&"diff", &"x", &"y", &"--atol=-1"]);
    fail(2, "invalid value 'all'", &[&"merge", &"-o", &"x", &"y", &"--on-conflict", &"all"]);
}

#[test]
fn nothing_there() {
    fail(2, "/no/such/model.index", &[&"ls", &"/no/such/model"]);
    fail(2, "a directory without a checkpoint", &[&"verify", &golden("merge_inputs")]);
    fail(2, "12 checkpoints to choose from", &[&"ls", &golden("merge_inputs/inputs")]);
    fail(2, "no checkpoint", &[&"diff", &golden("strings/ckpt"), &"/no/such"]);
}

#[test]
fn help_names_every_verb_there_is() {
    let help = succeed(&[&"--help"]);
    for verb in [
        "ls", "cat", "verify", "copy", "merge", "diff", "latest", "state", "graph", "meta",
        "convert", "gc",
    ] {
        assert!(help.text().contains(&format!("\n  {verb} ")), "{verb}");
        let page = succeed(&[&verb, &"--help"]);
        assert!(page.text().contains(&format!("Usage: tfckpt {verb} ")), "{}", page.text());
    }
    assert!(!help.text().contains("\n  man "), "{}", help.text());
    for verb in ["ls", "diff", "strip"] {
        let page = succeed(&[&"meta", &verb, &"--help"]);
        assert!(page.text().contains(&format!("Usage: tfckpt meta {verb} ")), "{}", page.text());
    }
    assert!(help.text().contains("Exit status:"));
    let version = succeed(&[&"--version"]);
    assert_eq!(version.text(), concat!("tfckpt ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn the_manual_page() {
    let page = succeed(&[&"man"]);
    let sections: Vec<&str> =
        page.text().lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
    let expected = [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "LS",
        "CAT",
        "VERIFY",
        "COPY",
        "MERGE",
        "DIFF",
        "LATEST",
        "STATE",
        "GRAPH",
        "META",
        "\"META LS\"",
        "\"META DIFF\"",
        "\"META STRIP\"",
        "CONVERT",
        "GC",
        "\"EXIT STATUS\"",
    ];
    assert_eq!(sections, expected);
}
