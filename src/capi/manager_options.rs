//! How a directory of checkpoints is kept.

use std::ffi::c_char;

use super::arguments::{given, path_of};
use super::boundary::{boundary, free};
use super::error::tfckpt_error;
use super::status::tfckpt_status;
use super::writer_options::tfckpt_writer_options;
use crate::checkpoint::ManagerOptions;
use crate::error::{Error, Result};

/// What stands for no limit.
const NO_LIMIT: i64 = -1;

/// How a manager names, keeps and writes checkpoints. NULL in its place means the
/// defaults.
#[derive(Default)]
pub struct tfckpt_manager_options(ManagerOptions);

/// The defaults, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_manager_options_new() -> Box<tfckpt_manager_options> {
    Box::default()
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_manager_options_free(options: Option<Box<tfckpt_manager_options>>) {
    free(options);
}

/// Checkpoints are called NAME-STEP. It may begin with directories below the
/// manager's; INVALID_ARGUMENT where it is empty or leads elsewhere. Default: "ckpt".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_manager_options_set_checkpoint_name(
    options: Option<&mut tfckpt_manager_options>,
    name: *const c_char,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let name = path_of(name, "name")?.as_os_str().to_os_string();
            given(options, "options")?.change(|options| options.checkpoint_name = name)
        })
    }
}

/// What the state file is called; INVALID_ARGUMENT where it is empty or leads out of
/// the directory. TensorFlow's manager knows it as "checkpoint" alone. Default:
/// "checkpoint".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_manager_options_set_file_name(
    options: Option<&mut tfckpt_manager_options>,
    name: *const c_char,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let name = path_of(name, "name")?.to_path_buf();
            given(options, "options")?.change(|options| options.file_name = name)
        })
    }
}

/// How many checkpoints there are at most before the oldest is removed, 1 or more;
/// -1 for no limit: nothing is ever removed. One of the V1 format is let go of instead,
/// as TensorFlow does: it is no longer listed, and its files stay. Default: -1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_manager_options_set_max_to_keep(
    options: Option<&mut tfckpt_manager_options>,
    max_to_keep: i64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let max_to_keep = match max_to_keep {
                NO_LIMIT => None,
                _ => Some(usize::try_from(max_to_keep).map_err(|_| {
                    Error::invalid(format!("max_to_keep is {max_to_keep}; -1 is for no limit"))
                })?),
            };
            given(options, "options")?.change(|options| options.max_to_keep = max_to_keep)
        })
    }
}

/// A checkpoint whose turn it is to be removed stays for good if it was saved so
/// many hours or more after the last that stayed; 0 for none to stay.
/// INVALID_ARGUMENT for what is negative or not finite. Default: 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_manager_options_set_keep_checkpoint_every_n_hours(
    options: Option<&mut tfckpt_manager_options>,
    hours: f64,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let set = |options: &mut ManagerOptions| {
                options.keep_checkpoint_every_n_hours = Some(hours);
            };
            given(options, "options")?.change(set)
        })
    }
}

/// How checkpoints are written; NULL for the defaults. If it says to replace, a step
/// that was saved already may be saved again, as TensorFlow always does. Whether it
/// says to sync holds for the state file too. UNSUPPORTED for the V1 format.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_manager_options_set_writer_options(
    options: Option<&mut tfckpt_manager_options>,
    writer_options: Option<&tfckpt_writer_options>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let writer = tfckpt_writer_options::of_v2(writer_options)?;
            given(options, "options")?.change(|options| options.writer = writer)
        })
    }
}

impl tfckpt_manager_options {
    /// Changes the options, unless they would make no sense then.
    fn change(&mut self, set: impl FnOnce(&mut ManagerOptions)) -> Result<()> {
        let mut changed = self.0.clone();
        set(&mut changed);
        changed.check()?;
        self.0 = changed;
        Ok(())
    }

    /// The options given, or the defaults.
    pub(super) fn or_default(options: Option<&Self>) -> ManagerOptions {
        options.map_or_else(ManagerOptions::default, |options| options.0.clone())
    }
}
