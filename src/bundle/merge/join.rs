//! A partitioned tensor of which several bundles have slices.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::OnConflict;
use super::source::Source;
use crate::bundle::entry::Entry as TensorEntry;
use crate::bundle::plan::stored_regions;
use crate::bundle::slice_key::encode_slice_key;
use crate::error::{Error, Result};

/// What becomes of a tensor that at least one bundle has as slices.
#[derive(Debug, Default)]
pub(super) struct Join {
    /// The entry of the whole; `None` where what is taken is not partitioned.
    pub(super) entry: Option<TensorEntry>,
    /// Whether the bundles contradict each other, which the policy may resolve.
    pub(super) conflict: bool,
    /// Whose bytes each slice key gets.
    owners: HashMap<Vec<u8>, usize>,
    /// The slice keys that the tensor lists in each source.
    listed: HashSet<(usize, Vec<u8>)>,
}

impl Join {
    pub(super) fn owner(&self, slice_key: &[u8]) -> Option<usize> {
        self.owners.get(slice_key).copied()
    }

    pub(super) fn lists(&self, source: usize, slice_key: &[u8]) -> bool {
        self.listed.contains(&(source, slice_key.to_vec()))
    }
}

/// Decides what becomes of the tensor `name`.
pub(super) fn join(sources: &[Source], name: &[u8], on_conflict: OnConflict) -> Result<Join> {
    let mut found = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        if let Some(entry) = source.find_key(name)? {
            found.push((number, entry));
        }
    }
    let listed = found
        .iter()
        .flat_map(|(source, entry)| {
            let keys = entry.slices.iter().map(|slice| encode_slice_key(name, slice));
            keys.map(|key| (*source, key))
        })
        .collect();
    let join = Join { listed, ..Join::default() };
    if found.iter().all(|(_, entry)| !entry.is_partitioned()) {
        // Slices of it are strays, and it itself a tensor like others.
        return Ok(join);
    }
    let chosen = match on_conflict {
        OnConflict::Last => found.last().cloned(),
        OnConflict::First | OnConflict::Error => found.first().cloned(),
    };
    let Some((chosen, whole)) = chosen else { return Ok(join) };
    let all = found.len();
    // Other slices of the tensor that is taken go with it.
    found.retain(|(source, entry)| *source == chosen || is_same_whole(entry, &whole));
    let conflict = found.len() < all && on_conflict == OnConflict::Error;
    join_slices(sources, name, found, on_conflict, Join { conflict, ..join })
}

fn is_same_whole(one: &TensorEntry, other: &TensorEntry) -> bool {
    one.is_partitioned()
        && other.is_partitioned()
        && one.dtype == other.dtype
        && one.shape == other.shape
}

/// Brings the slices of all parts together, in the order of the sources.
fn join_slices(
    sources: &[Source],
    name: &[u8],
    parts: Vec<(usize, TensorEntry)>,
    on_conflict: OnConflict,
    mut join: Join,
) -> Result<Join> {
    let is_shared = parts.len() > 1;
    let mut parts = parts.into_iter();
    let Some((first, entry)) = parts.next() else { return Ok(join) };
    let mut whole = sources[first].merged_entry(entry);
    for slice in &whole.slices {
        join.owners.insert(encode_slice_key(name, slice), first);
    }
    for (source, entry) in parts {
        for slice in entry.slices {
            match join.owners.entry(encode_slice_key(name, &slice)) {
                Entry::Vacant(owner) => {
                    owner.insert(source);
                    whole.slices.push(slice);
                }
                Entry::Occupied(mut owner) if on_conflict == OnConflict::Last => {
                    owner.insert(source);
                }
                Entry::Occupied(_) => join.conflict |= on_conflict == OnConflict::Error,
            }
        }
    }
    if whole.is_partitioned() {
        match stored_regions(name, &whole) {
            Err(_) if join.conflict || is_shared && on_conflict == OnConflict::Error => {
                join.conflict = true;
            }
            Err(error) => return Err(Error::invalid(error.message()).for_tensor(name)),
            Ok(_) => {}
        }
        join.entry = Some(whole);
    }
    Ok(join)
}
