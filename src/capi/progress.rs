//! How far a call is, and the word to call it off.

use std::ffi::c_void;

use super::boundary::free;
use crate::progress::Progress;

/// How far calls are, and the word to call them off. It goes into the options of a
/// call; while that runs, other threads ask how far it is, or cancel it; or the call
/// itself calls a function of yours, tfckpt_progress_set_callback().
///
/// A progress may see several calls, one after the other or at once: each adds the
/// bytes that it is going to read to the total when it knows them, and to what is done
/// what it has read.
pub struct tfckpt_progress(Progress);

impl tfckpt_progress {
    /// The progress given, or that of a call that nobody watches.
    pub(super) fn or_none(progress: Option<&Self>) -> Progress {
        progress.map_or(Progress::none(), |progress| progress.0.clone())
    }
}

/// A progress of nothing yet, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_progress_new() -> Box<tfckpt_progress> {
    Box::new(tfckpt_progress(Progress::new()))
}

/// Frees a progress. Options and calls that have it go on, and nobody can cancel them
/// any more; a callback is called no more when this returns. Not from within that. NULL
/// is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_progress_free(progress: Option<Box<tfckpt_progress>>) {
    if let Some(progress) = &progress {
        progress.0.set_callback(NO_CALLBACK);
    }
    free(progress);
}

/// What a call tells how many bytes are done, and how many there are to be done as far as
/// it is known. Returns whether the call goes on: false is as
/// tfckpt_progress_cancel(). It must return, neither by an exception nor by longjmp().
pub type tfckpt_progress_callback =
    Option<unsafe extern "C" fn(user: *mut c_void, done: u64, total: u64) -> bool>;

/// Has a callback called with user while calls with this progress go on, from now on, in
/// the place of the one before; NULL for none. It is called only from threads that made
/// such a call, from within that call, whatever other threads help with it; never twice at
/// once, and at most every 10 ms: a call that is over sooner may never call it. The one before is called
/// no more when this returns.
///
/// The callback may cancel the progress and ask for anything of it, but neither free it nor
/// set another, which does nothing. user must be there until the callback is no longer
/// set, or the progress freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_progress_set_callback(
    progress: Option<&tfckpt_progress>,
    callback: tfckpt_progress_callback,
    user: *mut c_void,
) {
    let Some(progress) = progress else { return };
    let Some(callback) = callback else { return progress.0.set_callback(NO_CALLBACK) };
    let user = User(user);
    progress.0.set_callback(Some(move |done, total| {
        // All of it, for it is that which may be sent.
        let User(user) = &user;
        // SAFETY: the caller has promised that user is there, and to be called with it
        // from threads that make calls.
        unsafe { callback(*user, done, total) }
    }));
}

const NO_CALLBACK: Option<fn(u64, u64) -> bool> = None;

/// What is handed to a callback, and never looked at.
struct User(*mut c_void);

// SAFETY: the header says from which threads a callback is called with it.
unsafe impl Send for User {}

/// Calls off what goes on and all that comes: every call that this is given to ends
/// with CANCELLED, when it has read what it is at, 4 MiB at most, or of V1 a stored
/// slice. A copy or a merge leaves nothing behind then. A call that is as good as over
/// may yet succeed. There is no way back: take a new progress.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_progress_cancel(progress: Option<&tfckpt_progress>) {
    if let Some(progress) = progress {
        progress.0.cancel();
    }
}

/// Whether it was cancelled.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_progress_is_cancelled(progress: Option<&tfckpt_progress>) -> bool {
    progress.is_some_and(|progress| progress.0.is_cancelled())
}

/// How many bytes are done. A total that is asked for afterwards is no less. When a call
/// has succeeded it has added as much to this as to the total, unless it was a check
/// that has found damage.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_progress_done(progress: Option<&tfckpt_progress>) -> u64 {
    progress.map_or(0, |progress| progress.0.done())
}

/// How many bytes there are to be done, as far as it is known: 0 until a call has
/// found its tensors. Reads from an overlay add to it checkpoint by checkpoint.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_progress_total(progress: Option<&tfckpt_progress>) -> u64 {
    progress.map_or(0, |progress| progress.0.total())
}
