//! The data files of the sources on their way to the merged bundle.

use std::collections::BTreeSet;
use std::path::Path;

use super::file_copy::{FileCopy, copy_all};
use super::source::Source;
use super::{MergeOptions, Transfer};
use crate::bundle::names::data_path;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::storage::{Staging, Storage, parent_dir};

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
        let mut copies = Vec::new();
        for source in sources {
            for (shard, merged) in source.shards() {
                let from = source.data_path(shard);
                let to = data_path(dst, merged, num_shards);
                if self.link(staging, &from, source.data_len(shard), &to).in_shard(shard)? {
                    continue;
                }
                let storage = self.options.storage.as_ref();
                copies.push(FileCopy::begin(storage, staging, shard, &from, &to).in_shard(shard)?);
                // No more files are open than there are threads for.
                if copies.len() >= self.options.threads {
                    copy_all(&std::mem::take(&mut copies), self.options, self.sync)?;
                }
            }
        }
        copy_all(&copies, self.options, self.sync)
    }

    /// Whether a file has got its new name beside the old one.
    fn link(&self, staging: &mut Staging, from: &Path, len: u64, to: &Path) -> Result<bool> {
        let MergeOptions { storage, progress, transfer, .. } = self.options;
        let linked = match transfer {
            Transfer::Copy => false,
            Transfer::Link | Transfer::Move => match staging.link(from, to) {
                Err(error) if self.strict => return Err(no_link(&error).in_file(from)),
                // A link fails across file systems, and on those that have none: a
                // copy then does the same, and if it fails too its error says why.
                linked => linked.is_ok(),
            },
        };
        if linked {
            progress.advance(len);
            if self.sync {
                storage.sync_file(from)?;
            }
        }
        Ok(linked)
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
