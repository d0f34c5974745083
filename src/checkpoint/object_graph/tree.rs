//! The shortest way from the root to each node, as TensorFlow finds it when it
//! makes keys.

use std::collections::{HashMap, VecDeque};

use super::graph::{Child, Node, NodeId, ObjectGraph};

/// The last step of the shortest way to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// There is no way.
    Unreached,
    /// It is the root.
    Root,
    /// It is this child of that node.
    Child { parent: NodeId, index: usize },
    /// No reference leads to it, but it is this slot variable of that optimizer.
    Slot { optimizer: NodeId, index: usize },
}

impl Origin {
    /// Whether references lead to it.
    pub(super) fn is_referred_to(self) -> bool {
        matches!(self, Self::Root | Self::Child { .. })
    }
}

/// The origin of each node. Every reference in `nodes` must be sound.
pub(super) fn trace(nodes: &[Node]) -> Vec<Origin> {
    let mut origins = vec![Origin::Unreached; nodes.len()];
    trace_children(nodes, &mut origins);
    trace_slots(nodes, &mut origins);
    origins
}

/// Breadth first, children in their order.
fn trace_children(nodes: &[Node], origins: &mut [Origin]) {
    origins[ObjectGraph::ROOT as usize] = Origin::Root;
    let mut queue = VecDeque::from([ObjectGraph::ROOT]);
    while let Some(parent) = queue.pop_front() {
        for (index, node) in walked(&nodes[parent as usize].children) {
            let origin = &mut origins[node as usize];
            if *origin == Origin::Unreached {
                *origin = Origin::Child { parent, index };
                queue.push_back(node);
            }
        }
    }
}

/// The children that count, each with its place: of several with the same name
/// the last, but in the place of the first. So a Python `dict` has them.
pub(super) fn walked(children: &[Child]) -> impl Iterator<Item = (usize, NodeId)> {
    let last: HashMap<&str, NodeId> =
        children.iter().map(|child| (child.name.as_str(), child.node)).collect();
    children.iter().enumerate().map(move |(index, child)| (index, last[child.name.as_str()]))
}

/// By which references each node is known: the nodes that have them, and their
/// places there.
pub(super) fn referrers(nodes: &[Node]) -> Vec<Vec<(NodeId, usize)>> {
    let mut found = vec![Vec::new(); nodes.len()];
    for (parent, node) in nodes.iter().enumerate() {
        for (index, child) in walked(&node.children) {
            found[child as usize].push((parent as NodeId, index));
        }
    }
    found
}

/// Slots of slot variables, which TensorFlow does not write, get no origin: so no
/// way has more than one slot in it.
fn trace_slots(nodes: &[Node], origins: &mut [Origin]) {
    for (optimizer, node) in nodes.iter().enumerate() {
        if !origins[optimizer].is_referred_to() {
            continue;
        }
        for (index, slot) in node.slots.iter().enumerate() {
            let named = origins[slot.variable as usize].is_referred_to();
            let origin = &mut origins[slot.node as usize];
            if named && *origin == Origin::Unreached {
                *origin = Origin::Slot { optimizer: optimizer as NodeId, index };
            }
        }
    }
}

/// Which nodes, or what they refer to, be it through others, are `wanted`.
pub(super) fn with_ancestors(nodes: &[Node], wanted: impl Fn(&Node) -> bool) -> Vec<bool> {
    let mut parents = vec![Vec::new(); nodes.len()];
    for (parent, node) in nodes.iter().enumerate() {
        node.children.iter().for_each(|child| parents[child.node as usize].push(parent));
    }
    let mut marked: Vec<bool> = nodes.iter().map(wanted).collect();
    let mut open: Vec<usize> = (0..nodes.len()).filter(|&node| marked[node]).collect();
    while let Some(node) = open.pop() {
        for &parent in &parents[node] {
            if !std::mem::replace(&mut marked[parent], true) {
                open.push(parent);
            }
        }
    }
    marked
}
