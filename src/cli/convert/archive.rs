//! What is asked of a file that tensors come from.

use tfckpt::Result;
use tfckpt::tensor::{DType, Shape, Strings};

/// What is done with a block of elements.
pub type Each<'e> = dyn FnMut(&[u8]) -> Result<()> + 'e;
/// Whether a name is wanted.
pub type Wanted<'w> = dyn Fn(&[u8]) -> bool + 'w;

/// A tensor in a file.
#[derive(Clone, Debug)]
pub struct Array {
    pub name: Vec<u8>,
    pub dtype: DType,
    pub shape: Shape,
    /// How many bytes it has in the file.
    pub bytes: u64,
}

/// A file of tensors, all of which a checkpoint can hold.
pub trait Archive {
    /// The tensors, in the order in which they are stored.
    fn arrays(&self) -> &[Array];

    /// Hands the elements of a tensor of a fixed element size to `each`: C order, this
    /// machine's byte order, in blocks of whole elements. They are known to be good
    /// only when this has returned without an error.
    fn read(&self, at: usize, each: &mut Each<'_>) -> Result<()>;

    /// Reads a string tensor.
    fn read_strings(&self, at: usize) -> Result<Strings>;

    /// What of the file a checkpoint has no place for.
    fn left_behind(&self) -> Option<String> {
        None
    }
}
