//! How a checkpoint is opened.

use super::boundary::free;
use crate::bundle::ReaderOptions;

/// How a checkpoint is opened. NULL in its place means the defaults.
#[derive(Default)]
pub struct tfckpt_reader_options(pub(super) ReaderOptions);

/// The defaults, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_options_new() -> Box<tfckpt_reader_options> {
    Box::default()
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_options_free(options: Option<Box<tfckpt_reader_options>>) {
    free(options);
}

/// Whether data shards are read through a mapping of the file rather than by
/// positioned reads. That saves a copy within the operating system; but a file
/// that another process cuts short then raises SIGBUS instead of giving an error.
/// Default: false. Views are mapped whatever this says.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_options_set_mapped(
    options: Option<&mut tfckpt_reader_options>,
    mapped: bool,
) {
    if let Some(options) = options {
        options.0.mapped = mapped;
    }
}

/// How many bytes of the index are kept in memory for the next look at them.
/// Default: 64 MiB.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_options_set_index_cache(
    options: Option<&mut tfckpt_reader_options>,
    bytes: usize,
) {
    if let Some(options) = options {
        options.0.index.cache_bytes = bytes;
    }
}

/// The largest block of the index, in bytes, that is taken into memory; a larger
/// one is RESOURCE_LIMIT. In V1 blocks have the values in them. Default: 1 GiB; of V1
/// 4 GiB, as there are no larger ones.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_options_set_max_block(
    options: Option<&mut tfckpt_reader_options>,
    bytes: usize,
) {
    if let Some(options) = options {
        options.0.index.max_block_bytes = bytes as u64;
    }
}

/// The largest index, in bytes of its file, that is opened; a larger one is
/// RESOURCE_LIMIT. Of V1, whose files have the values in them, the largest file. Default:
/// any size, as no more of it is in memory than tfckpt_reader_options_set_index_cache()
/// and _set_max_block() say.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_options_set_max_index(
    options: Option<&mut tfckpt_reader_options>,
    bytes: usize,
) {
    if let Some(options) = options {
        options.0.index.max_file_bytes = bytes as u64;
    }
}

/// How many tensors a checkpoint may have; of more, V1 is not opened, and V2 neither
/// counted nor read by position: RESOURCE_LIMIT. To walk over them takes no memory for
/// those before. A negative count is 0. Default: 2^28.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_options_set_max_tensors(
    options: Option<&mut tfckpt_reader_options>,
    count: i64,
) {
    if let Some(options) = options {
        options.0.max_tensors = u64::try_from(count).unwrap_or(0);
    }
}

/// How many bytes of values one call may take memory for: tfckpt_reader_read_strings()
/// does not, and tfckpt_reader_read_size() does not tell of more, but is RESOURCE_LIMIT.
/// What is read into the caller's memory has the limits of that. Default: as many as the
/// files have.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_options_set_max_tensor_bytes(
    options: Option<&mut tfckpt_reader_options>,
    bytes: usize,
) {
    if let Some(options) = options {
        options.0.max_tensor_bytes = bytes as u64;
    }
}

impl tfckpt_reader_options {
    /// The options given, or the defaults.
    pub(super) fn or_default(options: Option<&Self>) -> ReaderOptions {
        options.map_or_else(ReaderOptions::default, |options| options.0.clone())
    }
}
