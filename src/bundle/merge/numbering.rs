//! Which numbers data shards get in a merged bundle.

use super::source::Source;
use crate::error::Result;

/// Which numbers data shards get in the merged bundle. They go source by source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Numbering {
    /// Of each source in the order in which its entries name them, which is
    /// TensorFlow's order too; at last those that no entry names.
    #[default]
    ByEntries,
    /// Of each source in the order in which they are numbered there.
    AsNumbered,
}

/// Gives the data shards of all sources their numbers in the merged bundle, and
/// tells how many they are. Those that no entry names come along where a source is
/// taken whole.
pub(super) fn number_shards(sources: &mut [Source], numbering: Numbering) -> Result<u32> {
    let mut next = 0..;
    let mut numbers = Vec::with_capacity(sources.len());
    for (at, source) in sources.iter().enumerate() {
        let mut merged = vec![None; source.num_shards() as usize];
        for shard in numbered(source, &sources[..at], numbering)? {
            merged[shard as usize] = next.next();
        }
        numbers.push(merged);
    }
    for (source, mut merged) in sources.iter_mut().zip(numbers) {
        if source.is_whole() {
            merged.iter_mut().for_each(|number| *number = number.or_else(|| next.next()));
        }
        source.set_merged_shards(merged);
    }
    Ok(next.start)
}

/// The shards of a source that get the next numbers, in their order.
fn numbered(source: &Source, before: &[Source], numbering: Numbering) -> Result<Vec<u32>> {
    if numbering == Numbering::AsNumbered && source.is_whole() {
        return Ok((0..source.num_shards()).collect());
    }
    let mut named = named_shards(source, before)?;
    if numbering == Numbering::AsNumbered {
        named.sort_unstable();
    }
    Ok(named)
}

/// The shards that entries name which are taken, in the order in which they first do.
/// Goes no further than where all of them are known: mostly that is soon.
fn named_shards(source: &Source, before: &[Source]) -> Result<Vec<u32>> {
    let mut order = Vec::new();
    let mut seen = vec![false; source.num_shards() as usize];
    let mut entries = source.entries()?;
    while order.len() < seen.len() && entries.next()? {
        let key = entries.key();
        let entry = source.parse(key, entries.value())?;
        let shard = entry.shard as usize;
        if seen[shard] || entry.is_partitioned() && is_partitioned_in(before, key)? {
            continue;
        }
        seen[shard] = true;
        order.push(entry.shard);
    }
    Ok(order)
}

/// Of a tensor whose slices come from several bundles only the entry met first names
/// a shard.
fn is_partitioned_in(sources: &[Source], key: &[u8]) -> Result<bool> {
    for source in sources {
        if source.find_key(key)?.is_some_and(|entry| entry.is_partitioned()) {
            return Ok(true);
        }
    }
    Ok(false)
}
