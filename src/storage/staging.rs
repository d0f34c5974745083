//! Files that appear all together or not at all.
//!
//! Every file is written under a temporary name beside its target. [`commit`]
//! renames them, the last one last: that one, the index, makes the others
//! visible, so a crash at any instant leaves either all of them or none that a
//! reader would look at.
//!
//! [`commit`]: Staging::commit

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Storage, WriteFile, parent_dir};
use crate::error::{Error, ErrorKind, Result};

/// Temporary files are called `.tfckpt-….tmp`: short, so that a target whose name
/// is as long as the file system allows can be written too.
pub(crate) const TEMPORARY_PREFIX: &str = ".tfckpt-";
pub(crate) const TEMPORARY_SUFFIX: &str = ".tmp";

/// Files on their way to one directory. Dropped without [`commit`](Self::commit),
/// it removes them.
#[derive(Debug)]
pub(crate) struct Staging {
    storage: Arc<dyn Storage>,
    dir: PathBuf,
    token: u64,
    names_used: u32,
    staged: Vec<Staged>,
    /// What stood in the way of a commit that replaces: (where, where it is now).
    set_aside: Vec<(PathBuf, PathBuf)>,
    created_dirs: Vec<PathBuf>,
}

#[derive(Debug)]
struct Staged {
    temporary: PathBuf,
    target: PathBuf,
    renamed: bool,
}

impl Staging {
    /// Files for the directory of `path`, which is created where it is missing.
    pub(crate) fn beside(storage: Arc<dyn Storage>, path: &Path) -> Result<Self> {
        let dir = parent_dir(path).to_path_buf();
        let mut staging = Self {
            storage,
            token: RandomState::new().build_hasher().finish(),
            names_used: 0,
            staged: Vec::new(),
            set_aside: Vec::new(),
            created_dirs: Vec::new(),
            dir: dir.clone(),
        };
        staging.create_missing(&dir)?;
        Ok(staging)
    }

    fn create_missing(&mut self, dir: &Path) -> Result<()> {
        if self.storage.exists(dir)? {
            return Ok(());
        }
        self.create_missing(parent_dir(dir))?;
        match self.storage.create_dir(dir) {
            Ok(()) => self.created_dirs.push(dir.to_path_buf()),
            // Somebody else was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn temporary_name(&mut self) -> PathBuf {
        self.names_used += 1;
        let (token, number) = (self.token, self.names_used);
        self.dir.join(format!("{TEMPORARY_PREFIX}{token:016x}-{number}{TEMPORARY_SUFFIX}"))
    }

    /// Creates a file that the commit will call `target`.
    pub(crate) fn create(&mut self, target: &Path) -> Result<Box<dyn WriteFile>> {
        let temporary = self.temporary_name();
        let file = self.storage.create(&temporary)?;
        self.stage(temporary, target);
        Ok(file)
    }

    /// Gives the file `from` a second name that the commit will turn into `target`.
    pub(crate) fn link(&mut self, from: &Path, target: &Path) -> Result<()> {
        let temporary = self.temporary_name();
        self.storage.hard_link(from, &temporary)?;
        self.stage(temporary, target);
        Ok(())
    }

    fn stage(&mut self, temporary: PathBuf, target: &Path) {
        self.staged.push(Staged { temporary, target: target.to_path_buf(), renamed: false });
    }

    /// Gives all files their names, the last of them after all others are known
    /// to be durable. Each file has been synced by whoever wrote it; `sync` says
    /// whether the names are to be synced too.
    ///
    /// `replaced` are files of an old checkpoint that goes away with this, its
    /// index first. They, and whatever else has one of the names, are put aside
    /// before and removed at the end.
    ///
    /// When it fails, all is as before.
    pub(crate) fn commit(mut self, sync: bool, replaced: &[PathBuf]) -> Result<()> {
        if let Err(error) = self.try_commit(sync, replaced) {
            self.roll_back();
            return Err(error);
        }
        for (_, aside) in self.set_aside.drain(..) {
            // The new files are durable; what stays of the old is for `gc`.
            let _ = self.storage.remove(&aside);
        }
        self.staged.clear();
        self.created_dirs.clear();
        Ok(())
    }

    fn try_commit(&mut self, sync: bool, replaced: &[PathBuf]) -> Result<()> {
        let targets: Vec<PathBuf> =
            self.staged.iter().map(|staged| staged.target.clone()).collect();
        for path in replaced.iter().chain(&targets) {
            self.put_aside(path)?;
        }
        if sync && !self.set_aside.is_empty() {
            // An old index must not be there with new data.
            self.storage.sync_dir(&self.dir)?;
        }
        let count = self.staged.len();
        for (number, staged) in self.staged.iter_mut().enumerate() {
            // A file system is free to make renames durable in any order: the
            // index must not be there before its data.
            if sync && number + 1 == count && count > 1 {
                self.storage.sync_dir(&self.dir)?;
            }
            self.storage.rename(&staged.temporary, &staged.target)?;
            staged.renamed = true;
        }
        if sync { self.sync_names() } else { Ok(()) }
    }

    fn sync_names(&self) -> Result<()> {
        self.storage.sync_dir(&self.dir)?;
        for dir in &self.created_dirs {
            self.storage.sync_dir(parent_dir(dir))?;
        }
        Ok(())
    }

    fn put_aside(&mut self, path: &Path) -> Result<()> {
        if !self.storage.exists(path)? {
            return Ok(());
        }
        let aside = self.temporary_name();
        self.storage.rename(path, &aside)?;
        self.set_aside.push((path.to_path_buf(), aside));
        Ok(())
    }

    /// Takes back what a failed commit did, as far as the file system lets it.
    fn roll_back(&mut self) {
        for staged in self.staged.iter_mut().rev().filter(|staged| staged.renamed) {
            staged.renamed = self.storage.rename(&staged.target, &staged.temporary).is_err();
        }
        for (path, aside) in self.set_aside.drain(..).rev() {
            let _ = self.storage.rename(&aside, &path);
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        for staged in self.staged.iter().filter(|staged| !staged.renamed) {
            let _ = self.storage.remove(&staged.temporary);
        }
        for dir in self.created_dirs.iter().rev() {
            // Fails where somebody has put something into it meanwhile.
            let _ = self.storage.remove_dir(dir);
        }
    }
}

/// Refuses to go on where `path` is there already.
pub(crate) fn refuse_existing(storage: &dyn Storage, path: &Path) -> Result<()> {
    if storage.exists(path)? {
        return Err(Error::new(ErrorKind::AlreadyExists, "is there already").in_file(path));
    }
    Ok(())
}
