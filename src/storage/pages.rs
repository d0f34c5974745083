//! Memory for large values, as the kernel hands it out: a page is cleared when it is
//! touched for the first time, and to get many small ones takes as long as to fill them.

#![allow(unsafe_code)]

#[cfg(not(all(target_os = "linux", not(miri))))]
use elsewhere as kernel;
#[cfg(all(target_os = "linux", not(miri)))]
use linux as kernel;

/// From here on the allocators that we know take memory of its own from the kernel, and
/// give it back: what is said about it is not said about anything else.
const LARGE: usize = 32 << 20;

/// `len` zeros, which lie in huge pages if that is worth it.
pub(crate) fn zeros(len: usize) -> Vec<u8> {
    let zeros = vec![0; len];
    advise(&zeros);
    zeros
}

/// Room for `len` elements, in the same way.
pub(crate) fn room_for<T>(len: usize) -> Vec<T> {
    let room = Vec::with_capacity(len);
    advise(&room);
    room
}

fn advise<T>(room: &Vec<T>) {
    let bytes = room.capacity().saturating_mul(size_of::<T>());
    if bytes >= LARGE {
        kernel::prefer_huge_pages(room.as_ptr().addr(), bytes);
    }
}

/// Whether `memory` seems never to have been touched, as far as the kernel knows, of which
/// is asked about a place in its middle. The kernel is going to clear it then, and what it
/// has cleared is in the cache.
pub(crate) fn are_untouched(memory: &[u8]) -> bool {
    kernel::is_untouched(memory.as_ptr().addr() + memory.len() / 2)
}

#[cfg(not(all(target_os = "linux", not(miri))))]
mod elsewhere {
    pub(super) fn prefer_huge_pages(_address: usize, _bytes: usize) {}

    pub(super) fn is_untouched(_address: usize) -> bool {
        false
    }
}

#[cfg(all(target_os = "linux", not(miri)))]
mod linux {
    use std::ptr::without_provenance_mut;
    use std::sync::OnceLock;

    /// It may do nothing about it.
    pub(super) fn prefer_huge_pages(address: usize, bytes: usize) {
        let start = page_of(address);
        let len = address - start + bytes;
        // SAFETY: what the memory holds stays as it is, and where there is none the kernel
        // says so.
        unsafe { libc::madvise(without_provenance_mut(start), len, libc::MADV_HUGEPAGE) };
    }

    pub(super) fn is_untouched(address: usize) -> bool {
        let mut page = 1;
        let start = without_provenance_mut(page_of(address));
        // SAFETY: a byte is written for each of the pages, of which it is one. The memory
        // itself is not looked at, and where there is none the kernel says so.
        let failed = unsafe { libc::mincore(start, 1, &raw mut page) } != 0;
        !failed && page & 1 == 0
    }

    fn page_of(address: usize) -> usize {
        static SIZE: OnceLock<usize> = OnceLock::new();
        // SAFETY: it touches no memory of ours.
        let size = || usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
        address - address % SIZE.get_or_init(size)
    }

    #[cfg(test)]
    mod tests {
        use crate::storage::pages::{are_untouched, room_for, zeros};

        #[test]
        fn memory_is_touched_by_who_writes_to_it() {
            let mut zeros = zeros(64 << 20);
            assert!(are_untouched(&zeros));
            let middle = zeros.len() / 2;
            zeros[middle] = 1;
            assert!(!are_untouched(&zeros));
            assert!(!are_untouched(b"touched"));
            assert!(zeros[..middle].iter().all(|&byte| byte == 0));
        }

        #[test]
        fn room_is_for_as_many_as_were_asked_for() {
            for len in [0, 1, 5 << 20] {
                let mut room: Vec<u64> = room_for(len);
                assert!(room.is_empty() && room.capacity() >= len);
                room.extend(0..len as u64);
                assert!(room.into_iter().eq(0..len as u64));
            }
        }
    }
}
