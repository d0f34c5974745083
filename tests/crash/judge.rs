//! What must be so of a directory in which a scenario was cut off.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tfckpt::ErrorKind;
use tfckpt::bundle::{ReadOptions, Reader, ReaderOptions, data_path, index_path};
use tfckpt::checkpoint::{
    Depth, GcOptions, LatestValidOptions, StateOptions, check_whole, gc, latest_valid,
};
use tfckpt::storage::MemoryStorage;

use super::scenario::{Disk, Scenario};

/// All values of a checkpoint, with type and shape, by name.
type Values = BTreeMap<Vec<u8>, (String, Vec<u8>)>;

/// Knows what there was before, and what there is in the end.
pub struct Judge<'s> {
    scenario: &'s Scenario,
    /// By prefixes relative to the root.
    checkpoints: BTreeMap<PathBuf, Vec<Values>>,
    graphs: BTreeMap<PathBuf, Vec<Vec<u8>>>,
    /// All that there is in the end, checkpoints and graphs.
    made: BTreeSet<PathBuf>,
}

impl<'s> Judge<'s> {
    pub fn new(scenario: &'s Scenario) -> Self {
        let mut judge = Self {
            scenario,
            checkpoints: BTreeMap::new(),
            graphs: BTreeMap::new(),
            made: BTreeSet::new(),
        };
        let root = Path::new("/root");
        let disk: Disk = Arc::new(MemoryStorage::new());
        disk.create_dir(root).unwrap();
        create_parents(&disk, root);
        (scenario.prepare)(&disk, root);
        judge.look(&disk, root);
        (scenario.act)(&disk, root).unwrap();
        judge.look(&disk, root);
        judge.made = judge.seen(&disk, root);
        judge
    }

    /// The prefixes of the checkpoints that are there, and the graphs.
    fn seen(&self, disk: &Disk, root: &Path) -> BTreeSet<PathBuf> {
        let files = files_below(disk, root);
        let seen = files.iter().filter_map(|path| match is_graph(path) {
            true => Some(path.clone()),
            false => prefix_of_index(path),
        });
        seen.map(|path| path.strip_prefix(root).unwrap().to_path_buf()).collect()
    }

    /// What must be so when the operation says that it is done: all that it makes is there,
    /// and none of what it replaces.
    pub fn check_done(&self, disk: &Disk, root: &Path, place: &dyn Fn() -> String) {
        assert_eq!(self.seen(disk, root), self.made, "{}", place());
        for path in &self.made {
            if let Some(graphs) = self.graphs.get(path) {
                let bytes = bytes_of(disk, &root.join(path));
                assert!(graphs.last() == Some(&bytes), "{}: {path:?} is as before", place());
            }
            if let Some(values) = self.checkpoints.get(path) {
                let now = values_of(disk, &root.join(path)).unwrap();
                assert!(values.last() == Some(&now), "{}: {path:?} is as before", place());
            }
        }
    }

    fn look(&mut self, disk: &Disk, root: &Path) {
        for path in files_below(disk, root) {
            let relative = |path: &Path| path.strip_prefix(root).unwrap().to_path_buf();
            if let Some(prefix) = prefix_of_index(&path) {
                let values = values_of(disk, &prefix).unwrap();
                self.checkpoints.entry(relative(&prefix)).or_default().push(values);
            } else if is_graph(&path) {
                self.graphs.entry(relative(&path)).or_default().push(bytes_of(disk, &path));
            }
        }
    }

    /// Everything that is promised of any instant. `place` says which one this is.
    pub fn check(&self, disk: &Disk, root: &Path, place: &dyn Fn() -> String) {
        self.check_now(disk, root, place);
        for orphans in [false, true] {
            collect(disk, root, orphans, place);
            self.check_now(disk, root, place);
        }
        check_nothing_stale(disk, root, place);
    }

    fn check_now(&self, disk: &Disk, root: &Path, place: &dyn Fn() -> String) {
        let mut whole = BTreeSet::new();
        for path in files_below(disk, root) {
            let relative = path.strip_prefix(root).unwrap();
            if let Some(prefix) = prefix_of_index(&path) {
                self.check_checkpoint(disk, root, &prefix, place);
                whole.insert(prefix.strip_prefix(root).unwrap().to_path_buf());
            } else if is_graph(&path) {
                let is_one = self.graphs[relative].contains(&bytes_of(disk, &path));
                assert!(is_one, "{}: {path:?} is torn", place());
            }
        }
        let groups = self.scenario.whole;
        let any = groups.iter().any(|group| group.iter().all(|p| whole.contains(Path::new(p))));
        assert!(any || groups.is_empty(), "{}: whole are only {whole:?}", place());
        for file in self.scenario.there {
            assert!(disk.exists(&root.join(file)).unwrap(), "{}: {file} is gone", place());
        }
        if self.scenario.latest {
            self.check_latest(disk, root, place);
        }
    }

    /// A checkpoint that can be seen is whole, and one of those it should be.
    fn check_checkpoint(
        &self,
        disk: &Disk,
        root: &Path,
        prefix: &Path,
        place: &dyn Fn() -> String,
    ) {
        if let Err(error) = check_whole(disk, prefix, Depth::Checksums) {
            panic!("{}: {error}", place());
        }
        let allowed = &self.checkpoints[prefix.strip_prefix(root).unwrap()];
        let values = values_of(disk, prefix).unwrap();
        assert!(allowed.contains(&values), "{}: {prefix:?} has neither's values", place());
    }

    fn check_latest(&self, disk: &Disk, root: &Path, place: &dyn Fn() -> String) {
        let state = StateOptions { storage: disk.clone(), ..Default::default() };
        let options = LatestValidOptions { state, depth: Depth::Checksums };
        let found = match latest_valid(root, &options) {
            Ok(Some(found)) => found,
            other => panic!("{}: {other:?}", place()),
        };
        self.check_checkpoint(disk, root, &found.prefix, place);
        let damaged = found.skipped.iter().filter(|skipped| {
            let is_state = skipped.path == root.join("checkpoint");
            skipped.problem.kind() != ErrorKind::NotFound && !is_state
        });
        assert_eq!(damaged.count(), 0, "{}: {:?}", place(), found.skipped);
    }
}

/// The directories that scenarios expect, as they are on any disk.
pub fn create_parents(disk: &Disk, root: &Path) {
    disk.create_dir(&root.join("in")).unwrap();
}

fn collect(disk: &Disk, root: &Path, orphans: bool, place: &dyn Fn() -> String) {
    for dir in dirs_below(disk, root) {
        let options = GcOptions {
            storage: disk.clone(),
            min_age: Duration::ZERO,
            orphans,
            ..GcOptions::default()
        };
        let collected = gc(&dir, &options).unwrap();
        let left = collected.problems.len() + collected.in_use.len() + collected.too_young.len();
        assert_eq!(left, 0, "{}: {collected:?}", place());
    }
    let left = temporary_files(disk, root);
    assert!(left.is_empty(), "{}: {left:?}", place());
}

/// Our own temporary files.
pub fn temporary_files(disk: &Disk, root: &Path) -> Vec<PathBuf> {
    let is_ours = |path: &PathBuf| path.file_name().unwrap().as_encoded_bytes().starts_with(b".");
    files_below(disk, root).into_iter().filter(is_ours).collect()
}

/// Every data file is one that an index names.
fn check_nothing_stale(disk: &Disk, root: &Path, place: &dyn Fn() -> String) {
    let files = files_below(disk, root);
    let mut named = BTreeSet::new();
    for prefix in files.iter().filter_map(|path| prefix_of_index(path)) {
        let count = open(disk, &prefix).unwrap().header().num_shards;
        named.extend((0..count).map(|shard| data_path(&prefix, shard, count)));
    }
    let is_stale = |path: &&PathBuf| {
        path.to_str().unwrap().contains(".data-") && !named.contains(path.as_path())
    };
    let stale: Vec<_> = files.iter().filter(is_stale).collect();
    assert!(stale.is_empty(), "{}: {stale:?}", place());
}

fn open(disk: &Disk, prefix: &Path) -> tfckpt::Result<Reader> {
    let options = ReaderOptions { storage: disk.clone(), ..Default::default() };
    Reader::open_with(prefix, &options)
}

fn values_of(disk: &Disk, prefix: &Path) -> tfckpt::Result<Values> {
    let reader = open(disk, prefix)?;
    let mut values = Values::new();
    for tensor in reader.tensors() {
        let tensor = tensor?;
        let kind = format!("{} {}", tensor.entry.dtype, tensor.entry.shape);
        let bytes = if tensor.entry.dtype.is_variable_length() {
            let strings = reader.read_strings(&tensor.name, &ReadOptions::default())?;
            strings.iter().flat_map(|text| [text, b"\0"].concat()).collect()
        } else {
            reader.read(&tensor.name)?
        };
        values.insert(tensor.name, (kind, bytes));
    }
    Ok(values)
}

/// `PREFIX` of `PREFIX.index`.
fn prefix_of_index(path: &Path) -> Option<PathBuf> {
    let prefix = PathBuf::from(path.to_str().unwrap().strip_suffix(".index")?);
    (index_path(&prefix) == path).then_some(prefix)
}

fn is_graph(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "meta")
}

fn bytes_of(disk: &Disk, path: &Path) -> Vec<u8> {
    let file = disk.open(path).unwrap();
    let mut bytes = vec![0; file.len() as usize];
    file.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

/// All files below a directory.
pub fn files_below(disk: &Disk, dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    walk(disk, dir, &mut files, &mut Vec::new());
    files
}

fn dirs_below(disk: &Disk, dir: &Path) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    walk(disk, dir, &mut Vec::new(), &mut dirs);
    dirs
}

fn walk(disk: &Disk, path: &Path, files: &mut Vec<PathBuf>, dirs: &mut Vec<PathBuf>) {
    match disk.list(path) {
        Ok(names) => {
            dirs.push(path.to_path_buf());
            names.iter().for_each(|name| walk(disk, &path.join(name), files, dirs));
        }
        Err(_) => files.push(path.to_path_buf()),
    }
}
