//! How many tensors are written at once.

use super::arguments::MAX_THREADS;
use super::boundary::free;
use super::progress::tfckpt_progress;
use crate::bundle::WriteOptions;

/// How many tensors are written at once. NULL in its place means the defaults.
#[derive(Default)]
pub struct tfckpt_write_options(WriteOptions);

/// The defaults, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_write_options_new() -> Box<tfckpt_write_options> {
    Box::default()
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_write_options_free(options: Option<Box<tfckpt_write_options>>) {
    free(options);
}

/// On how many threads tfckpt_writer_add_many() writes, the caller's included; more than
/// 256 count as 256. The others are started for the call and end with it. What they write
/// into one file waits for each other in the kernel, so with as many shards as threads
/// they get on best. The bytes of the files don't depend on it. Default: 1.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_write_options_set_threads(
    options: Option<&mut tfckpt_write_options>,
    threads: usize,
) {
    if let Some(options) = options {
        options.0.threads = threads.min(MAX_THREADS);
    }
}

/// How many bytes tfckpt_writer_add_many() may hold at once besides the values, of all
/// threads together; 32 KiB for each it takes anyway. Default: 8 MiB.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_write_options_set_max_in_flight(
    options: Option<&mut tfckpt_write_options>,
    bytes: usize,
) {
    if let Some(options) = options {
        options.0.max_in_flight = bytes;
    }
}

/// Who watches tfckpt_writer_add_many(), or NULL for nobody, which is the default. The
/// options keep a share of the progress, which may be freed before them. It counts bytes
/// of values that were written.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_write_options_set_progress(
    options: Option<&mut tfckpt_write_options>,
    progress: Option<&tfckpt_progress>,
) {
    if let Some(options) = options {
        options.0.progress = tfckpt_progress::or_none(progress);
    }
}

impl tfckpt_write_options {
    /// The options given, or the defaults.
    pub(super) fn or_default(options: Option<&Self>) -> WriteOptions {
        options.map_or_else(WriteOptions::default, |options| options.0.clone())
    }
}
