//! One walk along the indices of all sources, key by key.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::OnConflict;
use super::join::{Join, join};
use super::source::{Entries, Source};
use crate::bundle::conflict::conflict;
use crate::bundle::entry::Entry;
use crate::bundle::header::Header;
use crate::bundle::slice_key::decode_slice_key;
use crate::error::Result;
use crate::storage::WriteFile;
use crate::table::{TableWriter, TableWriterOptions};

/// Writes the merged index. The entries `made` stand in the place of all that the
/// sources have under their keys.
pub(super) fn write_index(
    file: &dyn WriteFile,
    header: &Header,
    sources: &[Source],
    made: &BTreeMap<Vec<u8>, Entry>,
    policy: &Policy<'_>,
) -> Result<()> {
    let mut table = TableWriter::new(file, &TableWriterOptions::default())?;
    table.add(b"", &header.encode())?;
    let mut chooser = Chooser { sources, policy, conflicts: BTreeSet::new(), last: None };
    let mut walk = Walk::new(sources)?;
    let mut made = made.iter().peekable();
    while let Some((key, holders)) = walk.next_key()? {
        while let Some((before, entry)) = made.next_if(|(made, _)| made.as_slice() < key) {
            table.add(before, &entry.encode())?;
        }
        let entry = match made.next_if(|(made, _)| *made == key) {
            Some((_, entry)) => Some(entry.clone()),
            None => chooser.choose(key, holders)?,
        };
        if let Some(entry) = entry {
            table.add(key, &entry.encode())?;
        }
    }
    made.try_for_each(|(key, entry)| table.add(key, &entry.encode()))?;
    chooser.finish()?;
    table.finish()?;
    Ok(())
}

/// What happens where several sources have a tensor.
pub(super) struct Policy<'p> {
    pub(super) on_conflict: OnConflict,
    /// The names of which that is never an error.
    pub(super) shared: &'p BTreeSet<Vec<u8>>,
}

/// A source that has the key at hand, and the value there.
struct Holder {
    source: usize,
    value: Vec<u8>,
}

/// The keys of all sources in order.
struct Walk<'s> {
    entries: Vec<Entries<'s>>,
    /// The key at which each walk stands, lowest first, then source by source.
    heap: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
    key: Vec<u8>,
    holders: Vec<Holder>,
}

impl<'s> Walk<'s> {
    fn new(sources: &'s [Source]) -> Result<Self> {
        let mut walk = Self {
            entries: sources.iter().map(Source::entries).collect::<Result<_>>()?,
            heap: BinaryHeap::new(),
            key: Vec::new(),
            holders: Vec::new(),
        };
        (0..sources.len()).try_for_each(|number| walk.advance(number, Vec::new()))?;
        Ok(walk)
    }

    /// Moves a walk on; `key` is there to be used again.
    fn advance(&mut self, source: usize, mut key: Vec<u8>) -> Result<()> {
        let entries = &mut self.entries[source];
        if entries.next()? {
            key.clear();
            key.extend_from_slice(entries.key());
            self.heap.push(Reverse((key, source)));
        }
        Ok(())
    }

    /// The next key and all that have it, in the order of the sources.
    fn next_key(&mut self) -> Result<Option<(&[u8], &[Holder])>> {
        let Some(Reverse((key, source))) = self.heap.pop() else { return Ok(None) };
        self.key.clear();
        self.key.extend_from_slice(&key);
        self.holders.clear();
        self.take(source, key)?;
        while self.heap.peek().is_some_and(|Reverse((key, _))| *key == self.key) {
            if let Some(Reverse((key, source))) = self.heap.pop() {
                self.take(source, key)?;
            }
        }
        Ok(Some((&self.key, &self.holders)))
    }

    fn take(&mut self, source: usize, key: Vec<u8>) -> Result<()> {
        let value = self.entries[source].value().to_vec();
        self.holders.push(Holder { source, value });
        self.advance(source, key)
    }
}

/// Decides whose entry a key gets.
struct Chooser<'s> {
    sources: &'s [Source],
    policy: &'s Policy<'s>,
    conflicts: BTreeSet<Vec<u8>>,
    /// The partitioned tensor met last; the keys of its slices stand together.
    last: Option<(Vec<u8>, Join)>,
}

impl Chooser<'_> {
    /// The entry of `key` in the merged bundle, if it has one there.
    fn choose(&mut self, key: &[u8], holders: &[Holder]) -> Result<Option<Entry>> {
        match decode_slice_key(key) {
            Some((name, _)) => self.choose_slice(key, &name, holders),
            None => self.choose_tensor(key, holders),
        }
    }

    fn choose_slice(
        &mut self,
        key: &[u8],
        name: &[u8],
        holders: &[Holder],
    ) -> Result<Option<Entry>> {
        let join = self.join(name)?;
        let owner = join.owner(key);
        // Where no tensor lists it, it is a tensor with a very odd name.
        let strays: Vec<&Holder> =
            holders.iter().filter(|holder| !join.lists(holder.source, key)).collect();
        match holders.iter().find(|holder| Some(holder.source) == owner) {
            Some(holder) => {
                self.note_conflict(key, !strays.is_empty());
                self.entry_of(key, holder).map(Some)
            }
            None if strays.is_empty() => Ok(None),
            None => self.choose_tensor(key, &strays),
        }
    }

    fn choose_tensor<H: Borrow<Holder>>(
        &mut self,
        key: &[u8],
        holders: &[H],
    ) -> Result<Option<Entry>> {
        if holders.len() > 1 {
            let entry = self.join(key)?.entry.clone();
            if entry.is_some() {
                return Ok(entry);
            }
        }
        self.choose_by_policy(key, holders)
    }

    fn note_conflict(&mut self, key: &[u8], conflict: bool) {
        let is_error = self.policy.on_conflict == OnConflict::Error;
        if conflict && is_error && !self.policy.shared.contains(key) {
            self.conflicts.insert(key.to_vec());
        }
    }

    fn choose_by_policy<H: Borrow<Holder>>(
        &mut self,
        key: &[u8],
        holders: &[H],
    ) -> Result<Option<Entry>> {
        self.note_conflict(key, holders.len() > 1);
        let chosen = match self.policy.on_conflict {
            OnConflict::Last => holders.last(),
            OnConflict::First | OnConflict::Error => holders.first(),
        };
        chosen.map(|holder| self.entry_of(key, holder.borrow())).transpose()
    }

    fn entry_of(&self, key: &[u8], holder: &Holder) -> Result<Entry> {
        let source = &self.sources[holder.source];
        Ok(source.merged_entry(source.parse(key, &holder.value)?))
    }

    /// What becomes of the partitioned tensor `name`.
    fn join(&mut self, name: &[u8]) -> Result<&Join> {
        let known = self.last.take().filter(|(last, _)| last == name);
        let joined = match known {
            Some((_, joined)) => joined,
            None => {
                let joined = join(self.sources, name, self.policy.on_conflict)?;
                if joined.conflict {
                    self.conflicts.insert(name.to_vec());
                }
                joined
            }
        };
        Ok(&self.last.insert((name.to_vec(), joined)).1)
    }

    fn finish(self) -> Result<()> {
        let conflicts: Vec<Vec<u8>> = self.conflicts.into_iter().collect();
        let Some(first) = conflicts.first().cloned() else { return Ok(()) };
        let has_it = |source: &&Source| source.find_key(&first).is_ok_and(|found| found.is_some());
        let holders = self.sources.iter().filter(has_it).map(Source::prefix);
        Err(conflict(conflicts, holders))
    }
}
