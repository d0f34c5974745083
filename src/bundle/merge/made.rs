//! Tensors of a merged bundle that no source has.

use std::collections::BTreeMap;
use std::path::Path;

use crate::bundle::entry::Entry;
use crate::bundle::header::Endianness;
use crate::bundle::names::data_path;
use crate::bundle::writer::DataShard;
use crate::error::{Result, ResultExt};
use crate::storage::Staging;
use crate::tensor::{DType, Shape, Strings};

/// The data shard of scalar string tensors that no source has; where there are no
/// such tensors there is no shard.
pub(super) struct MadeShard<'m> {
    tensors: &'m [(Vec<u8>, Strings)],
    shard: u32,
    endianness: Endianness,
}

impl<'m> MadeShard<'m> {
    pub(super) fn new(
        tensors: &'m [(Vec<u8>, Strings)],
        shard: u32,
        endianness: Endianness,
    ) -> Self {
        Self { tensors, shard, endianness }
    }

    /// How many shards that is.
    pub(super) fn count(&self) -> u32 {
        u32::from(!self.tensors.is_empty())
    }

    /// Writes it, and tells the entries of its tensors.
    pub(super) fn stage(
        &self,
        staging: &mut Staging,
        dst: &Path,
        num_shards: u32,
        sync: bool,
    ) -> Result<BTreeMap<Vec<u8>, Entry>> {
        let mut entries = BTreeMap::new();
        if self.tensors.is_empty() {
            return Ok(entries);
        }
        let mut file =
            DataShard::new(staging.create(&data_path(dst, self.shard, num_shards))?, 1, sync);
        for (name, strings) in self.tensors {
            entries.insert(name.clone(), self.add(&mut file, strings).for_tensor(name)?);
        }
        file.finish()?;
        Ok(entries)
    }

    fn add(&self, file: &mut DataShard, strings: &Strings) -> Result<Entry> {
        let place = file.add_variable(DType::STRING, strings.into(), self.endianness)?;
        Ok(Entry {
            dtype: DType::STRING,
            shape: Shape::default(),
            shard: self.shard,
            offset: place.offset,
            size: place.size,
            crc32c: place.crc32c,
            slices: Vec::new(),
        })
    }
}
