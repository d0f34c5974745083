//! Memory for many things that go together, in huge pages.

#![allow(unsafe_code)]

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memmap2::{MmapMut, MmapRaw};

/// To clear a fresh page of 4 KiB takes far less than to be given it, and a file of many
/// megabytes needs thousands of them: what is read into huge ones is there several times
/// as fast.
const HUGE_PAGE: usize = 2 << 20;
/// Parts begin at such a boundary, so that no two share a line of the processor's cache.
const LINE: usize = 64;

/// Addresses that were set aside, which take memory as far as they were written to: in
/// huge pages where the system has them. It hands out parts of itself one behind the
/// other, and is given back when it and all of them are dropped.
#[derive(Debug)]
pub(crate) struct Reserve(Arc<Pages>);

struct Pages {
    mapping: MmapRaw,
    /// Where in the mapping the first huge page begins.
    start: usize,
    len: usize,
    /// How much from there on was handed out.
    used: AtomicUsize,
}

impl Reserve {
    /// One of `len` bytes or a little more, unless the system has not so many addresses.
    pub(crate) fn new(len: usize) -> Option<Self> {
        let len = len.checked_next_multiple_of(HUGE_PAGE)?;
        let mapping: MmapRaw = MmapMut::map_anon(len.checked_add(HUGE_PAGE)?).ok()?.into();
        let start = mapping.as_mut_ptr().align_offset(HUGE_PAGE);
        let fits = start.checked_add(len).is_some_and(|end| end <= mapping.len());
        // Without huge pages it serves as well, but not as fast.
        #[cfg(all(target_os = "linux", not(miri)))]
        let _ = mapping.advise(memmap2::Advice::HugePage);
        fits.then(|| Self(Arc::new(Pages { mapping, start, len, used: AtomicUsize::new(0) })))
    }

    /// How many bytes it has.
    pub(crate) fn len(&self) -> usize {
        self.0.len
    }

    /// The next `len` bytes, whatever stands there; `None` where there are no more as many.
    pub(crate) fn take(&self, len: usize) -> Option<Part> {
        let room = len.checked_next_multiple_of(LINE)?;
        let end = |at: usize| at.checked_add(room).filter(|&end| end <= self.0.len);
        let at = self.0.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, end).ok()?;
        Some(Part { pages: self.0.clone(), at, room, len })
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("len", &self.len).field("used", &self.used).finish()
    }
}

/// A part of a [`Reserve`], which it keeps.
#[derive(Debug)]
pub(crate) struct Part {
    pages: Arc<Pages>,
    at: usize,
    /// How much of the reserve is this part's.
    room: usize,
    len: usize,
}

impl Part {
    /// Leaves out the bytes from `len` on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    #[inline(always)]
    fn as_ptr(&self) -> *mut u8 {
        // SAFETY: the part lies within the `len` bytes from `start` on, which are within
        // the mapping.
        unsafe { self.pages.mapping.as_mut_ptr().add(self.pages.start + self.at) }
    }
}

impl Deref for Part {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        // SAFETY: there are `room` bytes, `len` of them at the most, which the mapping had
        // cleared; they are no other part's, and can change only by way of this one, which
        // is borrowed.
        unsafe { slice::from_raw_parts(self.as_ptr(), self.len) }
    }
}

impl DerefMut for Part {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and it is borrowed by nobody else.
        unsafe { slice::from_raw_parts_mut(self.as_ptr(), self.len) }
    }
}

impl Drop for Part {
    /// The last one that was handed out makes room for another.
    fn drop(&mut self) {
        let used = &self.pages.used;
        let _ = used.compare_exchange(
            self.at + self.room,
            self.at,
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_apart() {
        let reserve = Reserve::new(3 << 20).unwrap();
        assert_eq!(reserve.len(), 4 << 20);
        let mut parts: Vec<_> = (0..4).map(|number| reserve.take(1000 + number).unwrap()).collect();
        for (number, part) in parts.iter_mut().enumerate() {
            assert_eq!((part.len(), part.as_ptr().align_offset(LINE)), (1000 + number, 0));
            part.fill(number as u8);
        }
        drop(reserve);
        for (number, part) in parts.iter_mut().enumerate() {
            assert!(part.iter().all(|&byte| byte == number as u8));
            part.truncate(10);
            assert_eq!(part.len(), 10);
        }
    }

    #[test]
    fn there_is_an_end() {
        let reserve = Reserve::new(1).unwrap();
        let most = reserve.take(reserve.len() - 1).unwrap();
        assert_eq!(most.len(), reserve.len() - 1);
        assert!(reserve.take(1).is_none() && reserve.take(usize::MAX).is_none());
        assert!(Reserve::new(usize::MAX).is_none());
    }

    #[test]
    fn the_last_part_makes_room() {
        let reserve = Reserve::new(1).unwrap();
        let first = reserve.take(10).unwrap();
        let (first_at, second_at) = (first.at, reserve.take(10).unwrap().at);
        let third = reserve.take(20).unwrap();
        assert_eq!(third.at, second_at);
        // Behind it there is another.
        drop(first);
        assert!(reserve.take(10).unwrap().at > first_at);
        drop(third);
        assert_eq!(reserve.take(10).unwrap().at, second_at);
    }
}
