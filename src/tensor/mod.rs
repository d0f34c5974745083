//! What a tensor is, wherever its bytes are: its [type](DType), its [shape](Shape),
//! a [part](Slice) of it, and how strings are laid out in memory.

mod cast;
mod dtype;
mod float;
mod region;
mod shape;
mod slice;
mod small_float;
mod strings;
mod target;

pub use cast::Cast;
pub(crate) use cast::convert;
pub use dtype::DType;
pub(crate) use dtype::swap_bytes;
pub(crate) use region::{Overlap, Region, Run, Runs, check_partition};
pub use shape::Shape;
pub(crate) use shape::{FEW, byte_size_of};
pub use slice::{Extent, Slice};
pub use strings::{Strings, StringsRef};
pub(crate) use target::Target;
