//! Several checkpoints into one.

use std::ffi::c_char;

use super::arguments::{MAX_THREADS, array, given, path_of};
use super::boundary::{boundary, free};
use super::error::tfckpt_error;
use super::progress::tfckpt_progress;
use super::status::tfckpt_status;
use crate::bundle::{MergeOptions, OnConflict, Transfer};
use crate::checkpoint::merge;
use crate::error::{Error, Result};

/// What happens where two sources have a tensor of the same name, or the same elements
/// of a partitioned one.
#[repr(i32)]
pub enum tfckpt_on_conflict {
    /// The call fails, and the error lists all such names.
    TFCKPT_ON_CONFLICT_ERROR = 0,
    /// The tensor of the source that was named first is taken.
    TFCKPT_ON_CONFLICT_FIRST = 1,
    /// The tensor of the source that was named last is taken.
    TFCKPT_ON_CONFLICT_LAST = 2,
}

/// What becomes of the data files of the sources.
#[repr(i32)]
pub enum tfckpt_transfer {
    /// They are copied.
    TFCKPT_TRANSFER_COPY = 0,
    /// They get a second name, as hard links: no bytes are moved, and either
    /// checkpoint may be removed without harm to the other. Copied where the file
    /// system has no links or the destination is on another.
    TFCKPT_TRANSFER_LINK = 1,
    /// As links; then, when the merged checkpoint is on stable storage, the
    /// sources are removed.
    TFCKPT_TRANSFER_MOVE = 2,
}

pub(super) fn on_conflict_of(number: i32) -> Result<OnConflict> {
    match number {
        0 => Ok(OnConflict::Error),
        1 => Ok(OnConflict::First),
        2 => Ok(OnConflict::Last),
        _ => Err(Error::invalid(format!("on_conflict {number}"))),
    }
}

/// How checkpoints are merged. NULL in its place means the defaults.
#[derive(Default)]
pub struct tfckpt_merge_options(MergeOptions);

/// The defaults, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_merge_options_new() -> Box<tfckpt_merge_options> {
    Box::default()
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_merge_options_free(options: Option<Box<tfckpt_merge_options>>) {
    free(options);
}

/// What happens where two sources have a tensor of the same name, or the same elements
/// of a partitioned one: a tfckpt_on_conflict. Default: TFCKPT_ON_CONFLICT_ERROR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_merge_options_set_on_conflict(
    options: Option<&mut tfckpt_merge_options>,
    on_conflict: i32,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            given(options, "options")?.0.on_conflict = on_conflict_of(on_conflict)?;
            Ok(())
        })
    }
}

/// What becomes of the data files of the sources: a tfckpt_transfer. Default:
/// TFCKPT_TRANSFER_COPY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_merge_options_set_transfer(
    options: Option<&mut tfckpt_merge_options>,
    transfer: i32,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            given(options, "options")?.0.transfer = match transfer {
                0 => Transfer::Copy,
                1 => Transfer::Link,
                2 => Transfer::Move,
                _ => return Err(Error::invalid(format!("transfer {transfer}"))),
            };
            Ok(())
        })
    }
}

/// Whether tfckpt_checkpoint_merge() returns only when the result is on stable
/// storage. A move is always synced. Default: true.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_merge_options_set_sync(
    options: Option<&mut tfckpt_merge_options>,
    sync: bool,
) {
    if let Some(options) = options {
        options.0.sync = sync;
    }
}

/// On how many threads data files are copied, or values written anew, the caller's
/// included; more than 256 count as 256. The others are started for the call and end with
/// it. What comes of it doesn't depend on that. Default: 1.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_merge_options_set_threads(
    options: Option<&mut tfckpt_merge_options>,
    threads: usize,
) {
    if let Some(options) = options {
        options.0.threads = threads.min(MAX_THREADS);
    }
}

/// How many bytes of data a merge may hold at once, as of
/// tfckpt_copy_options_set_max_in_flight(). Default: 64 MiB.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_merge_options_set_max_in_flight(
    options: Option<&mut tfckpt_merge_options>,
    bytes: usize,
) {
    if let Some(options) = options {
        options.0.max_in_flight = bytes;
    }
}

/// Who watches the merge, or NULL for nobody, which is the default: as of
/// tfckpt_read_options_set_progress(). It counts the bytes of data files, be they copied
/// or linked; where values are written anew, these.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_merge_options_set_progress(
    options: Option<&mut tfckpt_merge_options>,
    progress: Option<&tfckpt_progress>,
) {
    if let Some(options) = options {
        options.0.progress = tfckpt_progress::or_none(progress);
    }
}

/// Merges checkpoints into a new one at the prefix dst. The sources are count
/// paths, each as of tfckpt_reader_open(); everything about them is checked before
/// anything is written, and where the merge fails every one is as before and
/// nothing is left at dst. What is merged is what tfckpt_overlay_open() shows of the
/// sources: slices of one tensor that lie in several are brought together. Where a
/// source is V1, or slices count only in part because others overlap them, the values
/// of all are written anew, into one data shard. INVALID_ARGUMENT where such sources
/// are to be moved, where there are no sources, where the byte orders or versions of
/// V2 sources differ, or where several have the same tensor, with all such names;
/// ALREADY_EXISTS where there is a checkpoint at dst; CANCELLED by the progress of the
/// options. Should a move be unable to remove its sources in the end, the error says that
/// dst is whole.
///
/// Object graphs become one of the objects of all, as of tfckpt_overlay_open(). For
/// sources with other names for their tensors, and for parts of them, copy an overlay:
/// tfckpt_reader_copy().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_checkpoint_merge(
    dst: *const c_char,
    sources: *const *const c_char,
    count: usize,
    options: Option<&tfckpt_merge_options>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let dst = path_of(dst, "dst")?;
            let options = options.map(|options| options.0.clone()).unwrap_or_default();
            let sources = array(sources, count, "sources")?.iter();
            let sources = sources.map(|&source| path_of(source, "a source"));
            merge(dst, &sources.collect::<Result<Vec<_>>>()?, &options)
        })
    }
}
