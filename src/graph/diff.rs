//! Why one graph is larger than another.
//!
//! Nodes are told apart by name; one that both have differs if its op, inputs or
//! attributes do. What came on top or went away is put together as people think of
//! it: savers, nodes that repeat others, the nodes of a scope, functions, collections.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use super::change::{Change, ChangeKind, Subject, counted, more_or_less};
use super::content::{self, Function};
use super::meta::MetaGraph;
use super::names::{self, shown};
use super::node::Node;
use super::roots::Roots;
use super::savers;
use super::skeleton::{NodeSet, Ordinal, Skeleton};
use super::summary::Summary;
use crate::error::Result;

/// What is different between two graphs. Shown as text, it explains in a line each
/// what made the second larger or smaller.
#[derive(Clone, Debug)]
pub struct Diff {
    /// What is in the first.
    pub before: Summary,
    /// What is in the second.
    pub after: Summary,
    /// What came on top, went away or is different, what weighs most first.
    pub changes: Vec<Change>,
}

impl Diff {
    /// By how many bytes the second is larger, or smaller.
    pub fn growth(&self) -> i64 {
        self.after.bytes as i64 - self.before.bytes as i64
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |summary: &Summary| counted(summary.bytes, "byte");
        let (before, after) = (bytes(&self.before), bytes(&self.after));
        writeln!(f, "{}: {before} became {after}", more_or_less(self.growth()))?;
        for change in &self.changes {
            writeln!(f, "{change}")?;
        }
        let dead = || self.after.savers.iter().filter(|saver| saver.is_dead());
        if dead().next().is_some() {
            let bytes = dead().map(|saver| saver.bytes).sum();
            let (savers, bytes) = (counted(dead().count() as u64, "saver"), counted(bytes, "byte"));
            writeln!(f, "nobody uses {savers} of the second: {bytes} that strip cuts")?;
        }
        Ok(())
    }
}

impl MetaGraph {
    /// What is different in `after`, in comparison with this graph. Reads both
    /// through, constants and all.
    ///
    /// # Errors
    /// `DataLoss`, with the byte at which it was noticed; `Io`.
    pub fn diff(&self, after: &MetaGraph) -> Result<Diff> {
        let keys = RandomState::new();
        let before = Side::read(self, &keys, ChangeKind::Removed)?;
        let after = Side::read(after, &keys, ChangeKind::Added)?;
        let mut changes = Changes::default();
        before.compare_nodes(&after, &mut changes)?;
        after.compare_nodes(&before, &mut changes)?;
        before.compare_functions(&after, &mut changes);
        after.compare_functions(&before, &mut changes);
        compare_collections(&before.summary, &after.summary, &mut changes);
        compare_signatures(&before.summary, &after.summary, &mut changes);
        compare_parts(&before.summary, &after.summary, &mut changes);
        Ok(Diff { before: before.summary, after: after.summary, changes: changes.finish() })
    }
}

/// One of the two graphs.
struct Side<'a> {
    graph: &'a MetaGraph,
    /// What it means that the other has not got something of this one.
    alone: ChangeKind,
    nodes: Skeleton,
    contents: Vec<u64>,
    in_savers: NodeSet,
    functions: BTreeMap<String, Function>,
    summary: Summary,
}

impl<'a> Side<'a> {
    fn read(graph: &'a MetaGraph, keys: &RandomState, alone: ChangeKind) -> Result<Self> {
        let mut input = graph.input();
        let mut contents = Vec::new();
        let nodes = Skeleton::read_with(graph, &mut input, keys.clone(), |input, node| {
            contents.push(content::of_node(input, node, keys)?);
            Ok(())
        })?;
        let roots = Roots::find(graph, &mut input, &nodes, None)?;
        let savers = savers::find(graph, &mut input, &nodes, &roots)?;
        let members = savers.into_iter().flat_map(|saver| saver.nodes);
        let in_savers = NodeSet::of(nodes.len(), members);
        let functions = content::functions(graph, &mut input, keys)?;
        let summary = graph.summary()?;
        Ok(Self { graph, alone, nodes, contents, in_savers, functions, summary })
    }

    /// What became of a thing with this content, which the other side has with that.
    fn kind(&self, content: u64, there: Option<u64>) -> Option<ChangeKind> {
        match there {
            None => Some(self.alone),
            Some(there) => (there != content).then_some(ChangeKind::Changed),
        }
    }

    fn compare_nodes(&self, other: &Side<'_>, changes: &mut Changes) -> Result<()> {
        let mut ordinal = 0;
        self.graph.each_node(&mut self.graph.input(), |input, node| {
            let this = ordinal;
            ordinal += 1;
            let there = other.nodes.find_hash(self.nodes.name_hash(this));
            let content = there.map(|there| other.contents[there as usize]);
            let Some(kind) = self.kind(self.contents[this as usize], content) else {
                return Ok(());
            };
            let subject = match there {
                Some(there) => {
                    let last = if self.alone == ChangeKind::Added {
                        &node.op
                    } else {
                        other.nodes.op(there)
                    };
                    place(&node.name, last)
                }
                None => self.subject(this, node),
            };
            let change = changes.of(kind, subject);
            if self.counts(change, node.whole.len()) {
                change.constant_bytes += node.constant_bytes(input)?;
                change.items += 1;
                // Savers go by their own names.
                if change.subject != Subject::Savers {
                    change.name(|| shown(&node.name));
                }
            }
            Ok(())
        })?;
        self.name_savers(other, changes);
        Ok(())
    }

    /// Adds bytes to a change. Of what both sides have, the second counts the items.
    fn counts(&self, change: &mut Change, bytes: u64) -> bool {
        match self.alone {
            ChangeKind::Removed => change.bytes_before += bytes,
            _ => change.bytes_after += bytes,
        }
        change.kind == self.alone || self.alone == ChangeKind::Added
    }

    /// Under what a node is put that this side alone has.
    fn subject(&self, ordinal: Ordinal, node: &Node) -> Subject {
        if self.in_savers.has(ordinal) {
            Subject::Savers
        } else if self.repeats(node) {
            Subject::Repeats
        } else {
            place(&node.name, &node.op)
        }
    }

    /// Whether a node has the name of another, with a number, and its op.
    fn repeats(&self, node: &Node) -> bool {
        let original = names::unnumbered(&node.name).and_then(|name| self.nodes.find(name));
        original.is_some_and(|original| self.nodes.op(original) == node.op)
    }

    fn name_savers(&self, other: &Side<'_>, changes: &mut Changes) {
        for saver in &self.summary.savers {
            if other.nodes.find(saver.first_node.as_bytes()).is_none() {
                let change = changes.of(self.alone, Subject::Savers);
                change.savers += 1;
                change.name(|| match saver.scope.as_str() {
                    "" => saver.first_node.clone(),
                    scope => scope.to_string(),
                });
            }
        }
    }

    fn compare_functions(&self, other: &Side<'_>, changes: &mut Changes) {
        for (name, function) in &self.functions {
            let there = other.functions.get(name).map(|there| there.content);
            let Some(kind) = self.kind(function.content, there) else { continue };
            let change = changes.of(kind, Subject::Functions);
            if self.counts(change, function.bytes) {
                change.items += 1;
                change.name(|| name.clone());
            }
        }
    }
}

/// The outermost scope of a node, or its op where it is in none.
fn place(name: &[u8], op: &[u8]) -> Subject {
    match name.split(|&byte| byte == b'/').next() {
        Some(scope) if scope.len() < name.len() => Subject::Scope(shown(scope)),
        _ => Subject::Op(shown(op)),
    }
}

/// Changes as they are found.
#[derive(Default)]
struct Changes(HashMap<(ChangeKind, Subject), Change>);

impl Changes {
    fn of(&mut self, kind: ChangeKind, subject: Subject) -> &mut Change {
        let key = (kind, subject);
        self.0.entry(key).or_insert_with_key(|(kind, subject)| Change::new(*kind, subject.clone()))
    }

    fn finish(self) -> Vec<Change> {
        let mut changes: Vec<Change> = self.0.into_values().collect();
        changes.sort_by(|a, b| {
            let weight = |change: &Change| std::cmp::Reverse(change.growth().unsigned_abs());
            (weight(a), &a.subject, a.kind).cmp(&(weight(b), &b.subject, b.kind))
        });
        changes
    }
}

fn compare_collections(before: &Summary, after: &Summary, changes: &mut Changes) {
    let keys: BTreeSet<&String> =
        before.collections.keys().chain(after.collections.keys()).collect();
    for key in keys {
        let (old, new) = (before.collections.get(key), after.collections.get(key));
        if old == new {
            continue;
        }
        let kind = match (old, new) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        };
        let (old, new) = (old.cloned().unwrap_or_default(), new.cloned().unwrap_or_default());
        let change = changes.of(kind, Subject::Collection(key.clone()));
        change.items = new.values.abs_diff(old.values);
        (change.bytes_before, change.bytes_after) = (old.bytes, new.bytes);
    }
}

fn compare_signatures(before: &Summary, after: &Summary, changes: &mut Changes) {
    let keys: BTreeSet<&String> = before.signatures.keys().chain(after.signatures.keys()).collect();
    for key in keys {
        let (old, new) = (before.signatures.get(key), after.signatures.get(key));
        let kind = match (old, new) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            _ if old == new => continue,
            _ => ChangeKind::Changed,
        };
        let change = changes.of(kind, Subject::Signatures);
        change.items += 1;
        change.bytes_before += old.map_or(0, |signature| signature.bytes);
        change.bytes_after += new.map_or(0, |signature| signature.bytes);
        change.name(|| key.clone());
    }
}

/// Compares what is not looked into: by size, and by what it says where we know.
fn compare_parts(before: &Summary, after: &Summary, changes: &mut Changes) {
    for ((name, old), (_, new)) in before.parts.iter().zip(after.parts.iter()) {
        let says_else = match name {
            "info" => before.info != after.info,
            "saver_def" => before.saver_def != after.saver_def,
            "assets" | "object_graph" => false,
            // Told in more detail, or nothing but the lengths of the others.
            _ => continue,
        };
        let kind = match (old, new) {
            (0, 1..) => ChangeKind::Added,
            (1.., 0) => ChangeKind::Removed,
            _ if old == new && !says_else => continue,
            _ => ChangeKind::Changed,
        };
        let change = changes.of(kind, Subject::Part(name.to_string()));
        (change.bytes_before, change.bytes_after) = (old, new);
    }
}
