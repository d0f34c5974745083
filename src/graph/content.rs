//! What nodes and functions say, as hashes that don't depend on the order in which
//! maps happen to be written: from one save to the next that order changes.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};

use super::functions;
use super::input::{Input, each_bytes, each_field};
use super::label;
use super::meta::{self, MetaGraph};
use super::names::{self, Port, shown};
use super::node::Node;
use super::wire::Span;
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
