//! How to save and restore with a graph.

use std::ffi::c_char;

use super::arguments::{Text, put_len};
use crate::graph::SaverDef;

/// How to save and restore with a graph: TensorFlow's SaverDef.
pub struct tfckpt_meta_saver_def {
    filename_tensor_name: Text,
    save_tensor_name: Text,
    restore_op_name: Text,
    max_to_keep: i32,
    sharded: bool,
    keep_checkpoint_every_n_hours: f32,
    version: i32,
}

impl From<SaverDef> for tfckpt_meta_saver_def {
    fn from(def: SaverDef) -> Self {
        Self {
            filename_tensor_name: Text::new(def.filename_tensor_name),
            save_tensor_name: Text::new(def.save_tensor_name),
            restore_op_name: Text::new(def.restore_op_name),
            max_to_keep: def.max_to_keep,
            sharded: def.sharded,
            keep_checkpoint_every_n_hours: def.keep_checkpoint_every_n_hours,
            version: def.version,
        }
    }
}

/// The tensor that the name of the file is fed to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_saver_def_filename_tensor_name(
    def: Option<&tfckpt_meta_saver_def>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(def.map(|def| &def.filename_tensor_name), len) }
}

/// The tensor to run to save.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_saver_def_save_tensor_name(
    def: Option<&tfckpt_meta_saver_def>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(def.map(|def| &def.save_tensor_name), len) }
}

/// The op to run to restore.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_saver_def_restore_op_name(
    def: Option<&tfckpt_meta_saver_def>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(def.map(|def| &def.restore_op_name), len) }
}

/// How many checkpoints are kept; 0 for all.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_saver_def_max_to_keep(def: Option<&tfckpt_meta_saver_def>) -> i32 {
    def.map_or(0, |def| def.max_to_keep)
}

/// Whether each device has files of its own.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_saver_def_is_sharded(def: Option<&tfckpt_meta_saver_def>) -> bool {
    def.is_some_and(|def| def.sharded)
}

/// Every how many hours a checkpoint is kept for good.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_saver_def_keep_checkpoint_every_n_hours(
    def: Option<&tfckpt_meta_saver_def>,
) -> f64 {
    def.map_or(0.0, |def| def.keep_checkpoint_every_n_hours.into())
}

/// The format of the checkpoints: 1 and 2 are V1 and V2, 0 is older than numbers.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_saver_def_version(def: Option<&tfckpt_meta_saver_def>) -> i32 {
    def.map_or(0, |def| def.version)
}
