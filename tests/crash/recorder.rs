//! A storage in memory that remembers what was done to it, and in what order: all that a
//! disk must be told, of which a power cut may have kept a part.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use tfckpt::Result;
use tfckpt::storage::{FileLock, MemoryStorage, ReadFile, Storage, WriteFile};

/// What a name leads to; files by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    File(usize),
    Dir,
}

/// A step on the way to the disk.
#[derive(Clone, Debug)]
pub enum Event {
    /// Names of one directory change all at once: set, or removed.
    Names {
        dir: PathBuf,
        sets: Vec<(PathBuf, Option<Node>)>,
    },
    Write {
        file: usize,
        offset: u64,
        data: Vec<u8>,
    },
    SyncFile(usize),
    SyncDir(PathBuf),
}

/// Files and names.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub names: BTreeMap<PathBuf, Node>,
    pub files: Vec<Vec<u8>>,
}

impl Disk {
    /// What there is in memory below `dir`.
    fn of(storage: &MemoryStorage, dir: &Path) -> Self {
        let mut disk = Self::default();
        disk.add_below(storage, dir);
        disk
    }

    fn add_below(&mut self, storage: &MemoryStorage, dir: &Path) {
        self.names.insert(dir.to_path_buf(), Node::Dir);
        for name in storage.list(dir).unwrap() {
            let path = dir.join(name);
            match storage.bytes(&path) {
                Some(bytes) => {
                    self.names.insert(path, Node::File(self.files.len()));
                    self.files.push(bytes);
                }
                None => self.add_below(storage, &path),
            }
        }
    }
}

/// All that happened, and what was there before, all of which is durable.
#[derive(Clone, Debug)]
pub struct Log {
    pub before: Disk,
    pub events: Vec<Event>,
}

#[derive(Clone, Debug)]
pub struct Recorder {
    inner: MemoryStorage,
    notes: Arc<Mutex<Notes>>,
}

#[derive(Debug)]
struct Notes {
    log: Log,
    names: BTreeMap<PathBuf, Node>,
    num_files: usize,
}

impl Recorder {
    /// Records what happens to `inner` from now on.
    pub fn new(inner: MemoryStorage, root: &Path) -> Self {
        let before = Disk::of(&inner, root);
        let (names, num_files) = (before.names.clone(), before.files.len());
        let log = Log { before, events: Vec::new() };
        Self { inner, notes: Arc::new(Mutex::new(Notes { log, names, num_files })) }
    }

    pub fn log(&self) -> Log {
        self.notes().log.clone()
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap()
    }
}

impl Notes {
    fn push(&mut self, event: Event) {
        self.log.events.push(event);
    }

    fn set(&mut self, sets: &[(&Path, Option<Node>)]) {
        let dir = sets[0].0.parent().unwrap();
        for (path, node) in sets {
            assert_eq!(path.parent().unwrap(), dir, "a rename into another directory");
            match node {
                Some(node) => self.names.insert(path.to_path_buf(), *node),
                None => self.names.remove(*path),
            };
        }
        let sets = sets.iter().map(|(path, node)| (path.to_path_buf(), *node)).collect();
        self.push(Event::Names { dir: dir.to_path_buf(), sets });
    }

    fn file(&self, path: &Path) -> usize {
        match self.names[path] {
            Node::File(file) => file,
            Node::Dir => panic!("{path:?} is a directory"),
        }
    }
}

impl Storage for Recorder {
    fn open(&self, path: &Path) -> Result<Arc<dyn ReadFile>> {
        self.inner.open(path)
    }

    fn create(&self, path: &Path) -> Result<Box<dyn WriteFile>> {
        let inner = self.inner.create(path)?;
        let mut notes = self.notes();
        let file = notes.num_files;
        notes.num_files += 1;
        notes.set(&[(path, Some(Node::File(file)))]);
        Ok(Box::new(RecordedFile { inner, file, notes: self.notes.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.inner.rename(from, to)?;
        let mut notes = self.notes();
        let node = Node::File(notes.file(from));
        if notes.names.get(to) != Some(&node) {
            notes.set(&[(to, Some(node)), (from, None)]);
        }
        Ok(())
    }

    fn hard_link(&self, from: &Path, to: &Path) -> Result<()> {
        self.inner.hard_link(from, to)?;
        let mut notes = self.notes();
        let node = Node::File(notes.file(from));
        notes.set(&[(to, Some(node))]);
        Ok(())
    }

    fn remove(&self, path: &Path) -> Result<()> {
        self.inner.remove(path)?;
        self.notes().set(&[(path, None)]);
        Ok(())
    }

    fn sync_file(&self, path: &Path) -> Result<()> {
        self.inner.sync_file(path)?;
        let mut notes = self.notes();
        let file = notes.file(path);
        notes.push(Event::SyncFile(file));
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> Result<()> {
        self.inner.sync_dir(dir)?;
        self.notes().push(Event::SyncDir(dir.to_path_buf()));
        Ok(())
    }

    fn list(&self, dir: &Path) -> Result<Vec<PathBuf>> {
        self.inner.list(dir)
    }

    fn exists(&self, path: &Path) -> Result<bool> {
        self.inner.exists(path)
    }

    fn create_dir(&self, dir: &Path) -> Result<()> {
        self.inner.create_dir(dir)?;
        self.notes().set(&[(dir, Some(Node::Dir))]);
        Ok(())
    }

    fn remove_dir(&self, dir: &Path) -> Result<()> {
        self.inner.remove_dir(dir)?;
        self.notes().set(&[(dir, None)]);
        Ok(())
    }

    fn modified(&self, path: &Path) -> Result<SystemTime> {
        self.inner.modified(path)
    }

    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn FileLock>>> {
        self.inner.try_lock(path)
    }

    fn try_lock_dir(&self, dir: &Path) -> Result<Option<Box<dyn FileLock>>> {
        self.inner.try_lock_dir(dir)
    }
}

#[derive(Debug)]
struct RecordedFile {
    inner: Box<dyn WriteFile>,
    file: usize,
    notes: Arc<Mutex<Notes>>,
}

impl WriteFile for RecordedFile {
    fn write_all_at(&self, data: &[u8], offset: u64) -> Result<()> {
        self.inner.write_all_at(data, offset)?;
        let event = Event::Write { file: self.file, offset, data: data.to_vec() };
        self.notes.lock().unwrap().push(event);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        self.inner.sync()?;
        self.notes.lock().unwrap().push(Event::SyncFile(self.file));
        Ok(())
    }
}
