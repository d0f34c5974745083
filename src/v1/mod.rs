//! The V1 checkpoint: one table file, or one for each shard, that holds both what
//! tensors there are and their values.
//!
//! ```text
//! key ""                     SavedTensorSlices { meta }: names, types, shapes, slices
//! key of a stored slice      SavedTensorSlices { data }: the values of that slice
//! ```
//! Every tensor is stored as slices, most as one that is the whole. The checksums
//! are those of the table's blocks.

mod encode;
mod entry;
mod meta;
mod names;
mod plan;
mod reader;
mod values;
mod verify;
mod wire;
mod writer;

pub use meta::{StoredSlice, Tensor};
pub use names::file_path;
pub use reader::Reader;
pub use verify::verify;
pub(crate) use verify::{stored_size, verify_but, verify_metadata};
pub use writer::{TensorWriter, Writer, WriterOptions};
