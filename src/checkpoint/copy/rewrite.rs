//! Values from a reader into a writer.

use std::path::Path;

use super::CopyOptions;
use super::batch::{Batch, Manner};
use super::plan::{Plan, Planned};
use crate::bundle::{ReadOptions, Writer};
use crate::checkpoint::{Piece, Reader};
use crate::error::Result;
use crate::tensor::{Cast, Slice, Strings};

/// Writes all that is planned anew.
pub(super) fn rewrite(
    dst: &Path,
    reader: &Reader,
    plan: &Plan,
    options: &CopyOptions,
) -> Result<()> {
    let writer = options.writer_options(reader.num_shards());
    let cast = options.cast.map(Cast::to).transpose()?;
    let manner = Manner { reader, cast, endianness: writer.endianness, options };
    let writer = Writer::create_with(dst, writer)?;
    options.progress.begin(|| plan.bytes())?;
    let mut copy = Copy { writer, manner: &manner, batch: Batch::new(&manner) };
    plan.pieces().try_for_each(|(planned, piece)| copy.piece(planned, piece))?;
    copy.batch.write(&mut copy.writer)?;
    options.progress.check()?;
    copy.writer.finish()
}

/// A copy under way.
struct Copy<'p> {
    writer: Writer,
    manner: &'p Manner<'p>,
    /// What is still to be written.
    batch: Batch<'p>,
}

impl<'p> Copy<'p> {
    /// Copies a stored piece of a tensor.
    fn piece(&mut self, planned: &'p Planned, piece: &'p Piece) -> Result<()> {
        if !planned.tensor.dtype.is_variable_length() {
            return self.batch.add(planned, piece, &mut self.writer);
        }
        // Where the next begins shows when it is written.
        self.batch.write(&mut self.writer)?;
        self.strings(planned, piece)?;
        self.manner.options.progress.advance(piece.size);
        Ok(())
    }

    fn strings(&mut self, planned: &Planned, piece: &Piece) -> Result<()> {
        let (tensor, slice) = (&planned.tensor, piece.slice.as_ref());
        let (name, shape) = (planned.name(), &tensor.shape);
        let strings = match &planned.made {
            Some(made) => made,
            None => &self.read_strings(&tensor.name, slice)?,
        };
        self.writer.add_elements(name, tensor.dtype, shape, slice, strings.into())
    }

    fn read_strings(&self, name: &[u8], slice: Option<&Slice>) -> Result<Strings> {
        let Manner { reader, options, .. } = self.manner;
        let progress = options.progress.uncounted();
        let options = ReadOptions { progress, ..ReadOptions::default() };
        match slice {
            Some(slice) => reader.read_strings_slice(name, slice, &options),
            None => reader.read_strings(name, &options),
        }
    }
}
