//! Calls that open and read.

use std::ptr::null;

use tfckpt::capi::*;

use super::call::{Call, Cut, Name};
use super::columns::look_at_list;
use super::files::path;
use super::handles::{Handles, keep, last, owned, pick, pick_mut};
use super::look::{called, look_at_strings, look_at_tensor, look_at_view, made};

const ROOM: usize = 4096;
/// Miri maps no files.
const MAPS: bool = !cfg!(miri);

impl Handles {
    /// Makes a call.
    pub fn call(&mut self, call: &Call) {
        // SAFETY: handles in the lists are alive, arrays are as long as is told: all calls
        // are given pointers that are good, or NULL.
        unsafe { self.read(call) }
    }

    unsafe fn read(&mut self, call: &Call) {
        let read = last(&self.read_options);
        let mut dst = [0u8; ROOM];
        // SAFETY: as of `call`.
        unsafe {
            match call {
                Call::Options { mapped, cache, max_block, max_index, tensors, bytes } => {
                    let mut options = tfckpt_reader_options_new();
                    let mapped = *mapped && MAPS;
                    tfckpt_reader_options_set_mapped(Some(&mut options), mapped);
                    tfckpt_reader_options_set_index_cache(Some(&mut options), (*cache).into());
                    tfckpt_reader_options_set_max_block(Some(&mut options), *max_block as usize);
                    tfckpt_reader_options_set_max_index(Some(&mut options), *max_index as usize);
                    tfckpt_reader_options_set_max_tensors(Some(&mut options), (*tensors).into());
                    tfckpt_reader_options_set_max_tensor_bytes(Some(&mut options), (*bytes).into());
                    keep(&mut self.options, Box::into_raw(options), tfckpt_reader_options_free);
                }
                Call::ReadOptions { verify, threads, in_flight, progress } => {
                    let mut options = tfckpt_read_options_new();
                    tfckpt_read_options_set_verify(Some(&mut options), *verify);
                    tfckpt_read_options_set_threads(Some(&mut options), (threads % 4).into());
                    tfckpt_read_options_set_max_in_flight(Some(&mut options), (*in_flight).into());
                    if *progress {
                        let watch = tfckpt_progress_new();
                        tfckpt_read_options_set_progress(Some(&mut options), Some(&watch));
                        keep(&mut self.progress, Box::into_raw(watch), tfckpt_progress_free);
                    }
                    keep(&mut self.read_options, Box::into_raw(options), tfckpt_read_options_free);
                }
                Call::Cancel => tfckpt_progress_cancel(last(&self.progress)),
                Call::Open { path: at, options } => {
                    let options = self.options(*options);
                    let reader = made(|out, err| tfckpt_reader_open(path(*at), options, out, err));
                    keep(&mut self.readers, reader, tfckpt_reader_free);
                }
                Call::Verify { path: at, options } => {
                    let options = self.options(*options);
                    let report =
                        made(|out, err| tfckpt_checkpoint_verify(path(*at), options, out, err));
                    self.keep_report(report);
                }
                Call::Free { kind, which } => self.free(*kind, *which),
                Call::Count(at) => {
                    let mut count = -7;
                    let is_ok = called(|err| {
                        tfckpt_reader_count(pick(&self.readers, *at), &mut count, err)
                    });
                    assert_eq!(is_ok, count != -7);
                }
                Call::At(at, position) => {
                    let reader = pick(&self.readers, *at);
                    let tensor = made(|out, err| {
                        tfckpt_reader_tensor_at(reader, (*position).into(), out, err)
                    });
                    self.keep_tensor(tensor);
                }
                Call::Find(at, name) => {
                    let (reader, (name, len)) = (pick(&self.readers, *at), name.parts());
                    let tensor = made(|out, err| tfckpt_reader_find(reader, name, len, out, err));
                    self.keep_tensor(tensor);
                }
                Call::Resolve(at, name) => {
                    let (reader, (name, len)) = (pick(&self.readers, *at), name.parts());
                    let tensor =
                        made(|out, err| tfckpt_reader_resolve(reader, name, len, out, err));
                    self.keep_tensor(tensor);
                }
                Call::List(at, name) => {
                    let (reader, (name, len)) = (pick(&self.readers, *at), name.parts());
                    let cursor = made(|out, err| tfckpt_reader_list(reader, name, len, out, err));
                    keep(&mut self.cursors, cursor, tfckpt_cursor_free);
                }
                Call::Next(at) => {
                    let mut tensor = null();
                    if called(|err| {
                        tfckpt_cursor_next(pick_mut(&self.cursors, *at), &mut tensor, err)
                    }) {
                        look_at_tensor(tensor.as_ref());
                    }
                }
                Call::NextMany(at, max) => {
                    let cursor = pick_mut(&self.cursors, *at);
                    let list =
                        made(|out, err| tfckpt_cursor_next_many(cursor, (*max).into(), out, err));
                    look_at_list(list.as_ref());
                    keep(&mut self.lists, list, tfckpt_tensors_free);
                }
                Call::Read(at, name, room) => {
                    let (reader, (name, len)) = (pick(&self.readers, *at), name.parts());
                    let room = usize::from(*room).min(ROOM);
                    called(|err| {
                        tfckpt_reader_read(
                            reader,
                            name,
                            len,
                            read,
                            dst.as_mut_ptr().cast(),
                            room,
                            err,
                        )
                    });
                }
                Call::ReadSlice(at, name, cut, room) => {
                    let (reader, (name, len)) = (pick(&self.readers, *at), name.parts());
                    let ((starts, lengths), room) = (cut.parts(), usize::from(*room).min(ROOM));
                    called(|err| {
                        tfckpt_reader_read_slice(
                            reader,
                            name,
                            len,
                            starts.as_ptr(),
                            lengths.as_ptr(),
                            starts.len(),
                            read,
                            dst.as_mut_ptr().cast(),
                            room,
                            err,
                        )
                    });
                }
                Call::ReadSize(at, name, cut) => {
                    let (reader, (name, len)) = (pick(&self.readers, *at), name.parts());
                    let cut = cut.as_ref().map(Cut::parts);
                    let (starts, lengths, rank) = pointers(&cut);
                    let mut size = 0;
                    called(|err| {
                        tfckpt_reader_read_size(
                            reader, name, len, starts, lengths, rank, &mut size, err,
                        )
                    });
                }
                Call::Check(at, name) => {
                    let (reader, (name, len)) = (pick(&self.readers, *at), name.parts());
                    called(|err| tfckpt_reader_check(reader, name, len, err));
                }
                Call::ReadMany(at, wanted) => self.read_many(pick(&self.readers, *at), wanted),
                Call::Strings(at, name) => {
                    let (reader, (name, len)) = (pick(&self.readers, *at), name.parts());
                    let strings = made(|out, err| {
                        tfckpt_reader_read_strings(reader, name, len, read, out, err)
                    });
                    look_at_strings(strings.as_ref());
                    keep(&mut self.strings, strings, tfckpt_strings_free);
                }
                Call::StringsSlice(at, name, cut) => {
                    let (reader, (name, len)) = (pick(&self.readers, *at), name.parts());
                    let (starts, lengths) = cut.parts();
                    let strings = made(|out, err| {
                        tfckpt_reader_read_strings_slice(
                            reader,
                            name,
                            len,
                            starts.as_ptr(),
                            lengths.as_ptr(),
                            starts.len(),
                            read,
                            out,
                            err,
                        )
                    });
                    look_at_strings(strings.as_ref());
                    keep(&mut self.strings, strings, tfckpt_strings_free);
                }
                Call::View(at, name) if MAPS => {
                    let (reader, (name, len)) = (pick(&self.readers, *at), name.parts());
                    let view =
                        made(|out, err| tfckpt_reader_view(reader, name, len, read, out, err));
                    let data = tfckpt_view_data(view.as_ref()).cast::<u8>();
                    let size = tfckpt_view_size(view.as_ref());
                    look_at_view(view.as_ref());
                    (0..size).for_each(|at| {
                        std::hint::black_box(*data.add(at));
                    });
                    keep(&mut self.views, view, tfckpt_view_free);
                }
                Call::VerifyReader(at) => {
                    let reader = pick(&self.readers, *at);
                    let report = made(|out, err| tfckpt_reader_verify(reader, read, out, err));
                    self.keep_report(report);
                }
                Call::Graph(at) => {
                    let reader = pick(&self.readers, *at);
                    let graph = made(|out, err| tfckpt_reader_read_object_graph(reader, out, err));
                    keep(&mut self.graphs, graph, tfckpt_object_graph_free);
                }
                Call::Overlay { readers, conflict, from, to } => {
                    self.overlay(readers, *conflict, from, to)
                }
                Call::State { path: at } => {
                    tfckpt_state_free(owned(made(|out, err| {
                        tfckpt_state_read(path(*at), None, out, err)
                    })));
                    tfckpt_latest_free(owned(made(|out, err| {
                        tfckpt_directory_latest(path(*at), None, out, err)
                    })));
                }
                Call::Survey { path: at } => {
                    tfckpt_survey_free(owned(made(|out, err| {
                        tfckpt_directory_survey(path(*at), None, out, err)
                    })));
                }
                Call::Meta(call) => self.meta(call),
                Call::Folder(call) => self.folder(call),
                Call::Objects(call) => self.objects(call),
                Call::CopyWith(call) => self.copy(call),
                Call::Layers(call) => self.layers(call),
                Call::Fill(call) => self.fill(call),
                Call::Tell(call) => self.tell(call),
                Call::Manager(call) => self.manager(call),
                _ => self.write(call),
            }
        }
    }

    unsafe fn read_many(&self, reader: Option<&tfckpt_reader>, wanted: &[(Name, Option<Cut>)]) {
        let mut buffers = vec![[0u8; 256]; wanted.len().min(8)];
        let cuts: Vec<_> = wanted.iter().map(|(_, cut)| cut.as_ref().map(Cut::parts)).collect();
        let requests: Vec<tfckpt_read_request> = wanted
            .iter()
            .zip(&cuts)
            .zip(&mut buffers)
            .map(|(((name, _), cut), dst)| {
                let ((name, name_len), (starts, lengths, rank)) = (name.parts(), pointers(cut));
                let (dst, dst_len) = (dst.as_mut_ptr().cast(), dst.len());
                // SAFETY: all zero is what a new request is.
                let empty: tfckpt_read_request = unsafe { std::mem::zeroed() };
                tfckpt_read_request { name, name_len, starts, lengths, rank, dst, dst_len, ..empty }
            })
            .collect();
        let read = last(&self.read_options);
        // SAFETY: the requests and their buffers live here.
        called(|err| unsafe {
            tfckpt_reader_read_many(reader, requests.as_ptr(), requests.len(), read, err)
        });
    }

    unsafe fn overlay(&mut self, readers: &[u8], conflict: i8, from: &Name, to: &Name) {
        let mut overlay = tfckpt_overlay_new();
        // SAFETY: handles are alive, names as long as is told.
        unsafe {
            called(|err| tfckpt_overlay_set_on_conflict(Some(&mut overlay), conflict.into(), err));
            for at in readers.iter().take(4) {
                called(|err| {
                    tfckpt_overlay_add_reader(Some(&mut overlay), pick(&self.readers, *at), err)
                });
                let ((from, from_len), (to, to_len)) = (from.parts(), to.parts());
                called(|err| {
                    tfckpt_overlay_map_prefix(Some(&mut overlay), from, from_len, to, to_len, err)
                });
            }
            let reader = made(|out, err| tfckpt_overlay_open(Some(&overlay), out, err));
            keep(&mut self.readers, reader, tfckpt_reader_free);
        }
        tfckpt_overlay_free(Some(overlay));
    }
}

fn pointers(cut: &Option<(Vec<i64>, Vec<i64>)>) -> (*const i64, *const i64, usize) {
    match cut {
        Some((starts, lengths)) => (starts.as_ptr(), lengths.as_ptr(), starts.len()),
        None => (null(), null(), 0),
    }
}
