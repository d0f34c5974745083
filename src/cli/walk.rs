//! Over all tensors by name, and past what is damaged.

use tfckpt::Result;
use tfckpt::bundle::{Cursor, Reader, Tensor};

/// The tensors whose names begin with `prefix`, by name. A damaged entry, or a
/// damaged block of the index, is one `Err`; what comes behind is not lost.
pub struct Walk<'r> {
    cursor: Cursor<'r>,
    /// Whether it stands at a damaged block.
    stuck: bool,
}

impl<'r> Walk<'r> {
    pub fn new(reader: &'r Reader, prefix: &[u8]) -> Self {
        Self { cursor: reader.tensors_with_prefix(prefix), stuck: false }
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<Tensor>;

    fn next(&mut self) -> Option<Self::Item> {
        let more = if self.stuck { self.cursor.skip_block() } else { self.cursor.advance() };
        self.stuck = more.is_err();
        match more {
            Ok(true) => Some(self.cursor.tensor()),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}
