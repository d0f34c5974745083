//! Several checkpoints read as one.

use std::ffi::c_char;

use super::arguments::{bytes, given, path_of};
use super::boundary::{boundary, boundary_handle, free};
use super::error::tfckpt_error;
use super::merge::on_conflict_of;
use super::reader::tfckpt_reader;
use super::reader_options::tfckpt_reader_options;
use super::status::tfckpt_status;
use crate::checkpoint::{NameMap, NameRule, Overlay, Reader};
use crate::error::{Error, Result};

/// Several checkpoints, of any format, to be read as one: each may have other names
/// for its tensors than it has by itself. Nothing is copied.
#[derive(Default)]
pub struct tfckpt_overlay(Overlay);

impl tfckpt_overlay {
    /// The names of the checkpoint that was added last.
    fn names(overlay: Option<&mut Self>) -> Result<&mut NameMap> {
        let names = given(overlay, "overlay")?.0.last_names();
        names.ok_or_else(|| Error::invalid("no checkpoint was added yet"))
    }

    fn add_rule(overlay: Option<&mut Self>, rule: NameRule) -> Result<()> {
        Self::names(overlay)?.rules.push(rule);
        Ok(())
    }
}

/// An overlay of nothing, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_overlay_new() -> Box<tfckpt_overlay> {
    Box::default()
}

/// Frees an overlay. NULL is fine. Readers that came from it stay good.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_overlay_free(overlay: Option<Box<tfckpt_overlay>>) {
    free(overlay);
}

/// What happens where two checkpoints have a tensor of the same name, or the same
/// elements of a partitioned one: a tfckpt_on_conflict. Default: TFCKPT_ON_CONFLICT_ERROR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_overlay_set_on_conflict(
    overlay: Option<&mut tfckpt_overlay>,
    on_conflict: i32,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            given(overlay, "overlay")?.0.on_conflict(on_conflict_of(on_conflict)?);
            Ok(())
        })
    }
}

/// Opens a checkpoint and adds it behind those that there are. Path, options and
/// errors are as of tfckpt_reader_open().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_overlay_add(
    overlay: Option<&mut tfckpt_overlay>,
    path: *const c_char,
    options: Option<&tfckpt_reader_options>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let overlay = given(overlay, "overlay")?;
            let options = tfckpt_reader_options::or_default(options);
            let reader = Reader::open_with(path_of(path, "path")?, &options)?;
            overlay.0.add(reader, NameMap::default());
            Ok(())
        })
    }
}

/// Adds a checkpoint that is open already, which may be an overlay itself. The reader
/// stays the caller's, and may be freed before the overlay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_overlay_add_reader(
    overlay: Option<&mut tfckpt_overlay>,
    reader: Option<&tfckpt_reader>,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let overlay = &mut given(overlay, "overlay")?.0;
            overlay.add(tfckpt_reader::given(reader)?.clone(), NameMap::default());
            Ok(())
        })
    }
}

/// Gives a tensor of the checkpoint that was added last the name to. A tensor that
/// several rules fit has several names, and one that none fits keeps its own, unless
/// tfckpt_overlay_set_keep_unmapped() says otherwise.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_overlay_map_name(
    overlay: Option<&mut tfckpt_overlay>,
    from: *const c_char,
    from_len: usize,
    to: *const c_char,
    to_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let (from, to) = (bytes(from, from_len, "from")?, bytes(to, to_len, "to")?);
            tfckpt_overlay::add_rule(overlay, NameRule::name(from, to)?)
        })
    }
}

/// Gives all tensors of the checkpoint that was added last whose names begin with
/// from names that begin with to instead. Either may be empty. Otherwise as
/// tfckpt_overlay_map_name().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_overlay_map_prefix(
    overlay: Option<&mut tfckpt_overlay>,
    from: *const c_char,
    from_len: usize,
    to: *const c_char,
    to_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let (from, to) = (bytes(from, from_len, "from")?, bytes(to, to_len, "to")?);
            tfckpt_overlay::add_rule(overlay, NameRule::prefix(from, to))
        })
    }
}

/// Gives all tensors of the checkpoint that was added last whose names are as from
/// new names. A * in from stands for anything, / included, and in to for what that
/// was; a backslash takes the meaning from what follows. INVALID_ARGUMENT for more
/// than one *, or one in to alone. Otherwise as tfckpt_overlay_map_name().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_overlay_map_pattern(
    overlay: Option<&mut tfckpt_overlay>,
    from: *const c_char,
    from_len: usize,
    to: *const c_char,
    to_len: usize,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            let (from, to) = (bytes(from, from_len, "from")?, bytes(to, to_len, "to")?);
            tfckpt_overlay::add_rule(overlay, NameRule::pattern(from, to)?)
        })
    }
}

/// Whether tensors of the checkpoint that was added last that no rule fits keep their
/// names; if not they are left out. Default: true.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_overlay_set_keep_unmapped(
    overlay: Option<&mut tfckpt_overlay>,
    keep_unmapped: bool,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            tfckpt_overlay::names(overlay)?.keep_unmapped = keep_unmapped;
            Ok(())
        })
    }
}

/// Opens a reader over all of the checkpoints, into *out. Reads all of their indices;
/// values are read from where they are, and an error about one has the file and the
/// name there. Slices of one partitioned tensor that lie in several checkpoints are
/// brought together, where dtype and shape are the same. INVALID_ARGUMENT where no
/// checkpoint was added; where several have the same tensor and that is to be an error,
/// or two tensors of one would have the same name, with all such names; NOT_FOUND for
/// rules that fit no tensor; DATA_LOSS where an index is damaged, or slices to be
/// brought together overlap within a checkpoint; RESOURCE_LIMIT where those of several
/// overlap in millions of ways.
///
/// Where several have an object graph, or tensors of one get other names, the reader
/// has a graph of the objects of all: paths stay what they are, and keys follow the
/// names, as of tfckpt_checkpoint_copy(). Of what is one object in several checkpoints
/// but has different names, it has the name in the first; or in the last where that
/// wins. That several have a graph, or the counter of saves that tf.train.Checkpoint
/// adds, is no conflict. Rules are not for the graph.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_overlay_open(
    overlay: Option<&tfckpt_overlay>,
    out: *mut *mut tfckpt_reader,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { boundary_handle(out, err, || given(overlay, "overlay")?.0.open().map(Into::into)) }
}
