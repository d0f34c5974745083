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

use std::collections::HashMap;

use super::input::Input;
use super::meta::MetaGraph;
use super::names;
use super::roots::Roots;
use super::skeleton::{NodeSet, Ordinal, Skeleton};
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

/// A saver by the positions of its nodes, in order.
pub(super) struct FoundSaver {
    pub scope: Vec<u8>,
    pub nodes: Vec<Ordinal>,
    pub used_by: SaverUse,
}

/// The savers of a graph, in the order of their first nodes.
pub(super) fn find(
    graph: &MetaGraph,
    input: &mut Input,
    nodes: &Skeleton,
    roots: &Roots,
) -> Result<Vec<FoundSaver>> {
    let mut savers = Vec::new();
    if nodes.ordinals().any(|node| is_seed(nodes.op(node))) {
        savers = grown(nodes, &Scopes::read(graph, input)?);
    }
    savers.extend(called(&savers, nodes, roots));
    judge(&mut savers, nodes, roots);
    savers.sort_by_key(|saver| saver.nodes.first().copied());
    Ok(savers)
}

pub(super) fn is_save(op: &[u8]) -> bool {
    matches!(op, b"Save" | b"SaveSlices" | b"SaveV2")
}

pub(super) fn is_restore(op: &[u8]) -> bool {
    matches!(op, b"Restore" | b"RestoreSlice" | b"RestoreV2")
}

pub(super) fn is_merge(op: &[u8]) -> bool {
    op == b"MergeV2Checkpoints"
}

/// Whether an op reads or writes checkpoint files.
pub(super) fn is_seed(op: &[u8]) -> bool {
    is_save(op) || is_restore(op) || is_merge(op)
}

/// Where a saver gets the names of files and tensors from.
fn gives_names(op: &[u8]) -> bool {
    matches!(
        op,
        b"Const"
            | b"Placeholder"
            | b"PlaceholderWithDefault"
            | b"Identity"
            | b"ExpandDims"
            | b"Pack"
            | b"RegexFullMatch"
            | b"Select"
            | b"SelectV2"
            | b"ShardedFilename"
            | b"ShardedFilespec"
            | b"StaticRegexFullMatch"
            | b"StringJoin"
    ) || is_seed(op)
}

/// What a saver does with a variable before it writes it.
fn reads(op: &[u8]) -> bool {
    matches!(op, b"Identity" | b"ReadVariableOp")
}

/// What a saver does with what it has read or written.
fn follows(op: &[u8]) -> bool {
    matches!(
        op,
        b"Assign"
            | b"AssignVariableOp"
            | b"Cast"
            | b"ExpandDims"
            | b"Identity"
            | b"NoOp"
            | b"Pack"
            | b"Reshape"
            | b"ShardedFilespec"
    ) || is_seed(op)
}

/// How many inputs of an op come before the tensors that it saves.
fn leading_inputs(op: &[u8]) -> usize {
    match op {
        b"Save" => 2,
        b"SaveSlices" | b"SaveV2" => 3,
        _ => usize::MAX,
    }
}

/// Which of the scopes that savers have opened a node is in.
struct Scopes {
    names: Vec<Vec<u8>>,
    of_node: Vec<u32>,
}

const NO_SCOPE: u32 = u32::MAX;

impl Scopes {
    fn read(graph: &MetaGraph, input: &mut Input) -> Result<Self> {
        let mut scopes = Self { names: Vec::new(), of_node: Vec::new() };
        let mut numbers: HashMap<Vec<u8>, u32> = HashMap::new();
        graph.each_node(input, |_, node| {
            let scope = names::scope(&node.name);
            if is_seed(&node.op) && !numbers.contains_key(scope) {
                numbers.insert(scope.to_vec(), scopes.names.len() as u32);
                scopes.names.push(scope.to_vec());
            }
            Ok(())
        })?;
        graph.each_node(input, |_, node| {
            let innermost = names::scopes(&node.name).find_map(|scope| numbers.get(scope));
            scopes.of_node.push(innermost.copied().unwrap_or(NO_SCOPE));
            Ok(())
        })?;
        Ok(scopes)
    }

    fn of(&self, node: Ordinal) -> u32 {
        self.of_node.get(node as usize).copied().unwrap_or(NO_SCOPE)
    }

    fn same(&self, a: Ordinal, b: Ordinal) -> bool {
        self.of(a) != NO_SCOPE && self.of(a) == self.of(b)
    }

    fn name(&self, node: Ordinal) -> &[u8] {
        self.names.get(self.of(node) as usize).map_or(b"", Vec::as_slice)
    }
}

/// Collects the nodes of savers, from their seeds on.
struct Growth<'a> {
    nodes: &'a Skeleton,
    scopes: &'a Scopes,
    members: NodeSet,
    pending: Vec<Ordinal>,
}

impl Growth<'_> {
    fn add(&mut self, node: Ordinal) {
        if self.members.insert(node) {
            self.pending.push(node);
        }
    }

    /// What the seeds have read or written, and what comes of that.
    fn follow(&mut self) {
        let nodes = self.nodes;
        let consumers = nodes.consumers(|from, to| self.scopes.same(from, to));
        self.pending = nodes.ordinals().filter(|&node| is_seed(nodes.op(node))).collect();
        for &seed in &self.pending {
            self.members.insert(seed);
        }
        while let Some(node) = self.pending.pop() {
            for &consumer in consumers.of(node) {
                if follows(nodes.op(consumer)) {
                    self.add(consumer);
                }
            }
        }
    }

    /// What all of these get names from, or read variables by.
    fn precede(&mut self) {
        let nodes = self.nodes;
        self.pending = nodes.ordinals().filter(|&node| self.members.has(node)).collect();
        while let Some(node) = self.pending.pop() {
            let leading = leading_inputs(nodes.op(node));
            // In no scope, what reads a variable is the variable's own.
            let scoped = !self.scopes.name(node).is_empty();
            for (slot, edge) in nodes.edges(node).iter().enumerate() {
                let Some(used) = edge.target().filter(|&used| self.scopes.same(node, used)) else {
                    continue;
                };
                let op = nodes.op(used);
                let names = slot < leading && gives_names(op);
                let values = slot >= leading || reads(nodes.op(node));
                if names || (scoped && values && reads(op)) {
                    self.add(used);
                }
            }
        }
    }

    /// The notes that variables are going to be read. Nothing uses such a node; it
    /// belongs to whoever reads the same variable in the same scope.
    fn notes(&mut self) -> Vec<(Ordinal, Ordinal)> {
        let nodes = self.nodes;
        let key = |node| Some((self.scopes.of(node), nodes.uses(node).next()?));
        let is =
            |node: &Ordinal, op: &[u8]| self.scopes.of(*node) != NO_SCOPE && nodes.op(*node) == op;
        let notes = nodes.ordinals().filter(|node| is(node, b"DisableCopyOnRead"));
        let notes: Vec<Ordinal> = notes.collect();
        if notes.is_empty() {
            return Vec::new();
        }
        let readers: HashMap<_, Ordinal> = nodes
            .ordinals()
            .filter(|node| self.members.has(*node) && is(node, b"ReadVariableOp"))
            .filter_map(|node| Some((key(node)?, node)))
            .collect();
        let pairs: Vec<_> =
            notes.into_iter().filter_map(|node| Some((node, *readers.get(&key(node)?)?))).collect();
        for &(note, _) in &pairs {
            self.members.insert(note);
        }
        pairs
    }
}

/// The savers whose ops are nodes of the graph itself.
fn grown(nodes: &Skeleton, scopes: &Scopes) -> Vec<FoundSaver> {
    let members = NodeSet::none(nodes.len());
    let mut growth = Growth { nodes, scopes, members, pending: Vec::new() };
    growth.follow();
    growth.precede();
    let mut parts = Parts::of_singles(nodes.len());
    for (note, reader) in growth.notes() {
        parts.join(note, reader);
    }
    let members = growth.members;
    for node in nodes.ordinals().filter(|&node| members.has(node)) {
        for used in nodes.uses(node) {
            if members.has(used) && scopes.same(node, used) {
                parts.join(node, used);
            }
        }
    }
    let mut savers: HashMap<Ordinal, Vec<Ordinal>> = HashMap::new();
    for node in nodes.ordinals().filter(|&node| members.has(node)) {
        savers.entry(parts.find(node)).or_default().push(node);
    }
    let saver = |(part, nodes)| FoundSaver {
        scope: scopes.name(part).to_vec(),
        nodes,
        used_by: SaverUse::Unknown,
    };
    savers.into_iter().map(saver).collect()
}

/// The saver whose ops are in functions: `saver_def` names the nodes that call them.
fn called(savers: &[FoundSaver], nodes: &Skeleton, roots: &Roots) -> Option<FoundSaver> {
    let known = |node| savers.iter().any(|saver| saver.nodes.binary_search(&node).is_ok());
    let named: Vec<Ordinal> = nodes.ordinals().filter(|&node| roots.is_saver(node)).collect();
    if named.is_empty() || named.iter().any(|&node| known(node)) {
        return None;
    }
    Some(FoundSaver { scope: Vec::new(), nodes: named, used_by: SaverUse::Unknown })
}

/// Finds out who uses each saver.
fn judge(savers: &mut [FoundSaver], nodes: &Skeleton, roots: &Roots) {
    let mut saver_of: HashMap<Ordinal, usize> = HashMap::new();
    for (number, saver) in savers.iter().enumerate() {
        saver_of.extend(saver.nodes.iter().map(|&node| (node, number)));
    }
    let mut used = vec![false; savers.len()];
    for node in nodes.ordinals().filter(|_| !savers.is_empty()) {
        let own = saver_of.get(&node);
        for target in nodes.uses(node).filter_map(|to| saver_of.get(&to)) {
            used[*target] |= Some(target) != own;
        }
    }
    for (saver, used) in savers.iter_mut().zip(used) {
        saver.used_by = if saver.nodes.iter().any(|&node| roots.is_saver(node)) {
            SaverUse::SaverDef
        } else if saver.nodes.iter().any(|&node| roots.has(node)) {
            SaverUse::Collection
        } else if used {
            SaverUse::Node
        } else if roots.saver.is_none() {
            SaverUse::Unknown
        } else {
            SaverUse::Dead
        };
    }
}
