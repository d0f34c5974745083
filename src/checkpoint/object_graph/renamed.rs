//! A graph for a checkpoint whose tensors have other names, or of which some are
//! not there.

use std::collections::HashMap;

use super::graph::{Attribute, ObjectGraph};
use crate::error::{Error, Result};

impl ObjectGraph {
    /// The graph for a checkpoint whose tensors are called what `new_name` says, or
    /// are not there where that is `None`. `tensors` are the names of those that
    /// there are now.
    ///
    /// An attribute of which no tensor is there now, as in one part of a sharded
    /// save, goes by its key; one that loses a tensor goes with it.
    ///
    /// # Errors
    /// `InvalidArgument` where the tensors of an attribute get names that don't
    /// begin with the same key and end as before, or that are not UTF-8, with [all
    /// their names](Error::names).
    pub(crate) fn renamed<'t>(
        &self,
        tensors: impl IntoIterator<Item = &'t [u8]>,
        new_name: impl Fn(&[u8]) -> Option<Vec<u8>>,
    ) -> Result<ObjectGraph> {
        let owned = self.by_owner(tensors);
        let mut apart: Vec<Vec<u8>> = Vec::new();
        let graph = self.rewritten(|_, attribute| {
            let tensors = owned.get(attribute.key.as_str()).map(Vec::as_slice);
            let tensors = tensors.unwrap_or_default();
            match new_key(attribute, tensors, &new_name) {
                Ok(key) => key,
                Err(Apart) => {
                    apart.extend(tensors.iter().map(|name| name.to_vec()));
                    None
                }
            }
        });
        match apart.first().cloned() {
            None => Ok(graph),
            Some(first) => Err(Error::invalid(
                "the object graph has no words for its new name: a key is UTF-8, and all tensors \
                 of one begin with it",
            )
            .for_tensor(&first)
            .with_names(apart)),
        }
    }

    /// The tensors of each key that has any.
    fn by_owner<'g, 't>(
        &'g self,
        tensors: impl IntoIterator<Item = &'t [u8]>,
    ) -> HashMap<&'g str, Vec<&'t [u8]>> {
        let mut owned: HashMap<&str, Vec<&[u8]>> = HashMap::new();
        for name in tensors {
            if let Some(owner) = self.owner(name) {
                owned.entry(&owner.attribute.key).or_default().push(name);
            }
        }
        owned
    }
}

/// The new names of an attribute's tensors have no key in common.
struct Apart;

/// The key that an attribute gets; `None` where it is left out.
fn new_key(
    attribute: &Attribute,
    tensors: &[&[u8]],
    new_name: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> std::result::Result<Option<String>, Apart> {
    let key = attribute.key.as_bytes();
    let itself = [key];
    let tensors = if tensors.is_empty() { &itself } else { tensors };
    let mut new_key: Option<String> = None;
    for name in tensors {
        let Some(new_name) = new_name(name) else { return Ok(None) };
        let ending = name.strip_prefix(key).unwrap_or_default();
        let stem = new_name.strip_suffix(ending).ok_or(Apart)?;
        let stem = std::str::from_utf8(stem).ok().filter(|stem| !stem.is_empty()).ok_or(Apart)?;
        match &new_key {
            Some(other) if other != stem => return Err(Apart),
            _ => new_key = Some(stem.into()),
        }
    }
    Ok(new_key)
}
