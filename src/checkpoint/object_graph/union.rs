//! Several graphs as one.
//!
//! Their roots are one object, and so are objects that are reached from one object
//! by the same local name, and the variables that an optimizer keeps in the same
//! slot for the same variable.

use std::collections::{HashMap, HashSet};

use super::graph::{Child, Node, NodeId, ObjectGraph, SlotVariable};
use super::rewrite::mark_values;
use super::tree::walked;
use crate::error::{Error, ErrorKind, Result};

/// How often slots are looked at again. One time is enough for any graph of
/// TensorFlow's; without an end a hostile one could keep this busy.
const SLOT_ROUNDS: usize = 16;

/// The graph of the objects of all `graphs`. What of one object has other keys in
/// one than in the other has those of the first.
///
/// # Errors
/// `ResourceLimit` where they have more than [`ObjectGraph::MAX_NODES`] together.
pub(crate) fn union(graphs: &[ObjectGraph]) -> Result<ObjectGraph> {
    let total: usize = graphs.iter().map(|graph| graph.nodes().len()).sum();
    if total > ObjectGraph::MAX_NODES {
        return Err(Error::new(
            ErrorKind::ResourceLimit,
            format!("the object graphs have {total} nodes together"),
        ));
    }
    let mut classes = Classes::of(graphs);
    classes.unite_roots(graphs);
    classes.unite_slots();
    Ok(classes.join())
}

/// The nodes of all graphs, one graph behind the other, and which of them are one
/// object: a class, which has the number of its first node.
struct Classes<'g> {
    nodes: Vec<&'g Node>,
    /// The number of the first node of the graph that a node is of.
    starts: Vec<usize>,
    /// A node of the same class with a lower number; itself in the first.
    lower: Vec<usize>,
    /// Of the first node of a class, the children of all.
    children: Vec<HashMap<&'g str, usize>>,
    /// What is known to be one object but not yet in one class.
    open: Vec<(usize, usize)>,
    /// How many classes have gone into others.
    united: usize,
}

impl<'g> Classes<'g> {
    /// Each node a class by itself.
    fn of(graphs: &'g [ObjectGraph]) -> Self {
        let nodes: Vec<&Node> = graphs.iter().flat_map(ObjectGraph::nodes).collect();
        let mut starts = Vec::with_capacity(nodes.len());
        for graph in graphs {
            starts.resize(starts.len() + graph.nodes().len(), starts.len());
        }
        let children = nodes.iter().zip(&starts).map(|(node, start)| {
            node.children.iter().map(|child| (&*child.name, start + child.node as usize)).collect()
        });
        let (children, lower) = (children.collect(), (0..nodes.len()).collect());
        Self { nodes, starts, lower, children, open: Vec::new(), united: 0 }
    }

    /// The class of a node.
    fn class(&mut self, mut node: usize) -> usize {
        while self.lower[node] != node {
            let lower = self.lower[self.lower[node]];
            self.lower[node] = lower;
            node = lower;
        }
        node
    }

    fn unite_roots(&mut self, graphs: &[ObjectGraph]) {
        let mut root = 0;
        for graph in graphs {
            self.open.push((0, root));
            root += graph.nodes().len();
        }
        self.close();
    }

    /// Slot variables have no path by local names. What becomes one object by that may
    /// show others to be one, though in no graph of TensorFlow's.
    fn unite_slots(&mut self) {
        for _ in 0..SLOT_ROUNDS {
            let before = self.united;
            self.unite_slots_once();
            if self.united == before {
                return;
            }
        }
    }

    fn unite_slots_once(&mut self) {
        let mut known = HashMap::new();
        for node in 0..self.nodes.len() {
            let optimizer = self.class(node);
            for slot in &self.nodes[node].slots {
                let variable = self.class(self.starts[node] + slot.variable as usize);
                let kept = self.starts[node] + slot.node as usize;
                let first = *known.entry((optimizer, variable, &*slot.name)).or_insert(kept);
                self.open.push((first, kept));
            }
        }
        self.close();
    }

    /// Unites all that is open, and what is one object because of that.
    fn close(&mut self) {
        while let Some((one, other)) = self.open.pop() {
            let (one, other) = (self.class(one), self.class(other));
            if one == other {
                continue;
            }
            let (first, second) = (one.min(other), one.max(other));
            let mut more = std::mem::take(&mut self.children[first]);
            let mut fewer = std::mem::take(&mut self.children[second]);
            if more.len() < fewer.len() {
                std::mem::swap(&mut more, &mut fewer);
            }
            for (name, child) in fewer {
                let known = *more.entry(name).or_insert(child);
                self.open.push((known, child));
            }
            self.children[first] = more;
            self.lower[second] = first;
            self.united += 1;
        }
    }

    /// The graph of the classes, numbered in the order of their first nodes.
    fn join(mut self) -> ObjectGraph {
        let mut numbers = vec![0; self.nodes.len()];
        let mut next: NodeId = 0;
        for node in 0..self.nodes.len() {
            let class = self.class(node);
            numbers[node] = if class == node { next } else { numbers[class] };
            next += NodeId::from(class == node);
        }
        let mut joined =
            Joined { nodes: vec![Node::default(); next as usize], ..Joined::default() };
        for (at, node) in self.nodes.iter().enumerate() {
            let number = |id: NodeId| numbers[self.starts[at] + id as usize];
            joined.add(numbers[at], node, number);
        }
        mark_values(&mut joined.nodes);
        ObjectGraph::sound(joined.nodes)
    }
}

/// A graph that nodes are added to, those of one class to one node.
#[derive(Default)]
struct Joined<'g> {
    nodes: Vec<Node>,
    children: HashSet<(NodeId, &'g str)>,
    attributes: HashSet<(NodeId, &'g str)>,
    slots: HashSet<(NodeId, NodeId, &'g str)>,
}

impl<'g> Joined<'g> {
    fn add(&mut self, id: NodeId, node: &'g Node, number: impl Fn(NodeId) -> NodeId) {
        for (child, (_, counts)) in node.children.iter().zip(walked(&node.children)) {
            if self.children.insert((id, &child.name)) {
                let child = Child { name: child.name.clone(), node: number(counts) };
                self.nodes[id as usize].children.push(child);
            }
        }
        for attribute in &node.attributes {
            if self.attributes.insert((id, &attribute.name)) {
                self.nodes[id as usize].attributes.push(attribute.clone());
            }
        }
        for slot in &node.slots {
            let (variable, kept) = (number(slot.variable), number(slot.node));
            if self.slots.insert((id, variable, &slot.name)) {
                let slot = SlotVariable { name: slot.name.clone(), variable, node: kept };
                self.nodes[id as usize].slots.push(slot);
            }
        }
        let saver = &mut self.nodes[id as usize].registered_saver;
        *saver = saver.take().or_else(|| node.registered_saver.clone());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::checkpoint::object_graph::{Attribute, ObjectGraphBuilder};

    /// The graph of variables at these paths; a path that comes twice is one object.
    fn graph(paths: &[&str]) -> ObjectGraph {
        let mut builder = ObjectGraphBuilder::new();
        let mut known: HashMap<String, NodeId> = HashMap::from([(String::new(), 0)]);
        for path in paths {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            let parent = known[parent];
            let node = if name.ends_with('.') {
                builder.add_object(parent, name.trim_end_matches('.')).unwrap()
            } else {
                builder.add_variable(parent, name, name).unwrap()
            };
            known.insert(path.trim_end_matches('.').into(), node);
        }
        builder.build().unwrap()
    }

    fn keys(graph: &ObjectGraph) -> Vec<&str> {
        let mut keys: Vec<&str> = graph.attributes().map(|(_, one)| &*one.key).collect();
        keys.sort();
        keys.iter().map(|key| key.strip_suffix("/.ATTRIBUTES/VARIABLE_VALUE").unwrap()).collect()
    }

    #[test]
    fn what_has_one_path_is_one_object() {
        let one = graph(&["model.", "model/a", "model/b", "save_counter"]);
        let other = graph(&["save_counter", "head.", "model.", "model/b", "model/c", "head/w"]);
        let both = union(&[one, other]).unwrap();
        assert_eq!(keys(&both), ["head/w", "model/a", "model/b", "model/c", "save_counter"]);
        assert_eq!(both.nodes().len(), 8);
        for key in keys(&both) {
            let node = both.find_node(key).unwrap();
            assert_eq!(both.path(node).as_deref(), Some(key));
        }
        assert!(both.nodes().iter().all(|node| node.has_checkpoint_values == Some(true)));
    }

    #[test]
    fn the_first_counts_where_graphs_contradict_each_other() {
        let one = graph(&["model.", "model/a"]);
        let other = graph(&["model.", "model/a"]).rewritten(|_, _| Some("other".into()));
        let both = union(&[one.clone(), other.clone()]).unwrap();
        assert_eq!(keys(&both), ["model/a"]);
        assert_eq!(union(&[other, one]).unwrap().variable_key(2), Some("other"));
    }

    #[test]
    fn slots_and_cycles() {
        let build = |variable: &str| {
            let mut builder = ObjectGraphBuilder::new();
            let optimizer = builder.add_object(0, "optimizer").unwrap();
            let shared = builder.add_variable(0, "shared", "").unwrap();
            let own = builder.add_variable(0, variable, "").unwrap();
            builder.add_child(optimizer, "root", 0).unwrap();
            for (variable, full_name) in [(shared, "shared/m"), (own, "own/m")] {
                builder.add_slot(optimizer, variable, "m", full_name).unwrap();
            }
            builder.build().unwrap()
        };
        let both = union(&[build("a"), build("b")]).unwrap();
        let slots = |variable: &str| format!("{variable}/.OPTIMIZER_SLOT/optimizer/m");
        let [shared, a, b] = ["shared", "a", "b"].map(slots);
        assert_eq!(keys(&both), ["a", &*a, "b", &*b, "shared", &*shared]);
        let optimizer = both.find_node("optimizer").unwrap();
        assert_eq!(both.node(optimizer).unwrap().slots.len(), 3);
        assert_eq!(both.find_node("optimizer/root/b/"), None);
        assert_eq!(both.find_node("optimizer/root/b"), both.find_node("b"));
    }
    /// Graphs of up to six nodes, cycles, strays, doubles and slots of slots included.
    fn any_graph() -> impl Strategy<Value = ObjectGraph> {
        let id = || 0..6u32;
        let children = prop::collection::vec((select(&["a", "b", "c"][..]), id()), 0..4);
        let slots = prop::collection::vec((select(&["m", "v"][..]), id(), id()), 0..3);
        let node = (children, slots, any::<bool>());
        prop::collection::vec(node, 6).prop_map(|nodes| {
            let node =
                |(id, (children, slots, is_variable)): (usize, (Vec<_>, Vec<_>, bool))| Node {
                    children: children
                        .into_iter()
                        .map(|(name, node): (&str, NodeId)| Child { name: name.into(), node })
                        .collect(),
                    slots: slots
                        .into_iter()
                        .map(|(name, variable, node): (&str, NodeId, NodeId)| SlotVariable {
                            name: name.into(),
                            variable,
                            node,
                        })
                        .collect(),
                    attributes: (0..usize::from(is_variable))
                        .map(|_| Attribute { key: format!("{id}"), ..Attribute::default() })
                        .collect(),
                    ..Node::default()
                };
            ObjectGraph::new(nodes.into_iter().enumerate().map(node).collect()).unwrap()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_path_leads_on(one in any_graph(), other in any_graph()) {
            let both = union(&[one.clone(), other.clone()]).unwrap();
            prop_assert!(ObjectGraph::new(both.nodes().to_vec()).is_ok());
            for graph in [&one, &other] {
                for (id, node) in graph.iter() {
                    for path in graph.paths(id) {
                        let found = both.find_node(&path).and_then(|id| both.node(id));
                        prop_assert!(found.is_some(), "{}", path);
                        let variables = found.map_or(0, |found| found.attributes.len());
                        prop_assert!(variables >= node.attributes.len(), "{}", path);
                    }
                }
            }
        }
    }
}
