//! What is asked of a file that tensors go to.

use tfckpt::Result;
use tfckpt::checkpoint::Tensor;
use tfckpt::tensor::{DType, Strings};

/// A tensor on its way into a file.
pub struct Outgoing {
    pub tensor: Tensor,
    /// The name that it gets.
    pub name: String,
    /// The type that it gets.
    pub dtype: DType,
}

/// A file being written, which appears whole or not at all.
pub trait Sink {
    /// Begins a tensor of a fixed element size.
    fn begin(&mut self, tensor: &Outgoing) -> Result<()>;

    /// Adds elements, the low byte first.
    fn write(&mut self, elements: &[u8]) -> Result<()>;

    /// Ends the tensor that was begun, of which all elements have come.
    fn end(&mut self) -> Result<()>;

    /// Adds a string tensor.
    fn strings(&mut self, tensor: &Outgoing, strings: &Strings) -> Result<()>;

    /// Makes the file appear.
    fn finish(self: Box<Self>) -> Result<()>;
}
