//! The object graph of several checkpoints: the graphs of all, under the names that
//! the tensors have here, as one.

use std::collections::BTreeSet;

use super::Layer;
use super::catalog::Item;
use crate::bundle::OnConflict;
use crate::checkpoint::object_graph::{OBJECT_GRAPH_KEY, ObjectGraph, Role, union};
use crate::error::Result;

/// What becomes of the object graphs of several checkpoints.
#[derive(Debug)]
pub(super) struct Joined {
    pub(super) graph: Graph,
    /// The names that several checkpoints may have: that of the object graph, and
    /// those of save counters. Every `tf.train.Checkpoint` has one of these, and it
    /// counts nothing but saves.
    pub(super) shared: BTreeSet<Vec<u8>>,
}

#[derive(Debug)]
pub(super) enum Graph {
    /// There is at most one, and it is right as it is.
    AsStored,
    /// None is still about anything.
    Gone,
    /// It is this.
    Made(ObjectGraph),
}

impl Joined {
    /// `items` are all tensors under their new names.
    pub(super) fn of(layers: &[Layer], items: &[Item], on_conflict: OnConflict) -> Result<Self> {
        if is_as_stored(layers)? {
            return Ok(Self { graph: Graph::AsStored, shared: BTreeSet::new() });
        }
        let mut graphs = Vec::new();
        for (number, layer) in (0..).zip(layers) {
            if let Some(graph) = layer.reader.object_graph()? {
                graphs.push((number, renamed(graph, layer)?));
            }
        }
        let mut shared = counters(&graphs, items);
        shared.insert(OBJECT_GRAPH_KEY.into());
        let mut graphs: Vec<ObjectGraph> = graphs.into_iter().map(|(_, graph)| graph).collect();
        if on_conflict == OnConflict::Last {
            graphs.reverse();
        }
        let graph = union(&graphs)?;
        let is_empty = graph.attributes().next().is_none();
        Ok(Self { graph: if is_empty { Graph::Gone } else { Graph::Made(graph) }, shared })
    }
}

/// Whether there is no object graph, or one that nothing happens to.
pub(super) fn is_as_stored(layers: &[Layer]) -> Result<bool> {
    let mut holders = Vec::new();
    for layer in layers {
        if layer.reader.find(OBJECT_GRAPH_KEY)?.is_some() {
            holders.push(layer);
        }
    }
    Ok(holders.len() < 2 && holders.iter().all(|layer| layer.names.is_plain()))
}

/// The graph of a checkpoint with the names that its tensors get: of several the
/// first.
fn renamed(graph: &ObjectGraph, layer: &Layer) -> Result<ObjectGraph> {
    let names = layer.reader.tensors().map(|tensor| tensor.map(|tensor| tensor.name));
    let names = names.collect::<Result<Vec<_>>>()?;
    let new_name = |name: &[u8]| layer.names.names_of(name, |_| ()).pop_first();
    Ok(graph.renamed(names.iter().map(Vec::as_slice), new_name))
}

/// The names of save counters that are nothing else in any of the checkpoints.
fn counters(graphs: &[(u32, ObjectGraph)], items: &[Item]) -> BTreeSet<Vec<u8>> {
    let mut counters = BTreeSet::new();
    for (layer, graph) in graphs {
        let of_counters = graph
            .attributes()
            .filter(|(node, _)| graph.role(*node) == Some(Role::SaveCounter))
            .map(|(_, attribute)| (attribute.key.clone().into_bytes(), *layer));
        counters.extend(of_counters);
    }
    let is_counter = |item: &Item| counters.contains(&(item.name().to_vec(), item.layer));
    let shared = counters.iter().map(|(name, _)| name).filter(|name| {
        let start = items.partition_point(|item| item.name() < name.as_slice());
        items[start..].iter().take_while(|item| item.name() == *name).all(is_counter)
    });
    shared.cloned().collect()
}
