//! The savers of a graph: the nodes that `tf.train.Saver` adds to save and restore.
//!
//! ```text
//! save/Const ──► save/SaveV2 ◄── variables          save/RestoreV2 ──► save/Assign ──► variables
//!      │              └──► save/control_dependency       ▲                  └──► save/restore_all
//!      └─────────────────────────────────────────────────┘
//! ```
//! Each saver opens a scope of its own, `save`, `save_1`, …; but the copies that an
//! import makes of a saver stay in the scope of the original, as `save/SaveV2_1`.
//! So a saver is an op that reads or writes files, what it gets its names from and
//! what comes of it, as long as that is in the same scope and does no more than
//! savers do; ops that hang together are one saver.

use super::edges::{Edge, EdgeKind};
use super::input::Input;
use super::meta::MetaGraph;
use super::node_set::{NodeSet, Ordinal};
use super::roles::Roles;
use super::roots::Roots;
use super::scopes::Scopes;
use super::skeleton::Skeleton;
use super::union::Parts;
use crate::error::Result;

/// Who uses a saver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SaverUse {
    /// Nobody: not `saver_def`, no collection, no signature, no other node.
    Dead,
    /// It can't be known: there is no `saver_def`, and whoever imports the graph
    /// may name any of its savers.
    Unknown,
    /// Another node uses one of its nodes.
    Node,
    /// A collection or a signature names it.
    Collection,
    /// `saver_def` names it: it is the one that TensorFlow restores with.
    SaverDef,
}

/// The savers of a graph, in the order of their first nodes.
pub(super) struct Savers {
    /// The saver of each node; empty where there are no savers.
    of: Vec<u32>,
    pub uses: Vec<SaverUse>,
}

const NO_SAVER: u32 = u32::MAX;

impl Savers {
    pub(super) fn find(
        graph: &MetaGraph,
        input: &mut Input,
        nodes: &Skeleton,
        roots: &Roots,
    ) -> Result<Self> {
        let mut members = NodeSet::none(nodes.len());
        let mut parts = Parts::of_singles(0);
        if nodes.all(Roles::SEED).next().is_some() {
            let scopes = Scopes::read(graph, input, nodes.len())?;
            let growth = Growth { nodes, scopes: &scopes };
            members = growth.members();
            parts = growth.parts(&members);
        }
        let mut savers = Self::of_parts(parts, &members);
        savers.add_called(nodes, roots);
        savers.judge(nodes, roots);
        Ok(savers)
    }

    /// Numbers the parts of `members` by their first nodes.
    fn of_parts(parts: Parts, members: &NodeSet) -> Self {
        let mut savers = Self { of: parts.into_firsts(), uses: Vec::new() };
        for node in 0..savers.of.len() {
            // The first of a part stands before the others, and has its number already.
            let first = savers.of[node] as usize;
            savers.of[node] = match members.has(node as Ordinal) {
                false => NO_SAVER,
                true if first == node => savers.add(),
                true => savers.of[first],
            };
        }
        savers
    }

    fn add(&mut self) -> u32 {
        self.uses.push(SaverUse::Dead);
        self.uses.len() as u32 - 1
    }

    /// The saver whose ops are in functions: `saver_def` names the nodes that call them.
    fn add_called(&mut self, nodes: &Skeleton, roots: &Roots) {
        let mut named = nodes.ordinals().filter(|&node| roots.is_saver(node)).peekable();
        if named.peek().is_none() || named.clone().any(|node| self.of(node).is_some()) {
            return;
        }
        self.of.resize(nodes.len(), NO_SAVER);
        let number = self.add();
        named.for_each(|node| self.of[node as usize] = number);
    }

    /// Finds out who uses each saver. What one uses that nobody uses is not used.
    fn judge(&mut self, nodes: &Skeleton, roots: &Roots) {
        if roots.saver.is_none() {
            self.uses.fill(SaverUse::Unknown);
        }
        let mut by_savers = Vec::new();
        let mut edges = nodes.walk();
        for node in nodes.ordinals().take(self.of.len()) {
            let own = self.of(node);
            for edge in edges.of(node) {
                match (own, edge.target.and_then(|used| self.of(used))) {
                    (None, Some(used)) => self.note(used, SaverUse::Node),
                    (Some(own), Some(used)) if own != used => by_savers.push((own, used)),
                    _ => {}
                }
            }
            match own {
                Some(saver) if roots.is_saver(node) => self.note(saver, SaverUse::SaverDef),
                Some(saver) if roots.has(node) => self.note(saver, SaverUse::Collection),
                _ => {}
            }
        }
        by_savers.sort_unstable();
        by_savers.dedup();
        self.pass_on(&by_savers);
    }

    /// Notes what savers use that somebody uses, and what these use.
    fn pass_on(&mut self, uses: &[(usize, usize)]) {
        let mut pending: Vec<usize> =
            (0..self.uses.len()).filter(|&saver| self.uses[saver] != SaverUse::Dead).collect();
        while let Some(saver) = pending.pop() {
            let start = uses.partition_point(|&(user, _)| user < saver);
            for &(_, used) in uses[start..].iter().take_while(|&&(user, _)| user == saver) {
                if self.uses[used] == SaverUse::Dead {
                    pending.push(used);
                }
                self.note(used, SaverUse::Node);
            }
        }
    }

    fn note(&mut self, saver: usize, found: SaverUse) {
        let used_by = &mut self.uses[saver];
        *used_by = found.max(*used_by);
    }

    /// The number of the saver that a node is of.
    pub(super) fn of(&self, node: Ordinal) -> Option<usize> {
        self.of.get(node as usize).filter(|&&saver| saver != NO_SAVER).map(|&saver| saver as usize)
    }

    /// The nodes of all savers that are used in this way.
    pub(super) fn nodes_of(&self, used_by: SaverUse) -> impl Iterator<Item = Ordinal> {
        let nodes = 0..self.of.len() as Ordinal;
        nodes.filter(move |&node| self.of(node).is_some_and(|saver| self.uses[saver] == used_by))
    }
}

/// Finds the nodes of savers whose ops are nodes of the graph itself.
struct Growth<'a> {
    nodes: &'a Skeleton,
    scopes: &'a Scopes,
}

impl Growth<'_> {
    fn members(&self) -> NodeSet {
        let mut members = NodeSet::of(self.nodes.len(), self.nodes.all(Roles::SEED));
        self.follow(&mut members);
        self.precede(&mut members);
        self.notes(&mut members);
        members
    }

    /// What the seeds have read or written, and what comes of that.
    fn follow(&self, members: &mut NodeSet) {
        self.nodes.spread(members, |node, edge| {
            edge.kind != EdgeKind::Colocation
                && self.nodes.is(node, Roles::FOLLOWS)
                && self.within(node, edge).is_some()
        });
    }

    /// What all of these get names from, or read variables by.
    fn precede(&self, members: &mut NodeSet) {
        self.nodes.close_over(members, |node, place, edge| {
            let Some(used) = self.within(node, edge) else { return false };
            let roles = self.nodes.roles(node);
            if place < roles.leading_inputs() && self.nodes.is(used, Roles::NAMES) {
                return true;
            }
            // In no scope, what reads a variable is the variable's own.
            let values = place >= roles.leading_inputs() || roles.are(Roles::READS);
            values && self.nodes.is(used, Roles::READS) && self.scopes.is_scoped(node)
        });
    }

    /// The notes that variables are going to be read. Nothing uses such a node; it
    /// belongs to whoever reads the same variable in the same scope.
    fn notes(&self, members: &mut NodeSet) {
        let readers = self.readers(members);
        for note in self.nodes.all(Roles::NOTE) {
            if readers.of(self.noted(note)).is_some() {
                members.add(note);
            }
        }
    }

    fn readers(&self, members: &NodeSet) -> Readers {
        if self.nodes.all(Roles::NOTE).next().is_none() {
            return Readers(Vec::new());
        }
        let readers = self.nodes.all(Roles::READ_VARIABLE).filter(|&node| members.has(node));
        let readers = readers.filter_map(|node| Some((self.noted(node)?, node)));
        let mut readers: Vec<_> = readers.collect();
        readers.sort_unstable();
        Readers(readers)
    }

    /// What a node uses first, and the scope that it does so in.
    fn noted(&self, node: Ordinal) -> Option<(u32, Ordinal)> {
        let variable = self.nodes.walk().of(node).find_map(|edge| edge.target)?;
        Some((self.scopes.of(node)?, variable))
    }

    /// What an edge leads to, if that is in the scope of the same saver.
    fn within(&self, node: Ordinal, edge: Edge) -> Option<Ordinal> {
        edge.target.filter(|&used| self.scopes.same(node, used))
    }

    /// Which members hang together.
    fn parts(&self, members: &NodeSet) -> Parts {
        let mut parts = Parts::of_singles(self.nodes.len());
        let readers = self.readers(members);
        let mut edges = self.nodes.walk();
        for node in self.nodes.ordinals().filter(|&node| members.has(node)) {
            for used in edges.of(node).filter_map(|edge| self.within(node, edge)) {
                if members.has(used) {
                    parts.join(node, used);
                }
            }
            if self.nodes.is(node, Roles::NOTE) {
                if let Some(reader) = readers.of(self.noted(node)) {
                    parts.join(node, reader);
                }
            }
        }
        parts
    }
}

/// Who reads which variable, in which scope; sorted.
struct Readers(Vec<((u32, Ordinal), Ordinal)>);

impl Readers {
    fn of(&self, noted: Option<(u32, Ordinal)>) -> Option<Ordinal> {
        let noted = noted?;
        let at = self.0.partition_point(|&(other, _)| other < noted);
        self.0.get(at).filter(|&&(other, _)| other == noted).map(|&(_, reader)| reader)
    }
}
