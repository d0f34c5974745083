//! The C API, called in any order with any handles, alive and NULL, on files good and bad;
//! and what each call is to keep to: an error exactly on failure, nothing written else.
#![no_main]

use std::ffi::{CStr, CString, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tfckpt::capi::*;

const MOST_CALLS: usize = 64;
/// Further handles than this of a kind are freed at once.
const MOST_HANDLES: usize = 8;
const ROOM: usize = 4096;

#[derive(Arbitrary, Debug)]
enum Call {
    Options { mapped: bool, cache: u16, max_block: u32, max_index: u32, tensors: i8, bytes: u16 },
    ReadOptions { verify: bool, threads: u8, in_flight: u16, progress: bool },
    Cancel,
    Open { path: u8, options: bool },
    Verify { path: u8, options: bool },
    Free { kind: u8, which: u8 },
    Count(u8),
    At(u8, i8),
    Find(u8, Name),
    Resolve(u8, Name),
    List(u8, Name),
    Next(u8),
    NextMany(u8, i8),
    Read(u8, Name, u16),
    ReadSlice(u8, Name, Cut, u16),
    ReadSize(u8, Name, Option<Cut>),
    Check(u8, Name),
    ReadMany(u8, Vec<(Name, Option<Cut>)>),
    Strings(u8, Name),
    StringsSlice(u8, Name, Cut),
    View(u8, Name),
    VerifyReader(u8),
    Graph(u8),
    Overlay { readers: Vec<u8>, conflict: i8, from: Name, to: Name },
    State { path: u8 },
    Survey { path: u8 },
    Create { v1: bool, shards: u8, alignment: u8, big: bool },
    Add { name: Name, dtype: u8, dims: Vec<i8>, bytes: u8 },
    AddSlice { name: Name, dtype: u8, dims: Vec<i8>, cut: Cut, bytes: u8 },
    AddStrings { name: Name, lengths: Vec<i16>, count: u8 },
    Begin { name: Name, dtype: u8, dims: Vec<i8> },
    Append(u8),
    End,
    CancelTensor,
    Finish,
    Merge { paths: Vec<u8>, conflict: i8, transfer: i8 },
    Copy { path: u8 },
}

/// A name that may be in one of the files, or any other.
#[derive(Arbitrary, Debug)]
enum Name {
    Known(u8),
    Any(Vec<u8>),
    Null,
}

#[derive(Arbitrary, Debug)]
struct Cut(Vec<(i8, i8)>);

const NAMES: [&[u8]; 14] = [
    b"alpha/kernel",
    b"alpha/names",
    b"beta/count",
    b"beta/mask",
    b"gamma/table",
    b"zeta/last",
    b"a",
    b"b",
    b"parts",
    b"words",
    b"shard0/x",
    b"shard1/words",
    b"_CHECKPOINTABLE_OBJECT_GRAPH",
    b"x",
];

impl Name {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Known(which) => NAMES[usize::from(*which) % NAMES.len()],
            Self::Any(bytes) => bytes,
            Self::Null => b"",
        }
    }

    fn parts(&self) -> (*const c_char, usize) {
        match self {
            Self::Null => (null(), 0),
            name => (name.bytes().as_ptr().cast(), name.bytes().len()),
        }
    }
}

impl Cut {
    fn parts(&self) -> (Vec<i64>, Vec<i64>) {
        self.0
            .iter()
            .take(300)
            .map(|&(start, length)| (i64::from(start), i64::from(length)))
            .unzip()
    }
}

/// All cases that there are, and folders, and what is not there.
static PATHS: LazyLock<Vec<CString>> = LazyLock::new(|| {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
    let hostile = std::fs::read_dir(data.join("hostile")).unwrap();
    let mut found: Vec<PathBuf> = hostile.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found.extend(
        ["object_based/keras/ckpt-50", "sharded", "big_endian"]
            .map(|path| data.join("golden").join(path)),
    );
    found.push(scratch("made"));
    found.into_iter().flat_map(|path| paths_in(&path)).collect()
});

fn paths_in(path: &Path) -> [CString; 2] {
    let name = if path.join("model.ckpt").exists() { "model.ckpt" } else { "ckpt" };
    [path.to_path_buf(), path.join(name)].map(|path| c_path(&path))
}

fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

/// Each process writes in a folder of its own, in memory where there is one.
fn scratch(name: &str) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
    let dir = base.join(format!("tfckpt-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir.join(name)
}

fn path(which: u8) -> *const c_char {
    PATHS[usize::from(which) % PATHS.len()].as_ptr()
}

/// What is alive, by kind.
#[derive(Default)]
struct Handles {
    options: Vec<*mut tfckpt_reader_options>,
    read_options: Vec<*mut tfckpt_read_options>,
    progress: Vec<*mut tfckpt_progress>,
    readers: Vec<*mut tfckpt_reader>,
    cursors: Vec<*mut tfckpt_cursor>,
    tensors: Vec<*mut tfckpt_tensor>,
    lists: Vec<*mut tfckpt_tensors>,
    strings: Vec<*mut tfckpt_strings>,
    views: Vec<*mut tfckpt_view>,
    reports: Vec<*mut tfckpt_report>,
    graphs: Vec<*mut tfckpt_object_graph>,
    writers: Vec<*mut tfckpt_writer>,
}

/// One of a kind, or NULL where it is out of range.
fn pick<'h, T>(handles: &[*mut T], which: u8) -> Option<&'h T> {
    let handle = *handles.get(usize::from(which) % (handles.len() + 1))?;
    // SAFETY: handles leave the list when they are freed.
    unsafe { handle.as_ref() }
}

fn pick_mut<'h, T>(handles: &[*mut T], which: u8) -> Option<&'h mut T> {
    let handle = *handles.get(usize::from(which) % (handles.len() + 1))?;
    // SAFETY: as above; nobody else holds it meanwhile.
    unsafe { handle.as_mut() }
}

fn last<'h, T>(handles: &[*mut T]) -> Option<&'h T> {
    // SAFETY: as above.
    handles.last().and_then(|handle| unsafe { handle.as_ref() })
}

fn owned<T>(handle: *mut T) -> Option<Box<T>> {
    // SAFETY: it came out of a Box, and is in no list any more.
    (!handle.is_null()).then(|| unsafe { Box::from_raw(handle) })
}

/// Keeps a handle, or frees it where there are many.
fn keep<T>(handles: &mut Vec<*mut T>, handle: *mut T, free: extern "C" fn(Option<Box<T>>)) {
    if handle.is_null() {
        return;
    }
    if handles.len() < MOST_HANDLES {
        handles.push(handle);
    } else {
        free(owned(handle));
    }
}

fn remove<T>(handles: &mut Vec<*mut T>, which: u8, free: extern "C" fn(Option<Box<T>>)) {
    if handles.is_empty() {
        return free(None);
    }
    let at = usize::from(which) % handles.len();
    free(owned(handles.swap_remove(at)));
}

/// Makes a call and holds it to the rules: an error exactly where it fails, which can be
/// looked at in every way.
fn called(call: impl FnOnce(*mut *mut tfckpt_error) -> tfckpt_status) -> bool {
    let mut err = null_mut();
    let status = call(&mut err) as i32;
    assert_ne!(status, tfckpt_status::TFCKPT_INTERNAL as i32, "{}", message(err));
    assert_eq!(status == 0, err.is_null());
    if let Some(error) = owned(err) {
        assert_eq!(tfckpt_error_status(Some(&error)) as i32, status);
        look_at(&error);
        tfckpt_error_free(Some(error));
    }
    status == 0
}

fn message(err: *const tfckpt_error) -> String {
    // SAFETY: an error, or NULL.
    let text = unsafe { tfckpt_error_message(err.as_ref()) };
    // SAFETY: it ends with a NUL.
    if text.is_null() {
        String::new()
    } else {
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into()
    }
}

fn look_at(error: &tfckpt_error) {
    let error = Some(error);
    let mut len = 0;
    // SAFETY: `len` is a variable.
    unsafe {
        tfckpt_error_file(error);
        tfckpt_error_tensor(error, &mut len);
        for index in -1..=tfckpt_error_name_count(error) {
            tfckpt_error_name(error, index, &mut len);
        }
    }
    assert!(tfckpt_error_offset(error) >= -1 && tfckpt_error_shard(error) >= -1);
}

/// A call with a handle as its result, which is written on success only.
fn made<T>(call: impl FnOnce(*mut *mut T, *mut *mut tfckpt_error) -> tfckpt_status) -> *mut T {
    let mut out = null_mut();
    let is_ok = called(|err| call(&mut out, err));
    assert_eq!(is_ok, !out.is_null());
    out
}

fn look_at_tensor(tensor: Option<&tfckpt_tensor>) {
    let mut len = 0;
    // SAFETY: the lengths are those of the arrays.
    unsafe {
        let name = tfckpt_tensor_name(tensor, &mut len);
        assert!(tensor.is_none() || *name.add(len) == 0);
        let dims = tfckpt_tensor_dims(tensor);
        let rank = tfckpt_tensor_rank(tensor);
        assert!((0..rank).all(|at| *dims.add(at) >= 0));
        for index in -1..=tfckpt_tensor_slice_count(tensor).min(20) {
            let starts = tfckpt_tensor_slice_starts(tensor, index);
            let lengths = tfckpt_tensor_slice_lengths(tensor, index);
            assert_eq!(starts.is_null(), lengths.is_null());
            if !starts.is_null() {
                assert!((0..rank).all(|at| *starts.add(at) >= 0 && *lengths.add(at) >= -1));
            }
        }
    }
    assert!(tfckpt_tensor_byte_size(tensor) >= -1 && tfckpt_tensor_num_elements(tensor) >= 0);
}

fn look_at_list(tensors: Option<&tfckpt_tensors>) {
    let count = tfckpt_tensors_count(tensors) as usize;
    // SAFETY: offsets are of count + 1 places, the last is the length.
    unsafe {
        let offsets = tfckpt_tensors_name_offsets(tensors);
        assert!(tensors.is_none() || !offsets.is_null());
        if tensors.is_some() {
            assert!((0..count).all(|at| *offsets.add(at) <= *offsets.add(at + 1)));
            let dims = tfckpt_tensors_dim_offsets(tensors);
            assert!((0..count).all(|at| *dims.add(at) <= *dims.add(at + 1)));
        }
    }
}

fn look_at_strings(strings: Option<&tfckpt_strings>) {
    let (count, size) = (tfckpt_strings_count(strings) as usize, tfckpt_strings_data_size(strings));
    let offsets = tfckpt_strings_offsets(strings);
    let data = tfckpt_strings_data(strings).cast::<u8>();
    if strings.is_some() {
        // SAFETY: there are count + 1 offsets, and size bytes.
        unsafe {
            assert!((0..count).all(|at| *offsets.add(at) <= *offsets.add(at + 1)));
            assert_eq!(*offsets.add(count) as usize, size);
            (0..size).for_each(|at| {
                std::hint::black_box(*data.add(at));
            });
        }
    }
}

impl Handles {
    fn free(&mut self, kind: u8, which: u8) {
        match kind % 12 {
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
            _ => remove(&mut self.writers, which, tfckpt_writer_free),
        }
    }

    fn free_all(&mut self) {
        for kind in 0..12 {
            (0..MOST_HANDLES).for_each(|_| self.free(kind, 0));
        }
    }

    fn options(&self, given: bool) -> Option<&tfckpt_reader_options> {
        last(&self.options).filter(|_| given)
    }

    /// What all calls rest on: they are given pointers that are good, or NULL.
    fn call(&mut self, call: &Call) {
        // SAFETY: handles in the lists are alive, arrays are as long as is told.
        unsafe { self.call_it(call) }
    }

    unsafe fn call_it(&mut self, call: &Call) {
        let read = last(&self.read_options);
        let writer = self.writers.last().and_then(|handle| unsafe { handle.as_mut() });
        let mut dst = [0u8; ROOM];
        // SAFETY: as of `call`.
        unsafe {
            match call {
                Call::Options { mapped, cache, max_block, max_index, tensors, bytes } => {
                    let mut options = tfckpt_reader_options_new();
                    tfckpt_reader_options_set_mapped(Some(&mut options), *mapped);
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
                Call::View(at, name) => {
                    let (reader, (name, len)) = (pick(&self.readers, *at), name.parts());
                    let view =
                        made(|out, err| tfckpt_reader_view(reader, name, len, read, out, err));
                    let data = tfckpt_view_data(view.as_ref()).cast::<u8>();
                    let size = tfckpt_view_size(view.as_ref());
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
                            dst.as_ptr().cast(),
                            (*bytes).into(),
                            err,
                        )
                    });
                }
                Call::AddSlice { name, dtype, dims, cut, bytes } => {
                    let ((name, len), mut dims, (mut starts, mut lengths)) =
                        (name.parts(), wide(dims), cut.parts());
                    let rank = dims.len().min(starts.len());
                    dims.truncate(rank);
                    starts.truncate(rank);
                    lengths.truncate(rank);
                    called(|err| {
                        tfckpt_writer_add_slice(
                            writer,
                            name,
                            len,
                            (*dtype).into(),
                            dims.as_ptr(),
                            rank,
                            starts.as_ptr(),
                            lengths.as_ptr(),
                            dst.as_ptr().cast(),
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
                            dst.as_ptr().cast(),
                            256,
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
                        tfckpt_writer_append(writer, dst.as_ptr().cast(), (*bytes).into(), err)
                    });
                }
                Call::End => {
                    called(|err| tfckpt_writer_end(writer, err));
                }
                Call::CancelTensor => {
                    called(|err| tfckpt_writer_cancel(writer, err));
                }
                Call::Finish => {
                    called(|err| tfckpt_writer_finish(writer, err));
                }
                Call::Merge { paths, conflict, transfer } => merge(paths, *conflict, *transfer),
                Call::Copy { path: at } => {
                    let to = c_path(&scratch("copied"));
                    called(|err| tfckpt_checkpoint_copy(to.as_ptr(), path(*at), None, err));
                }
            }
        }
    }

    fn keep_tensor(&mut self, tensor: *mut tfckpt_tensor) {
        // SAFETY: new, or NULL.
        look_at_tensor(unsafe { tensor.as_ref() });
        keep(&mut self.tensors, tensor, tfckpt_tensor_free);
    }

    fn keep_report(&mut self, report: *mut tfckpt_report) {
        // SAFETY: new, or NULL; its problems are its own.
        unsafe {
            let count = tfckpt_report_problem_count(report.as_ref());
            for index in -1..=count.min(50) {
                let problem = tfckpt_report_problem(report.as_ref(), index);
                assert_eq!(problem.is_null(), !(0..count).contains(&index));
                problem.as_ref().into_iter().for_each(look_at);
            }
        }
        keep(&mut self.reports, report, tfckpt_report_free);
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

fn wide(dims: &[i8]) -> Vec<i64> {
    dims.iter().take(300).map(|&dim| dim.into()).collect()
}

fn pointers(cut: &Option<(Vec<i64>, Vec<i64>)>) -> (*const i64, *const i64, usize) {
    match cut {
        Some((starts, lengths)) => (starts.as_ptr(), lengths.as_ptr(), starts.len()),
        None => (null(), null(), 0),
    }
}

fn merge(paths: &[u8], conflict: i8, transfer: i8) {
    // Never by moving: the files are those of the repository.
    let transfer = if transfer == 2 { 0 } else { transfer };
    let mut options = tfckpt_merge_options_new();
    tfckpt_merge_options_set_sync(Some(&mut options), false);
    let sources: Vec<*const c_char> = paths.iter().take(3).map(|&at| path(at)).collect();
    let to = c_path(&scratch("merged"));
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

fuzz_target!(|calls: Vec<Call>| {
    let mut handles = Handles::default();
    calls.iter().take(MOST_CALLS).for_each(|call| handles.call(call));
    handles.free_all();
    for made in ["copied", "merged"] {
        for end in
            [".index", ".data-00000-of-00001", ".data-00000-of-00002", ".data-00001-of-00002"]
        {
            let _ = std::fs::remove_file(scratch(&format!("{made}{end}")));
        }
    }
});
