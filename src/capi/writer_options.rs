//! How a checkpoint is written.

use super::arguments::given;
use super::boundary::{boundary, free};
use super::error::tfckpt_error;
use super::reader::tfckpt_format;
use super::status::tfckpt_status;
use crate::bundle::{Endianness, WriterOptions};
use crate::checkpoint::Format;
use crate::error::{Error, Result};

/// How a checkpoint is written. NULL in its place means the defaults.
pub struct tfckpt_writer_options {
    format: Format,
    options: WriterOptions,
}

impl Default for tfckpt_writer_options {
    fn default() -> Self {
        Self { format: Format::V2, options: WriterOptions::default() }
    }
}

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

/// In which format it is written: TFCKPT_FORMAT_V2, or TFCKPT_FORMAT_V1 for programs
/// that read no other. INVALID_ARGUMENT for other numbers.
///
/// V1 holds the dtypes FLOAT, DOUBLE, HALF, INT8 to INT64, UINT8, UINT16, BOOL,
/// COMPLEX64, COMPLEX128, QINT8, QUINT8, QINT32 and STRING. The file, where it is one, is
/// byte for byte what TensorFlow writes for the same tensors, the slices of each in the
/// same order. Alignment and big-endian values are refused for it, by
/// tfckpt_writer_create(). Default: TFCKPT_FORMAT_V2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_options_set_format(
    options: Option<&mut tfckpt_writer_options>,
    format: i32,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    let to_write = || match format {
        _ if format == tfckpt_format::TFCKPT_FORMAT_V1 as i32 => Ok(Format::V1),
        _ if format == tfckpt_format::TFCKPT_FORMAT_V2 as i32 => Ok(Format::V2),
        _ => Err(Error::invalid(format!("{format} is no format that checkpoints are written in"))),
    };
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            given(options, "options")?.format = to_write()?;
            Ok(())
        })
    }
}

/// Over how many data shards the tensors are spread, 1 to 1000; of V1, over how many
/// files. Each tensor, or slice of one, goes to the one with the fewest bytes so far.
/// Default: 1.
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
        options.options.endianness = if big_endian { Endianness::Big } else { Endianness::Little };
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
        options.options.sync = sync;
    }
}

/// Whether a checkpoint of that format that is at the prefix already is replaced. At
/// every instant of a crash one of the two is there, whole; only of V1 in several files,
/// and where the file system has no hard links, it may be neither, though never a
/// mixture. Default: false.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_options_set_replace(
    options: Option<&mut tfckpt_writer_options>,
    replace: bool,
) {
    if let Some(options) = options {
        options.options.replace = replace;
    }
}

impl tfckpt_writer_options {
    /// Changes the options, unless they would make no sense then.
    fn change(&mut self, set: impl FnOnce(&mut WriterOptions) -> Result<()>) -> Result<()> {
        let mut changed = self.options.clone();
        set(&mut changed)?;
        changed.check()?;
        self.options = changed;
        Ok(())
    }

    /// The options given, or the defaults, with the format.
    pub(super) fn or_default(options: Option<&Self>) -> (Format, WriterOptions) {
        let default = Self::default();
        let Self { format, options } = options.unwrap_or(&default);
        (*format, options.clone())
    }

    /// The options given, or the defaults, where nothing but V2 is written.
    pub(super) fn of_v2(options: Option<&Self>) -> Result<WriterOptions> {
        match Self::or_default(options) {
            (Format::V2, options) => Ok(options),
            (format, _) => {
                Err(Error::unsupported(format!("this writes no {} checkpoints", format.name())))
            }
        }
    }
}
