//! The C API, called in any order with any handles, alive and NULL, on files good and bad;
//! and what each call is to keep to: an error exactly on failure, nothing written else.
#![allow(unsafe_code)]

mod call;
mod columns;
mod copy;
mod extents;
mod files;
mod fill;
mod folder;
mod folder_look;
mod getters;
mod graph;
mod graph_look;
mod handles;
mod labels;
mod layer;
mod look;
mod manager;
mod meta;
mod meta_files;
mod meta_handles;
mod meta_look;
mod meta_parts_look;
mod object_handles;
mod read;
mod tell;
mod write;

pub use self::call::Call;
use self::files::scratch;
pub use self::files::{NUM_SOUND, OBJECT_BASED, remove_scratch};
pub use self::graph::GraphCall;
use self::handles::Handles;
pub use self::look::succeeded;
pub use self::meta::MetaCall;
pub use self::meta_files::NUM_SOUND_METAS;
use self::meta_files::remove_metas;

pub const MOST_CALLS: usize = 64;

/// Makes the calls one after the other, and frees what is left.
pub fn make(calls: &[Call]) {
    let mut handles = Handles::default();
    calls.iter().take(MOST_CALLS).for_each(|call| handles.call(call));
    handles.free_all();
    remove_metas();
    for folder in ["made", "managed", "copied", "merged", "not there"] {
        let _ = std::fs::remove_dir_all(scratch(folder));
    }
}
