//! All that is wrong with a checkpoint.

use std::ffi::c_char;

use super::arguments::path_of;
use super::boundary::{boundary_handle, free};
use super::error::tfckpt_error;
use super::read_options::tfckpt_read_options;
use super::reader::tfckpt_reader;
use super::reader_options::tfckpt_reader_options;
use super::status::tfckpt_status;
use crate::bundle;
use crate::checkpoint::Reader;
use crate::progress::Progress;

/// All that tfckpt_checkpoint_verify() or tfckpt_reader_verify() found to be wrong.
pub struct tfckpt_report {
    problems: Vec<tfckpt_error>,
    tensors: u64,
    bytes: u64,
}

impl From<bundle::Report> for tfckpt_report {
    fn from(report: bundle::Report) -> Self {
        Self {
            problems: report.problems.into_iter().map(Into::into).collect(),
            tensors: report.tensors,
            bytes: report.bytes,
        }
    }
}

/// Reads and checks every block of the index, or of the files of V1, and every
/// stored byte of every tensor, and lists all that is wrong, into *out. The path is as of
/// tfckpt_reader_open(). Fails only where the checkpoint cannot be opened: all
/// other damage is in the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_checkpoint_verify(
    path: *const c_char,
    options: Option<&tfckpt_reader_options>,
    out: *mut *mut tfckpt_report,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let options = tfckpt_reader_options::or_default(options);
            let reader = Reader::open_with(path_of(path, "path")?, &options)?;
            reader.verify(&Progress::none()).map(Into::into)
        })
    }
}

/// The same for a checkpoint that is open; of an overlay, all of each checkpoint. Of
/// the options progress, threads and max_in_flight count, this one for V1. Fails where that cancels it, with CANCELLED, and
/// not because of damage.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_reader_verify(
    reader: Option<&tfckpt_reader>,
    options: Option<&tfckpt_read_options>,
    out: *mut *mut tfckpt_report,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let reader = tfckpt_reader::given(reader)?;
            let options = tfckpt_read_options::or_default(options);
            reader.verify_with(&options).map(Into::into)
        })
    }
}

/// Frees a report, and the errors that were borrowed from it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_report_free(report: Option<Box<tfckpt_report>>) {
    free(report);
}

/// Whether nothing is wrong.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_report_is_ok(report: Option<&tfckpt_report>) -> bool {
    report.is_some_and(|report| report.problems.is_empty())
}

/// How many problems there are.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_report_problem_count(report: Option<&tfckpt_report>) -> i64 {
    report.map_or(0, |report| report.problems.len() as i64)
}

/// The problem at index, from 0 to tfckpt_report_problem_count() - 1, borrowed
/// from the report; NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_report_problem(
    report: Option<&tfckpt_report>,
    index: i64,
) -> *const tfckpt_error {
    let problem = usize::try_from(index).ok().and_then(|index| report?.problems.get(index));
    problem.map_or(std::ptr::null(), std::ptr::from_ref)
}

/// How many tensors were looked at.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_report_tensor_count(report: Option<&tfckpt_report>) -> i64 {
    report.map_or(0, |report| report.tensors as i64)
}

/// How many bytes of tensors were read and found right: as stored, or in V1 as in
/// memory.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_report_byte_count(report: Option<&tfckpt_report>) -> i64 {
    report.map_or(0, |report| report.bytes as i64)
}
