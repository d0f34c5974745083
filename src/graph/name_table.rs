//! Which node has which name, in some eleven bytes a node.
//!
//! A name is held as a 64-bit hash, with a key that no file can foresee. The upper
//! bits of the hash say which bucket it is in, and are not held; in the bucket are
//! the others, sorted, each with the node that has the name.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::input::Input;
use super::meta::MetaGraph;
use super::node_set::Ordinal;
use crate::error::Result;

/// How many buckets there are at most, as a power of two.
const MAX_BUCKETS: u32 = 21;
/// How many bytes of a graph, as a power of two, are worth a bucket: some eight nodes.
const BUCKET_BYTES: u32 = 10;

/// The names of the nodes of a graph.
pub(super) struct NameTable {
    keys: RandomState,
    /// How far a hash is shifted to give its bucket.
    shift: u32,
    /// Where each bucket ends.
    ends: Vec<u32>,
    entries: Vec<Entry>,
}

/// The lower bits of a hash, and the node; highest byte first, to sort by.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    hash: [u8; 6],
    node: [u8; 4],
}

impl Entry {
    fn node(&self) -> Ordinal {
        Ordinal::from_be_bytes(self.node)
    }
}

impl NameTable {
    pub(super) fn read(graph: &MetaGraph, input: &mut Input, keys: RandomState) -> Result<Self> {
        let bits = (u64::BITS - graph.bytes().leading_zeros()).saturating_sub(BUCKET_BYTES);
        let bits = bits.clamp(1, MAX_BUCKETS);
        let mut table =
            Self { keys, shift: u64::BITS - bits, ends: vec![0; 1 << bits], entries: Vec::new() };
        table.count(graph, input)?;
        table.place(graph, input)?;
        for bucket in 0..table.ends.len() {
            let range = table.range(bucket);
            table.entries.get_mut(range).unwrap_or_default().sort_unstable();
        }
        Ok(table)
    }

    /// Finds out how large each bucket is.
    fn count(&mut self, graph: &MetaGraph, input: &mut Input) -> Result<()> {
        let mut nodes = 0;
        graph.each_name(input, |input, _, name| {
            nodes += 1;
            let bucket = self.bucket(self.hash(input.view(name)?));
            self.ends[bucket] += 1;
            Ok(())
        })?;
        let mut end = 0;
        for bucket in &mut self.ends {
            end += *bucket;
            *bucket = end;
        }
        self.entries = vec![Entry::default(); nodes];
        Ok(())
    }

    /// Puts every node into its bucket.
    fn place(&mut self, graph: &MetaGraph, input: &mut Input) -> Result<()> {
        let mut next: Vec<u32> = std::iter::once(0).chain(self.ends.iter().copied()).collect();
        graph.each_name(input, |input, node, name| {
            let hash = self.hash(input.view(name)?);
            let bucket = self.bucket(hash);
            let entry = self.entries.get_mut(next[bucket] as usize);
            let Some(entry) = entry.filter(|_| next[bucket] < self.ends[bucket]) else {
                return Err(input.changed());
            };
            *entry = Entry { hash: lower(hash), node: node.to_be_bytes() };
            next[bucket] += 1;
            Ok(())
        })
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    fn hash(&self, name: &[u8]) -> u64 {
        self.keys.hash_one(name)
    }

    /// The node of this name; the first, if a damaged graph has two.
    pub(super) fn find(&self, name: &[u8]) -> Option<Ordinal> {
        self.named(self.hash(name)).first().map(Entry::node)
    }

    /// What the node of this name is in another graph. Where a damaged one has several of
    /// the name, the first is the first of the other, and so on.
    pub(super) fn counterpart(&self, name: &[u8], node: Ordinal, other: &Self) -> Option<Ordinal> {
        let hash = self.hash(name);
        let before = self.named(hash).partition_point(|entry| entry.node() < node);
        other.named(hash).get(before).map(Entry::node)
    }

    /// All nodes of this name, in their order.
    fn named(&self, hash: u64) -> &[Entry] {
        let bucket = self.entries.get(self.range(self.bucket(hash))).unwrap_or_default();
        let wanted = lower(hash);
        let start = bucket.partition_point(|entry| entry.hash < wanted);
        let len = bucket[start..].partition_point(|entry| entry.hash == wanted);
        &bucket[start..start + len]
    }

    /// The first node whose name another node before it has too.
    pub(super) fn duplicate(&self) -> Option<Ordinal> {
        let buckets =
            (0..self.ends.len()).filter_map(|bucket| self.entries.get(self.range(bucket)));
        buckets
            .flat_map(|bucket| bucket.windows(2))
            .filter(|pair| pair[0].hash == pair[1].hash)
            .map(|pair| pair[1].node())
            .min()
    }

    fn bucket(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }

    fn range(&self, bucket: usize) -> std::ops::Range<usize> {
        let start = bucket.checked_sub(1).map_or(0, |before| self.ends[before]);
        start as usize..self.ends[bucket] as usize
    }
}

fn lower(hash: u64) -> [u8; 6] {
    let [_, _, lower @ ..] = hash.to_be_bytes();
    lower
}
