//! A graph as it is to be written: what stays, and new lengths around it.

use super::cuts::Cuts;
use super::entries::{self, Keep};
use super::functions;
use super::input::{Field, Fields, Input};
use super::meta::{self, MetaGraph};
use super::node::Node;
use super::node_set::{NodeSet, Ordinal};
use super::pieces::Pieces;
use super::strip::{StripOptions, Stripped};
use super::wire::Span;
use crate::error::Result;

/// How far a graph has been gone through, and what was cut so far.
pub(super) struct Rewrite<'a> {
    cuts: &'a Cuts,
    values: Keep<'a>,
    node: Ordinal,
    function: Ordinal,
    gradient: Ordinal,
    stripped: Stripped,
}

impl<'a> Rewrite<'a> {
    pub(super) fn new(cuts: &'a Cuts, options: &StripOptions) -> Self {
        let values = Keep::new(&cuts.named, &cuts.nodes, options.collections);
        Self { cuts, values, node: 0, function: 0, gradient: 0, stripped: Stripped::default() }
    }

    pub(super) fn meta_graph(
        mut self,
        graph: &MetaGraph,
        input: &mut Input,
    ) -> Result<(Pieces, Stripped)> {
        let mut pieces = Pieces::default();
        let mut fields = Fields::of(graph.span);
        while let Some(field) = fields.next(input)? {
            let content = match (field.number, field.bytes()) {
                (meta::GRAPH, Some(body)) => Some((body, self.graph(input, body)?)),
                (meta::COLLECTION, Some(body)) => {
                    let dropped = &mut self.stripped.collection_values;
                    match entries::rewrite(input, body, &mut self.values, dropped)? {
                        Some(content) => Some((body, content)),
                        None => continue,
                    }
                }
                _ => None,
            };
            pieces.put_field(&field, content);
        }
        Ok((pieces, self.stripped))
    }

    fn graph(&mut self, input: &mut Input, graph: Span) -> Result<Pieces> {
        let mut pieces = Pieces::default();
        let mut fields = Fields::of(graph);
        while let Some(field) = fields.next(input)? {
            match (field.number, field.bytes()) {
                (meta::NODE, Some(body)) => self.node(input, &field, body, &mut pieces)?,
                (meta::LIBRARY, Some(body)) => {
                    let library = self.library(input, body)?;
                    pieces.put_field(&field, Some((body, library)));
                }
                _ => pieces.copy(field.whole),
            }
        }
        Ok(pieces)
    }

    fn node(
        &mut self,
        input: &mut Input,
        field: &Field,
        body: Span,
        pieces: &mut Pieces,
    ) -> Result<()> {
        let ordinal = self.node;
        self.node += 1;
        if self.cuts.nodes.has(ordinal) {
            self.count(ordinal, field.whole.len());
            return Ok(());
        }
        if self.cuts.duplicates.has(ordinal) {
            let mut node = Node::default();
            node.read(input, field.whole, body)?;
            let new = self.cuts.duplicates.replacement(input, ordinal, &node)?;
            if let Some(saved) = field.whole.len().checked_sub(new.len() as u64 + 1) {
                self.stripped.constants.add(saved + 1);
                pieces.put(new);
                return Ok(());
            }
        }
        pieces.copy(field.whole);
        Ok(())
    }

    fn count(&mut self, node: Ordinal, bytes: u64) {
        let stripped = &mut self.stripped;
        if self.cuts.savers.has(node) {
            stripped.saver_nodes.add(bytes);
        } else if self.cuts.copies.has(node) {
            stripped.copies.add(bytes);
        } else {
            stripped.training.add(bytes);
        }
    }

    fn library(&mut self, input: &mut Input, library: Span) -> Result<Pieces> {
        let mut pieces = Pieces::default();
        let mut fields = Fields::of(library);
        while let Some(field) = fields.next(input)? {
            let unused = &self.cuts.library;
            let is_cut = match (field.number, field.bytes()) {
                (functions::FUNCTION, Some(_)) => is_next_in(&unused.functions, &mut self.function),
                (functions::GRADIENT, Some(_)) => is_next_in(&unused.gradients, &mut self.gradient),
                _ => false,
            };
            if is_cut {
                let cut = &mut self.stripped.functions;
                cut.count += u64::from(field.number == functions::FUNCTION);
                cut.bytes += field.whole.len();
            } else {
                pieces.copy(field.whole);
            }
        }
        Ok(pieces)
    }
}

fn is_next_in(set: &NodeSet, next: &mut Ordinal) -> bool {
    *next += 1;
    set.has(*next - 1)
}
