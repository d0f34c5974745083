//! Locks of local files.

#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use super::FileLock;

/// A file whose lock is held as long as it is open. The operating system closes
/// the files of a process that ends, so no lock outlives a crash.
#[derive(Debug)]
pub(super) struct LockedFile {
    file: File,
}

impl FileLock for LockedFile {}

impl Drop for LockedFile {
    /// A process that was forked meanwhile has the file open too, and would have the lock
    /// as long as it lives.
    fn drop(&mut self) {
        // SAFETY: the descriptor is open, for the file lives, and flock touches no memory
        // of this process.
        unsafe { libc::flock(self.file.as_raw_fd(), libc::LOCK_UN) };
    }
}

/// What came of an attempt to take a lock.
#[derive(Debug)]
pub(super) enum Locked {
    Yes(LockedFile),
    BySomebody,
    NoLocks,
}

/// Takes the lock of `file` if nobody has it, not even this process through another
/// opening of the file.
pub(super) fn try_lock(file: File) -> io::Result<Locked> {
    // SAFETY: the descriptor is open, for `file` is borrowed here, and flock
    // touches no memory of this process.
    while unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } != 0 {
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EINTR) => {}
            Some(libc::EWOULDBLOCK) => return Ok(Locked::BySomebody),
            // The last is of network file systems about what is not open for writing.
            Some(libc::ENOLCK | libc::ENOSYS | libc::ENOTSUP | libc::EINVAL | libc::EBADF) => {
                return Ok(Locked::NoLocks);
            }
            _ => return Err(error),
        }
    }
    Ok(Locked::Yes(LockedFile { file }))
}
