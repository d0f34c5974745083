//! Calls about folders of checkpoints.

use std::ffi::{CStr, CString, c_char};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use arbitrary::Arbitrary;
use tfckpt::capi::*;

use super::files::{PATHS, c_path, scratch};
use super::folder_look::{
    look_at_collected, look_at_latest, look_at_repaired, look_at_state, look_at_survey,
};
use super::handles::{Handles, owned};
use super::look::{called, made};

#[derive(Arbitrary, Debug)]
pub enum FolderCall {
    Survey { folder: u8, options: Option<StateChoice> },
    State { folder: u8, options: Option<StateChoice> },
    Latest { folder: u8, options: Option<StateChoice> },
    LatestValid { folder: u8, options: Option<StateChoice> },
    Repair { folder: u8, options: Option<StateChoice> },
    Collect { folder: u8, options: Option<GcChoice> },
    Leave { folder: u8, what: u8, long_ago: bool },
}

#[derive(Arbitrary, Debug)]
pub struct StateChoice {
    file_name: Option<u8>,
    checkpoint_name: Option<u8>,
    verify: bool,
}

#[derive(Arbitrary, Debug)]
pub struct GcChoice {
    tensorflow: bool,
    orphans: bool,
    dry_run: bool,
    min_age: i8,
}

/// Where something may be written and removed, in the folder for that alone.
const OWN: [&str; 4] = ["made", "managed", "copied", "not there"];

/// What is left lying about: by a crash, by TensorFlow, or by anybody.
const LEFT: [(&str, &[u8]); 14] = [
    ("checkpoint", b"model_checkpoint_path: \"ckpt-1\"\nall_model_checkpoint_paths: \"ckpt-3\"\n"),
    ("checkpoint", b"model_checkpoint_path: \"ckpt\"\nlast_preserved_timestamp: 1e9\n"),
    ("checkpoint", b"model_checkpoint_path"),
    ("ckpt.data-00000-of-00001", b""),
    ("ckpt-1.data-00000-of-00001", b"orphan"),
    ("ckpt-2.index", b"no index"),
    ("ckpt-3.meta", b""),
    ("ckpt-7", b"version https://git-lfs.github.com/spec/v1\n"),
    ("ckpt-2.index.tempstate1", b""),
    ("checkpoint.tmpb85e61df9dcb43fc87edf8fbdeb44bc9", b""),
    (".tfckpt-0123456789abcdef-0.tmp", b""),
    (".tfckpt-0123456789abcdef.lock", b""),
    ("notes.txt", b"<html>"),
    ("ckpt-1.meta/", b""),
];

/// Any other name may lead to files that are not ours to write.
const NAMES: [&CStr; 6] = [c"checkpoint", c"ckpt", c"latest", c"ckpt-1.index", c"sub/ckpt", c""];

pub fn name(which: u8) -> &'static CStr {
    NAMES[usize::from(which) % NAMES.len()]
}

pub fn own(which: u8) -> CString {
    c_path(&scratch(OWN[usize::from(which) % OWN.len()]))
}

/// Where there is only something to be seen.
fn any(which: u8) -> CString {
    let at = usize::from(which);
    if at % 2 == 0 {
        return own(which / 2);
    }
    let path = &PATHS[at / 2 % PATHS.len()];
    let path = Path::new(std::ffi::OsStr::from_bytes(path.to_bytes()));
    match path.parent() {
        Some(parent) if !path.is_dir() => c_path(parent),
        _ => c_path(path),
    }
}

impl Handles {
    pub fn folder(&mut self, call: &FolderCall) {
        match call {
            FolderCall::Survey { folder, options } => with(options, &any(*folder), survey),
            FolderCall::State { folder, options } => with(options, &any(*folder), state),
            FolderCall::Latest { folder, options } => {
                with(options, &any(*folder), |dir, options| {
                    latest(dir, options, tfckpt_directory_latest)
                })
            }
            FolderCall::LatestValid { folder, options } => {
                with(options, &any(*folder), |dir, options| {
                    latest(dir, options, tfckpt_directory_latest_valid)
                })
            }
            FolderCall::Repair { folder, options } => with(options, &own(*folder), repair),
            FolderCall::Collect { folder, options } => collect(&own(*folder), options),
            FolderCall::Leave { folder, what, long_ago } => leave(*folder, *what, *long_ago),
        }
    }
}

type Options<'o> = Option<&'o tfckpt_state_options>;

/// Makes a call with these options.
fn with(choice: &Option<StateChoice>, dir: &CStr, call: impl FnOnce(&CStr, Options<'_>)) {
    let options = state_options(choice);
    call(dir, options.as_deref());
    tfckpt_state_options_free(options);
}

fn survey(dir: &CStr, options: Options<'_>) {
    // SAFETY: the path ends with a NUL, and what is made here is freed here.
    unsafe {
        let survey = made(|out, err| tfckpt_directory_survey(dir.as_ptr(), options, out, err));
        look_at_survey(survey.as_ref());
        tfckpt_survey_free(owned(survey));
    }
}

fn state(dir: &CStr, options: Options<'_>) {
    // SAFETY: as above.
    unsafe {
        let state = made(|out, err| tfckpt_state_read(dir.as_ptr(), options, out, err));
        look_at_state(state.as_ref());
        tfckpt_state_free(owned(state));
    }
}

type FindLatest = unsafe extern "C" fn(
    *const c_char,
    Options<'_>,
    *mut *mut tfckpt_latest,
    *mut *mut tfckpt_error,
) -> tfckpt_status;

fn latest(dir: &CStr, options: Options<'_>, find: FindLatest) {
    // SAFETY: as above.
    unsafe {
        let latest = made(|out, err| find(dir.as_ptr(), options, out, err));
        look_at_latest(latest.as_ref());
        tfckpt_latest_free(owned(latest));
    }
}

fn repair(dir: &CStr, options: Options<'_>) {
    // SAFETY: as above.
    unsafe {
        let repair = || made(|out, err| tfckpt_directory_repair(dir.as_ptr(), options, out, err));
        let repaired = repair();
        look_at_repaired(repaired.as_ref());
        if !repaired.is_null() {
            let again = repair();
            assert!(!again.is_null() && !tfckpt_repaired_changed(again.as_ref()));
            tfckpt_repaired_free(owned(again));
        }
        tfckpt_repaired_free(owned(repaired));
    }
}

fn collect(dir: &CStr, options: &Option<GcChoice>) {
    let options = options.as_ref().map(gc_options);
    // SAFETY: as above.
    unsafe {
        let collected =
            made(|out, err| tfckpt_directory_gc(dir.as_ptr(), options.as_deref(), out, err));
        look_at_collected(collected.as_ref());
        tfckpt_collected_free(owned(collected));
    }
    tfckpt_gc_options_free(options);
}

fn state_options(choice: &Option<StateChoice>) -> Option<Box<tfckpt_state_options>> {
    let choice = choice.as_ref()?;
    let mut options = tfckpt_state_options_new();
    tfckpt_state_options_set_verify(Some(&mut options), choice.verify);
    tfckpt_state_options_set_sync(Some(&mut options), false);
    // SAFETY: names end with a NUL.
    unsafe {
        if let Some(which) = choice.file_name {
            let name = name(which).as_ptr();
            called(|err| tfckpt_state_options_set_file_name(Some(&mut options), name, err));
        }
        if let Some(which) = choice.checkpoint_name {
            let name = name(which).as_ptr();
            called(|err| tfckpt_state_options_set_checkpoint_name(Some(&mut options), name, err));
        }
    }
    Some(options)
}

fn gc_options(choice: &GcChoice) -> Box<tfckpt_gc_options> {
    let mut options = tfckpt_gc_options_new();
    tfckpt_gc_options_set_tensorflow(Some(&mut options), choice.tensorflow);
    tfckpt_gc_options_set_orphans(Some(&mut options), choice.orphans);
    tfckpt_gc_options_set_dry_run(Some(&mut options), choice.dry_run);
    let seconds = choice.min_age.into();
    // SAFETY: the options are here.
    called(|err| unsafe { tfckpt_gc_options_set_min_age(Some(&mut options), seconds, err) });
    options
}

/// Leaves a file, or a directory of a name that ends as such; as old as is told. Not where
/// copies are, and a new one: what it would be written over may be a link to another file.
fn leave(folder: u8, what: u8, long_ago: bool) {
    let (name, content) = LEFT[usize::from(what) % LEFT.len()];
    let dir = scratch(OWN[usize::from(folder) % 2]);
    let _ = fs::create_dir(&dir);
    let _ = fs::remove_file(dir.join(name));
    if name.ends_with('/') {
        let _ = fs::create_dir(dir.join(name));
    } else if let Ok(mut file) = fs::File::create(dir.join(name)) {
        let _ = std::io::Write::write_all(&mut file, content);
        // Miri has no way to set that.
        if long_ago && !cfg!(miri) {
            let _ = file.set_modified(std::time::UNIX_EPOCH);
        }
    }
}
