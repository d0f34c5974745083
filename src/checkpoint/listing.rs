//! Many tensors of a walk at once.

use super::tensor::Place;
use crate::tensor::{DType, Shape, Slice};

/// Takes what tensors are as a walk comes to them; their names go elsewhere.
pub(crate) trait Listing {
    /// A tensor that is stored there, or as these slices.
    fn add(&mut self, dtype: DType, shape: &Shape, stored: Option<Place>, slices: &[Slice]);

    /// One that is like the last one, but stored here in the same shard, with this CRC.
    fn add_alike(&mut self, offset: u64, crc32c: u32);
}
