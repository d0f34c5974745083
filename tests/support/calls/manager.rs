//! Calls about managers of a folder.

use arbitrary::Arbitrary;
use tfckpt::capi::*;

use super::call::Name;
use super::folder::{name, own};
use super::getters::{length, look_at_paths, look_at_problems};
use super::handles::{Handles, keep, last, owned, pick, remove};
use super::look::{called, made};

#[derive(Arbitrary, Debug)]
pub enum ManagerCall {
    Open { folder: u8, options: Option<ManagerChoice> },
    Begin { which: u8, step: Option<i8> },
    Save { which: u8, step: Option<i8>, name: Name },
    Look(u8),
    Free(u8),
}

#[derive(Arbitrary, Debug)]
pub struct ManagerChoice {
    checkpoint_name: Option<u8>,
    file_name: Option<u8>,
    max_to_keep: Option<i8>,
    hours: Option<f32>,
    v1: bool,
    replace: bool,
}

impl Handles {
    /// # Safety
    /// As of [`Handles::call`].
    pub unsafe fn manager(&mut self, call: &ManagerCall) {
        // SAFETY: as of `call`.
        unsafe {
            if self.managers.is_empty() {
                self.open_manager(0, &None);
            }
            match call {
                ManagerCall::Open { folder, options } => self.open_manager(*folder, options),
                ManagerCall::Begin { which, step } => {
                    let writer = begin(pick(&self.managers, *which), *step);
                    look_at_writer(writer.as_ref());
                    keep(&mut self.writers, writer, tfckpt_writer_free);
                }
                ManagerCall::Save { which, step, name } => {
                    save(pick(&self.managers, *which), *step, name)
                }
                ManagerCall::Look(which) => look_at_manager(pick(&self.managers, *which)),
                ManagerCall::Free(which) => remove(&mut self.managers, *which, tfckpt_manager_free),
            }
        }
    }

    unsafe fn open_manager(&mut self, folder: u8, choice: &Option<ManagerChoice>) {
        let options = manager_options(choice);
        let dir = own(folder);
        // SAFETY: the path ends with a NUL, the options are here.
        unsafe {
            let manager =
                made(|out, err| tfckpt_manager_open(dir.as_ptr(), Some(&options), out, err));
            look_at_manager(manager.as_ref());
            keep(&mut self.managers, manager, tfckpt_manager_free);
        }
        tfckpt_manager_options_free(Some(options));
    }

    pub fn look_at_last_writer(&self, is_finished: bool) {
        let writer = last(&self.writers);
        // SAFETY: handles in the list are alive.
        unsafe { look_at_writer(writer) };
        assert!(is_finished || tfckpt_writer_removed_count(writer) == 0);
    }
}

/// The next checkpoint, or that of a step.
unsafe fn begin(manager: Option<&tfckpt_manager>, step: Option<i8>) -> *mut tfckpt_writer {
    // SAFETY: the manager is alive, or NULL.
    unsafe {
        match step {
            Some(step) => made(|out, err| tfckpt_manager_save_step(manager, step.into(), out, err)),
            None => made(|out, err| tfckpt_manager_save(manager, out, err)),
        }
    }
}

/// A whole checkpoint of one scalar; it is there then, and the latest.
unsafe fn save(manager: Option<&tfckpt_manager>, step: Option<i8>, name: &Name) {
    let (name, len) = name.parts();
    let data = 7u8;
    // SAFETY: names and values are as long as is told.
    unsafe {
        let writer = begin(manager, step);
        let Some(mut writer) = owned(writer) else { return };
        let data = std::ptr::from_ref(&data).cast();
        let dtype = tfckpt_dtype::TFCKPT_DT_UINT8 as i32;
        let none = std::ptr::null();
        called(|err| tfckpt_writer_add(Some(&mut writer), name, len, dtype, none, 0, data, 1, err));
        if called(|err| tfckpt_writer_finish(Some(&mut writer), err)) {
            let prefix = tfckpt_writer_prefix(Some(&writer));
            let report = made(|out, err| tfckpt_checkpoint_verify(prefix, None, out, err));
            assert!(tfckpt_report_is_ok(report.as_ref()));
            tfckpt_report_free(owned(report));
        }
        look_at_writer(Some(&writer));
        look_at_manager(manager);
        tfckpt_writer_free(Some(writer));
    }
}

/// # Safety
/// It is alive, or NULL.
unsafe fn look_at_manager(manager: Option<&tfckpt_manager>) {
    let count = tfckpt_manager_count(manager);
    // SAFETY: what it hands out is its own.
    unsafe {
        let latest = tfckpt_manager_latest(manager);
        assert!(latest.is_null() || length(latest) > 0);
        look_at_paths(count, |index| tfckpt_manager_checkpoint(manager, index));
    }
}

/// # Safety
/// It is alive, or NULL.
unsafe fn look_at_writer(writer: Option<&tfckpt_writer>) {
    let removed = tfckpt_writer_removed_count(writer);
    let problems = tfckpt_writer_removal_problem_count(writer);
    let step = tfckpt_writer_step(writer);
    assert!(step >= 0 || (step, removed, problems) == (-1, 0, 0));
    // SAFETY: what it hands out is its own.
    unsafe {
        let prefix = tfckpt_writer_prefix(writer);
        assert!(prefix.is_null() == writer.is_none() && (prefix.is_null() || length(prefix) > 0));
        look_at_paths(removed, |index| tfckpt_writer_removed(writer, index));
        look_at_problems(problems, |index| tfckpt_writer_removal_problem(writer, index));
    }
}

/// Never with sync, which would take most of the time.
fn manager_options(choice: &Option<ManagerChoice>) -> Box<tfckpt_manager_options> {
    let mut options = tfckpt_manager_options_new();
    set_writer(&mut options, false, choice.as_ref().is_some_and(|choice| choice.replace));
    if let Some(choice) = choice {
        set(&mut options, choice);
    }
    options
}

fn set(options: &mut tfckpt_manager_options, choice: &ManagerChoice) {
    if choice.v1 {
        set_writer(options, true, choice.replace);
    }
    // SAFETY: names end with a NUL.
    unsafe {
        if let Some(which) = choice.checkpoint_name {
            let name = name(which).as_ptr();
            called(|err| tfckpt_manager_options_set_checkpoint_name(Some(options), name, err));
        }
        if let Some(which) = choice.file_name {
            let name = name(which).as_ptr();
            called(|err| tfckpt_manager_options_set_file_name(Some(options), name, err));
        }
        if let Some(most) = choice.max_to_keep {
            let most = most.into();
            called(|err| tfckpt_manager_options_set_max_to_keep(Some(options), most, err));
        }
        if let Some(hours) = choice.hours {
            let (options, hours) = (Some(options), hours.into());
            called(|err| {
                tfckpt_manager_options_set_keep_checkpoint_every_n_hours(options, hours, err)
            });
        }
    }
}

fn set_writer(options: &mut tfckpt_manager_options, v1: bool, replace: bool) {
    let mut writer = tfckpt_writer_options_new();
    tfckpt_writer_options_set_sync(Some(&mut writer), false);
    tfckpt_writer_options_set_replace(Some(&mut writer), replace);
    let format = if v1 { 1 } else { 2 };
    // SAFETY: all options are here.
    unsafe {
        called(|err| tfckpt_writer_options_set_format(Some(&mut writer), format, err));
        let is_set = called(|err| {
            tfckpt_manager_options_set_writer_options(Some(options), Some(&writer), err)
        });
        assert_eq!(is_set, !v1);
    }
    tfckpt_writer_options_free(Some(writer));
}
