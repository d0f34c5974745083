//! One file that appears whole or not at all.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::staging::{Staging, refuse_existing};
use super::{Storage, WriteFile};
use crate::error::Result;

/// A file being written that appears under its name whole, or not at all.
///
/// Until [`commit`](AtomicFile::commit) returns it has a temporary name beside that.
/// Dropped before, it leaves nothing behind; what a crash leaves is for
/// [`gc`](crate::checkpoint::gc). Nothing is ever overwritten.
#[derive(Debug)]
pub struct AtomicFile {
    // Before the staging, which removes it: a file is closed first.
    file: Box<dyn WriteFile>,
    staging: Staging,
    storage: Arc<dyn Storage>,
    path: PathBuf,
}

impl AtomicFile {
    /// Begins the file that will be at `path`. Directories that are missing are
    /// created.
    ///
    /// # Errors
    /// `AlreadyExists` where something is at `path` already; `Io`.
    pub fn create(storage: Arc<dyn Storage>, path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_path_buf();
        refuse_existing(storage.as_ref(), &path)?;
        let mut staging = Staging::beside(storage.clone(), &path)?;
        let file = staging.create(&path)?;
        Ok(Self { file, staging, storage, path })
    }

    /// Gives the file its name, when its bytes are on stable storage.
    ///
    /// # Errors
    /// `AlreadyExists` where something has appeared at the path meanwhile; `Io`.
    /// Nothing is left behind then.
    pub fn commit(mut self) -> Result<()> {
        self.file.sync()?;
        drop(self.file);
        self.staging.take_turn()?;
        refuse_existing(self.storage.as_ref(), &self.path)?;
        self.staging.commit(true, &[])
    }
}

impl WriteFile for AtomicFile {
    fn write_all_at(&self, data: &[u8], offset: u64) -> Result<()> {
        self.file.write_all_at(data, offset)
    }

    fn allocate(&self, range: Range<u64>) {
        self.file.allocate(range);
    }

    fn end_allocation(&self, len: u64) {
        self.file.end_allocation(len);
    }

    fn start_write_back(&self, range: Range<u64>) {
        self.file.start_write_back(range);
    }

    fn sync(&self) -> Result<()> {
        self.file.sync()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::storage::MemoryStorage;

    #[test]
    fn it_is_there_when_it_is_whole() {
        let storage = MemoryStorage::new();
        let file = AtomicFile::create(Arc::new(storage.clone()), "new/dir/a").unwrap();
        file.write_all_at(b"..c", 0).unwrap();
        file.write_all_at(b"ab", 0).unwrap();
        assert_eq!(storage.bytes("new/dir/a"), None);
        file.commit().unwrap();
        assert_eq!(storage.bytes("new/dir/a").unwrap(), b"abc");
        assert_eq!(storage.list(Path::new("new/dir")).unwrap(), [Path::new("a")]);
    }

    #[test]
    fn without_commit_nothing_stays() {
        let storage = MemoryStorage::new();
        let file = AtomicFile::create(Arc::new(storage.clone()), "new/a").unwrap();
        file.write_all_at(b"abc", 0).unwrap();
        drop(file);
        assert!(!storage.exists(Path::new("new")).unwrap());
    }

    #[test]
    fn nothing_is_overwritten() {
        let storage = MemoryStorage::new();
        storage.put("there", "old");
        let create = |path| AtomicFile::create(Arc::new(storage.clone()), path);
        assert_eq!(create("there").unwrap_err().kind(), ErrorKind::AlreadyExists);
        let file = create("late").unwrap();
        storage.put("late", "somebody else's");
        assert_eq!(file.commit().unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(storage.bytes("late").unwrap(), b"somebody else's");
        assert_eq!(storage.list(Path::new(".")).unwrap().len(), 2);
    }
}
