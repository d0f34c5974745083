//! `.safetensors`: a header in JSON, and the elements of all tensors.
//!
//! ```text
//! length of the header: u64 │ {"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},…} │ data
//! ```
//! All of it is little-endian. Offsets count from the end of the header, and cover the
//! data without a gap.

mod dtype;
mod header;
mod reader;
mod writer;

pub use reader::Reader;
pub use writer::{Writer, refuse_dtype, refuse_name, sort};

/// How many bytes say how long the header is.
const LENGTH: u64 = 8;
/// The longest header that the format allows.
const MAX_HEADER: u64 = 100_000_000;
/// What the header has that is no tensor.
const METADATA: &str = "__metadata__";
