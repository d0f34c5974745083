//! Calls that copy, as they are told to.

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
            // SAFETY: the path ends with a NUL.
            let reader =
                made(|out, err| unsafe { tfckpt_reader_open(to.as_ptr(), None, out, err) });
            assert!(!reader.is_null(), "a copy does not open");
            tfckpt_reader_free(owned(reader));
        }
    }
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
        called(|err| tfckpt_copy_options_set_data(Some(set), choice.data.into(), err));
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
        for (rule, from, to) in choice.rules.iter().take(4) {
            let ((from, from_len), (to, to_len)) = (from.parts(), to.parts());
            let map = match rule {
                Rule::Name => tfckpt_copy_options_map_name,
                Rule::Prefix => tfckpt_copy_options_map_prefix,
                Rule::Pattern => tfckpt_copy_options_map_pattern,
            };
            called(|err| map(Some(options), from, from_len, to, to_len, err));
        }
    }
}
