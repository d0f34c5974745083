//! A checkpoint into another.

use std::ffi::c_char;

use super::arguments::{MAX_THREADS, bytes, dtype_of, given, path_of};
use super::boundary::{boundary, free};
use super::error::tfckpt_error;
use super::progress::tfckpt_progress;
use super::reader::tfckpt_reader;
use super::status::tfckpt_status;
use crate::checkpoint::{CopyData, CopyOptions, Glob, NameRule, copy, copy_reader};
use crate::error::{Error, Result};

/// What becomes of the data of a copy.
#[repr(i32)]
pub enum tfckpt_copy_data {
    /// It is written anew: every byte is checked on the way, what was left out takes
    /// no room, and the copy is little-endian.
    TFCKPT_COPY_DATA_REWRITE = 0,
    /// Only the index is written; the data files are copied as they are, unchecked,
    /// with all that is in them. The index keeps the checksums, so damage is told by
    /// whoever reads the copy, as it is of the source.
    TFCKPT_COPY_DATA_COPY = 1,
    /// Only the index is written; the data files get a second name, as hard links: no
    /// bytes are moved or checked, and either checkpoint may be removed without harm to
    /// the other. The index keeps the checksums. IO where the file system has no links, or the copy is to be on another.
    TFCKPT_COPY_DATA_LINK = 2,
}

/// How a checkpoint is copied. NULL in its place means the defaults: all of it, as it
/// is.
#[derive(Default)]
pub struct tfckpt_copy_options(CopyOptions);

impl tfckpt_copy_options {
    /// Changes the options, unless they would make no sense then.
    fn change(options: Option<&mut Self>, set: impl FnOnce(&mut CopyOptions)) -> Result<()> {
        let options = given(options, "options")?;
        let mut changed = options.0.clone();
        set(&mut changed);
        changed.check()?;
        options.0 = changed;
        Ok(())
    }

    fn add_rule(options: Option<&mut Self>, rule: NameRule) -> Result<()> {
        given(options, "options")?.0.renames.push(rule);
        Ok(())
    }

    /// The options given, or the defaults.
    fn or_default(options: Option<&Self>) -> CopyOptions {
        options.map(|options| options.0.clone()).unwrap_or_default()
    }
}

/// The defaults, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_copy_options_new() -> Box<tfckpt_copy_options> {
    Box::default()
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_copy_options_free(options: Option<Box<tfckpt_copy_options>>) {
    free(options);
}

/// Says that tensors are to be copied whose whole names are as glob: * stands for
/// anything, / included, ? for one character, [a-z_] and [!a-z] for one byte of a set
/// or not of it; a backslash takes the meaning from what follows. What any of the
/// filters fits is copied, and where none was added, everything.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_copy_options_add_filter(
    options: Option<&mut tfckpt_copy_options>,
    glob: *const c_char,
    glob_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let glob = Glob::new(bytes(glob, glob_len, "glob")?)?;
            given(options, "options")?.0.filters.push(glob.into());
            Ok(())
        })
    }
}

/// Gives a tensor the name to. Of several rules that fit a tensor the first that was
/// added counts; one that none fits keeps its name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_copy_options_map_name(
    options: Option<&mut tfckpt_copy_options>,
    from: *const c_char,
    from_len: usize,
    to: *const c_char,
    to_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let (from, to) = (bytes(from, from_len, "from")?, bytes(to, to_len, "to")?);
            tfckpt_copy_options::add_rule(options, NameRule::name(from, to)?)
        })
    }
}

/// Gives all tensors whose names begin with from names that begin with to instead.
/// Either may be empty. Otherwise as tfckpt_copy_options_map_name().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_copy_options_map_prefix(
    options: Option<&mut tfckpt_copy_options>,
    from: *const c_char,
    from_len: usize,
    to: *const c_char,
    to_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let (from, to) = (bytes(from, from_len, "from")?, bytes(to, to_len, "to")?);
            tfckpt_copy_options::add_rule(options, NameRule::prefix(from, to))
        })
    }
}

/// Gives all tensors whose names are as from new names. A * in from stands for
/// anything, / included, and in to for what that was; a backslash takes the meaning
/// from what follows. INVALID_ARGUMENT for more than one *, or one in to alone.
/// Otherwise as tfckpt_copy_options_map_name().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_copy_options_map_pattern(
    options: Option<&mut tfckpt_copy_options>,
    from: *const c_char,
    from_len: usize,
    to: *const c_char,
    to_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let (from, to) = (bytes(from, from_len, "from")?, bytes(to, to_len, "to")?);
            tfckpt_copy_options::add_rule(options, NameRule::pattern(from, to)?)
        })
    }
}

/// Whether to leave out the tensors that tfckpt_object_graph_is_optimizer_state()
/// tells. A copy of a checkpoint without an object graph fails then. Default: false.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_copy_options_set_drop_optimizer_state(
    options: Option<&mut tfckpt_copy_options>,
    drop_optimizer_state: bool,
) {
    if let Some(options) = options {
        options.0.drop_optimizer_state = drop_optimizer_state;
    }
}

/// What becomes of the data: a tfckpt_copy_data. It can stay as it is where it comes
/// from V2, and there is neither a cast nor a number of shards nor an alignment;
/// otherwise INVALID_ARGUMENT, here or by the copy. Default:
/// TFCKPT_COPY_DATA_REWRITE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_copy_options_set_data(
    options: Option<&mut tfckpt_copy_options>,
    data: i32,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    let data_of = |number| match number {
        0 => Ok(CopyData::Rewrite),
        1 => Ok(CopyData::Copy),
        2 => Ok(CopyData::Link),
        _ => Err(Error::invalid(format!("data {number}"))),
    };
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let data = data_of(data)?;
            tfckpt_copy_options::change(options, |options| options.data = data)
        })
    }
}

/// The floating type that tensors of all other floating types are turned into, or 0
/// for none: a tfckpt_dtype, but not TFCKPT_DT_FLOAT4_E2M1FN, which has no NaN. Values
/// are rounded once, to the nearest, ties to even; what is too large becomes infinity,
/// or NaN in types without infinity. Default: 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_copy_options_set_cast(
    options: Option<&mut tfckpt_copy_options>,
    dtype: i32,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let dtype = if dtype == 0 { None } else { Some(dtype_of(dtype)?) };
            tfckpt_copy_options::change(options, |options| options.cast = dtype)
        })
    }
}

/// Over how many data shards the tensors are spread, 1 to 1000, or 0 for as many as
/// the source has. Default: 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_copy_options_set_shards(
    options: Option<&mut tfckpt_copy_options>,
    shards: i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let shards = u32::try_from(shards)
                .map_err(|_| Error::invalid(format!("{shards} data shards")))?;
            let shards = (shards > 0).then_some(shards);
            tfckpt_copy_options::change(options, |options| options.num_shards = shards)
        })
    }
}

/// At what multiple of bytes a tensor begins in its shard, as of
/// tfckpt_writer_options_set_alignment(). Default: 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_copy_options_set_alignment(
    options: Option<&mut tfckpt_copy_options>,
    alignment: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    let alignment = (alignment > 0).then_some(alignment as u64);
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            tfckpt_copy_options::change(options, |options| options.alignment = alignment)
        })
    }
}

/// Whether a copy returns only when it is on stable storage. Default: true.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_copy_options_set_sync(
    options: Option<&mut tfckpt_copy_options>,
    sync: bool,
) {
    if let Some(options) = options {
        options.0.sync = sync;
    }
}

/// Whether a checkpoint that is at the destination already is replaced, as of
/// tfckpt_writer_options_set_replace(). Default: false.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_copy_options_set_replace(
    options: Option<&mut tfckpt_copy_options>,
    replace: bool,
) {
    if let Some(options) = options {
        options.0.replace = replace;
    }
}

/// On how many threads a copy is made, the caller's included; more than 256 count as 256.
/// The others are started for the call and end with it. The bytes of the files don't depend
/// on it. Default: 1.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_copy_options_set_threads(
    options: Option<&mut tfckpt_copy_options>,
    threads: usize,
) {
    if let Some(options) = options {
        options.0.threads = threads.min(MAX_THREADS);
    }
}

/// How many bytes of data a copy may hold at once, of all threads together; some 100 KiB
/// for each it takes anyway, and of V1 a stored slice, which is decoded as a whole.
/// Default: 64 MiB.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_copy_options_set_max_in_flight(
    options: Option<&mut tfckpt_copy_options>,
    bytes: usize,
) {
    if let Some(options) = options {
        options.0.max_in_flight = bytes;
    }
}

/// Who watches the copy, or NULL for nobody, which is the default: as of
/// tfckpt_read_options_set_progress(). Where the data stays as it is, it counts the bytes
/// of data files, be they copied or linked.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_copy_options_set_progress(
    options: Option<&mut tfckpt_copy_options>,
    progress: Option<&tfckpt_progress>,
) {
    if let Some(options) = options {
        options.0.progress = tfckpt_progress::or_none(progress);
    }
}

/// Copies a checkpoint into a new one of V2, at the prefix dst. The path src is as of
/// tfckpt_reader_open(). The copy appears whole or not at all, and nothing ever happens
/// to the source. Partitioned tensors stay partitioned; where slices are missing, as in
/// one part of a sharded save, those that are there are copied.
///
/// An object graph comes along and stays true, so that tf.train.Checkpoint restores what
/// is there: what it says of tensors that are left out goes, and its keys follow the
/// names. A name that can be no key, because it does not end as before from
/// /.ATTRIBUTES/ on, is lost to it. Filters and rules are not for it; it is left out
/// where nothing that it is about is copied.
///
/// INVALID_ARGUMENT where src and dst are the same; where data is to stay as it is and
/// can't; where several tensors would have the same name, with all such names; where
/// there is no object graph to tell optimizer state. NOT_FOUND for a filter or a rule
/// that fits no tensor. ALREADY_EXISTS where there is a checkpoint at dst. CANCELLED by
/// the progress of the options.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_checkpoint_copy(
    dst: *const c_char,
    src: *const c_char,
    options: Option<&tfckpt_copy_options>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let (dst, src) = (path_of(dst, "dst")?, path_of(src, "src")?);
            copy(dst, src, &tfckpt_copy_options::or_default(options))
        })
    }
}

/// Copies what a reader reads, as tfckpt_checkpoint_copy() does: of an overlay, the
/// tensors of all its checkpoints, under the names that they have there. Where the data
/// stays as it is these are all of V2, and INVALID_ARGUMENT if their byte orders or
/// versions differ.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_copy(
    reader: Option<&tfckpt_reader>,
    dst: *const c_char,
    options: Option<&tfckpt_copy_options>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let reader = tfckpt_reader::given(reader)?;
            let options = tfckpt_copy_options::or_default(options);
            copy_reader(path_of(dst, "dst")?, reader, &options)
        })
    }
}
