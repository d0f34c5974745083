//! A tensor whose bytes come in pieces.

use super::Writer;
use super::target::Target;
use crate::error::{Error, Result};

/// A tensor whose bytes come in pieces of any size. Dropped before
/// [`finish`](TensorWriter::finish), the tensor is not in the checkpoint.
#[derive(Debug)]
pub struct TensorWriter<'w> {
    writer: &'w mut Writer,
}

impl<'w> TensorWriter<'w> {
    pub(super) fn new(writer: &'w mut Writer) -> Self {
        Self { writer }
    }

    /// Adds the next bytes, in this machine's byte order. Pieces may end within
    /// an element.
    ///
    /// # Errors
    /// `InvalidArgument` where that is more than dtype and shape take.
    pub fn write(&mut self, data: &[u8]) -> Result<()> {
        self.writer.append(data)
    }

    /// Ends the tensor.
    ///
    /// # Errors
    /// `InvalidArgument` where bytes are missing; `Unsupported` where, encoded, they
    /// are more than V1 has room for.
    pub fn finish(self) -> Result<()> {
        self.writer.end_tensor()
    }
}

impl Drop for TensorWriter<'_> {
    fn drop(&mut self) {
        self.writer.cancel_tensor();
    }
}

/// The tensor that is being written. It is encoded when all of it is there.
#[derive(Debug)]
pub(super) struct OpenTensor {
    pub(super) target: Target,
    size: u64,
    pub(super) data: Vec<u8>,
}

impl OpenTensor {
    pub(super) fn new(target: Target, size: u64) -> Self {
        Self { target, size, data: Vec::new() }
    }

    pub(super) fn append(&mut self, data: &[u8]) -> Result<()> {
        let room = self.missing();
        if data.len() as u64 > room {
            return Err(Error::invalid(format!(
                "{} bytes more, but only {room} of its {} are missing",
                data.len(),
                self.size
            )));
        }
        self.data.extend_from_slice(data);
        Ok(())
    }

    pub(super) fn check_complete(&self) -> Result<()> {
        match self.missing() {
            0 => Ok(()),
            missing => {
                Err(Error::invalid(format!("{missing} of its {} bytes are missing", self.size)))
            }
        }
    }

    fn missing(&self) -> u64 {
        self.size.saturating_sub(self.data.len() as u64)
    }
}
