//! What a checkpoint is written through, whatever its format.

use std::fmt::Debug;
use std::path::Path;

use super::source::Format;
use crate::bundle::{self, Endianness, WriteOptions, WriteRequests, WriterOptions};
use crate::error::{Error, Result, ResultExt};
use crate::tensor::{DType, Shape, Slice, StringsRef};
use crate::v1;

/// A writer of either format. The methods are those of [`bundle::Writer`], where they
/// are described; `slice` is `None` for a whole tensor.
pub(crate) trait Sink: Debug + Send {
    fn prefix(&self) -> &Path;

    fn add_numbers(
        &mut self,
        name: &[u8],
        dtype: DType,
        shape: &Shape,
        slice: Option<&Slice>,
        data: &[u8],
    ) -> Result<()>;

    /// Adds many tensors of fixed element sizes, or slices of some.
    fn add_requests(&mut self, requests: &dyn WriteRequests, options: &WriteOptions) -> Result<()>;

    /// Strings, or the records of variants.
    fn add_elements(
        &mut self,
        name: &[u8],
        dtype: DType,
        shape: &Shape,
        slice: Option<&Slice>,
        elements: StringsRef<'_>,
    ) -> Result<()>;

    fn begin_tensor(
        &mut self,
        name: &[u8],
        dtype: DType,
        shape: &Shape,
        slice: Option<&Slice>,
    ) -> Result<()>;

    fn append(&mut self, data: &[u8]) -> Result<()>;
    fn end_tensor(&mut self) -> Result<()>;
    fn cancel_tensor(&mut self);
    fn finish(self: Box<Self>) -> Result<()>;
}

/// Both writers have methods of these names.
macro_rules! sink {
    ($($writer:ty),*) => {
        $(
            impl Sink for $writer {
                fn prefix(&self) -> &Path {
                    self.prefix()
                }

                fn add_numbers(
                    &mut self,
                    name: &[u8],
                    dtype: DType,
                    shape: &Shape,
                    slice: Option<&Slice>,
                    data: &[u8],
                ) -> Result<()> {
                    self.add_numbers(name, dtype, shape, slice, data)
                }

                fn add_requests(
                    &mut self,
                    requests: &dyn WriteRequests,
                    options: &WriteOptions,
                ) -> Result<()> {
                    self.add_requests(requests, options)
                }

                fn add_elements(
                    &mut self,
                    name: &[u8],
                    dtype: DType,
                    shape: &Shape,
                    slice: Option<&Slice>,
                    elements: StringsRef<'_>,
                ) -> Result<()> {
                    self.add_elements(name, dtype, shape, slice, elements)
                }

                fn begin_tensor(
                    &mut self,
                    name: &[u8],
                    dtype: DType,
                    shape: &Shape,
                    slice: Option<&Slice>,
                ) -> Result<()> {
                    self.begin_tensor(name, dtype, shape, slice)
                }

                fn append(&mut self, data: &[u8]) -> Result<()> {
                    self.append(data)
                }

                fn end_tensor(&mut self) -> Result<()> {
                    self.end_tensor()
                }

                fn cancel_tensor(&mut self) {
                    self.cancel_tensor();
                }

                fn finish(self: Box<Self>) -> Result<()> {
                    (*self).finish()
                }
            }
        )*
    };
}

sink!(bundle::Writer, v1::Writer);

/// Begins a checkpoint of that format.
///
/// # Errors
/// `InvalidArgument` for a format that nobody writes, and for options that the format
/// has no use for; those of [`bundle::Writer::create_with`] and
/// [`v1::Writer::create_with`].
pub(crate) fn create(
    prefix: &Path,
    format: Format,
    options: WriterOptions,
) -> Result<Box<dyn Sink>> {
    Ok(match format {
        Format::V1 => {
            let options = v1_options(options).in_file(prefix)?;
            Box::new(v1::Writer::create_with(prefix, options)?)
        }
        Format::V2 => Box::new(bundle::Writer::create_with(prefix, options)?),
        Format::Overlay => return Err(Error::invalid("an overlay is no format to write")),
    })
}

/// Whoever asks for a layout of the bytes means it: it is not passed over.
fn v1_options(options: WriterOptions) -> Result<v1::WriterOptions> {
    if options.alignment.is_some() {
        return Err(Error::invalid("V1 has values inside of messages, which no option aligns"));
    }
    if options.endianness != Endianness::Little {
        return Err(Error::invalid("V1 knows one byte order, the lowest byte first"));
    }
    let WriterOptions { storage, num_shards, sync, replace, .. } = options;
    Ok(v1::WriterOptions { storage, num_files: num_shards, sync, replace })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn options_that_v1_has_no_use_for() {
        let dir = tempfile::tempdir().unwrap();
        let create = |format, options| create(&dir.path().join("a/ckpt"), format, options);
        let big = WriterOptions { endianness: Endianness::Big, ..Default::default() };
        let packed = WriterOptions { alignment: Some(1), ..Default::default() };
        for options in [&big, &packed] {
            let error = create(Format::V1, options.clone()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.file().is_some());
            drop(create(Format::V2, options.clone()).unwrap());
        }
        let error = create(Format::Overlay, WriterOptions::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(dir.path().read_dir().unwrap().count(), 0);
    }
}
