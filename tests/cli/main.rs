//! The command, run as people run it.
#![cfg(feature = "cli")]

mod cat;
mod convert;
mod copy;
mod diff;
mod formats;
mod gc;
mod graph;
mod hostile;
mod latest;
mod ls;
mod merge;
mod meta;
mod paths;
mod questions;
mod state;
#[path = "../support/mod.rs"]
mod support;
mod usage;
mod verify;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use support::data_dir;

/// What a run of the command left behind.
struct Run {
    code: i32,
    stdout: Vec<u8>,
    stderr: String,
}

impl Run {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&self.stdout));
        })
    }
}

fn command(args: &[&dyn AsRef<OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfckpt"));
    command.args(args.iter().map(|arg| arg.as_ref())).stdin(Stdio::null());
    command
}

/// Runs the command. Whatever happens, it must end by itself and without a panic.
fn tfckpt(args: &[&dyn AsRef<OsStr>]) -> Run {
    let output = command(args).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code().unwrap_or_else(|| panic!("killed: {stderr}"));
    assert!((0..=2).contains(&code), "exit code {code}: {stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(stderr.is_empty() || stderr.starts_with("tfckpt: "), "{stderr}");
    Run { code, stdout: output.stdout, stderr }
}

/// Runs the command, which must succeed and have nothing to complain about.
fn succeed(args: &[&dyn AsRef<OsStr>]) -> Run {
    let run = tfckpt(args);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    run
}

/// Runs the command, which must give up with this exit code, having printed
/// nothing but an error with these words in it.
fn fail(code: i32, words: &str, args: &[&dyn AsRef<OsStr>]) -> Run {
    let run = tfckpt(args);
    assert_eq!(run.code, code, "{}", run.stderr);
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert!(run.stdout.is_empty(), "{}", run.text());
    run
}

fn golden(path: &str) -> PathBuf {
    data_dir("golden").join(path)
}

fn hostile(path: &str) -> PathBuf {
    data_dir("hostile").join(path)
}

/// A copy of the files of a golden folder, to be damaged.
fn copy_of(path: &str) -> tempfile::TempDir {
    let (from, copy) = (golden(path), tempfile::tempdir().unwrap());
    for name in files(&from) {
        std::fs::copy(from.join(&name), copy.path().join(&name)).unwrap();
    }
    copy
}

/// Flips a bit at the beginning of a file.
fn damage(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[0] ^= 1;
    std::fs::write(file, bytes).unwrap();
}

/// The files in a folder.
fn files(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
