//! What is in a graph, and how many bytes each part takes.

use std::collections::BTreeMap;

use super::collection::{self, Collection};
use super::functions::{self, Functions};
use super::info::{self, Info, SaverDef, Versions};
use super::input::{Input, each_field};
use super::meta::{self, MetaGraph};
use super::names::shown;
use super::ops::{OpCounts, OpTally};
use super::saver::{Saver, SaverTally};
use super::savers::Savers;
use super::signature::{self, Signature};
use super::survey;
use super::variable::is_variable;
use super::wire::Span;
use crate::error::Result;

/// How many of the largest constants a summary lists.
const LARGEST: usize = 10;

/// What is in a graph. Names that are not UTF-8 are shown with U+FFFD.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many bytes the whole takes.
    pub bytes: u64,
    /// How many bytes each part takes.
    pub parts: PartBytes,
    /// Who wrote it, its tags and the ops it needs.
    pub info: Info,
    /// The versions of the graph.
    pub versions: Versions,
    /// The nodes of the graph, by op.
    pub nodes: OpCounts,
    /// The library of functions.
    pub functions: Functions,
    /// The constants of graph and functions.
    pub constants: Constants,
    /// How many variables the graph has.
    pub variables: u64,
    /// The savers of the graph, in the order of their first nodes.
    pub savers: Vec<Saver>,
    /// How to save and restore with this graph.
    pub saver_def: Option<SaverDef>,
    /// The collections by key.
    pub collections: BTreeMap<String, Collection>,
    /// The signatures by key.
    pub signatures: BTreeMap<String, Signature>,
    /// How many files the graph needs beside it.
    pub assets: u64,
    /// How many nodes the object graph of a SavedModel has, if there is one.
    pub object_graph_nodes: Option<u64>,
}

/// How many bytes each part takes, tags and lengths included; the sum is the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartBytes {
    /// The nodes of the graph, constants and all.
    pub nodes: u64,
    /// The library of functions.
    pub library: u64,
    /// Who wrote it, and the ops it needs.
    pub info: u64,
    /// How to save and restore.
    pub saver_def: u64,
    /// The collections.
    pub collections: u64,
    /// The signatures.
    pub signatures: u64,
    /// What files it needs beside it.
    pub assets: u64,
    /// The object graph of a SavedModel.
    pub object_graph: u64,
    /// Everything else: versions, tags, lengths, fields that nobody knows.
    pub rest: u64,
}

impl PartBytes {
    /// Name and bytes of each part, as they are shown.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [
            ("nodes", self.nodes),
            ("library", self.library),
            ("info", self.info),
            ("saver_def", self.saver_def),
            ("collections", self.collections),
            ("signatures", self.signatures),
            ("assets", self.assets),
            ("object_graph", self.object_graph),
            ("rest", self.rest),
        ]
        .into_iter()
    }
}

/// The constants of a graph and its functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constants {
    /// How many there are.
    pub count: u64,
    /// How many bytes their values take.
    pub bytes: u64,
    /// The largest, by bytes: the name, which is `function/node` within a
    /// function, and how many bytes the value takes. Ten at most.
    pub largest: Vec<(String, u64)>,
}

impl Constants {
    pub(super) fn add(&mut self, name: impl FnOnce() -> String, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
        let at = self.largest.partition_point(|&(_, other)| other >= bytes);
        if at < LARGEST {
            self.largest.insert(at, (name(), bytes));
            self.largest.truncate(LARGEST);
        }
    }
}

impl MetaGraph {
    /// Sums up what is in the graph. Goes through the file several times, past the
    /// values of constants.
    ///
    /// # Errors
    /// `DataLoss`, with the byte at which it was noticed; `Io`.
    pub fn summary(&self) -> Result<Summary> {
        let mut input = self.input();
        let savers = survey::savers(self, &mut input)?;
        Summary::read(self, &mut input, &savers)
    }
}

impl Summary {
    pub(super) fn read(graph: &MetaGraph, input: &mut Input, savers: &Savers) -> Result<Self> {
        let mut summary = Self { bytes: graph.bytes(), ..Self::default() };
        summary.read_parts(graph, input)?;
        summary.read_nodes(graph, input, SaverTally::new(savers))?;
        let parts = summary.parts.iter().map(|(_, bytes)| bytes).sum::<u64>();
        summary.parts.rest = summary.bytes.saturating_sub(parts);
        Ok(summary)
    }

    fn read_parts(&mut self, graph: &MetaGraph, input: &mut Input) -> Result<()> {
        graph.each_part(input, |input, field, body| {
            let bytes = field.whole.len();
            match field.number {
                meta::META_INFO => {
                    self.parts.info += bytes;
                    info::read_info(input, body, &mut self.info)
                }
                meta::GRAPH => self.read_graph(input, body),
                meta::SAVER => {
                    self.parts.saver_def += bytes;
                    self.saver_def.get_or_insert_default().read(input, body)
                }
                meta::COLLECTION => {
                    self.parts.collections += bytes;
                    collection::read(input, body, bytes, &mut self.collections)
                }
                meta::SIGNATURE => {
                    self.parts.signatures += bytes;
                    signature::read(input, body, bytes, &mut self.signatures)
                }
                meta::ASSET => {
                    self.parts.assets += bytes;
                    self.assets += 1;
                    Ok(())
                }
                meta::OBJECT_GRAPH => {
                    self.parts.object_graph += bytes;
                    self.read_object_graph(input, body)
                }
                _ => Ok(()),
            }
        })
    }

    fn read_graph(&mut self, input: &mut Input, graph: Span) -> Result<()> {
        each_field(input, graph, |input, field| match (field.number, field.bytes()) {
            (meta::LIBRARY, Some(library)) => {
                self.parts.library += field.whole.len();
                functions::read(input, library, &mut self.functions, &mut self.constants)
            }
            (meta::VERSIONS, Some(versions)) => {
                info::read_versions(input, versions, &mut self.versions)
            }
            _ => Ok(()),
        })
    }

    fn read_object_graph(&mut self, input: &mut Input, body: Span) -> Result<()> {
        let count = self.object_graph_nodes.get_or_insert(0);
        each_field(input, body, |_, field| {
            *count += u64::from(field.number == 1 && field.bytes().is_some());
            Ok(())
        })
    }

    fn read_nodes(
        &mut self,
        graph: &MetaGraph,
        input: &mut Input,
        mut savers: SaverTally<'_>,
    ) -> Result<()> {
        let mut ops = OpTally::default();
        graph.each_node(input, |input, ordinal, node| {
            self.parts.nodes += node.whole.len();
            ops.add(&node.op, node.whole.len());
            savers.add(ordinal, node);
            if node.op == b"Const" {
                let bytes = node.constant_bytes(input)?;
                self.constants.add(|| shown(&node.name), bytes);
            }
            self.variables += u64::from(is_variable(&node.op));
            Ok(())
        })?;
        self.nodes = ops.finish();
        self.savers = savers.finish();
        Ok(())
    }

    /// How many nodes of the graph and of its functions have one of these ops.
    pub fn count_ops(&self, ops: &[&str]) -> u64 {
        let count = |counts: &OpCounts| -> u64 {
            ops.iter().filter_map(|&op| counts.by_op.get(op)).map(|op| op.nodes).sum()
        };
        count(&self.nodes) + count(&self.functions.nodes)
    }
}
