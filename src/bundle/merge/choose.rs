//! Whose entry a key of a merged bundle gets.

use std::collections::BTreeSet;

use super::OnConflict;
use super::join::{Join, join};
use super::source::Source;
use super::walk::Walk;
use crate::bundle::conflict::conflict;
use crate::bundle::entry::Entry;
use crate::bundle::slice_key::{SLICE_KEY_START, decode_slice_key};
use crate::error::Result;
use crate::tensor::Shape;

/// What happens where several sources have a tensor.
pub(super) struct Policy<'p> {
    pub(super) on_conflict: OnConflict,
    /// The names of which that is never an error.
    pub(super) shared: &'p BTreeSet<Vec<u8>>,
}

/// Decides whose entry a key gets.
pub(super) struct Chooser<'s> {
    sources: &'s [Source],
    policy: &'s Policy<'s>,
    conflicts: BTreeSet<Vec<u8>>,
    /// The partitioned tensor met last; the keys of its slices stand together.
    last: Option<(Vec<u8>, Join)>,
    shape: Shape,
}

/// What stands under a key of the merged bundle.
enum Choice {
    Nothing,
    /// The entry of that source, its data shard renumbered.
    Stored(usize),
    /// That of a tensor of which several have slices.
    Joined(Entry),
}

impl<'s> Chooser<'s> {
    pub(super) fn new(sources: &'s [Source], policy: &'s Policy<'s>) -> Self {
        let (conflicts, last, shape) = (BTreeSet::new(), None, Shape::default());
        Self { sources, policy, conflicts, last, shape }
    }

    /// Puts the entry of the key at which the walk stands into `value`, as it is in the
    /// merged bundle, if it is there. Those of all sources are checked.
    #[inline]
    pub(super) fn choose(&mut self, walk: &Walk<'_>, value: &mut Vec<u8>) -> Result<bool> {
        if let [holder] = *walk.holders() {
            if walk.key().first() != Some(&SLICE_KEY_START) {
                self.put(holder, walk, value)?;
                return Ok(true);
            }
        }
        self.check(walk)?;
        match self.choice(walk)? {
            Choice::Nothing => return Ok(false),
            Choice::Stored(holder) => self.put(holder, walk, value)?,
            Choice::Joined(entry) => {
                value.clear();
                entry.encode_to(value);
            }
        }
        Ok(true)
    }

    #[inline]
    fn put(&mut self, holder: usize, walk: &Walk<'_>, value: &mut Vec<u8>) -> Result<()> {
        let source = &self.sources[holder];
        source.merge_value(walk.key(), walk.value_of(holder), &mut self.shape, value)
    }

    /// Checks what the sources have under the key at which the walk stands.
    pub(super) fn check(&self, walk: &Walk<'_>) -> Result<()> {
        walk.holders().iter().try_for_each(|&holder| {
            let source = &self.sources[holder];
            source.checked_entry(walk.key(), walk.value_of(holder)).map(drop)
        })
    }

    fn choice(&mut self, walk: &Walk<'_>) -> Result<Choice> {
        let (key, holders) = (walk.key(), walk.holders());
        match decode_slice_key(key) {
            Some((name, _)) => self.choose_slice(key, &name, holders),
            None => self.choose_tensor(key, holders),
        }
    }

    fn choose_slice(&mut self, key: &[u8], name: &[u8], holders: &[usize]) -> Result<Choice> {
        let join = self.join(name)?;
        let owner = join.owner(key);
        // Where no tensor lists it, it is a tensor with a very odd name.
        let all = holders.iter().copied();
        let strays: Vec<usize> = all.filter(|&holder| !join.lists(holder, key)).collect();
        match holders.iter().find(|&&holder| Some(holder) == owner) {
            Some(&holder) => {
                self.note_conflict(key, !strays.is_empty());
                Ok(Choice::Stored(holder))
            }
            None if strays.is_empty() => Ok(Choice::Nothing),
            None => self.choose_tensor(key, &strays),
        }
    }

    fn choose_tensor(&mut self, key: &[u8], holders: &[usize]) -> Result<Choice> {
        if holders.len() > 1 {
            if let Some(entry) = &self.join(key)?.entry {
                return Ok(Choice::Joined(entry.clone()));
            }
        }
        Ok(self.choose_by_policy(key, holders))
    }

    fn note_conflict(&mut self, key: &[u8], conflict: bool) {
        let is_error = self.policy.on_conflict == OnConflict::Error;
        if conflict && is_error && !self.policy.shared.contains(key) {
            self.conflicts.insert(key.to_vec());
        }
    }

    fn choose_by_policy(&mut self, key: &[u8], holders: &[usize]) -> Choice {
        self.note_conflict(key, holders.len() > 1);
        let chosen = match self.policy.on_conflict {
            OnConflict::Last => holders.last(),
            OnConflict::First | OnConflict::Error => holders.first(),
        };
        chosen.map_or(Choice::Nothing, |&holder| Choice::Stored(holder))
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

    /// # Errors
    /// `InvalidArgument` where sources contradict each other.
    pub(super) fn finish(self) -> Result<()> {
        let conflicts: Vec<Vec<u8>> = self.conflicts.into_iter().collect();
        let Some(first) = conflicts.first().cloned() else { return Ok(()) };
        let has_it = |source: &&Source| source.find_key(&first).is_ok_and(|found| found.is_some());
        let holders = self.sources.iter().filter(has_it).map(Source::prefix);
        Err(conflict(conflicts, holders))
    }
}
