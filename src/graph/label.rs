//! What a node does, apart from its name and from what its inputs are: two nodes
//! with one label and the same inputs do the same.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};

use super::input::Input;
use super::meta::MetaGraph;
use super::name_table::NameTable;
use super::names;
use super::node::{self, Node};
use super::node_set::Ordinal;
use super::skeleton::each_use;
use crate::error::Result;

/// What exporters note on nodes; no op behaves differently for it. `_class` is
/// here because its names are edges.
const NOTES: [&[u8]; 3] = [b"_class", b"_output_shapes", b"_has_manual_control_dependencies"];

/// The labels of the nodes of a graph, hashes all.
pub(super) fn read(
    graph: &MetaGraph,
    input: &mut Input,
    nodes: usize,
    keys: &RandomState,
) -> Result<Vec<u64>> {
    let mut labels = Vec::with_capacity(nodes);
    graph.each_node(input, |input, _, node| {
        let mut hasher = keys.build_hasher();
        names::stem(&node.name).hash(&mut hasher);
        (&node.op, &node.device).hash(&mut hasher);
        each_use(input, node, |_, port| port.hash(&mut hasher))?;
        hasher.write_u64(attributes(input, node, keys, &NOTES)?);
        labels.push(hasher.finish());
        Ok(())
    })?;
    Ok(labels)
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
            hasher.write_u64(input.hash(attr.value, keys)?);
            sum = sum.wrapping_add(hasher.finish());
        }
        Ok(())
    })?;
    Ok(sum)
}

/// The nodes that are themselves by their name alone, such as a placeholder.
#[derive(Default)]
pub(super) struct Sources {
    /// Each, in their order, with the node whose name it has but for a number, or
    /// itself.
    list: Vec<(Ordinal, Ordinal)>,
}

impl Sources {
    /// Takes the next node of the graph in.
    pub(super) fn add(
        &mut self,
        input: &mut Input,
        ordinal: Ordinal,
        node: &Node,
        names: &NameTable,
    ) -> Result<()> {
        if is_source(input, node)? {
            let base = names::unnumbered(&node.name).and_then(|name| names.find(name));
            self.list.push((ordinal, base.unwrap_or(ordinal)));
        }
        Ok(())
    }

    pub(super) fn has(&self, node: Ordinal) -> bool {
        self.base(node).is_some()
    }

    /// The node that a source is a numbered copy of by its name, or itself.
    pub(super) fn base(&self, node: Ordinal) -> Option<Ordinal> {
        let at = self.list.binary_search_by_key(&node, |&(source, _)| source).ok()?;
        self.list.get(at).map(|&(_, base)| base)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Ordinal> {
        self.list.iter().map(|&(source, _)| source)
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
    let name = node::bytes_of(input, shared.value, 2)?;
    Ok(name.is_none_or(|name| name.len() == 0))
}
