//! docs/questions.md: what it shows is what the command prints.
//!
//! A block that opens with "```console" is a session. Each line of it that begins with "$ "
//! is run by `sh`, and followed by all that it prints, and by its exit status where that is
//! not 0. The blocks of a section share a folder, which begins as a copy of tests/data/golden.
//! `TFCKPT_WRITE_QUESTIONS=1` writes into the page what is printed now.

use std::collections::BTreeSet;
use std::{env, fs};

use tempfile::TempDir;

use super::*;

/// What the page may run.
const PROGRAMS: [&str; 9] = ["cat", "cp", "ls", "mv", "printf", "rm", "tfckpt", "truncate", "wc"];

#[test]
fn its_blocks_show_what_the_command_prints() {
    let page = read("docs/questions.md");
    let (now, blocks) = rerun(&page);
    assert!(blocks >= 25, "only {blocks} blocks found");
    if env::var_os("TFCKPT_WRITE_QUESTIONS").is_some() {
        fs::write(root().join("docs/questions.md"), &now).unwrap();
        return;
    }
    let mut lines = page.lines().zip(now.lines()).zip(1..);
    if let Some(((written, printed), number)) = lines.find(|((written, now), _)| written != now) {
        panic!("docs/questions.md:{number} is not what is printed:\n- {written}\n+ {printed}");
    }
    assert_eq!(page, now);
}

#[test]
fn what_is_not_printed_is_noticed() {
    let page = |shape: &str| {
        format!(
            "## What?\n\n```console\n$ tfckpt ls merge_inputs/inputs/c\n\
             name  dtype      shape  bytes  where\n\
             c/x   DT_DOUBLE  {shape}         8  0:0\n\
             1 tensor, 8 bytes; V2, 1 data shard, little endian\n```\n"
        )
    };
    assert_eq!(rerun(&page("[]")), (page("[]"), 1));
    assert_eq!(rerun(&page("[1]")), (page("[]"), 1));
    let (now, _) = rerun("```console\n$ tfckpt ls nowhere\n```\n");
    assert!(now.contains("\ntfckpt: nowhere.index: "), "{now}");
    assert!(now.ends_with("\n(exit status 2)\n```\n"), "{now}");
}

/// What one section has done is not there in the next.
#[test]
fn every_section_begins_anew() {
    let block = "```console\n$ printf x > new\n$ cat new\nx\n```\n";
    let other = "## Next\n\n```console\n$ cat new\n```\n";
    let (now, blocks) = rerun(&format!("{block}{other}"));
    assert_eq!(blocks, 2);
    assert!(now.starts_with(block), "{now}");
    assert!(now.ends_with("(exit status 1)\n```\n"), "{now}");
}

#[test]
fn every_question_is_listed_and_has_a_block() {
    let page = read("docs/questions.md");
    let listed = page.lines().filter(|line| line.starts_with("- ["));
    let sections: Vec<&str> = page.split("\n## ").skip(1).collect();
    let title = |section: &str| section.lines().next().unwrap().to_string();
    let links = sections.iter().map(|section| {
        let title = title(section);
        format!("- [{title}](#{})", anchor(&title))
    });
    assert_eq!(listed.collect::<Vec<_>>(), links.collect::<Vec<_>>());
    for section in sections {
        assert!(section.contains("\n```console\n$ "), "{}", title(section));
    }
}

#[test]
fn its_c_functions_are_exported() {
    let (page, symbols) = (read("docs/questions.md"), read("tests/c/symbols.txt"));
    let symbols: BTreeSet<&str> = symbols.lines().collect();
    let named: BTreeSet<&str> = words(&page).filter(|word| word.starts_with("tfckpt_")).collect();
    assert_eq!(named.difference(&symbols).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert!(named.len() >= 20, "only {} functions named", named.len());
}

#[test]
fn its_cpp_names_are_in_the_headers() {
    let page = read("docs/questions.md");
    let headers = fs::read_dir(root().join("include/tfckpt/cpp")).unwrap();
    let headers: String =
        headers.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let declared: BTreeSet<&str> = words(&headers).collect();
    let mut named = 0;
    for name in page.split("`tfckpt::").skip(1).map(|text| text.split('`').next().unwrap()) {
        let known = name.split("::").all(|part| declared.contains(part));
        assert!(known, "tfckpt::{name} is not in the headers");
        named += 1;
    }
    assert!(named >= 10, "only {named} names of C++");
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

/// What GitHub calls a heading in links to it.
fn anchor(title: &str) -> String {
    let title = title.to_lowercase().replace(' ', "-");
    title.chars().filter(|c| c.is_alphanumeric() || ['-', '_'].contains(c)).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The page with what its commands print now, and how many blocks it has.
fn rerun(page: &str) -> (String, usize) {
    let (mut now, mut blocks, mut inside) = (String::new(), 0, false);
    let mut folder = Folder::new();
    for line in page.lines() {
        let command = line.strip_prefix("$ ").filter(|_| inside);
        let is_output = inside && command.is_none() && line != "```";
        if is_output {
            continue;
        }
        now += &format!("{line}\n");
        if let Some(command) = command {
            now += &folder.run(command);
        } else if inside {
            inside = false;
        } else if line == "```console" {
            (inside, blocks) = (true, blocks + 1);
        } else if line.starts_with("## ") {
            folder = Folder::new();
        }
    }
    (now, blocks)
}

/// Where the commands of a section are run.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Runs a command, and returns all that it leaves on the terminal.
    fn run(&self, command: &str) -> String {
        let program = command.split(' ').next().unwrap();
        assert!(PROGRAMS.contains(&program), "the page may not run {program}");
        self.provide(command);
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(self.0.path())
            .env("PATH", path())
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let mut text = String::from_utf8(output.stdout).unwrap();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        match output.status.code() {
            Some(0) => text,
            Some(code) => text + &format!("(exit status {code})\n"),
            None => panic!("{command}: killed: {text}"),
        }
    }

    /// Copies the golden cases that a command names, unless they are there.
    fn provide(&self, command: &str) {
        for case in fs::read_dir(golden("")).unwrap() {
            let case = case.unwrap().file_name().into_string().unwrap();
            let copy = self.0.path().join(&case);
            if command.contains(&format!("{case}/")) && !copy.exists() {
                copy_all(&golden(&case), &copy);
            }
        }
    }
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for name in files(from) {
        copy_all(&from.join(&name), &to.join(&name));
    }
}

/// Where `sh` finds programs, the command before all else.
fn path() -> std::ffi::OsString {
    let ours = Path::new(env!("CARGO_BIN_EXE_tfckpt")).parent().unwrap().to_path_buf();
    let theirs = env::var_os("PATH").unwrap_or_default();
    env::join_paths([ours].into_iter().chain(env::split_paths(&theirs))).unwrap()
}
