//! Calls that write.

use std::ffi::c_char;

use tfckpt::capi::*;

use super::call::Call;
use super::extents::{Extents, wide};
use super::files::{c_path, path, scratch};
use super::handles::{Handles, keep, last};
use super::look::{called, made};

/// As many values as a call may say there are.
const MOST_BYTES: usize = 256;

impl Handles {
    /// # Safety
    /// As of [`Handles::call`].
    pub unsafe fn write(&mut self, call: &Call) {
        let data = [0u8; MOST_BYTES];
        // SAFETY: handles in the lists are alive.
        let writer = self.writers.last().and_then(|handle| unsafe { handle.as_mut() });
        // SAFETY: as of `call`.
        unsafe {
            match call {
                Call::Create { v1, shards, alignment, big } => {
                    self.create(*v1, *shards, *alignment, *big)
                }
                Call::Add { name, dtype, dims, bytes } => {
                    let ((name, len), dims) = (name.parts(), wide(dims));
                    called(|err| {
                        tfckpt_writer_add(
                            writer,
                            name,
                            len,
                            (*dtype).into(),
                            dims.as_ptr(),
                            dims.len(),
                            data.as_ptr().cast(),
                            (*bytes).into(),
                            err,
                        )
                    });
                }
                Call::AddSlice { name, dtype, dims, cut, bytes } => {
                    let ((name, len), of) = (name.parts(), Extents::of(wide(dims), cut));
                    called(|err| {
                        tfckpt_writer_add_slice(
                            writer,
                            name,
                            len,
                            (*dtype).into(),
                            of.dims.as_ptr(),
                            of.dims.len(),
                            of.starts.as_ptr(),
                            of.lengths.as_ptr(),
                            data.as_ptr().cast(),
                            (*bytes).into(),
                            err,
                        )
                    });
                }
                Call::AddStrings { name, lengths, count } => {
                    let (name, len) = name.parts();
                    let dims = [i64::from(*count).min(lengths.len() as i64 - 1).max(0)];
                    let mut offsets: Vec<i64> =
                        lengths.iter().map(|&length| length.into()).collect();
                    offsets.resize(dims[0] as usize + 1, 0);
                    called(|err| {
                        tfckpt_writer_add_strings(
                            writer,
                            name,
                            len,
                            dims.as_ptr(),
                            1,
                            offsets.as_ptr(),
                            data.as_ptr().cast(),
                            data.len(),
                            err,
                        )
                    });
                }
                Call::Begin { name, dtype, dims } => {
                    let ((name, len), dims) = (name.parts(), wide(dims));
                    called(|err| {
                        tfckpt_writer_begin(
                            writer,
                            name,
                            len,
                            (*dtype).into(),
                            dims.as_ptr(),
                            dims.len(),
                            err,
                        )
                    });
                }
                Call::Append(bytes) => {
                    called(|err| {
                        tfckpt_writer_append(writer, data.as_ptr().cast(), (*bytes).into(), err)
                    });
                }
                Call::End => {
                    called(|err| tfckpt_writer_end(writer, err));
                }
                Call::CancelTensor => {
                    called(|err| tfckpt_writer_cancel(writer, err));
                }
                Call::Finish => {
                    let is_finished = called(|err| tfckpt_writer_finish(writer, err));
                    self.look_at_last_writer(is_finished);
                }
                Call::Merge { paths, conflict, transfer } => {
                    merge(paths, *conflict, *transfer, last(&self.progress))
                }
                Call::Copy { path: at } => {
                    let to = c_path(&scratch("copied").join("ckpt"));
                    called(|err| tfckpt_checkpoint_copy(to.as_ptr(), path(*at), None, err));
                }
                _ => {}
            }
        }
    }

    unsafe fn create(&mut self, v1: bool, shards: u8, alignment: u8, big: bool) {
        let mut options = tfckpt_writer_options_new();
        tfckpt_writer_options_set_sync(Some(&mut options), false);
        tfckpt_writer_options_set_replace(Some(&mut options), true);
        tfckpt_writer_options_set_big_endian(Some(&mut options), big);
        // SAFETY: the options are here, the path ends with a NUL.
        unsafe {
            called(|err| {
                tfckpt_writer_options_set_format(Some(&mut options), if v1 { 1 } else { 2 }, err)
            });
            called(|err| {
                tfckpt_writer_options_set_shards(Some(&mut options), (shards % 4).into(), err)
            });
            called(|err| {
                tfckpt_writer_options_set_alignment(Some(&mut options), alignment.into(), err)
            });
            let to = c_path(&scratch("made").join("ckpt"));
            let _ = std::fs::create_dir(scratch("made"));
            let writer =
                made(|out, err| tfckpt_writer_create(to.as_ptr(), Some(&options), out, err));
            keep(&mut self.writers, writer, tfckpt_writer_free);
        }
        tfckpt_writer_options_free(Some(options));
    }
}

fn merge(paths: &[u8], conflict: i8, transfer: i8, progress: Option<&tfckpt_progress>) {
    // Never by moving: the files are those of the repository. Miri has no hard links.
    let is_barred = transfer == 2 || (cfg!(miri) && transfer == 1);
    let transfer = if is_barred { 0 } else { transfer };
    let mut options = tfckpt_merge_options_new();
    tfckpt_merge_options_set_sync(Some(&mut options), false);
    tfckpt_merge_options_set_threads(Some(&mut options), paths.len() % 4);
    tfckpt_merge_options_set_max_in_flight(Some(&mut options), paths.len() << 10);
    tfckpt_merge_options_set_progress(Some(&mut options), progress);
    let sources: Vec<*const c_char> = paths.iter().take(3).map(|&at| path(at)).collect();
    let to = c_path(&scratch("merged").join("ckpt"));
    // SAFETY: all paths end with a NUL.
    unsafe {
        called(|err| {
            tfckpt_merge_options_set_on_conflict(Some(&mut options), conflict.into(), err)
        });
        called(|err| tfckpt_merge_options_set_transfer(Some(&mut options), transfer.into(), err));
        called(|err| {
            tfckpt_checkpoint_merge(
                to.as_ptr(),
                sources.as_ptr(),
                sources.len(),
                Some(&options),
                err,
            )
        });
    }
    tfckpt_merge_options_free(Some(options));
}
