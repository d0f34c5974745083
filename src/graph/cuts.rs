//! What of a graph goes, and why.
//!
//! ```text
//! names ──► edges ──► roots ──► savers that are dead ──► copies ──► training ──► cut
//!                                                           back: what a node that stays uses
//! ```

use std::collections::hash_map::RandomState;

use super::calls::Unused;
use super::constants::Duplicates;
use super::copies::{Copies, Search};
use super::input::Input;
use super::label::{self, Sources};
use super::meta::MetaGraph;
use super::name_table::NameTable;
use super::node_set::{NodeSet, Ordinal};
use super::roots::{Named, Roots};
use super::savers::{SaverUse, Savers};
use super::skeleton::Skeleton;
use super::strip::StripOptions;
use super::training;
use crate::error::{Error, Result, ResultExt};
use crate::shown::shown;

/// What goes.
pub(super) struct Cuts {
    /// How many savers that nobody uses.
    pub dead_savers: u64,
    /// The nodes of these, the copies, and all nodes that go.
    pub savers: NodeSet,
    pub copies: NodeSet,
    pub nodes: NodeSet,
    pub library: Unused,
    pub duplicates: Duplicates,
    /// What the values of collections name.
    pub named: Vec<Named>,
}

impl Cuts {
    pub(super) fn find(
        graph: &MetaGraph,
        input: &mut Input,
        options: &StripOptions,
    ) -> Result<Self> {
        let (plan, named) = Plan::read(graph, input, options)?;
        let savers = Savers::find(graph, input, &plan.nodes, &plan.roots)?;
        let dead_savers = match options.savers {
            true => savers.uses.iter().filter(|&&used_by| used_by == SaverUse::Dead).count() as u64,
            false => 0,
        };
        let dead = plan.dead(&savers, options);
        let kept = plan.kept(&savers);
        drop(savers);
        let copies = plan.copies(graph, input, &kept, &dead, options)?;
        let nodes = plan.all(&dead, &copies);
        drop(plan);
        let library = match options.training {
            true => Unused::find(graph, input, &nodes)?,
            false => Unused::none(),
        };
        let duplicates = match options.constants {
            Some(min_bytes) => Duplicates::find(graph, input, &nodes, min_bytes)?,
            None => Duplicates::default(),
        };
        Ok(Self { dead_savers, savers: dead, copies, nodes, library, duplicates, named })
    }
}

/// The graph, as far as it has to be known to decide.
struct Plan {
    keys: RandomState,
    nodes: Skeleton,
    sources: Sources,
    roots: Roots,
    /// The steps of optimizers with all that comes of them, and the gradients; where
    /// training goes.
    training: Option<(NodeSet, NodeSet)>,
}

impl Plan {
    fn read(
        graph: &MetaGraph,
        input: &mut Input,
        options: &StripOptions,
    ) -> Result<(Self, Vec<Named>)> {
        let keys = RandomState::new();
        let names = NameTable::read(graph, input, keys.clone())?;
        refuse_duplicate_names(graph, input, &names)?;
        let mut sources = Sources::default();
        let mut gradients = NodeSet::none(names.len());
        let nodes = Skeleton::read(graph, input, &names, |input, ordinal, node| {
            if options.training && training::is_gradient(&node.name) {
                gradients.add(ordinal);
            }
            match options.copies {
                Copies::Keep => Ok(()),
                _ => sources.add(input, ordinal, node, &names),
            }
        })?;
        let training = options.training.then(|| training::find(&nodes));
        let mut roots = Roots::find(graph, input, &names, training.as_ref())?;
        let named = std::mem::take(&mut roots.values);
        let training = training.map(|training| (training, gradients));
        Ok((Self { keys, nodes, sources, roots, training }, named))
    }

    /// The nodes of dead savers.
    fn dead(&self, savers: &Savers, options: &StripOptions) -> NodeSet {
        match options.savers {
            true => NodeSet::of(self.nodes.len(), savers.nodes_of(SaverUse::Dead)),
            false => NodeSet::none(self.nodes.len()),
        }
    }

    fn copies(
        &self,
        graph: &MetaGraph,
        input: &mut Input,
        kept: &NodeSet,
        dead: &NodeSet,
        options: &StripOptions,
    ) -> Result<NodeSet> {
        if options.copies == Copies::Keep {
            return Ok(NodeSet::none(self.nodes.len()));
        }
        let labels = label::read(graph, input, self.nodes.len(), &self.keys)?;
        let Self { nodes, sources, keys, .. } = self;
        Ok(Search { nodes, sources, kept, dead, keys }.find(labels, options.copies))
    }

    /// The nodes that must stay, whatever is a copy of what, with all that they use.
    fn kept(&self, savers: &Savers) -> NodeSet {
        let named = self.nodes.ordinals().filter(|&node| self.roots.has(node));
        let unknown = savers.nodes_of(SaverUse::Unknown);
        let mut kept = NodeSet::of(self.nodes.len(), named.chain(unknown));
        self.nodes.close(&mut kept);
        kept
    }

    fn all(&self, dead: &NodeSet, copies: &NodeSet) -> NodeSet {
        let mut cut = dead.clone();
        cut.add_all(copies);
        if let Some((training, gradients)) = &self.training {
            let more = training::unneeded(&self.nodes, training, gradients, &self.roots, &cut);
            cut.add_all(&more);
        }
        self.nodes.take_back(&mut cut, |node| self.roots.has(node));
        cut
    }
}

/// Which of two nodes with one name an input means, nobody can say.
fn refuse_duplicate_names(graph: &MetaGraph, input: &mut Input, names: &NameTable) -> Result<()> {
    let Some(duplicate) = names.duplicate() else { return Ok(()) };
    let mut error = None;
    graph.each_node(input, |_, ordinal: Ordinal, node| {
        if ordinal == duplicate {
            let what = format!("another node is called '{}' too", shown(&node.name));
            error = Some(Error::data_loss(what).at_offset(node.whole.start));
        }
        Ok(())
    })?;
    error.map_or(Ok(()), Err).in_file(graph.path())
}
