//! The scopes that savers have opened.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::input::Input;
use super::meta::MetaGraph;
use super::names;
use super::node_set::Ordinal;
use super::roles::Roles;
use crate::error::Result;

/// Which of them each node is in, the innermost.
pub(super) struct Scopes {
    /// The number of the one without a name, if savers use it.
    nameless: Option<u32>,
    of_node: Vec<u32>,
}

const NO_SCOPE: u32 = u32::MAX;

impl Scopes {
    pub(super) fn read(graph: &MetaGraph, input: &mut Input, nodes: usize) -> Result<Self> {
        let keys = RandomState::new();
        let mut numbers: HashMap<u64, u32> = HashMap::new();
        graph.each_node(input, |_, _, node| {
            if Roles::of(&node.op).are(Roles::SEED) {
                let number = numbers.len() as u32;
                numbers.entry(keys.hash_one(names::scope(&node.name))).or_insert(number);
            }
            Ok(())
        })?;
        let number = |scope: &[u8]| numbers.get(&keys.hash_one(scope)).copied();
        let mut of_node = Vec::with_capacity(nodes);
        graph.each_name(input, |input, _, name| {
            let scope = names::scopes(input.view(name)?).find_map(number);
            of_node.push(scope.unwrap_or(NO_SCOPE));
            Ok(())
        })?;
        Ok(Self { nameless: number(b""), of_node })
    }

    /// The number of the scope that a node is in.
    pub(super) fn of(&self, node: Ordinal) -> Option<u32> {
        self.of_node.get(node as usize).copied().filter(|&scope| scope != NO_SCOPE)
    }

    pub(super) fn same(&self, a: Ordinal, b: Ordinal) -> bool {
        self.of(a).is_some_and(|scope| self.of(b) == Some(scope))
    }

    /// Whether a node is in a scope that has a name.
    pub(super) fn is_scoped(&self, node: Ordinal) -> bool {
        self.of(node).is_some_and(|scope| Some(scope) != self.nameless)
    }
}
