//! What a directory holds.

use std::ffi::c_char;

use super::arguments::{Text, path_of};
use super::boundary::{boundary_handle, free};
use super::error::tfckpt_error;
use super::lists::{Problems, item, path_text};
use super::reader::tfckpt_format;
use super::state_options::tfckpt_state_options;
use super::status::tfckpt_status;
use crate::checkpoint::{self, FileKind, Format, Survey, SurveyedCheckpoint, SurveyedFile};

/// What a file in a directory of checkpoints is.
#[repr(i32)]
pub enum tfckpt_file_kind {
    /// Something else than what follows.
    TFCKPT_FILE_OTHER = 0,
    /// A state file, by its name or by its content.
    TFCKPT_FILE_STATE = 1,
    /// The index of a V2 checkpoint.
    TFCKPT_FILE_INDEX = 2,
    /// A data shard of a V2 checkpoint.
    TFCKPT_FILE_DATA = 3,
    /// The graph beside a checkpoint, PREFIX.meta.
    TFCKPT_FILE_META = 4,
    /// A file of a V1 checkpoint, with metadata and values.
    TFCKPT_FILE_V1 = 5,
    /// What a writer is at work on, or has left: a file or a directory.
    TFCKPT_FILE_TEMPORARY = 6,
    /// A directory.
    TFCKPT_FILE_DIRECTORY = 7,
}

/// What a directory holds: its checkpoints, how each of them is, and what every other
/// file is. It does not change with the directory.
pub struct tfckpt_survey {
    checkpoints: Vec<Checkpoint>,
    files: Vec<File>,
    latest: i64,
    state_problem: Option<tfckpt_error>,
}

struct Checkpoint {
    prefix: Text,
    found: SurveyedCheckpoint,
    problems: Problems,
}

struct File {
    path: Text,
    note: Option<Text>,
    found: SurveyedFile,
}

impl From<Survey> for tfckpt_survey {
    fn from(survey: Survey) -> Self {
        let checkpoint = |mut found: SurveyedCheckpoint| Checkpoint {
            prefix: path_text(&found.prefix),
            problems: std::mem::take(&mut found.problems).into_iter().collect(),
            found,
        };
        let file = |found: SurveyedFile| File {
            path: path_text(&found.path),
            note: found.note.as_deref().map(Text::new),
            found,
        };
        Self {
            checkpoints: survey.checkpoints.into_iter().map(checkpoint).collect(),
            files: survey.files.into_iter().map(file).collect(),
            latest: survey.latest.map_or(-1, |latest| latest as i64),
            state_problem: survey.state_problem.map(Into::into),
        }
    }
}

impl tfckpt_survey {
    fn checkpoint(survey: Option<&Self>, index: i64) -> Option<&Checkpoint> {
        item(&survey?.checkpoints, index)
    }

    fn file(survey: Option<&Self>, index: i64) -> Option<&File> {
        item(&survey?.files, index)
    }
}

/// Looks through a directory, and puts what it holds into *out. Each checkpoint is
/// checked as tfckpt_state_options_set_verify() says. NOT_FOUND where there is no such
/// directory; a state file that is missing or damaged is no error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_directory_survey(
    dir: *const c_char,
    options: Option<&tfckpt_state_options>,
    out: *mut *mut tfckpt_survey,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let options = tfckpt_state_options::survey(options);
            checkpoint::survey(path_of(dir, "dir")?, &options).map(Into::into)
        })
    }
}

/// Frees a survey, and what was borrowed from it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_free(survey: Option<Box<tfckpt_survey>>) {
    free(survey);
}

/// What is wrong with the state file, borrowed; NULL where there is none, or nothing is.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_state_problem(
    survey: Option<&tfckpt_survey>,
) -> *const tfckpt_error {
    let problem = survey.and_then(|survey| survey.state_problem.as_ref());
    problem.map_or(std::ptr::null(), std::ptr::from_ref)
}

/// How many checkpoints there are, whole or not: those in the directory, and those
/// that its state file names besides.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_checkpoint_count(survey: Option<&tfckpt_survey>) -> i64 {
    survey.map_or(0, |survey| survey.checkpoints.len() as i64)
}

/// The index of the one that the state file says is the latest; -1 where it says none.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_latest(survey: Option<&tfckpt_survey>) -> i64 {
    survey.map_or(-1, |survey| survey.latest)
}

/// The prefix of the checkpoint at index, from 0, the oldest by step and time, to
/// tfckpt_survey_checkpoint_count() - 1; NULL outside. Of a V1 checkpoint in several
/// files it is their pattern, with ?????.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_checkpoint_prefix(
    survey: Option<&tfckpt_survey>,
    index: i64,
) -> *const c_char {
    let found = tfckpt_survey::checkpoint(survey, index);
    found.map_or(std::ptr::null(), |found| found.prefix.as_ptr())
}

/// In which format it is, TFCKPT_FORMAT_V1 or TFCKPT_FORMAT_V2; 0 where it is not there
/// at all, but the state file names it, and outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_checkpoint_format(
    survey: Option<&tfckpt_survey>,
    index: i64,
) -> i32 {
    match tfckpt_survey::checkpoint(survey, index).and_then(|found| found.found.format) {
        Some(Format::V1) => tfckpt_format::TFCKPT_FORMAT_V1 as i32,
        Some(Format::V2) => tfckpt_format::TFCKPT_FORMAT_V2 as i32,
        Some(Format::Overlay) | None => 0,
    }
}

/// Its step, by its name; -1 where that has none, and outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_checkpoint_step(survey: Option<&tfckpt_survey>, index: i64) -> i64 {
    let step = tfckpt_survey::checkpoint(survey, index).and_then(|found| found.found.step);
    step.and_then(|step| step.try_into().ok()).unwrap_or(-1)
}

/// When its index, or one of its files, was written, in seconds since the epoch; -1
/// where it is not there, and outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_checkpoint_modified(
    survey: Option<&tfckpt_survey>,
    index: i64,
) -> f64 {
    let found = tfckpt_survey::checkpoint(survey, index);
    found.and_then(|found| found.found.modified_seconds()).unwrap_or(-1.0)
}

/// Whether the state file names it.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_checkpoint_is_listed(
    survey: Option<&tfckpt_survey>,
    index: i64,
) -> bool {
    tfckpt_survey::checkpoint(survey, index).is_some_and(|found| found.found.is_listed)
}

/// How many problems it has: one for each file that is missing, and where all are there
/// all that is wrong with them. 0 where it is whole, and outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_checkpoint_problem_count(
    survey: Option<&tfckpt_survey>,
    index: i64,
) -> i64 {
    tfckpt_survey::checkpoint(survey, index).map_or(0, |found| found.problems.count())
}

/// Its problem number problem, from 0 to tfckpt_survey_checkpoint_problem_count() - 1,
/// borrowed; NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_checkpoint_problem(
    survey: Option<&tfckpt_survey>,
    index: i64,
    problem: i64,
) -> *const tfckpt_error {
    let found = tfckpt_survey::checkpoint(survey, index);
    found.map_or(std::ptr::null(), |found| found.problems.at(problem))
}

/// How many files and directories there are in the directory.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_file_count(survey: Option<&tfckpt_survey>) -> i64 {
    survey.map_or(0, |survey| survey.files.len() as i64)
}

/// The path of the file at index, from 0 to tfckpt_survey_file_count() - 1, by name;
/// NULL outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_file_path(
    survey: Option<&tfckpt_survey>,
    index: i64,
) -> *const c_char {
    let file = tfckpt_survey::file(survey, index);
    file.map_or(std::ptr::null(), |file| file.path.as_ptr())
}

/// What it is: a tfckpt_file_kind. TFCKPT_FILE_OTHER outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_file_kind(survey: Option<&tfckpt_survey>, index: i64) -> i32 {
    use tfckpt_file_kind::*;
    match tfckpt_survey::file(survey, index).map(|file| file.found.kind) {
        Some(FileKind::State) => TFCKPT_FILE_STATE as i32,
        Some(FileKind::Index) => TFCKPT_FILE_INDEX as i32,
        Some(FileKind::Data) => TFCKPT_FILE_DATA as i32,
        Some(FileKind::Meta) => TFCKPT_FILE_META as i32,
        Some(FileKind::SliceFile) => TFCKPT_FILE_V1 as i32,
        Some(FileKind::Temporary) => TFCKPT_FILE_TEMPORARY as i32,
        Some(FileKind::Directory) => TFCKPT_FILE_DIRECTORY as i32,
        Some(FileKind::Other) | None => TFCKPT_FILE_OTHER as i32,
    }
}

/// The index of the checkpoint that it belongs to; -1 where that is none, and outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_file_checkpoint(survey: Option<&tfckpt_survey>, index: i64) -> i64 {
    let at = tfckpt_survey::file(survey, index).and_then(|file| file.found.checkpoint);
    at.map_or(-1, |at| at as i64)
}

/// Its length in bytes; -1 for what is no file, and outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_file_byte_size(survey: Option<&tfckpt_survey>, index: i64) -> i64 {
    let bytes = tfckpt_survey::file(survey, index).and_then(|file| file.found.bytes);
    bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or(-1)
}

/// What else there is to say of it, for people to read: that the content is not what
/// the name says, as with a Git LFS pointer or an HTML page, or that the checkpoint it
/// would belong to is missing. NULL where there is nothing, and outside.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_survey_file_note(
    survey: Option<&tfckpt_survey>,
    index: i64,
) -> *const c_char {
    let note = tfckpt_survey::file(survey, index).and_then(|file| file.note.as_ref());
    note.map_or(std::ptr::null(), Text::as_ptr)
}
