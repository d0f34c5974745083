//! From the bytes of `_CHECKPOINTABLE_OBJECT_GRAPH` to a graph.

use prost::Message;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use super::graph::{Attribute, Child, Node, NodeId, ObjectGraph, RegisteredSaver, SlotVariable};
use super::names::OBJECT_GRAPH_KEY;
use crate::bundle::ReadOptions;
use crate::checkpoint::{Reader, Tensor};
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::proto::trackable_object_graph::TrackableObject;
use crate::proto::trackable_object_graph::trackable_object::{
    ObjectReference, SerializedTensor, SlotVariableReference,
};
use crate::tensor::DType;

/// The number of the field that holds the nodes.
const NODES: u32 = 1;

impl ObjectGraph {
    /// The largest graph that [`read`](Self::read) reads, in bytes. A node takes
    /// some 150.
    pub const MAX_BYTES: u64 = 64 << 20;

    /// The most nodes that a graph may have. An empty one takes two bytes in a
    /// file, and many times that in memory.
    pub const MAX_NODES: usize = 1 << 22;

    /// Reads the object graph of a checkpoint. `None` where it has none, because
    /// a name-based saver wrote it.
    ///
    /// # Errors
    /// `DataLoss` where the tensor or the graph in it is damaged;
    /// `ResourceLimit` where it is larger than [`MAX_BYTES`](Self::MAX_BYTES) or
    /// [`MAX_NODES`](Self::MAX_NODES); [`parse`](Self::parse) has no limit of
    /// bytes. Otherwise those of [`Reader::read_strings`].
    pub fn read(reader: &Reader) -> Result<Option<Self>> {
        let Some(tensor) = reader.find(OBJECT_GRAPH_KEY)? else { return Ok(None) };
        let file = tensor.stored.and_then(|place| reader.shard_path(place.shard));
        let read = || {
            check_tensor(&tensor).for_tensor(&tensor.name)?;
            let strings = reader.read_strings(OBJECT_GRAPH_KEY, &ReadOptions::default())?;
            // Of V1 it is known only now.
            check_size(strings.data().len() as u64).for_tensor(&tensor.name)?;
            Self::parse(strings.data())
        };
        let graph = match file {
            Some(file) => read().in_file(&file),
            None => read(),
        };
        graph.map(Some)
    }

    /// Parses a serialized `TrackableObjectGraph`.
    ///
    /// # Errors
    /// `DataLoss` where the bytes are no such message, a name in them is not
    /// UTF-8, there is no root, or a node refers to one that there is not;
    /// `ResourceLimit` above [`MAX_NODES`](Self::MAX_NODES). All name the tensor
    /// [`OBJECT_GRAPH_KEY`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        parse_nodes(bytes).and_then(Self::new).for_tensor(OBJECT_GRAPH_KEY.as_bytes())
    }
}

fn check_tensor(tensor: &Tensor) -> Result<()> {
    if tensor.dtype != DType::STRING || tensor.shape.rank() != 0 || tensor.is_partitioned() {
        return Err(Error::data_loss(format!(
            "an object graph is one string, this is {} of shape {}",
            tensor.dtype, tensor.shape
        )));
    }
    tensor.stored.map_or(Ok(()), |place| check_size(place.size))
}

fn check_size(bytes: u64) -> Result<()> {
    if bytes <= ObjectGraph::MAX_BYTES {
        return Ok(());
    }
    let message =
        format!("the object graph has {bytes} bytes, the limit is {}", ObjectGraph::MAX_BYTES);
    Err(Error::new(ErrorKind::ResourceLimit, message))
}

/// One node at a time, so that the messages are never there all at once.
fn parse_nodes(mut bytes: &[u8]) -> Result<Vec<Node>> {
    let mut nodes = Vec::new();
    while !bytes.is_empty() {
        let (field, wire_type) = decode_key(&mut bytes).map_err(damaged)?;
        if (field, wire_type) != (NODES, WireType::LengthDelimited) {
            skip_field(wire_type, field, &mut bytes, DecodeContext::default()).map_err(damaged)?;
            continue;
        }
        if nodes.len() == ObjectGraph::MAX_NODES {
            return Err(Error::new(
                ErrorKind::ResourceLimit,
                format!("the object graph has more than {} nodes", ObjectGraph::MAX_NODES),
            ));
        }
        let message = TrackableObject::decode(take_message(&mut bytes)?).map_err(damaged)?;
        nodes.push(Node::from_message(message)?);
    }
    Ok(nodes)
}

fn take_message<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8]> {
    let length = decode_varint(bytes).map_err(damaged)?;
    let (message, rest) = usize::try_from(length)
        .ok()
        .and_then(|length| bytes.split_at_checked(length))
        .ok_or_else(|| Error::data_loss("the object graph ends within a node"))?;
    *bytes = rest;
    Ok(message)
}

fn damaged(error: prost::DecodeError) -> Error {
    Error::data_loss(format!("not a TrackableObjectGraph: {error}"))
}

impl Node {
    fn from_message(message: TrackableObject) -> Result<Self> {
        Ok(Self {
            children: message.children.into_iter().map(child).collect::<Result<_>>()?,
            attributes: message.attributes.into_iter().map(attribute).collect(),
            slots: message.slot_variables.into_iter().map(slot).collect::<Result<_>>()?,
            registered_saver: message
                .registered_saver
                .map(|saver| RegisteredSaver { name: saver.name, object_name: saver.object_name }),
            has_checkpoint_values: message.has_checkpoint_values,
        })
    }
}

fn child(message: ObjectReference) -> Result<Child> {
    Ok(Child { name: message.local_name, node: node_id(message.node_id)? })
}

fn attribute(message: SerializedTensor) -> Attribute {
    Attribute { name: message.name, full_name: message.full_name, key: message.checkpoint_key }
}

fn slot(message: SlotVariableReference) -> Result<SlotVariable> {
    Ok(SlotVariable {
        name: message.slot_name,
        variable: node_id(message.original_variable_node_id)?,
        node: node_id(message.slot_variable_node_id)?,
    })
}

fn node_id(number: i32) -> Result<NodeId> {
    NodeId::try_from(number)
        .map_err(|_| Error::data_loss(format!("{number} is not the number of a node")))
}
