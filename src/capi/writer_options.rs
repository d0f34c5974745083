//! How a checkpoint is written.

use super::arguments::given;
use super::boundary::{boundary, free};
use super::error::tfckpt_error;
use super::status::tfckpt_status;
use crate::bundle::{Endianness, WriterOptions};
use crate::error::{Error, Result};

/// How a checkpoint is written. NULL in its place means the defaults.
#[derive(Default)]
pub struct tfckpt_writer_options(WriterOptions);

/// The defaults, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_options_new() -> Box<tfckpt_writer_options> {
    Box::default()
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_options_free(options: Option<Box<tfckpt_writer_options>>) {
    free(options);
}

/// Over how many data shards the tensors are spread, 1 to 1000. Each tensor goes
/// to the one with the fewest bytes so far. Default: 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_options_set_shards(
    options: Option<&mut tfckpt_writer_options>,
    shards: i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    let set = |options: &mut WriterOptions| {
        let shards = u32::try_from(shards);
        options.num_shards = shards.map_err(|_| Error::invalid("a number of shards below 1"))?;
        Ok(())
    };
    // SAFETY: the caller keeps the rules of the header.
    unsafe { boundary(err, || given(options, "options")?.change(set)) }
}

/// At what multiple of bytes a tensor begins in its shard: a power of two up to
/// 1 MiB, or 0 for 64 where a tensor has 4 KiB or more and the size of an element
/// where it has fewer. 1 packs tensors as TensorFlow does, and the files are then
/// byte for byte those that TensorFlow writes for the same tensors in the same
/// order. Strings and variants are never aligned. Default: 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_options_set_alignment(
    options: Option<&mut tfckpt_writer_options>,
    alignment: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    let set = |options: &mut WriterOptions| {
        options.alignment = (alignment > 0).then_some(alignment as u64);
        Ok(())
    };
    // SAFETY: the caller keeps the rules of the header.
    unsafe { boundary(err, || given(options, "options")?.change(set)) }
}

/// Whether values are stored highest byte first. They are given in the byte order
/// of this machine all the same. Default: false.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_options_set_big_endian(
    options: Option<&mut tfckpt_writer_options>,
    big_endian: bool,
) {
    if let Some(options) = options {
        options.0.endianness = if big_endian { Endianness::Big } else { Endianness::Little };
    }
}

/// Whether tfckpt_writer_finish() returns only when everything is on stable
/// storage. Without, a power cut may leave a checkpoint that is not whole.
/// Default: true.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_options_set_sync(
    options: Option<&mut tfckpt_writer_options>,
    sync: bool,
) {
    if let Some(options) = options {
        options.0.sync = sync;
    }
}

/// Whether a checkpoint that is at the prefix already is replaced. A crash in the
/// middle of that may leave neither of the two, though never a mixture; saving
/// under a new name is safer. Default: false.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_options_set_replace(
    options: Option<&mut tfckpt_writer_options>,
    replace: bool,
) {
    if let Some(options) = options {
        options.0.replace = replace;
    }
}

impl tfckpt_writer_options {
    /// Changes the options, unless they would make no sense then.
    fn change(&mut self, set: impl FnOnce(&mut WriterOptions) -> Result<()>) -> Result<()> {
        let mut changed = self.0.clone();
        set(&mut changed)?;
        changed.check()?;
        self.0 = changed;
        Ok(())
    }

    /// The options given, or the defaults.
    pub(super) fn or_default(options: Option<&Self>) -> WriterOptions {
        options.map_or_else(WriterOptions::default, |options| options.0.clone())
    }
}
