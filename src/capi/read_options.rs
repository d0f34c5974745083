//! How values are read.

use super::arguments::MAX_THREADS;
use super::boundary::free;
use super::progress::tfckpt_progress;
use crate::bundle::ReadOptions;

/// How values are read. NULL in its place means the defaults.
#[derive(Default)]
pub struct tfckpt_read_options(ReadOptions);

/// The defaults, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_read_options_new() -> Box<tfckpt_read_options> {
    Box::default()
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_read_options_free(options: Option<Box<tfckpt_read_options>>) {
    free(options);
}

/// Whether bytes are checked against their CRC-32C. A CRC is over all of a stored
/// tensor, so checking a slice reads all the stored pieces that it touches;
/// without, only the wanted ranges are read, and damage in them is not seen.
/// Default: true.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_read_options_set_verify(
    options: Option<&mut tfckpt_read_options>,
    verify: bool,
) {
    if let Some(options) = options {
        options.0.verify = verify;
    }
}

/// On how many threads a call reads or checks, the caller's included, one long tensor
/// too; more than 256 count as 256. The others are started for the call and end with
/// it. Default: 1.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_read_options_set_threads(
    options: Option<&mut tfckpt_read_options>,
    threads: usize,
) {
    if let Some(options) = options {
        options.0.threads = threads.min(MAX_THREADS);
    }
}

/// How many bytes tfckpt_reader_read_many() may hold at once besides the buffers
/// it fills, or tfckpt_reader_verify() of V1 in all, where a stored slice is held as a
/// whole. Default: 8 MiB.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_read_options_set_max_in_flight(
    options: Option<&mut tfckpt_read_options>,
    bytes: usize,
) {
    if let Some(options) = options {
        options.0.max_in_flight = bytes;
    }
}

/// Who watches the reads, or NULL for nobody, which is the default. The options keep a
/// share of the progress, which may be freed before them. It counts bytes as they are
/// stored; where slices are read without a check, and of V1, as they are in memory.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_read_options_set_progress(
    options: Option<&mut tfckpt_read_options>,
    progress: Option<&tfckpt_progress>,
) {
    if let Some(options) = options {
        options.0.progress = tfckpt_progress::or_none(progress);
    }
}

impl tfckpt_read_options {
    /// The options given, or the defaults.
    pub(super) fn or_default(options: Option<&Self>) -> ReadOptions {
        options.map_or_else(ReadOptions::default, |options| options.0.clone())
    }
}
