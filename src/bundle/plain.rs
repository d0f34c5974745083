//! Elements of a fixed size, brought into a buffer.

use super::header::Endianness;
use super::plan::Plan;
use super::reader::{ReadOptions, Reader};
use super::runs::Place;
use super::stored::{Manner, Scratch, Stored};
use super::stretch::{self, Cutting, Stretch};
use crate::crew;
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::{DType, swap_bytes};

/// Checks that a plan is for plain elements, and how many bytes they take.
pub(super) fn byte_size(plan: &Plan) -> Result<u64> {
    plan.shape.byte_size(check_dtype(plan.dtype)?)
}

/// Refuses types whose elements have no fixed size. Of the others, the size.
pub(crate) fn check_dtype(dtype: DType) -> Result<usize> {
    dtype.size().ok_or_else(|| {
        if dtype.is_variable_length() {
            Error::invalid(format!("{dtype} has elements of varying length; read it as strings"))
        } else {
            Error::unsupported(format!("{dtype} has no values in a file"))
        }
    })
}

/// The part of the caller's buffer that a plan fills.
pub(super) fn buffer<'d>(plan: &Plan, dst: &'d mut [u8]) -> Result<&'d mut [u8]> {
    byte_size(plan)?;
    let needed = plan.span.checked_mul(check_dtype(plan.dtype)? as u64);
    front(needed.ok_or_else(|| Error::invalid("larger than memory"))?, dst)
}

/// So many bytes of the caller's buffer.
pub(crate) fn front(needed: u64, dst: &mut [u8]) -> Result<&mut [u8]> {
    let have = dst.len();
    usize::try_from(needed).ok().and_then(|needed| dst.get_mut(..needed)).ok_or_else(|| {
        Error::new(
            ErrorKind::BufferTooSmall,
            format!("{needed} bytes wanted, the buffer has {have}"),
        )
    })
}

/// Carries out a plan: fills `dst`, which [`buffer`] made, with what is wanted, in
/// this machine's byte order; what lies between stays as it is.
pub(super) fn read(
    reader: &Reader,
    plan: &Plan,
    dst: &mut [u8],
    options: &ReadOptions,
) -> Result<()> {
    let manner = Manner::of_call(options.verify, plan.work(options.verify));
    if options.threads <= 1 {
        return read_alone(reader, plan, dst, manner, options, &mut Scratch::default());
    }
    match cut(reader, plan, dst, options)? {
        Cutting::Whole(dst) => {
            read_alone(reader, plan, dst, manner, options, &mut Scratch::default())
        }
        Cutting::Cut(stretches) => {
            let threads = options.threads.min(stretches.len());
            let read =
                |stretch: Stretch<'_, '_>, scratch: &mut Scratch| stretch.read(manner, scratch);
            crew::share(threads, &options.progress, stretches, read)
        }
    }
}

/// Turns elements that were read into this machine's byte order.
pub(super) fn to_native(endianness: Endianness, dtype: DType, elements: &mut [u8]) {
    if endianness != Endianness::NATIVE {
        swap_bytes(elements, dtype.swap_unit());
    }
}

/// Cuts it into what several threads can read, if it is worth it.
pub(super) fn cut<'p, 'd>(
    reader: &Reader,
    plan: &Plan,
    dst: &'d mut [u8],
    options: &'p ReadOptions,
) -> Result<Cutting<'p, 'd>> {
    stretch::cut(plan, dst, options.verify, |part| {
        Stored::open(reader.shards(), &part.entry, reader.endianness(), &options.progress)
    })
}

/// The same as [`read`] on this thread, part by part.
pub(super) fn read_alone(
    reader: &Reader,
    plan: &Plan,
    dst: &mut [u8],
    manner: Manner,
    options: &ReadOptions,
    scratch: &mut Scratch,
) -> Result<()> {
    let mut place = Place { start: 0, dst };
    for part in &plan.parts {
        let (entry, progress) = (&part.entry, &options.progress);
        let stored = Stored::open(reader.shards(), entry, reader.endianness(), progress)?;
        let range = if manner.verify { 0..entry.size } else { part.stored_span() };
        let crc = stretch::read_part(&stored, part, range, &mut place, manner, scratch)?;
        if manner.verify {
            stored.check(crc)?;
        }
    }
    Ok(())
}
