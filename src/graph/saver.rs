//! Savers as they are told of.

use super::meta::MetaGraph;
use super::names::{self, shown};
use super::node::Node;
use super::node_set::Ordinal;
use super::roles::Roles;
use super::savers::{SaverUse, Savers};
use super::survey;
use crate::error::{Error, Result};

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
    fn new(used_by: SaverUse) -> Self {
        let (scope, first_node) = (String::new(), String::new());
        let [nodes, bytes, save_ops, restore_ops, merge_ops] = [0; 5];
        Self { scope, first_node, nodes, bytes, save_ops, restore_ops, merge_ops, used_by }
    }

    /// Whether nobody uses it, so that [`strip`](super::strip) cuts it.
    pub fn is_dead(&self) -> bool {
        self.used_by == SaverUse::Dead
    }

    fn add(&mut self, node: &Node) {
        let roles = Roles::of(&node.op);
        if self.nodes == 0 {
            self.first_node = shown(&node.name);
        }
        if self.scope.is_empty() && roles.are(Roles::SEED) {
            self.scope = shown(names::scope(&node.name));
        }
        self.nodes += 1;
        self.bytes += node.whole.len();
        self.save_ops += u64::from(roles.are(Roles::SAVE));
        self.restore_ops += u64::from(roles.are(Roles::RESTORE));
        self.merge_ops += u64::from(roles.are(Roles::MERGE));
    }
}

/// Gathers what there is to tell of savers, from their nodes one after another.
pub(super) struct SaverTally<'a> {
    found: &'a Savers,
    savers: Vec<Saver>,
}

impl<'a> SaverTally<'a> {
    pub(super) fn new(found: &'a Savers) -> Self {
        Self { found, savers: found.uses.iter().map(|&used_by| Saver::new(used_by)).collect() }
    }

    pub(super) fn add(&mut self, ordinal: Ordinal, node: &Node) {
        if let Some(saver) = self.found.of(ordinal) {
            self.savers[saver].add(node);
        }
    }

    pub(super) fn finish(self) -> Vec<Saver> {
        self.savers
    }
}

/// A node of a saver. A name that is not UTF-8 is shown with U+FFFD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaverNode {
    /// Its name.
    pub name: String,
    /// Its op.
    pub op: String,
    /// How many bytes of the file it takes.
    pub bytes: u64,
}

impl MetaGraph {
    /// The nodes of a saver, by its position in the
    /// [summary](super::Summary::savers), in the order of the file.
    ///
    /// # Errors
    /// `InvalidArgument` where there is no such saver; those of
    /// [`summary`](Self::summary).
    pub fn saver_nodes(&self, saver: usize) -> Result<Vec<SaverNode>> {
        let mut nodes = Vec::new();
        let savers = self.each_saver_node(|of, node| {
            if of == saver {
                nodes.push(node);
            }
            Ok(())
        })?;
        match saver < savers {
            true => Ok(nodes),
            false => {
                Err(Error::invalid(format!("there are {savers} savers, and no number {saver}")))
            }
        }
    }

    /// Calls `each` with the position of the saver and the node, for each node that
    /// is of a saver; returns how many savers there are.
    ///
    /// # Errors
    /// What `each` returns, and as those of [`summary`](Self::summary).
    pub fn each_saver_node(
        &self,
        mut each: impl FnMut(usize, SaverNode) -> Result<()>,
    ) -> Result<usize> {
        let mut input = self.input();
        let savers = survey::savers(self, &mut input)?;
        self.each_node(&mut input, |_, ordinal, node| match savers.of(ordinal) {
            Some(saver) => each(saver, SaverNode::of(node)),
            None => Ok(()),
        })?;
        Ok(savers.uses.len())
    }
}

impl SaverNode {
    fn of(node: &Node) -> Self {
        Self { name: shown(&node.name), op: shown(&node.op), bytes: node.whole.len() }
    }
}
