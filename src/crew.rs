//! Work that several threads share: they are started for a call and joined before it
//! returns, so that nothing of them is left in somebody else's process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread::Builder;
use std::time::Duration;

use crate::error::Result;
use crate::progress::{Progress, without_calls};

/// How long the calling thread waits for the others before it looks at the progress.
const PATIENCE: Duration = Duration::from_millis(10);

/// Does `work` for each of the items, on so many threads, this one among them; each
/// with a state of its own to keep memory in. Returns the first error there was,
/// after which nothing more is begun. `progress` is told from this thread alone.
///
/// Where the system gives no more threads, those that there are do it.
pub(crate) fn share<I, S>(
    threads: usize,
    progress: &Progress,
    items: I,
    work: impl Fn(I::Item, &mut S) -> Result<()> + Sync,
) -> Result<()>
where
    I: IntoIterator<IntoIter: Send>,
    S: Default,
{
    if threads <= 1 {
        let mut state = S::default();
        return items.into_iter().try_for_each(|item| work(item, &mut state));
    }
    let crew = Crew::new(items.into_iter());
    std::thread::scope(|scope| {
        let mut others = Vec::new();
        for _ in 1..threads {
            crew.signs_on();
            let help = || without_calls(|| crew.work(&work));
            match Builder::new().spawn_scoped(scope, help) {
                Ok(other) => others.push(other),
                Err(_) => {
                    crew.signs_off();
                    break;
                }
            }
        }
        crew.signs_on();
        crew.work(&work);
        crew.wait(progress);
        progress.tell();
        for other in others {
            other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
    crew.result.into_inner().unwrap_or_else(|e| e.into_inner())
}

/// How many bytes the threads may hold at once, all together.
pub(crate) struct Budget {
    most: u64,
    held: Mutex<u64>,
    released: Condvar,
}

/// Bytes that a thread holds, until this is dropped.
pub(crate) struct Held<'b> {
    budget: &'b Budget,
    bytes: u64,
}

impl Budget {
    pub(crate) fn new(most: u64) -> Self {
        Self { most, held: Mutex::new(0), released: Condvar::new() }
    }

    /// Waits until so many may be held: where they are too many, until none are.
    pub(crate) fn take(&self, bytes: u64, progress: &Progress) -> Held<'_> {
        let mut held = lock(&self.held);
        while *held > 0 && held.saturating_add(bytes) > self.most {
            let waited = self.released.wait_timeout(held, PATIENCE);
            drop(waited.unwrap_or_else(|e| e.into_inner()));
            progress.tell();
            held = lock(&self.held);
        }
        *held = held.saturating_add(bytes);
        Held { budget: self, bytes }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut held = lock(&self.budget.held);
        *held = held.saturating_sub(self.bytes);
        self.budget.released.notify_all();
    }
}

/// What the threads have in common.
struct Crew<T> {
    items: Mutex<T>,
    failed: AtomicBool,
    result: Mutex<Result<()>>,
    at_work: Mutex<usize>,
    left: Condvar,
}

impl<T: Iterator> Crew<T> {
    fn new(items: T) -> Self {
        Self {
            items: Mutex::new(items),
            failed: AtomicBool::new(false),
            result: Mutex::new(Ok(())),
            at_work: Mutex::new(0),
            left: Condvar::new(),
        }
    }

    fn signs_on(&self) {
        *lock(&self.at_work) += 1;
    }

    fn signs_off(&self) {
        *lock(&self.at_work) -= 1;
        self.left.notify_all();
    }

    /// Takes items for as long as there are any and none has failed.
    fn work<S: Default>(&self, work: &impl Fn(T::Item, &mut S) -> Result<()>) {
        /// Signs off though the work panics.
        struct Leave<'c, T: Iterator>(&'c Crew<T>);
        impl<T: Iterator> Drop for Leave<'_, T> {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    self.0.failed.store(true, Ordering::Relaxed);
                }
                self.0.signs_off();
            }
        }
        let _leave = Leave(self);
        let mut state = S::default();
        while !self.failed.load(Ordering::Relaxed) {
            let Some(item) = lock(&self.items).next() else { break };
            if let Err(error) = work(item, &mut state) {
                self.fail(error);
            }
        }
    }

    fn fail(&self, error: crate::Error) {
        self.failed.store(true, Ordering::Relaxed);
        let mut result = lock(&self.result);
        if result.is_ok() {
            *result = Err(error);
        }
    }

    /// Waits for the others.
    fn wait(&self, progress: &Progress) {
        let mut at_work = lock(&self.at_work);
        while *at_work > 0 {
            let waited = self.left.wait_timeout(at_work, PATIENCE);
            drop(waited.unwrap_or_else(|e| e.into_inner()));
            progress.tell();
            at_work = lock(&self.at_work);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;
    use std::thread;

    use super::*;
    use crate::error::{Error, ErrorKind};

    #[test]
    fn every_item_is_done_once() {
        for threads in [0, 1, 2, 7] {
            let sum = AtomicU64::new(0);
            let add = |item: u64, _: &mut ()| {
                sum.fetch_add(item, Ordering::Relaxed);
                Ok(())
            };
            share(threads, &Progress::none(), 1..=1000, add).unwrap();
            assert_eq!(sum.into_inner(), 500_500);
        }
    }

    #[test]
    fn no_more_is_held_than_may_be() {
        let budget = Budget::new(10);
        let (held, most) = (AtomicU64::new(0), AtomicU64::new(0));
        let hold = |bytes: u64, _: &mut ()| {
            let _held = budget.take(bytes, &Progress::none());
            most.fetch_max(held.fetch_add(bytes, Ordering::Relaxed) + bytes, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(1));
            held.fetch_sub(bytes, Ordering::Relaxed);
            Ok(())
        };
        share(4, &Progress::none(), [3, 4, 5].into_iter().cycle().take(60), hold).unwrap();
        assert!(most.load(Ordering::Relaxed) <= 10);
        // One that is more than all has it to itself.
        share(2, &Progress::none(), [3, 99, 3], hold).unwrap();
        assert_eq!(most.into_inner(), 99);
    }

    #[test]
    fn an_error_ends_it() {
        let done = AtomicU64::new(0);
        let fail = |item: u64, _: &mut ()| {
            done.fetch_add(1, Ordering::Relaxed);
            if item == 3 { Err(Error::invalid("three")) } else { Ok(()) }
        };
        let error = share(3, &Progress::none(), 0..1_000_000, fail).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidArgument, "three"));
        assert!(done.into_inner() < 1_000_000);
    }

    #[test]
    #[should_panic = "the other"]
    fn a_panic_comes_through() {
        let here = thread::current().id();
        let panic = |_: u64, _: &mut ()| {
            // Waits for the other, that it is that one.
            thread::sleep(Duration::from_millis(20));
            assert_eq!(thread::current().id(), here, "the other");
            Ok(())
        };
        let _ = share(2, &Progress::none(), 0..100, panic);
    }

    /// The other thread works on while this one has nothing more to do.
    #[test]
    fn the_caller_is_told_while_it_waits() {
        let progress = Progress::new();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = heard.clone();
        progress.set_callback(Some(move |_, _| {
            ear.lock().unwrap().push(thread::current().id());
            true
        }));
        let here = thread::current().id();
        let other_began = AtomicBool::new(false);
        let work = |_: u64, _: &mut ()| {
            if thread::current().id() != here {
                other_began.store(true, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(100));
            }
            while !other_began.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(1));
            }
            progress.advance(1);
            Ok(())
        };
        share(2, &progress, 0..2, work).unwrap();
        let heard = heard.lock().unwrap();
        assert!(heard.iter().all(|&thread| thread == here));
        assert!(heard.len() > 2, "{}", heard.len());
    }
}
