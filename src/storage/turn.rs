//! Writers that finish in one directory take turns.
//!
//! Between the look at what is there and the last rename nobody else may rename. The lock is
//! that of the directory itself: there is no file that a crash could leave.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::{FileLock, Storage};
use crate::error::{Error, ErrorKind, Result};

/// A turn is a few renames and syncs, so this is long.
const PATIENCE: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Waits until nobody else finishes in `dir`, and keeps others waiting until the lock is
/// dropped. `None` where the storage has no locks of directories.
///
/// # Errors
/// `Io`, also when others take too long.
pub(crate) fn take_turn(storage: &dyn Storage, dir: &Path) -> Result<Option<Box<dyn FileLock>>> {
    take_turn_within(storage, dir, PATIENCE)
}

fn take_turn_within(
    storage: &dyn Storage,
    dir: &Path,
    patience: Duration,
) -> Result<Option<Box<dyn FileLock>>> {
    let since = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        match storage.try_lock_dir(dir) {
            Ok(None) if since.elapsed() < patience => thread::sleep(pause),
            Ok(None) => return Err(taken(patience).in_file(dir)),
            Err(error) if is_without_locks(&error) => return Ok(None),
            locked => return locked,
        }
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// No directory, nobody to wait for: what follows says what is wrong.
fn is_without_locks(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::NotFound)
}

fn taken(patience: Duration) -> Error {
    let message = format!(
        "cannot lock: another writer has been finishing in this directory for {} s",
        patience.as_secs_f64()
    );
    Error::new(ErrorKind::Io, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{LocalStorage, MemoryStorage};

    #[test]
    fn one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let memory = MemoryStorage::new();
        let short = Duration::from_millis(5);
        for (storage, dir) in [(&LocalStorage as &dyn Storage, dir.path()), (&memory, ".".as_ref())]
        {
            let turn = take_turn(storage, dir).unwrap().unwrap();
            let error = take_turn_within(storage, dir, short).unwrap_err();
            assert_eq!((error.kind(), error.file()), (ErrorKind::Io, Some(dir)));
            thread::scope(|scope| {
                let next = scope.spawn(|| take_turn(storage, dir).unwrap().unwrap());
                drop(turn);
                next.join().unwrap();
            });
            assert!(take_turn(storage, &dir.join("nowhere")).unwrap().is_none());
        }
    }
}
