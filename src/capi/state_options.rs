//! Which state file, and what a checkpoint must show on its account.

use std::ffi::{OsStr, c_char};

use super::arguments::{given, path_of};
use super::boundary::{boundary, free};
use super::error::tfckpt_error;
use super::status::tfckpt_status;
use crate::checkpoint::{Depth, LatestValidOptions, RepairOptions, StateOptions, SurveyOptions};
use crate::error::{Error, Result};

/// Which state file of a directory is meant, and how its checkpoints are looked at.
/// NULL in its place means the defaults.
#[derive(Default)]
pub struct tfckpt_state_options(RepairOptions);

/// What something is called, which must be anything at all.
///
/// # Safety
/// As of [`path_of`].
unsafe fn name_of<'a>(name: *const c_char, what: &str) -> Result<&'a OsStr> {
    // SAFETY: passed on.
    let name = unsafe { path_of(name, "name") }?.as_os_str();
    if name.is_empty() {
        return Err(Error::invalid(format!("{what} without a name")));
    }
    Ok(name)
}

/// The defaults, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_state_options_new() -> Box<tfckpt_state_options> {
    Box::default()
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_state_options_free(options: Option<Box<tfckpt_state_options>>) {
    free(options);
}

/// What the state file is called. INVALID_ARGUMENT for no name at all. Default:
/// "checkpoint".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_state_options_set_file_name(
    options: Option<&mut tfckpt_state_options>,
    name: *const c_char,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let options = given(options, "options")?;
            options.0.state.file_name = name_of(name, "a state file")?.into();
            Ok(())
        })
    }
}

/// Whether tfckpt_directory_latest_valid(), tfckpt_directory_repair() and
/// tfckpt_directory_survey() read every byte of a checkpoint and check it before they
/// call it whole. Without, they read
/// its index and see that no data is missing: that takes as little time for large
/// tensors as for small, and shows what was cut short, but not what was changed.
/// Default: true.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_state_options_set_verify(
    options: Option<&mut tfckpt_state_options>,
    verify: bool,
) {
    if let Some(options) = options {
        options.0.depth = match verify {
            true => Depth::Checksums,
            false => Depth::Lengths,
        };
    }
}

/// Of the checkpoints that the state file does not name, tfckpt_directory_repair()
/// then takes up only those that are called NAME-STEP. INVALID_ARGUMENT for no name at
/// all. Default: all.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_state_options_set_checkpoint_name(
    options: Option<&mut tfckpt_state_options>,
    name: *const c_char,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let options = given(options, "options")?;
            options.0.checkpoint_name = Some(name_of(name, "checkpoints")?.into());
            Ok(())
        })
    }
}

/// Whether tfckpt_directory_repair() returns only when the new state file is on
/// stable storage. Default: true.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_state_options_set_sync(
    options: Option<&mut tfckpt_state_options>,
    sync: bool,
) {
    if let Some(options) = options {
        options.0.sync = sync;
    }
}

impl tfckpt_state_options {
    /// The options given, or the defaults.
    pub(super) fn or_default(options: Option<&Self>) -> RepairOptions {
        options.map_or_else(RepairOptions::default, |options| options.0.clone())
    }

    /// Of these, which state file.
    pub(super) fn state(options: Option<&Self>) -> StateOptions {
        Self::or_default(options).state
    }

    /// Of these, what there is to say to a search.
    pub(super) fn search(options: Option<&Self>) -> LatestValidOptions {
        let RepairOptions { state, depth, .. } = Self::or_default(options);
        LatestValidOptions { state, depth }
    }

    /// Of these, what there is to say to a survey.
    pub(super) fn survey(options: Option<&Self>) -> SurveyOptions {
        let RepairOptions { state, depth, .. } = Self::or_default(options);
        SurveyOptions { state, depth }
    }
}
