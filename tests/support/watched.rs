//! A storage that notes what is done with it, and fails when it is told to.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::SystemTime;

use tfckpt::storage::{FileLock, Mapping, ReadFile, Storage, WriteFile};
use tfckpt::{Error, ErrorKind, Progress, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    Open,
    Read,
    Create,
    Write,
    Sync,
    Rename,
    HardLink,
    Remove,
    SyncFile,
    SyncDir,
    List,
    Exists,
    CreateDir,
    RemoveDir,
    Modified,
    TryLock,
    TryLockDir,
}

/// One call; offset and length are those of a read or a write.
#[derive(Clone, Debug)]
pub struct Call {
    pub op: Op,
    pub path: PathBuf,
    pub offset: u64,
    pub len: u64,
}

/// Which calls fail, counted from 0.
#[derive(Clone, Copy, Debug, Default)]
pub enum Failing {
    #[default]
    None,
    One(usize),
    AllFrom(usize),
    /// One, and later one and all after it.
    OneThenAllFrom(usize, usize),
    /// All reads and writes by other threads than this.
    NotOn(ThreadId),
}

/// A storage around another one. Clones share what they have noted.
#[derive(Clone, Debug)]
pub struct Watched {
    inner: Arc<dyn Storage>,
    calls: Calls,
}

#[derive(Clone, Debug, Default)]
struct Calls {
    failing: Failing,
    /// What is called off at which call.
    cancelling: Option<(usize, Progress)>,
    noted: Arc<Mutex<Vec<Call>>>,
}

impl Watched {
    pub fn new(inner: impl Storage + 'static, failing: Failing) -> Self {
        Self { inner: Arc::new(inner), calls: Calls { failing, ..Calls::default() } }
    }

    /// At call number `at` calls off what `progress` is of.
    pub fn cancelling(inner: impl Storage + 'static, at: usize, progress: &Progress) -> Self {
        let cancelling = Some((at, progress.clone()));
        Self { inner: Arc::new(inner), calls: Calls { cancelling, ..Calls::default() } }
    }

    /// All calls so far, which are then forgotten.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.noted.lock().unwrap())
    }

    /// Those of the calls so far that read.
    pub fn take_reads(&self) -> Vec<Call> {
        let mut calls = self.take_calls();
        calls.retain(|call| call.op == Op::Read);
        calls
    }
}

impl Calls {
    fn note(&self, op: Op, path: &Path) -> Result<()> {
        self.note_range(op, path, 0, 0)
    }

    fn note_range(&self, op: Op, path: &Path, offset: u64, len: u64) -> Result<()> {
        let mut noted = self.noted.lock().unwrap();
        let number = noted.len();
        if let Some((_, progress)) = self.cancelling.as_ref().filter(|(at, _)| *at == number) {
            progress.cancel();
        }
        noted.push(Call { op, path: path.to_path_buf(), offset, len });
        let fails = match self.failing {
            Failing::None => false,
            Failing::One(failing) => number == failing,
            Failing::AllFrom(first) => number >= first,
            Failing::OneThenAllFrom(one, first) => number == one || number >= first,
            Failing::NotOn(here) => {
                thread::current().id() != here && [Op::Read, Op::Write].contains(&op)
            }
        };
        if fails {
            return Err(Error::new(ErrorKind::Io, format!("{op:?} fails")).in_file(path));
        }
        Ok(())
    }
}

impl Storage for Watched {
    fn open(&self, path: &Path) -> Result<Arc<dyn ReadFile>> {
        self.calls.note(Op::Open, path)?;
        let file = self.inner.open(path)?;
        Ok(Arc::new(WatchedRead { file, calls: self.calls.clone() }))
    }

    fn create(&self, path: &Path) -> Result<Box<dyn WriteFile>> {
        self.calls.note(Op::Create, path)?;
        let file = self.inner.create(path)?;
        Ok(Box::new(WatchedWrite { file, path: path.to_path_buf(), calls: self.calls.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.calls.note(Op::Rename, from)?;
        self.inner.rename(from, to)
    }

    fn hard_link(&self, from: &Path, to: &Path) -> Result<()> {
        self.calls.note(Op::HardLink, from)?;
        self.inner.hard_link(from, to)
    }

    fn remove(&self, path: &Path) -> Result<()> {
        self.calls.note(Op::Remove, path)?;
        self.inner.remove(path)
    }

    fn sync_file(&self, path: &Path) -> Result<()> {
        self.calls.note(Op::SyncFile, path)?;
        self.inner.sync_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> Result<()> {
        self.calls.note(Op::SyncDir, dir)?;
        self.inner.sync_dir(dir)
    }

    fn list(&self, dir: &Path) -> Result<Vec<PathBuf>> {
        self.calls.note(Op::List, dir)?;
        self.inner.list(dir)
    }

    fn exists(&self, path: &Path) -> Result<bool> {
        self.calls.note(Op::Exists, path)?;
        self.inner.exists(path)
    }

    fn create_dir(&self, dir: &Path) -> Result<()> {
        self.calls.note(Op::CreateDir, dir)?;
        self.inner.create_dir(dir)
    }

    fn remove_dir(&self, dir: &Path) -> Result<()> {
        self.calls.note(Op::RemoveDir, dir)?;
        self.inner.remove_dir(dir)
    }

    fn modified(&self, path: &Path) -> Result<SystemTime> {
        self.calls.note(Op::Modified, path)?;
        self.inner.modified(path)
    }

    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn FileLock>>> {
        self.calls.note(Op::TryLock, path)?;
        self.inner.try_lock(path)
    }

    fn try_lock_dir(&self, dir: &Path) -> Result<Option<Box<dyn FileLock>>> {
        self.calls.note(Op::TryLockDir, dir)?;
        self.inner.try_lock_dir(dir)
    }
}

#[derive(Debug)]
struct WatchedRead {
    file: Arc<dyn ReadFile>,
    calls: Calls,
}

impl ReadFile for WatchedRead {
    fn path(&self) -> &Path {
        self.file.path()
    }

    fn len(&self) -> u64 {
        self.file.len()
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        self.calls.note_range(Op::Read, self.path(), offset, buf.len() as u64)?;
        self.file.read_exact_at(buf, offset)
    }

    fn map(&self) -> Result<Arc<Mapping>> {
        self.file.map()
    }
}

#[derive(Debug)]
struct WatchedWrite {
    file: Box<dyn WriteFile>,
    path: PathBuf,
    calls: Calls,
}

impl WriteFile for WatchedWrite {
    fn write_all_at(&self, data: &[u8], offset: u64) -> Result<()> {
        self.calls.note_range(Op::Write, &self.path, offset, data.len() as u64)?;
        self.file.write_all_at(data, offset)
    }

    fn sync(&self) -> Result<()> {
        self.calls.note(Op::Sync, &self.path)?;
        self.file.sync()
    }
}
