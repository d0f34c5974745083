//! A `.meta` without what nobody uses.
//!
//! ```text
//! nodes ──► cut: dead savers, copies, training ──► back: whatever a node that stays uses
//! .meta ──► ranges that stay, new lengths around them ──► a temporary file ──► its name
//! ```
//! What stays is copied byte for byte, fields that nobody knows included, in its
//! order. The lengths of the messages around a cut are new; a constant that repeats
//! another, and is to go, becomes an Identity; nothing else is written anew.

use std::collections::hash_map::RandomState;
use std::path::Path;
use std::sync::Arc;

use super::constants::Duplicates;
use super::copies::{self, Copies};
use super::entries;
use super::input::{Fields, Input};
use super::label::Labels;
use super::meta::{self, MetaFile, MetaGraph};
use super::node::Node;
use super::pieces::Pieces;
use super::roots::Roots;
use super::savers::{self, FoundSaver, SaverUse};
use super::skeleton::{NodeSet, Ordinal, Skeleton};
use super::training;
use super::wire::Span;
use crate::error::{Error, Result, ResultExt};
use crate::storage::{LocalStorage, Staging, Storage, refuse_existing};

/// What [`strip`] cuts, and how it writes.
#[derive(Clone, Debug)]
pub struct StripOptions {
    /// Where the files are. Default: the local file system.
    pub storage: Arc<dyn Storage>,
    /// Whether savers that nobody uses go: not `saver_def`, no collection, no other
    /// node. Default: yes.
    pub savers: bool,
    /// Which nodes go that do again what another does. Default:
    /// [`WithEffect`](Copies::WithEffect).
    pub copies: Copies,
    /// Whether collections lose values that name nodes and stand there more than
    /// once. Default: yes.
    pub collections: bool,
    /// From how many bytes on a constant that equals another becomes an `Identity`
    /// of that. Default (`None`): never.
    pub constants: Option<u64>,
    /// Whether all goes that is for training alone: gradients, the steps of
    /// optimizers, what comes of them, what only they need. With signatures in the
    /// file all goes that neither they nor the saver nor a collection need.
    /// Default: no.
    pub training: bool,
    /// Whether [`strip`] returns only when everything is on stable storage.
    /// Default: yes.
    pub sync: bool,
    /// Whether a file that has the name already is replaced; it may be the source.
    /// Default: no.
    pub replace: bool,
}

impl Default for StripOptions {
    fn default() -> Self {
        Self {
            storage: LocalStorage::shared(),
            savers: true,
            copies: Copies::default(),
            collections: true,
            constants: None,
            training: false,
            sync: true,
            replace: false,
        }
    }
}

/// What was cut, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stripped {
    /// How many bytes there were.
    pub bytes_before: u64,
    /// How many bytes are left.
    pub bytes_after: u64,
    /// How many savers went.
    pub savers: u64,
    /// Their nodes.
    pub saver_nodes: Cut,
    /// The nodes that did again what another does.
    pub copies: Cut,
    /// The nodes that are for training alone.
    pub training: Cut,
    /// The values of collections that stood there twice, or named a node that went.
    pub collection_values: Cut,
    /// The constants that became an `Identity`; their bytes are what that saved.
    pub constants: Cut,
}

/// How much was cut of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// How many nodes, or values.
    pub count: u64,
    /// How many bytes they took.
    pub bytes: u64,
}

impl Cut {
    pub(super) fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

/// Writes the `.meta` file `src` anew as `dst`, without what nobody uses.
///
/// By default that is what makes such files grow while the data stays: savers that
/// nobody uses, copies of nodes that an import of the graph into itself or a loop
/// has left, and values that stand in a collection twice. What remains imports and
/// restores as before. A node stays if anything that stays uses it: as an input, to
/// wait for, or to be placed with it; and so it does if a collection, a signature,
/// `saver_def` or the object graph names it.
///
/// The file appears whole or not at all, under a temporary name at first.
///
/// # Errors
/// `AlreadyExists` where there is a file `dst` that is not to be replaced;
/// `Unsupported` for a SavedModel; `DataLoss`, with the byte at which it was noticed,
/// where `src` is damaged or two of its nodes have one name; `NotFound` and `Io`.
pub fn strip(
    src: impl AsRef<Path>,
    dst: impl AsRef<Path>,
    options: &StripOptions,
) -> Result<Stripped> {
    let dst = dst.as_ref();
    let file = MetaFile::open_in(options.storage.as_ref(), src.as_ref())?;
    if !options.replace {
        refuse_existing(options.storage.as_ref(), dst)?;
    }
    let graph = file.meta_graph()?;
    let (pieces, stripped) = plan(graph, options)?;
    let mut staging = Staging::beside(options.storage.clone(), dst)?;
    let out = staging.create(dst)?;
    pieces.write(&mut graph.input(), out.as_ref()).in_file(dst)?;
    if options.sync {
        out.sync()?;
    }
    drop(out);
    staging.commit(options.sync, &[])?;
    Ok(stripped)
}

impl MetaGraph {
    /// What [`strip`] would cut.
    ///
    /// # Errors
    /// As those of [`strip`] about its source.
    pub fn strippable(&self, options: &StripOptions) -> Result<Stripped> {
        plan(self, options).map(|(_, stripped)| stripped)
    }
}

fn plan(graph: &MetaGraph, options: &StripOptions) -> Result<(Pieces, Stripped)> {
    let mut input = graph.input();
    let mut rewrite = Rewrite::prepare(graph, &mut input, options)?;
    let pieces = rewrite.meta_graph(graph, &mut input)?;
    let mut stripped = rewrite.stripped;
    stripped.bytes_before = graph.bytes();
    stripped.bytes_after = pieces.len();
    Ok((pieces, stripped))
}

/// What goes and why, and how far the file has been gone through.
struct Rewrite {
    nodes: Skeleton,
    savers: NodeSet,
    copies: NodeSet,
    cut: NodeSet,
    duplicates: Duplicates,
    collections: bool,
    next: Ordinal,
    stripped: Stripped,
}

impl Rewrite {
    fn prepare(graph: &MetaGraph, input: &mut Input, options: &StripOptions) -> Result<Self> {
        let keys = RandomState::new();
        let mut labels = Labels::new(keys.clone());
        let mut gradients = Vec::new();
        let mut ordinal = 0;
        let nodes = Skeleton::read_with(graph, input, keys, |input, node| {
            if options.copies != Copies::Keep {
                labels.add(input, node)?;
            }
            if options.training && training::is_gradient(&node.name) {
                gradients.push(ordinal);
            }
            ordinal += 1;
            Ok(())
        })?;
        refuse_duplicate_names(graph, input, &nodes)?;
        let training = options.training.then(|| training::find(&nodes));
        let roots = Roots::find(graph, input, &nodes, training.as_ref())?;
        let found = savers::find(graph, input, &nodes, &roots)?;
        let kept = kept(&nodes, &roots, &found);
        let mut savers = NodeSet::none(nodes.len());
        let mut stripped = Stripped::default();
        for saver in found.into_iter().filter(|saver| saver.used_by == SaverUse::Dead) {
            if options.savers {
                stripped.savers += 1;
                savers.add_all(&NodeSet::of(nodes.len(), saver.nodes));
            }
        }
        let copies = copies::find(&nodes, &labels, &kept, &savers, options.copies);
        drop(labels);
        let mut cut = savers.clone();
        cut.add_all(&copies);
        if let Some(training) = training {
            let gradients = NodeSet::of(nodes.len(), gradients);
            cut.add_all(&training::unneeded(&nodes, &training, &gradients, &roots, &cut));
        }
        nodes.take_back(&mut cut, |node| roots.has(node));
        let duplicates = match options.constants {
            Some(min_bytes) => Duplicates::find(graph, input, &cut, min_bytes)?,
            None => Duplicates::default(),
        };
        let collections = options.collections;
        Ok(Self { nodes, savers, copies, cut, duplicates, collections, next: 0, stripped })
    }

    fn meta_graph(&mut self, graph: &MetaGraph, input: &mut Input) -> Result<Pieces> {
        let mut pieces = Pieces::default();
        let mut fields = Fields::of(graph.span);
        while let Some(field) = fields.next(input)? {
            match (field.number, field.bytes()) {
                (meta::GRAPH, Some(body)) => {
                    let inner = self.graph(input, body)?;
                    pieces.put_message_or_copy(field.number, field.whole, body, inner);
                }
                (meta::COLLECTION, Some(body)) => {
                    let dropped = &mut self.stripped.collection_values;
                    let keep = entries::Keep::new(&self.nodes, &self.cut, self.collections);
                    if let Some(inner) = entries::rewrite(input, body, keep, dropped)? {
                        pieces.put_message_or_copy(field.number, field.whole, body, inner);
                    }
                }
                _ => pieces.copy(field.whole),
            }
        }
        Ok(pieces)
    }

    fn graph(&mut self, input: &mut Input, graph: Span) -> Result<Pieces> {
        let mut pieces = Pieces::default();
        let mut node = Node::default();
        let mut fields = Fields::of(graph);
        while let Some(field) = fields.next(input)? {
            let Some(body) = field.bytes().filter(|_| field.number == meta::NODE) else {
                pieces.copy(field.whole);
                continue;
            };
            let ordinal = self.next;
            self.next += 1;
            if self.cut.has(ordinal) {
                self.count(ordinal, field.whole.len());
                continue;
            }
            if !self.duplicates.has(ordinal) {
                pieces.copy(field.whole);
                continue;
            }
            node.read(input, field.whole, body)?;
            let new = self.duplicates.replacement(input, ordinal, &node)?;
            match field.whole.len().checked_sub(new.len() as u64).filter(|&saved| saved > 0) {
                Some(saved) => {
                    self.stripped.constants.add(saved);
                    pieces.put(new);
                }
                None => pieces.copy(field.whole),
            }
        }
        Ok(pieces)
    }

    fn count(&mut self, node: Ordinal, bytes: u64) {
        let stripped = &mut self.stripped;
        if self.savers.has(node) {
            stripped.saver_nodes.add(bytes);
        } else if self.copies.has(node) {
            stripped.copies.add(bytes);
        } else {
            stripped.training.add(bytes);
        }
    }
}

/// The nodes that must stay, whatever is a copy of what, with all that they use.
fn kept(nodes: &Skeleton, roots: &Roots, savers: &[FoundSaver]) -> NodeSet {
    let unknown = savers.iter().filter(|saver| saver.used_by == SaverUse::Unknown);
    let unknown = unknown.flat_map(|saver| saver.nodes.iter().copied());
    let named = nodes.ordinals().filter(|&node| roots.has(node));
    let mut kept = NodeSet::of(nodes.len(), unknown.chain(named));
    nodes.close(&mut kept);
    kept
}

/// Which of two nodes with one name an input means, nobody can say.
fn refuse_duplicate_names(graph: &MetaGraph, input: &mut Input, nodes: &Skeleton) -> Result<()> {
    let Some(duplicate) = nodes.duplicate_name() else { return Ok(()) };
    let mut ordinal = 0;
    let mut error = None;
    graph.each_node(input, |_, node| {
        if ordinal == duplicate {
            let what = format!("another node is called '{}' too", node.name.escape_ascii());
            error = Some(Error::data_loss(what).at_offset(node.whole.start));
        }
        ordinal += 1;
        Ok(())
    })?;
    error.map_or(Ok(()), Err).in_file(graph.path())
}
