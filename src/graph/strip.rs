//! A `.meta` without what nobody uses.
//!
//! ```text
//! nodes ──► cut: dead savers, copies, training ──► back: whatever a node that stays uses
//! .meta ──► ranges that stay, new lengths around them ──► a temporary file ──► its name
//! ```
//! What stays is copied byte for byte, fields that nobody knows included, in its
//! order. The lengths of the messages around a cut are new; a constant that repeats
//! another, and is to go, becomes an Identity; nothing else is written anew.

use std::path::Path;
use std::sync::Arc;

use super::copies::Copies;
use super::cuts::Cuts;
use super::meta::{MetaFile, MetaGraph};
use super::pieces::Pieces;
use super::rewrite::Rewrite;
use crate::error::{Result, ResultExt};
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
    /// optimizers, what comes of them, what only they need, the functions that only
    /// they call. With signatures in the file all goes that neither they nor the
    /// saver nor a collection need. Default: no.
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
    /// The functions of the library that only nodes called that went.
    pub functions: Cut,
    /// The values of collections that stood there twice, or named a node that went.
    pub collection_values: Cut,
    /// The constants that became an `Identity`; their bytes are what that saved.
    pub constants: Cut,
}

impl Stripped {
    /// Whether what is left may have more to cut.
    fn may_leave_more(&self) -> bool {
        self.saver_nodes.count + self.copies.count + self.training.count > 0
    }

    /// This, and then that.
    fn and(self, next: Self) -> Self {
        Self {
            bytes_before: self.bytes_before,
            bytes_after: next.bytes_after,
            savers: self.savers + next.savers,
            saver_nodes: self.saver_nodes.and(next.saver_nodes),
            copies: self.copies.and(next.copies),
            training: self.training.and(next.training),
            functions: self.functions.and(next.functions),
            collection_values: self.collection_values.and(next.collection_values),
            constants: self.constants.and(next.constants),
        }
    }
}

/// How much was cut of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// How many nodes, functions or values.
    pub count: u64,
    /// How many bytes they took.
    pub bytes: u64,
}

impl Cut {
    pub(super) fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }

    fn and(self, next: Self) -> Self {
        Self { count: self.count + next.count, bytes: self.bytes + next.bytes }
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
    let plan = Plan::of(file.meta_graph()?, options)?;
    let mut staging = Staging::beside(options.storage.clone(), dst)?;
    let out = staging.create(dst)?;
    plan.pieces.write(&mut plan.graph.input(), out.as_ref()).in_file(dst)?;
    if options.sync {
        out.sync()?;
    }
    drop(out);
    staging.take_turn()?;
    if !options.replace {
        refuse_existing(options.storage.as_ref(), dst)?;
    }
    // One file: what it replaces needs not go before.
    staging.commit_over(options.sync)?;
    Ok(plan.stripped)
}

impl MetaGraph {
    /// What [`strip`] would cut.
    ///
    /// # Errors
    /// As those of [`strip`] about its source.
    pub fn strippable(&self, options: &StripOptions) -> Result<Stripped> {
        Plan::of(self, options).map(|plan| plan.stripped)
    }
}

/// After so many rounds what is left is left: no graph but one made to harm needs more
/// than two or three.
const MAX_ROUNDS: usize = 30;

/// What is to be written.
struct Plan {
    /// The graph, or what an earlier round has left of it.
    graph: MetaGraph,
    /// The pieces of that.
    pieces: Pieces,
    stripped: Stripped,
}

impl Plan {
    /// Cuts until nothing is left to cut: what only nodes used that have gone can go too.
    fn of(graph: &MetaGraph, options: &StripOptions) -> Result<Self> {
        let mut plan = Self::round(graph, options)?;
        let mut goes_on = plan.stripped.may_leave_more();
        for _ in 1..MAX_ROUNDS {
            if !goes_on {
                break;
            }
            let left = MetaGraph::whole(plan.pieces.into_file(plan.graph.file));
            let next = Self::round(&left, options)?;
            goes_on = next.stripped.may_leave_more();
            plan = Self { stripped: plan.stripped.and(next.stripped), ..next };
        }
        Ok(plan)
    }

    fn round(graph: &MetaGraph, options: &StripOptions) -> Result<Self> {
        let mut input = graph.input();
        let cuts = Cuts::find(graph, &mut input, options)?;
        let (pieces, mut stripped) = Rewrite::new(&cuts, options).meta_graph(graph, &mut input)?;
        stripped.savers = cuts.dead_savers;
        stripped.bytes_before = graph.bytes();
        stripped.bytes_after = pieces.len();
        Ok(Self { graph: graph.clone(), pieces, stripped })
    }
}
