//! Large constants that are in a graph more than once.
//!
//! The first stays as it is. Each other becomes an `Identity` of the first, under
//! its own name: whoever uses it, in the graph or by name, finds the same value.
//! Only constants without inputs and on the same device are taken for the same; an
//! input, even one that is only waited for, may put a constant into a loop.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;

use super::input::{CHUNK, Input};
use super::meta::MetaGraph;
use super::node::Node;
use super::node_set::{NodeSet, Ordinal};
use super::wire::{self, Span};
use crate::error::Result;

/// The constants to replace, and the name of what stands in for each.
#[derive(Default)]
pub(super) struct Duplicates {
    of: HashMap<Ordinal, Vec<u8>>,
}

struct First {
    name: Vec<u8>,
    device: Vec<u8>,
    value: Span,
}

impl Duplicates {
    /// Finds the constants of `min_bytes` and more that equal an earlier one; those
    /// in `cut` don't count.
    pub(super) fn find(
        graph: &MetaGraph,
        input: &mut Input,
        cut: &NodeSet,
        min_bytes: u64,
    ) -> Result<Self> {
        let alike = alike(graph, input, cut, min_bytes)?;
        let mut firsts: HashMap<Ordinal, First> = HashMap::new();
        let mut found = Self::default();
        each_constant(graph, input, |input, ordinal, node, value| {
            let Some(&first) = alike.get(&ordinal) else { return Ok(()) };
            match firsts.get(&first) {
                None => {
                    let (name, device) = (node.name.clone(), node.device.clone());
                    firsts.insert(first, First { name, device, value });
                }
                Some(first) if first.device == node.device && same(input, first.value, value)? => {
                    found.of.insert(ordinal, first.name.clone());
                }
                Some(_) => {}
            }
            Ok(())
        })?;
        Ok(found)
    }

    pub(super) fn has(&self, node: Ordinal) -> bool {
        self.of.contains_key(&node)
    }

    /// The field that takes the place of `node`, which is one of them.
    pub(super) fn replacement(
        &self,
        input: &mut Input,
        ordinal: Ordinal,
        node: &Node,
    ) -> Result<Vec<u8>> {
        let first = self.of.get(&ordinal).map_or(&b""[..], Vec::as_slice);
        let mut body = Vec::new();
        wire::put_bytes(&mut body, 1, &node.name);
        wire::put_bytes(&mut body, 2, b"Identity");
        wire::put_bytes(&mut body, 3, first);
        if !node.device.is_empty() {
            wire::put_bytes(&mut body, 4, &node.device);
        }
        node.each_attr(input, |input, key, attr| {
            match key {
                b"dtype" => put_type(&mut body, input.view(attr.value)?),
                // What the graph notes of the node, not what makes it a constant.
                _ if key.starts_with(b"_") => {
                    wire::put_bytes(&mut body, 5, input.view(attr.entry)?);
                }
                _ => {}
            }
            Ok(())
        })?;
        let mut field = Vec::new();
        wire::put_bytes(&mut field, super::meta::NODE, &body);
        Ok(field)
    }
}

/// The constants whose values have the same hash as those of others; with the first
/// of them, itself among them. Few in general: only they are looked at closely.
fn alike(
    graph: &MetaGraph,
    input: &mut Input,
    cut: &NodeSet,
    min_bytes: u64,
) -> Result<HashMap<Ordinal, Ordinal>> {
    let keys = RandomState::new();
    let mut hashes: Vec<(u64, Ordinal)> = Vec::new();
    each_constant(graph, input, |input, ordinal, _, value| {
        // Without content there is nothing that an Identity could save.
        if !cut.has(ordinal) && value.len() >= min_bytes.max(1) {
            hashes.push((input.hash(value, &keys)?, ordinal));
        }
        Ok(())
    })?;
    hashes.sort_unstable();
    let mut alike = HashMap::new();
    for same in hashes.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        alike.extend(same.iter().map(|&(_, ordinal)| (ordinal, same[0].1)));
    }
    Ok(alike)
}

/// Calls `each` with every constant that nothing but its name and place tells from
/// another of the same value.
fn each_constant(
    graph: &MetaGraph,
    input: &mut Input,
    mut each: impl FnMut(&mut Input, Ordinal, &Node, Span) -> Result<()>,
) -> Result<()> {
    graph.each_node(input, |input, ordinal, node| {
        if node.op != b"Const" || node.has_inputs() || node.attr(input, b"dtype")?.is_none() {
            return Ok(());
        }
        match node.attr(input, b"value")? {
            Some(attr) => each(input, ordinal, node, attr.value),
            None => Ok(()),
        }
    })
}

/// The attribute `T` of an Identity, which is what `dtype` is of a constant.
fn put_type(body: &mut Vec<u8>, value: &[u8]) {
    let mut entry = Vec::new();
    wire::put_bytes(&mut entry, 1, b"T");
    wire::put_bytes(&mut entry, 2, value);
    wire::put_bytes(body, 5, &entry);
}

/// Whether the bytes of two spans are the same.
fn same(input: &mut Input, a: Span, b: Span) -> Result<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let mut piece = Vec::new();
    let mut done = 0;
    while done < a.len() {
        let len = (a.len() - done).min(CHUNK as u64);
        let at = |span: Span| Span { start: span.start + done, end: span.start + done + len };
        piece.clear();
        piece.extend_from_slice(input.view(at(a))?);
        if piece != input.view(at(b))? {
            return Ok(false);
        }
        done += len;
    }
    Ok(true)
}
