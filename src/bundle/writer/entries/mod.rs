//! The entries of a bundle being written, and the table that they become.

mod arena;
mod order;
mod seen;

use std::collections::BTreeMap;

use self::arena::{Arena, Record};
pub(super) use self::arena::{Cursor, Mark};
use self::seen::Seen;
use super::target::Target;
use crate::bundle::entry::Entry;
use crate::bundle::header::Header;
use crate::bundle::plain_entry::{crc_field, encode_place};
use crate::bundle::plan::stored_regions;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::WriteFile;
use crate::table::{TableWriter, TableWriterOptions};

/// The entries so far.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Whole tensors and stored slices, each with its encoded entry. The field of the
    /// CRC is there even where it is 0.
    stored: Arena,
    seen: Seen,
    /// Whether keys came in their order, as it was when writing began.
    ascending: Option<bool>,
    /// Partitioned tensors, whose entries grow with each slice.
    partitioned: BTreeMap<Box<[u8]>, Entry>,
    /// An entry on its way into the arena.
    encoded: Vec<u8>,
}

impl Entries {
    /// Whether what `target` says may be added.
    pub(super) fn check_new(&mut self, target: &Target<'_>) -> Result<()> {
        let taken = match (target.slice, self.partitioned.get(target.name)) {
            (None, _) => self.has(target.name),
            // The key of a slice can be the name of a tensor too, if a very odd one.
            (Some(_), None) => self.has(target.name) || self.has(&target.key()),
            (Some(_), Some(entry)) => {
                check_agreement(target, entry)?;
                self.has(&target.key())
            }
        };
        if taken {
            let what = target.slice.map_or("a tensor".into(), |slice| format!("slice '{slice}'"));
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                format!("{what} of this name was added already"),
            ));
        }
        Ok(())
    }

    fn has(&mut self, key: &[u8]) -> bool {
        self.seen.contains(&self.stored, key) || self.partitioned.contains_key(key)
    }

    /// Adds what [`check_new`](Self::check_new) allowed.
    pub(super) fn insert(&mut self, target: &Target<'_>, entry: &Entry) {
        self.encoded.clear();
        encode_place(entry, &mut self.encoded);
        self.encoded.extend_from_slice(&crc_field(entry.crc32c));
        let at = self.stored.push(&target.key(), &self.encoded);
        self.seen.insert(&self.stored, at);
        let Some(slice) = target.slice else { return };
        let whole = self.partitioned.entry(target.name.into()).or_insert_with(|| Entry {
            dtype: entry.dtype,
            shape: target.shape.clone(),
            shard: 0,
            offset: 0,
            size: 0,
            crc32c: 0,
            slices: Vec::new(),
        });
        whole.slices.push(slice.clone());
    }

    /// The state as it is now.
    pub(super) fn mark(&self) -> Mark {
        self.stored.mark()
    }

    /// Forgets what was inserted since: an entry for each slice of `sliced`, and any
    /// number of whole tensors.
    pub(super) fn take_back<'t>(&mut self, mark: Mark, sliced: impl Iterator<Item = &'t [u8]>) {
        for name in sliced {
            if let Some(whole) = self.partitioned.get_mut(name) {
                whole.slices.pop();
                if whole.slices.is_empty() {
                    self.partitioned.remove(name);
                }
            }
        }
        self.stored.take_back(mark);
        self.seen.renew(&self.stored);
    }

    /// Gives the next entries from `cursor` on their CRCs, masked.
    pub(super) fn set_crcs(&mut self, cursor: &mut Cursor, crcs: impl Iterator<Item = u32>) {
        for crc in crcs {
            let value = self.stored.next_value(cursor);
            if let Some(field) = value.and_then(|value| value.last_chunk_mut()) {
                *field = crc_field(crc);
            }
        }
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

    /// Writes the index; it may be written more than once.
    pub(super) fn write(&mut self, file: &dyn WriteFile, header: &Header) -> Result<()> {
        let ascending = *self.ascending.get_or_insert(self.seen.is_ascending());
        // Its memory is needed for the order.
        self.seen = Seen::default();
        let table = TableWriter::new(file, &TableWriterOptions::default())?;
        if ascending {
            return self.write_in_order(
                table,
                header,
                self.stored.iter().map(|(_, record)| record),
            );
        }
        let sorted = order::sorted(&self.stored);
        let records = sorted.iter().map(|&(_, at)| self.stored.get(at));
        self.write_in_order(table, header, records)
    }

    fn write_in_order<'r>(
        &self,
        mut table: TableWriter<'_>,
        header: &Header,
        records: impl Iterator<Item = Record<'r>>,
    ) -> Result<()> {
        table.add(b"", &header.encode())?;
        let mut partitioned = self.partitioned.iter().peekable();
        for Record { key, value } in records {
            while let Some((name, entry)) = partitioned.next_if(|(name, _)| ***name < *key) {
                table.add(name, &entry.encode())?;
            }
            table.add(key, without_empty_crc(value))?;
        }
        for (name, entry) in partitioned {
            table.add(name, &entry.encode())?;
        }
        table.finish()?;
        Ok(())
    }
}

/// Fields that are 0 are left out in the file.
fn without_empty_crc(value: &[u8]) -> &[u8] {
    value.strip_suffix(&crc_field(0)).unwrap_or(value)
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
