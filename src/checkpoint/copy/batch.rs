//! Pieces that are written together, on several threads.
//!
//! ```text
//! of a bundle      Relay ──────────────────────────┐ brought by who writes them
//! of V1, or cut    values, read on threads before ─┴─► Writer::add_brought
//! ```

use super::CopyOptions;
use super::plan::Planned;
use crate::bundle::{Brought, BroughtFrom, Endianness, Relay, WriteOptions, Writer};
use crate::checkpoint::source::{Beneath, Origin};
use crate::checkpoint::{Piece, Reader, impostor};
use crate::crew;
use crate::error::{Error, Result};
use crate::tensor::{Cast, DType, convert};

/// So many pieces are written at once.
const MANY: usize = 64 << 10;

/// And so many bytes: damage is told when those that came with it are written.
const MUCH: u64 = 1 << 30;

/// So many bytes of what has to be read before are as good as more, where one thread reads
/// and writes.
const ENOUGH: u64 = 4 << 20;

/// How pieces are copied.
pub(super) struct Manner<'p> {
    pub(super) reader: &'p Reader,
    pub(super) cast: Option<Cast>,
    /// That of the copy.
    pub(super) endianness: Endianness,
    pub(super) options: &'p CopyOptions,
}

/// Pieces that are written together, of tensors of a fixed element size.
pub(super) struct Batch<'p> {
    manner: &'p Manner<'p>,
    items: Vec<Item<'p>>,
    bytes: u64,
    /// How many bytes of memory it takes to read what has to be read before.
    held: u64,
}

/// A piece to be written.
struct Item<'p> {
    planned: &'p Planned,
    piece: &'p Piece,
    dtype: DType,
    source: Source<'p>,
}

/// Where the bytes of a piece are.
enum Source<'p> {
    Bundle(Relay<'p>),
    /// Here, when they were read.
    Memory(Vec<u8>),
}

impl<'p> Batch<'p> {
    pub(super) fn new(manner: &'p Manner<'p>) -> Self {
        Self { manner, items: Vec::new(), bytes: 0, held: 0 }
    }

    /// Adds a piece; before, writes those that there are, if they are enough.
    pub(super) fn add(
        &mut self,
        planned: &'p Planned,
        piece: &'p Piece,
        writer: &mut Writer,
    ) -> Result<()> {
        let item = self.manner.item(planned, piece)?;
        let held = item.held();
        if self.is_full_with(held) {
            self.write(writer)?;
        }
        self.bytes = self.bytes.saturating_add(piece.size);
        self.held = self.held.saturating_add(held);
        self.items.push(item);
        Ok(())
    }

    /// Whether what there is is to be written before a piece comes that takes so much.
    fn is_full_with(&self, held: u64) -> bool {
        let &CopyOptions { threads, max_in_flight, .. } = self.manner.options;
        let is_too_much = self.held.saturating_add(held) > max_in_flight as u64;
        // One thread best writes what it has read while that is in the cache.
        let is_enough = threads <= 1 && self.held >= ENOUGH;
        let is_read = self.held > 0 && (is_too_much || is_enough);
        is_read || self.items.len() >= MANY || self.bytes >= MUCH
    }

    /// Writes the pieces that there are.
    pub(super) fn write(&mut self, writer: &mut Writer) -> Result<()> {
        let mut batch = std::mem::replace(self, Self::new(self.manner));
        batch.read()?;
        Relay::join(batch.relays());
        let expansion = batch.relays().map(|relay| relay.expansion()).max().unwrap_or(1);
        let options = self.manner.write_options(expansion);
        let brought: Vec<Brought<'_>> = batch.items.iter().map(Item::brought).collect();
        self.manner.told(writer.add_brought(&brought, &options))
    }

    fn relays(&mut self) -> impl DoubleEndedIterator<Item = &mut Relay<'p>> {
        self.items.iter_mut().filter_map(Item::relay)
    }

    /// Reads what has to be there before.
    fn read(&mut self) -> Result<()> {
        let Manner { options, .. } = self.manner;
        let unread = self.items.iter_mut().filter(|item| matches!(item.source, Source::Memory(_)));
        let unread: Vec<&mut Item<'_>> = unread.collect();
        let threads = options.threads.min(unread.len());
        crew::share(threads, &options.progress, unread, |item, converted| {
            item.read(self.manner, converted)
        })
    }
}

impl<'p> Manner<'p> {
    fn item(&'p self, planned: &'p Planned, piece: &'p Piece) -> Result<Item<'p>> {
        let from = planned.tensor.dtype;
        let dtype = self.cast.map_or(from, |cast| cast.of(from));
        let relay = self.told(self.relay(planned, piece, dtype))?;
        let source = relay.map_or_else(|| Source::Memory(Vec::new()), Source::Bundle);
        Ok(Item { planned, piece, dtype, source })
    }

    /// What brings a piece that a bundle has just so.
    fn relay(
        &'p self,
        planned: &'p Planned,
        piece: &Piece,
        dtype: DType,
    ) -> Result<Option<Relay<'p>>> {
        let Some(entry) = piece.entry(&planned.tensor)? else { return Ok(None) };
        let mut origins = self.reader.source().origins(&planned.tensor.name).into_iter();
        let origin = origins.find(|origin| origin.source == piece.order.source);
        let Some(Origin { beneath: Beneath::Bundle(bundle), name, .. }) = origin else {
            return Ok(None);
        };
        let form = (dtype, self.endianness);
        Relay::new(bundle, name, &entry, form, &self.options.progress).map(Some)
    }

    /// How pieces are written where a thread holds up to so many times what it writes.
    fn write_options(&self, expansion: usize) -> WriteOptions {
        let CopyOptions { threads, max_in_flight, progress, .. } = self.options;
        WriteOptions {
            threads: *threads,
            max_in_flight: max_in_flight / expansion,
            // What was read is what counts.
            progress: progress.uncounted(),
        }
    }

    /// Says of what is damaged that it is something else, where that shows.
    fn told<T>(&self, result: Result<T>) -> Result<T> {
        let unmask = |error: Error| impostor::unmask(self.options.storage.as_ref(), error);
        result.map_err(unmask)
    }
}

impl<'p> Item<'p> {
    fn relay(&mut self) -> Option<&mut Relay<'p>> {
        match &mut self.source {
            Source::Bundle(relay) => Some(relay),
            Source::Memory(_) => None,
        }
    }

    /// How many bytes of memory it takes to read it before: its values, and the block or
    /// the stored slice that they are in.
    fn held(&self) -> u64 {
        match self.source {
            Source::Bundle(_) => 0,
            Source::Memory(_) => self.piece.size.saturating_mul(2),
        }
    }

    /// Reads it. `converted` is the thread's, for what is cast.
    fn read(&mut self, manner: &Manner<'_>, converted: &mut Vec<u8>) -> Result<()> {
        let (tensor, dtype) = (&self.planned.tensor, self.dtype);
        let progress = &manner.options.progress;
        progress.check()?;
        let mut values = manner.reader.source().read_whole_piece(tensor, self.piece)?;
        progress.advance(values.len() as u64);
        if dtype != tensor.dtype {
            convert(&values, tensor.dtype, dtype, converted);
            values.clone_from(converted);
        }
        self.source = Source::Memory(values);
        Ok(())
    }

    fn brought(&self) -> Brought<'_> {
        let from = match &self.source {
            Source::Bundle(relay) => BroughtFrom::Bundle(relay),
            Source::Memory(values) => BroughtFrom::Memory(values),
        };
        Brought {
            name: self.planned.name(),
            dtype: self.dtype,
            shape: &self.planned.tensor.shape,
            slice: self.piece.slice.as_ref(),
            from,
        }
    }
}
