//! A graph for a checkpoint that has other tensors, or other names for them.

use super::graph::{Attribute, Node, NodeId, ObjectGraph};
use super::tree;

impl ObjectGraph {
    /// The graph for a checkpoint in which the tensors have other keys, or some
    /// are not there. `key` gives the new key of an attribute, or `None` to leave
    /// it out.
    ///
    /// Objects stay, with the references to them, because restoring goes by
    /// these; only those that had nothing but what was left out go too. Nodes
    /// are numbered anew then.
    pub fn rewritten(
        &self,
        mut key: impl FnMut(NodeId, &Attribute) -> Option<String>,
    ) -> ObjectGraph {
        let mut nodes = self.nodes().to_vec();
        for (id, node) in nodes.iter_mut().enumerate() {
            node.attributes.retain_mut(|attribute| {
                let new = key(id as NodeId, attribute);
                new.map(|new| attribute.key = new).is_some()
            });
        }
        let gone = self.gone(&nodes);
        let mut nodes = without(nodes, &gone);
        mark_values(&mut nodes);
        Self::sound(nodes)
    }

    /// The graph without what optimizers alone have in the checkpoint. The tensors
    /// to leave out with it are those that
    /// [`is_optimizer_state`](Self::is_optimizer_state) says.
    pub fn without_optimizer_state(&self) -> ObjectGraph {
        self.rewritten(|id, attribute| {
            let dropped = self.role(id).is_some_and(|role| role.is_of_optimizer());
            (!dropped).then(|| attribute.key.clone())
        })
    }

    /// Which nodes have lost all that they had. Those that a slot which stays is
    /// kept for stay as well.
    fn gone(&self, nodes: &[Node]) -> Vec<bool> {
        let lost = |(old, new): (&Node, &Node)| {
            old.has_values() && !new.has_values() && new.children.is_empty() && new.slots.is_empty()
        };
        let mut gone: Vec<bool> = self.nodes().iter().zip(nodes).map(lost).collect();
        gone[Self::ROOT as usize] = false;
        for slot in nodes.iter().flat_map(|node| &node.slots) {
            if !gone[slot.node as usize] {
                gone[slot.variable as usize] = false;
            }
        }
        gone
    }
}

/// The nodes that are not `gone`, without references to those that are.
fn without(nodes: Vec<Node>, gone: &[bool]) -> Vec<Node> {
    let mut next = 0;
    let numbers: Vec<Option<NodeId>> = gone
        .iter()
        .map(|&gone| {
            let number = (!gone).then_some(next);
            next += NodeId::from(!gone);
            number
        })
        .collect();
    let renumber = |id: &mut NodeId| {
        let number = numbers[*id as usize];
        number.map(|number| *id = number).is_some()
    };
    let mut kept: Vec<Node> =
        nodes.into_iter().zip(gone).filter(|&(_, gone)| !gone).map(|(node, _)| node).collect();
    for node in &mut kept {
        node.children.retain_mut(|child| renumber(&mut child.node));
        node.slots.retain_mut(|slot| renumber(&mut slot.node) && renumber(&mut slot.variable));
    }
    kept
}

/// Says of each node whether it, or what is reached from it, has something in the
/// checkpoint.
pub(super) fn mark_values(nodes: &mut [Node]) {
    let with_values =
        tree::with_ancestors(nodes, |node| node.has_values() || !node.slots.is_empty());
    for (node, with_values) in nodes.iter_mut().zip(with_values) {
        node.has_checkpoint_values = Some(with_values);
    }
}
