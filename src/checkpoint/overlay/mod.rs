//! Several checkpoints as one, without a copy of anything.
//!
//! ```text
//! checkpoint ──names──► layer ─┐
//! checkpoint ──names──► layer ─┼─► catalog: name → layer, name there ──► Reader
//! checkpoint ──names──► layer ─┘
//! ```

mod catalog;
mod rule;
mod source;

use std::sync::Arc;

use self::catalog::Catalog;
use self::source::OverlaySource;
use super::reader::Reader;
use crate::bundle::OnConflict;
use crate::error::{Error, Result};

pub use rule::NameRule;

/// What tensors of a checkpoint are called in an overlay.
#[derive(Clone, Debug)]
pub struct NameMap {
    /// Each rule gives the tensors that it fits a name. A tensor that several fit
    /// has several names; rules that fit none are an error.
    pub rules: Vec<NameRule>,
    /// Whether tensors that no rule fits keep their names; they are left out if
    /// not. Default: they do.
    pub keep_unmapped: bool,
}

impl Default for NameMap {
    fn default() -> Self {
        Self { rules: Vec::new(), keep_unmapped: true }
    }
}

/// Several checkpoints to be read as one, of any format, each with names of its
/// own choice.
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

    /// What happens where two checkpoints have a tensor of the same name.
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
    /// # Errors
    /// `InvalidArgument` where there is no checkpoint in it; where tensors are in
    /// several and that is to be an error, or where two tensors of one checkpoint
    /// would have the same name, with [all such names](Error::names). `NotFound`
    /// where rules fit no tensor. `DataLoss` where a part of an index can't be read:
    /// nobody knows what names there are then.
    pub fn open(&self) -> Result<Reader> {
        if self.layers.is_empty() {
            return Err(Error::invalid("there is no checkpoint in the overlay"));
        }
        let catalog = Catalog::of(&self.layers, self.on_conflict)?;
        let readers = self.layers.iter().map(|layer| layer.reader.clone()).collect();
        Ok(Reader::new(OverlaySource::new(readers, catalog)))
    }
}
