//! The functions that only nodes call that go.
//!
//! What calls a function names it: by its op, by an attribute that is a function or a
//! list of them, by an attribute of another function. So wherever the name of a
//! function stands as a string, the function is called; at worst that keeps one for
//! which there is no reason.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::functions;
use super::input::{Input, each_bytes};
use super::meta::{self, MetaGraph};
use super::node_set::{NodeSet, Ordinal};
use super::texts::each_text;
use super::wire::Span;
use crate::error::Result;

/// What goes of the library, by position.
pub(super) struct Unused {
    pub functions: NodeSet,
    /// What says that one function is the gradient of another.
    pub gradients: NodeSet,
}

impl Unused {
    pub(super) fn none() -> Self {
        Self { functions: NodeSet::none(0), gradients: NodeSet::none(0) }
    }

    /// The functions that nothing calls any more once the nodes in `cut` are gone, and
    /// that these called.
    pub(super) fn find(graph: &MetaGraph, input: &mut Input, cut: &NodeSet) -> Result<Self> {
        let mut calls = Calls::default();
        calls.read_names(graph, input)?;
        if calls.count == 0 {
            return Ok(Self::none());
        }
        calls.read_library(graph, input)?;
        let functions = calls.only_by(graph, input, cut)?;
        let is_cut = |gradient: &Ordinal| {
            let of = calls.gradients.get(*gradient as usize).copied().flatten();
            of.is_some_and(|function| functions.has(function))
        };
        let gradients = (0..calls.gradients.len() as Ordinal).filter(is_cut);
        let gradients = NodeSet::of(calls.gradients.len(), gradients);
        Ok(Self { functions, gradients })
    }
}

/// The library, and who calls whom in it.
#[derive(Default)]
struct Calls {
    keys: RandomState,
    /// Each function by the hash of its name.
    numbers: HashMap<u64, Ordinal>,
    /// From a function to one that it calls; sorted.
    edges: Vec<(Ordinal, Ordinal)>,
    /// Of which function each gradient is.
    gradients: Vec<Option<Ordinal>>,
    count: Ordinal,
}

impl Calls {
    /// The functions that are called by nodes in `cut`, and by nothing else.
    fn only_by(&self, graph: &MetaGraph, input: &mut Input, cut: &NodeSet) -> Result<NodeSet> {
        let none = NodeSet::none(self.count as usize);
        let (mut kept, mut gone) = (none.clone(), none);
        graph.each_node(input, |input, node, head| {
            let called = if cut.has(node) { &mut gone } else { &mut kept };
            // The value of a constant is long, and calls nothing.
            match head.op == b"Const" {
                true => Ok(()),
                false => self.each(input, head.whole, |function| called.add(function)),
            }
        })?;
        graph.each_part(input, |input, field, body| match field.number {
            meta::GRAPH => Ok(()),
            _ => self.each(input, body, |function| kept.add(function)),
        })?;
        self.close(&mut gone);
        // What nothing has called before stays too, with what it calls.
        (0..self.count).filter(|&one| !gone.has(one)).for_each(|one| kept.add(one));
        self.close(&mut kept);
        gone.remove_all(&kept);
        Ok(gone)
    }

    fn read_names(&mut self, graph: &MetaGraph, input: &mut Input) -> Result<()> {
        each_function(graph, input, |input, function| {
            let name = functions::name(input, function)?;
            self.numbers.entry(self.keys.hash_one(name.as_slice())).or_insert(self.count);
            self.count += 1;
            Ok(())
        })
    }

    fn read_library(&mut self, graph: &MetaGraph, input: &mut Input) -> Result<()> {
        let mut edges = Vec::new();
        let mut number = 0;
        each_function(graph, input, |input, function| {
            self.each(input, function, |called| edges.push((number, called)))?;
            number += 1;
            Ok(())
        })?;
        let mut gradients = Vec::new();
        each_of_library(graph, input, functions::GRADIENT, |input, gradient| {
            let mut named = Vec::new();
            self.each(input, gradient, |function| named.push(function))?;
            gradients.push(named.first().copied());
            edges.extend(named.windows(2).map(|pair| (pair[0], pair[1])));
            Ok(())
        })?;
        self.gradients = gradients;
        edges.sort_unstable();
        self.edges = edges;
        Ok(())
    }

    /// Calls `each` with every function that is named in `span`.
    fn each(&self, input: &mut Input, span: Span, mut each: impl FnMut(Ordinal)) -> Result<()> {
        each_text(input, span, &mut |text| {
            if let Some(&function) = self.numbers.get(&self.keys.hash_one(text)) {
                each(function);
            }
        })
    }

    /// Adds what the functions in `called` call.
    fn close(&self, called: &mut NodeSet) {
        let mut pending: Vec<Ordinal> = (0..self.count).filter(|&one| called.has(one)).collect();
        while let Some(caller) = pending.pop() {
            let start = self.edges.partition_point(|&(from, _)| from < caller);
            let edges = self.edges.iter().skip(start).take_while(|&&(from, _)| from == caller);
            pending.extend(edges.map(|&(_, to)| to).filter(|&to| called.insert(to)));
        }
    }
}

fn each_function(
    graph: &MetaGraph,
    input: &mut Input,
    each: impl FnMut(&mut Input, Span) -> Result<()>,
) -> Result<()> {
    each_of_library(graph, input, functions::FUNCTION, each)
}

fn each_of_library(
    graph: &MetaGraph,
    input: &mut Input,
    number: u32,
    mut each: impl FnMut(&mut Input, Span) -> Result<()>,
) -> Result<()> {
    each_bytes(input, graph.span, meta::GRAPH, |input, graph| {
        each_bytes(input, graph, meta::LIBRARY, |input, library| {
            each_bytes(input, library, number, &mut each)
        })
    })
}
