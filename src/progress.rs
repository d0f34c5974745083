//! How far a call is, for other threads to see, and whether it is to go on.

use std::cell::Cell;
use std::fmt::{self, Debug};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// A callback hears no more often of a call that goes on.
const INTERVAL: Duration = Duration::from_millis(10);

thread_local! {
    /// Whether callbacks may be called from this thread: not from one that helps with a
    /// call, and not from within a callback.
    static MAY_CALL: Cell<bool> = const { Cell::new(true) };
}

/// How far a call is, and the word to call it off. Clones are the same progress: one
/// goes into the options of the call, another stays with the thread that watches, or
/// the call [tells](Progress::set_callback) a function of yours.
///
/// A progress may see several calls, one after the other or at once. Each adds the
/// bytes that it is going to read to [`total`](Progress::total) when it knows them, and
/// to [`done`](Progress::done) what it has read. When a call has succeeded it has added
/// the same to both, unless it was a check that has found damage.
///
/// ```
/// # use tfckpt::bundle::Writer;
/// # use tfckpt::tensor::{DType, Shape};
/// use tfckpt::bundle::ReadOptions;
/// use tfckpt::{ErrorKind, Progress, checkpoint::Reader};
///
/// # fn main() -> tfckpt::Result<()> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let prefix = dir.path().join("ckpt");
/// # let mut writer = Writer::create(&prefix)?;
/// # writer.add("w", DType::UINT8, &Shape::new([3])?, &[1, 2, 3])?;
/// # writer.finish()?;
/// let progress = Progress::new();
/// let options = ReadOptions { progress: progress.clone(), ..ReadOptions::default() };
/// let reader = Reader::open(&prefix)?;
/// let mut values = [0; 3];
/// reader.read_into("w", &mut values, &options)?;
/// assert_eq!((progress.done(), progress.total()), (3, 3));
///
/// progress.cancel();
/// let error = reader.read_into("w", &mut values, &options).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Cancelled);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Progress {
    /// `None` where nobody watches.
    state: Option<Arc<State>>,
    counts: bool,
}

#[derive(Default)]
struct State {
    cancelled: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
    /// Whether there is a callback: looked at more often than it is called.
    has_callback: AtomicBool,
    callback: Mutex<Option<Callback>>,
}

struct Callback {
    call: Box<dyn FnMut(u64, u64) -> bool + Send>,
    last: Option<Instant>,
}

/// For a part of a call that is over at once.
pub(crate) static UNWATCHED: Progress = Progress::none();

impl Progress {
    /// A progress of nothing yet.
    pub fn new() -> Self {
        Self { state: Some(Arc::default()), counts: true }
    }

    /// That of a call that nobody watches. It stays at 0 and can't be cancelled.
    pub const fn none() -> Self {
        Self { state: None, counts: false }
    }

    /// Calls off what goes on and all that comes: every call that this is given to ends
    /// with `Cancelled`, as soon as it has read what it is at, some MiB at most.
    pub fn cancel(&self) {
        if let Some(state) = &self.state {
            state.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Whether it was called off.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.cancelled.load(Ordering::Relaxed))
    }

    /// Has `callback` called with the bytes done and the total while calls go on; a `false`
    /// from it [cancels](Progress::cancel). It takes the place of the one before, as
    /// `None` does, which is called no more when this returns.
    ///
    /// It is called only from threads that made a call which has this progress,
    /// from within that call, whatever other threads help with it; never twice at once,
    /// and at most every 10 ms, so that of a call which takes less it may hear nothing. It
    /// may ask for anything of the progress and cancel it; set from within itself,
    /// a callback stays as it is.
    ///
    /// ```
    /// # use tfckpt::Progress;
    /// let progress = Progress::new();
    /// progress.set_callback(Some(|done, total| {
    ///     eprintln!("{done} of {total} bytes");
    ///     true
    /// }));
    /// ```
    pub fn set_callback(&self, callback: Option<impl FnMut(u64, u64) -> bool + Send + 'static>) {
        let Some(state) = self.state.as_deref().filter(|_| MAY_CALL.get()) else { return };
        let mut place = state.callback.lock().unwrap_or_else(|e| e.into_inner());
        state.has_callback.store(callback.is_some(), Ordering::Relaxed);
        *place = callback.map(|call| Callback { call: Box::new(call), last: None });
    }

    /// How many bytes are done; never more than [`total`](Progress::total) is afterwards.
    pub fn done(&self) -> u64 {
        // What was added to the total before is seen with it.
        self.state.as_ref().map_or(0, |state| state.done.load(Ordering::Acquire))
    }

    /// How many bytes there are to be done, as far as it is known.
    pub fn total(&self) -> u64 {
        self.state.as_ref().map_or(0, |state| state.total.load(Ordering::Relaxed))
    }

    /// Fails once it was called off.
    #[inline]
    pub(crate) fn check(&self) -> Result<()> {
        match self.is_cancelled() {
            true => Err(Error::new(ErrorKind::Cancelled, "it was called off")),
            false => Ok(()),
        }
    }

    /// Whether somebody may want to know how much there is to do.
    #[inline]
    pub(crate) fn is_watched(&self) -> bool {
        self.state.is_some()
    }

    /// A call is about to do so much, unless it was called off. The number is only
    /// asked for where somebody watches.
    pub(crate) fn begin(&self, bytes: impl FnOnce() -> u64) -> Result<()> {
        self.check()?;
        if let Some(state) = self.counting() {
            let bytes = bytes();
            let add = |total: u64| Some(total.saturating_add(bytes));
            let _ = state.total.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        }
        Ok(())
    }

    /// So much more is done.
    #[inline]
    pub(crate) fn advance(&self, bytes: u64) {
        if self.is_watched() {
            self.add(bytes);
        }
    }

    fn add(&self, bytes: u64) {
        if let Some(state) = self.counting() {
            state.done.fetch_add(bytes, Ordering::Release);
        }
        self.tell();
    }

    /// Calls the callback, if it is time, and this is a thread to call it from.
    pub(crate) fn tell(&self) {
        if self.has_callback() && MAY_CALL.get() {
            if let Some(state) = self.state.as_deref() {
                self.call(state);
            }
        }
    }

    /// Whether somebody waits for [`tell`](Progress::tell).
    pub(crate) fn has_callback(&self) -> bool {
        self.state.as_deref().is_some_and(|state| state.has_callback.load(Ordering::Relaxed))
    }

    /// Another call may be calling it: that is as good.
    fn call(&self, state: &State) {
        let Some(mut place) = try_lock(&state.callback) else { return };
        let Some(Callback { call, last }) = &mut *place else { return };
        if last.is_some_and(|last| last.elapsed() < INTERVAL) {
            return;
        }
        let done = self.done();
        if !without_calls(|| call(done, self.total())) {
            self.cancel();
        }
        *last = Some(Instant::now());
    }

    /// The same for a part of a call that counts in another way: it can be called off,
    /// but adds nothing.
    pub(crate) fn uncounted(&self) -> Self {
        Self { state: self.state.clone(), counts: false }
    }

    fn counting(&self) -> Option<&State> {
        self.state.as_deref().filter(|_| self.counts)
    }
}

/// Does something on a thread that helps with a call: no callback is called from it.
pub(crate) fn without_calls<T>(work: impl FnOnce() -> T) -> T {
    /// Puts things back though the work panics.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            MAY_CALL.set(self.0);
        }
    }
    let _before = Before(MAY_CALL.replace(false));
    work()
}

fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        // A callback that panicked has done so for good.
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("done", &self.done())
            .field("total", &self.total())
            .field("is_cancelled", &self.is_cancelled())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_add_up() {
        let progress = Progress::new();
        for _ in 0..2 {
            progress.clone().begin(|| 5).unwrap();
            progress.advance(5);
        }
        assert_eq!((progress.done(), progress.total()), (10, 10));
        progress.begin(|| u64::MAX).unwrap();
        assert_eq!(progress.total(), u64::MAX);
    }

    #[test]
    fn once_cancelled_it_stays_so() {
        let progress = Progress::new();
        let part = progress.uncounted();
        part.begin(|| 7).unwrap();
        part.advance(7);
        assert_eq!((progress.done(), progress.total()), (0, 0));
        progress.clone().cancel();
        assert!(progress.is_cancelled());
        for failed in [part.check(), progress.check(), progress.begin(|| unreachable!())] {
            assert_eq!(failed.unwrap_err().kind(), ErrorKind::Cancelled);
        }
    }

    #[test]
    fn a_callback_hears_and_cancels() {
        let progress = Progress::new();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (ear, inner) = (heard.clone(), progress.clone());
        progress.set_callback(Some(move |done, total| {
            ear.lock().unwrap().push((done, total));
            // None of this may hang, or call it again.
            inner.advance(0);
            inner.set_callback(None::<fn(u64, u64) -> bool>);
            done < 3
        }));
        progress.begin(|| 9).unwrap();
        let begun = Instant::now();
        progress.advance(1);
        progress.advance(1);
        // A machine may have other work meanwhile.
        let is_late = begun.elapsed() >= INTERVAL;
        let before = heard.lock().unwrap().clone();
        assert!(before == [(1, 9)] || is_late && before == [(1, 9), (2, 9)], "{before:?}");
        without_calls(|| {
            std::thread::sleep(INTERVAL);
            progress.advance(1);
        });
        assert_eq!(*heard.lock().unwrap(), before);
        progress.tell();
        assert_eq!(*heard.lock().unwrap(), [&before[..], &[(3, 9)]].concat());
        assert!(progress.is_cancelled());
        // It has the progress that has it.
        progress.set_callback(None::<fn(u64, u64) -> bool>);
    }

    #[test]
    fn a_callback_is_taken_away() {
        let progress = Progress::new();
        progress.set_callback(Some(|_, _| false));
        progress.set_callback(None::<fn(u64, u64) -> bool>);
        progress.advance(1);
        assert!(!progress.is_cancelled());
        Progress::none().set_callback(Some(|_, _| false));
    }

    #[test]
    fn a_callback_that_panics_can_be_called_again() {
        let progress = Progress::new();
        progress.set_callback(Some(|done, _| if done == 1 { panic!("once") } else { false }));
        let watched = progress.clone();
        std::thread::spawn(move || watched.advance(1)).join().unwrap_err();
        progress.advance(1);
        assert!(progress.is_cancelled());
    }

    #[test]
    fn none_is_never_cancelled() {
        let progress = Progress::none();
        progress.cancel();
        progress.begin(|| unreachable!()).unwrap();
        progress.advance(1);
        assert!(!progress.is_cancelled());
        assert_eq!((progress.done(), progress.total()), (0, 0));
    }
}
