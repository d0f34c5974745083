//! Values from a reader into a writer.

use std::path::Path;

use super::plan::{Plan, Planned};
use super::{CopyOptions, CopyProgress};
use crate::bundle::{ReadOptions, Writer};
use crate::checkpoint::{Piece, Reader};
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::{Cast, DType, Slice, Strings, convert};

/// Writes all that is planned anew.
pub(super) fn rewrite(
    dst: &Path,
    reader: &Reader,
    plan: Plan,
    options: &CopyOptions,
    progress: impl FnMut(CopyProgress) -> bool,
) -> Result<()> {
    let writer = Writer::create_with(dst, options.writer_options(reader.num_shards()))?;
    let cast = options.cast.map(Cast::to).transpose()?;
    let meter = Meter { done: CopyProgress { bytes: 0, total: plan.bytes() }, progress };
    let mut copy = Copy { reader, writer, cast, meter };
    plan.for_each_piece(|planned, piece| copy.piece(planned, piece))?;
    copy.writer.finish()
}

/// Counts what was read.
struct Meter<P> {
    done: CopyProgress,
    progress: P,
}

impl<P: FnMut(CopyProgress) -> bool> Meter<P> {
    fn advance(&mut self, bytes: u64) -> Result<()> {
        self.done.bytes = self.done.bytes.saturating_add(bytes);
        match (self.progress)(self.done) {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Cancelled, "the copy was called off")),
        }
    }
}

/// A copy under way.
struct Copy<'r, P> {
    reader: &'r Reader,
    writer: Writer,
    cast: Option<Cast>,
    meter: Meter<P>,
}

impl<P: FnMut(CopyProgress) -> bool> Copy<'_, P> {
    /// Copies a stored piece of a tensor.
    fn piece(&mut self, planned: &Planned, piece: &Piece) -> Result<()> {
        let from = planned.tensor.dtype;
        if from.is_variable_length() {
            self.add_strings(planned, piece.slice.as_ref())?;
            return self.meter.advance(piece.size);
        }
        let Self { reader, writer, cast, meter } = self;
        let dtype = cast.map_or(from, |cast| cast.of(from));
        let (name, shape) = (planned.name(), &planned.tensor.shape);
        let mut tensor = match &piece.slice {
            Some(slice) => writer.begin_slice(name, dtype, shape, slice)?,
            None => writer.begin(name, dtype, shape)?,
        };
        let mut converted = Vec::new();
        reader.read_piece(&planned.tensor, piece, |elements| {
            if dtype == from {
                tensor.write(elements)?;
            } else {
                convert(elements, from, dtype, &mut converted);
                tensor.write(&converted)?;
            }
            meter.advance(elements.len() as u64)
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
        let options = ReadOptions::default();
        match slice {
            Some(slice) => self.reader.read_strings_slice(name, slice, &options),
            None => self.reader.read_strings(name, &options),
        }
    }
}
