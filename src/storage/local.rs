//! The local file system, by positioned reads and writes.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::fresh;
use super::hints;
use super::lock::{self, Locked};
use super::{FileLock, Mapping, ReadFile, Storage, WriteFile};
use crate::error::{Error, Result};
use crate::shown::shown_path;

/// The local file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalStorage;

impl LocalStorage {
    /// As the shared handle that options take.
    pub fn shared() -> Arc<dyn Storage> {
        Arc::new(Self)
    }
}

impl Storage for LocalStorage {
    fn open(&self, path: &Path) -> Result<Arc<dyn ReadFile>> {
        let failed = |error| not_there("open", path, error);
        // To open a device may do something, and wake who writes to a FIFO.
        refuse_special(path, &fs::metadata(path).map_err(failed)?)?;
        // It may have become a FIFO, the opening of which would wait for a writer. Miri has none.
        let flags = if cfg!(miri) { 0 } else { libc::O_NONBLOCK };
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        refuse_special(path, &metadata)?;
        Ok(Arc::new(LocalFile { file, path: path.to_path_buf(), metadata }))
    }

    fn create(&self, path: &Path) -> Result<Box<dyn WriteFile>> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .map_err(|error| Error::io("create", path, error))?;
        Ok(Box::new(NewFile { file, path: path.to_path_buf() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        fs::rename(from, to)
            .map_err(|error| Error::io(&format!("rename to {}", shown_path(to)), from, error))
    }

    fn hard_link(&self, from: &Path, to: &Path) -> Result<()> {
        fs::hard_link(from, to)
            .map_err(|error| Error::io(&format!("link as {}", shown_path(to)), from, error))
    }

    fn remove(&self, path: &Path) -> Result<()> {
        fs::remove_file(path).map_err(|error| Error::io("remove", path, error))
    }

    fn sync_file(&self, path: &Path) -> Result<()> {
        let failed = |error| Error::io("sync", path, error);
        File::open(path).map_err(failed)?.sync_all().map_err(failed)
    }

    fn sync_dir(&self, dir: &Path) -> Result<()> {
        let failed = |error| Error::io("sync", dir, error);
        File::open(dir).map_err(failed)?.sync_all().map_err(failed)
    }

    fn list(&self, dir: &Path) -> Result<Vec<PathBuf>> {
        let failed = |error| not_there("list", dir, error);
        uninterrupted(|| fs::read_dir(dir))
            .map_err(failed)?
            .map(|entry| entry.map(|entry| entry.file_name().into()).map_err(failed))
            .collect()
    }

    fn exists(&self, path: &Path) -> Result<bool> {
        match path.try_exists() {
            Err(error) if is_impossible(&error) => Ok(false),
            looked_up => looked_up.map_err(|error| Error::io("look up", path, error)),
        }
    }

    fn create_dir(&self, dir: &Path) -> Result<()> {
        fs::create_dir(dir).map_err(|error| Error::io("create directory", dir, error))
    }

    fn remove_dir(&self, dir: &Path) -> Result<()> {
        fs::remove_dir(dir).map_err(|error| Error::io("remove directory", dir, error))
    }

    fn modified(&self, path: &Path) -> Result<SystemTime> {
        fs::metadata(path)
            .and_then(|metadata| metadata.modified())
            .map_err(|error| Error::io("look up the time of", path, error))
    }

    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn FileLock>>> {
        let failed = |error| Error::io("lock", path, error);
        // Network file systems lock only what is open for writing.
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
        lock_of(file, path)
    }

    fn try_lock_dir(&self, dir: &Path) -> Result<Option<Box<dyn FileLock>>> {
        lock_of(File::open(dir).map_err(|error| not_there("lock", dir, error))?, dir)
    }
}

/// Makes a call again that a signal came between, as the standard library does with most.
fn uninterrupted<T>(call: impl Fn() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// The lock of an open file or directory.
fn lock_of(file: File, path: &Path) -> Result<Option<Box<dyn FileLock>>> {
    match lock::try_lock(file) {
        Ok(Locked::Yes(lock)) => Ok(Some(Box::new(lock))),
        Ok(Locked::BySomebody) => Ok(None),
        Ok(Locked::NoLocks) => {
            Err(Error::unsupported("the file system has no locks").in_file(path))
        }
        Err(error) => Err(Error::io("lock", path, error)),
    }
}

/// Directories, devices, FIFOs and sockets are no files to read from.
fn refuse_special(path: &Path, metadata: &fs::Metadata) -> Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let kind = if metadata.is_dir() { "a directory, " } else { "" };
    Err(Error::not_found(format!("{kind}not a regular file")).in_file(path))
}

/// Whether nothing can be at a path: a file stands where a directory would have to
/// be, a link leads to itself, or the path has a NUL in it or is too long. Other files
/// name such paths.
fn is_impossible(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotADirectory | io::ErrorKind::InvalidInput)
        || matches!(error.raw_os_error(), Some(libc::ENAMETOOLONG | libc::ELOOP))
}

/// The error about a file that was looked for.
fn not_there(action: &str, path: &Path, error: io::Error) -> Error {
    match is_impossible(&error) {
        true => Error::not_found(format!("cannot {action}: {error}")).in_file(path),
        false => Error::io(action, path, error),
    }
}

#[derive(Debug)]
struct LocalFile {
    file: File,
    path: PathBuf,
    /// As it was opened.
    metadata: fs::Metadata,
}

impl LocalFile {
    fn not_read(&self, error: io::Error, len: usize, offset: u64) -> Error {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                Error::data_loss(format!("the file ends within the {len} bytes read"))
                    .in_file(&self.path)
            }
            _ => Error::io("read", &self.path, error),
        }
        .at_offset(offset)
    }
}

impl ReadFile for LocalFile {
    fn path(&self) -> &Path {
        &self.path
    }

    fn len(&self) -> u64 {
        self.metadata.len()
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        let read = self.file.read_exact_at(buf, offset);
        read.map_err(|error| self.not_read(error, buf.len(), offset))
    }

    fn append_exact_at(&self, buf: &mut Vec<u8>, len: usize, offset: u64) -> Result<()> {
        let read = fresh::append_exact_at(&self.file, buf, len, offset);
        read.map_err(|error| self.not_read(error, len, offset))
    }

    fn is_current(&self) -> Result<bool> {
        let own = &self.metadata;
        match fs::metadata(&self.path) {
            Ok(there) => Ok((there.dev(), there.ino()) == (own.dev(), own.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound || is_impossible(&error) => {
                Ok(false)
            }
            Err(error) => Err(Error::io("look up", &self.path, error)),
        }
    }

    fn map(&self) -> Result<Arc<Mapping>> {
        Mapping::of_file(&self.file)
            .map(Arc::new)
            .map_err(|error| Error::io("map", &self.path, error))
    }
}

#[derive(Debug)]
struct NewFile {
    file: File,
    path: PathBuf,
}

impl WriteFile for NewFile {
    fn write_all_at(&self, data: &[u8], offset: u64) -> Result<()> {
        self.file
            .write_all_at(data, offset)
            .map_err(|error| Error::io("write", &self.path, error).at_offset(offset))
    }

    fn allocate(&self, range: Range<u64>) {
        hints::allocate(&self.file, range);
    }

    fn end_allocation(&self, len: u64) {
        // The file ends there, so of its bytes none goes.
        if self.file.metadata().is_ok_and(|metadata| metadata.len() == len) {
            let _ = self.file.set_len(len);
        }
    }

    fn start_write_back(&self, range: Range<u64>) {
        hints::start_write_back(&self.file, range);
    }

    fn sync(&self) -> Result<()> {
        self.file.sync_all().map_err(|error| Error::io("sync", &self.path, error))
    }
}
