//! A checkpoint open for reading: what is in it.

use std::ffi::c_char;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use super::arguments::{Text, bytes, given, path_of};
use super::boundary::{boundary_handle, boundary_out, free};
use super::error::tfckpt_error;
use super::reader_options::tfckpt_reader_options;
use super::status::tfckpt_status;
use super::tensor::tfckpt_tensor;
use crate::bundle::{Endianness, Reader, ReaderOptions, Tensor};
use crate::checkpoint::locate;
use crate::error::{Error, Result};

/// A checkpoint open for reading. It never changes: any number of threads may use
/// one at once.
pub struct tfckpt_reader {
    reader: Arc<Reader>,
    prefix: Text,
}

impl tfckpt_reader {
    fn open(path: &Path, options: &ReaderOptions) -> Result<Self> {
        let reader = open(path, options)?;
        let prefix = Text::new(reader.prefix().as_os_str().as_bytes());
        Ok(Self { reader: Arc::new(reader), prefix })
    }

    fn find(&self, name: &[u8]) -> Result<Tensor> {
        self.reader.find(name)?.ok_or_else(|| {
            Error::not_found("there is no such tensor")
                .in_file(self.reader.index().path())
                .for_tensor(name)
        })
    }

    fn at(&self, position: i64) -> Result<Tensor> {
        let tensor = match u64::try_from(position) {
            Ok(position) => self.reader.index().at(position)?,
            Err(_) => None,
        };
        tensor.ok_or_else(|| Error::invalid(format!("there is no tensor at position {position}")))
    }

    pub(super) fn given(reader: Option<&Self>) -> Result<&Arc<Reader>> {
        given(reader, "reader").map(|reader| &reader.reader)
    }
}

/// Opens the checkpoint that `path` leads to.
pub(super) fn open(path: &Path, options: &ReaderOptions) -> Result<Reader> {
    Reader::open_with(locate(options.storage.as_ref(), path)?, options)
}

/// Opens a checkpoint, into *out. The path is its prefix, one of its files
/// (PREFIX.index, PREFIX.data-..., PREFIX.meta), or the directory of a SavedModel.
/// Reads little of it: data shards are opened when they are first read.
/// NOT_FOUND where there is none; UNSUPPORTED for one of the V1 format, or of a
/// version that asks for another reader; DATA_LOSS for an index that is damaged.
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
            tfckpt_reader::open(path_of(path, "path")?, &options)
        })
    }
}

/// Frees a reader. NULL is fine. Cursors, tensors, strings and views that came
/// from it stay good.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_free(reader: Option<Box<tfckpt_reader>>) {
    free(reader);
}

/// The prefix of its files: their path without .index or .data-...
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_prefix(reader: Option<&tfckpt_reader>) -> *const c_char {
    reader.map_or(std::ptr::null(), |reader| reader.prefix.as_ptr())
}

/// How many data shards it has.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_num_shards(reader: Option<&tfckpt_reader>) -> i64 {
    reader.map_or(0, |reader| reader.reader.header().num_shards.into())
}

/// Whether its files have values highest byte first. Reading turns them round;
/// only views show them as they are.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_reader_is_big_endian(reader: Option<&tfckpt_reader>) -> bool {
    reader.is_some_and(|reader| reader.reader.header().endianness == Endianness::Big)
}

/// How many tensors there are, into *out. The first call reads all of the index.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_count(
    reader: Option<&tfckpt_reader>,
    out: *mut i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { boundary_out(out, err, || Ok(tfckpt_reader::given(reader)?.index().len()? as i64)) }
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
            given(reader, "reader")?.find(name).map(Into::into)
        })
    }
}
