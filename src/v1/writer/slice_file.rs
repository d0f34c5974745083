//! One file of a V1 checkpoint being written.

use std::collections::BTreeMap;

use prost::Message;

use super::target::Target;
use crate::bundle::{Version, encode_shape, encode_slice, encode_slice_key};
use crate::error::Result;
use crate::proto::{SavedSliceMeta, SavedTensorSliceMeta, SavedTensorSlices};
use crate::storage::WriteFile;
use crate::table::{TableWriter, TableWriterOptions};
use crate::v1::encode::check_len;

/// What will be in a file: the format wants all of it sorted by name.
#[derive(Debug, Default)]
pub(super) struct SliceFile {
    /// What the metadata say, by name: so TensorFlow writes it too.
    tensors: BTreeMap<Vec<u8>, SavedSliceMeta>,
    /// The encoded entries of stored slices, by key.
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
    bytes: u64,
}

impl SliceFile {
    /// How many bytes the entries have so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether it has this slice of the tensor.
    pub(super) fn has(&self, target: &Target) -> bool {
        self.entries.contains_key(&target.key())
    }

    /// Adds the encoded entry of a slice that it does not have yet.
    pub(super) fn add(&mut self, target: &Target, entry: Vec<u8>) {
        let tensor = self.tensors.entry(target.name.clone()).or_insert_with(|| target.meta());
        tensor.slice.push(encode_slice(&target.slice));
        self.bytes += entry.len() as u64;
        self.entries.insert(target.key(), entry);
    }

    /// Writes it, and forgets it on the way.
    pub(super) fn write(self, file: &dyn WriteFile) -> Result<()> {
        let versions = Some(Version::written().to_message());
        let meta = SavedTensorSliceMeta { tensor: self.tensors.into_values().collect(), versions };
        let meta = SavedTensorSlices { meta: Some(meta), data: None };
        check_len(meta.encoded_len() as u64)?;
        let mut table = TableWriter::new(file, &TableWriterOptions::default())?;
        table.add(b"", &meta.encode_to_vec())?;
        for (key, entry) in self.entries {
            table.add(&key, &entry)?;
        }
        table.finish()?;
        Ok(())
    }
}

impl Target {
    fn key(&self) -> Vec<u8> {
        encode_slice_key(&self.name, &self.slice)
    }

    /// What the metadata say of the tensor, without its slices.
    fn meta(&self) -> SavedSliceMeta {
        SavedSliceMeta {
            name: self.name.clone(),
            shape: Some(encode_shape(&self.shape)),
            r#type: self.dtype.number(),
            slice: Vec::new(),
        }
    }
}
