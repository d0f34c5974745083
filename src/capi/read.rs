//! Values of a fixed element size, into the caller's memory.

use std::ffi::{c_char, c_void};

use super::arguments::{array, buffer, bytes, check_rank, look_ahead, slice};
use super::boundary::{boundary, boundary_out};
use super::error::tfckpt_error;
use super::read_options::tfckpt_read_options;
use super::reader::tfckpt_reader;
use super::status::tfckpt_status;
use crate::bundle::{ReadRequest, ReadRequests};
use crate::checkpoint::Reader;
use crate::error::{Error, Result};
use crate::tensor::Slice;

/// Reads a tensor into the front of dst, which has room for dst_len bytes; what
/// it takes is tfckpt_tensor_byte_size(). NOT_FOUND where there is no such tensor
/// or its shard is missing; BUFFER_TOO_SMALL; INVALID_ARGUMENT for strings and
/// variants; UNSUPPORTED for types without values in a file; DATA_LOSS where the
/// bytes are damaged or missing; CANCELLED by the progress of the options. What is in
/// dst after an error is not defined.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_read(
    reader: Option<&tfckpt_reader>,
    name: *const c_char,
    name_len: usize,
    options: Option<&tfckpt_read_options>,
    dst: *mut c_void,
    dst_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let reader = tfckpt_reader::given(reader)?;
            let name = bytes(name, name_len, "name")?;
            let options = tfckpt_read_options::or_default(options);
            reader.read_into(name, buffer(dst, dst_len)?, &options).map(drop)
        })
    }
}

/// Reads a slice of a tensor: of each of its rank dimensions as many elements as
/// lengths says, from starts on; a length of -1 is all of a dimension. Otherwise
/// as tfckpt_reader_read(); INVALID_ARGUMENT where the slice reaches outside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_read_slice(
    reader: Option<&tfckpt_reader>,
    name: *const c_char,
    name_len: usize,
    starts: *const i64,
    lengths: *const i64,
    rank: usize,
    options: Option<&tfckpt_read_options>,
    dst: *mut c_void,
    dst_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let reader = tfckpt_reader::given(reader)?;
            let name = bytes(name, name_len, "name")?;
            let slice = slice(starts, lengths, rank)?;
            let options = tfckpt_read_options::or_default(options);
            reader.read_slice_into(name, &slice, buffer(dst, dst_len)?, &options).map(drop)
        })
    }
}

/// How many bytes tfckpt_reader_read_slice() takes, into *out, or tfckpt_reader_read()
/// where starts and lengths are NULL and rank 0. The files have as many, which of
/// tfckpt_tensor_byte_size() is only said: ask this before you take memory for a
/// checkpoint that you don't trust. Errors as of these two.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_read_size(
    reader: Option<&tfckpt_reader>,
    name: *const c_char,
    name_len: usize,
    starts: *const i64,
    lengths: *const i64,
    rank: usize,
    out: *mut usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_out(out, err, || {
            let reader = tfckpt_reader::given(reader)?;
            let name = bytes(name, name_len, "name")?;
            let slice = slice_or_whole(starts, lengths, rank)?;
            Ok(reader.read_size(name, slice.as_ref())? as usize)
        })
    }
}

/// Reads all that is stored of a tensor, checks it, and keeps nothing of it: parts of it
/// may then be read without a check, by tfckpt_read_options_set_verify(). Of V2 it takes
/// no memory to speak of. Errors as of tfckpt_reader_read().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_check(
    reader: Option<&tfckpt_reader>,
    name: *const c_char,
    name_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let reader = tfckpt_reader::given(reader)?;
            check(reader, bytes(name, name_len, "name")?)
        })
    }
}

fn check(reader: &Reader, name: &[u8]) -> Result<()> {
    // Refuses what has no fixed element size, and slices that don't make up the tensor.
    reader.read_size(name, None)?;
    let tensor = reader.tensor(name)?;
    let pieces = reader.pieces(&tensor)?;
    pieces.iter().try_for_each(|piece| reader.read_piece(&tensor, piece, |_| Ok(())))
}

/// One of the tensors that tfckpt_reader_read_many() reads. Set all of it to zero
/// before filling it in.
#[repr(C)]
pub struct tfckpt_read_request {
    /// The tensor's name.
    pub name: *const c_char,
    /// The bytes of the name.
    pub name_len: usize,
    /// Where in each dimension the slice begins; NULL for the whole tensor, with
    /// lengths NULL and rank 0.
    pub starts: *const i64,
    /// How many elements of each dimension it has; -1 for all of one.
    pub lengths: *const i64,
    /// How many dimensions starts and lengths have, and dst_strides.
    pub rank: usize,
    /// Where the values go.
    pub dst: *mut c_void,
    /// The bytes that dst has room for.
    pub dst_len: usize,
    /// How many bytes lie between the first of neighbours along each of rank dimensions in
    /// dst: what is read goes to a part of a larger array, whose other bytes stay as
    /// they are. NULL where it is packed, C order. Each is a multiple of the element size, and no
    /// less than what neighbours along it take: rows may lie apart, but neither backwards
    /// nor in each other. Along a dimension of fewer than two elements it means
    /// nothing. For a whole tensor, starts and lengths are NULL and rank is its rank.
    pub dst_strides: *const i64,
    /// NULL: room for later versions.
    pub reserved: [*mut c_void; 1],
}

/// Reads many tensors, or slices of them, in the order in which they lie in the
/// files, whatever order they are asked for in. The memory of two requests, from dst on
/// dst_len bytes, must not overlap, even where strides leave bytes between: what goes to these
/// is read by another call. INVALID_ARGUMENT for that, and for strides that are not as they should be; NOT_FOUND lists all the names that there are no tensors of;
/// otherwise the error is the first that was met, and what is in all of the dst
/// after it is not defined.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_read_many(
    reader: Option<&tfckpt_reader>,
    requests: *const tfckpt_read_request,
    count: usize,
    options: Option<&tfckpt_read_options>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let reader = tfckpt_reader::given(reader)?;
            let mut requests = Requests::new(array(requests, count, "requests")?);
            reader.read_requests(&mut requests, &tfckpt_read_options::or_default(options))
        })
    }
}

/// Requests that keep the rules of the header.
struct Requests<'a> {
    all: &'a [tfckpt_read_request],
    /// How many were taken.
    taken: usize,
    /// Where the memory of the last one ends.
    end: usize,
    /// Whether all were looked at, and no two have the same memory.
    are_apart: bool,
}

// SAFETY: during the call nobody else touches what they point to, whatever thread of it does.
unsafe impl Send for Requests<'_> {}

impl<'a> Requests<'a> {
    fn new(all: &'a [tfckpt_read_request]) -> Self {
        Self { all, taken: 0, end: 0, are_apart: false }
    }

    /// Refuses a request to write where another one that was taken writes to: there would be
    /// two exclusive references to it. Mostly their memory comes in order.
    #[inline]
    fn check_apart(&mut self, request: &tfckpt_read_request) -> Result<()> {
        if request.dst_len == 0 || self.are_apart {
            return Ok(());
        }
        if request.dst.addr() < self.end {
            refuse_overlaps(self.all)?;
            self.are_apart = true;
        }
        // A sum that runs over is refused when the buffer is made.
        self.end = request.dst.addr().saturating_add(request.dst_len);
        Ok(())
    }
}

impl<'a> ReadRequests<'a> for Requests<'a> {
    fn len(&self) -> usize {
        self.all.len() - self.taken
    }

    // What is handed on piece by piece need not be put together first.
    #[inline(always)]
    fn next(&mut self) -> Option<Result<ReadRequest<'a>>> {
        let request = self.all.get(self.taken)?;
        self.taken += 1;
        look_ahead(request, request.name);
        Some(self.check_apart(request).and_then(|()| {
            // SAFETY: it keeps the rules, and has its memory for itself.
            unsafe { to_request(request) }
        }))
    }
}

/// # Safety
/// The request keeps the rules of the header, and its memory to write to is no
/// other's.
#[inline(always)]
unsafe fn to_request<'a>(request: &tfckpt_read_request) -> Result<ReadRequest<'a>> {
    if request.reserved.iter().any(|reserved| !reserved.is_null()) {
        return Err(Error::invalid("what is reserved in a request is not NULL"));
    }
    // SAFETY: the caller's word.
    unsafe {
        let name = bytes(request.name, request.name_len, "name")?;
        let dst = buffer(request.dst, request.dst_len)?;
        let tfckpt_read_request { starts, lengths, rank, dst_strides, .. } = *request;
        if starts.is_null() && lengths.is_null() && rank == 0 && dst_strides.is_null() {
            return Ok(ReadRequest { name, dst, ..ReadRequest::default() });
        }
        let (slice, dst_strides) = (slice_of_request(request)?, strides_of_request(request)?);
        Ok(ReadRequest { name, slice, dst, dst_strides })
    }
}

/// # Safety
/// As of [`slice`].
unsafe fn slice_of_request(request: &tfckpt_read_request) -> Result<Option<Slice>> {
    let tfckpt_read_request { starts, lengths, rank, dst_strides, .. } = *request;
    let is_whole = starts.is_null() && lengths.is_null() && !dst_strides.is_null();
    // SAFETY: passed on.
    unsafe { slice_or_whole(starts, lengths, if is_whole { 0 } else { rank }) }
}

/// # Safety
/// Strides that are not NULL are `rank` numbers, which nobody changes during `'a`.
unsafe fn strides_of_request<'a>(request: &tfckpt_read_request) -> Result<Option<&'a [i64]>> {
    let tfckpt_read_request { rank, dst_strides, .. } = *request;
    check_rank(rank)?;
    // SAFETY: passed on.
    let strides =
        unsafe { array(dst_strides, if dst_strides.is_null() { 0 } else { rank }, "dst_strides") };
    Ok(Some(strides?).filter(|_| !dst_strides.is_null()))
}

/// The slice that is given, or none for a whole tensor.
///
/// # Safety
/// As of [`slice`].
unsafe fn slice_or_whole(
    starts: *const i64,
    lengths: *const i64,
    rank: usize,
) -> Result<Option<Slice>> {
    if !starts.is_null() {
        // SAFETY: passed on.
        return unsafe { slice(starts, lengths, rank) }.map(Some);
    }
    if rank > 0 || !lengths.is_null() {
        return Err(Error::invalid("there are lengths or a rank, but no starts"));
    }
    Ok(None)
}

/// Refuses requests of which two write to the same bytes.
fn refuse_overlaps(requests: &[tfckpt_read_request]) -> Result<()> {
    let ranges = requests.iter().filter(|request| request.dst_len > 0);
    let mut ranges: Vec<_> = ranges.map(|request| (request.dst.addr(), request.dst_len)).collect();
    ranges.sort_unstable();
    // Sums that run over are refused when the buffers are made.
    let overlap = |pair: &[(usize, usize)]| pair[0].0.saturating_add(pair[0].1) > pair[1].0;
    if ranges.windows(2).any(overlap) {
        return Err(Error::invalid("the memory of two requests overlaps"));
    }
    Ok(())
}
