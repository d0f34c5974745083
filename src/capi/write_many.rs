//! Many tensors, written at once.

use std::ffi::{c_char, c_void};
use std::ops::Range;

use super::arguments::{array, array_if, bytes, dtype_of, given, look_ahead, shape, slice};
use super::boundary::boundary;
use super::error::tfckpt_error;
use super::status::tfckpt_status;
use super::write_options::tfckpt_write_options;
use super::writer::tfckpt_writer;
use crate::bundle::{WholeRequest, WriteRequest, WriteRequests};
use crate::error::{Error, Result};
use crate::tensor::DType;

/// One of the tensors that tfckpt_writer_add_many() writes. Set all of it to zero before
/// filling it in.
#[repr(C)]
pub struct tfckpt_write_request {
    /// The tensor's name.
    pub name: *const c_char,
    /// The bytes of the name.
    pub name_len: usize,
    /// The type of its elements, which has a fixed size.
    pub dtype: i32,
    /// The dimensions of the whole tensor.
    pub dims: *const i64,
    /// How many dimensions there are.
    pub rank: usize,
    /// Where in each dimension the slice begins; NULL for the whole tensor, with lengths
    /// NULL too.
    pub starts: *const i64,
    /// How many elements of each dimension it has; -1 for all of one.
    pub lengths: *const i64,
    /// The values, in the byte order of this machine.
    pub data: *const c_void,
    /// The bytes of data.
    pub data_len: usize,
    /// NULL: room for later versions.
    pub reserved: [*mut c_void; 2],
}

/// Adds many tensors, or slices of them, on as many threads as the options say. The files
/// are the same as if each had been added by tfckpt_writer_add() or
/// tfckpt_writer_add_slice(), one after the other. Errors as of these, of the first request
/// that has one: none of them is added then, or in the V1 format those before it. Nothing
/// is written before all were checked; after IO, and CANCELLED by the progress of the
/// options, what is in the files is not known, and the writer can only be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_writer_add_many(
    writer: Option<&mut tfckpt_writer>,
    requests: *const tfckpt_write_request,
    count: usize,
    options: Option<&tfckpt_write_options>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let writer = given(writer, "writer")?;
            let requests = Requests(array(requests, count, "requests")?);
            let options = tfckpt_write_options::or_default(options);
            writer.with(|writer| writer.add_requests(&requests, &options))
        })
    }
}

/// Requests that keep the rules of the header.
struct Requests<'a>(&'a [tfckpt_write_request]);

impl WriteRequests for Requests<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, number: usize) -> Result<WriteRequest<'_>> {
        let request = &self.0[number];
        if request.reserved.iter().any(|reserved| !reserved.is_null()) {
            return Err(Error::invalid("what is reserved in a request is not NULL"));
        }
        let is_whole = request.starts.is_null() && request.lengths.is_null();
        // SAFETY: they keep the rules.
        unsafe {
            Ok(WriteRequest {
                name: bytes(request.name, request.name_len, "name")?,
                dtype: dtype_of(request.dtype)?,
                shape: shape(request.dims, request.rank)?,
                slice: match is_whole {
                    true => None,
                    false => Some(slice(request.starts, request.lengths, request.rank)?),
                },
                data: bytes(request.data, request.data_len, "data")?,
            })
        }
    }

    fn take_whole<'r>(&'r self, numbers: Range<usize>, whole: &mut Vec<WholeRequest<'r>>) {
        whole.extend(self.0.get(numbers).unwrap_or_default().iter().map_while(whole_of));
    }
}

#[inline]
fn whole_of(request: &tfckpt_write_request) -> Option<WholeRequest<'_>> {
    look_ahead(request, request.name);
    let is_whole = request.starts.is_null() && request.lengths.is_null();
    if !is_whole || request.reserved.iter().any(|reserved| !reserved.is_null()) {
        return None;
    }
    // SAFETY: they keep the rules.
    unsafe {
        Some(WholeRequest {
            name: array_if(request.name.cast(), request.name_len)?,
            dtype: DType::from_number(request.dtype)?,
            dims: array_if(request.dims, request.rank)?,
            data: array_if(request.data.cast(), request.data_len)?,
        })
    }
}
