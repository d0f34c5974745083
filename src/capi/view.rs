//! Values where they lie, in the mapped file.

use std::ffi::{c_char, c_void};

use super::arguments::{bytes, pointer};
use super::boundary::{boundary_handle, free};
use super::error::tfckpt_error;
use super::read_options::tfckpt_read_options;
use super::reader::tfckpt_reader;
use super::status::tfckpt_status;
use crate::bundle::View;

/// The largest alignment that is told: that of a page.
const MAX_ALIGNMENT_LOG2: u32 = 12;

/// The elements of a tensor in its mapped data file, without a copy. It needs its
/// reader no more. Should another process cut the file short, touching the bytes
/// that are gone raises SIGBUS.
pub struct tfckpt_view(View);

impl tfckpt_view {
    fn data(view: Option<&Self>) -> *const u8 {
        view.map_or(std::ptr::null(), |view| pointer(&view.0))
    }
}

/// Maps a tensor, into *out. UNSUPPORTED for V1, for a foreign byte order, for a
/// tensor stored as slices, and for types without a fixed element size; otherwise as
/// tfckpt_reader_read(). The CRC is checked once, now, unless the options say not
/// to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_view(
    reader: Option<&tfckpt_reader>,
    name: *const c_char,
    name_len: usize,
    options: Option<&tfckpt_read_options>,
    out: *mut *mut tfckpt_view,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let reader = tfckpt_reader::given(reader)?;
            let name = bytes(name, name_len, "name")?;
            reader.view(name, &tfckpt_read_options::or_default(options)).map(tfckpt_view)
        })
    }
}

/// Frees a view; its bytes are gone then. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_view_free(view: Option<Box<tfckpt_view>>) {
    free(view);
}

/// The type of the elements: a tfckpt_dtype.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_view_dtype(view: Option<&tfckpt_view>) -> i32 {
    view.map_or(0, |view| view.0.dtype().number())
}

/// The first byte.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_view_data(view: Option<&tfckpt_view>) -> *const c_void {
    tfckpt_view::data(view).cast()
}

/// How many bytes there are.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_view_size(view: Option<&tfckpt_view>) -> usize {
    view.map_or(0, |view| view.0.len())
}

/// The largest power of two, 4096 at most, that the address of the first byte is a
/// multiple of. To be used as an array of float it must be 4 at least; files that
/// TensorFlow wrote promise nothing.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_view_alignment(view: Option<&tfckpt_view>) -> usize {
    let address = tfckpt_view::data(view).addr();
    if address == 0 { 0 } else { 1 << address.trailing_zeros().min(MAX_ALIGNMENT_LOG2) }
}
