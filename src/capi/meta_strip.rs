//! Graphs without what nobody uses.

use std::ffi::c_char;

use super::arguments::{given, path_of};
use super::boundary::{boundary, boundary_handle, free};
use super::error::tfckpt_error;
use super::status::tfckpt_status;
use crate::error::{Error, Result};
use crate::graph::{Copies, Cut, MetaFile, StripOptions, Stripped, strip};

/// Which nodes are cut that do again what another node does.
#[repr(i32)]
pub enum tfckpt_meta_copies {
    /// None.
    TFCKPT_META_COPIES_KEEP = 0,
    /// Those that are run for their effect, and all that an import brought along.
    TFCKPT_META_COPIES_WITH_EFFECT = 1,
    /// Also those that only compute a value, which a program may fetch by name.
    TFCKPT_META_COPIES_ALL = 2,
}

/// What is cut out of a graph.
#[repr(i32)]
pub enum tfckpt_meta_cut {
    /// Nodes of savers that nobody uses.
    TFCKPT_META_CUT_SAVER_NODES = 0,
    /// Nodes that did again what another does.
    TFCKPT_META_CUT_COPIES = 1,
    /// Nodes that are for training alone.
    TFCKPT_META_CUT_TRAINING = 2,
    /// Functions of the library that only nodes called that went.
    TFCKPT_META_CUT_FUNCTIONS = 3,
    /// Values of collections that stood there twice, or named a node that went.
    TFCKPT_META_CUT_COLLECTION_VALUES = 4,
    /// Constants that became an Identity; their bytes are what that saved.
    TFCKPT_META_CUT_CONSTANTS = 5,
}

/// What tfckpt_meta_strip() cuts, and how it writes. NULL in its place means the
/// defaults.
#[derive(Default)]
pub struct tfckpt_meta_strip_options {
    options: StripOptions,
    dry_run: bool,
}

impl tfckpt_meta_strip_options {
    fn set(options: Option<&mut Self>, set: impl FnOnce(&mut StripOptions)) {
        if let Some(options) = options {
            set(&mut options.options);
        }
    }
}

/// The defaults, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_strip_options_new() -> Box<tfckpt_meta_strip_options> {
    Box::default()
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_strip_options_free(options: Option<Box<tfckpt_meta_strip_options>>) {
    free(options);
}

/// Whether savers go that nobody uses: not saver_def, no collection, no signature, no
/// other node. Default: true.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_strip_options_set_savers(
    options: Option<&mut tfckpt_meta_strip_options>,
    savers: bool,
) {
    tfckpt_meta_strip_options::set(options, |options| options.savers = savers);
}

/// Which nodes go that do again what another does: a tfckpt_meta_copies. Default:
/// TFCKPT_META_COPIES_WITH_EFFECT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_strip_options_set_copies(
    options: Option<&mut tfckpt_meta_strip_options>,
    copies: i32,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary(err, || {
            given(options, "options")?.options.copies = copies_of(copies)?;
            Ok(())
        })
    }
}

fn copies_of(number: i32) -> Result<Copies> {
    match number {
        0 => Ok(Copies::Keep),
        1 => Ok(Copies::WithEffect),
        2 => Ok(Copies::All),
        _ => Err(Error::invalid(format!("copies {number}"))),
    }
}

/// Whether collections lose values that name nodes and stand there more than once.
/// Default: true.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_strip_options_set_collections(
    options: Option<&mut tfckpt_meta_strip_options>,
    collections: bool,
) {
    tfckpt_meta_strip_options::set(options, |options| options.collections = collections);
}

/// From how many bytes on a constant that equals another becomes an Identity of that;
/// 0 for never. Default: 0.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_strip_options_set_constants(
    options: Option<&mut tfckpt_meta_strip_options>,
    min_size: usize,
) {
    let constants = (min_size > 0).then_some(min_size as u64);
    tfckpt_meta_strip_options::set(options, |options| options.constants = constants);
}

/// Whether all goes that is for training alone: gradients, the steps of optimizers,
/// what comes of them, what only they need, the functions that only they call.
/// Variables stay, slots of optimizers too: they are restored. With signatures in the
/// file all goes that neither they nor the saver nor a collection need. Default: false.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_strip_options_set_training(
    options: Option<&mut tfckpt_meta_strip_options>,
    training: bool,
) {
    tfckpt_meta_strip_options::set(options, |options| options.training = training);
}

/// Whether tfckpt_meta_strip() returns only when everything is on stable storage.
/// Default: true.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_strip_options_set_sync(
    options: Option<&mut tfckpt_meta_strip_options>,
    sync: bool,
) {
    tfckpt_meta_strip_options::set(options, |options| options.sync = sync);
}

/// Whether a file at dst is replaced; it may be the source. Default: false.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_strip_options_set_replace(
    options: Option<&mut tfckpt_meta_strip_options>,
    replace: bool,
) {
    tfckpt_meta_strip_options::set(options, |options| options.replace = replace);
}

/// Whether to tell only what would be cut; dst is not looked at then. Default: false.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_strip_options_set_dry_run(
    options: Option<&mut tfckpt_meta_strip_options>,
    dry_run: bool,
) {
    if let Some(options) = options {
        options.dry_run = dry_run;
    }
}

/// What tfckpt_meta_strip() did.
pub struct tfckpt_meta_stripped(Stripped);

impl tfckpt_meta_stripped {
    fn cut(stripped: Option<&Self>, cut: i32) -> Cut {
        let Some(Self(stripped)) = stripped else { return Cut::default() };
        match cut {
            0 => stripped.saver_nodes,
            1 => stripped.copies,
            2 => stripped.training,
            3 => stripped.functions,
            4 => stripped.collection_values,
            5 => stripped.constants,
            _ => Cut::default(),
        }
    }
}

/// Writes the graph that src leads to, by a path as of tfckpt_meta_open(), anew as the
/// file dst, without what nobody uses, and puts what was cut into *out.
///
/// By default that is what makes such files grow while the data stays: savers that
/// nobody uses, copies of nodes that an import of the graph into itself or a loop has
/// left, and values that stand in a collection twice. What remains imports and restores
/// as before: it is kept byte for byte, and so is whatever it uses, or saver_def, a
/// collection or a signature names.
///
/// The file appears whole or not at all, under a temporary name at first.
/// ALREADY_EXISTS where there is a file at dst that is not to be replaced; UNSUPPORTED
/// for a SavedModel; DATA_LOSS, with the byte at which it was noticed, where the graph
/// is damaged or two of its nodes have one name; NOT_FOUND where there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_strip(
    src: *const c_char,
    dst: *const c_char,
    options: Option<&tfckpt_meta_strip_options>,
    out: *mut *mut tfckpt_meta_stripped,
    err: *mut *mut tfckpt_error,
) -> tfckpt_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe {
        boundary_handle(out, err, || {
            let (src, dst) = (path_of(src, "src")?, path_of(dst, "dst")?);
            let defaults = tfckpt_meta_strip_options::default();
            let tfckpt_meta_strip_options { options, dry_run } = options.unwrap_or(&defaults);
            let file = MetaFile::find(src)?;
            let stripped = match dry_run {
                true => file.meta_graph()?.strippable(options),
                false => strip(file.path(), dst, options),
            };
            stripped.map(tfckpt_meta_stripped)
        })
    }
}

/// Frees what was told. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_stripped_free(stripped: Option<Box<tfckpt_meta_stripped>>) {
    free(stripped);
}

/// How many bytes there were.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_stripped_size_before(stripped: Option<&tfckpt_meta_stripped>) -> i64 {
    stripped.map_or(0, |stripped| stripped.0.bytes_before as i64)
}

/// How many bytes are left.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_stripped_size_after(stripped: Option<&tfckpt_meta_stripped>) -> i64 {
    stripped.map_or(0, |stripped| stripped.0.bytes_after as i64)
}

/// How many savers went.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_stripped_saver_count(stripped: Option<&tfckpt_meta_stripped>) -> i64 {
    stripped.map_or(0, |stripped| stripped.0.savers as i64)
}

/// How many nodes, functions or values were cut of a kind, a tfckpt_meta_cut; 0 for a
/// number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_stripped_cut_count(
    stripped: Option<&tfckpt_meta_stripped>,
    cut: i32,
) -> i64 {
    tfckpt_meta_stripped::cut(stripped, cut).count as i64
}

/// How many bytes they took.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_stripped_cut_size(
    stripped: Option<&tfckpt_meta_stripped>,
    cut: i32,
) -> i64 {
    tfckpt_meta_stripped::cut(stripped, cut).bytes as i64
}
