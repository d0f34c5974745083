//! Which node uses which, in two or three bytes an edge.
//!
//! ```text
//! node   = number of edges, code of each        all of them varints
//! code   = distance << 3 | from << 2 | kind     from 0: from the node itself,
//!        | which << 2 | 3                       from 1: from what was used last
//! ```
//! Nodes stand close to what they use, or use what their neighbours' neighbours are:
//! the assignments of a saver go through the variables one by one. `which` stands for
//! what is frequent and needs no distance. Every 16th node can be found directly.

use super::node_set::Ordinal;
use crate::coding;

/// How many nodes follow one that can be found directly.
const BLOCK: Ordinal = 16;

const SPECIAL: u64 = 3;
/// The name is no node's.
const NOWHERE: u64 = SPECIAL;
/// Beside what the first edge leads to.
const BESIDE_FIRST: u64 = (1 << 2) | SPECIAL;

/// What is used of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EdgeKind {
    /// A value.
    Data,
    /// That it has run.
    Control,
    /// Where it is.
    Colocation,
}

/// From a node to one that it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    /// `None` where no node has that name.
    pub target: Option<Ordinal>,
    pub kind: EdgeKind,
}

/// The edges of all nodes.
#[derive(Default)]
pub(super) struct EdgeList {
    bytes: Vec<u8>,
    /// Where every 16th node begins.
    starts: Vec<u64>,
    nodes: Ordinal,
    context: Context,
}

impl EdgeList {
    /// Adds the edges of the next node.
    pub(super) fn push(&mut self, edges: &[Edge]) {
        if self.nodes % BLOCK == 0 {
            self.starts.push(self.bytes.len() as u64);
        }
        self.context.begin(self.nodes);
        self.nodes += 1;
        coding::put_varint(&mut self.bytes, edges.len() as u64);
        for &edge in edges {
            coding::put_varint(&mut self.bytes, self.context.code(edge));
            self.context.pass(edge);
        }
    }

    pub(super) fn walk(&self) -> Edges<'_> {
        Edges { list: self, at: 0, left: 0, context: Context::default(), entered: None }
    }
}

/// What a code is relative to.
#[derive(Clone, Copy, Default)]
struct Context {
    node: Ordinal,
    /// What was used last: by this node, or first by the one before.
    near: Ordinal,
    first: Option<Ordinal>,
}

impl Context {
    fn begin(&mut self, node: Ordinal) {
        self.near = if node % BLOCK == 0 { 0 } else { self.first.unwrap_or(self.near) };
        self.first = None;
        self.node = node;
    }

    fn pass(&mut self, edge: Edge) {
        if let Some(target) = edge.target {
            self.near = target;
            self.first.get_or_insert(target);
        }
    }

    fn code(&self, edge: Edge) -> u64 {
        let Some(target) = edge.target else { return NOWHERE };
        let kind = match edge.kind {
            EdgeKind::Data => 0,
            EdgeKind::Control => 1,
            EdgeKind::Colocation if self.first == Some(target) => return BESIDE_FIRST,
            EdgeKind::Colocation => 2,
        };
        let [here, near] = [self.node, self.near].map(|from| distance(from, target));
        if here <= near { (here << 3) | kind } else { (near << 3) | (1 << 2) | kind }
    }

    fn edge(&self, code: u64) -> Edge {
        let kind = match code & 3 {
            0 => EdgeKind::Data,
            1 => EdgeKind::Control,
            2 => EdgeKind::Colocation,
            _ if code == BESIDE_FIRST => {
                return Edge { target: self.first, kind: EdgeKind::Colocation };
            }
            _ => return Edge { target: None, kind: EdgeKind::Data },
        };
        let from = if code & (1 << 2) == 0 { self.node } else { self.near };
        Edge { target: Some(at_distance(from, code >> 3)), kind }
    }
}

/// How far it is from one node to another: even numbers forwards, odd ones back.
fn distance(from: Ordinal, to: Ordinal) -> u64 {
    let far = i64::from(to) - i64::from(from);
    ((far << 1) ^ (far >> 63)) as u64
}

fn at_distance(from: Ordinal, distance: u64) -> Ordinal {
    let far = (distance >> 1) as i64 ^ -((distance & 1) as i64);
    (i64::from(from) + far) as Ordinal
}

/// Goes through the edges of one node after another; quickest in their order.
#[derive(Clone)]
pub(super) struct Edges<'a> {
    list: &'a EdgeList,
    at: usize,
    /// How many edges the node has left.
    left: u64,
    context: Context,
    entered: Option<Ordinal>,
}

impl Edges<'_> {
    /// Goes to a node: what comes next are its edges.
    pub(super) fn of(&mut self, node: Ordinal) -> &mut Self {
        let begin = node - node % BLOCK;
        if self.entered.is_none_or(|entered| entered >= node || entered < begin) {
            let start = self.list.starts.get((node / BLOCK) as usize);
            self.at = start.map_or(self.list.bytes.len(), |&start| start as usize);
            self.enter(begin);
        }
        while self.context.node < node {
            self.by_ref().for_each(drop);
            self.enter(self.context.node + 1);
        }
        self
    }

    fn enter(&mut self, node: Ordinal) {
        self.entered = Some(node);
        self.context.begin(node);
        self.left = self.varint().unwrap_or(0);
    }

    fn varint(&mut self) -> Option<u64> {
        let (value, len) = coding::varint(self.list.bytes.get(self.at..)?)?;
        self.at += len;
        Some(value)
    }
}

impl Iterator for Edges<'_> {
    type Item = Edge;

    fn next(&mut self) -> Option<Edge> {
        self.left = self.left.checked_sub(1)?;
        let code = self.varint()?;
        let edge = self.context.edge(code);
        self.context.pass(edge);
        Some(edge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(target: Ordinal, kind: EdgeKind) -> Edge {
        Edge { target: Some(target), kind }
    }

    /// Edges that lead anywhere, near and far, forwards and back.
    fn edges_of(node: Ordinal) -> Vec<Edge> {
        let kinds = [EdgeKind::Data, EdgeKind::Control, EdgeKind::Colocation];
        let far = |n: Ordinal| (node.wrapping_mul(2_654_435_761) >> n) % (1 << 30);
        let mut edges: Vec<Edge> =
            (0..node % 5).map(|n| edge(far(n), kinds[n as usize % 3])).collect();
        if node % 7 == 0 {
            edges.push(Edge { target: None, kind: EdgeKind::Data });
        }
        if let Some(&first) = edges.first() {
            edges.push(Edge { kind: EdgeKind::Colocation, ..first });
        }
        edges.push(edge(node, EdgeKind::Data));
        edges
    }

    #[test]
    fn edges_come_back_in_any_order() {
        let mut list = EdgeList::default();
        (0..100).for_each(|node| list.push(&edges_of(node)));
        let expected = |node| {
            let edges = edges_of(node).into_iter();
            edges.map(|edge| match edge.target {
                Some(_) => edge,
                None => Edge { target: None, kind: EdgeKind::Data },
            })
        };
        let mut walk = list.walk();
        for node in (0..100).chain((0..100).rev()).chain([5, 5, 99, 0, 16, 15, 17]) {
            assert!(walk.of(node).eq(expected(node)), "{node}");
        }
        // Only partly gone through.
        walk.of(40).next();
        assert!(walk.of(40).eq(expected(40)));
        walk.of(41).next();
        assert!(walk.of(43).eq(expected(43)));
        assert_eq!(walk.of(1000).count(), 0);
    }

    #[test]
    fn what_savers_do_takes_a_byte_an_edge() {
        let mut list = EdgeList::default();
        (0..1000).for_each(|_| list.push(&[]));
        let before = list.bytes.len();
        for variable in 0..1000 {
            let beside = edge(variable, EdgeKind::Colocation);
            list.push(&[edge(variable, EdgeKind::Data), edge(999, EdgeKind::Data), beside]);
        }
        let bytes = list.bytes.len() - before;
        assert!(bytes < 1000 * 6, "{bytes}");
    }
}
