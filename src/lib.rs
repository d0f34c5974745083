//! Reads and writes TensorFlow checkpoints without TensorFlow.

pub mod bundle;
pub mod checkpoint;
pub mod checksum;
pub mod coding;
pub mod error;
pub mod ordered_code;
mod proto;
pub mod storage;
pub mod table;
pub mod tensor;

pub use error::{Error, ErrorKind, Result};
