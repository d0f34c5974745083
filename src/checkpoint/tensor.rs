//! What a tensor of a checkpoint is, whatever its format.

use std::cmp::Ordering;

use crate::bundle;
use crate::error::Result;
use crate::tensor::{DType, Shape, Slice};

/// A tensor of a checkpoint: name, type, shape, and how it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// The name: any bytes, in practice UTF-8.
    pub name: Vec<u8>,
    /// The type of its elements.
    pub dtype: DType,
    /// Its shape.
    pub shape: Shape,
    /// The slices in which a partitioned tensor is stored; empty for one that is
    /// stored whole.
    pub slices: Vec<Slice>,
    /// Where its bytes are. `None` for a partitioned tensor, and for one of a V1
    /// checkpoint, whose values lie inside of messages.
    pub stored: Option<Place>,
}

/// Where the bytes of a tensor are, as a V2 index has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The data shard, counted from 0.
    pub shard: u32,
    /// Where in that shard they begin.
    pub offset: u64,
    /// How many they are as stored.
    pub size: u64,
    /// Their masked CRC-32C.
    pub crc32c: u32,
}

impl Tensor {
    /// A scalar that is nowhere, for others to take its place and its memory.
    pub(crate) fn nowhere() -> Self {
        let (name, slices) = (Vec::new(), Vec::new());
        Self { name, dtype: DType::FLOAT, shape: Shape::default(), slices, stored: None }
    }

    /// How many bytes the elements take in memory; `None` where they have no
    /// fixed size.
    pub fn byte_size(&self) -> Option<u64> {
        self.shape.byte_size(self.dtype.size()?).ok()
    }

    /// Whether it is stored as slices.
    pub fn is_partitioned(&self) -> bool {
        !self.slices.is_empty()
    }
}

impl From<bundle::Tensor> for Tensor {
    fn from(bundle::Tensor { name, entry }: bundle::Tensor) -> Self {
        let stored = (!entry.is_partitioned()).then(|| Place::of(&entry));
        Self { name, dtype: entry.dtype, shape: entry.shape, slices: entry.slices, stored }
    }
}

impl From<bundle::Plain> for Place {
    #[inline(always)]
    fn from(plain: bundle::Plain) -> Self {
        let bundle::Plain { shard, offset, size, crc32c, .. } = plain;
        Self { shard, offset, size, crc32c }
    }
}

impl Place {
    pub(super) fn of(entry: &bundle::Entry) -> Self {
        let &bundle::Entry { shard, offset, size, crc32c, .. } = entry;
        Self { shard, offset, size, crc32c }
    }
}

/// A part of a tensor that is stored in one go: a slice of a partitioned one, or
/// all of it.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Which slice it is; `None` for the whole tensor.
    pub slice: Option<Slice>,
    /// How many bytes it has as stored; in V1, in memory, and 0 for strings.
    pub size: u64,
    pub(super) order: Order,
    pub(super) place: Option<Place>,
}

/// Where a piece stands among all of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    /// Which of the checkpoints of an overlay has it.
    pub(super) source: u32,
    pub(super) file: u32,
    pub(super) at: u64,
    /// Where two begin at one place, the first of them is empty.
    pub(super) then: u64,
}

impl Piece {
    /// The entry under which a bundle has it; `None` where none has just this of `tensor`.
    pub(super) fn entry(&self, tensor: &Tensor) -> Result<Option<bundle::Entry>> {
        let Some(Place { shard, offset, size, crc32c }) = self.place else { return Ok(None) };
        let shape = match &self.slice {
            Some(slice) => slice.shape(&tensor.shape)?,
            None => tensor.shape.clone(),
        };
        let (dtype, slices) = (tensor.dtype, Vec::new());
        Ok(Some(bundle::Entry { dtype, shape, shard, offset, size, crc32c, slices }))
    }

    /// Which of two pieces is stored first.
    pub fn stored_order(&self, other: &Self) -> Ordering {
        self.order.cmp(&other.order)
    }
}
