//! What must be so of every graph, and of what stripping leaves of it.
#![allow(dead_code)]

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tfckpt::Result;
use tfckpt::graph::{MetaGraph, StripOptions, Stripped, strip};
use tfckpt::storage::MemoryStorage;

use super::graphs::{fields, open, stored};

/// Sums up, lists, compares: all of it must agree with itself.
pub fn look(graph: &MetaGraph) -> Result<()> {
    let summary = graph.summary()?;
    assert_eq!(summary.parts.iter().map(|(_, bytes)| bytes).sum::<u64>(), summary.bytes);
    assert_eq!(summary.nodes.by_op.values().map(|op| op.nodes).sum::<u64>(), summary.nodes.nodes);
    assert_eq!(graph.variables()?.len() as u64, summary.variables);
    let mut nodes = vec![(0, 0); summary.savers.len()];
    let savers = graph.each_saver_node(|saver, node| {
        nodes[saver].0 += 1;
        nodes[saver].1 += node.bytes;
        Ok(())
    })?;
    assert_eq!(savers, summary.savers.len());
    for (saver, (count, bytes)) in summary.savers.iter().zip(nodes) {
        assert_eq!((saver.nodes, saver.bytes), (count, bytes));
    }
    let same = graph.diff(graph)?;
    assert!(same.changes.is_empty() && same.constants.count == 0, "{same}");
    Ok(())
}

/// Strips the graph `content`, and what is left once more; what was cut.
pub fn strip_twice(
    content: &[u8],
    change: impl Fn(&mut StripOptions),
) -> Result<(Vec<u8>, Stripped)> {
    let storage = stored(&[content.to_vec()]);
    let mut options =
        StripOptions { storage: Arc::new(storage.clone()), replace: true, ..Default::default() };
    change(&mut options);
    let stripped = strip("/model.meta", "/out.meta", &options)?;
    let left = storage.bytes("/out.meta").unwrap();
    assert_eq!(stripped.bytes_before, content.len() as u64);
    assert_eq!(stripped.bytes_after, left.len() as u64);
    if left.is_empty() {
        return Ok((left, stripped));
    }
    let graph = open(&storage, "/out.meta").expect("what is left is a graph");
    // What summing up looks at, stripping may not have.
    look(graph.meta_graph().expect("and no SavedModel"))?;
    let again = strip("/out.meta", "/again.meta", &options).expect("that can be stripped");
    let same = storage.bytes("/again.meta").unwrap() == left;
    assert!(same, "{stripped:?}\nleaves more to cut: {again:?}");
    Ok((left, stripped))
}

/// That what is left of a sound graph is as it was, and whole: no node uses one that is
/// gone, nor does anything outside name one.
pub fn assert_whole(before: &[u8], after: &[u8]) {
    let (old, new) = (Graph::of(before), Graph::of(after));
    let order: Vec<&str> = new.nodes.iter().map(|node| node.name.as_str()).collect();
    let left: HashSet<&str> = order.iter().copied().collect();
    let kept = old.nodes.iter().map(|node| node.name.as_str()).filter(|name| left.contains(name));
    assert_eq!(order, kept.collect::<Vec<_>>(), "in another order");
    let old_nodes: HashMap<&str, &Node> =
        old.nodes.iter().map(|node| (node.name.as_str(), node)).collect();
    for node in &new.nodes {
        let was = old_nodes[node.name.as_str()];
        assert!(
            node.bytes == was.bytes || node.op == "Identity" && was.op == "Const",
            "{}",
            node.name
        );
        for used in &node.uses {
            let there = left.contains(used.as_str()) || !old_nodes.contains_key(used.as_str());
            assert!(there, "{} uses {used}, which is gone", node.name);
        }
        for function in node.calls.iter().filter(|function| old.functions.contains_key(*function)) {
            assert!(new.functions.contains_key(function), "{} calls {function}", node.name);
        }
    }
    for (name, body) in &new.functions {
        assert_eq!(body, &old.functions[name], "{name}");
    }
    for part in &old.outside {
        for name in part.iter().filter(|name| old_nodes.contains_key(name.as_str())) {
            assert!(left.contains(name.as_str()), "{name} is named and gone");
        }
    }
}

struct Node {
    bytes: Vec<u8>,
    name: String,
    op: String,
    uses: Vec<String>,
    calls: Vec<String>,
}

/// A graph as the model makes it.
#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
    functions: HashMap<String, Vec<u8>>,
    /// What signatures, `saver_def` and collections of messages name.
    outside: Vec<Vec<String>>,
}

impl Graph {
    fn of(content: &[u8]) -> Self {
        let mut graph = Self::default();
        for (field, body) in fields(content) {
            match field {
                2 => graph.read(body),
                3 | 5 => graph.outside.push(texts(body)),
                // A list of nodes only says where they are.
                4 if fields(body).any(|(_, def)| fields_of(def).any(|(kind, _)| kind == 2)) => {
                    graph.outside.push(texts(body));
                }
                _ => {}
            }
        }
        graph
    }

    fn read(&mut self, graph: &[u8]) {
        for (field, body) in fields(graph) {
            match field {
                1 => self.nodes.push(Node::of(body)),
                2 => {
                    for (_, function) in fields(body).filter(|&(field, _)| field == 1) {
                        let (_, signature) = fields(function).next().unwrap();
                        let name = text(fields(signature).next().unwrap().1);
                        self.functions.insert(name, function.to_vec());
                    }
                }
                _ => {}
            }
        }
    }
}

impl Node {
    fn of(body: &[u8]) -> Self {
        let mut node = Self {
            bytes: body.to_vec(),
            name: String::new(),
            op: String::new(),
            uses: Vec::new(),
            calls: Vec::new(),
        };
        for (field, content) in fields(body) {
            match field {
                1 => node.name = text(content),
                2 => node.op = text(content),
                3 => node.uses.push(used(&text(content))),
                5 => {
                    let all = texts(content);
                    let places = all.iter().filter_map(|text| text.strip_prefix("loc:@"));
                    node.uses.extend(places.map(str::to_string));
                    node.calls.extend(all.into_iter().filter(|text| text.starts_with('f')));
                }
                _ => {}
            }
        }
        node.calls.push(node.op.clone());
        node
    }
}

fn used(input: &str) -> String {
    let input = input.strip_prefix('^').unwrap_or(input);
    input.strip_suffix(":1").unwrap_or(input).to_string()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All that may be a string in a message of the model's making.
fn texts(bytes: &[u8]) -> Vec<String> {
    let text = text(bytes);
    let name = text.strip_suffix(":0").unwrap_or(&text).to_string();
    let within = fields_of(bytes).flat_map(|(_, content)| texts(content));
    std::iter::once(name).chain(within).collect()
}

/// The fields of a message, if it is one.
fn fields_of(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let is_message = !bytes.is_empty() && is_message(bytes);
    is_message.then(|| fields(bytes)).into_iter().flatten()
}

fn is_message(mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        let Some(tag) = tfckpt::coding::take_varint(&mut bytes) else { return false };
        let Some(value) = tfckpt::coding::take_varint(&mut bytes) else { return false };
        match tag & 7 {
            0 => {}
            2 => match usize::try_from(value).ok().and_then(|len| bytes.get(len..)) {
                Some(rest) => bytes = rest,
                None => return false,
            },
            _ => return false,
        }
    }
    true
}

/// A storage with a graph, for who wants to open it himself.
pub fn storage_of(content: &[u8]) -> MemoryStorage {
    stored(&[content.to_vec()])
}
