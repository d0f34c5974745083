//! What a node does, apart from its name and from what its inputs are: two nodes
//! with one label and the same inputs do the same.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};

use super::input::Input;
use super::names;
use super::node::Node;
use super::skeleton::{Ordinal, each_use};
use crate::error::Result;

/// What exporters note on nodes; no op behaves differently for it. `_class` is
/// here because its names are edges.
const NOTES: [&[u8]; 3] = [b"_class", b"_output_shapes", b"_has_manual_control_dependencies"];

/// The labels of the nodes of a graph, hashes all.
pub(super) struct Labels {
    keys: RandomState,
    of: Vec<u64>,
    /// The nodes that are themselves by their name alone, such as a placeholder;
    /// with the hash of the name before a number was appended, if one was.
    sources: HashMap<Ordinal, Option<u64>>,
}

impl Labels {
    pub(super) fn new(keys: RandomState) -> Self {
        Self { keys, of: Vec::new(), sources: HashMap::new() }
    }

    /// Takes the next node of the graph in.
    pub(super) fn add(&mut self, input: &mut Input, node: &Node) -> Result<()> {
        let ordinal = self.of.len() as Ordinal;
        if is_source(input, node)? {
            let base = names::unnumbered(&node.name).map(|name| self.keys.hash_one(name));
            self.sources.insert(ordinal, base);
        }
        let mut hasher = self.keys.build_hasher();
        names::stem(&node.name).hash(&mut hasher);
        (&node.op, &node.device).hash(&mut hasher);
        each_use(input, node, |_, port| port.hash(&mut hasher))?;
        hasher.write_u64(attributes(input, node, &self.keys, &NOTES)?);
        self.of.push(hasher.finish());
        Ok(())
    }

    pub(super) fn of(&self, node: Ordinal) -> u64 {
        self.of[node as usize]
    }

    pub(super) fn is_source(&self, node: Ordinal) -> bool {
        self.sources.contains_key(&node)
    }

    /// The hash of the name that a source would be a numbered copy of.
    pub(super) fn source_base(&self, node: Ordinal) -> Option<u64> {
        self.sources.get(&node).copied().flatten()
    }

    pub(super) fn keys(&self) -> &RandomState {
        &self.keys
    }
}

/// Whether two nodes like this one are different things although they have the
/// same op and attributes: a placeholder, a variable that is shared under its own
/// name. A variable with a `shared_name` is the same wherever that name stands.
fn is_source(input: &mut Input, node: &Node) -> Result<bool> {
    let data = node.inputs().any(|text| !text.starts_with(b"^"));
    if data || matches!(node.op.as_slice(), b"Const" | b"NoOp") {
        return Ok(false);
    }
    let Some(shared) = node.attr(input, b"shared_name")? else { return Ok(true) };
    let name = super::node::bytes_of(input, shared.value, 2)?;
    Ok(name.is_none_or(|name| name.len() == 0))
}

/// A hash of a node's attributes, whatever their order, those in `without` left out.
pub(super) fn attributes(
    input: &mut Input,
    node: &Node,
    keys: &RandomState,
    without: &[&[u8]],
) -> Result<u64> {
    let mut sum = 0u64;
    node.each_attr(input, |input, key, attr| {
        if !without.contains(&key) {
            let mut hasher = keys.build_hasher();
            key.hash(&mut hasher);
            hasher.write_u64(attr.value.len());
            input.stream(attr.value, |bytes| {
                hasher.write(bytes);
                Ok(())
            })?;
            sum = sum.wrapping_add(hasher.finish());
        }
        Ok(())
    })?;
    Ok(sum)
}
