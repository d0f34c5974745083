//! One walk along the indices of all sources, key by key.

use std::collections::{BTreeMap, BTreeSet};

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
    let mut value = Vec::new();
    while walk.advance()? {
        let key = walk.key();
        while let Some((before, entry)) = made.next_if(|(made, _)| made.as_slice() < key) {
            table.add(before, &entry.encode())?;
        }
        let entry = match made.next_if(|(made, _)| *made == key) {
            Some((_, entry)) => Some(entry.clone()),
            None => chooser.choose(key, &walk)?,
        };
        if let Some(entry) = entry {
            value.clear();
            entry.encode_to(&mut value);
            table.add(key, &value)?;
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

/// The keys of all sources in order. Nothing is kept of them: each stands in the block
/// of its source until that moves on.
struct Walk<'s> {
    entries: Vec<Entries<'s>>,
    /// The sources that stand on a key above the one at hand, as a heap: each not above
    /// its two children, by key, then by number.
    above: Vec<usize>,
    /// The sources that have the key at hand, in their order.
    holders: Vec<usize>,
}

impl<'s> Walk<'s> {
    fn new(sources: &'s [Source]) -> Result<Self> {
        let entries = sources.iter().map(Source::entries).collect::<Result<_>>()?;
        // As if all had been there: the first step takes each to its first key.
        Ok(Self { entries, above: Vec::new(), holders: (0..sources.len()).collect() })
    }

    /// Goes to the next key; `false` behind the last.
    fn advance(&mut self) -> Result<bool> {
        for at in 0..self.holders.len() {
            let source = self.holders[at];
            if self.entries[source].next()? {
                self.above.push(source);
                self.rise(self.above.len() - 1);
            }
        }
        self.holders.clear();
        while let Some(&first) = self.above.first() {
            if self.holders.first().is_some_and(|&holder| self.key_of(holder) != self.key_of(first))
            {
                break;
            }
            self.above.swap_remove(0);
            self.sink(0);
            self.holders.push(first);
        }
        Ok(!self.holders.is_empty())
    }

    /// The key at hand.
    fn key(&self) -> &[u8] {
        self.holders.first().map_or(&[], |&source| self.key_of(source))
    }

    fn key_of(&self, source: usize) -> &[u8] {
        self.entries[source].key()
    }

    fn value_of(&self, source: usize) -> &[u8] {
        self.entries[source].value()
    }

    fn is_before(&self, at: usize, other: usize) -> bool {
        let (source, other) = (self.above[at], self.above[other]);
        (self.key_of(source), source) < (self.key_of(other), other)
    }

    fn rise(&mut self, mut at: usize) {
        while at > 0 && self.is_before(at, (at - 1) / 2) {
            self.above.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    fn sink(&mut self, mut at: usize) {
        loop {
            let children = (2 * at + 1..2 * at + 3).filter(|&child| child < self.above.len());
            let lower = |one, other| if self.is_before(other, one) { other } else { one };
            match children.reduce(lower) {
                Some(child) if self.is_before(child, at) => {
                    self.above.swap(child, at);
                    at = child;
                }
                _ => return,
            }
        }
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
    /// The entry of `key`, at which the walk stands, in the merged bundle, if it has one
    /// there.
    fn choose(&mut self, key: &[u8], walk: &Walk<'_>) -> Result<Option<Entry>> {
        match decode_slice_key(key) {
            Some((name, _)) => self.choose_slice(key, &name, walk),
            None => self.choose_tensor(key, &walk.holders, walk),
        }
    }

    fn choose_slice(&mut self, key: &[u8], name: &[u8], walk: &Walk<'_>) -> Result<Option<Entry>> {
        let join = self.join(name)?;
        let owner = join.owner(key);
        // Where no tensor lists it, it is a tensor with a very odd name.
        let holders = walk.holders.iter().copied();
        let strays: Vec<usize> = holders.filter(|&holder| !join.lists(holder, key)).collect();
        match walk.holders.iter().find(|&&holder| Some(holder) == owner) {
            Some(&holder) => {
                self.note_conflict(key, !strays.is_empty());
                self.entry_of(key, holder, walk).map(Some)
            }
            None if strays.is_empty() => Ok(None),
            None => self.choose_tensor(key, &strays, walk),
        }
    }

    fn choose_tensor(
        &mut self,
        key: &[u8],
        holders: &[usize],
        walk: &Walk<'_>,
    ) -> Result<Option<Entry>> {
        if holders.len() > 1 {
            let entry = self.join(key)?.entry.clone();
            if entry.is_some() {
                return Ok(entry);
            }
        }
        self.choose_by_policy(key, holders, walk)
    }

    fn note_conflict(&mut self, key: &[u8], conflict: bool) {
        let is_error = self.policy.on_conflict == OnConflict::Error;
        if conflict && is_error && !self.policy.shared.contains(key) {
            self.conflicts.insert(key.to_vec());
        }
    }

    fn choose_by_policy(
        &mut self,
        key: &[u8],
        holders: &[usize],
        walk: &Walk<'_>,
    ) -> Result<Option<Entry>> {
        self.note_conflict(key, holders.len() > 1);
        let chosen = match self.policy.on_conflict {
            OnConflict::Last => holders.last(),
            OnConflict::First | OnConflict::Error => holders.first(),
        };
        chosen.map(|&holder| self.entry_of(key, holder, walk)).transpose()
    }

    fn entry_of(&self, key: &[u8], holder: usize, walk: &Walk<'_>) -> Result<Entry> {
        let source = &self.sources[holder];
        Ok(source.merged_entry(source.parse(key, walk.value_of(holder))?))
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
