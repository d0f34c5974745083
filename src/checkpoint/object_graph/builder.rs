//! A graph being made, for a checkpoint that `tf.train.Checkpoint` restores.

use std::collections::HashSet;

use super::graph::{Attribute, Child, Node, NodeId, ObjectGraph, SlotVariable};
use super::names::{SAVE_COUNTER, VARIABLE_VALUE, attribute_key};
use super::rewrite::mark_values;
use crate::error::{Error, Result};

/// A graph being made.
///
/// Objects are added with the references between them, as the Python program
/// that is to restore the checkpoint has them; [`build`](Self::build) then makes
/// the keys, under which the tensors are to be written. Nodes keep the numbers
/// that they get. The graph is byte for byte TensorFlow's when nodes are added in
/// its order: breadth first from the root, slot variables last.
///
/// ```
/// use tfckpt::checkpoint::object_graph::ObjectGraphBuilder;
///
/// let mut builder = ObjectGraphBuilder::new();
/// let model = builder.add_object(ObjectGraphBuilder::ROOT, "model")?;
/// let kernel = builder.add_variable(model, "kernel", "dense/kernel")?;
/// builder.add_save_counter()?;
/// let graph = builder.build()?;
/// assert_eq!(graph.variable_key(kernel), Some("model/kernel/.ATTRIBUTES/VARIABLE_VALUE"));
/// # Ok::<(), tfckpt::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ObjectGraphBuilder {
    nodes: Vec<Node>,
}

impl Default for ObjectGraphBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl ObjectGraphBuilder {
    /// The number of the root.
    pub const ROOT: NodeId = ObjectGraph::ROOT;

    /// A graph of nothing but the root: the `tf.train.Checkpoint`, or the model
    /// whose `save_weights` is to be stood in for.
    pub fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    /// Adds an object that nothing refers to yet.
    ///
    /// # Errors
    /// `InvalidArgument` where there are [`ObjectGraph::MAX_NODES`] already.
    pub fn add_node(&mut self) -> Result<NodeId> {
        if self.nodes.len() >= ObjectGraph::MAX_NODES {
            return Err(Error::invalid("the object graph has as many nodes as it may have"));
        }
        self.nodes.push(Node::default());
        Ok((self.nodes.len() - 1) as NodeId)
    }

    /// Adds a reference of `parent` to `child` under a local name. An object may
    /// be referred to by any number of others, itself included.
    ///
    /// # Errors
    /// `InvalidArgument` where one of the two is not there.
    pub fn add_child(&mut self, parent: NodeId, name: &str, child: NodeId) -> Result<()> {
        self.node(child)?;
        let children = &mut self.node(parent)?.children;
        children.push(Child { name: name.into(), node: child });
        Ok(())
    }

    /// Adds an object, and a reference of `parent` to it.
    ///
    /// # Errors
    /// Those of [`add_node`](Self::add_node) and [`add_child`](Self::add_child).
    pub fn add_object(&mut self, parent: NodeId, name: &str) -> Result<NodeId> {
        self.node(parent)?;
        let node = self.add_node()?;
        self.add_child(parent, name, node)?;
        Ok(node)
    }

    /// Adds something of `node` that is in the checkpoint: for a variable
    /// [`VARIABLE_VALUE`], with the name that the variable has in the program,
    /// which name-based savers take. For other objects that is empty.
    ///
    /// # Errors
    /// `InvalidArgument` where the node is not there, or has an attribute of that
    /// name.
    pub fn add_attribute(&mut self, node: NodeId, name: &str, full_name: &str) -> Result<()> {
        let attributes = &mut self.node(node)?.attributes;
        if attributes.iter().any(|attribute| attribute.name == name) {
            return Err(Error::invalid(format!("node {node} has an attribute '{name}' already")));
        }
        // Keys come when all ways are known.
        let (name, full_name) = (name.into(), full_name.into());
        attributes.push(Attribute { name, full_name, key: String::new() });
        Ok(())
    }

    /// Adds a variable, and a reference of `parent` to it.
    ///
    /// # Errors
    /// Those of [`add_object`](Self::add_object).
    pub fn add_variable(&mut self, parent: NodeId, name: &str, full_name: &str) -> Result<NodeId> {
        let node = self.add_object(parent, name)?;
        self.add_attribute(node, VARIABLE_VALUE, full_name)?;
        Ok(node)
    }

    /// Adds the variable that `optimizer` keeps for `variable` in its slot `name`.
    ///
    /// # Errors
    /// `InvalidArgument` where one of the two is not there, or that slot was
    /// added before; those of [`add_node`](Self::add_node).
    pub fn add_slot(
        &mut self,
        optimizer: NodeId,
        variable: NodeId,
        name: &str,
        full_name: &str,
    ) -> Result<NodeId> {
        self.node(variable)?;
        self.node(optimizer)?;
        let node = self.add_node()?;
        self.add_attribute(node, VARIABLE_VALUE, full_name)?;
        self.node(optimizer)?.slots.push(SlotVariable { name: name.into(), variable, node });
        Ok(node)
    }

    /// Adds the variable in which `tf.train.Checkpoint` counts how often it was
    /// saved. It is a scalar `DT_INT64`, and `restore` looks for it.
    ///
    /// # Errors
    /// Those of [`add_variable`](Self::add_variable).
    pub fn add_save_counter(&mut self) -> Result<NodeId> {
        self.add_variable(Self::ROOT, SAVE_COUNTER, SAVE_COUNTER)
    }

    fn node(&mut self, id: NodeId) -> Result<&mut Node> {
        let count = self.nodes.len();
        self.nodes
            .get_mut(id as usize)
            .ok_or_else(|| Error::invalid(format!("there is no node {id}, but {count}")))
    }

    /// Makes the keys.
    ///
    /// # Errors
    /// `InvalidArgument` where an object has two children of the same name, where
    /// something that is to be in the checkpoint is not reached from the root, or
    /// where two attributes would have the same key.
    pub fn build(self) -> Result<ObjectGraph> {
        let mut nodes = self.nodes;
        for (id, node) in nodes.iter().enumerate() {
            check_children(node)
                .map_err(|name| Error::invalid(format!("node {id} has two children '{name}'")))?;
        }
        mark_values(&mut nodes);
        let keys = keys(&ObjectGraph::sound(nodes.clone()))?;
        let attributes = nodes.iter_mut().flat_map(|node| &mut node.attributes);
        attributes.zip(keys).for_each(|(attribute, key)| attribute.key = key);
        Ok(ObjectGraph::sound(nodes))
    }
}

/// The name that two children have is the error.
fn check_children(node: &Node) -> std::result::Result<(), &str> {
    let mut names = HashSet::new();
    match node.children.iter().find(|child| !names.insert(child.name.as_str())) {
        Some(child) => Err(&child.name),
        None => Ok(()),
    }
}

/// The keys of all attributes, in their order.
fn keys(graph: &ObjectGraph) -> Result<Vec<String>> {
    let mut taken = HashSet::new();
    let mut keys = Vec::new();
    for (id, node) in graph.iter().filter(|(_, node)| !node.attributes.is_empty()) {
        let path = graph.path(id).ok_or_else(|| {
            Error::invalid(format!("node {id} has values, but nothing leads to it from the root"))
        })?;
        for attribute in &node.attributes {
            let key = attribute_key(&path, &attribute.name);
            if !taken.insert(key.clone()) {
                return Err(
                    Error::invalid("two attributes have this key").for_tensor(key.as_bytes())
                );
            }
            keys.push(key);
        }
    }
    Ok(keys)
}
