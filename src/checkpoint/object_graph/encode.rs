//! From a graph to the bytes of `_CHECKPOINTABLE_OBJECT_GRAPH`.

use prost::Message;

use super::graph::{Attribute, Child, Node, ObjectGraph, SlotVariable};
use super::names::OBJECT_GRAPH_KEY;
use crate::bundle::Writer;
use crate::error::Result;
use crate::proto::trackable_object_graph::TrackableObject;
use crate::proto::trackable_object_graph::trackable_object::{
    ObjectReference, SerializedTensor, SlotVariableReference,
};
use crate::proto::{RegisteredSaver, TrackableObjectGraph};
use crate::tensor::{Shape, Strings};

impl ObjectGraph {
    /// The graph as a serialized `TrackableObjectGraph`. What TensorFlow wrote
    /// comes out byte for byte as it was.
    pub fn to_bytes(&self) -> Vec<u8> {
        let nodes = self.nodes().iter().map(Node::to_message).collect();
        TrackableObjectGraph { nodes }.encode_to_vec()
    }

    /// Adds the graph to a checkpoint that is being written. Its tensors are added
    /// by their keys, each one: TensorFlow looks for all that the graph names.
    ///
    /// # Errors
    /// Those of [`Writer::add_strings`].
    pub fn write_to(&self, writer: &mut Writer) -> Result<()> {
        let strings = Strings::from_iter([self.to_bytes()]);
        writer.add_strings(OBJECT_GRAPH_KEY, &Shape::default(), &strings)
    }
}

// The numbers of nodes fit: `ObjectGraph::new` lets no others pass.
impl Node {
    fn to_message(&self) -> TrackableObject {
        TrackableObject {
            children: self.children.iter().map(child).collect(),
            attributes: self.attributes.iter().map(attribute).collect(),
            slot_variables: self.slots.iter().map(slot).collect(),
            registered_saver: self.registered_saver.as_ref().map(|saver| RegisteredSaver {
                name: saver.name.clone(),
                object_name: saver.object_name.clone(),
            }),
            has_checkpoint_values: self.has_checkpoint_values,
        }
    }
}

fn child(child: &Child) -> ObjectReference {
    ObjectReference { node_id: child.node as i32, local_name: child.name.clone() }
}

fn attribute(attribute: &Attribute) -> SerializedTensor {
    SerializedTensor {
        name: attribute.name.clone(),
        full_name: attribute.full_name.clone(),
        checkpoint_key: attribute.key.clone(),
    }
}

fn slot(slot: &SlotVariable) -> SlotVariableReference {
    SlotVariableReference {
        original_variable_node_id: slot.variable as i32,
        slot_name: slot.name.clone(),
        slot_variable_node_id: slot.node as i32,
    }
}
