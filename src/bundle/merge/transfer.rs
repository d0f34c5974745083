//! The data files of the sources on their way to the merged bundle.

use std::collections::BTreeSet;
use std::path::Path;

use super::source::Source;
use super::{MergeOptions, Transfer};
use crate::bundle::names::data_path;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::storage::{Staging, Storage, parent_dir};

/// How much is copied at once.
const PIECE: usize = 1 << 20;

/// How data files get to where they are to be.
pub(super) struct Transport<'o> {
    pub(super) options: &'o MergeOptions,
    /// Whether a link that can't be made is an error, rather than a copy.
    pub(super) strict: bool,
    pub(super) sync: bool,
}

impl Transport<'_> {
    /// Brings all data files beside their new names.
    pub(super) fn stage_data(
        &self,
        staging: &mut Staging,
        dst: &Path,
        num_shards: u32,
        sources: &[Source],
    ) -> Result<()> {
        let sizes = sources.iter().map(Source::data_size);
        self.options.progress.begin(|| sizes.fold(0, u64::saturating_add))?;
        for source in sources {
            for (shard, merged) in source.shards() {
                let from = source.data_path(shard);
                let to = data_path(dst, merged, num_shards);
                self.stage_file(staging, &from, source.data_len(shard), &to).in_shard(shard)?;
            }
        }
        Ok(())
    }

    fn stage_file(&self, staging: &mut Staging, from: &Path, len: u64, to: &Path) -> Result<()> {
        let MergeOptions { storage, progress, .. } = self.options;
        let linked = match self.options.transfer {
            Transfer::Copy => false,
            Transfer::Link | Transfer::Move => match staging.link(from, to) {
                Err(error) if self.strict => return Err(no_link(&error).in_file(from)),
                // A link fails across file systems, and on those that have none: a
                // copy then does the same, and if it fails too its error says why.
                linked => linked.is_ok(),
            },
        };
        if !linked {
            return self.copy(staging, from, to);
        }
        progress.advance(len);
        if self.sync { storage.sync_file(from) } else { Ok(()) }
    }

    fn copy(&self, staging: &mut Staging, from: &Path, to: &Path) -> Result<()> {
        let MergeOptions { storage, progress, .. } = self.options;
        let source = storage.open(from)?;
        let target = staging.create(to)?;
        let mut buf = vec![0; source.len().min(PIECE as u64) as usize];
        let mut at = 0;
        while at < source.len() {
            progress.check().in_file(from)?;
            let piece = &mut buf[..(source.len() - at).min(PIECE as u64) as usize];
            source.read_exact_at(piece, at)?;
            target.write_all_at(piece, at)?;
            at += piece.len() as u64;
            progress.advance(piece.len() as u64);
        }
        if self.sync { target.sync() } else { Ok(()) }
    }
}

fn no_link(error: &Error) -> Error {
    Error::new(error.kind(), format!("{}; a copy of the data needs no link", error.message()))
}

/// Removes the sources of a move. All the indexes go first, and are known to be gone
/// before any data go: a crash leaves no index without its data.
pub(super) fn remove_sources(sources: &[Source], options: &MergeOptions) -> Result<()> {
    let storage = options.storage.as_ref();
    let mut dirs = BTreeSet::new();
    for source in sources {
        remove(storage, source.index().path())?;
        dirs.insert(parent_dir(source.index().path()));
    }
    for dir in dirs {
        storage.sync_dir(dir).map_err(|error| merged_but(&error, dir))?;
    }
    for source in sources {
        for shard in 0..source.num_shards() {
            remove(storage, &source.data_path(shard))?;
        }
    }
    Ok(())
}

/// A source that was named twice is gone at the second time.
fn remove(storage: &dyn Storage, path: &Path) -> Result<()> {
    match storage.remove(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(merged_but(&error, path)),
        _ => Ok(()),
    }
}

fn merged_but(error: &Error, path: &Path) -> Error {
    let message = format!("the merged bundle is whole, but of its sources {}", error.message());
    Error::new(error.kind(), message).in_file(path)
}
