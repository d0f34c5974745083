//! Data files copied as they are, by several threads.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::MergeOptions;
use crate::crew;
use crate::error::{Result, ResultExt};
use crate::progress::Progress;
use crate::storage::{ReadFile, Staging, Storage, WriteFile};

/// How much is copied at once, where there is memory for it.
const PIECE: usize = 1 << 20;
const LEAST_PIECE: usize = 16 << 10;

/// For fewer bytes no thread is started.
const WORTH_THREADS: u64 = 2 << 20;

/// A file on its way.
pub(super) struct FileCopy {
    /// The data shard of its bundle that it is.
    shard: u32,
    from: Arc<dyn ReadFile>,
    to: Box<dyn WriteFile>,
}

impl FileCopy {
    pub(super) fn begin(
        storage: &dyn Storage,
        staging: &mut Staging,
        shard: u32,
        from: &Path,
        to: &Path,
    ) -> Result<Self> {
        let from = storage.open(from)?;
        let to = staging.create(to)?;
        to.allocate(0..from.len());
        Ok(Self { shard, from, to })
    }

    /// Piece number `number`, if it has so many.
    fn piece(&self, number: u64, size: u64) -> Option<Range<u64>> {
        let start = number.checked_mul(size).filter(|&start| start < self.from.len())?;
        Some(start..self.from.len().min(start + size))
    }

    fn copy(
        &self,
        piece: Range<u64>,
        buf: &mut Vec<u8>,
        progress: &Progress,
        sync: bool,
    ) -> Result<()> {
        progress.check().in_file(self.from.path())?;
        buf.resize((piece.end - piece.start) as usize, 0);
        self.from.read_exact_at(buf, piece.start)?;
        self.to.write_all_at(buf, piece.start)?;
        progress.advance(buf.len() as u64);
        if sync {
            self.to.start_write_back(piece);
        }
        Ok(())
    }
}

/// Copies files. Their pieces take turns, for the kernel lets only one thread at a time
/// write to each.
pub(super) fn copy_all(copies: &[FileCopy], options: &MergeOptions, sync: bool) -> Result<()> {
    let bytes = copies.iter().fold(0, |sum: u64, copy| sum.saturating_add(copy.from.len()));
    let threads = if bytes < WORTH_THREADS { 1 } else { options.threads.max(1) };
    let size = (options.max_in_flight / threads).clamp(LEAST_PIECE, PIECE) as u64;
    let longest = copies.iter().map(|copy| copy.from.len()).max().unwrap_or(0);
    let pieces = (0..longest.div_ceil(size)).flat_map(|number| {
        copies.iter().filter_map(move |copy| Some((copy, copy.piece(number, size)?)))
    });
    crew::share(threads, &options.progress, pieces, |(copy, piece), buf| {
        copy.copy(piece, buf, &options.progress, sync).in_shard(copy.shard)
    })?;
    let synced = if sync { copies } else { &[] };
    crew::share(threads.min(synced.len()), &options.progress, synced, |copy, &mut ()| {
        copy.to.sync().in_shard(copy.shard)
    })
}
