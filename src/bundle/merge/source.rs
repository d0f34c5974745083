//! A bundle that goes into a merge.

use std::collections::{BTreeMap, btree_map};
use std::path::Path;

use super::{MergeOptions, Names, Part};
use crate::bundle::entry::Entry;
use crate::bundle::header::Header;
use crate::bundle::index::Index;
use crate::bundle::names::data_path;
use crate::bundle::plain_entry::{self, Plain};
use crate::bundle::plan::slice_entry;
use crate::bundle::slice_key::encode_slice_key;
use crate::error::{Error, Result, ResultExt};
use crate::storage::Storage;
use crate::table;
use crate::tensor::Shape;

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

    /// Whether all of its tensors are taken, under the names that they have.
    pub(super) fn is_whole(&self) -> bool {
        self.taken.is_none()
    }

    pub(super) fn set_merged_shards(&mut self, merged: Vec<Option<u32>>) {
        self.merged_shards = merged;
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
        if let Some(shard) = self.merged_shard(entry.shard) {
            entry.shard = shard;
        }
        entry
    }

    fn merged_shard(&self, shard: u32) -> Option<u32> {
        self.merged_shards.get(shard as usize).copied().flatten()
    }

    /// Checks the entry that is stored as `value`, and puts what the merged bundle has
    /// in its place into `out`. `shape` is memory that serves for the next one too.
    #[inline]
    pub(super) fn merge_value(
        &self,
        key: &[u8],
        value: &[u8],
        shape: &mut Shape,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        out.clear();
        let plain = plain_entry::decode_into(value, self.num_shards(), shape, |plain| plain);
        if let Some(plain) = plain.filter(|plain| self.has_room(plain)) {
            if let Some(merged) = self.merged_shard(plain.shard) {
                if plain_entry::put_in_shard(value, &plain, shape, merged, out) {
                    return Ok(());
                }
            }
        }
        self.merge_any_value(key, value, out)
    }

    #[cold]
    fn merge_any_value(&self, key: &[u8], value: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let entry = self.checked_entry(key, value)?;
        self.merged_entry(entry).encode_to(out);
        Ok(())
    }

    /// Whether the bytes of a tensor lie in their data shard.
    #[inline]
    fn has_room(&self, plain: &Plain) -> bool {
        let len = self.shard_lens.get(plain.shard as usize);
        let end = plain.offset.checked_add(plain.size);
        len.zip(end).is_some_and(|(&len, end)| end <= len)
    }

    /// The entry that the value of a key is, if the data shard has its bytes.
    pub(super) fn checked_entry(&self, key: &[u8], value: &[u8]) -> Result<Entry> {
        let entry = self.parse(key, value)?;
        self.check_range(key, &entry)?;
        Ok(entry)
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
    #[inline]
    pub(super) fn next(&mut self) -> Result<bool> {
        match &mut self.cursor {
            Cursor::Stored(stored) => stored.next().in_file(self.source.index.path()),
            Cursor::Taken { rest, at } => {
                *at = rest.next();
                Ok(at.is_some())
            }
        }
    }

    #[inline]
    pub(super) fn key(&self) -> &[u8] {
        match &self.cursor {
            Cursor::Stored(stored) => stored.key(),
            Cursor::Taken { at, .. } => at.map_or(&[], |(key, _)| key),
        }
    }

    #[inline]
    pub(super) fn value(&self) -> &[u8] {
        match &self.cursor {
            Cursor::Stored(stored) => stored.value(),
            Cursor::Taken { at, .. } => at.map_or(&[], |(_, value)| value),
        }
    }
}

fn shard_len(storage: &dyn Storage, prefix: &Path, shard: u32, num_shards: u32) -> Result<u64> {
    let file = storage.open(&data_path(prefix, shard, num_shards)).in_shard(shard)?;
    Ok(file.len())
}
