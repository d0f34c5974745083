//! Files that appear all together or not at all.
//!
//! Every file is written under a temporary name beside its target. [`commit`]
//! renames them, and last of all the *seal*: the one file, an index, without which
//! nobody looks at the others. So a crash at any instant leaves all or nothing.
//!
//! While a staging lives it holds the lock of a file beside its temporary files,
//! `.tfckpt-….lock`. That is how others know them from what a crash left.
//!
//! [`commit`]: Staging::commit

mod replace;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::replace::{Interim, Replacement};
use super::{FileLock, Storage, WriteFile, parent_dir, take_turn};
use crate::error::{Error, ErrorKind, Result};

/// Temporary files are called `.tfckpt-….tmp`: short, so that a target whose name
/// is as long as the file system allows can be written too.
pub(crate) const TEMPORARY_PREFIX: &str = ".tfckpt-";
pub(crate) const TEMPORARY_SUFFIX: &str = ".tmp";
/// The file whose lock says that the writer lives is `.tfckpt-….lock`, with the
/// token of the temporary files.
pub(crate) const LOCK_SUFFIX: &str = ".lock";

/// Files on their way to one directory. Dropped without [`commit`](Self::commit),
/// it removes them.
#[derive(Debug)]
pub(crate) struct Staging {
    storage: Arc<dyn Storage>,
    dir: PathBuf,
    token: u64,
    /// The file whose lock this staging has, and the lock; `None` where the file
    /// system has no locks.
    lock: Option<(PathBuf, Box<dyn FileLock>)>,
    names_used: u32,
    staged: Vec<Staged>,
    seal: Option<Staged>,
    interim: Option<Interim>,
    replacement: Replacement,
    /// What stood in the way of a commit that replaces: (where, where it is now).
    set_aside: Vec<(PathBuf, PathBuf)>,
    created_dirs: Vec<PathBuf>,
    /// From the look at what is there to the end of the commit. Released last.
    turn: Option<Box<dyn FileLock>>,
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
            token: 0,
            lock: None,
            names_used: 0,
            staged: Vec::new(),
            seal: None,
            interim: None,
            replacement: Replacement::default(),
            set_aside: Vec::new(),
            created_dirs: Vec::new(),
            turn: None,
            dir: dir.clone(),
        };
        staging.create_missing(&dir)?;
        staging.take_lock()?;
        Ok(staging)
    }

    /// Chooses a token, and takes the lock that goes with it.
    fn take_lock(&mut self) -> Result<()> {
        loop {
            self.token = RandomState::new().build_hasher().finish();
            let path = self.dir.join(format!("{TEMPORARY_PREFIX}{:016x}{LOCK_SUFFIX}", self.token));
            self.storage.create(&path)?;
            let locked = self.storage.try_lock(&path).and_then(|lock| {
                // Who collects garbage may have found the file before it was locked.
                Ok(if self.storage.exists(&path)? { lock } else { None })
            });
            match locked {
                Ok(Some(lock)) => {
                    self.lock = Some((path, lock));
                    return Ok(());
                }
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    self.storage.remove(&path)?;
                    return if error.kind() == ErrorKind::Unsupported {
                        Ok(())
                    } else {
                        Err(error)
                    };
                }
            }
        }
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
        self.staged.push(Staged::new(temporary, target));
        Ok(file)
    }

    /// Creates the seal, which the commit will call `target`.
    pub(crate) fn create_seal(&mut self, target: &Path) -> Result<Box<dyn WriteFile>> {
        let temporary = self.temporary_name();
        let file = self.storage.create(&temporary)?;
        self.seal = Some(Staged::new(temporary, target));
        Ok(file)
    }

    /// Gives the file `from` a second name that the commit will turn into `target`.
    pub(crate) fn link(&mut self, from: &Path, target: &Path) -> Result<()> {
        let temporary = self.temporary_name();
        self.storage.hard_link(from, &temporary)?;
        self.staged.push(Staged::new(temporary, target));
        Ok(())
    }

    /// Waits until no other writer gives files their names in this directory. What is
    /// there then stays so until the commit.
    pub(crate) fn take_turn(&mut self) -> Result<()> {
        self.turn = take_turn(self.storage.as_ref(), &self.dir)?;
        Ok(())
    }

    /// Gives all files their names, the seal when all others are known to be
    /// durable. Each file has been synced by whoever wrote it; `sync` says whether
    /// the names are to be synced too.
    ///
    /// `replaced` are files of an old checkpoint that goes away with this, its
    /// index first. It stays until this one takes its place, if there are hard links
    /// and, where new files have the names of its own, [an interim
    /// index](Self::create_interim); else it is put aside before, and removed at the
    /// end. So is whatever else has one of the names.
    ///
    /// When it fails, all is as before.
    pub(crate) fn commit(mut self, sync: bool, replaced: &[PathBuf]) -> Result<()> {
        let committed = self.can_switch(replaced).and_then(|can| match can {
            true => self.switch(sync),
            false => self.try_commit(sync, replaced),
        });
        if let Err(error) = committed {
            self.roll_back(sync);
            return Err(error);
        }
        self.tidy(replaced);
        for (_, aside) in self.set_aside.drain(..) {
            // The new files are durable; what stays of the old is for `gc`.
            let _ = self.storage.remove(&aside);
        }
        self.staged.clear();
        self.seal = None;
        self.created_dirs.clear();
        Ok(())
    }

    /// Gives all files their names, each in the place of what had it, in one step
    /// for each: nothing is ever missing. Files that belong together don't go this
    /// way, for others may see some of them renamed and some not.
    pub(crate) fn commit_over(mut self, sync: bool) -> Result<()> {
        for staged in &mut self.staged {
            staged.rename(self.storage.as_ref())?;
        }
        self.sync_names(sync)?;
        self.created_dirs.clear();
        Ok(())
    }

    fn try_commit(&mut self, sync: bool, replaced: &[PathBuf]) -> Result<()> {
        let targets: Vec<PathBuf> = self.files().map(|staged| staged.target.clone()).collect();
        for path in replaced.iter().chain(&targets) {
            self.put_aside(path)?;
        }
        if !self.set_aside.is_empty() {
            // An old index must not be there with new data.
            self.sync_names(sync)?;
        }
        for staged in &mut self.staged {
            staged.rename(self.storage.as_ref())?;
        }
        if let Some(seal) = &mut self.seal {
            // A file system is free to make renames durable in any order.
            sync_names(self.storage.as_ref(), &self.dir, &self.created_dirs, sync)?;
            seal.rename(self.storage.as_ref())?;
        }
        self.sync_names(sync)
    }

    fn files(&self) -> impl DoubleEndedIterator<Item = &Staged> {
        self.seal.iter().chain(&self.staged)
    }

    fn sync_names(&self, sync: bool) -> Result<()> {
        sync_names(self.storage.as_ref(), &self.dir, &self.created_dirs, sync)
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
    fn roll_back(&mut self, sync: bool) {
        self.switch_back(sync);
        for staged in self.seal.iter_mut().chain(&mut self.staged) {
            staged.rename_back(self.storage.as_ref());
        }
        self.put_back();
    }

    fn put_back(&mut self) {
        for (path, aside) in self.set_aside.drain(..).rev() {
            let _ = self.storage.rename(&aside, &path);
        }
    }
}

impl Staged {
    fn new(temporary: PathBuf, target: &Path) -> Self {
        Self { temporary, target: target.to_path_buf(), renamed: false }
    }

    fn rename(&mut self, storage: &dyn Storage) -> Result<()> {
        storage.rename(&self.temporary, &self.target)?;
        self.renamed = true;
        Ok(())
    }

    fn rename_back(&mut self, storage: &dyn Storage) {
        if self.renamed {
            self.renamed = storage.rename(&self.target, &self.temporary).is_err();
        }
    }
}

fn sync_names(storage: &dyn Storage, dir: &Path, created: &[PathBuf], sync: bool) -> Result<()> {
    if sync {
        storage.sync_dir(dir)?;
        created.iter().try_for_each(|dir| storage.sync_dir(parent_dir(dir)))?;
    }
    Ok(())
}

impl Drop for Staging {
    fn drop(&mut self) {
        for staged in self.files().filter(|staged| !staged.renamed) {
            let _ = self.storage.remove(&staged.temporary);
        }
        if let Some(interim) = &self.interim {
            interim.discard(self.storage.as_ref());
        }
        // Last, and while the lock is held: the others of this token are gone.
        if let Some((path, _lock)) = self.lock.take() {
            let _ = self.storage.remove(&path);
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
