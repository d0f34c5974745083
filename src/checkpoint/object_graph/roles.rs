//! What each node is in the checkpoint.

use super::graph::{Node, NodeId, ObjectGraph};
use super::names::SAVE_COUNTER;
use super::optimizers;

/// What a node is in the checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// An object with nothing of its own in the checkpoint: a model, a list.
    Object,
    /// A variable that is none of the following.
    Variable,
    /// A variable that an optimizer keeps for another variable, of TensorFlow's
    /// own optimizers and those of Keras up to 2.10.
    Slot,
    /// Any other variable that is an optimizer's alone: what a Keras optimizer
    /// keeps for the variables, its counter, its learning rate.
    OptimizerState,
    /// The root's `save_counter`.
    SaveCounter,
    /// Something that is no variable: an iterator, a table, Python state.
    Other,
}

/// The role of each node. Every reference in `nodes` must be sound.
pub(super) fn assign(nodes: &[Node]) -> Vec<Role> {
    let mut roles: Vec<Role> = nodes.iter().map(Node::plain_role).collect();
    for id in optimizers::state(nodes) {
        replace(&mut roles, id, Role::OptimizerState);
    }
    for slot in nodes.iter().flat_map(|node| &node.slots) {
        replace(&mut roles, slot.node, Role::Slot);
    }
    if let Some(counter) = nodes.first().and_then(|root| root.child(SAVE_COUNTER)) {
        replace(&mut roles, counter, Role::SaveCounter);
    }
    roles
}

/// Only variables are anything else than they seem.
fn replace(roles: &mut [Role], id: NodeId, role: Role) {
    if let Some(old @ (Role::Variable | Role::OptimizerState)) = roles.get_mut(id as usize) {
        *old = role;
    }
}

impl Node {
    fn plain_role(&self) -> Role {
        match self.variable() {
            Some(_) => Role::Variable,
            None if self.has_values() => Role::Other,
            None => Role::Object,
        }
    }
}

impl ObjectGraph {
    /// What the node `id` is in the checkpoint, or `None` where there is no such
    /// node.
    ///
    /// A graph has no types. What belongs to an optimizer is known by its slots,
    /// or by the names that optimizers of Keras give to what they keep; what an
    /// object that is no optimizer refers to as well is a variable all the same.
    pub fn role(&self, id: NodeId) -> Option<Role> {
        self.roles.get(id as usize).copied()
    }

    /// Whether the tensor `name` is of an optimizer alone: a slot, or other state.
    /// The variables that it optimizes are not.
    pub fn is_optimizer_state(&self, name: impl AsRef<[u8]>) -> bool {
        let role = self.owner(name).and_then(|owner| self.role(owner.node));
        role.is_some_and(Role::is_of_optimizer)
    }
}

impl Role {
    /// Whether it is of an optimizer alone.
    pub fn is_of_optimizer(self) -> bool {
        matches!(self, Self::Slot | Self::OptimizerState)
    }
}
