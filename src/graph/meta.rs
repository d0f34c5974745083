//! The files that hold a graph, and the parts of a graph with all that belongs to it.
//!
//! ```text
//! MetaGraphDef = meta_info_def 1, graph_def 2, saver_def 3, collection_def 4 (map),
//!                signature_def 5 (map), asset_file_def 6, object_graph_def 7
//! GraphDef     = node 1 (repeated), library 2, version 3, versions 4, …
//! SavedModel   = saved_model_schema_version 1 (a number), meta_graphs 2 (repeated)
//! ```
//! A `.meta` file is one MetaGraphDef, a `saved_model.pb` one SavedModel. Field 1
//! tells them apart: a message in the one, a number in the other.

use std::path::Path;
use std::sync::Arc;

use super::input::{Field, Input, Value, each_bytes, each_field};
use super::node::{self, Node};
use super::node_set::Ordinal;
use super::wire::Span;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::shown::shown;
use crate::storage::{LocalStorage, ReadFile, Storage};

pub(super) const META_INFO: u32 = 1;
pub(super) const GRAPH: u32 = 2;
pub(super) const SAVER: u32 = 3;
pub(super) const COLLECTION: u32 = 4;
pub(super) const SIGNATURE: u32 = 5;
pub(super) const ASSET: u32 = 6;
pub(super) const OBJECT_GRAPH: u32 = 7;

pub(super) const NODE: u32 = 1;
pub(super) const LIBRARY: u32 = 2;
pub(super) const VERSIONS: u32 = 4;

const SAVED_MODEL_VERSION: u32 = 1;
const SAVED_MODEL_GRAPH: u32 = 2;
/// More graphs than this in one SavedModel are a damaged file.
const MAX_GRAPHS: usize = 10_000;
/// No graph has more nodes.
const MAX_NODES: Ordinal = 1 << 30;

/// A `.meta` file, or the `saved_model.pb` of a SavedModel.
///
/// Opening one reads the heads of its outermost fields only. Files of any size
/// open: what is in memory later is the largest single node at most, and some
/// twenty bytes for every node. Immutable, and free to be shared by threads.
#[derive(Debug)]
pub struct MetaFile {
    file: Arc<dyn ReadFile>,
    saved_model: Option<u64>,
    graphs: Vec<MetaGraph>,
}

impl MetaFile {
    /// Opens the file at `path` of the local file system.
    ///
    /// # Errors
    /// As those of [`open_in`](Self::open_in).
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_in(&LocalStorage, path.as_ref())
    }

    /// Opens the file at `path` of `storage`.
    ///
    /// # Errors
    /// `NotFound` and `Io`; `DataLoss`, with the byte at which it was noticed,
    /// where the file holds no graph in protobuf's binary form.
    pub fn open_in(storage: &dyn Storage, path: &Path) -> Result<Self> {
        Self::of(storage.open(path)?)
    }

    /// What an open file holds.
    ///
    /// # Errors
    /// `DataLoss` and `Io`.
    pub fn of(file: Arc<dyn ReadFile>) -> Result<Self> {
        let whole = Span { start: 0, end: file.len() };
        let mut input = Input::new(file.clone());
        let mut outline = Outline::default();
        each_field(&mut input, whole, |input, field| outline.take(input, &field))
            .map_err(|error| explain(error, &file))?;
        let graphs = match outline.saved_model {
            Some(_) => outline.graphs,
            None if outline.known == 0 => {
                let what = "neither a MetaGraphDef nor a SavedModel: none of their fields is here";
                return Err(Error::data_loss(what).in_file(file.path()));
            }
            None => vec![whole],
        };
        let graphs = graphs.into_iter().map(|span| MetaGraph { file: file.clone(), span });
        Ok(Self { graphs: graphs.collect(), saved_model: outline.saved_model, file })
    }

    /// The graphs in it: one in a `.meta`, one for each set of tags in a SavedModel.
    pub fn graphs(&self) -> &[MetaGraph] {
        &self.graphs
    }

    /// Whether it is a SavedModel, and its `saved_model_schema_version` if so.
    pub fn saved_model_version(&self) -> Option<u64> {
        self.saved_model
    }

    /// The path it was opened under.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> u64 {
        self.file.len()
    }

    /// The one graph of a `.meta` file.
    ///
    /// # Errors
    /// `Unsupported` where it is a SavedModel.
    pub fn meta_graph(&self) -> Result<&MetaGraph> {
        match self.graphs.as_slice() {
            [graph] if self.saved_model.is_none() => Ok(graph),
            _ => {
                let what = "a SavedModel, where a .meta file was asked for";
                Err(Error::unsupported(what)).in_file(self.file.path())
            }
        }
    }
}

#[derive(Default)]
struct Outline {
    saved_model: Option<u64>,
    graphs: Vec<Span>,
    known: u64,
}

impl Outline {
    fn take(&mut self, input: &Input, field: &Field) -> Result<()> {
        match (field.number, field.value) {
            (SAVED_MODEL_VERSION, Value::Varint(version)) => self.saved_model = Some(version),
            (SAVED_MODEL_GRAPH, Value::Bytes(span)) if self.saved_model.is_some() => {
                if self.graphs.len() == MAX_GRAPHS {
                    return Err(
                        input.damaged(field.whole.start, "more graphs than a model can have")
                    );
                }
                self.graphs.push(span);
            }
            (META_INFO..=OBJECT_GRAPH, Value::Bytes(_)) => self.known += 1,
            _ => {}
        }
        Ok(())
    }
}

/// Says what a file is that people take for a binary one.
fn explain(error: Error, file: &Arc<dyn ReadFile>) -> Error {
    let mut start = [0; 64];
    let len = file.len().min(start.len() as u64) as usize;
    let text = file.read_exact_at(&mut start[..len], 0).is_ok()
        && start[..len].iter().all(|&byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
    if len == 0 || !text {
        return error;
    }
    let found = start[..len].split(|&byte| byte == b'\n').next().unwrap_or_default();
    let what = format!(
        "a text file that begins with '{}', where a binary MetaGraphDef should be",
        shown(found)
    );
    Error::data_loss(what).in_file(file.path()).at_offset(0)
}

/// One graph with its savers, collections and signatures: a MetaGraphDef.
#[derive(Clone, Debug)]
pub struct MetaGraph {
    pub(super) file: Arc<dyn ReadFile>,
    pub(super) span: Span,
}

impl MetaGraph {
    /// The one that takes all of a file.
    pub(super) fn whole(file: Arc<dyn ReadFile>) -> Self {
        let span = Span { start: 0, end: file.len() };
        Self { file, span }
    }

    /// The file it is in.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// How many bytes of the file it takes.
    pub fn bytes(&self) -> u64 {
        self.span.len()
    }

    pub(super) fn input(&self) -> Input {
        Input::new(self.file.clone())
    }

    /// Calls `each` with every part that is a string or a message.
    pub(super) fn each_part(
        &self,
        input: &mut Input,
        mut each: impl FnMut(&mut Input, Field, Span) -> Result<()>,
    ) -> Result<()> {
        each_field(input, self.span, |input, field| match field.bytes() {
            Some(body) => each(input, field, body),
            None => Ok(()),
        })
    }

    /// Calls `each` with every node of the graph and its position in the file.
    pub(super) fn each_node(
        &self,
        input: &mut Input,
        mut each: impl FnMut(&mut Input, Ordinal, &Node) -> Result<()>,
    ) -> Result<()> {
        let mut node = Node::default();
        let mut ordinal = 0;
        self.each_node_field(input, |input, field, body| {
            node.read(input, field.whole, body)?;
            each(input, ordinal, &node)?;
            ordinal = next(ordinal, input)?;
            Ok(())
        })
    }

    /// Calls `each` with where the name of every node lies.
    pub(super) fn each_name(
        &self,
        input: &mut Input,
        mut each: impl FnMut(&mut Input, Ordinal, Span) -> Result<()>,
    ) -> Result<()> {
        let mut ordinal = 0;
        self.each_node_field(input, |input, _, body| {
            let name = node::name(input, body)?;
            each(input, ordinal, name)?;
            ordinal = next(ordinal, input)?;
            Ok(())
        })
    }

    fn each_node_field(
        &self,
        input: &mut Input,
        mut each: impl FnMut(&mut Input, Field, Span) -> Result<()>,
    ) -> Result<()> {
        each_bytes(input, self.span, GRAPH, |input, graph| {
            each_field(input, graph, |input, field| match field.bytes() {
                Some(body) if field.number == NODE => each(input, field, body),
                _ => Ok(()),
            })
        })
    }
}

fn next(ordinal: Ordinal, input: &Input) -> Result<Ordinal> {
    if ordinal == MAX_NODES {
        let what = "more nodes than a graph can have";
        return Err(Error::new(ErrorKind::ResourceLimit, what)).in_file(input.file().path());
    }
    Ok(ordinal + 1)
}
