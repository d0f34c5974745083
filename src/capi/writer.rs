//! A checkpoint being written.

use std::ffi::{c_char, c_void};

use super::arguments::{Text, array, bytes, dtype_of, given, path_of, shape, slice};
use super::boundary::{boundary, boundary_handle, free};
use super::error::tfckpt_error;
use super::lists::path_text;
use super::saved::Told;
use super::status::tfckpt_status;
use super::writer_options::tfckpt_writer_options;
use crate::checkpoint::{Save, Sink, create};
use crate::error::{Error, Result};
use crate::tensor::{DType, Shape, StringsRef};

/// A checkpoint being written. Nothing of it can be seen at its prefix until
/// tfckpt_writer_finish() has succeeded. Values go to disk as they come: memory is
/// needed for the index, and a buffer for each shard. In the V1 format they must be
/// sorted by name, and all of them stay in memory until then, encoded: an integer
/// takes one to ten bytes, other numbers what they take anyhow; a tensor that comes in
/// pieces is there twice when it ends.
pub struct tfckpt_writer {
    open: Option<Open>,
    pub(super) prefix: Text,
    pub(super) step: i64,
    pub(super) told: Told,
}

/// A writer that has not ended.
pub(super) enum Open {
    Alone(Box<dyn Sink>),
    /// One that tells a manager when it is finished.
    Managed(Box<Save>),
}

impl Open {
    fn writer(&mut self) -> &mut dyn Sink {
        match self {
            Self::Alone(writer) => writer.as_mut(),
            Self::Managed(save) => &mut ***save,
        }
    }
}

impl tfckpt_writer {
    pub(super) fn new(mut open: Open) -> Self {
        let prefix = path_text(open.writer().prefix());
        let step = match &open {
            Open::Alone(_) => -1,
            Open::Managed(save) => save.step().try_into().unwrap_or(i64::MAX),
        };
        Self { open: Some(open), prefix, step, told: Told::default() }
    }

    /// Lets `call` at the writer. One that panics takes the writer with it, which
    /// abandons what was written: nobody knows what state it is in.
    pub(super) fn with(&mut self, call: impl FnOnce(&mut dyn Sink) -> Result<()>) -> Result<()> {
        let mut open = self.take()?;
        let called = call(open.writer());
        self.open = Some(open);
        called
    }

    fn finish(&mut self) -> Result<()> {
        match self.take()? {
            Open::Alone(writer) => writer.finish(),
            Open::Managed(save) => {
                self.told = save.finish()?.into();
                Ok(())
            }
        }
    }

    fn take(&mut self) -> Result<Open> {
        self.open
            .take()
            .ok_or_else(|| Error::invalid("this writer has ended: it is left to be freed"))
    }
}

/// Begins a checkpoint, into *out, whose files will be PREFIX.index and
/// PREFIX.data-...; of the V1 format PREFIX itself, or with several shards
/// PREFIX-00000-of-00002 and so on. Directories that are missing are created.
/// ALREADY_EXISTS where there is a checkpoint of that prefix, unless the options say to
/// replace it; INVALID_ARGUMENT for options that the format has no use for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_create(
    prefix: *const c_char,
    options: Option<&tfckpt_writer_options>,
    out: *mut *mut tfckpt_writer,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let (format, options) = tfckpt_writer_options::or_default(options);
            let writer = create(path_of(prefix, "prefix")?, format, options)?;
            Ok(tfckpt_writer::new(Open::Alone(writer)))
        })
    }
}

/// Adds a tensor whose elements have a fixed size. INVALID_ARGUMENT for an empty
/// name, or where dtype and dims don't take just data_len bytes; ALREADY_EXISTS
/// for a name that was added before; UNSUPPORTED for types whose elements have
/// none, and in the V1 format for what TensorFlow does not read from it: other types
/// than tfckpt_writer_options_set_format() says, names that are not UTF-8, more than 8
/// dimensions, 2 GiB or more in one piece; IO, after which the writer can only be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_add(
    writer: Option<&mut tfckpt_writer>,
    name: *const c_char,
    name_len: usize,
    dtype: i32,
    dims: *const i64,
    rank: usize,
    data: *const c_void,
    data_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let writer = given(writer, "writer")?;
            let name = bytes(name, name_len, "name")?;
            let (dtype, shape) = (dtype_of(dtype)?, shape(dims, rank)?);
            let data = bytes(data, data_len, "data")?;
            writer.with(|writer| writer.add_numbers(name, dtype, &shape, None, data))
        })
    }
}

/// Adds a slice of a tensor that is stored in several; dims and rank are those of
/// the whole tensor, starts and lengths as of tfckpt_reader_read_slice(). Slices
/// may come in any order, and among other tensors, but must not overlap. One that
/// is the whole tensor is stored as an ordinary tensor. Otherwise as
/// tfckpt_writer_add(); INVALID_ARGUMENT where the slice reaches outside, or dtype
/// or dims are not those of the tensor's slices before; UNSUPPORTED in V1 for a
/// length of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_add_slice(
    writer: Option<&mut tfckpt_writer>,
    name: *const c_char,
    name_len: usize,
    dtype: i32,
    dims: *const i64,
    rank: usize,
    starts: *const i64,
    lengths: *const i64,
    data: *const c_void,
    data_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let writer = given(writer, "writer")?;
            let name = bytes(name, name_len, "name")?;
            let (dtype, shape) = (dtype_of(dtype)?, shape(dims, rank)?);
            let slice = slice(starts, lengths, rank)?;
            let data = bytes(data, data_len, "data")?;
            writer.with(|writer| writer.add_numbers(name, dtype, &shape, Some(&slice), data))
        })
    }
}

/// Adds a string tensor; offsets and data as tfckpt_strings has them, of as many
/// elements as dims say. INVALID_ARGUMENT where the offsets don't rise from 0 to
/// data_len; otherwise as tfckpt_writer_add().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_add_strings(
    writer: Option<&mut tfckpt_writer>,
    name: *const c_char,
    name_len: usize,
    dims: *const i64,
    rank: usize,
    offsets: *const i64,
    data: *const c_void,
    data_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let writer = given(writer, "writer")?;
            let name = bytes(name, name_len, "name")?;
            let shape = shape(dims, rank)?;
            let strings = strings(&shape, offsets, bytes(data, data_len, "data")?)?;
            let dtype = DType::STRING;
            writer.with(|writer| writer.add_elements(name, dtype, &shape, None, strings))
        })
    }
}

/// Adds a slice of a string tensor, of as many elements as the slice has.
/// Otherwise as tfckpt_writer_add_slice() and tfckpt_writer_add_strings().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_add_strings_slice(
    writer: Option<&mut tfckpt_writer>,
    name: *const c_char,
    name_len: usize,
    dims: *const i64,
    rank: usize,
    starts: *const i64,
    lengths: *const i64,
    offsets: *const i64,
    data: *const c_void,
    data_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let writer = given(writer, "writer")?;
            let name = bytes(name, name_len, "name")?;
            let shape = shape(dims, rank)?;
            let slice = slice(starts, lengths, rank)?;
            let data = bytes(data, data_len, "data")?;
            let strings = strings(&slice.shape(&shape)?, offsets, data)?;
            let (dtype, slice) = (DType::STRING, Some(&slice));
            writer.with(|writer| writer.add_elements(name, dtype, &shape, slice, strings))
        })
    }
}

/// Adds a variant tensor, each element a serialized VariantTensorDataProto.
/// Otherwise as tfckpt_writer_add_strings().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_add_variants(
    writer: Option<&mut tfckpt_writer>,
    name: *const c_char,
    name_len: usize,
    dims: *const i64,
    rank: usize,
    offsets: *const i64,
    data: *const c_void,
    data_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let writer = given(writer, "writer")?;
            let name = bytes(name, name_len, "name")?;
            let shape = shape(dims, rank)?;
            let records = strings(&shape, offsets, bytes(data, data_len, "data")?)?;
            let dtype = DType::VARIANT;
            writer.with(|writer| writer.add_elements(name, dtype, &shape, None, records))
        })
    }
}

/// Adds a slice of a variant tensor, each element a serialized
/// VariantTensorDataProto. Otherwise as tfckpt_writer_add_strings_slice().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_add_variants_slice(
    writer: Option<&mut tfckpt_writer>,
    name: *const c_char,
    name_len: usize,
    dims: *const i64,
    rank: usize,
    starts: *const i64,
    lengths: *const i64,
    offsets: *const i64,
    data: *const c_void,
    data_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let writer = given(writer, "writer")?;
            let name = bytes(name, name_len, "name")?;
            let shape = shape(dims, rank)?;
            let slice = slice(starts, lengths, rank)?;
            let data = bytes(data, data_len, "data")?;
            let records = strings(&slice.shape(&shape)?, offsets, data)?;
            let (dtype, slice) = (DType::VARIANT, Some(&slice));
            writer.with(|writer| writer.add_elements(name, dtype, &shape, slice, records))
        })
    }
}

/// Begins a tensor whose bytes come in pieces, with tfckpt_writer_append(). Until
/// tfckpt_writer_end() or tfckpt_writer_cancel() nothing else can be added.
/// Otherwise as tfckpt_writer_add().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_begin(
    writer: Option<&mut tfckpt_writer>,
    name: *const c_char,
    name_len: usize,
    dtype: i32,
    dims: *const i64,
    rank: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let writer = given(writer, "writer")?;
            let name = bytes(name, name_len, "name")?;
            let (dtype, shape) = (dtype_of(dtype)?, shape(dims, rank)?);
            writer.with(|writer| writer.begin_tensor(name, dtype, &shape, None))
        })
    }
}

/// Begins a slice of a tensor, as tfckpt_writer_begin() and
/// tfckpt_writer_add_slice().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_begin_slice(
    writer: Option<&mut tfckpt_writer>,
    name: *const c_char,
    name_len: usize,
    dtype: i32,
    dims: *const i64,
    rank: usize,
    starts: *const i64,
    lengths: *const i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let writer = given(writer, "writer")?;
            let name = bytes(name, name_len, "name")?;
            let (dtype, shape) = (dtype_of(dtype)?, shape(dims, rank)?);
            let slice = slice(starts, lengths, rank)?;
            writer.with(|writer| writer.begin_tensor(name, dtype, &shape, Some(&slice)))
        })
    }
}

/// Adds the next bytes of the tensor that was begun; they may end within an
/// element. INVALID_ARGUMENT where they are more than it takes, or none was begun.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_append(
    writer: Option<&mut tfckpt_writer>,
    data: *const c_void,
    data_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let data = bytes(data, data_len, "data")?;
            given(writer, "writer")?.with(|writer| writer.append(data))
        })
    }
}

/// Ends the tensor that was begun. INVALID_ARGUMENT where bytes of it are missing,
/// which can still be appended, or none was begun.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_end(
    writer: Option<&mut tfckpt_writer>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { boundary(err, || given(writer, "writer")?.with(|writer| writer.end_tensor())) }
}

/// Gives up the tensor that was begun, if one was: it will not be in the
/// checkpoint, and its name is free again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_cancel(
    writer: Option<&mut tfckpt_writer>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    let cancel = |writer: &mut dyn Sink| {
        writer.cancel_tensor();
        Ok(())
    };
    // SAFETY: the caller keeps the rules of the header.
    unsafe { boundary(err, || given(writer, "writer")?.with(cancel)) }
}

/// Makes the checkpoint appear at its prefix, whole, and on stable storage unless
/// the options say otherwise. Whether it succeeds or not, the writer then takes
/// nothing more and is left to be freed; where it fails, no file is left behind.
/// INVALID_ARGUMENT where slices overlap or a tensor was begun and not ended;
/// ALREADY_EXISTS where a checkpoint has appeared there meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_finish(
    writer: Option<&mut tfckpt_writer>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { boundary(err, || given(writer, "writer")?.finish()) }
}

/// Frees a writer. NULL is fine. Without tfckpt_writer_finish() before, what was
/// written is abandoned, and no file is left behind.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_writer_free(writer: Option<Box<tfckpt_writer>>) {
    free(writer);
}

/// The elements that fill `shape`.
///
/// # Safety
/// `offsets` keep the rules of the header.
unsafe fn strings<'a>(
    shape: &Shape,
    offsets: *const i64,
    data: &'a [u8],
) -> Result<StringsRef<'a>> {
    let count = usize::try_from(shape.num_elements()).ok().and_then(|count| count.checked_add(1));
    let count = count.ok_or_else(|| Error::invalid(format!("{shape} has too many elements")))?;
    // SAFETY: passed on.
    StringsRef::new(unsafe { array(offsets, count, "offsets") }?, data)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::bundle::WriterOptions;
    use crate::checkpoint::Format;
    use crate::error::ErrorKind;

    #[test]
    fn a_panic_abandons_what_was_written() {
        let dir = tempfile::tempdir().unwrap();
        for format in [Format::V1, Format::V2] {
            let options = WriterOptions::default();
            let writer = create(&dir.path().join("ckpt"), format, options).unwrap();
            let mut handle = tfckpt_writer::new(Open::Alone(writer));
            let call = AssertUnwindSafe(|| handle.with(|_| panic!("halfway")));
            assert!(catch_unwind(call).is_err());
            assert_eq!(dir.path().read_dir().unwrap().count(), 0);
            assert_eq!(handle.with(|_| Ok(())).unwrap_err().kind(), ErrorKind::InvalidArgument);
        }
    }
}
