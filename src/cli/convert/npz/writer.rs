//! A `.npz` being written, as `numpy.savez` does.

use std::path::Path;

use tfckpt::Result;
use tfckpt::tensor::Strings;

use super::header::Header;
use super::zip_writer::ZipWriter;
use super::{SUFFIX, descr};
use crate::convert::error::invalid;
use crate::convert::output::Output;
use crate::convert::sink::{Outgoing, Sink};

/// A `.npz` being written.
pub struct Writer {
    zip: ZipWriter,
}

impl Writer {
    pub fn create(path: &Path) -> Result<Self> {
        Ok(Self { zip: ZipWriter::new(Output::create(path)?) })
    }

    fn begin_array(&mut self, tensor: &Outgoing, descr: &str, element_size: u64) -> Result<()> {
        let shape = &tensor.tensor.shape;
        let header = Header::bytes(descr, shape.dims());
        let size = shape
            .num_elements()
            .checked_mul(element_size)
            .and_then(|bytes| bytes.checked_add(header.len() as u64))
            .ok_or_else(|| {
                invalid(format!("'{descr}' of shape {shape} has more than 2^64 bytes"))
            })?;
        self.zip.begin(&format!("{}{SUFFIX}", tensor.name), size)?;
        self.zip.write(&header)
    }
}

impl Sink for Writer {
    fn begin(&mut self, tensor: &Outgoing) -> Result<()> {
        let (descr, size) = (descr::of(tensor.dtype), tensor.dtype.size());
        let (Some(descr), Some(size)) = (descr, size) else {
            return Err(invalid(format!("{} was to be refused", tensor.dtype)));
        };
        self.begin_array(tensor, &descr, size as u64)
    }

    fn write(&mut self, elements: &[u8]) -> Result<()> {
        self.zip.write(elements)
    }

    fn end(&mut self) -> Result<()> {
        self.zip.end()
    }

    fn strings(&mut self, tensor: &Outgoing, strings: &Strings) -> Result<()> {
        // Not even NumPy has elements of no bytes.
        let size = strings.iter().map(<[u8]>::len).max().unwrap_or(0).max(1);
        self.begin_array(tensor, &descr::of_bytes(size as u64), size as u64)?;
        let mut padded = Vec::with_capacity(size);
        for element in strings.iter() {
            padded.clear();
            padded.extend_from_slice(element);
            padded.resize(size, 0);
            self.zip.write(&padded)?;
        }
        self.zip.end()
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.zip.finish()
    }
}
