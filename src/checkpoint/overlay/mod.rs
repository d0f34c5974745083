//! Several checkpoints as one, without a copy of anything.
//!
//! ```text
//! checkpoint ──names──► layer ─┐
//! checkpoint ──names──► layer ─┼─► catalog: name → layer, name there ──► Reader
//! checkpoint ──names──► layer ─┘           or → slices in several of them
//! ```

mod catalog;
mod graph;
mod join;
mod joined;
mod names;
mod read;
mod rule;
mod source;

use std::sync::Arc;

use self::catalog::{Catalog, Item, all_items};
use self::graph::{Graph, Joined};
use self::source::OverlaySource;
use super::object_graph::OBJECT_GRAPH_KEY;
use super::reader::Reader;
use super::source::MadeSource;
use crate::bundle::{Assembly, Names, OnConflict, Part};
use crate::error::{Error, Result};
use crate::tensor::Strings;

pub use names::NameMap;
pub use rule::NameRule;

/// Several checkpoints to be read as one, of any format, each with names of its
/// own choice.
///
/// A partitioned tensor may have some slices in one and some in others, if dtype and
/// shape are the same: they are brought together. Elements that several cover are a
/// conflict, or of the one that wins.
///
/// ```
/// use tfckpt::bundle::{OnConflict, Writer};
/// use tfckpt::checkpoint::{NameMap, NameRule, Overlay, Reader};
/// use tfckpt::tensor::{DType, Shape};
///
/// # fn main() -> tfckpt::Result<()> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let (encoder, head) = (dir.path().join("encoder"), dir.path().join("head"));
/// # for prefix in [&encoder, &head] {
/// #     let mut writer = Writer::create(prefix)?;
/// #     writer.add("model/w", DType::UINT8, &Shape::new([2])?, &[1, 2])?;
/// #     writer.finish()?;
/// # }
/// let mut overlay = Overlay::new();
/// overlay.on_conflict(OnConflict::First);
/// let names = NameMap { rules: vec![NameRule::prefix("model/", "encoder/")], ..NameMap::default() };
/// overlay.add(Reader::open(&encoder)?, names);
/// overlay.add(Reader::open(&head)?, NameMap::default());
/// let reader = overlay.open()?;
/// assert_eq!(reader.read("encoder/w")?, [1, 2]);
/// assert!(reader.find("model/w")?.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    layers: Vec<Layer>,
    on_conflict: OnConflict,
}

/// A checkpoint of an overlay, and what its tensors are called there.
#[derive(Clone, Debug)]
struct Layer {
    reader: Arc<Reader>,
    names: NameMap,
}

impl Overlay {
    /// An overlay of nothing, in which two tensors of one name are an error.
    pub fn new() -> Self {
        Self::default()
    }

    /// What happens where two checkpoints have a tensor of the same name, or the same
    /// elements of a partitioned one.
    pub fn on_conflict(&mut self, on_conflict: OnConflict) -> &mut Self {
        self.on_conflict = on_conflict;
        self
    }

    /// Adds a checkpoint behind those that there are.
    pub fn add(&mut self, reader: impl Into<Arc<Reader>>, names: NameMap) -> &mut Self {
        self.layers.push(Layer { reader: reader.into(), names });
        self
    }

    /// How the tensors of the checkpoint that was added last are called; `None`
    /// where there is none.
    pub fn last_names(&mut self) -> Option<&mut NameMap> {
        self.layers.last_mut().map(|layer| &mut layer.names)
    }

    /// Opens it: a reader over all of the checkpoints. Reads all of their indices
    /// and keeps the names; values are read from where they are.
    ///
    /// Object graphs are read too, where there are several or names change: the
    /// overlay has one of the objects of all, in which paths stay what they are and
    /// keys follow the names, as in a [copy](super::copy). Of what is one object in
    /// several checkpoints, but under different names, it has the name in the first
    /// (or last, by [`on_conflict`](Overlay::on_conflict)). That several have a
    /// graph, or the counter of saves that `tf.train.Checkpoint` adds, is no
    /// conflict.
    ///
    /// # Errors
    /// `InvalidArgument` where there is no checkpoint in it; where tensors are in
    /// several and that is to be an error, or where two tensors of one checkpoint
    /// would have the same name, with [all such names](Error::names). `NotFound` where rules
    /// fit no tensor. `DataLoss` where a part of an index, or an object graph, can't be read:
    /// nobody knows what there is then; or where slices that are to be brought together
    /// overlap within one checkpoint. `ResourceLimit` where they overlap in millions of
    /// ways.
    pub fn open(&self) -> Result<Reader> {
        self.open_source().map(Reader::new)
    }

    pub(super) fn open_source(&self) -> Result<OverlaySource> {
        let (items, Joined { graph, shared }) = self.survey()?;
        let mut catalog = Catalog::new(items, &self.layers, self.on_conflict, &shared)?;
        let mut readers: Vec<_> = self.layers.iter().map(|layer| layer.reader.clone()).collect();
        let name = OBJECT_GRAPH_KEY.as_bytes();
        match graph {
            Graph::AsStored => {}
            Graph::Gone => catalog.remove(name),
            Graph::Made(graph) => {
                catalog.put(name, readers.len() as u32);
                readers.push(Arc::new(Reader::new(MadeSource::new(name, graph.to_bytes()))));
            }
        }
        Ok(OverlaySource::new(readers, catalog))
    }

    /// All tensors under their new names, and what becomes of the object graphs.
    fn survey(&self) -> Result<(Vec<Item>, Joined)> {
        if self.layers.is_empty() {
            return Err(Error::invalid("there is no checkpoint in the overlay"));
        }
        let items = all_items(&self.layers)?;
        let joined = Joined::of(&self.layers, &items, self.on_conflict)?;
        Ok((items, joined))
    }

    /// Whether all tensors keep their names, and there are no object graphs to be
    /// joined.
    pub(super) fn is_plain(&self) -> Result<bool> {
        Ok(self.layers.iter().all(|layer| layer.names.is_plain())
            && graph::is_as_stored(&self.layers)?)
    }

    /// What a bundle of the same tensors is made of, where all checkpoints are
    /// bundles. Names that several have are left to those who make it.
    pub(super) fn assembly(&self) -> Result<Assembly> {
        let (items, Joined { graph, shared }) = self.survey()?;
        let mut names: Vec<Names> = vec![Names::new(); self.layers.len()];
        for item in items {
            if matches!(graph, Graph::AsStored) || item.name() != OBJECT_GRAPH_KEY.as_bytes() {
                let names = &mut names[item.layer as usize];
                names.entry(item.original().into()).or_default().push(item.name().into());
            }
        }
        let part = |(layer, names): (&Layer, Names)| {
            let whole = layer.names.is_plain() && !matches!(graph, Graph::Gone);
            let prefix = layer.reader.prefix().to_path_buf();
            Part { prefix, names: (!whole).then_some(names) }
        };
        let parts = self.layers.iter().zip(names).map(part).collect();
        let made = match &graph {
            Graph::Made(graph) => {
                vec![(OBJECT_GRAPH_KEY.into(), Strings::from_iter([graph.to_bytes()]))]
            }
            _ => Vec::new(),
        };
        Ok(Assembly { parts, made, shared, ..Assembly::default() })
    }
}
