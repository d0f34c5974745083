//! The handles that are alive.

use tfckpt::capi::*;

use super::look::{look_at, look_at_tensor};
use super::meta_handles::MetaHandles;
use super::object_handles::ObjectHandles;

/// Further handles than this of a kind are freed at once.
const MOST_HANDLES: usize = 8;

/// What is alive, by kind.
#[derive(Default)]
pub struct Handles {
    pub options: Vec<*mut tfckpt_reader_options>,
    pub read_options: Vec<*mut tfckpt_read_options>,
    pub progress: Vec<*mut tfckpt_progress>,
    pub readers: Vec<*mut tfckpt_reader>,
    pub cursors: Vec<*mut tfckpt_cursor>,
    pub tensors: Vec<*mut tfckpt_tensor>,
    pub lists: Vec<*mut tfckpt_tensors>,
    pub strings: Vec<*mut tfckpt_strings>,
    pub views: Vec<*mut tfckpt_view>,
    pub reports: Vec<*mut tfckpt_report>,
    pub graphs: Vec<*mut tfckpt_object_graph>,
    pub writers: Vec<*mut tfckpt_writer>,
    pub metas: MetaHandles,
    pub objects: ObjectHandles,
    pub managers: Vec<*mut tfckpt_manager>,
}

/// One of a kind, or NULL where it is out of range.
pub fn pick<'h, T>(handles: &[*mut T], which: u8) -> Option<&'h T> {
    let handle = *handles.get(usize::from(which) % (handles.len() + 1))?;
    // SAFETY: handles leave the list when they are freed.
    unsafe { handle.as_ref() }
}

pub fn pick_mut<'h, T>(handles: &[*mut T], which: u8) -> Option<&'h mut T> {
    let handle = *handles.get(usize::from(which) % (handles.len() + 1))?;
    // SAFETY: as above; nobody else holds it meanwhile.
    unsafe { handle.as_mut() }
}

pub fn last<'h, T>(handles: &[*mut T]) -> Option<&'h T> {
    // SAFETY: as above.
    handles.last().and_then(|handle| unsafe { handle.as_ref() })
}

pub fn owned<T>(handle: *mut T) -> Option<Box<T>> {
    // SAFETY: it came out of a Box, and is in no list any more.
    (!handle.is_null()).then(|| unsafe { Box::from_raw(handle) })
}

/// Keeps a handle, or frees it where there are many.
pub fn keep<T>(handles: &mut Vec<*mut T>, handle: *mut T, free: extern "C" fn(Option<Box<T>>)) {
    if handle.is_null() {
        return;
    }
    if handles.len() < MOST_HANDLES {
        handles.push(handle);
    } else {
        free(owned(handle));
    }
}

pub fn remove<T>(handles: &mut Vec<*mut T>, which: u8, free: extern "C" fn(Option<Box<T>>)) {
    if handles.is_empty() {
        return free(None);
    }
    let at = usize::from(which) % handles.len();
    free(owned(handles.swap_remove(at)));
}

/// Frees all, by what frees one of so many kinds.
pub fn free_all(kinds: u8, mut free: impl FnMut(u8, u8)) {
    for kind in 0..kinds {
        (0..MOST_HANDLES).for_each(|_| free(kind, 0));
    }
}

impl Handles {
    const KINDS: u8 = 13;

    pub fn free(&mut self, kind: u8, which: u8) {
        match kind % Self::KINDS {
            0 => remove(&mut self.options, which, tfckpt_reader_options_free),
            1 => remove(&mut self.read_options, which, tfckpt_read_options_free),
            2 => remove(&mut self.progress, which, tfckpt_progress_free),
            3 => remove(&mut self.readers, which, tfckpt_reader_free),
            4 => remove(&mut self.cursors, which, tfckpt_cursor_free),
            5 => remove(&mut self.tensors, which, tfckpt_tensor_free),
            6 => remove(&mut self.lists, which, tfckpt_tensors_free),
            7 => remove(&mut self.strings, which, tfckpt_strings_free),
            8 => remove(&mut self.views, which, tfckpt_view_free),
            9 => remove(&mut self.reports, which, tfckpt_report_free),
            10 => remove(&mut self.graphs, which, tfckpt_object_graph_free),
            11 => remove(&mut self.writers, which, tfckpt_writer_free),
            _ => remove(&mut self.managers, which, tfckpt_manager_free),
        }
    }

    pub fn free_all(&mut self) {
        free_all(Self::KINDS, |kind, which| self.free(kind, which));
        self.metas.free_all();
        self.objects.free_all();
    }

    pub fn options(&self, given: bool) -> Option<&tfckpt_reader_options> {
        last(&self.options).filter(|_| given)
    }

    pub fn keep_tensor(&mut self, tensor: *mut tfckpt_tensor) {
        // SAFETY: new, or NULL.
        look_at_tensor(unsafe { tensor.as_ref() });
        keep(&mut self.tensors, tensor, tfckpt_tensor_free);
    }

    pub fn keep_report(&mut self, report: *mut tfckpt_report) {
        // SAFETY: new, or NULL; its problems are its own.
        unsafe {
            let count = tfckpt_report_problem_count(report.as_ref());
            assert_eq!(tfckpt_report_is_ok(report.as_ref()), count == 0 && !report.is_null());
            assert!(tfckpt_report_tensor_count(report.as_ref()) >= 0);
            assert!(tfckpt_report_byte_count(report.as_ref()) >= 0);
            for index in -1..=count.min(50) {
                let problem = tfckpt_report_problem(report.as_ref(), index);
                assert_eq!(problem.is_null(), !(0..count).contains(&index));
                problem.as_ref().into_iter().for_each(look_at);
            }
        }
        keep(&mut self.reports, report, tfckpt_report_free);
    }
}
