//! The graph as one JSON document, written node by node.

use serde::Serialize;
use tfckpt::checkpoint::object_graph::{Node, NodeId, ObjectGraph};
use tfckpt::{Error, Result};

use super::role_name;
use crate::console::Console;
use crate::problem::Problem;

#[derive(Serialize)]
struct JsonNode<'g> {
    path: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_paths: Vec<String>,
    role: &'static str,
    children: Vec<JsonChild<'g>>,
    attributes: Vec<JsonAttribute<'g>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    slots: Vec<JsonSlot<'g>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registered_saver: Option<JsonSaver<'g>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_checkpoint_values: Option<bool>,
}

#[derive(Serialize)]
struct JsonChild<'g> {
    name: &'g str,
    node: NodeId,
}

#[derive(Serialize)]
struct JsonAttribute<'g> {
    name: &'g str,
    full_name: &'g str,
    key: &'g str,
}

#[derive(Serialize)]
struct JsonSlot<'g> {
    name: &'g str,
    variable: NodeId,
    node: NodeId,
}

#[derive(Serialize)]
struct JsonSaver<'g> {
    name: &'g str,
    object_name: &'g str,
}

impl<'g> JsonNode<'g> {
    fn new(graph: &ObjectGraph, id: NodeId, node: &'g Node) -> Self {
        let mut paths = graph.paths(id).into_iter();
        let children = node.children.iter();
        let attributes = node.attributes.iter();
        let slots = node.slots.iter();
        let saver = node.registered_saver.as_ref();
        Self {
            path: paths.next(),
            other_paths: paths.collect(),
            role: graph.role(id).map_or("other", role_name),
            children: children.map(|one| JsonChild { name: &one.name, node: one.node }).collect(),
            attributes: attributes
                .map(|one| JsonAttribute {
                    name: &one.name,
                    full_name: &one.full_name,
                    key: &one.key,
                })
                .collect(),
            slots: slots
                .map(|one| JsonSlot { name: &one.name, variable: one.variable, node: one.node })
                .collect(),
            registered_saver: saver
                .map(|one| JsonSaver { name: &one.name, object_name: &one.object_name }),
            has_checkpoint_values: node.has_checkpoint_values,
        }
    }
}

pub fn print(graph: &ObjectGraph, problems: &[Error], console: &mut Console) -> Result<()> {
    console.write(b"{\"nodes\":[")?;
    for (id, node) in graph.iter() {
        console.write(if id == ObjectGraph::ROOT { b"\n" } else { b",\n" })?;
        console.json(&JsonNode::new(graph, id, node))?;
    }
    console.write(b"\n]")?;
    if !problems.is_empty() {
        console.write(b",\"problems\":")?;
        console.json(&Problem::list(problems))?;
    }
    console.line("}")
}
