//! How many nodes there are of each op.

use std::collections::{BTreeMap, HashMap};

use super::names::shown;

/// The nodes of a graph, or of all functions, by op.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpCounts {
    /// How many nodes there are.
    pub nodes: u64,
    /// How many of each op.
    pub by_op: BTreeMap<String, OpCount>,
}

/// The nodes of one op.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpCount {
    /// How many there are.
    pub nodes: u64,
    /// How many bytes of the file they take.
    pub bytes: u64,
}

#[derive(Default)]
pub(super) struct OpTally(HashMap<Vec<u8>, OpCount>);

impl OpTally {
    pub(super) fn add(&mut self, op: &[u8], bytes: u64) {
        match self.0.get_mut(op) {
            Some(count) => {
                count.nodes += 1;
                count.bytes += bytes;
            }
            None => drop(self.0.insert(op.to_vec(), OpCount { nodes: 1, bytes })),
        }
    }

    pub(super) fn finish(self) -> OpCounts {
        let mut counts = OpCounts::default();
        for (op, count) in self.0 {
            counts.nodes += count.nodes;
            let sum = counts.by_op.entry(shown(&op)).or_default();
            sum.nodes += count.nodes;
            sum.bytes += count.bytes;
        }
        counts
    }
}
