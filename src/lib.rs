//! Reads and writes TensorFlow checkpoints without TensorFlow.
//!
//! A checkpoint in the V2 format is a *bundle*: `PREFIX.index`, a sorted table of
//! what tensors there are, and `PREFIX.data-00000-of-00001`, `…`, the shards with
//! their bytes. [`bundle::Reader`] gives names, types, shapes and values;
//! [`bundle::Writer`] makes a bundle that TensorFlow reads; [`bundle::merge`] makes
//! one of several; [`bundle::verify`] says all that is wrong with one.
//!
//! [`checkpoint::Reader`] reads alike whatever a path leads to: a bundle, a checkpoint
//! of the older V1 format, or with [`checkpoint::Overlay`] several as one.
//! [`v1::Writer`] makes one of that format.
//!
//! ```
//! use tfckpt::bundle::{Reader, Writer};
//! use tfckpt::tensor::{DType, Shape};
//!
//! # fn main() -> tfckpt::Result<()> {
//! # let dir = tempfile::tempdir().unwrap();
//! let prefix = dir.path().join("model-1000");
//! let weights = [0.5f32, -1.0, 2.0];
//! let bytes: Vec<u8> = weights.iter().flat_map(|value| value.to_ne_bytes()).collect();
//!
//! let mut writer = Writer::create(&prefix)?;
//! writer.add("dense/kernel", DType::FLOAT, &Shape::new([3, 1])?, &bytes)?;
//! writer.finish()?;
//!
//! let reader = Reader::open(&prefix)?;
//! for tensor in reader.tensors() {
//!     let tensor = tensor?;
//!     assert_eq!(tensor.name, b"dense/kernel");
//!     assert_eq!(tensor.entry.shape.dims(), [3, 1]);
//! }
//! assert_eq!(reader.read("dense/kernel")?, bytes);
//! # Ok(())
//! # }
//! ```
//!
//! # The way of the data
//!
//! Bytes on disk become values in these steps; each module names only those
//! before it.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`error`] | the one error type: kind, message, file, tensor, shard, offset |
//! | [`progress`] | how far a call is, and the word to call it off |
//! | [`coding`], [`checksum`], [`ordered_code`] | integers, CRC-32C, keys that sort |
//! | [`storage`] | where bytes live: read by ranges, create and commit |
//! | [`table`] | a sorted map from bytes to bytes in a file, block by block |
//! | [`tensor`] | element types, shapes, slices, strings in memory |
//! | [`bundle`] | the V2 checkpoint: index and data shards |
//! | [`v1`] | the V1 checkpoint: values in table files |
//! | [`checkpoint`] | any path to a checkpoint of any format; several as one; state files |
//! | [`graph`] | `.meta` files: what is in one, what made it grow, how to cut it back |
//! | [`capi`] | the C API, `tfckpt_*`, on top of it all |
//!
//! # What it promises
//!
//! - A checkpoint appears whole or not at all: files are written under temporary
//!   names, synced, and renamed, the index last.
//! - Every byte is checked against its checksum before it is given out, unless the
//!   caller says otherwise.
//! - A damaged file is an [`Error`] with its place. Nothing is allocated because a
//!   file says so.
//! - Readers are immutable: any number of threads may share one.
//!
//! # Features
//!
//! - `cli`: the `tfckpt` command. The library itself needs nothing of it.

pub mod bundle;
pub mod capi;
pub mod checkpoint;
pub mod checksum;
pub mod coding;
mod crew;
pub mod error;
pub mod graph;
pub mod ordered_code;
pub mod progress;
mod proto;
mod shown;
pub mod storage;
pub mod table;
pub mod tensor;
pub mod v1;

pub use error::{Error, ErrorKind, Result};
pub use progress::Progress;
