//! A bundle that goes into a merge.

use std::collections::{BTreeMap, HashSet, btree_map};
use std::path::Path;

use super::{MergeOptions, Names, Part};
use crate::bundle::entry::Entry;
use crate::bundle::header::Header;
use crate::bundle::index::Index;
use crate::bundle::names::data_path;
use crate::bundle::plan::slice_entry;
use crate::bundle::slice_key::encode_slice_key;
use crate::error::{Error, Result, ResultExt};
use crate::storage::Storage;
use crate::table;

/// A bundle that goes into a merge.
#[derive(Debug)]
pub(super) struct Source {
    index: Index,
    prefix: std::path::PathBuf,
    /// The entries that are taken, under the keys that they get; `None` where all
    /// are taken as they are.
    taken: Option<BTreeMap<Vec<u8>, Vec<u8>>>,
    /// The length of each data shard, all of which are there.
    shard_lens: Vec<u64>,
    /// The number of each data shard in the merged bundle, if it goes there.
    merged_shards: Vec<Option<u32>>,
}

impl Source {
    /// Opens the bundle and sees to it that all its data shards are there.
    pub(super) fn open(part: &Part, options: &MergeOptions) -> Result<Self> {
        let Part { prefix, names } = part;
        let storage = options.storage.as_ref();
        let index = Index::open(storage, prefix, &options.index)?;
        let num_shards = index.header().num_shards;
        // The first shard that is missing ends this, whatever the header says.
        let shard_lens = (0..num_shards)
            .map(|shard| shard_len(storage, prefix, shard, num_shards))
            .collect::<Result<_>>()?;
        let taken = names.as_ref().map(|names| take(&index, names)).transpose()?;
        let (prefix, merged_shards) = (prefix.to_path_buf(), Vec::new());
        Ok(Self { index, prefix, taken, shard_lens, merged_shards })
    }

    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    pub(super) fn prefix(&self) -> &Path {
        &self.prefix
    }

    pub(super) fn header(&self) -> &Header {
        self.index.header()
    }

    pub(super) fn data_path(&self, shard: u32) -> std::path::PathBuf {
        data_path(&self.prefix, shard, self.header().num_shards)
    }

    pub(super) fn num_shards(&self) -> u32 {
        self.header().num_shards
    }

    /// (number here, number in the merged bundle) of each data shard that goes
    /// there.
    pub(super) fn shards(&self) -> impl Iterator<Item = (u32, u32)> {
        let shards = (0..).zip(&self.merged_shards);
        shards.filter_map(|(shard, merged)| Some((shard, (*merged)?)))
    }

    pub(super) fn data_len(&self, shard: u32) -> u64 {
        self.shard_lens.get(shard as usize).copied().unwrap_or(0)
    }

    /// How many bytes the data shards have that go there.
    pub(super) fn data_size(&self) -> u64 {
        self.shards().fold(0, |sum, (shard, _)| sum.saturating_add(self.data_len(shard)))
    }

    /// The entry of a key that is taken.
    pub(super) fn find_key(&self, key: &[u8]) -> Result<Option<Entry>> {
        let Some(taken) = &self.taken else { return self.index.find_key(key) };
        taken.get(key).map(|value| self.parse(key, value)).transpose()
    }

    /// The entry that the value of a key is.
    pub(super) fn parse(&self, key: &[u8], value: &[u8]) -> Result<Entry> {
        Entry::parse(key, value, self.header()).in_file(self.index.path())
    }

    /// The entry as it will be in the merged bundle.
    pub(super) fn merged_entry(&self, mut entry: Entry) -> Entry {
        if let Some(&Some(shard)) = self.merged_shards.get(entry.shard as usize) {
            entry.shard = shard;
        }
        entry
    }

    /// A walk over the entries that are taken, in the order of their keys.
    pub(super) fn entries(&self) -> Result<Entries<'_>> {
        let source = self;
        let Some(taken) = &self.taken else {
            let mut stored = self.index.table().cursor();
            // The header, which has been read.
            stored.next().in_file(self.index.path())?;
            return Ok(Entries { source, cursor: Cursor::Stored(stored) });
        };
        Ok(Entries { source, cursor: Cursor::Taken { rest: taken.iter(), at: None } })
    }

    /// Checks every entry that is taken, and returns the data shards that they
    /// name, in the order in which they first do.
    fn survey(&self, partitioned: &mut HashSet<Vec<u8>>) -> Result<Vec<u32>> {
        let mut order = Vec::new();
        let mut seen = vec![false; self.shard_lens.len()];
        let mut entries = self.entries()?;
        while entries.next()? {
            let key = entries.key();
            let entry = self.parse(key, entries.value())?;
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

/// The entries of the tensors `names`, and of their slices, under the keys that
/// they get.
fn take(index: &Index, names: &Names) -> Result<BTreeMap<Vec<u8>, Vec<u8>>> {
    let mut taken = BTreeMap::new();
    for (name, new_names) in names {
        let entry = index.find_key(name)?.ok_or_else(|| {
            Error::not_found("there is no such tensor").in_file(index.path()).for_tensor(name)
        })?;
        for slice in &entry.slices {
            let stored = slice_entry(index, name, &entry, slice)?.encode();
            let keys = new_names.iter().map(|new_name| encode_slice_key(new_name, slice));
            taken.extend(keys.map(|key| (key, stored.clone())));
        }
        let value = entry.encode();
        taken.extend(new_names.iter().map(|new_name| (new_name.clone(), value.clone())));
    }
    Ok(taken)
}

/// A walk over the entries of a source. A new one stands before the first.
pub(super) struct Entries<'s> {
    source: &'s Source,
    cursor: Cursor<'s>,
}

enum Cursor<'s> {
    Stored(table::Cursor<'s>),
    Taken { rest: btree_map::Iter<'s, Vec<u8>, Vec<u8>>, at: Option<(&'s Vec<u8>, &'s Vec<u8>)> },
}

impl Entries<'_> {
    /// Goes to the next entry; `false` at the end.
    pub(super) fn next(&mut self) -> Result<bool> {
        match &mut self.cursor {
            Cursor::Stored(stored) => stored.next().in_file(self.source.index.path()),
            Cursor::Taken { rest, at } => {
                *at = rest.next();
                Ok(at.is_some())
            }
        }
    }

    pub(super) fn key(&self) -> &[u8] {
        match &self.cursor {
            Cursor::Stored(stored) => stored.key(),
            Cursor::Taken { at, .. } => at.map_or(&[], |(key, _)| key),
        }
    }

    pub(super) fn value(&self) -> &[u8] {
        match &self.cursor {
            Cursor::Stored(stored) => stored.value(),
            Cursor::Taken { at, .. } => at.map_or(&[], |(_, value)| value),
        }
    }
}

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
    let mut partitioned = HashSet::new();
    let mut numbers = Vec::with_capacity(sources.len());
    for source in sources.iter() {
        let mut named = source.survey(&mut partitioned)?;
        if numbering == Numbering::AsNumbered {
            match source.taken {
                Some(_) => named.sort_unstable(),
                None => named = (0..source.num_shards()).collect(),
            }
        }
        let mut merged = vec![None; source.shard_lens.len()];
        for shard in named {
            merged[shard as usize] = next.next();
        }
        numbers.push(merged);
    }
    for (source, mut merged) in sources.iter_mut().zip(numbers) {
        if source.taken.is_none() {
            merged.iter_mut().for_each(|number| *number = number.or_else(|| next.next()));
        }
        source.merged_shards = merged;
    }
    Ok(next.start)
}

fn shard_len(storage: &dyn Storage, prefix: &Path, shard: u32, num_shards: u32) -> Result<u64> {
    let file = storage.open(&data_path(prefix, shard, num_shards)).in_shard(shard)?;
    Ok(file.len())
}
