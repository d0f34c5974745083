//! The C API: what `include/tfckpt/tfckpt.h` declares, one file per noun.
//!
//! The header is made from the functions here, their comments included, so those
//! speak to a programmer of C; what holds for all of them stands once, at the top
//! of the header. `cbindgen.toml` has that text.
//!
//! Handles are boxes. They come in as `Option<&T>`, `Option<&mut T>` and
//! `Option<Box<T>>`, which in C are pointers that may be NULL. Pointers with a
//! length become slices in `arguments`, results become `*out` and `*err` in
//! `boundary`: all that is unsafe is in these two, and rests on one thing, that
//! the caller keeps the rules of the header.

#![allow(unsafe_code, non_camel_case_types)]
// The rules of the header are the safety section of every function.
#![allow(clippy::missing_safety_doc)]

mod arguments;
mod boundary;
mod copy;
mod cursor;
mod dtype;
mod error;
mod gc;
mod latest;
mod lists;
mod manager;
mod manager_options;
mod merge;
mod meta;
mod meta_change;
mod meta_collection;
mod meta_constants;
mod meta_diff;
mod meta_nodes;
mod meta_ops;
mod meta_saver;
mod meta_saver_def;
mod meta_signature;
mod meta_strip;
mod meta_summary;
mod meta_tensor;
mod meta_variables;
mod object;
mod object_graph;
mod object_graph_builder;
mod overlay;
mod progress;
mod read;
mod read_options;
mod reader;
mod reader_options;
mod repair;
mod saved;
mod state;
mod state_options;
mod status;
mod strings;
mod survey;
mod tensor;
mod tensors;
mod verify;
mod version;
mod view;
mod write_many;
mod write_options;
mod writer;
mod writer_options;

pub use copy::*;
pub use cursor::*;
pub use dtype::*;
pub use error::*;
pub use gc::*;
pub use latest::*;
pub use manager::*;
pub use manager_options::*;
pub use merge::*;
pub use meta::*;
pub use meta_change::*;
pub use meta_collection::*;
pub use meta_constants::*;
pub use meta_diff::*;
pub use meta_nodes::*;
pub use meta_ops::*;
pub use meta_saver::*;
pub use meta_saver_def::*;
pub use meta_signature::*;
pub use meta_strip::*;
pub use meta_summary::*;
pub use meta_tensor::*;
pub use meta_variables::*;
pub use object::*;
pub use object_graph::*;
pub use object_graph_builder::*;
pub use overlay::*;
pub use progress::*;
pub use read::*;
pub use read_options::*;
pub use reader::*;
pub use reader_options::*;
pub use repair::*;
pub use saved::*;
pub use state::*;
pub use state_options::*;
pub use status::*;
pub use strings::*;
pub use survey::*;
pub use tensor::*;
pub use tensors::*;
pub use verify::*;
pub use version::*;
pub use view::*;
pub use write_many::*;
pub use write_options::*;
pub use writer::*;
pub use writer_options::*;

#[cfg(test)]
mod tests {
    use super::*;

    /// What the header says of threads.
    #[test]
    fn handles_may_be_moved_and_shared() {
        fn check<T: Send + Sync>() {}
        check::<tfckpt_error>();
        check::<tfckpt_reader_options>();
        check::<tfckpt_reader>();
        check::<tfckpt_cursor>();
        check::<tfckpt_tensor>();
        check::<tfckpt_tensors>();
        check::<tfckpt_progress>();
        check::<tfckpt_read_options>();
        check::<tfckpt_strings>();
        check::<tfckpt_view>();
        check::<tfckpt_write_options>();
        check::<tfckpt_writer_options>();
        check::<tfckpt_merge_options>();
        check::<tfckpt_copy_options>();
        check::<tfckpt_overlay>();
        check::<tfckpt_report>();
        check::<tfckpt_object_graph>();
        check::<tfckpt_object>();
        check::<tfckpt_attribute>();
        check::<tfckpt_object_graph_builder>();
        check::<tfckpt_state_options>();
        check::<tfckpt_state>();
        check::<tfckpt_latest>();
        check::<tfckpt_repaired>();
        check::<tfckpt_survey>();
        check::<tfckpt_manager_options>();
        check::<tfckpt_manager>();
        check::<tfckpt_gc_options>();
        check::<tfckpt_collected>();
        // What takes this one shared looks at text and numbers alone, not at its files.
        fn check_moved<T: Send>() {}
        check_moved::<tfckpt_writer>();
    }
}
