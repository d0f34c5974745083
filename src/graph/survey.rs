//! What has to be known of a graph as a whole before it can be told node by node.

use std::collections::hash_map::RandomState;

use super::input::Input;
use super::meta::MetaGraph;
use super::name_table::NameTable;
use super::node::Node;
use super::node_set::Ordinal;
use super::roots::Roots;
use super::savers::Savers;
use super::skeleton::Skeleton;
use crate::error::Result;

/// The names of a graph, what uses what in it, and what is named from outside.
pub(super) struct Survey {
    pub names: NameTable,
    pub nodes: Skeleton,
    pub roots: Roots,
}

impl Survey {
    /// Reads it, and calls `each` with every node on the way.
    pub(super) fn read(
        graph: &MetaGraph,
        input: &mut Input,
        keys: RandomState,
        each: impl FnMut(&mut Input, Ordinal, &Node) -> Result<()>,
    ) -> Result<Self> {
        let names = NameTable::read(graph, input, keys)?;
        let nodes = Skeleton::read(graph, input, &names, each)?;
        let roots = Roots::find(graph, input, &names, None)?;
        Ok(Self { names, nodes, roots })
    }
}

/// The savers of a graph.
pub(super) fn savers(graph: &MetaGraph, input: &mut Input) -> Result<Savers> {
    let Survey { names, nodes, roots } =
        Survey::read(graph, input, RandomState::new(), |_, _, _| Ok(()))?;
    drop(names);
    Savers::find(graph, input, &nodes, &roots)
}
