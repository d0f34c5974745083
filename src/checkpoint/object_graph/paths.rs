//! Paths: from a node to them, and from them to a node.

use super::graph::{NodeId, ObjectGraph};
use super::names::{OPTIMIZER_SLOT, escaped, join, slot_path, spells};
use super::tree::{self, Origin};

impl ObjectGraph {
    /// The path of a node: the shortest one, and of several the one that
    /// TensorFlow takes for keys. Empty for the root; `None` where no reference
    /// leads to the node, or there is no such node.
    ///
    /// A slot variable that nothing else refers to has the path
    /// `VARIABLE/.OPTIMIZER_SLOT/OPTIMIZER/SLOT`.
    pub fn path(&self, node: NodeId) -> Option<String> {
        let Origin::Slot { optimizer, index } = *self.origins.get(node as usize)? else {
            return self.path_by_references(node);
        };
        let slot = self.node(optimizer)?.slots.get(index)?;
        let variable = self.path_by_references(slot.variable)?;
        Some(slot_path(&variable, &self.path_by_references(optimizer)?, &slot.name))
    }

    fn path_by_references(&self, node: NodeId) -> Option<String> {
        let mut names: Vec<&str> = self.way_up(node)?.map(|step| step.name).collect();
        names.reverse();
        Some(join(names))
    }

    /// The references of the shortest way to `node`, from its end.
    fn way_up(&self, node: NodeId) -> Option<impl Iterator<Item = Step<'_>>> {
        let origin = self.origins.get(node as usize)?;
        let step_to = |node: NodeId| match self.origins[node as usize] {
            Origin::Child { parent, index } => {
                Some(Step { parent, name: &self.nodes()[parent as usize].children[index].name })
            }
            _ => None,
        };
        let way = std::iter::successors(step_to(node), move |step| step_to(step.parent));
        origin.is_referred_to().then_some(way)
    }

    /// The node that `path` leads to, by any way: besides the shortest path
    /// every other that follows the references, and that of a slot variable.
    pub fn find_node(&self, path: &str) -> Option<NodeId> {
        match path.split_once(OPTIMIZER_SLOT) {
            Some((variable, slot)) => self.slot_at(self.walk(variable)?, slot),
            None => self.walk(path),
        }
    }

    fn walk(&self, path: &str) -> Option<NodeId> {
        if path.is_empty() {
            return Some(Self::ROOT);
        }
        path.split('/').try_fold(Self::ROOT, |at, spelled| {
            let children = &self.node(at)?.children;
            let child = children.iter().rfind(|child| spells(spelled, &child.name))?;
            Some(child.node)
        })
    }

    fn slot_at(&self, variable: NodeId, rest: &str) -> Option<NodeId> {
        let (optimizer, name) = rest.rsplit_once('/')?;
        let slots = &self.node(self.walk(optimizer)?)?.slots;
        let slot = slots.iter().find(|one| one.variable == variable && spells(name, &one.name))?;
        Some(slot.node)
    }

    /// The paths by which a node is known: its [`path`](Self::path), and for each
    /// other reference to it the path of the object that has the reference, and
    /// the local name there; shorter ones first. References from objects that
    /// are reached through the node itself are left out.
    ///
    /// The first call looks at every reference of the graph.
    pub fn paths(&self, node: NodeId) -> Vec<String> {
        let Some(shortest) = self.path(node) else { return Vec::new() };
        let referrers = self.referrers.get_or_init(|| tree::referrers(self.nodes()));
        let mut others: Vec<(usize, String)> = referrers[node as usize]
            .iter()
            .filter(|&&(parent, _)| self.leads_past(parent, node))
            .filter_map(|&(parent, index)| self.path_through(parent, index))
            .filter(|(_, path)| *path != shortest)
            .collect();
        others.sort_by_key(|&(length, _)| length);
        others.dedup();
        std::iter::once(shortest).chain(others.into_iter().map(|(_, path)| path)).collect()
    }

    /// The path to a child of `parent`, and the number of its steps.
    fn path_through(&self, parent: NodeId, index: usize) -> Option<(usize, String)> {
        let child = self.node(parent)?.children.get(index)?;
        let mut path = self.path_by_references(parent)?;
        if parent != Self::ROOT {
            path.push('/');
        }
        path.extend(escaped(&child.name));
        Some((self.way_up(parent)?.count() + 1, path))
    }

    /// Whether the shortest way to `to` does not go through `node`.
    fn leads_past(&self, to: NodeId, node: NodeId) -> bool {
        to != node && self.way_up(to).is_some_and(|mut way| way.all(|step| step.parent != node))
    }
}

/// A reference on the way to a node.
#[derive(Clone, Copy)]
struct Step<'g> {
    parent: NodeId,
    name: &'g str,
}
