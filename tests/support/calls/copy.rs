//! Calls that copy, as they are told to.

use std::ffi::c_char;

use arbitrary::Arbitrary;
use tfckpt::capi::*;

use super::call::Name;
use super::files::{c_path, path, scratch};
use super::handles::{Handles, last, owned, pick};
use super::look::{called, made};

#[derive(Arbitrary, Debug)]
pub enum CopyCall {
    Checkpoint { path: u8, choice: CopyChoice },
    Reader { which: u8, choice: CopyChoice },
}

#[derive(Arbitrary, Debug)]
pub struct CopyChoice {
    filters: Vec<Name>,
    rules: Vec<(Rule, Name, Name)>,
    layout: Option<(u8, u8)>,
    cast: Option<i8>,
    data: i8,
    drops: bool,
    replace: bool,
    threads: u8,
    in_flight: u16,
    progress: bool,
}

/// How a name is turned into another.
#[derive(Arbitrary, Debug)]
pub enum Rule {
    Name,
    Prefix,
    Pattern,
}

type Map<T> = unsafe extern "C" fn(
    Option<&mut T>,
    *const c_char,
    usize,
    *const c_char,
    usize,
    *mut *mut tfckpt_error,
) -> tfckpt_status;

/// Sets rules by the functions for each kind of them.
///
/// # Safety
/// They are such functions.
pub unsafe fn set_rules<T>(
    of: &mut T,
    rules: &[(Rule, Name, Name)],
    [name, prefix, pattern]: [Map<T>; 3],
) {
    for (rule, from, to) in rules.iter().take(4) {
        let ((from, from_len), (to, to_len)) = (from.parts(), to.parts());
        let map = match rule {
            Rule::Name => name,
            Rule::Prefix => prefix,
            Rule::Pattern => pattern,
        };
        // SAFETY: names are as long as is told.
        called(|err| unsafe { map(Some(of), from, from_len, to, to_len, err) });
    }
}

impl Handles {
    /// # Safety
    /// As of [`Handles::call`].
    pub unsafe fn copy(&mut self, call: &CopyCall) {
        let to = c_path(&scratch("copied").join("ckpt"));
        let (CopyCall::Checkpoint { choice, .. } | CopyCall::Reader { choice, .. }) = call;
        let options = copy_options(choice, last(&self.progress));
        // SAFETY: handles are alive, paths end with a NUL.
        let is_copied = unsafe {
            match call {
                CopyCall::Checkpoint { path: at, .. } => called(|err| {
                    tfckpt_checkpoint_copy(to.as_ptr(), path(*at), Some(&options), err)
                }),
                CopyCall::Reader { which, .. } => {
                    let reader = pick(&self.readers, *which);
                    called(|err| tfckpt_reader_copy(reader, to.as_ptr(), Some(&options), err))
                }
            }
        };
        tfckpt_copy_options_free(Some(options));
        if is_copied {
            // SAFETY: as above.
            unsafe { self.look_at_copy(to.as_ptr(), call) };
        }
    }

    /// A copy has no more wrong with it than what was copied: slices that are missing there,
    /// or bytes that were taken as they are.
    unsafe fn look_at_copy(&self, to: *const c_char, call: &CopyCall) {
        // SAFETY: paths end with a NUL, the reader is alive.
        unsafe {
            let verified = |at| is_ok(|out, err| tfckpt_checkpoint_verify(at, None, out, err));
            let is_copy_ok = verified(to);
            let was_ok = || match call {
                CopyCall::Checkpoint { path: at, .. } => verified(path(*at)),
                CopyCall::Reader { which, .. } => {
                    let reader = pick(&self.readers, *which);
                    is_ok(|out, err| tfckpt_reader_verify(reader, None, out, err))
                }
            };
            assert!(is_copy_ok || !was_ok(), "a copy is damaged, and its source is not");
        }
    }
}

/// Whether what is there to be checked is, and nothing is wrong with it.
fn is_ok(
    verify: impl FnOnce(*mut *mut tfckpt_report, *mut *mut tfckpt_error) -> tfckpt_status,
) -> bool {
    let report = owned(made(verify));
    let is_ok = tfckpt_report_is_ok(report.as_deref());
    tfckpt_report_free(report);
    is_ok
}

fn copy_options(
    choice: &CopyChoice,
    progress: Option<&tfckpt_progress>,
) -> Box<tfckpt_copy_options> {
    let mut options = tfckpt_copy_options_new();
    let set = &mut options;
    tfckpt_copy_options_set_sync(Some(set), false);
    tfckpt_copy_options_set_replace(Some(set), choice.replace);
    tfckpt_copy_options_set_drop_optimizer_state(Some(set), choice.drops);
    tfckpt_copy_options_set_threads(Some(set), (choice.threads % 4).into());
    tfckpt_copy_options_set_max_in_flight(Some(set), choice.in_flight.into());
    tfckpt_copy_options_set_progress(Some(set), progress.filter(|_| choice.progress));
    // SAFETY: names are as long as is told.
    unsafe {
        set_names(set, choice);
        if let Some((shards, alignment)) = choice.layout {
            called(|err| tfckpt_copy_options_set_shards(Some(set), i64::from(shards % 5) - 1, err));
            called(|err| tfckpt_copy_options_set_alignment(Some(set), alignment.into(), err));
        }
        if let Some(dtype) = choice.cast {
            called(|err| tfckpt_copy_options_set_cast(Some(set), dtype.into(), err));
        }
        // Miri has no hard links.
        let data = if cfg!(miri) { choice.data % 2 } else { choice.data % 4 };
        called(|err| tfckpt_copy_options_set_data(Some(set), data.into(), err));
    }
    options
}

unsafe fn set_names(options: &mut tfckpt_copy_options, choice: &CopyChoice) {
    // SAFETY: names are as long as is told.
    unsafe {
        for glob in choice.filters.iter().take(4) {
            let (glob, len) = glob.parts();
            called(|err| tfckpt_copy_options_add_filter(Some(options), glob, len, err));
        }
        let maps = [
            tfckpt_copy_options_map_name,
            tfckpt_copy_options_map_prefix,
            tfckpt_copy_options_map_pattern,
        ];
        set_rules(options, &choice.rules, maps);
    }
}
