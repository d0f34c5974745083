//! Where bytes live: files that are read by ranges, and files that are created
//! under a temporary name and committed by a rename.
//!
//! [`LocalStorage`] is the file system. The traits are the seam at which tests
//! count reads, record every step of a save and make any one of them fail.

mod atomic;
mod buffer;
mod fresh;
mod hints;
mod local;
mod lock;
mod mapping;
mod memory;
mod pages;
mod reserve;
mod staging;
mod turn;

pub use atomic::AtomicFile;
pub(crate) use buffer::Buffer;
pub use local::LocalStorage;
pub use mapping::Mapping;
pub use memory::{MemoryFile, MemoryStorage};
pub(crate) use pages::{are_untouched, room_for, zeros};
pub(crate) use reserve::Reserve;
pub(crate) use staging::{
    LOCK_SUFFIX, Staging, TEMPORARY_PREFIX, TEMPORARY_SUFFIX, refuse_existing,
};
pub(crate) use turn::take_turn;

use std::fmt::Debug;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::error::{Error, Result};

/// A file open for reading at any position, by any number of threads.
pub trait ReadFile: Debug + Send + Sync {
    /// The path it was opened under.
    fn path(&self) -> &Path;

    /// Its length in bytes when it was opened.
    fn len(&self) -> u64;

    /// Whether it had no bytes when it was opened.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buf` with the bytes from `offset` on.
    ///
    /// # Errors
    /// `DataLoss` where the file ends before `buf` is full, `Io` where the
    /// operating system refuses.
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> Result<()>;

    /// Appends the `len` bytes from `offset` on to `buf`, which then need not be cleared
    /// before. After an error there may be some of them.
    ///
    /// # Errors
    /// Those of [`read_exact_at`](Self::read_exact_at).
    fn append_exact_at(&self, buf: &mut Vec<u8>, len: usize, offset: u64) -> Result<()> {
        let at = buf.len();
        buf.resize(at.saturating_add(len), 0);
        self.read_exact_at(buf.get_mut(at..).unwrap_or_default(), offset)
    }

    /// Whether its path still leads to it: it was neither removed nor replaced since it
    /// was opened. Always so where a storage does not tell, which is the default.
    ///
    /// # Errors
    /// `Io`.
    fn is_current(&self) -> Result<bool> {
        Ok(true)
    }

    /// The `len` bytes from `offset` on where they are in memory already, if they are:
    /// then they need not be copied to be looked at.
    fn mapped(&self, offset: u64, len: usize) -> Option<&[u8]> {
        let _ = (offset, len);
        None
    }

    /// Maps the whole file into memory. See [`Mapping`] for what that risks.
    ///
    /// # Errors
    /// `Unsupported` where the storage has no mapping, `Io` where the operating
    /// system refuses.
    fn map(&self) -> Result<Arc<Mapping>>;
}

/// A file that is being written, by any number of threads. Dropping it neither syncs
/// nor removes it.
///
/// The methods that have a default are hints. What they can't do is left undone; if it
/// matters it shows in what follows.
pub trait WriteFile: Debug + Send + Sync {
    /// Writes all of `data` at byte `offset`.
    ///
    /// # Errors
    /// `Io`.
    fn write_all_at(&self, data: &[u8], offset: u64) -> Result<()>;

    /// The bytes of `range` are about to be written: room can be made for all of them
    /// at once. The file is no longer for that.
    fn allocate(&self, range: Range<u64>) {
        let _ = range;
    }

    /// Nothing will be written behind `len`: what was allocated there can be given back.
    fn end_allocation(&self, len: u64) {
        let _ = len;
    }

    /// The bytes of `range` were written and will not change, and
    /// [`sync`](Self::sync) is going to follow: they can go to stable storage meanwhile.
    fn start_write_back(&self, range: Range<u64>) {
        let _ = range;
    }

    /// Returns when every byte written is on stable storage.
    ///
    /// # Errors
    /// `Io`.
    fn sync(&self) -> Result<()>;
}

/// The lock of a file, held until this is dropped or the process ends, however
/// it ends.
pub trait FileLock: Debug + Send + Sync {}

/// A place that holds files and directories.
///
/// The errors of every method are `NotFound`, `AlreadyExists` or `Io`, with the
/// path and what was tried, unless it says otherwise.
pub trait Storage: Debug + Send + Sync {
    /// Opens a file for reading.
    fn open(&self, path: &Path) -> Result<Arc<dyn ReadFile>>;

    /// Creates a file that must not be there yet.
    fn create(&self, path: &Path) -> Result<Box<dyn WriteFile>>;

    /// Gives a file another name in the same file system, replacing what has
    /// that name.
    fn rename(&self, from: &Path, to: &Path) -> Result<()>;

    /// Gives a file a second name in the same file system.
    fn hard_link(&self, from: &Path, to: &Path) -> Result<()>;

    /// Removes a name of a file.
    fn remove(&self, path: &Path) -> Result<()>;

    /// Returns when the bytes of a file, whoever wrote them, are on stable storage.
    fn sync_file(&self, path: &Path) -> Result<()>;

    /// Returns when the names in `dir` are on stable storage.
    fn sync_dir(&self, dir: &Path) -> Result<()>;

    /// The names in `dir`, in no particular order.
    fn list(&self, dir: &Path) -> Result<Vec<PathBuf>>;

    /// Whether something, be it file or directory, has this name.
    fn exists(&self, path: &Path) -> Result<bool>;

    /// Creates `dir`, its parent being there.
    fn create_dir(&self, dir: &Path) -> Result<()>;

    /// Removes `dir`, which must be empty.
    fn remove_dir(&self, dir: &Path) -> Result<()>;

    /// When the bytes of a file, or the names in a directory, were last changed.
    fn modified(&self, path: &Path) -> Result<SystemTime>;

    /// Takes the lock of a file, unless somebody has it: `None` then, at once. The
    /// lock keeps nobody from anything but from taking it too.
    ///
    /// # Errors
    /// Also `Unsupported`, where the file system has no locks.
    fn try_lock(&self, path: &Path) -> Result<Option<Box<dyn FileLock>>>;

    /// Takes the lock of a directory, as [`try_lock`](Self::try_lock) takes that of a
    /// file. Writers hold it while they give files their names, so that those of one
    /// directory do it one after the other.
    ///
    /// # Errors
    /// Also `Unsupported`, where there are no such locks; that is the default.
    fn try_lock_dir(&self, dir: &Path) -> Result<Option<Box<dyn FileLock>>> {
        Err(Error::unsupported("directories have no locks here").in_file(dir))
    }
}

/// The directory that holds `path`; `.` for a bare name.
pub(crate) fn parent_dir(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}
