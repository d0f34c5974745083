//! Calls that write many tensors, or strings and variants and parts of tensors.

use arbitrary::Arbitrary;
use tfckpt::capi::*;

use super::call::{Cut, Name};
use super::extents::{Extents, wide};
use super::handles::{Handles, last};
use super::look::called;

/// Of the dimensions that a call says there are there are at most two, each below this: so
/// many offsets are there, whatever a slice says.
const MOST_LONG: i64 = 16;
const MOST_STRINGS: usize = 256;

#[derive(Arbitrary, Debug)]
pub enum FillCall {
    Many { requests: Vec<Request>, options: Option<WriteChoice> },
    Strings { name: Name, dims: Vec<i8>, cut: Option<Cut>, lengths: Vec<i8>, variants: bool },
    BeginSlice { name: Name, dtype: u8, dims: Vec<i8>, cut: Cut },
}

#[derive(Arbitrary, Debug)]
pub struct Request {
    name: Name,
    dtype: u8,
    dims: Vec<i8>,
    cut: Option<Cut>,
    bytes: u8,
}

#[derive(Arbitrary, Debug)]
pub struct WriteChoice {
    threads: u8,
    in_flight: u16,
    progress: bool,
}

impl Handles {
    /// # Safety
    /// As of [`Handles::call`].
    pub unsafe fn fill(&mut self, call: &FillCall) {
        // SAFETY: handles in the lists are alive.
        let writer = self.writers.last().and_then(|handle| unsafe { handle.as_mut() });
        // SAFETY: as of `call`.
        unsafe {
            match call {
                FillCall::Many { requests, options } => {
                    let options = write_options(options, last(&self.progress));
                    add_many(writer, requests, options.as_deref());
                    tfckpt_write_options_free(options);
                }
                FillCall::Strings { name, dims, cut: Some(cut), lengths, variants } => {
                    let extents = Extents::of(short(dims), cut);
                    add_strings_slice(writer, name, &extents, lengths, *variants)
                }
                FillCall::Strings { name, dims, cut: None, lengths, variants } => {
                    add_strings(writer, name, &short(dims), lengths, *variants)
                }
                FillCall::BeginSlice { name, dtype, dims, cut } => {
                    let ((name, len), of) = (name.parts(), Extents::of(wide(dims), cut));
                    called(|err| {
                        tfckpt_writer_begin_slice(
                            writer,
                            name,
                            len,
                            (*dtype).into(),
                            of.dims.as_ptr(),
                            of.dims.len(),
                            of.starts.as_ptr(),
                            of.lengths.as_ptr(),
                            err,
                        )
                    });
                }
            }
        }
    }
}

fn short(dims: &[i8]) -> Vec<i64> {
    dims.iter().take(2).map(|&dim| i64::from(dim) % MOST_LONG).collect()
}

unsafe fn add_many(
    writer: Option<&mut tfckpt_writer>,
    wanted: &[Request],
    options: Option<&tfckpt_write_options>,
) {
    let data = [1u8; 256];
    let extents = wanted.iter().take(8).map(|request| match &request.cut {
        Some(cut) => Extents::of(wide(&request.dims), cut),
        None => Extents { dims: wide(&request.dims), ..Extents::default() },
    });
    let extents: Vec<_> = extents.collect();
    let requests: Vec<tfckpt_write_request> = wanted
        .iter()
        .zip(&extents)
        .map(|(request, of)| {
            let (name, name_len) = request.name.parts();
            // SAFETY: all zero is what a new request is.
            let mut empty: tfckpt_write_request = unsafe { std::mem::zeroed() };
            if request.cut.is_some() {
                (empty.starts, empty.lengths) = (of.starts.as_ptr(), of.lengths.as_ptr());
            }
            tfckpt_write_request {
                name,
                name_len,
                dtype: request.dtype.into(),
                dims: of.dims.as_ptr(),
                rank: of.dims.len(),
                data: data.as_ptr().cast(),
                data_len: request.bytes.into(),
                ..empty
            }
        })
        .collect();
    // SAFETY: the requests and what they point to live here.
    called(|err| unsafe {
        tfckpt_writer_add_many(writer, requests.as_ptr(), requests.len(), options, err)
    });
}

fn write_options(
    choice: &Option<WriteChoice>,
    progress: Option<&tfckpt_progress>,
) -> Option<Box<tfckpt_write_options>> {
    let choice = choice.as_ref()?;
    let mut options = tfckpt_write_options_new();
    tfckpt_write_options_set_threads(Some(&mut options), (choice.threads % 4).into());
    tfckpt_write_options_set_max_in_flight(Some(&mut options), choice.in_flight.into());
    let progress = progress.filter(|_| choice.progress);
    tfckpt_write_options_set_progress(Some(&mut options), progress);
    Some(options)
}

/// Where strings of these lengths would begin and end; which may go back and forth.
fn offsets(lengths: &[i8]) -> Vec<i64> {
    let mut offsets = vec![0];
    let lengths = lengths.iter().map(|&length| i64::from(length % 8));
    let lengths = lengths.chain(std::iter::repeat(0)).take(MOST_STRINGS);
    offsets.extend(lengths.scan(0, |end, length| {
        *end += length;
        Some(*end)
    }));
    offsets
}

/// How many bytes `count` strings have together; no more than are there.
fn size(offsets: &[i64], count: i64, data: &[u8]) -> usize {
    let end = offsets[count.clamp(0, MOST_STRINGS as i64) as usize];
    end.clamp(0, data.len() as i64) as usize
}

unsafe fn add_strings(
    writer: Option<&mut tfckpt_writer>,
    name: &Name,
    dims: &[i64],
    lengths: &[i8],
    variants: bool,
) {
    let data = [0u8; 8 * MOST_STRINGS];
    let (offsets, (name, len)) = (offsets(lengths), name.parts());
    let count = dims.iter().product();
    let add = match variants {
        true => tfckpt_writer_add_variants,
        false => tfckpt_writer_add_strings,
    };
    // SAFETY: there are more offsets than elements, whatever the dimensions.
    called(|err| unsafe {
        add(
            writer,
            name,
            len,
            dims.as_ptr(),
            dims.len(),
            offsets.as_ptr(),
            data.as_ptr().cast(),
            size(&offsets, count, &data),
            err,
        )
    });
}

unsafe fn add_strings_slice(
    writer: Option<&mut tfckpt_writer>,
    name: &Name,
    of: &Extents,
    lengths: &[i8],
    variants: bool,
) {
    let data = [0u8; 8 * MOST_STRINGS];
    let (offsets, (name, len)) = (offsets(lengths), name.parts());
    let add = match variants {
        true => tfckpt_writer_add_variants_slice,
        false => tfckpt_writer_add_strings_slice,
    };
    // SAFETY: as above: a slice has no more elements than its tensor.
    called(|err| unsafe {
        add(
            writer,
            name,
            len,
            of.dims.as_ptr(),
            of.dims.len(),
            of.starts.as_ptr(),
            of.lengths.as_ptr(),
            offsets.as_ptr(),
            data.as_ptr().cast(),
            size(&offsets, of.count(), &data),
            err,
        )
    });
}
