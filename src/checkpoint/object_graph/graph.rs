//! The graph itself: nodes, and what each of them has.

use std::sync::OnceLock;

use super::lookup::Place;
use super::names::VARIABLE_VALUE;
use super::roles::Role;
use super::tree::Origin;
use super::{lookup, roles, tree};
use crate::error::{Error, Result};

/// The number of a node, counted from 0, which is the root.
pub type NodeId = u32;

/// A Python object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// The objects that it refers to, in the order in which they were tracked.
    pub children: Vec<Child>,
    /// What of it is in the checkpoint.
    pub attributes: Vec<Attribute>,
    /// The slot variables that it keeps for other variables; of optimizers alone.
    pub slots: Vec<SlotVariable>,
    /// The function that saved it, where that is not TensorFlow's own.
    pub registered_saver: Option<RegisteredSaver>,
    /// Whether it, or an object that is reached from it, has something in the
    /// checkpoint. `None` where the checkpoint is too old to say.
    pub has_checkpoint_values: Option<bool>,
}

/// A reference of one object to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// The local name: mostly that of a Python attribute, or a number in a list.
    /// Of several children with the same name the last counts.
    pub name: String,
    /// What it refers to.
    pub node: NodeId,
}

/// A part of an object that is in the checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribute {
    /// Its name within the object; [`VARIABLE_VALUE`] for a variable.
    pub name: String,
    /// What a name-based saver would call the variable; empty for other objects.
    /// Several variables may have the same.
    pub full_name: String,
    /// The name of its tensor. Iterators and tables have tensors whose names only
    /// begin with it; see [`ObjectGraph::tensors_of`].
    pub key: String,
}

/// A variable that an optimizer keeps for another variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotVariable {
    /// Which of the optimizer's slots it is: `m`, `momentum`.
    pub name: String,
    /// The variable that it is kept for.
    pub variable: NodeId,
    /// The slot variable.
    pub node: NodeId,
}

/// The function that saved an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredSaver {
    /// The name under which it was registered.
    pub name: String,
    /// The name that it knows the object by.
    pub object_name: String,
}

/// The objects of an object-based checkpoint. It never changes, and any number of
/// threads may use it at once.
///
/// References may form cycles, and there may be nodes that are reached by none.
#[derive(Clone, Debug)]
pub struct ObjectGraph {
    nodes: Vec<Node>,
    pub(super) origins: Vec<Origin>,
    pub(super) roles: Vec<Role>,
    /// All attributes by key.
    pub(super) by_key: Vec<Place>,
    /// Those with a full name, by that.
    pub(super) by_full_name: Vec<Place>,
    pub(super) referrers: OnceLock<Vec<Vec<(NodeId, usize)>>>,
}

impl ObjectGraph {
    /// The number of the root.
    pub const ROOT: NodeId = 0;

    /// The graph of these nodes.
    ///
    /// # Errors
    /// `DataLoss` where there is no root, or a node refers to one that there is not.
    pub(super) fn new(nodes: Vec<Node>) -> Result<Self> {
        if nodes.is_empty() {
            return Err(Error::data_loss("the object graph has no nodes"));
        }
        check_references(&nodes)?;
        Ok(Self::sound(nodes))
    }

    /// The graph of nodes that are known to refer to one another alone.
    pub(super) fn sound(nodes: Vec<Node>) -> Self {
        Self {
            origins: tree::trace(&nodes),
            roles: roles::assign(&nodes),
            by_key: lookup::by_key(&nodes),
            by_full_name: lookup::by_full_name(&nodes),
            referrers: OnceLock::new(),
            nodes,
        }
    }

    /// The nodes in order of their numbers; the first is the root.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node of this number, or `None` where there is none.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    /// The nodes with their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (NodeId, &Node)> {
        // `check_references` has seen to it that the numbers fit.
        self.nodes.iter().enumerate().map(|(id, node)| (id as NodeId, node))
    }

    /// All attributes with the nodes that they are of, by node.
    pub fn attributes(&self) -> impl Iterator<Item = (NodeId, &Attribute)> {
        self.iter().flat_map(|(id, node)| node.attributes.iter().map(move |one| (id, one)))
    }

    /// The key of the variable `id`, or `None` where that is no variable.
    pub fn variable_key(&self, id: NodeId) -> Option<&str> {
        self.node(id)?.variable().map(|attribute| attribute.key.as_str())
    }
}

impl Node {
    /// The child with this local name.
    pub fn child(&self, name: &str) -> Option<NodeId> {
        self.children.iter().rfind(|child| child.name == name).map(|child| child.node)
    }

    /// The attribute that makes it a variable.
    pub(super) fn variable(&self) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == VARIABLE_VALUE)
    }

    /// Whether something of itself is in the checkpoint.
    pub(super) fn has_values(&self) -> bool {
        !self.attributes.is_empty() || self.registered_saver.is_some()
    }

    /// The numbers of all nodes that it names.
    fn references(&self) -> impl Iterator<Item = NodeId> {
        let slots = self.slots.iter().flat_map(|slot| [slot.variable, slot.node]);
        self.children.iter().map(|child| child.node).chain(slots)
    }
}

fn check_references(nodes: &[Node]) -> Result<()> {
    if i32::try_from(nodes.len()).is_err() {
        return Err(Error::data_loss(format!("{} nodes are more than have numbers", nodes.len())));
    }
    for (id, node) in nodes.iter().enumerate() {
        if let Some(other) = node.references().find(|&other| other as usize >= nodes.len()) {
            return Err(Error::data_loss(format!(
                "node {id} refers to node {other}, there are {}",
                nodes.len()
            )));
        }
    }
    Ok(())
}
