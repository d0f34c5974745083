//! What nodes and functions say, as hashes that don't depend on the order in which
//! maps happen to be written: from one save to the next that order changes.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};

use super::collection;
use super::functions;
use super::input::{CHUNK, Input, each_bytes, each_field};
use super::label;
use super::meta::{self, MetaGraph};
use super::names::{self, Port, shown};
use super::node::Node;
use super::wire::{self, Body, Span};
use crate::error::Result;

/// Everything that a node says but its name.
pub(super) fn of_node(input: &mut Input, node: &Node, keys: &RandomState) -> Result<u64> {
    let mut hasher = keys.build_hasher();
    (&node.op, &node.device).hash(&mut hasher);
    let mut waits_for = 0u64;
    for text in node.inputs() {
        match names::input(text).port {
            Port::Output(_) => text.hash(&mut hasher),
            _ => waits_for = waits_for.wrapping_add(keys.hash_one(text)),
        }
    }
    hasher.write_u64(waits_for);
    hasher.write_u64(label::attributes(input, node, keys, &[])?);
    Ok(hasher.finish())
}

/// Messages whose maps change their order nest less deep than this.
const MAX_DEPTH: usize = 8;

/// The parts of a graph that are told by what they say as a whole.
#[derive(Default)]
pub(super) struct Parts {
    /// The values of each collection.
    pub collections: BTreeMap<String, u64>,
    pub assets: u64,
    pub object_graph: u64,
}

impl Parts {
    pub(super) fn read(graph: &MetaGraph, input: &mut Input, keys: &RandomState) -> Result<Self> {
        let mut parts = Self::default();
        graph.each_part(input, |input, field, body| {
            match field.number {
                meta::COLLECTION => {
                    let values = of_collection(input, body, keys)?;
                    parts.collections.insert(shown(&collection::key(input, body)?), values);
                }
                meta::ASSET => {
                    parts.assets = keys.hash_one((parts.assets, loosely(input, body, keys)?))
                }
                // One object at a time: the whole can be large.
                meta::OBJECT_GRAPH => each_field(input, body, |input, field| {
                    let object = loosely(input, field.whole, keys)?;
                    parts.object_graph = parts.object_graph.wrapping_add(object);
                    Ok(())
                })?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(parts)
    }
}

/// All values of a collection, in their order.
fn of_collection(input: &mut Input, entry: Span, keys: &RandomState) -> Result<u64> {
    let mut all = 0u64;
    each_bytes(input, entry, collection::DEF, |input, def| {
        each_field(input, def, |input, list| {
            let Some(body) = list.bytes() else { return Ok(()) };
            each_field(input, body, |input, value| {
                all = keys.hash_one((all, loosely(input, value.whole, keys)?));
                Ok(())
            })
        })
    })?;
    Ok(all)
}

/// What a message says, whatever the order of its fields: that of maps means nothing.
/// One that is very large has to be in the same order.
fn loosely(input: &mut Input, span: Span, keys: &RandomState) -> Result<u64> {
    if span.len() > CHUNK as u64 {
        return input.hash(span, keys);
    }
    Ok(loosely_within(MAX_DEPTH, input.view(span)?, keys))
}

fn loosely_within(depth: usize, bytes: &[u8], keys: &RandomState) -> u64 {
    let fields = (depth > 0).then(|| sum_of_fields(depth, bytes, keys)).flatten();
    fields.unwrap_or_else(|| keys.hash_one(bytes))
}

/// `None` where `bytes` are no message.
fn sum_of_fields(depth: usize, mut bytes: &[u8], keys: &RandomState) -> Option<u64> {
    let mut sum = 0u64;
    while !bytes.is_empty() {
        let head = wire::head(bytes).ok()?;
        let len = match head.body {
            Body::Varint(_) => 0,
            Body::Fixed(len) | Body::Bytes(len) => usize::try_from(len).ok()?,
            Body::GroupStart | Body::GroupEnd => return None,
        };
        let (start, rest) = bytes.split_at_checked(head.len)?;
        let (content, rest) = rest.split_at_checked(len)?;
        bytes = rest;
        let content = match head.body {
            Body::Bytes(_) => loosely_within(depth - 1, content, keys),
            _ => keys.hash_one((start, content)),
        };
        sum = sum.wrapping_add(keys.hash_one((head.number, content)));
    }
    Some(sum)
}

/// A function of the library.
pub(super) struct Function {
    pub content: u64,
    pub bytes: u64,
}

/// The functions of the library by name.
pub(super) fn functions(
    graph: &MetaGraph,
    input: &mut Input,
    keys: &RandomState,
) -> Result<BTreeMap<String, Function>> {
    let mut all = BTreeMap::new();
    each_bytes(input, graph.span, meta::GRAPH, |input, graph| {
        each_bytes(input, graph, meta::LIBRARY, |input, library| {
            each_bytes(input, library, functions::FUNCTION, |input, body| {
                let name = functions::name(input, body)?;
                let content = of_function(input, body, keys)?;
                all.insert(shown(&name), Function { content, bytes: body.len() });
                Ok(())
            })
        })
    })?;
    Ok(all)
}

fn of_function(input: &mut Input, function: Span, keys: &RandomState) -> Result<u64> {
    let mut node = Node::default();
    let mut sum = 0u64;
    each_field(input, function, |input, field| {
        let Some(body) = field.bytes() else { return Ok(()) };
        let mut hasher = keys.build_hasher();
        hasher.write_u32(field.number);
        if field.number == functions::NODE {
            node.read(input, field.whole, body)?;
            node.name.hash(&mut hasher);
            hasher.write_u64(of_node(input, &node, keys)?);
        } else {
            input.stream(body, |bytes| {
                hasher.write(bytes);
                Ok(())
            })?;
        }
        sum = sum.wrapping_add(hasher.finish());
        Ok(())
    })?;
    Ok(sum)
}
