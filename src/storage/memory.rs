//! Files in memory, for tests and fuzzing without a disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use super::{FileLock, Mapping, ReadFile, Storage, WriteFile, parent_dir};
use crate::error::{Error, Result};
use crate::shown::shown_path;

/// A file system in memory, shared by its clones. It starts with the directories
/// `/` and `.`; paths are taken literally but for `.` components.
#[derive(Clone, Debug)]
pub struct MemoryStorage {
    tree: Arc<Mutex<Tree>>,
}

/// A file, which may have several names.
type Inode = Arc<Mutex<Content>>;

#[derive(Debug)]
struct Content {
    bytes: Vec<u8>,
    modified: SystemTime,
    /// Alive as long as somebody has the lock.
    lock: Weak<()>,
}

impl Content {
    fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, modified: SystemTime::now(), lock: Weak::new() }
    }
}

#[derive(Debug, Default)]
struct Tree {
    files: BTreeMap<PathBuf, Inode>,
    dirs: BTreeSet<PathBuf>,
    /// The locks of directories, alive as long as somebody has them.
    dir_locks: BTreeMap<PathBuf, Weak<()>>,
}

impl Default for MemoryStorage {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStorage {
    /// An empty file system.
    pub fn new() -> Self {
        let dirs = ["/", "."].into_iter().map(PathBuf::from).collect();
        Self { tree: Arc::new(Mutex::new(Tree { dirs, ..Tree::default() })) }
    }

    /// Says that the bytes of a file were last changed then. Nothing happens where
    /// there is no such file.
    pub fn set_modified(&self, path: impl AsRef<Path>, modified: SystemTime) {
        if let Ok(inode) = lock(&self.tree).inode(&normal(path.as_ref())) {
            lock(&inode).modified = modified;
        }
    }

    /// Puts a file there, in place of the one that has this name, and every
    /// directory above it.
    pub fn put(&self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) {
        let path = normal(path.as_ref());
        let mut tree = lock(&self.tree);
        let mut dir = parent_dir(&path);
        while tree.dirs.insert(dir.to_path_buf()) {
            dir = parent_dir(dir);
        }
        tree.files.insert(path, Arc::new(Mutex::new(Content::new(bytes.into()))));
    }

    /// The bytes of a file as they are now; `None` where there is no such file.
    pub fn bytes(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        let tree = lock(&self.tree);
        let inode = tree.files.get(&normal(path.as_ref()))?;
        Some(lock(inode).bytes.clone())
    }
}

impl Storage for MemoryStorage {
    fn open(&self, path: &Path) -> Result<Arc<dyn ReadFile>> {
        let Some(bytes) = self.bytes(path) else {
            return Err(failed("open", path, io::ErrorKind::NotFound));
        };
        Ok(Arc::new(MemoryFile::new(path, bytes)))
    }

    fn create(&self, path: &Path) -> Result<Box<dyn WriteFile>> {
        let inode = Arc::new(Mutex::new(Content::new(Vec::new())));
        let mut tree = lock(&self.tree);
        tree.add_name(&normal(path), inode.clone()).map_err(|kind| failed("create", path, kind))?;
        Ok(Box::new(NewFile { inode, path: path.to_path_buf() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        lock(&self.tree)
            .rename(&normal(from), &normal(to))
            .map_err(|kind| failed(&format!("rename to {}", shown_path(to)), from, kind))
    }

    fn hard_link(&self, from: &Path, to: &Path) -> Result<()> {
        let mut tree = lock(&self.tree);
        tree.inode(&normal(from))
            .and_then(|inode| tree.add_name(&normal(to), inode))
            .map_err(|kind| failed(&format!("link as {}", shown_path(to)), from, kind))
    }

    fn remove(&self, path: &Path) -> Result<()> {
        let mut tree = lock(&self.tree);
        let path_in_tree = normal(path);
        tree.inode(&path_in_tree).map_err(|kind| failed("remove", path, kind))?;
        tree.files.remove(&path_in_tree);
        Ok(())
    }

    fn sync_file(&self, path: &Path) -> Result<()> {
        self.open(path).map(drop)
    }

    fn sync_dir(&self, dir: &Path) -> Result<()> {
        lock(&self.tree).check_dir(&normal(dir)).map_err(|kind| failed("sync", dir, kind))
    }

    fn list(&self, dir: &Path) -> Result<Vec<PathBuf>> {
        lock(&self.tree).names_in(&normal(dir)).map_err(|kind| match kind {
            // As on a disk: there is no such directory.
            io::ErrorKind::NotADirectory => {
                Error::not_found("cannot list: not a directory").in_file(dir)
            }
            kind => failed("list", dir, kind),
        })
    }

    fn exists(&self, path: &Path) -> Result<bool> {
        Ok(lock(&self.tree).exists(&normal(path)))
    }

    fn create_dir(&self, dir: &Path) -> Result<()> {
        let mut tree = lock(&self.tree);
        let dir_in_tree = normal(dir);
        tree.check_free(&dir_in_tree).map_err(|kind| failed("create directory", dir, kind))?;
        tree.dirs.insert(dir_in_tree);
        Ok(())
    }

    fn remove_dir(&self, dir: &Path) -> Result<()> {
        let mut tree = lock(&self.tree);
        let dir_in_tree = normal(dir);
        match tree.names_in(&dir_in_tree) {
            Ok(names) if names.is_empty() => {
                tree.dirs.remove(&dir_in_tree);
                Ok(())
            }
            Ok(_) => Err(failed("remove directory", dir, io::ErrorKind::DirectoryNotEmpty)),
            Err(kind) => Err(failed("remove directory", dir, kind)),
        }
    }

    /// Directories have no time of their own here: theirs is now.
    fn modified(&self, path: &Path) -> Result<SystemTime> {
        let tree = lock(&self.tree);
        match tree.inode(&normal(path)) {
            Ok(inode) => Ok(lock(&inode).modified),
            Err(io::ErrorKind::IsADirectory) => Ok(SystemTime::now()),
            Err(kind) => Err(failed("look up the time of", path, kind)),
        }
    }

    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn FileLock>>> {
        let found = lock(&self.tree).inode(&normal(path));
        let inode = found.map_err(|kind| failed("lock", path, kind))?;
        let mut content = lock(&inode);
        Ok(hold(&mut content.lock))
    }

    fn try_lock_dir(&self, dir: &Path) -> Result<Option<Box<dyn FileLock>>> {
        let mut tree = lock(&self.tree);
        let dir_in_tree = normal(dir);
        tree.check_dir(&dir_in_tree).map_err(|kind| failed("lock", dir, kind))?;
        Ok(hold(tree.dir_locks.entry(dir_in_tree).or_default()))
    }
}

/// A lock, unless somebody has it.
fn hold(lock: &mut Weak<()>) -> Option<Box<dyn FileLock>> {
    if lock.strong_count() > 0 {
        return None;
    }
    let held = Arc::new(());
    *lock = Arc::downgrade(&held);
    Some(Box::new(HeldLock { _held: held }))
}

#[derive(Debug)]
struct HeldLock {
    _held: Arc<()>,
}

impl FileLock for HeldLock {}

/// What a look at the tree gives, before it is known what to call it.
type Outcome<T> = std::result::Result<T, io::ErrorKind>;

impl Tree {
    fn exists(&self, path: &Path) -> bool {
        self.files.contains_key(path) || self.dirs.contains(path)
    }

    fn check_dir(&self, dir: &Path) -> Outcome<()> {
        match self.dirs.contains(dir) {
            true => Ok(()),
            false if self.files.contains_key(dir) => Err(io::ErrorKind::NotADirectory),
            false => Err(io::ErrorKind::NotFound),
        }
    }

    /// Whether `path` may become a new name: nothing has it, its directory is there.
    fn check_free(&self, path: &Path) -> Outcome<()> {
        self.check_dir(parent_dir(path))?;
        match self.exists(path) {
            true => Err(io::ErrorKind::AlreadyExists),
            false => Ok(()),
        }
    }

    fn inode(&self, path: &Path) -> Outcome<Inode> {
        match self.files.get(path) {
            Some(inode) => Ok(inode.clone()),
            None if self.dirs.contains(path) => Err(io::ErrorKind::IsADirectory),
            None => Err(io::ErrorKind::NotFound),
        }
    }

    fn add_name(&mut self, path: &Path, inode: Inode) -> Outcome<()> {
        self.check_free(path)?;
        self.files.insert(path.to_path_buf(), inode);
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> Outcome<()> {
        let inode = self.inode(from)?;
        self.check_dir(parent_dir(to))?;
        if self.dirs.contains(to) {
            return Err(io::ErrorKind::IsADirectory);
        }
        // As in POSIX: two names of one file both stay.
        if self.files.get(to).is_some_and(|other| Arc::ptr_eq(other, &inode)) {
            return Ok(());
        }
        self.files.remove(from);
        self.files.insert(to.to_path_buf(), inode);
        Ok(())
    }

    fn names_in(&self, dir: &Path) -> Outcome<Vec<PathBuf>> {
        self.check_dir(dir)?;
        let paths = self.files.keys().chain(&self.dirs);
        let children = paths.filter(|path| *path != dir && parent_dir(path) == dir);
        Ok(children.filter_map(|path| path.file_name()).map(PathBuf::from).collect())
    }
}

/// A file whose bytes are in memory.
#[derive(Clone, Debug)]
pub struct MemoryFile {
    path: PathBuf,
    bytes: Arc<[u8]>,
}

impl MemoryFile {
    /// A file of these bytes; `path` is what errors call it.
    pub fn new(path: impl Into<PathBuf>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { path: path.into(), bytes: bytes.into() }
    }
}

impl ReadFile for MemoryFile {
    fn path(&self) -> &Path {
        &self.path
    }

    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        let range =
            usize::try_from(offset).ok().and_then(|at| Some(at..at.checked_add(buf.len())?));
        let Some(bytes) = range.and_then(|range| self.bytes.get(range)) else {
            return Err(Error::data_loss(format!(
                "the file ends within the {} bytes read",
                buf.len()
            ))
            .in_file(&self.path)
            .at_offset(offset));
        };
        buf.copy_from_slice(bytes);
        Ok(())
    }

    fn map(&self) -> Result<Arc<Mapping>> {
        Err(Error::unsupported("a file in memory has no mapping").in_file(&self.path))
    }
}

#[derive(Debug)]
struct NewFile {
    inode: Inode,
    path: PathBuf,
}

impl WriteFile for NewFile {
    fn write_all_at(&self, data: &[u8], offset: u64) -> Result<()> {
        let start = usize::try_from(offset).ok();
        let Some((start, end)) = start.and_then(|at| Some((at, at.checked_add(data.len())?)))
        else {
            return Err(failed("write", &self.path, io::ErrorKind::FileTooLarge).at_offset(offset));
        };
        let mut content = lock(&self.inode);
        content.modified = SystemTime::now();
        let bytes = &mut content.bytes;
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[start..end].copy_from_slice(data);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }
}

/// A lock that a panic elsewhere does not take away: no state here is ever left
/// half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(action: &str, path: &Path, kind: io::ErrorKind) -> Error {
    Error::io(action, path, kind.into())
}

/// `path` without its `.` components; `.` itself where nothing else is left.
fn normal(path: &Path) -> PathBuf {
    let normal: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    if normal.as_os_str().is_empty() { PathBuf::from(".") } else { normal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::storage::LocalStorage;

    fn write(storage: &dyn Storage, path: &Path, bytes: &[u8]) -> Result<()> {
        storage.create(path)?.write_all_at(bytes, 0)
    }

    fn read(storage: &dyn Storage, path: &Path) -> Result<Vec<u8>> {
        let file = storage.open(path)?;
        let mut bytes = vec![0; file.len() as usize];
        file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    fn kind<T>(result: Result<T>) -> Option<ErrorKind> {
        result.err().map(|error| error.kind())
    }

    /// One run through every method, for both storages.
    fn exercise(storage: &dyn Storage, root: &Path) -> Result<()> {
        let at = |name: &str| root.join(name);
        storage.create_dir(&at("d"))?;
        assert_eq!(kind(storage.create_dir(&at("d"))), Some(ErrorKind::AlreadyExists));
        assert_eq!(kind(storage.create_dir(&at("e/f"))), Some(ErrorKind::NotFound));
        write(storage, &at("d/a"), b"one")?;
        assert_eq!(kind(storage.create(&at("d/a"))), Some(ErrorKind::AlreadyExists));
        assert_eq!(kind(storage.create(&at("e/a"))), Some(ErrorKind::NotFound));
        assert_eq!(kind(storage.open(&at("d"))), Some(ErrorKind::NotFound));
        assert_eq!(kind(storage.open(&at("d/b"))), Some(ErrorKind::NotFound));

        storage.hard_link(&at("d/a"), &at("d/b"))?;
        assert_eq!(kind(storage.hard_link(&at("d/a"), &at("d/b"))), Some(ErrorKind::AlreadyExists));
        storage.rename(&at("d/a"), &at("d/b"))?;
        assert!(storage.exists(&at("d/a"))?, "two names of one file both stay");
        write(storage, &at("c"), b"two")?;
        storage.rename(&at("c"), &at("d/b"))?;
        assert_eq!(read(storage, &at("d/b"))?, b"two");
        assert_eq!(read(storage, &at("d/./a"))?, b"one");
        assert_eq!(kind(storage.rename(&at("d/a"), &at("d"))), Some(ErrorKind::Io));
        assert_eq!(kind(storage.rename(&at("c"), &at("d/a"))), Some(ErrorKind::NotFound));

        let mut names = storage.list(&at("d"))?;
        names.sort();
        assert_eq!(names, [Path::new("a"), Path::new("b")]);
        assert_eq!(kind(storage.list(&at("e"))), Some(ErrorKind::NotFound));
        storage.sync_dir(&at("d"))?;
        storage.modified(&at("d"))?;
        assert!(storage.modified(&at("d/a"))?.elapsed().is_ok());
        assert_eq!(kind(storage.modified(&at("e"))), Some(ErrorKind::NotFound));
        let held = storage.try_lock(&at("d/a"))?;
        assert!(held.is_some());
        assert!(storage.try_lock(&at("d/a"))?.is_none(), "nobody else gets it");
        drop(held);
        assert!(storage.try_lock(&at("d/a"))?.is_some(), "until it is dropped");
        assert_eq!(kind(storage.try_lock(&at("e"))), Some(ErrorKind::NotFound));
        assert_eq!(kind(storage.remove_dir(&at("d"))), Some(ErrorKind::Io));
        assert_eq!(kind(storage.remove(&at("d"))), Some(ErrorKind::Io));
        storage.remove(&at("d/a"))?;
        storage.remove(&at("d/b"))?;
        assert_eq!(kind(storage.remove(&at("d/b"))), Some(ErrorKind::NotFound));
        storage.remove_dir(&at("d"))?;
        assert!(!storage.exists(&at("d"))?);
        Ok(())
    }

    #[test]
    fn it_behaves_as_the_disk_does() {
        let dir = tempfile::tempdir().unwrap();
        exercise(&LocalStorage, dir.path()).unwrap();
        exercise(&MemoryStorage::new(), Path::new("/")).unwrap();
        exercise(&MemoryStorage::new(), Path::new("")).unwrap();
    }

    #[test]
    fn writes_may_come_in_any_order() {
        let storage = MemoryStorage::new();
        let file = storage.create(Path::new("a")).unwrap();
        file.write_all_at(b"de", 3).unwrap();
        file.write_all_at(b"ab", 0).unwrap();
        file.sync().unwrap();
        assert_eq!(storage.bytes("./a").unwrap(), b"ab\0de");
        assert_eq!(kind(file.write_all_at(b"x", u64::MAX)), Some(ErrorKind::Io));
    }

    #[test]
    fn reads_stay_within_the_file() {
        let storage = MemoryStorage::new();
        storage.put("d/e/a", *b"abc");
        assert_eq!(storage.list(Path::new("d")).unwrap(), [Path::new("e")]);
        let file = storage.open(Path::new("d/e/a")).unwrap();
        let mut buf = [0; 2];
        file.read_exact_at(&mut buf, 1).unwrap();
        assert_eq!(&buf, b"bc");
        for offset in [2, u64::MAX] {
            let error = file.read_exact_at(&mut buf, offset).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (ErrorKind::DataLoss, Some(offset)));
        }
        assert_eq!(kind(file.map()), Some(ErrorKind::Unsupported));
    }
}
