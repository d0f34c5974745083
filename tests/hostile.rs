//! Every hostile case fails in the act, with the status and at the place that
//! `hostile/manifest.tsv` says; none of them panics or takes much memory.

#[path = "support/peak.rs"]
mod peak;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use support::{data_dir, index, sha256, sha256_strings};
use tfckpt::bundle::{
    ReadOptions, ReadRequest, ReaderOptions, Writer, WriterOptions, data_path, index_path,
};
use tfckpt::checkpoint::{
    self, CopyData, CopyOptions, LatestValidOptions, NameRule, Reader, Tensor, latest, latest_valid,
};
use tfckpt::storage::MemoryStorage;
use tfckpt::table::TableWriterOptions;
use tfckpt::tensor::{DType, Shape, Slice};
use tfckpt::{Error, ErrorKind, Result};

#[global_allocator]
static ALLOCATOR: peak::Counting = peak::Counting;

/// What a case may take beyond the size of its files.
const MAX_MEMORY: usize = 64 << 20;

/// A row of the manifest, and the tensors that belong to it.
struct Case {
    name: String,
    kind: String,
    prefix: PathBuf,
    open: Verdict,
    list: Verdict,
    verify: Verdict,
    files: Vec<PathBuf>,
    tensors: Vec<TensorRow>,
}

struct TensorRow {
    name: String,
    info: Verdict,
    read: Verdict,
    sha256: String,
}

/// The statuses that are right.
struct Verdict(Vec<String>);

impl Verdict {
    fn new(column: &str) -> Self {
        Self(column.split('|').map(str::to_string).collect())
    }

    fn allows(&self, status: &str) -> bool {
        self.0.iter().any(|allowed| allowed == status)
    }

    fn allows_success(&self) -> bool {
        self.allows("OK")
    }
}

fn cases() -> Vec<Case> {
    let text = fs::read_to_string(data_dir("hostile/manifest.tsv")).unwrap();
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        match *line.split('\t').collect::<Vec<_>>() {
            ["case", name, kind, prefix, open, list, verify, files, _defect] => cases.push(Case {
                name: name.into(),
                kind: kind.into(),
                prefix: data_dir("hostile").join(prefix),
                open: Verdict::new(open),
                list: Verdict::new(list),
                verify: Verdict::new(verify),
                files: files.split('|').map(|file| data_dir("hostile").join(file)).collect(),
                tensors: Vec::new(),
            }),
            ["tensor", name, info, read, sha256] => {
                cases.last_mut().unwrap().tensors.push(TensorRow {
                    name: name.into(),
                    info: Verdict::new(info),
                    read: Verdict::new(read),
                    sha256: sha256.into(),
                })
            }
            _ => panic!("a row of another form: {line}"),
        }
    }
    cases
}

/// What is not as the manifest says.
struct Complaints<'c> {
    case: &'c Case,
    found: Vec<String>,
}

impl Complaints<'_> {
    fn add(&mut self, complaint: String) {
        self.found.push(format!("{}: {complaint}", self.case.name));
    }

    /// Holds the outcome of an act against the verdict on it.
    fn check<T>(&mut self, act: &str, verdict: &Verdict, outcome: &Result<T>) {
        let status = outcome.as_ref().err().map_or("OK", |error| error.kind().name());
        if !verdict.allows(status) {
            let error = outcome.as_ref().err();
            self.add(format!("{act} is {status}, not {}: {error:?}", verdict.0.join("|")));
        }
        if let Err(error) = outcome {
            self.check_file(act, error);
        }
    }

    fn check_file(&mut self, act: &str, error: &Error) {
        if !self.case.files.iter().any(|file| Some(file.as_path()) == error.file()) {
            self.add(format!("{act} names {:?}: {error:?}", error.file()));
        }
    }
}

#[test]
fn every_case_fails_as_it_should() {
    let mut found = Vec::new();
    let mut checked = 0;
    for case in cases().iter().filter(|case| case.kind != "state") {
        let mut complaints = Complaints { case, found: Vec::new() };
        match Reader::open(&case.prefix) {
            Ok(reader) => {
                complaints.check("open", &case.open, &Ok(()));
                check_list(&reader, &mut complaints);
                case.tensors.iter().for_each(|row| check_tensor(&reader, row, &mut complaints));
                check_verify(&reader, &mut complaints);
            }
            // Then it is also what is found when all of it is verified.
            Err(error) => {
                complaints.check::<()>("open", &case.open, &Err(error));
                complaints.check::<()>(
                    "verify",
                    &case.verify,
                    &Reader::open(&case.prefix).map(|_| ()),
                );
            }
        }
        found.extend(complaints.found);
        checked += 1;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(checked > 100, "only {checked} cases");
}

/// A copy, its data rewritten or kept, is there or there is nothing, and an error
/// has a place.
#[test]
fn every_case_is_copied_or_not_at_all() {
    let (mut copied, mut refused) = (0, 0);
    for case in cases().iter().filter(|case| case.kind != "state") {
        for data in [CopyData::Rewrite, CopyData::Copy] {
            let dir = tempfile::tempdir().unwrap();
            let dst = dir.path().join("copy");
            let renames = vec![NameRule::prefix("", "new/")];
            let options = CopyOptions { renames, data, ..CopyOptions::default() };
            let (taken, outcome) = peak::of(|| checkpoint::copy(&dst, &case.prefix, &options));
            assert!(taken < MAX_MEMORY, "{} by {data:?}: {taken} bytes", case.name);
            match outcome {
                Ok(()) => {
                    assert!(Reader::open(&dst).unwrap().tensors().all(|tensor| tensor.is_ok()));
                    copied += 1;
                }
                Err(error) => {
                    let is_placed = error.file().is_some() || error.tensor().is_some();
                    assert!(is_placed, "{} by {data:?}: {error:?}", case.name);
                    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "{}", case.name);
                    refused += 1;
                }
            }
        }
    }
    assert!(copied > 20 && refused > 100, "{copied} {refused}");
}

fn check_list(reader: &Reader, complaints: &mut Complaints<'_>) {
    let verdict = &complaints.case.list;
    let failed: Vec<Error> = reader.tensors().filter_map(Result::err).collect();
    if failed.is_empty() {
        complaints.check("list", verdict, &Ok(()));
    }
    for error in failed {
        complaints.check::<()>("list", verdict, &Err(error));
    }
}

fn check_tensor(reader: &Reader, row: &TensorRow, complaints: &mut Complaints<'_>) {
    let act = format!("info of {}", row.name);
    complaints.check(&act, &row.info, &info(reader, &row.name));
    let act = format!("read of {}", row.name);
    let read = content(reader, &row.name);
    complaints.check(&act, &row.read, &read);
    match read {
        Ok(digest) if row.sha256 != "-" && digest != row.sha256 => {
            complaints.add(format!("{act} gives other content"));
        }
        Err(error) if error.tensor() != Some(row.name.as_bytes()) => {
            complaints.add(format!("{act} does not name it: {error:?}"));
        }
        _ => {}
    }
}

fn info(reader: &Reader, name: &str) -> Result<bool> {
    Ok(reader.tensor(name)?.dtype.is_variable_length())
}

/// The digest of a tensor's content. It goes through the calls that allocate
/// themselves, because the shape of a hostile tensor is not to be trusted.
fn content(reader: &Reader, name: &str) -> Result<String> {
    let is_variable_length =
        reader.find(name)?.is_some_and(|tensor| tensor.dtype.is_variable_length());
    if is_variable_length {
        return Ok(sha256_strings(&reader.read_strings(name, &ReadOptions::default())?));
    }
    Ok(sha256(&reader.read(name)?))
}

/// The report has the right problems, and names all tensors that can't be read.
fn check_verify(reader: &Reader, complaints: &mut Complaints<'_>) {
    let case = complaints.case;
    let report = reader.verify(&tfckpt::Progress::none()).unwrap();
    let named: BTreeSet<&[u8]> = report.problems.iter().filter_map(Error::tensor).collect();
    // Nobody knows which names a damaged block had.
    if case.list.allows_success() {
        for row in case.tensors.iter().filter(|row| !row.read.allows_success()) {
            if !named.contains(row.name.as_bytes()) {
                complaints.add(format!("verify does not name {}", row.name));
            }
        }
    }
    if report.is_ok() {
        complaints.check("verify", &case.verify, &Ok(()));
    }
    for error in report.problems {
        complaints.check::<()>("verify", &case.verify, &Err(error));
    }
}

/// A state file that leads nowhere is one error, whatever way it is asked.
#[test]
fn state_files_lead_nowhere() {
    let mut checked = 0;
    for case in cases().iter().filter(|case| case.kind == "state") {
        let folder = case.prefix.parent().unwrap();
        let options = LatestValidOptions::default();
        let none = || Error::new(ErrorKind::NotFound, "none").in_file(folder);
        let asked = [
            Reader::open(&case.prefix).map(drop),
            Reader::open(folder).map(drop),
            latest(folder).and_then(|found| found.map(drop).ok_or_else(none)),
            latest_valid(folder, &options).and_then(|found| found.map(drop).ok_or_else(none)),
        ];
        for (way, error) in asked.into_iter().enumerate() {
            let error = error.err().unwrap_or_else(|| panic!("{} leads somewhere", case.name));
            assert_eq!(case.list.0, [error.kind().name()], "{}, {way}: {error}", case.name);
            let named = error.file().unwrap_or_else(|| panic!("{}: no file", case.name));
            assert!(named.starts_with(folder), "{}: {}", case.name, named.display());
        }
        checked += 1;
    }
    assert!(checked > 10, "only {checked} cases");
}

/// A bundle in memory of one tensor of four rows, each a slice of two bytes;
/// `change` is done to the pairs of its index, and `data` becomes its data file.
fn rows(data: &[u8], change: impl FnOnce(&mut index::Pairs)) -> Reader {
    let storage = MemoryStorage::new();
    let prefix = Path::new("/ckpt");
    let options = WriterOptions { storage: Arc::new(storage.clone()), ..Default::default() };
    let mut writer = Writer::create_with(prefix, options).unwrap();
    let shape = Shape::new([4, 2]).unwrap();
    for row in 0..4 {
        let slice: Slice = format!("{row},1:-").parse().unwrap();
        writer.add_slice("x", DType::INT8, &shape, &slice, &[7, 7]).unwrap();
    }
    writer.finish().unwrap();
    let mut pairs = index::pairs(&storage, prefix);
    change(&mut pairs);
    storage.put(index_path(prefix), index::table(&pairs, &TableWriterOptions::default()));
    storage.put(data_path(prefix, 0, 1), data);
    let options = ReaderOptions { storage: Arc::new(storage), ..Default::default() };
    Reader::open_with(prefix, &options).unwrap()
}

/// The key of a slice is no name that anybody knows.
#[test]
fn a_damaged_entry_of_a_slice_is_about_its_tensor() {
    let reader = rows(&[7; 8], |pairs| pairs[1].1 = b"no entry".to_vec());
    let mut errors = reader.verify(&tfckpt::Progress::none()).unwrap().problems;
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.extend(reader.read("x").err());
    for error in errors {
        assert_eq!((error.kind(), error.tensor()), (ErrorKind::DataLoss, Some(&b"x"[..])));
        assert_eq!(error.file(), Some(Path::new("/ckpt.index")));
    }
}

/// Many slices of the same few bytes would be a tensor of any size.
#[test]
fn slices_cannot_share_their_bytes() {
    assert_eq!(rows(&[7; 8], |_| ()).read("x").unwrap(), [7; 8]);
    let reader = rows(&[7; 2], |pairs| {
        let first = pairs[1].1.clone();
        pairs[2..5].iter_mut().for_each(|(_, value)| *value = first.clone());
    });
    let problems = reader.verify(&tfckpt::Progress::none()).unwrap().problems;
    let error = reader.read("x").unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].message(), error.message());
    assert!(error.message().contains("their data shards only 2"), "{error}");
}

#[test]
fn no_case_takes_much_memory() {
    for case in cases() {
        let size: usize = size_of_files(case.prefix.parent().unwrap());
        for mapped in [false, true] {
            let (peak, _) = peak::of(|| touch_everything(&case, mapped));
            assert!(peak <= MAX_MEMORY + size, "{}: {peak} bytes", case.name);
        }
    }
}

fn size_of_files(dir: &Path) -> usize {
    let files = fs::read_dir(dir).unwrap();
    files.map(|file| file.unwrap().metadata().unwrap().len() as usize).sum()
}

/// Calls all there is, whatever comes of it.
fn touch_everything(case: &Case, mapped: bool) -> Result<()> {
    let options = ReaderOptions { mapped, ..ReaderOptions::default() };
    let reader = Reader::open_with(&case.prefix, &options)?;
    let _ = reader.verify(&tfckpt::Progress::none());
    let count = reader.len().unwrap_or(0);
    for position in 0..=count {
        let _ = reader.at(position);
    }
    let listed = reader.tensors().flatten().map(|tensor| tensor.name);
    let names: BTreeSet<Vec<u8>> =
        listed.chain(case.tensors.iter().map(|row| row.name.clone().into_bytes())).collect();
    for name in &names {
        let _ = reader.tensors_with_prefix(name).count();
        touch_tensor(&reader, name);
    }
    Ok(())
}

fn touch_pieces(reader: &Reader, tensor: &Tensor) -> Result<()> {
    let pieces = reader.pieces(tensor)?;
    pieces.iter().try_for_each(|piece| reader.read_piece(tensor, piece, |_| Ok(())))
}

fn touch_tensor(reader: &Reader, name: &[u8]) {
    let found = reader.find(name).ok().flatten();
    let _ = found.as_ref().map(|tensor| touch_pieces(reader, tensor));
    let stored = found.map(|tensor| tensor.slices).unwrap_or_default();
    let parts = ["", "-", "0,1", "-:-", "0,1:0,1", "1,2:-", "0,0:-"];
    let slices = parts.iter().map(|spec| spec.parse::<Slice>().unwrap()).chain(stored);
    let slices: Vec<Slice> = slices.collect();
    let mut dst = vec![0; 4096];
    for verify in [true, false] {
        let options = ReadOptions { verify, ..ReadOptions::default() };
        for slice in &slices {
            let _ = reader.read_slice_into(name, slice, &mut dst, &options);
            let _ = reader.read_strings_slice(name, slice, &options);
        }
        let _ = reader.read_into(name, &mut dst, &options);
        let _ = reader.read_strings(name, &options);
        let _ = reader.view(name, &options).map(|view| view.alignment());
        let mut requests = [ReadRequest { name, slice: None, dst: &mut dst, dst_strides: None }];
        let _ = reader.read_many(&mut requests, &options);
    }
    let _ = reader.read(name);
    let _ = reader.string_bytes(name);
}
