//! The entries of a bundle being written, and the table that they become.

mod arena;
mod loose;
mod order;
mod run;
mod seen;

use std::collections::BTreeMap;

pub(super) use self::arena::{Cursor, Mark};
use self::loose::Loose;
use self::run::Run;
pub(super) use self::seen::AHEAD;
use super::target::Target;
use crate::bundle::entry::Entry;
use crate::bundle::header::Header;
use crate::bundle::plain_entry::{Encoder, Plain};
use crate::bundle::plan::stored_regions;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::WriteFile;
use crate::table::{TableWriter, TableWriterOptions, Value};

/// The entries so far.
#[derive(Debug)]
pub(super) struct Entries {
    /// Whole tensors and stored slices.
    stored: Stored,
    /// Partitioned tensors, whose entries grow with each slice.
    partitioned: BTreeMap<Box<[u8]>, Entry>,
    encoder: Encoder,
    /// That of an entry.
    value: Vec<u8>,
}

#[derive(Debug)]
enum Stored {
    /// For as long as there are whole tensors alone, in the order of their names.
    Ordered(Box<Run>),
    /// With each the field of its CRC, even where that is 0.
    Loose(Loose),
}

impl Stored {
    /// The entries in a form in which any may follow.
    fn loose(&mut self) -> Result<&mut Loose> {
        if let Self::Ordered(run) = self {
            let mut loose = Loose::default();
            run.each(|key, value| {
                loose.insert(key, value);
                Ok(())
            })?;
            *self = Self::Loose(loose);
        }
        match self {
            Self::Loose(loose) => Ok(loose),
            Self::Ordered(_) => Err(Error::invalid("names have come in order")),
        }
    }
}

impl Entries {
    /// Those of a bundle with this header.
    pub(super) fn new(header: Header) -> Result<Self> {
        let stored = Stored::Ordered(Box::new(Run::new(header)?));
        Ok(Self {
            stored,
            partitioned: BTreeMap::new(),
            encoder: Encoder::default(),
            value: Vec::new(),
        })
    }

    /// Whether what `target` says may be added.
    pub(super) fn check_new(&mut self, target: &Target<'_>) -> Result<()> {
        let taken = match (target.slice, self.partitioned.get(target.name)) {
            (None, _) => self.has(target.name)?,
            // The key of a slice can be the name of a tensor too, if a very odd one.
            (Some(_), None) => self.has(target.name)? || self.has(&target.key())?,
            (Some(_), Some(entry)) => {
                check_agreement(target, entry)?;
                self.has(&target.key())?
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

    fn has(&mut self, key: &[u8]) -> Result<bool> {
        if self.last_name().is_some_and(|last| last < key) {
            return Ok(false);
        }
        Ok(self.stored.loose()?.contains(key) || self.partitioned.contains_key(key))
    }

    /// Adds what [`check_new`](Self::check_new) allowed.
    pub(super) fn insert(&mut self, target: &Target<'_>, entry: &Entry) -> Result<()> {
        let &Entry { dtype, shard, offset, size, crc32c, .. } = entry;
        let place = Plain { dtype, shard, offset, size, crc32c };
        let Some(slice) = target.slice else {
            return match self.last_name() {
                Some(_) => self.append(target.name, entry.shape.dims(), &place),
                None => self.insert_new(target.name, entry.shape.dims(), &place).map(drop),
            };
        };
        self.insert_new(&target.key(), entry.shape.dims(), &place)?;
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
        Ok(())
    }

    /// The highest name there is, empty where there is none, if only names above it have
    /// come so far.
    pub(super) fn last_name(&self) -> Option<&[u8]> {
        match &self.stored {
            Stored::Ordered(run) => Some(run.last_key()),
            Stored::Loose(_) => None,
        }
    }

    /// Adds a whole tensor whose name is above the [last](Self::last_name).
    pub(super) fn append(&mut self, name: &[u8], dims: &[i64], place: &Plain) -> Result<()> {
        let encoded = self.encoder.encode(place, dims);
        match &mut self.stored {
            Stored::Ordered(run) => run.add(name, &encoded),
            Stored::Loose(_) => Err(Error::invalid("names have not come in order")),
        }
    }

    /// Adds what is stored under `key`, unless something is.
    pub(super) fn insert_new(&mut self, key: &[u8], dims: &[i64], place: &Plain) -> Result<bool> {
        let encoded = self.encoder.encode_with_crc(place, dims);
        self.value.clear();
        encoded.put(&mut self.value);
        Ok(!self.partitioned.contains_key(key) && self.stored.loose()?.insert(key, &self.value))
    }

    /// Makes ready for so many new ones in any order, and tells the state as it is now.
    pub(super) fn mark(&mut self, more: usize) -> Result<Mark> {
        let loose = self.stored.loose()?;
        loose.reserve(more);
        Ok(loose.mark())
    }

    /// These keys, [`AHEAD`] at most, are going to be inserted.
    pub(super) fn look_ahead(&self, keys: &[&[u8]]) {
        if let Stored::Loose(loose) = &self.stored {
            loose.look_ahead(keys);
        }
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
        if let Stored::Loose(loose) = &mut self.stored {
            loose.take_back(mark);
        }
    }

    /// Gives the next entries from `cursor` on their CRCs, masked.
    pub(super) fn set_crcs(&mut self, cursor: &mut Cursor, crcs: impl Iterator<Item = u32>) {
        if let Stored::Loose(loose) = &mut self.stored {
            loose.set_crcs(cursor, crcs);
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
        let loose = match &mut self.stored {
            Stored::Ordered(run) => return run.write(file, header),
            Stored::Loose(loose) => loose,
        };
        let mut table = TableWriter::new(file, &TableWriterOptions::default())?;
        table.add(b"", &header.encode())?;
        let mut partitioned = self.partitioned.iter().peekable();
        loose.each(|key, value| {
            while let Some((name, entry)) = partitioned.next_if(|(name, _)| ***name < *key) {
                table.add(name, &entry.encode())?;
            }
            table.add(key, value)
        })?;
        for (name, entry) in partitioned {
            table.add(name, &entry.encode())?;
        }
        table.finish().map(drop)
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
