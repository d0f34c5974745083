//! The V2 checkpoint: one table of entries, the [index](Index), and the data
//! shards that it points into.
//!
//! ```text
//! PREFIX.index                     key "" → header; every other key → entry
//! PREFIX.data-00000-of-00002       the bytes of tensors, at the entries' offsets
//! PREFIX.data-00001-of-00002
//! ```
//!
//! From an entry to a value: [`Index`] finds the entry, `Plan` the stored pieces
//! that make up what is wanted, `Stored` brings the bytes of a piece and checks
//! them, and `plain`, `variable` and [`View`] make a value of them.

mod batch;
mod check;
mod conflict;
mod entry;
mod header;
mod index;
mod look_up;
mod merge;
mod names;
mod order;
mod plain;
mod plain_entry;
mod plan;
mod reader;
mod relay;
mod replaced;
mod requests;
mod runs;
mod shards;
mod slice_key;
mod small;
mod stored;
mod stretch;
mod variable;
mod verify;
mod view;
mod writer;

pub(crate) use conflict::conflict;
pub use entry::{Entry, Tensor};
pub(crate) use entry::{encode_shape, encode_slice, parse_shape, parse_slice};
pub use header::{Endianness, Header, Version};
pub(crate) use index::Walk;
pub use index::{Cursor, Index};
pub(crate) use merge::{Assembly, Names, Numbering, Part, assemble};
pub use merge::{MergeOptions, OnConflict, Transfer, merge};
pub use names::{data_path, index_path};
pub(crate) use names::{decimal, shard_name};
pub(crate) use plain::{check_dtype as element_size, front};
pub(crate) use plain_entry::{Decoder, Plain, decode_into as decode_plain};
pub(crate) use plan::Cut;
pub use reader::{ReadOptions, Reader, ReaderOptions};
pub(crate) use relay::Relay;
pub use requests::ReadRequest;
pub(crate) use requests::{Listed, ReadRequests, all_of};
pub use slice_key::{decode_slice_key, encode_slice_key};
pub(crate) use variable::check_dtype as check_variable_length;
pub use verify::{Report, verify};
pub(crate) use verify::{stored_size, verify_but};
pub use view::View;
pub(crate) use writer::{Brought, BroughtFrom};
pub use writer::{TensorWriter, WriteOptions, WriteRequest, Writer, WriterOptions};
pub(crate) use writer::{WholeRequest, WriteRequests};
