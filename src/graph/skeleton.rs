//! What of a graph is in memory when one has to see all of it: which node uses which.
//!
//! Names are held as 64-bit hashes, with a key that no file can foresee. That is
//! what bounds memory: some fifty bytes a node, however long its name and however
//! large the constant in it.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::input::{Input, each_bytes};
use super::meta::MetaGraph;
use super::names::{self, Port};
use super::node::{Attr, Node};
use crate::error::{Error, ErrorKind, Result, ResultExt};

/// The position of a node in the order of the file.
pub(super) type Ordinal = u32;

/// An edge: what it leads to, and in the upper two bits what of that is used.
#[derive(Clone, Copy)]
pub(super) struct Edge(u32);

impl Edge {
    const TARGET: u32 = (1 << 30) - 1;
    /// Stands where a name is no node's.
    const NOWHERE: u32 = Self::TARGET;

    /// An edge that leads nowhere yet.
    fn new(port: Port) -> Self {
        let kind = match port {
            Port::Output(_) => 0,
            Port::Control => 1,
            Port::Colocation => 2,
        };
        Self(Self::NOWHERE | kind << 30)
    }

    fn lead_to(&mut self, target: Option<Ordinal>) {
        self.0 = self.0 & !Self::TARGET | target.unwrap_or(Self::NOWHERE);
    }

    /// The node that it leads to, if there is one of that name.
    pub(super) fn target(self) -> Option<Ordinal> {
        let target = self.0 & Self::TARGET;
        (target != Self::NOWHERE).then_some(target)
    }

    /// Whether a value comes along it.
    pub(super) fn is_data(self) -> bool {
        self.0 >> 30 == 0
    }

    /// Whether it says no more than where to be.
    pub(super) fn is_colocation(self) -> bool {
        self.0 >> 30 == 2
    }
}

/// The nodes of a graph by position: names, ops, and edges from every node to
/// those that it uses, as inputs or as the place to be.
pub(super) struct Skeleton {
    keys: RandomState,
    name_hashes: Vec<u64>,
    by_name: Vec<Ordinal>,
    ops: Vec<u32>,
    op_names: Vec<Vec<u8>>,
    edge_ends: Vec<usize>,
    edges: Vec<Edge>,
}

impl Skeleton {
    pub(super) fn read(graph: &MetaGraph, input: &mut Input) -> Result<Self> {
        Self::read_with(graph, input, RandomState::new(), |_, _| Ok(()))
    }

    /// Reads it, and calls `each` with every node on the way.
    pub(super) fn read_with(
        graph: &MetaGraph,
        input: &mut Input,
        keys: RandomState,
        mut each: impl FnMut(&mut Input, &Node) -> Result<()>,
    ) -> Result<Self> {
        let mut builder = Builder::new(keys);
        graph.each_node(input, |input, node| {
            builder.add(input, node)?;
            each(input, node)
        })?;
        Ok(builder.finish())
    }

    pub(super) fn len(&self) -> usize {
        self.ops.len()
    }

    pub(super) fn ordinals(&self) -> std::ops::Range<Ordinal> {
        0..self.len() as Ordinal
    }

    pub(super) fn op(&self, node: Ordinal) -> &[u8] {
        &self.op_names[self.ops[node as usize] as usize]
    }

    pub(super) fn hash(&self, name: &[u8]) -> u64 {
        self.keys.hash_one(name)
    }

    pub(super) fn name_hash(&self, node: Ordinal) -> u64 {
        self.name_hashes[node as usize]
    }

    /// The node of this name; the first, if a damaged graph has two.
    pub(super) fn find(&self, name: &[u8]) -> Option<Ordinal> {
        self.find_hash(self.hash(name))
    }

    pub(super) fn find_hash(&self, hash: u64) -> Option<Ordinal> {
        let at = self.by_name.partition_point(|&node| self.name_hash(node) < hash);
        self.by_name.get(at).copied().filter(|&node| self.name_hash(node) == hash)
    }

    /// A node whose name another node has too.
    pub(super) fn duplicate_name(&self) -> Option<Ordinal> {
        self.by_name
            .windows(2)
            .find(|pair| self.name_hash(pair[0]) == self.name_hash(pair[1]))
            .map(|pair| pair[1])
    }

    /// The nodes that `node` uses, in the order of its inputs, places last.
    pub(super) fn uses(&self, node: Ordinal) -> impl Iterator<Item = Ordinal> {
        self.edges(node).iter().filter_map(|edge| edge.target())
    }

    /// The edges from `node`, one for each input in their order, then places.
    pub(super) fn edges(&self, node: Ordinal) -> &[Edge] {
        let node = node as usize;
        let start = if node == 0 { 0 } else { self.edge_ends[node - 1] };
        &self.edges[start..self.edge_ends[node]]
    }

    /// The edges that `wanted` (who uses, what) picks, turned round; places left out.
    pub(super) fn consumers(&self, wanted: impl Fn(Ordinal, Ordinal) -> bool) -> Consumers {
        let mut ends = vec![0; self.len() + 1];
        let edges = || {
            let inputs = |from| self.edges(from).iter().filter(|edge| !edge.is_colocation());
            self.ordinals()
                .flat_map(move |from| inputs(from).map(move |edge| (from, edge.target())))
                .filter_map(|(from, to)| Some((from, to?)))
                .filter(|&(from, to)| wanted(from, to))
        };
        for (_, to) in edges() {
            ends[to as usize + 1] += 1;
        }
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        let mut of = vec![0; ends[self.len()]];
        let mut next = ends.clone();
        for (from, to) in edges() {
            of[next[to as usize]] = from;
            next[to as usize] += 1;
        }
        Consumers { ends, of }
    }

    /// Adds everything that the nodes in `set` use, and what that uses, to it.
    pub(super) fn close(&self, set: &mut NodeSet) {
        let mut pending: Vec<Ordinal> = self.ordinals().filter(|&node| set.has(node)).collect();
        while let Some(node) = pending.pop() {
            for used in self.uses(node) {
                if set.insert(used) {
                    pending.push(used);
                }
            }
        }
    }
}

impl Skeleton {
    /// Takes out of `cut` whatever a node that stays uses, or `stays` says.
    pub(super) fn take_back(&self, cut: &mut NodeSet, stays: impl Fn(Ordinal) -> bool) {
        let mut pending: Vec<Ordinal> = Vec::new();
        for node in self.ordinals() {
            if cut.has(node) && stays(node) {
                cut.remove(node);
            }
            if !cut.has(node) {
                pending.push(node);
            }
        }
        while let Some(node) = pending.pop() {
            for used in self.uses(node) {
                if cut.has(used) {
                    cut.remove(used);
                    pending.push(used);
                }
            }
        }
    }
}

/// Who uses a node.
pub(super) struct Consumers {
    ends: Vec<usize>,
    of: Vec<Ordinal>,
}

impl Consumers {
    pub(super) fn of(&self, node: Ordinal) -> &[Ordinal] {
        &self.of[self.ends[node as usize]..self.ends[node as usize + 1]]
    }
}

/// A set of nodes, a bit each.
#[derive(Clone, Debug)]
pub(super) struct NodeSet(Vec<u64>);

impl NodeSet {
    pub(super) fn none(nodes: usize) -> Self {
        Self(vec![0; nodes.div_ceil(64)])
    }

    pub(super) fn of(nodes: usize, members: impl IntoIterator<Item = Ordinal>) -> Self {
        let mut set = Self::none(nodes);
        for node in members {
            set.insert(node);
        }
        set
    }

    pub(super) fn has(&self, node: Ordinal) -> bool {
        self.0[node as usize / 64] >> (node % 64) & 1 == 1
    }

    pub(super) fn add(&mut self, node: Ordinal) {
        self.insert(node);
    }

    /// Whether it was not there before.
    pub(super) fn insert(&mut self, node: Ordinal) -> bool {
        let new = !self.has(node);
        self.0[node as usize / 64] |= 1 << (node % 64);
        new
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    pub(super) fn remove(&mut self, node: Ordinal) {
        self.0[node as usize / 64] &= !(1 << (node % 64));
    }
}

struct Builder {
    skeleton: Skeleton,
    op_numbers: HashMap<Vec<u8>, u32>,
    /// The hashes of the names that edges lead to, until all nodes are known.
    targets: Vec<u64>,
}

impl Builder {
    fn new(keys: RandomState) -> Self {
        let skeleton = Skeleton {
            keys,
            name_hashes: Vec::new(),
            by_name: Vec::new(),
            ops: Vec::new(),
            op_names: Vec::new(),
            edge_ends: Vec::new(),
            edges: Vec::new(),
        };
        Self { skeleton, op_numbers: HashMap::new(), targets: Vec::new() }
    }

    fn add(&mut self, input: &mut Input, node: &Node) -> Result<()> {
        if self.skeleton.len() >= Edge::NOWHERE as usize {
            let what = "more nodes than a graph can have";
            return Err(Error::new(ErrorKind::ResourceLimit, what)).in_file(input.file().path());
        }
        let op = self.op_number(&node.op);
        let name_hash = self.skeleton.hash(&node.name);
        each_use(input, node, |name, port| {
            self.targets.push(self.skeleton.hash(name));
            self.skeleton.edges.push(Edge::new(port));
        })?;
        self.skeleton.ops.push(op);
        self.skeleton.name_hashes.push(name_hash);
        self.skeleton.edge_ends.push(self.targets.len());
        Ok(())
    }

    fn op_number(&mut self, op: &[u8]) -> u32 {
        if let Some(&number) = self.op_numbers.get(op) {
            return number;
        }
        let number = self.skeleton.op_names.len() as u32;
        self.skeleton.op_names.push(op.to_vec());
        self.op_numbers.insert(op.to_vec(), number);
        number
    }

    fn finish(self) -> Skeleton {
        let mut skeleton = self.skeleton;
        skeleton.by_name = skeleton.ordinals().collect();
        let hashes = &skeleton.name_hashes;
        skeleton.by_name.sort_unstable_by_key(|&node| (hashes[node as usize], node));
        for (at, &hash) in self.targets.iter().enumerate() {
            let target = skeleton.find_hash(hash);
            skeleton.edges[at].lead_to(target);
        }
        skeleton
    }
}

/// Calls `each` with every name that a node uses and what it uses of it: its
/// inputs in order, then the nodes it wants to be placed with, itself left out.
pub(super) fn each_use(
    input: &mut Input,
    node: &Node,
    mut each: impl FnMut(&[u8], Port),
) -> Result<()> {
    for text in node.inputs() {
        let from = names::input(text);
        each(from.node, from.port);
    }
    let Some(class) = node.attr(input, b"_class")? else { return Ok(()) };
    each_class(input, class, |name| {
        if name != node.name {
            each(name, Port::Colocation);
        }
    })
}

/// Calls `each` with every node that a value of `_class` names.
fn each_class(input: &mut Input, class: Attr, mut each: impl FnMut(&[u8])) -> Result<()> {
    each_bytes(input, class.value, 1, |input, list| {
        each_bytes(input, list, 2, |input, text| {
            if let Some(name) = input.view(text)?.strip_prefix(b"loc:@") {
                each(name);
            }
            Ok(())
        })
    })
}
