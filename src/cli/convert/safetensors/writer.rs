//! A `.safetensors` being written.

use std::path::Path;

use safetensors::tensor::{Metadata, TensorInfo};
use tfckpt::tensor::{DType, Strings};
use tfckpt::{Error, Result};

use super::{LENGTH, MAX_HEADER, METADATA, dtype};
use crate::convert::error::{invalid, unsupported};
use crate::convert::output::Output;
use crate::convert::sink::{Outgoing, Sink};

/// Why no file has tensors of this type.
pub fn refuse_dtype(dtype: DType) -> Option<String> {
    dtype::to_file(dtype).is_none().then(|| dtype.to_string())
}

/// Why no tensor in a file has this name.
pub fn refuse_name(name: &str) -> Option<String> {
    (name == METADATA).then(|| "in a file this name is taken".to_string())
}

/// Brings tensors into the order in which a file has them: the largest elements first,
/// so that each begins at a multiple of its element size, then by name.
pub fn sort(tensors: &mut [Outgoing]) {
    tensors.sort_by(|one, other| {
        let by_dtype = dtype::to_file(other.dtype).cmp(&dtype::to_file(one.dtype));
        by_dtype.then_with(|| one.name.cmp(&other.name))
    });
}

/// A `.safetensors` being written. The elements come one after the other.
pub struct Writer {
    output: Output,
}

impl Writer {
    /// Begins a file of these tensors, in this order.
    pub fn create(path: &Path, tensors: &[Outgoing]) -> Result<Self> {
        let header = header(tensors).map_err(|error| error.in_file(path))?;
        let mut output = Output::create(path)?;
        output.write(&(header.len() as u64).to_le_bytes())?;
        output.write(&header)?;
        Ok(Self { output })
    }
}

/// The header, filled up with spaces so that the data begins at a multiple of 8.
fn header(tensors: &[Outgoing]) -> Result<Vec<u8>> {
    let mut offset = 0;
    let infos = tensors.iter().map(|tensor| {
        let info = info(tensor, offset)?;
        offset = info.data_offsets.1;
        Ok((tensor.name.clone(), info))
    });
    let infos = infos.collect::<Result<Vec<_>>>()?;
    let header = Metadata::new(None, infos).map_err(|error| invalid(error.to_string()))?;
    let mut text = serde_json::to_vec(&header).map_err(|error| invalid(error.to_string()))?;
    text.resize(text.len().next_multiple_of(LENGTH as usize), b' ');
    if text.len() as u64 > MAX_HEADER {
        let message = format!("the header has {} bytes; {MAX_HEADER} are possible", text.len());
        return Err(unsupported(message));
    }
    Ok(text)
}

fn info(tensor: &Outgoing, offset: usize) -> Result<TensorInfo> {
    let too_large = || invalid("it is larger than this machine can count");
    let described = || {
        let file_dtype = dtype::to_file(tensor.dtype)?;
        let shape: Option<Vec<usize>> =
            tensor.tensor.shape.dims().iter().map(|&dim| dim.try_into().ok()).collect();
        let bytes = tensor.tensor.shape.num_elements().checked_mul(tensor.dtype.size()? as u64)?;
        let end = offset.checked_add(bytes.try_into().ok()?)?;
        Some(TensorInfo { dtype: file_dtype, shape: shape?, data_offsets: (offset, end) })
    };
    described().ok_or_else(|| too_large().for_tensor(&tensor.tensor.name))
}

impl Sink for Writer {
    fn begin(&mut self, _tensor: &Outgoing) -> Result<()> {
        Ok(())
    }

    fn write(&mut self, elements: &[u8]) -> Result<()> {
        self.output.write(elements)
    }

    fn end(&mut self) -> Result<()> {
        Ok(())
    }

    fn strings(&mut self, tensor: &Outgoing, _strings: &Strings) -> Result<()> {
        let error: Error = unsupported("there are no strings in such a file");
        Err(error.for_tensor(&tensor.tensor.name))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.output.commit()
    }
}
