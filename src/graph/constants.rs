//! Large constants that are in a graph more than once.
//!
//! The first stays as it is. Each other becomes an `Identity` of the first, under
//! its own name: whoever uses it, in the graph or by name, finds the same value.
//! Only constants without inputs and on the same device are taken for the same; an
//! input, even one that is only waited for, may put a constant into a loop.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use super::input::{CHUNK, Input};
use super::meta::MetaGraph;
use super::node::Node;
use super::skeleton::{NodeSet, Ordinal};
use super::wire::{self, Span};
use crate::error::Result;

/// The constants to replace, and what stands in for them.
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
        let keys = RandomState::new();
        let mut firsts: HashMap<u64, First> = HashMap::new();
        let mut found = Self::default();
        let mut ordinal = 0;
        graph.each_node(input, |input, node| {
            let this = ordinal;
            ordinal += 1;
            if node.op != b"Const" || node.has_inputs() || cut.has(this) {
                return Ok(());
            }
            let Some(value) = node.attr(input, b"value")?.map(|attr| attr.value) else {
                return Ok(());
            };
            // Without content there is nothing that an Identity could save.
            if value.len() < min_bytes.max(1) || node.attr(input, b"dtype")?.is_none() {
                return Ok(());
            }
            let key = value_hash(input, value, &keys)?;
            match firsts.get(&key) {
                Some(first) if first.device == node.device && same(input, first.value, value)? => {
                    found.of.insert(this, first.name.clone());
                }
                Some(_) => {}
                None => {
                    let (name, device) = (node.name.clone(), node.device.clone());
                    firsts.insert(key, First { name, device, value });
                }
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

/// The attribute `T` of an Identity, which is what `dtype` is of a constant.
fn put_type(body: &mut Vec<u8>, value: &[u8]) {
    let mut entry = Vec::new();
    wire::put_bytes(&mut entry, 1, b"T");
    wire::put_bytes(&mut entry, 2, value);
    wire::put_bytes(body, 5, &entry);
}

fn value_hash(input: &mut Input, value: Span, keys: &RandomState) -> Result<u64> {
    let mut hasher = keys.build_hasher();
    hasher.write_u64(value.len());
    input.stream(value, |bytes| {
        hasher.write(bytes);
        Ok(())
    })?;
    Ok(hasher.finish())
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
