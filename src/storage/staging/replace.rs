//! A checkpoint in the place of another: at every instant one of the two is there, whole.
//!
//! The new data come first, then the new index in the place of the old, in one step; then
//! the old data go. Where new data have the names of old an interim index goes between,
//! which knows the new data by other names:
//!
//! ```text
//! index    old │ old        │ interim    │ interim  │ new        │ new
//! data     old │ old + other│ old + other│ new + other           │ new
//! ```
//!
//! That takes hard links. Where there are none the old checkpoint is put aside first.

use std::io;
use std::path::{Path, PathBuf};

use super::{Staged, Staging};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::{Storage, WriteFile};

/// What stands at the prefix while data files change.
#[derive(Debug)]
pub(super) struct Interim {
    index: Staged,
    /// Of each data file, by the name that it will have, the other one.
    names: Vec<(PathBuf, PathBuf)>,
    /// Data files without bytes, for its index has more of them.
    empty: Vec<PathBuf>,
}

/// What has come about of a replacement, to be taken back if it fails.
#[derive(Debug, Default)]
pub(super) struct Replacement {
    /// A second name of the old index.
    kept: Option<PathBuf>,
    /// A second name of the interim index, when the first has become the index.
    interim: Option<PathBuf>,
    /// Whether another index has taken its place.
    switched: bool,
    /// Other names of data files, as far as they are there.
    others: Vec<PathBuf>,
}

impl Staging {
    /// Creates the interim index of a commit that replaces: it must name data file by
    /// data file what `names` calls them, besides `empty` ones. Nothing may have one of
    /// these names.
    pub(crate) fn create_interim(
        &mut self,
        target: &Path,
        names: Vec<(PathBuf, PathBuf)>,
        empty: Vec<PathBuf>,
    ) -> Result<Box<dyn WriteFile>> {
        let temporary = self.temporary_name();
        let file = self.storage.create(&temporary)?;
        self.interim = Some(Interim { index: Staged::new(temporary, target), names, empty });
        Ok(file)
    }

    /// Whether the old checkpoint can stay until the new one takes its place.
    ///
    /// # Errors
    /// `Io`.
    pub(super) fn can_switch(&mut self, replaced: &[PathBuf]) -> Result<bool> {
        let (Some(seal), Some((index, data))) = (&self.seal, replaced.split_first()) else {
            return Ok(false);
        };
        let clash = || self.staged.iter().any(|staged| data.contains(&staged.target));
        // Of an index that can't be read it is not known which data files are its own.
        let data_known = !data.is_empty() || self.staged.is_empty();
        let possible = *index == seal.target && data_known && (self.interim.is_some() || !clash());
        if possible { self.keep_index(index) } else { Ok(false) }
    }

    fn keep_index(&mut self, index: &Path) -> Result<bool> {
        let kept = self.temporary_name();
        match self.storage.hard_link(index, &kept) {
            Ok(()) => self.replacement.kept = Some(kept),
            Err(error) if has_no_links(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Puts the new checkpoint in the place of the old one.
    pub(super) fn switch(&mut self, sync: bool) -> Result<()> {
        match self.interim.take() {
            None => self.rename_data()?,
            Some(mut interim) => {
                let switched = self.switch_to_interim(&mut interim, sync);
                self.interim = Some(interim);
                switched?;
                self.rename_data()?;
            }
        }
        self.sync_names(sync)?;
        if let Some(seal) = &mut self.seal {
            seal.rename(self.storage.as_ref())?;
            self.replacement.switched = true;
        }
        self.sync_names(sync)
    }

    fn switch_to_interim(&mut self, interim: &mut Interim, sync: bool) -> Result<()> {
        for staged in &self.staged {
            for (_, other) in interim.names.iter().filter(|(name, _)| *name == staged.target) {
                self.storage.hard_link(&staged.temporary, other)?;
                self.replacement.others.push(other.clone());
            }
        }
        for empty in &interim.empty {
            self.storage.create(empty)?;
            self.replacement.others.push(empty.clone());
        }
        let again = self.temporary_name();
        self.storage.hard_link(&interim.index.temporary, &again)?;
        self.replacement.interim = Some(again);
        self.sync_names(sync)?;
        interim.index.rename(self.storage.as_ref())?;
        self.replacement.switched = true;
        self.sync_names(sync)
    }

    fn rename_data(&mut self) -> Result<()> {
        for at in 0..self.staged.len() {
            let target = self.staged[at].target.clone();
            self.put_aside(&target)?;
            self.staged[at].rename(self.storage.as_ref())?;
        }
        Ok(())
    }

    /// Removes what the new checkpoint does not need.
    pub(super) fn tidy(&mut self, replaced: &[PathBuf]) {
        if let Some(interim) = self.interim.take() {
            interim.discard(self.storage.as_ref());
        }
        let replacement = std::mem::take(&mut self.replacement);
        let Some(kept) = replacement.kept else { return };
        let is_new = |path: &&PathBuf| self.files().any(|staged| staged.target == **path);
        let old = replaced.iter().filter(|path| !is_new(path));
        let names = std::iter::once(&kept).chain(&replacement.interim).chain(&replacement.others);
        for path in names.chain(old) {
            let _ = self.storage.remove(path);
        }
    }

    /// Takes back a replacement that failed, by the same steps: at every instant an index
    /// stands there whose data do.
    pub(super) fn switch_back(&mut self, sync: bool) {
        let replacement = std::mem::take(&mut self.replacement);
        let (Some(kept), Some(seal)) = (replacement.kept, &mut self.seal) else { return };
        let storage = self.storage.clone();
        let index = seal.target.clone();
        if seal.renamed {
            // In one step over the new one, which is gone then.
            let before = replacement.interim.as_ref().unwrap_or(&kept);
            seal.renamed = storage.rename(before, &index).is_err();
        }
        if seal.renamed {
            // Its data must stay.
            self.forget();
            return;
        }
        let _ = self.sync_names(sync);
        self.staged.iter_mut().for_each(|staged| staged.rename_back(storage.as_ref()));
        self.put_back();
        if replacement.switched {
            let _ = self.sync_names(sync);
            let _ = storage.rename(&kept, &index);
            let _ = self.sync_names(sync);
        }
        // What has become the index has this name no more.
        for path in std::iter::once(&kept).chain(&replacement.interim).chain(&replacement.others) {
            let _ = storage.remove(path);
        }
    }

    /// Leaves everything as it is.
    fn forget(&mut self) {
        self.staged.clear();
        self.set_aside.clear();
    }
}

impl Interim {
    /// Removes its index, if that has not gone to its place.
    pub(super) fn discard(&self, storage: &dyn Storage) {
        if !self.index.renamed {
            let _ = storage.remove(&self.index.temporary);
        }
    }
}

/// Whether the file system has no hard links, or not of this file.
fn has_no_links(error: &Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref());
    let errno = source.and_then(io::Error::raw_os_error);
    let none = [libc::EPERM, libc::ENOTSUP, libc::ENOSYS, libc::EMLINK, libc::EXDEV];
    error.kind() == ErrorKind::Unsupported || errno.is_some_and(|errno| none.contains(&errno))
}
