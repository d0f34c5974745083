//! A checkpoint open for reading: what is in it.

use std::ffi::c_char;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use super::arguments::{Text, bytes, given, path_of};
use super::boundary::{boundary_handle, boundary_out, free};
use super::error::tfckpt_error;
use super::reader_options::tfckpt_reader_options;
use super::status::tfckpt_status;
use super::tensor::tfckpt_tensor;
use crate::bundle::Endianness;
use crate::checkpoint::{Format, Reader, Tensor};
use crate::error::{Error, Result};

/// A checkpoint open for reading. It never changes: any number of threads may use
/// one at once.
pub struct tfckpt_reader {
    reader: Arc<Reader>,
    prefix: Text,
}

impl tfckpt_reader {
    fn at(&self, position: i64) -> Result<Tensor> {
        let tensor = match u64::try_from(position) {
            Ok(position) => self.reader.at(position)?,
            Err(_) => None,
        };
        tensor.ok_or_else(|| Error::invalid(format!("there is no tensor at position {position}")))
    }

    pub(super) fn given(reader: Option<&Self>) -> Result<&Arc<Reader>> {
        given(reader, "reader").map(|reader| &reader.reader)
    }
}

impl From<Reader> for tfckpt_reader {
    fn from(reader: Reader) -> Self {
        let prefix = Text::new(reader.prefix().as_os_str().as_bytes());
        Self { reader: Arc::new(reader), prefix }
    }
}

/// In which format a checkpoint is.
#[repr(i32)]
pub enum tfckpt_format {
    /// Table files with the values in them.
    TFCKPT_FORMAT_V1 = 1,
    /// An index and data shards.
    TFCKPT_FORMAT_V2 = 2,
    /// Several checkpoints as one.
    TFCKPT_FORMAT_OVERLAY = 3,
}

/// Opens a checkpoint, into *out, V2 or V1. The path is one of
/// - its prefix;
/// - one of its files: PREFIX.index, PREFIX.data-..., PREFIX.meta, a V1 file, any of
///   the files of a V1 checkpoint that has several, or the pattern that state files
///   name it by (STEM-?????-of-00003);
/// - a state file ("checkpoint"): the latest checkpoint that it names;
/// - a directory: its latest; without a state file, the SavedModel that it is, or
///   the only checkpoint in it.
///
/// It is taken literally first. Reads little of the checkpoint, but opens its files, of
/// more than 64 data shards each when it is first read: what is open can be read to the
/// end, though a manager or somebody else removes the checkpoint. NOT_FOUND where there
/// is none, or a file of V1 is missing; UNSUPPORTED for a version that asks for another
/// reader; DATA_LOSS for an index that is damaged, a file that is none of a checkpoint,
/// or a state file that leads to none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_open(
    path: *const c_char,
    options: Option<&tfckpt_reader_options>,
    out: *mut *mut tfckpt_reader,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let options = tfckpt_reader_options::or_default(options);
            Reader::open_with(path_of(path, "path")?, &options).map(Into::into)
        })
    }
}

/// Frees a reader. NULL is fine. Cursors, tensors, strings and views that came
/// from it stay good.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_free(reader: Option<Box<tfckpt_reader>>) {
    free(reader);
}

/// In which format it is: a tfckpt_format.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_format(reader: Option<&tfckpt_reader>) -> i32 {
    use tfckpt_format::*;
    let number = |reader: &tfckpt_reader| match reader.reader.format() {
        Format::V1 => TFCKPT_FORMAT_V1 as i32,
        Format::V2 => TFCKPT_FORMAT_V2 as i32,
        Format::Overlay => TFCKPT_FORMAT_OVERLAY as i32,
    };
    reader.map_or(0, number)
}

/// The prefix of its files: their path without .index or .data-... Of V1 the path of
/// its file, or where it has several a pattern, STEM-?????-of-00003; of an overlay it
/// is empty.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_prefix(reader: Option<&tfckpt_reader>) -> *const c_char {
    reader.map_or(std::ptr::null(), |reader| reader.prefix.as_ptr())
}

/// How many files have its values: data shards, or the files of V1.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_num_shards(reader: Option<&tfckpt_reader>) -> i64 {
    reader.map_or(0, |reader| reader.reader.num_shards().into())
}

/// Whether its files have values highest byte first. Reading turns them round;
/// only views show them as they are. False for V1, and for overlays, which may have
/// either.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_is_big_endian(reader: Option<&tfckpt_reader>) -> bool {
    reader.is_some_and(|reader| reader.reader.endianness() == Some(Endianness::Big))
}

/// How many tensors there are, into *out. The first call reads all of the index.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_count(
    reader: Option<&tfckpt_reader>,
    out: *mut i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { boundary_out(out, err, || Ok(tfckpt_reader::given(reader)?.len()? as i64)) }
}

/// The tensor at a position, counted from 0 in the order of names, into *out.
/// INVALID_ARGUMENT where there is none. To go through all of them
/// tfckpt_reader_list() is quicker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_tensor_at(
    reader: Option<&tfckpt_reader>,
    position: i64,
    out: *mut *mut tfckpt_tensor,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { boundary_handle(out, err, || given(reader, "reader")?.at(position).map(Into::into)) }
}

/// The tensor of a name, into *out. NOT_FOUND where there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_find(
    reader: Option<&tfckpt_reader>,
    name: *const c_char,
    name_len: usize,
    out: *mut *mut tfckpt_tensor,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let name = bytes(name, name_len, "name")?;
            tfckpt_reader::given(reader)?.tensor(name).map(Into::into)
        })
    }
}

/// The tensor that a name means, into *out: the one that is called so; or else, where
/// the checkpoint has an object graph, that of the object with this path, or of the
/// variable with this full name. NOT_FOUND where it means none; INVALID_ARGUMENT where
/// it means several, whose names the error then lists; otherwise errors as of
/// tfckpt_reader_read_object_graph(). The graph is read at the first call that needs it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_resolve(
    reader: Option<&tfckpt_reader>,
    name: *const c_char,
    name_len: usize,
    out: *mut *mut tfckpt_tensor,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let name = bytes(name, name_len, "name")?;
            let reader = tfckpt_reader::given(reader)?;
            let tensor = reader.resolve(name)?.map_or_else(|| reader.tensor(name), Ok);
            tensor.map(Into::into)
        })
    }
}
