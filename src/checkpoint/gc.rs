//! What writers that came to no good end have left in a directory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::files::{decimal, file_name};
use super::orphans::orphans;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::{
    FileLock, LOCK_SUFFIX, LocalStorage, Storage, TEMPORARY_PREFIX, TEMPORARY_SUFFIX, take_turn,
};

/// From when on what nobody vouches for is taken to be forgotten, unless something
/// else is said: no save takes a day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What [`gc`] removes.
#[derive(Clone, Debug)]
pub struct GcOptions {
    /// Where the files are. Default: the local file system.
    pub storage: Arc<dyn Storage>,
    /// Whether to remove, too, what saves of TensorFlow have left: `*.tempstate…`,
    /// `checkpoint.tmp…` and directories of parts that were never merged, `*_temp`
    /// and `*_temp_…`. TensorFlow does not tell whether it is still at work on them,
    /// so their age decides. Default: no.
    pub tensorflow: bool,
    /// Whether to remove, too, data files that no index names, `*.data-SSSSS-of-NNNNN`:
    /// what a save, a replacement or a removal leaves that a crash cut off between data
    /// and index. They may as well be of another program's save, or of a download, whose
    /// index is still to come, so their age decides. Default: no.
    pub orphans: bool,
    /// How long ago a file must have been written last, if nothing else tells whether
    /// its writer lives. That is so for TensorFlow's files, for
    /// orphans, and for ours where the file system has no locks. Default: a day.
    pub min_age: Duration,
    /// Whether to say only what would be removed. Default: no.
    pub dry_run: bool,
}

impl Default for GcOptions {
    fn default() -> Self {
        Self {
            storage: LocalStorage::shared(),
            tensorflow: false,
            orphans: false,
            min_age: DAY,
            dry_run: false,
        }
    }
}

/// What [`gc`] did.
#[derive(Debug, Default)]
pub struct Collected {
    /// What was removed, or would be.
    pub removed: Vec<PathBuf>,
    /// Files of writers that live.
    pub in_use: Vec<PathBuf>,
    /// Files too young to say that they are forgotten.
    pub too_young: Vec<PathBuf>,
    /// What could not be looked at or removed, and why.
    pub problems: Vec<Error>,
}

/// Removes the temporary files in `dir` that no writer will ever finish. A writer
/// holds a lock as long as it lives, and a crash releases it; so files are removed
/// at once when they are stale, and never under a writer's hands. Checkpoints, whole
/// or not, are not touched, but for their orphans where that is asked for.
///
/// # Errors
/// `NotFound` where there is no such directory; `Io`.
pub fn gc(dir: impl AsRef<Path>, options: &GcOptions) -> Result<Collected> {
    let dir = dir.as_ref();
    let mut names = options.storage.list(dir)?;
    names.sort();
    let mut sweep = Sweep {
        storage: options.storage.as_ref(),
        options,
        now: SystemTime::now(),
        collected: Collected::default(),
    };
    for (token, files) in by_token(&names) {
        let files = files.iter().map(|name| dir.join(name)).collect();
        let own = sweep.own(&dir.join(lock_name(token)), files);
        sweep.note(own);
    }
    if options.tensorflow {
        for name in &names {
            let foreign = sweep.foreign(dir, name);
            sweep.note(foreign);
        }
    }
    if options.orphans {
        let orphans = sweep.orphans(dir);
        sweep.note(orphans);
    }
    Ok(sweep.collected)
}

/// The names of our temporary files, lock files left out, by the token of the writer.
fn by_token(names: &[PathBuf]) -> BTreeMap<&[u8], Vec<&PathBuf>> {
    let mut tokens: BTreeMap<&[u8], Vec<&PathBuf>> = BTreeMap::new();
    for name in names {
        let Some(rest) = file_name(name).strip_prefix(TEMPORARY_PREFIX.as_bytes()) else {
            continue;
        };
        if let Some(token) = rest.strip_suffix(LOCK_SUFFIX.as_bytes()) {
            tokens.entry(token).or_default();
        } else if let Some(rest) = rest.strip_suffix(TEMPORARY_SUFFIX.as_bytes()) {
            if let Some(at) = rest.iter().rposition(|&byte| byte == b'-') {
                tokens.entry(&rest[..at]).or_default().push(name);
            }
        }
    }
    tokens
}

fn lock_name(token: &[u8]) -> PathBuf {
    let name = [TEMPORARY_PREFIX.as_bytes(), token, LOCK_SUFFIX.as_bytes()].concat();
    OsString::from_vec(name).into()
}

/// What the lock of a writer tells.
enum Writer {
    Lives,
    /// It is gone, and its lock is ours.
    Gone(Box<dyn FileLock>),
    /// It took no lock, or there are none.
    Unknown,
}

struct Sweep<'a> {
    storage: &'a dyn Storage,
    options: &'a GcOptions,
    now: SystemTime,
    collected: Collected,
}

impl Sweep<'_> {
    /// Our own files, those of one writer.
    fn own(&mut self, lock: &Path, files: Vec<PathBuf>) -> Result<()> {
        match self.writer(lock)? {
            Writer::Lives => self.collected.in_use.extend(files),
            Writer::Gone(_held) => {
                let problems_before = self.collected.problems.len();
                files.into_iter().for_each(|file| self.remove(file));
                // Last, and not while there are others: it tells who they are of.
                if self.collected.problems.len() == problems_before {
                    self.remove(lock.to_path_buf());
                }
            }
            Writer::Unknown => self.remove_if_old(files)?,
        }
        Ok(())
    }

    fn writer(&self, lock: &Path) -> Result<Writer> {
        match self.storage.try_lock(lock) {
            Ok(Some(held)) => Ok(Writer::Gone(held)),
            Ok(None) => Ok(Writer::Lives),
            Err(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::Unsupported => Ok(Writer::Unknown),
                _ => Err(error),
            },
        }
    }

    /// What a save of TensorFlow may have left under `name`.
    fn foreign(&mut self, dir: &Path, name: &Path) -> Result<()> {
        let path = dir.join(name);
        if is_tensorflow_file(file_name(name)) {
            self.remove_if_old(vec![path])
        } else if is_tensorflow_dir(file_name(name)) {
            self.remove_parts(path)
        } else {
            Ok(())
        }
    }

    /// Data files that no index names, of now: none of our writers is between the two.
    fn orphans(&mut self, dir: &Path) -> Result<()> {
        let _turn = take_turn(self.storage, dir)?;
        let mut names = self.storage.list(dir)?;
        names.sort();
        for files in orphans(self.storage, dir, &names)? {
            self.remove_if_old(files)?;
        }
        Ok(())
    }

    /// A directory of parts of a checkpoint, if it has nothing else in it.
    fn remove_parts(&mut self, dir: PathBuf) -> Result<()> {
        // A file of this name is none of TensorFlow's.
        let Ok(mut names) = self.storage.list(&dir) else { return Ok(()) };
        names.sort();
        if !names.iter().all(|name| file_name(name).starts_with(b"part-")) {
            return Ok(());
        }
        let mut files: Vec<PathBuf> = names.iter().map(|name| dir.join(name)).collect();
        files.push(dir);
        self.remove_if_old(files)
    }

    /// Removes files that belong together, if all of them are old. A directory comes
    /// last.
    fn remove_if_old(&mut self, files: Vec<PathBuf>) -> Result<()> {
        for file in &files {
            match self.storage.modified(file) {
                Ok(modified) if self.is_old(modified) => {}
                Ok(_) => {
                    self.collected.too_young.extend(files);
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        files.into_iter().for_each(|file| self.remove(file));
        Ok(())
    }

    /// A time in the future is no age.
    fn is_old(&self, modified: SystemTime) -> bool {
        self.now.duration_since(modified).is_ok_and(|age| age >= self.options.min_age)
    }

    fn note(&mut self, result: Result<()>) {
        self.collected.problems.extend(result.err());
    }

    fn remove(&mut self, path: PathBuf) {
        let removed = match self.options.dry_run {
            true => Ok(()),
            false if is_tensorflow_dir(file_name(&path)) => self.storage.remove_dir(&path),
            false => self.storage.remove(&path),
        };
        match removed {
            Ok(()) => self.collected.removed.push(path),
            // Its writer has finished meanwhile, or somebody else was here.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => self.note(Err(error)),
        }
    }
}

/// A file on its way to its name: `PREFIX.data-….tempstate` and a number while a
/// bundle is written; `NAME.tmp` and 32 hexadecimal digits for a state file or a graph.
pub(super) fn is_tensorflow_file(name: &[u8]) -> bool {
    if let Some(number) = behind(name, b".tempstate") {
        return decimal(number).is_some();
    }
    behind(name, b".tmp").is_some_and(is_uuid)
}

/// A directory of parts: `PREFIX_temp`, or from older versions with `_` and 32
/// hexadecimal digits behind it.
pub(super) fn is_tensorflow_dir(name: &[u8]) -> bool {
    let Some(rest) = behind(name, b"_temp") else { return false };
    rest.is_empty() || rest.strip_prefix(b"_").is_some_and(is_uuid)
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 32 && text.iter().all(u8::is_ascii_hexdigit)
}

/// What comes behind the last `mark` in `name`.
fn behind<'a>(name: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let at = name.windows(mark.len()).rposition(|window| window == mark)?;
    name.get(at + mark.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tensorflow() {
        for name in [
            "model.ckpt-5.data-00000-of-00001.tempstate3504744221881329947",
            "model.ckpt-5.index.tempstate1",
            "model.ckpt-5.meta.tmpb85e61df9dcb43fc87edf8fbdeb44bc9",
            "checkpoint.tmpb85e61df9dcb43fc87edf8fbdeb44bc9",
        ] {
            assert!(is_tensorflow_file(name.as_bytes()), "{name}");
        }
        for name in ["a.tempstate", "a.tempstate1x", "checkpoint.tmp", "checkpoint.tmp12", "a"] {
            assert!(!is_tensorflow_file(name.as_bytes()), "{name}");
        }
        for name in ["ckpt-1_temp", "m-5_temp_b85e61df9dcb43fc87edf8fbdeb44bc9", "_temp"] {
            assert!(is_tensorflow_dir(name.as_bytes()), "{name}");
        }
        for name in ["ckpt_temperature", "temp", "m_temp_5"] {
            assert!(!is_tensorflow_dir(name.as_bytes()), "{name}");
        }
    }
}
