//! Savers as they are told of.

use std::collections::HashMap;

use super::names::shown;
use super::node::Node;
use super::savers::{FoundSaver, SaverUse, is_merge, is_restore, is_save};
use super::skeleton::Ordinal;

/// A saver: the nodes that one `tf.train.Saver` added to a graph, or an import of
/// the graph they were in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saver {
    /// The scope its nodes are in: `save_1`. Copies made by an import are in the
    /// same scope. Empty where they are in none: a SavedModel's is made of calls.
    pub scope: String,
    /// The name of the first of its nodes in the file.
    pub first_node: String,
    /// How many nodes it has.
    pub nodes: u64,
    /// How many bytes of the file they take.
    pub bytes: u64,
    /// How many ops of it write files.
    pub save_ops: u64,
    /// How many ops of it read files.
    pub restore_ops: u64,
    /// How many ops of it join the files that several devices wrote.
    pub merge_ops: u64,
    /// Who uses it.
    pub used_by: SaverUse,
}

impl Saver {
    /// Whether nobody uses it, so that [`strip`](super::strip) cuts it.
    pub fn is_dead(&self) -> bool {
        self.used_by == SaverUse::Dead
    }
}

/// Gathers what there is to tell of savers, from their nodes one after another.
pub(super) struct SaverTally<'a> {
    found: &'a [FoundSaver],
    saver_of: HashMap<Ordinal, usize>,
    savers: Vec<Saver>,
}

impl<'a> SaverTally<'a> {
    pub(super) fn new(found: &'a [FoundSaver]) -> Self {
        let saver_of = found
            .iter()
            .enumerate()
            .flat_map(|(number, saver)| saver.nodes.iter().map(move |&node| (node, number)))
            .collect();
        let savers = found.iter().map(|saver| Saver {
            scope: shown(&saver.scope),
            first_node: String::new(),
            nodes: 0,
            bytes: 0,
            save_ops: 0,
            restore_ops: 0,
            merge_ops: 0,
            used_by: saver.used_by,
        });
        Self { found, saver_of, savers: savers.collect() }
    }

    /// The saver that a node is of.
    pub(super) fn saver_of(&self, ordinal: Ordinal) -> Option<usize> {
        self.saver_of.get(&ordinal).copied()
    }

    pub(super) fn add(&mut self, ordinal: Ordinal, node: &Node) {
        let Some(number) = self.saver_of(ordinal) else { return };
        let saver = &mut self.savers[number];
        if self.found[number].nodes.first() == Some(&ordinal) {
            saver.first_node = shown(&node.name);
        }
        saver.nodes += 1;
        saver.bytes += node.whole.len();
        saver.save_ops += u64::from(is_save(&node.op));
        saver.restore_ops += u64::from(is_restore(&node.op));
        saver.merge_ops += u64::from(is_merge(&node.op));
    }

    pub(super) fn finish(self) -> Vec<Saver> {
        self.savers
    }
}
