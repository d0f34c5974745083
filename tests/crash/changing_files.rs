//! Files that are cut short, written over or replaced while somebody reads them: there is an
//! error, or the values that were there when they were opened; and no signal.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tfckpt::bundle::{ReadOptions, ReadRequest, Writer, WriterOptions, data_path, index_path};
use tfckpt::checkpoint::{Reader, latest};
use tfckpt::graph::MetaFile;
use tfckpt::tensor::{DType, Shape, Strings};
use tfckpt::{ErrorKind, Result, v1};

use super::support::data_dir;

/// More than is read at once, and than one page.
const LARGE: usize = 3 << 20;
const SMALL: usize = 500;

fn large(seed: u8) -> Vec<u8> {
    (0..LARGE).map(|at| (at % 251) as u8 ^ seed).collect()
}

fn write(prefix: &Path, seed: u8, replace: bool) {
    let options = WriterOptions { replace, num_shards: 1, sync: false, ..WriterOptions::default() };
    let mut writer = Writer::create_with(prefix, options).unwrap();
    for number in 0..SMALL {
        let name = format!("small/{number:04}");
        writer.add(name, DType::UINT8, &Shape::new([2]).unwrap(), &[seed, 1]).unwrap();
    }
    let words: Strings = (0..1000).map(|number| format!("word {seed} {number}")).collect();
    writer.add_strings("words", &Shape::new([1000]).unwrap(), &words).unwrap();
    writer.add("large", DType::UINT8, &Shape::new([LARGE as i64]).unwrap(), &large(seed)).unwrap();
    writer.finish().unwrap();
}

fn write_v1(prefix: &Path) {
    let mut writer = v1::Writer::create(prefix).unwrap();
    writer.add("large", DType::UINT8, &Shape::new([LARGE as i64]).unwrap(), &large(1)).unwrap();
    writer.add("small/0007", DType::UINT8, &Shape::new([2]).unwrap(), &[1, 1]).unwrap();
    writer.finish().unwrap();
}

/// Everything that a reader can be asked; the values that it gives are those of `seed`.
fn ask(reader: &Reader, seed: u8) -> usize {
    let mut errors = 0;
    let mut note = |result: Result<()>| {
        if let Err(error) = result {
            use ErrorKind::{DataLoss, Io, NotFound, Unsupported};
            let kinds = [DataLoss, Io, NotFound, Unsupported];
            assert!(kinds.contains(&error.kind()), "{error}");
            assert!(error.file().is_some(), "{error}");
            errors += 1;
        }
    };
    let expected = large(seed);
    note(reader.read("large").map(|values| assert!(values == expected)));
    note(reader.find("small/0007").map(|found| assert!(found.is_some())));
    note(reader.read("small/0007").map(|values| assert_eq!(values, [seed, 1])));
    let mut buffers = [vec![0; LARGE], vec![0; LARGE]];
    let [one, other] = &mut buffers;
    let request = |dst| ReadRequest { name: b"large", slice: None, dst, dst_strides: None };
    let options = ReadOptions { threads: 2, ..ReadOptions::default() };
    let read = reader.read_many(&mut [request(one), request(other)], &options);
    note(read.map(|_| assert!(buffers.iter().all(|values| *values == expected))));
    note(reader.tensors().try_for_each(|tensor| tensor.map(drop)));
    errors
}

/// What somebody does to a file, and how that is called.
type Change = (String, Box<dyn Fn(&Path)>);

fn changes(len: u64) -> Vec<Change> {
    let open = |path: &Path| OpenOptions::new().write(true).open(path).unwrap();
    let mut changes: Vec<Change> = Vec::new();
    for left in [0, 1, len / 3, len.saturating_sub(4096), len - 1] {
        let cut = move |path: &Path| open(path).set_len(left).unwrap();
        changes.push((format!("cut to {left}"), Box::new(cut)));
    }
    changes.push(("removed".into(), Box::new(|path| fs::remove_file(path).unwrap())));
    let zeros = move |path: &Path| open(path).write_all_at(&vec![0; len as usize], 0).unwrap();
    changes.push(("written over".into(), Box::new(zeros)));
    let replace = |path: &Path| {
        let other = path.with_extension("other");
        fs::write(&other, b"something else").unwrap();
        fs::rename(&other, path).unwrap();
    };
    changes.push(("replaced".into(), Box::new(replace)));
    changes
}

fn files_of(prefix: &Path, v1: bool) -> Vec<PathBuf> {
    match v1 {
        true => vec![prefix.to_path_buf()],
        false => vec![index_path(prefix), data_path(prefix, 0, 1)],
    }
}

#[test]
fn a_file_that_changes_under_a_reader_is_an_error() {
    let (mut cases, mut errors) = (0, 0);
    for v1 in [false, true] {
        for which in 0..if v1 { 1 } else { 2 } {
            for at in 0..8 {
                let dir = TempDir::new().unwrap();
                let prefix = dir.path().join("ckpt");
                if v1 {
                    write_v1(&prefix)
                } else {
                    write(&prefix, 1, false)
                }
                let file = files_of(&prefix, v1)[which].clone();
                let (how, change) = changes(fs::metadata(&file).unwrap().len()).remove(at);
                for asked_before in [false, true] {
                    let reader = match Reader::open(&prefix) {
                        Ok(reader) => reader,
                        Err(error) => {
                            assert!(asked_before, "{how}: {error}");
                            continue;
                        }
                    };
                    if !asked_before {
                        change(&file);
                    }
                    let found = ask(&reader, 1);
                    let kept = how == "removed" || how == "replaced";
                    assert!(!kept || found == 0 || asked_before, "{how}: who has it reads on");
                    errors += found;
                    cases += 1;
                }
            }
        }
    }
    println!("files changed under readers: {cases} cases, {errors} errors, no signal");
    assert!(errors > 30, "only {errors}");
}

/// Somebody cuts a file and makes it whole again, as quickly as he can.
#[test]
fn a_file_that_is_cut_while_it_is_read_is_an_error() {
    let dir = TempDir::new().unwrap();
    let prefix = dir.path().join("ckpt");
    write(&prefix, 1, false);
    let path = data_path(&prefix, 0, 1);
    let bytes = fs::read(&path).unwrap();
    let done = AtomicBool::new(false);
    let errors = thread::scope(|scope| {
        scope.spawn(|| {
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            while !done.load(Ordering::Relaxed) {
                file.set_len(0).unwrap();
                file.write_all_at(&bytes, 0).unwrap();
            }
        });
        let until = Instant::now() + Duration::from_secs(1);
        let mut errors = 0;
        while Instant::now() < until {
            // The file may be too short to be opened, too.
            errors += Reader::open(&prefix).map_or(1, |reader| ask(&reader, 1));
        }
        done.store(true, Ordering::Relaxed);
        errors
    });
    println!("files cut while they are read: {errors} errors, no signal");
}

#[test]
fn a_graph_and_a_state_file_that_change_are_errors() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("model.meta");
    let whole = fs::read(data_dir("golden/meta_growth/new_saver/model.ckpt-1.meta")).unwrap();
    for left in [0, 1, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole).unwrap();
        let file = MetaFile::open(&path).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(left as u64).unwrap();
        let error = file.meta_graph().and_then(|graph| graph.summary()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DataLoss, "{error}");
    }
    for text in ["", "model", "model_checkpoint_path: \"a"] {
        fs::write(dir.path().join("checkpoint"), text).unwrap();
        assert_eq!(latest(dir.path()).unwrap_err().kind(), ErrorKind::DataLoss);
    }
}
