//! Tables: immutable sorted maps from bytes to bytes, in a file.
//!
//! The `.index` of a bundle is one, and so is every file of the V1 format. It is
//! LevelDB's table format: data blocks of sorted entries, an index block that
//! says where they are, a footer that says where the index is. [`TableWriter`]
//! makes a file of it in one pass, [`Table`] reads it block by block.

mod block;
mod block_builder;
mod block_cursor;
mod builder;
mod cache;
mod compression;
mod cursor;
mod format;
mod index;
mod key;
mod keys;
mod landmarks;
mod reader;
#[cfg(test)]
mod testing;
mod writer;

pub(crate) use block_builder::Value;
pub(crate) use builder::{TableBuilder, common_prefix};
pub use compression::Compression;
pub use cursor::Cursor;
pub(crate) use cursor::Position;
pub(crate) use format::is_table;
pub(crate) use keys::Keys;
pub use reader::{Table, TableOptions};
pub use writer::{TableWriter, TableWriterOptions};
