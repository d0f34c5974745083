//! One of two graphs that are compared.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::mem;

use super::change::{Change, ChangeKind, Changes, Subject};
use super::content::{self, Function, Parts};
use super::input::Input;
use super::meta::MetaGraph;
use super::name_table::NameTable;
use super::names::{self, shown};
use super::node::Node;
use super::node_set::Ordinal;
use super::savers::Savers;
use super::summary::{Constants, Summary};
use super::survey::Survey;
use crate::error::Result;

/// What there is to know of it.
pub(super) struct Side<'a> {
    graph: &'a MetaGraph,
    /// What it means that the other has not got something of this one.
    alone: ChangeKind,
    names: NameTable,
    contents: Vec<u64>,
    ops: Ops,
    savers: Savers,
    functions: BTreeMap<String, Function>,
    pub parts: Parts,
    pub summary: Summary,
}

/// The ops of all nodes.
#[derive(Default)]
struct Ops {
    names: Vec<Vec<u8>>,
    numbers: HashMap<Vec<u8>, u32>,
    of: Vec<u32>,
}

impl Ops {
    fn push(&mut self, op: &[u8]) {
        let number = match self.numbers.get(op) {
            Some(&number) => number,
            None => {
                let number = self.names.len() as u32;
                self.names.push(op.to_vec());
                self.numbers.insert(op.to_vec(), number);
                number
            }
        };
        self.of.push(number);
    }

    fn of(&self, node: Ordinal) -> &[u8] {
        let number = self.of.get(node as usize);
        number.and_then(|&number| self.names.get(number as usize)).map_or(b"", Vec::as_slice)
    }
}

impl<'a> Side<'a> {
    pub(super) fn read(
        graph: &'a MetaGraph,
        keys: &RandomState,
        alone: ChangeKind,
    ) -> Result<Self> {
        let mut input = graph.input();
        let (mut contents, mut ops) = (Vec::new(), Ops::default());
        let each = |input: &mut Input, _, node: &Node| {
            contents.push(content::of_node(input, node, keys)?);
            ops.push(&node.op);
            Ok(())
        };
        let Survey { names, nodes, roots } = Survey::read(graph, &mut input, keys.clone(), each)?;
        let savers = Savers::find(graph, &mut input, &nodes, &roots)?;
        drop((nodes, roots));
        let functions = content::functions(graph, &mut input, keys)?;
        let parts = Parts::read(graph, &mut input, keys)?;
        let summary = Summary::read(graph, &mut input, &savers)?;
        Ok(Self { graph, alone, names, contents, ops, savers, functions, parts, summary })
    }

    /// What became of a thing with this content, which the other side has with that.
    fn kind(&self, content: u64, there: Option<u64>) -> Option<ChangeKind> {
        match there {
            None => Some(self.alone),
            Some(there) => (there != content).then_some(ChangeKind::Changed),
        }
    }

    /// Notes the nodes that the other has not got, or has otherwise, and those of them
    /// that are constants.
    pub(super) fn compare_nodes(
        &self,
        other: &Side<'_>,
        changes: &mut Changes,
        constants: &mut Constants,
    ) -> Result<()> {
        let mut named = vec![false; self.summary.savers.len()];
        self.graph.each_node(&mut self.graph.input(), |input, this, node| {
            let there = self.names.counterpart(&node.name, this, &other.names);
            if let Some(saver) = self.savers.of(this) {
                if !mem::replace(&mut named[saver], true) && there.is_none() {
                    self.name_saver(saver, changes);
                }
            }
            let content = |side: &Side<'_>, node| side.contents.get(node as usize).copied();
            let kind = self.kind(
                content(self, this).unwrap_or_default(),
                there.and_then(|there| content(other, there)),
            );
            let Some(kind) = kind else { return Ok(()) };
            let change = changes.of(kind, self.subject(other, this, there, node));
            if self.counts(change, node.whole.len()) {
                let bytes = node.constant_bytes(input)?;
                if node.op == b"Const" {
                    constants.add(|| shown(&node.name), bytes);
                }
                change.constant_bytes += bytes;
                change.items += 1;
                // Savers go by their own names.
                if change.subject != Subject::Savers {
                    change.name(|| shown(&node.name));
                }
            }
            Ok(())
        })
    }

    /// Adds bytes to a change. Of what both sides have, the second counts the items.
    fn counts(&self, change: &mut Change, bytes: u64) -> bool {
        match self.alone {
            ChangeKind::Removed => change.bytes_before += bytes,
            _ => change.bytes_after += bytes,
        }
        change.kind == self.alone || self.alone == ChangeKind::Added
    }

    /// Under what a node is put. `there` is the other side's; both put it under the
    /// same, by the op that it has in the second.
    fn subject(
        &self,
        other: &Side<'_>,
        this: Ordinal,
        there: Option<Ordinal>,
        node: &Node,
    ) -> Subject {
        match there {
            Some(there) if self.alone == ChangeKind::Removed => {
                place(&node.name, other.ops.of(there))
            }
            None if self.savers.of(this).is_some() => Subject::Savers,
            None if self.repeats(node) => Subject::Repeats,
            _ => place(&node.name, &node.op),
        }
    }

    /// Whether a node has the name of another, with a number, and its op.
    fn repeats(&self, node: &Node) -> bool {
        let original = names::unnumbered(&node.name).and_then(|name| self.names.find(name));
        original.is_some_and(|original| self.ops.of(original) == node.op)
    }

    /// Notes a saver whose first node the other has not got.
    fn name_saver(&self, saver: usize, changes: &mut Changes) {
        let saver = &self.summary.savers[saver];
        let change = changes.of(self.alone, Subject::Savers);
        change.savers += 1;
        change.name(|| match saver.scope.as_str() {
            "" => saver.first_node.clone(),
            scope => scope.to_string(),
        });
    }

    /// Notes the functions that the other has not got, or has otherwise.
    pub(super) fn compare_functions(&self, other: &Side<'_>, changes: &mut Changes) {
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
