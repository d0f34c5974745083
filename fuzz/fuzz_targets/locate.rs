//! A directory of any files by any names: what opens reads, what does not says why, and
//! all that tell of the directory agree.
#![no_main]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tfckpt::bundle::{ReaderOptions, Writer, WriterOptions, data_path, index_path};
use tfckpt::checkpoint::{
    GcOptions, LatestValidOptions, Manager, ManagerOptions, Reader, RepairOptions, State,
    StateOptions, SurveyOptions, check_whole, gc, latest_valid, latest_with, locate, repair,
    survey,
};
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::tensor::{DType, Shape};
use tfckpt::{Error, ErrorKind, Result, v1};
use tfckpt_fuzz::bounded;

const DIR: &str = "/d";
/// What names are made of, so that some belong together.
const STEMS: [&[u8]; 6] = [b"ckpt", b"m", b"a[*]", b"\xff", b"variables", b"checkpoint"];
const SUFFIXES: [&[u8]; 12] = [
    b"",
    b".index",
    b".data-00000-of-00001",
    b".data-00001-of-00002",
    b".meta",
    b"-00000-of-00001",
    b"-00000-of-00002",
    b"-00001-of-00002",
    b"-?????-of-00002",
    b".index.tempstate12",
    b"_temp",
    b"/",
];

#[derive(Arbitrary, Debug)]
struct Input {
    files: Vec<(Name, Content)>,
    asked: Vec<Name>,
    max_to_keep: u8,
}

#[derive(Arbitrary, Debug)]
enum Name {
    Made { stem: u8, step: Option<u8>, suffix: u8 },
    Within { dir: u8, stem: u8, suffix: u8 },
    StateFile,
    SavedModel,
    Any(Vec<u8>),
}

#[derive(Arbitrary, Debug)]
enum Content {
    Any(Vec<u8>),
    State { latest: Name, all: Vec<Name>, times: Vec<f64>, last_preserved: f64 },
    Index,
    Data,
    SliceFile,
    Changed { of: u8, at: u16, to: u8 },
    Cut { of: u8, at: u16 },
    Pointer,
}

impl Name {
    fn bytes(&self) -> Vec<u8> {
        let one_of = |list: &[&[u8]], at: u8| list[usize::from(at) % list.len()].to_vec();
        match self {
            Self::Made { stem, step, suffix } => {
                let step = step.map_or(Vec::new(), |step| format!("-{step}").into_bytes());
                [one_of(&STEMS, *stem), step, one_of(&SUFFIXES, *suffix)].concat()
            }
            Self::Within { dir, stem, suffix } => {
                let (dir, stem) = (one_of(&STEMS, *dir), one_of(&STEMS, *stem));
                [dir, b"/".to_vec(), stem, one_of(&SUFFIXES, *suffix)].concat()
            }
            Self::StateFile => b"checkpoint".to_vec(),
            Self::SavedModel => b"saved_model.pb".to_vec(),
            Self::Any(bytes) => bytes.clone(),
        }
    }

    fn path(&self) -> PathBuf {
        OsString::from_vec(self.bytes()).into()
    }
}

/// The files of sound checkpoints: an index, its data, and V1.
fn sound() -> &'static [Vec<u8>; 3] {
    static SOUND: OnceLock<[Vec<u8>; 3]> = OnceLock::new();
    SOUND.get_or_init(|| {
        let storage = MemoryStorage::new();
        let (prefix, v1) = (Path::new("/sound"), Path::new("/v1"));
        let mut writer = Writer::create_with(prefix, writer_options(&storage)).unwrap();
        add(&mut writer);
        writer.finish().unwrap();
        let options =
            v1::WriterOptions { storage: Arc::new(storage.clone()), ..Default::default() };
        let mut writer = v1::Writer::create_with(v1, options).unwrap();
        writer.add("x", DType::UINT8, &Shape::new([3]).unwrap(), &[1, 2, 3]).unwrap();
        writer.finish().unwrap();
        let files = [index_path(prefix), data_path(prefix, 0, 1), v1.into()];
        files.map(|path| storage.bytes(path).unwrap())
    })
}

fn writer_options(storage: &MemoryStorage) -> WriterOptions {
    WriterOptions { storage: Arc::new(storage.clone()), ..Default::default() }
}

impl Content {
    fn bytes(&self) -> Vec<u8> {
        let sound_one = |of: &u8| sound()[usize::from(*of) % 3].clone();
        match self {
            Self::Any(bytes) => bytes.clone(),
            Self::State { latest, all, times, last_preserved } => State {
                model_checkpoint_path: latest.path(),
                all_model_checkpoint_paths: all.iter().map(Name::path).collect(),
                all_model_checkpoint_timestamps: times.clone(),
                last_preserved_timestamp: *last_preserved,
            }
            .to_text(),
            Self::Index => sound()[0].clone(),
            Self::Data => sound()[1].clone(),
            Self::SliceFile => sound()[2].clone(),
            Self::Changed { of, at, to } => {
                let mut bytes = sound_one(of);
                let len = bytes.len();
                bytes[usize::from(*at) % len] = *to;
                bytes
            }
            Self::Cut { of, at } => {
                let mut bytes = sound_one(of);
                bytes.truncate(usize::from(*at) % (bytes.len() + 1));
                bytes
            }
            Self::Pointer => b"version https://git-lfs.github.com/spec/v1\n".to_vec(),
        }
    }
}

fuzz_target!(|input: Input| {
    let storage = MemoryStorage::new();
    storage.create_dir(Path::new(DIR)).unwrap();
    let mut len = 0;
    for (name, content) in &input.files {
        let content = content.bytes();
        len += content.len();
        put(&storage, &name.path(), content);
    }
    bounded(len, || look(&storage, &input));
});

/// Puts a file there, unless no file system would have one: files are no directories.
fn put(storage: &MemoryStorage, name: &Path, content: Vec<u8>) {
    let is_normal = name.components().all(|part| matches!(part, Component::Normal(_)));
    let path = Path::new(DIR).join(name);
    let mut above = path.ancestors().skip(1);
    let is_file = |path: &Path| storage.bytes(path).is_some();
    if is_normal && !storage.exists(&path).unwrap() && !above.any(is_file) {
        storage.put(path, content);
    }
}

fn look(storage: &MemoryStorage, input: &Input) {
    let shared: Arc<dyn Storage> = Arc::new(storage.clone());
    open(&shared, Path::new(DIR));
    for name in input.files.iter().map(|(name, _)| name).chain(&input.asked) {
        open(&shared, &Path::new(DIR).join(name.path()));
    }
    let state = StateOptions { storage: shared.clone(), ..StateOptions::default() };
    let told = told(&state);
    let options = GcOptions {
        storage: shared.clone(),
        tensorflow: true,
        dry_run: true,
        ..GcOptions::default()
    };
    sane(gc(DIR, &options));
    repaired(&state, &told);
    managed(storage, input);
}

/// An error is about what is there, and never of our own making.
fn sane<T>(result: Result<T>) -> Option<T> {
    let is_sane = |error: &Error| !matches!(error.kind(), ErrorKind::Internal | ErrorKind::Io);
    result.map_err(|error| assert!(is_sane(&error), "{error:?}")).ok()
}

/// The same of what writes: a directory may stand where a file should go.
fn written<T>(result: Result<T>) -> Option<T> {
    result.map_err(|error| assert_ne!(error.kind(), ErrorKind::Internal, "{error:?}")).ok()
}

/// What a path leads to opens, is what it was found as, and can be checked.
fn open(storage: &Arc<dyn Storage>, path: &Path) {
    let located = sane(locate(storage, path));
    let options = ReaderOptions { storage: storage.clone(), ..ReaderOptions::default() };
    let Some(reader) = sane(Reader::open_with(path, &options)) else { return };
    let located = located.expect("what opens is located");
    assert_eq!((reader.prefix(), reader.format()), (&*located.prefix, located.format));
    let report = reader.verify(&tfckpt::Progress::none()).unwrap();
    let whole = check_whole(storage, &located.prefix, Default::default());
    assert!(report.is_ok() || whole.is_err(), "{:?}", report.problems);
}

/// What is told of the directory, which agrees; the prefixes of what is whole.
fn told(state: &StateOptions) -> BTreeSet<PathBuf> {
    let options = SurveyOptions { state: state.clone(), ..SurveyOptions::default() };
    let Some(survey) = sane(survey(DIR, &options)) else { return BTreeSet::new() };
    let names: BTreeSet<_> = survey.files.iter().map(|file| &file.path).collect();
    assert_eq!(names.len(), survey.files.len(), "each file is there once");
    let found = survey.checkpoints.len();
    assert!(survey.files.iter().all(|file| file.checkpoint.is_none_or(|at| at < found)));
    if let Some(prefix) = sane(latest_with(DIR, state)).flatten() {
        let at = survey.latest.expect("the latest is listed");
        assert_eq!(survey.checkpoints[at].prefix, prefix);
    }
    let whole = survey.checkpoints.iter().filter(|found| found.is_whole());
    let whole: BTreeSet<PathBuf> = whole.map(|found| found.prefix.clone()).collect();
    let options = LatestValidOptions { state: state.clone(), ..LatestValidOptions::default() };
    match sane(latest_valid(DIR, &options)).flatten() {
        Some(found) => assert!(whole.contains(&found.prefix), "{found:?} {whole:?}"),
        None => assert!(whole.is_empty(), "{whole:?}"),
    }
    whole
}

/// A repaired state file names just what is whole.
fn repaired(state: &StateOptions, whole: &BTreeSet<PathBuf>) {
    let options = RepairOptions { state: state.clone(), ..RepairOptions::default() };
    let Some(repaired) = written(repair(DIR, &options)) else { return };
    let paths = repaired.state.all_model_checkpoint_paths.iter();
    let named: BTreeSet<PathBuf> = paths.map(|path| Path::new(DIR).join(path)).collect();
    assert_eq!(named, *whole);
    assert_eq!(latest_with(DIR, state).unwrap().as_ref(), Some(&repaired.latest));
    assert!(!repair(DIR, &options).unwrap().changed, "there is nothing left to repair");
}

/// A manager takes over, and the checkpoint that it saves is the latest.
fn managed(storage: &MemoryStorage, input: &Input) {
    let options = ManagerOptions {
        max_to_keep: Some(usize::from(input.max_to_keep % 4) + 1),
        writer: writer_options(storage),
        ..ManagerOptions::default()
    };
    let Some(manager) = sane(Manager::open_with(DIR, options)) else { return };
    let Some(mut next) = written(manager.save()) else { return };
    add(&mut next);
    let Some(saved) = written(next.finish()) else { return };
    let state = StateOptions { storage: Arc::new(storage.clone()), ..StateOptions::default() };
    assert_eq!(latest_with(DIR, &state).unwrap().as_ref(), Some(&saved.prefix));
    check_whole(&state.storage, &saved.prefix, Default::default()).unwrap();
    assert!(!saved.removed.contains(&saved.prefix));
}

fn add(writer: &mut Writer) {
    writer.add("x", DType::UINT8, &Shape::new([3]).unwrap(), &[1, 2, 3]).unwrap();
}
