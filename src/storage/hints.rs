//! What the kernel is told about a file beforehand. It may do nothing about it.

#![allow(unsafe_code)]

use std::fs::File;
use std::ops::Range;

#[cfg(target_os = "linux")]
pub(super) use linux::{allocate, start_write_back};

#[cfg(not(target_os = "linux"))]
pub(super) fn allocate(_file: &File, _range: Range<u64>) {}

#[cfg(not(target_os = "linux"))]
pub(super) fn start_write_back(_file: &File, _range: Range<u64>) {}

#[cfg(target_os = "linux")]
mod linux {
    use std::mem::MaybeUninit;
    use std::os::fd::AsRawFd;

    use super::{File, Range};

    /// Makes room for `range`; the length of the file stays. Blocks that are there
    /// already spare each write the search for its own: on ext4 a third of the time.
    pub(in crate::storage) fn allocate(file: &File, range: Range<u64>) {
        let size = range.end.saturating_sub(range.start);
        let Some((offset, len)) = signed(range) else { return };
        // Miri does not know of it.
        if !cfg!(miri) && allocating_pays(file, size) {
            let mode = libc::FALLOC_FL_KEEP_SIZE;
            // SAFETY: the descriptor is open, for `file` is borrowed here, and fallocate
            // touches no memory of this process.
            unsafe { libc::fallocate(file.as_raw_fd(), mode, offset, len) };
        }
    }

    /// In memory it means to clear each page before it is filled; where blocks are never
    /// overwritten, or are compressed, it is work for nothing. And who says how much he
    /// will write may never do so: others need room too, all of which a file system
    /// hands out before it finds that it is not enough.
    fn allocating_pays(file: &File, len: u64) -> bool {
        const TMPFS: u64 = 0x0102_1994;
        const RAMFS: u64 = 0x8584_58f6;
        const BTRFS: u64 = 0x9123_683e;
        const ZFS: u64 = 0x2fc1_2fc1;
        let mut found = MaybeUninit::<libc::statfs>::uninit();
        // SAFETY: the descriptor is open, for `file` is borrowed here, and there is room
        // for all that fstatfs says.
        if unsafe { libc::fstatfs(file.as_raw_fd(), found.as_mut_ptr()) } != 0 {
            return false;
        }
        // SAFETY: it has succeeded.
        let found = unsafe { found.assume_init() };
        let free = wide(found.f_bavail).saturating_mul(wide(found.f_bsize));
        let kind = found.f_type as u32;
        len <= free / 2 && ![TMPFS, RAMFS, BTRFS, ZFS].contains(&kind.into())
    }

    /// Sends the pages of `range` to the disk, and does not wait for them.
    pub(in crate::storage) fn start_write_back(file: &File, range: Range<u64>) {
        let Some((offset, len)) = signed(range) else { return };
        let mode = libc::SYNC_FILE_RANGE_WRITE;
        // SAFETY: the descriptor is open, for `file` is borrowed here, and the call
        // touches no memory of this process.
        unsafe { libc::sync_file_range(file.as_raw_fd(), offset, len, mode) };
    }

    /// Where a range begins and how long it is, unless it is empty or none at all.
    fn signed<T: TryFrom<u64>>(range: Range<u64>) -> Option<(T, T)> {
        let len = range.end.checked_sub(range.start).filter(|&len| len > 0)?;
        Some((range.start.try_into().ok()?, len.try_into().ok()?))
    }

    /// A number that has another type on each machine; none is negative.
    fn wide(number: impl TryInto<u64>) -> u64 {
        number.try_into().unwrap_or(0)
    }

    #[cfg(test)]
    mod tests {
        use std::os::unix::fs::MetadataExt;

        use super::*;

        /// More than there is: asked for it, ext4 would give all there is.
        #[test]
        fn a_disk_is_not_filled_on_someones_word() {
            let file = tempfile::tempfile().unwrap();
            allocate(&file, 0..1 << 43);
            assert_eq!(file.metadata().unwrap().blocks(), 0);
        }
    }
}
