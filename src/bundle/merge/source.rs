//! A bundle that goes into a merge.

use std::collections::HashSet;
use std::path::Path;

use super::MergeOptions;
use crate::bundle::entry::Entry;
use crate::bundle::header::Header;
use crate::bundle::index::Index;
use crate::bundle::names::data_path;
use crate::error::{Error, Result, ResultExt};
use crate::storage::Storage;

/// A bundle that goes into a merge.
#[derive(Debug)]
pub(super) struct Source {
    index: Index,
    prefix: std::path::PathBuf,
    /// The length of each data shard, all of which are there.
    shard_lens: Vec<u64>,
    /// The number of each data shard in the merged bundle.
    merged_shards: Vec<u32>,
}

impl Source {
    /// Opens the bundle and sees to it that all its data shards are there.
    pub(super) fn open(prefix: &Path, options: &MergeOptions) -> Result<Self> {
        let storage = options.storage.as_ref();
        let index = Index::open(storage, prefix, &options.index)?;
        let num_shards = index.header().num_shards;
        // The first shard that is missing ends this, whatever the header says.
        let shard_lens = (0..num_shards)
            .map(|shard| shard_len(storage, prefix, shard, num_shards))
            .collect::<Result<_>>()?;
        Ok(Self { index, prefix: prefix.to_path_buf(), shard_lens, merged_shards: Vec::new() })
    }

    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    pub(super) fn header(&self) -> &Header {
        self.index.header()
    }

    pub(super) fn data_path(&self, shard: u32) -> std::path::PathBuf {
        data_path(&self.prefix, shard, self.header().num_shards)
    }

    /// (number here, number in the merged bundle) of each data shard.
    pub(super) fn shards(&self) -> impl Iterator<Item = (u32, u32)> {
        (0..).zip(self.merged_shards.iter().copied())
    }

    /// The entry as it will be in the merged bundle.
    pub(super) fn merged_entry(&self, mut entry: Entry) -> Entry {
        if let Some(&shard) = self.merged_shards.get(entry.shard as usize) {
            entry.shard = shard;
        }
        entry
    }

    /// The header's value aside, checks every entry, and returns the data shards
    /// that entries name, in the order in which they first do.
    fn survey(&self, partitioned: &mut HashSet<Vec<u8>>) -> Result<Vec<u32>> {
        let mut order = Vec::new();
        let mut seen = vec![false; self.shard_lens.len()];
        let mut entries = self.index.table().cursor();
        while entries.next().in_file(self.index.path())? {
            let key = entries.key();
            if key.is_empty() {
                continue;
            }
            let entry =
                Entry::parse(key, entries.value(), self.header()).in_file(self.index.path())?;
            self.check_range(key, &entry)?;
            // Of a tensor whose slices come from several bundles only the entry
            // met first names a shard.
            if entry.is_partitioned() && !partitioned.insert(key.to_vec()) {
                continue;
            }
            if !std::mem::replace(&mut seen[entry.shard as usize], true) {
                order.push(entry.shard);
            }
        }
        Ok(order)
    }

    fn check_range(&self, key: &[u8], entry: &Entry) -> Result<()> {
        let len = self.shard_lens[entry.shard as usize];
        let end = entry.offset.checked_add(entry.size);
        if entry.is_partitioned() || end.is_some_and(|end| end <= len) {
            return Ok(());
        }
        Err(Error::data_loss(format!(
            "its entry says {} bytes, but the data shard has {len} in all",
            entry.size
        ))
        .in_file(&self.data_path(entry.shard))
        .in_shard(entry.shard)
        .for_tensor(key)
        .at_offset(entry.offset))
    }
}

/// Gives the data shards of all sources their numbers in the merged bundle:
/// source by source, and of each in the order in which its entries name them,
/// which is TensorFlow's order too; at last those that no entry names.
pub(super) fn number_shards(mut sources: Vec<Source>) -> Result<Vec<Source>> {
    let mut next = 0..;
    let mut partitioned = HashSet::new();
    let mut numbers = Vec::with_capacity(sources.len());
    for source in &sources {
        let mut merged = vec![None; source.shard_lens.len()];
        for shard in source.survey(&mut partitioned)? {
            merged[shard as usize] = next.next();
        }
        numbers.push(merged);
    }
    for (source, merged) in sources.iter_mut().zip(numbers) {
        let number = |number: Option<u32>| number.or_else(|| next.next()).unwrap_or_default();
        source.merged_shards = merged.into_iter().map(number).collect();
    }
    Ok(sources)
}

fn shard_len(storage: &dyn Storage, prefix: &Path, shard: u32, num_shards: u32) -> Result<u64> {
    let file = storage.open(&data_path(prefix, shard, num_shards)).in_shard(shard)?;
    Ok(file.len())
}
