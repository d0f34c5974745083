//! One walk along the indices of all sources, key by key.

use std::cmp::Ordering;

use super::source::{Entries, Source};
use crate::error::Result;

/// The keys of all sources in order. Nothing is kept of them: each stands in the block
/// of its source until that moves on.
pub(super) struct Walk<'s> {
    entries: Vec<Entries<'s>>,
    /// The sources that stand on a key above the one at hand, as a heap: each not above
    /// its two children, by key, then by number.
    above: Vec<usize>,
    /// The sources that have the key at hand, in their order.
    holders: Vec<usize>,
}

impl<'s> Walk<'s> {
    pub(super) fn new(sources: &'s [Source]) -> Result<Self> {
        let entries = sources.iter().map(Source::entries).collect::<Result<_>>()?;
        // As if all had been there: the first step takes each to its first key.
        Ok(Self { entries, above: Vec::new(), holders: (0..sources.len()).collect() })
    }

    /// Goes to the next key; `false` behind the last.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool> {
        // Mostly one source has a key alone, and the next one too.
        let [source] = self.holders[..] else { return self.advance_all() };
        if !self.entries[source].next()? {
            self.holders.clear();
            return Ok(self.take_lowest());
        }
        let Some(first) = self.above.first_mut() else { return Ok(true) };
        match self.entries[source].key().cmp(self.entries[*first].key()) {
            Ordering::Less => return Ok(true),
            Ordering::Equal => {
                self.holders.clear();
                self.put_back(source);
            }
            Ordering::Greater => {
                self.holders[0] = std::mem::replace(first, source);
                self.sink(0);
            }
        }
        Ok(self.take_lowest())
    }

    fn advance_all(&mut self) -> Result<bool> {
        for at in 0..self.holders.len() {
            let source = self.holders[at];
            if self.entries[source].next()? {
                self.put_back(source);
            }
        }
        self.holders.clear();
        Ok(self.take_lowest())
    }

    fn put_back(&mut self, source: usize) {
        self.above.push(source);
        self.rise(self.above.len() - 1);
    }

    /// Takes those that stand on the lowest key, which is that of the holder if there is
    /// one.
    fn take_lowest(&mut self) -> bool {
        while let Some(&first) = self.above.first() {
            if self.holders.first().is_some_and(|&holder| self.key_of(holder) != self.key_of(first))
            {
                break;
            }
            self.above.swap_remove(0);
            self.sink(0);
            self.holders.push(first);
        }
        !self.holders.is_empty()
    }

    /// The sources that have the key at hand, in their order.
    #[inline]
    pub(super) fn holders(&self) -> &[usize] {
        &self.holders
    }

    /// The key at hand.
    pub(super) fn key(&self) -> &[u8] {
        self.holders.first().map_or(&[], |&source| self.key_of(source))
    }

    fn key_of(&self, source: usize) -> &[u8] {
        self.entries[source].key()
    }

    pub(super) fn value_of(&self, source: usize) -> &[u8] {
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
