//! How far a call is, and the word to call it off.

use super::boundary::free;
use crate::progress::Progress;

/// How far calls are, and the word to call them off. It goes into the options of a
/// call; while that runs, other threads ask how far it is, or cancel it. No function
/// of yours is ever called.
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
/// any more. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_progress_free(progress: Option<Box<tfckpt_progress>>) {
    free(progress);
}

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
