//! A tensor whose bytes come in pieces.

use super::Writer;
use super::data_shard::DataShard;
use super::target::{OwnedTarget, Target};
use crate::bundle::entry::Entry;
use crate::checksum;
use crate::error::{Error, Result};
use crate::tensor::swap_bytes;

/// A tensor whose bytes come in pieces of any size. Dropped before
/// [`finish`](TensorWriter::finish), the tensor is not in the bundle.
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
    /// `InvalidArgument` where that is more than dtype and shape take; `Io`.
    pub fn write(&mut self, data: &[u8]) -> Result<()> {
        self.writer.append(data)
    }

    /// Ends the tensor.
    ///
    /// # Errors
    /// `InvalidArgument` where bytes are missing.
    pub fn finish(self) -> Result<()> {
        self.writer.end_tensor()
    }
}

impl Drop for TensorWriter<'_> {
    fn drop(&mut self) {
        self.writer.cancel_tensor();
    }
}

/// The tensor that is being written.
#[derive(Debug)]
pub(super) struct OpenTensor {
    target: OwnedTarget,
    entry: Entry,
    crc: u32,
    received: u64,
    swap_unit: usize,
    /// The beginning of an element that the last piece cut in two; only where
    /// bytes are turned round.
    partial: Vec<u8>,
}

impl OpenTensor {
    pub(super) fn new(target: &Target<'_>, entry: Entry, swap_unit: usize) -> Self {
        let partial = Vec::new();
        Self { target: target.owned(), entry, crc: 0, received: 0, swap_unit, partial }
    }

    pub(super) fn name(&self) -> &[u8] {
        &self.target.name
    }

    pub(super) fn shard(&self) -> usize {
        self.entry.shard as usize
    }

    pub(super) fn check_room(&self, data: &[u8]) -> Result<()> {
        let room = self.entry.size - self.received;
        if data.len() as u64 > room {
            return Err(Error::invalid(format!(
                "{} bytes more, but only {room} of its {} are missing",
                data.len(),
                self.entry.size
            )));
        }
        Ok(())
    }

    pub(super) fn check_complete(&self) -> Result<()> {
        if self.received != self.entry.size {
            return Err(Error::invalid(format!(
                "{} of its {} bytes are missing",
                self.entry.size - self.received,
                self.entry.size
            )));
        }
        Ok(())
    }

    pub(super) fn append(&mut self, shard: &mut DataShard, data: &[u8]) -> Result<()> {
        self.received += data.len() as u64;
        if self.swap_unit > 1 {
            return self.append_swapped(shard, data);
        }
        self.crc = shard.append(data, self.crc)?;
        Ok(())
    }

    /// Turns round what is whole, and keeps the rest for the next piece.
    fn append_swapped(&mut self, shard: &mut DataShard, data: &[u8]) -> Result<()> {
        for piece in data.chunks(64 << 10) {
            self.partial.extend_from_slice(piece);
            let whole = self.partial.len() - self.partial.len() % self.swap_unit;
            swap_bytes(&mut self.partial[..whole], self.swap_unit);
            self.crc = shard.append(&self.partial[..whole], self.crc)?;
            self.partial.drain(..whole);
        }
        Ok(())
    }

    pub(super) fn into_entry(mut self) -> (OwnedTarget, Entry) {
        self.entry.crc32c = checksum::mask(self.crc);
        (self.target, self.entry)
    }
}
