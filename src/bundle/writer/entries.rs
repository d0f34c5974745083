//! The entries of a bundle being written, and the table that they become.

use std::collections::BTreeMap;

use super::{OwnedTarget, Target};
use crate::bundle::entry::Entry;
use crate::bundle::header::Header;
use crate::bundle::plan::stored_regions;
use crate::bundle::slice_key::encode_slice_key;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::WriteFile;
use crate::table::{TableWriter, TableWriterOptions};

/// The entries so far, by key.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Whole tensors and stored slices; the value is the encoded entry.
    stored: BTreeMap<Box<[u8]>, Box<[u8]>>,
    /// Partitioned tensors, whose entries grow with each slice.
    partitioned: BTreeMap<Box<[u8]>, Entry>,
}

impl Entries {
    /// Whether what `target` says may be added.
    pub(super) fn check_new(&self, target: &Target<'_>) -> Result<()> {
        let name_taken = match (target.slice, self.partitioned.get(target.name)) {
            (Some(_), Some(entry)) => {
                check_agreement(target, entry)?;
                false
            }
            _ => self.has(target.name),
        };
        // The key of a slice can be the name of a tensor too, if a very odd one.
        let taken = name_taken || self.has(&target.key());
        if taken {
            let what = target.slice.map_or("a tensor".into(), |slice| format!("slice '{slice}'"));
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                format!("{what} of this name was added already"),
            ));
        }
        Ok(())
    }

    fn has(&self, key: &[u8]) -> bool {
        self.stored.contains_key(key) || self.partitioned.contains_key(key)
    }

    /// Adds what [`check_new`](Self::check_new) allowed.
    pub(super) fn insert(&mut self, (target, entry): (OwnedTarget, Entry)) {
        let Some(slice) = target.slice else {
            self.stored.insert(target.name.into(), entry.encode().into());
            return;
        };
        let key = encode_slice_key(&target.name, &slice);
        self.stored.insert(key.into(), entry.encode().into());
        let whole = self.partitioned.entry(target.name.into()).or_insert_with(|| Entry {
            dtype: entry.dtype,
            shape: target.shape,
            shard: 0,
            offset: 0,
            size: 0,
            crc32c: 0,
            slices: Vec::new(),
        });
        whole.slices.push(slice);
    }

    /// Refuses slices that overlap. That they cover their tensor is not asked:
    /// a worker of many writes only its own, and a merge brings them together.
    pub(super) fn check_slices(&self) -> Result<()> {
        self.partitioned.iter().try_for_each(|(name, entry)| {
            stored_regions(name, entry)
                .map(drop)
                .map_err(|error| Error::invalid(error.message()).for_tensor(name))
        })
    }

    /// Writes the index.
    pub(super) fn write(&self, file: &dyn WriteFile, header: &Header) -> Result<()> {
        let mut table = TableWriter::new(file, &TableWriterOptions::default())?;
        table.add(b"", &header.encode())?;
        let mut partitioned = self.partitioned.iter().peekable();
        for (key, value) in &self.stored {
            while let Some((name, entry)) = partitioned.next_if(|(name, _)| *name < key) {
                table.add(name, &entry.encode())?;
            }
            table.add(key, value)?;
        }
        for (name, entry) in partitioned {
            table.add(name, &entry.encode())?;
        }
        table.finish()?;
        Ok(())
    }
}

/// Refuses a slice of what its tensor is not.
fn check_agreement(target: &Target<'_>, entry: &Entry) -> Result<()> {
    if target.dtype == entry.dtype && *target.shape == entry.shape {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "a slice of {} of shape {}, but its slices before are of {} of shape {}",
        target.dtype, target.shape, entry.dtype, entry.shape
    )))
}
