//! Values from a reader into a writer.

use std::path::Path;

use super::CopyOptions;
use super::plan::{Plan, Planned};
use crate::bundle::{ReadOptions, Writer};
use crate::checkpoint::{Piece, Reader};
use crate::error::Result;
use crate::progress::Progress;
use crate::tensor::{Cast, DType, Slice, Strings, convert};

/// Writes all that is planned anew.
pub(super) fn rewrite(
    dst: &Path,
    reader: &Reader,
    plan: Plan,
    options: &CopyOptions,
) -> Result<()> {
    let writer = Writer::create_with(dst, options.writer_options(reader.num_shards()))?;
    let cast = options.cast.map(Cast::to).transpose()?;
    let progress = &options.progress;
    progress.begin(|| plan.bytes())?;
    let mut copy = Copy { reader, writer, cast, progress };
    plan.for_each_piece(|planned, piece| copy.piece(planned, piece))?;
    progress.check()?;
    copy.writer.finish()
}

/// A copy under way.
struct Copy<'r> {
    reader: &'r Reader,
    writer: Writer,
    cast: Option<Cast>,
    progress: &'r Progress,
}

impl Copy<'_> {
    /// Copies a stored piece of a tensor.
    fn piece(&mut self, planned: &Planned, piece: &Piece) -> Result<()> {
        let from = planned.tensor.dtype;
        if from.is_variable_length() {
            self.add_strings(planned, piece.slice.as_ref())?;
            self.progress.advance(piece.size);
            return Ok(());
        }
        let Self { reader, writer, cast, progress } = self;
        let dtype = cast.map_or(from, |cast| cast.of(from));
        let (name, shape) = (planned.name(), &planned.tensor.shape);
        let mut tensor = match &piece.slice {
            Some(slice) => writer.begin_slice(name, dtype, shape, slice)?,
            None => writer.begin(name, dtype, shape)?,
        };
        let mut converted = Vec::new();
        reader.read_piece(&planned.tensor, piece, |elements| {
            progress.check()?;
            if dtype == from {
                tensor.write(elements)?;
            } else {
                convert(elements, from, dtype, &mut converted);
                tensor.write(&converted)?;
            }
            progress.advance(elements.len() as u64);
            Ok(())
        })?;
        tensor.finish()
    }

    fn add_strings(&mut self, planned: &Planned, slice: Option<&Slice>) -> Result<()> {
        let (name, shape) = (planned.name(), &planned.tensor.shape);
        let strings = match &planned.made {
            Some(made) => made.clone(),
            None => self.read_strings(&planned.tensor.name, slice)?,
        };
        let writer = &mut self.writer;
        match (slice, planned.tensor.dtype) {
            (None, DType::STRING) => writer.add_strings(name, shape, &strings),
            (None, _) => writer.add_variants(name, shape, &strings),
            (Some(slice), DType::STRING) => writer.add_strings_slice(name, shape, slice, &strings),
            (Some(slice), _) => writer.add_variants_slice(name, shape, slice, &strings),
        }
    }

    fn read_strings(&self, name: &[u8], slice: Option<&Slice>) -> Result<Strings> {
        let options = ReadOptions { progress: self.progress.uncounted(), ..ReadOptions::default() };
        match slice {
            Some(slice) => self.reader.read_strings_slice(name, slice, &options),
            None => self.reader.read_strings(name, &options),
        }
    }
}
