//! Graphs by hand: fields, nodes, collections, as bytes.
#![allow(dead_code)]

use std::path::Path;

use tfckpt::coding::put_varint;
use tfckpt::graph::MetaFile;
use tfckpt::storage::{MemoryStorage, Storage};

/// A field that holds a number.
pub fn number(field: u64, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(&mut out, field << 3);
    put_varint(&mut out, value);
    out
}

/// A field that holds a string or a message.
pub fn bytes(field: u64, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let mut out = Vec::new();
    put_varint(&mut out, (field << 3) | 2);
    put_varint(&mut out, content.len() as u64);
    out.extend_from_slice(content);
    out
}

/// An entry of a map.
pub fn entry(field: u64, key: &str, value: impl AsRef<[u8]>) -> Vec<u8> {
    bytes(field, [bytes(1, key), bytes(2, value)].concat())
}

/// A node as its attributes are added to it.
pub struct Node(Vec<u8>);

pub fn node(name: &str, op: &str, inputs: &[&str]) -> Node {
    let mut body = [bytes(1, name), bytes(2, op)].concat();
    inputs.iter().for_each(|input| body.extend(bytes(3, input)));
    Node(body)
}

impl Node {
    pub fn attr(mut self, key: &str, value: Vec<u8>) -> Self {
        self.0.extend(entry(5, key, value));
        self
    }

    /// An attribute that is a string.
    pub fn text(self, key: &str, value: &str) -> Self {
        self.attr(key, bytes(2, value))
    }

    /// Where it wants to be.
    pub fn beside(self, other: &str) -> Self {
        self.attr("_class", bytes(1, bytes(2, format!("loc:@{other}"))))
    }

    pub fn raw(mut self, field: Vec<u8>) -> Self {
        self.0.extend(field);
        self
    }

    /// As a field of a graph.
    pub fn field(&self) -> Vec<u8> {
        bytes(1, &self.0)
    }
}

/// A constant of one number, as small as they come.
pub fn constant(name: &str, value: u64) -> Node {
    constant_of(name, &value.to_le_bytes())
}

/// A constant with this content.
pub fn constant_of(name: &str, content: &[u8]) -> Node {
    node(name, "Const", &[])
        .attr("dtype", number(6, 9))
        .attr("value", bytes(8, [number(1, 9), bytes(4, content)].concat()))
}

/// A variable that a session shares under `shared`.
pub fn variable(name: &str, shared: &str) -> Node {
    node(name, "VarHandleOp", &[]).text("shared_name", shared)
}

/// A variable of the older kind, itself by its own name.
pub fn ref_variable(name: &str) -> Node {
    node(name, "VariableV2", &[]).text("shared_name", "")
}

/// The nodes of a saver of one variable in `scope`, all numbered with `number`.
pub fn saver(scope: &str, number: &str, variable: &str) -> Vec<Node> {
    let at = |name: &str| format!("{scope}/{name}{number}");
    let (file, names) = (at("Const"), at("SaveV2/tensor_names"));
    let (slices, save, restore) = (at("SaveV2/shape_and_slices"), at("SaveV2"), at("RestoreV2"));
    let assign = at("Assign");
    vec![
        constant(&file, 1),
        constant(&names, 2),
        constant(&slices, 3),
        node(&save, "SaveV2", &[&file, &names, &slices, variable]),
        node(&at("control_dependency"), "Identity", &[&file, &format!("^{save}")]).beside(&file),
        node(&restore, "RestoreV2", &[&file, &names, &slices]),
        node(&assign, "Assign", &[variable, &restore]).beside(variable),
        node(&at("restore_all"), "NoOp", &[&format!("^{assign}")]),
    ]
}

/// `saver_def` for such a saver.
pub fn saver_def(scope: &str) -> Vec<u8> {
    let at = |field, name: &str| bytes(field, format!("{scope}/{name}"));
    bytes(3, [at(1, "Const:0"), at(2, "control_dependency:0"), at(3, "restore_all")].concat())
}

/// A list of nodes under a key.
pub fn node_list(key: &str, nodes: &[&str]) -> Vec<u8> {
    let list: Vec<u8> = nodes.iter().flat_map(|node| bytes(1, node)).collect();
    entry(4, key, bytes(1, list))
}

/// A list of messages under a key.
pub fn bytes_list(key: &str, values: &[Vec<u8>]) -> Vec<u8> {
    let list: Vec<u8> = values.iter().flat_map(|value| bytes(1, value)).collect();
    entry(4, key, bytes(2, list))
}

/// A signature that gives one tensor.
pub fn signature(key: &str, tensor: &str) -> Vec<u8> {
    entry(5, key, entry(2, "out", bytes(1, tensor)))
}

/// The graph of these nodes.
pub fn graph(nodes: &[Node]) -> Vec<u8> {
    let nodes: Vec<u8> = nodes.iter().flat_map(Node::field).collect();
    bytes(2, nodes)
}

/// The names of the nodes in a graph, in order.
pub fn names(storage: &MemoryStorage, path: &str) -> Vec<String> {
    let bytes = storage.bytes(path).unwrap();
    let mut names = Vec::new();
    for (field, body) in fields(&bytes) {
        if field == 2 {
            names.extend(fields(body).filter(|&(field, _)| field == 1).map(|(_, node)| {
                let (_, name) = fields(node).next().unwrap();
                String::from_utf8(name.to_vec()).unwrap()
            }));
        }
    }
    names
}

/// The fields of a message that hold strings and messages.
pub fn fields(mut bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        while !bytes.is_empty() {
            let tag = tfckpt::coding::take_varint(&mut bytes).unwrap();
            let value = tfckpt::coding::take_varint(&mut bytes).unwrap();
            if tag & 7 == 2 {
                let (content, rest) = bytes.split_at(value as usize);
                bytes = rest;
                return Some((tag >> 3, content));
            }
        }
        None
    })
}

/// A `.meta` file in memory.
pub fn stored(parts: &[Vec<u8>]) -> MemoryStorage {
    let storage = MemoryStorage::new();
    storage.put("/model.meta", parts.concat());
    storage
}

pub fn open(storage: &dyn Storage, path: &str) -> tfckpt::Result<MetaFile> {
    MetaFile::open_in(storage, Path::new(path))
}
