//! A directory of checkpoints of which the newest are kept.

use std::collections::HashSet;
use std::ffi::{CString, c_char};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::arguments::{given, path_of};
use super::boundary::{boundary_handle, free};
use super::error::tfckpt_error;
use super::manager_options::tfckpt_manager_options;
use super::status::tfckpt_status;
use super::writer::{Open, tfckpt_writer};
use crate::checkpoint::Manager;
use crate::error::Error;

/// A directory of checkpoints: saves the next, keeps the state file, and removes the
/// oldest, by the rules of TensorFlow's CheckpointManager. The two may take turns in
/// one directory.
///
/// Any number of threads may use it, and several saves may be under way at once; each
/// counts from when it is finished. Of the managers of one directory, in this or
/// other processes, one at a time should be saving.
pub struct tfckpt_manager {
    manager: Manager,
    /// Every path that was handed out: they stay good as long as the handle, though
    /// what the manager keeps changes under them.
    told: Mutex<HashSet<CString>>,
}

impl tfckpt_manager {
    fn tell(&self, path: PathBuf) -> *const c_char {
        // There is no file whose path has a NUL in it, whatever a state file says.
        let Ok(path) = CString::new(path.into_os_string().into_vec()) else {
            return std::ptr::null();
        };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.contains(&path) {
            told.insert(path.clone());
        }
        told.get(&path).map_or(std::ptr::null(), |path| path.as_ptr())
    }
}

/// Manages a directory, into *out, and takes over what its state file says. Nothing
/// is created before the first save. DATA_LOSS where there is a state file but it
/// does not parse: tfckpt_directory_repair() makes a new one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_manager_open(
    dir: *const c_char,
    options: Option<&tfckpt_manager_options>,
    out: *mut *mut tfckpt_manager,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let options = tfckpt_manager_options::or_default(options);
            let manager = Manager::open_with(path_of(dir, "dir")?, options)?;
            Ok(tfckpt_manager { manager, told: Mutex::default() })
        })
    }
}

/// Frees a manager, and the paths that were borrowed from it. NULL is fine. Writers
/// that came from it stay good.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_manager_free(manager: Option<Box<tfckpt_manager>>) {
    free(manager);
}

/// The prefix of the latest checkpoint, as of opening or of the last save that was
/// finished; NULL where there was no state file. It need not be there: see
/// tfckpt_directory_latest().
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_manager_latest(manager: Option<&tfckpt_manager>) -> *const c_char {
    let latest = manager.and_then(|manager| Some((manager, manager.manager.latest()?)));
    latest.map_or(std::ptr::null(), |(manager, latest)| manager.tell(latest))
}

/// How many checkpoints it keeps until they are too many. Those that stay for good
/// are not among them.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_manager_count(manager: Option<&tfckpt_manager>) -> i64 {
    manager.map_or(0, |manager| manager.manager.checkpoints().len() as i64)
}

/// The prefix of the checkpoint at index, from 0, the oldest, to
/// tfckpt_manager_count() - 1; NULL outside. A save that is finished in between, in
/// another thread for instance, moves them.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_manager_checkpoint(
    manager: Option<&tfckpt_manager>,
    index: i64,
) -> *const c_char {
    let checkpoint = manager.and_then(|manager| {
        let mut checkpoints = manager.manager.checkpoints();
        let index = usize::try_from(index).ok().filter(|&index| index < checkpoints.len())?;
        Some((manager, checkpoints.swap_remove(index)))
    });
    checkpoint.map_or(std::ptr::null(), |(manager, checkpoint)| manager.tell(checkpoint))
}

/// Begins the next checkpoint, into *out; its step is one more than any in the
/// directory. The writer is one as of tfckpt_writer_create(). Its
/// tfckpt_writer_finish() makes the checkpoint appear, makes it the latest in the
/// state file, then removes those that are too old; it succeeds where these could not
/// be removed, which tfckpt_writer_removal_problem() tells. Where it fails because of the
/// state file, the checkpoint stays, and the message says so.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_manager_save(
    manager: Option<&tfckpt_manager>,
    out: *mut *mut tfckpt_writer,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let save = given(manager, "manager")?.manager.save()?;
            Ok(tfckpt_writer::new(Open::Managed(Box::new(save))))
        })
    }
}

/// Begins the checkpoint of a step, from 0 on, into *out. ALREADY_EXISTS where that
/// step was saved before, unless the options say to replace it. Otherwise as
/// tfckpt_manager_save().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_manager_save_step(
    manager: Option<&tfckpt_manager>,
    step: i64,
    out: *mut *mut tfckpt_writer,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let step = u64::try_from(step).map_err(|_| Error::invalid(format!("step {step}")))?;
            let save = given(manager, "manager")?.manager.save_step(step)?;
            Ok(tfckpt_writer::new(Open::Managed(Box::new(save))))
        })
    }
}
