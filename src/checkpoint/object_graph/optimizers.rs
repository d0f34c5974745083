//! Which variables are an optimizer's alone, slots aside.
//!
//! A graph says nothing of types, and optimizers refer to the variables that they
//! optimize too: in Keras 3 these even have their keys from the optimizer,
//! because that way is shorter than the one through the model. So what is not
//! certain counts as the model's.
//!
//! ```text
//! TensorFlow, Keras to 2.10   slots; iter, decay, learning_rate, beta1_power, …
//! loss scaling of Keras 2     current_loss_scale, good_steps
//! Keras from 2.11             _iterations, _learning_rate; _variables: a list of all it keeps
//! Keras 3                     the same; _trainable_variables: a list of what it optimizes
//! ```

use std::collections::HashSet;

use super::graph::{Node, NodeId, ObjectGraph};

/// The variables that optimizers alone refer to, by number.
pub(super) fn state(nodes: &[Node]) -> HashSet<NodeId> {
    let mut found = Found::default();
    for (id, node) in nodes.iter().enumerate() {
        if is_keras(node) {
            found.add_keras(nodes, id as NodeId);
        } else if id as NodeId != ObjectGraph::ROOT && is_classic(nodes, node) {
            found.add_classic(nodes, id as NodeId);
        } else if is_loss_scale(nodes, node) {
            found.add_parts(id as NodeId, node);
            found.state.extend(children(node));
        }
    }
    found.remove_shared(nodes);
    found.state
}

/// What is known of the optimizers of a graph.
#[derive(Default)]
struct Found {
    state: HashSet<NodeId>,
    /// The optimizers themselves, and the lists that they keep.
    parts: HashSet<NodeId>,
    /// What they optimize.
    optimized: HashSet<NodeId>,
}

impl Found {
    fn add_keras(&mut self, nodes: &[Node], id: NodeId) {
        let node = &nodes[id as usize];
        self.add_parts(id, node);
        if let Some(list) = node.child("_variables") {
            self.state.extend(children(&nodes[list as usize]));
        }
        self.state.extend(["_iterations", "_learning_rate"].iter().filter_map(|it| node.child(it)));
        if let Some(list) = node.child("_trainable_variables") {
            self.optimized.extend(children(&nodes[list as usize]));
        }
    }

    fn add_classic(&mut self, nodes: &[Node], id: NodeId) {
        let node = &nodes[id as usize];
        self.add_parts(id, node);
        self.state.extend(children(node).filter(|&child| is_leaf_variable(nodes, child)));
        self.optimized.extend(node.slots.iter().map(|slot| slot.variable));
    }

    fn add_parts(&mut self, id: NodeId, node: &Node) {
        self.parts.insert(id);
        self.parts.extend(children(node));
    }

    /// Takes out what is optimized, and what others refer to as well.
    fn remove_shared(&mut self, nodes: &[Node]) {
        self.state.retain(|id| !self.optimized.contains(id));
        for (id, node) in nodes.iter().enumerate() {
            if !self.parts.contains(&(id as NodeId)) {
                children(node).for_each(|child| {
                    self.state.remove(&child);
                });
            }
        }
    }
}

fn children(node: &Node) -> impl Iterator<Item = NodeId> {
    node.children.iter().map(|child| child.node)
}

/// An optimizer of Keras from 2.11 on.
fn is_keras(node: &Node) -> bool {
    node.child("_iterations").is_some() && node.child("_variables").is_some()
}

/// An optimizer with slots, or one of Keras up to 2.10 that needs none. As a root
/// it is not taken for one: what else the root has was put there by the user.
fn is_classic(nodes: &[Node], node: &Node) -> bool {
    let named = ["iter", "decay", "learning_rate"];
    let plain = || {
        named.iter().all(|name| node.child(name).is_some())
            && children(node).all(|child| is_leaf_variable(nodes, child))
    };
    !node.slots.is_empty() || plain()
}

/// What an optimizer of Keras 2 that scales the loss keeps beside another optimizer.
fn is_loss_scale(nodes: &[Node], node: &Node) -> bool {
    let named = ["current_loss_scale", "good_steps"];
    node.children.len() == named.len()
        && named.iter().all(|name| node.child(name).is_some_and(|id| is_leaf_variable(nodes, id)))
}

fn is_leaf_variable(nodes: &[Node], id: NodeId) -> bool {
    let node = &nodes[id as usize];
    node.children.is_empty() && node.slots.is_empty() && node.variable().is_some()
}
