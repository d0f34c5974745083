//! Finding a tensor by any of its names, and the object that a tensor is of.

use super::graph::{Attribute, Node, NodeId, ObjectGraph};
use super::names::{ATTRIBUTES, spells};
use crate::checkpoint::Reader;
use crate::error::{Error, Result};

/// An attribute, and the node that it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'g> {
    /// The number of the node.
    pub node: NodeId,
    /// The attribute; its key is the name of the tensor.
    pub attribute: &'g Attribute,
}

/// Where an attribute stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    node: NodeId,
    index: usize,
}

impl Place {
    fn attribute(self, nodes: &[Node]) -> &Attribute {
        &nodes[self.node as usize].attributes[self.index]
    }
}

/// All attributes in the order of their keys.
pub(super) fn by_key(nodes: &[Node]) -> Vec<Place> {
    let mut places = places(nodes);
    places.sort_by_key(|place| &place.attribute(nodes).key);
    places
}

/// The attributes with a full name, in the order of these.
pub(super) fn by_full_name(nodes: &[Node]) -> Vec<Place> {
    let mut places = places(nodes);
    places.retain(|place| !place.attribute(nodes).full_name.is_empty());
    places.sort_by_key(|place| &place.attribute(nodes).full_name);
    places
}

fn places(nodes: &[Node]) -> Vec<Place> {
    let of_node = |(id, node): (usize, &Node)| {
        (0..node.attributes.len()).map(move |index| Place { node: id as NodeId, index })
    };
    nodes.iter().enumerate().flat_map(of_node).collect()
}

impl ObjectGraph {
    /// The attribute that `name` means: by its key; else as the path of an object
    /// with one attribute, or such a path with `/.ATTRIBUTES/` and the attribute
    /// behind it, or by its full name. `None` where it means nothing here.
    ///
    /// # Errors
    /// `InvalidArgument` where it means several, be it as a path the one and as a
    /// full name the other, with [all their keys](Error::names).
    pub fn find(&self, name: &str) -> Result<Option<Found<'_>>> {
        match self.find_key(name) {
            None => only(name, self.at_path(name).into_iter().chain(self.with_full_name(name))),
            found => Ok(found),
        }
    }

    /// The attribute with this key.
    pub fn find_key(&self, key: &str) -> Option<Found<'_>> {
        let places = &self.by_key;
        let at = places.partition_point(|&place| self.found(place).attribute.key.as_str() < key);
        let found = self.found(*places.get(at)?);
        (found.attribute.key == key).then_some(found)
    }

    /// The attributes that a path leads to.
    fn at_path(&self, path: &str) -> Vec<Found<'_>> {
        if let Some((object, spelled)) = path.split_once(ATTRIBUTES) {
            return self.find_attribute(object, spelled).into_iter().collect();
        }
        let Some(node) = self.find_node(path) else { return Vec::new() };
        let attributes = self.nodes()[node as usize].attributes.iter();
        attributes.map(|attribute| Found { node, attribute }).collect()
    }

    fn find_attribute(&self, path: &str, spelled: &str) -> Option<Found<'_>> {
        let node = self.find_node(path)?;
        let mut attributes = self.nodes()[node as usize].attributes.iter();
        let attribute = attributes.find(|attribute| spells(spelled, &attribute.name))?;
        Some(Found { node, attribute })
    }

    /// The attribute with this full name.
    ///
    /// # Errors
    /// `InvalidArgument` where several have it, with [all their
    /// keys](Error::names).
    pub fn find_full_name(&self, name: &str) -> Result<Option<Found<'_>>> {
        only(name, self.with_full_name(name))
    }

    fn with_full_name<'g>(&'g self, name: &str) -> impl Iterator<Item = Found<'g>> {
        let places = &self.by_full_name;
        let full_name = |place: &Place| self.found(*place).attribute.full_name.as_str();
        let start = places.partition_point(|place| full_name(place) < name);
        let behind = places.partition_point(|place| full_name(place) <= name);
        places[start..behind].iter().map(|&place| self.found(place))
    }

    fn found(&self, place: Place) -> Found<'_> {
        Found { node: place.node, attribute: place.attribute(self.nodes()) }
    }

    /// The attribute that the tensor `name` is of: the one with that key, or the
    /// one of the same object whose key is the longest that the name begins with.
    pub fn owner(&self, name: impl AsRef<[u8]>) -> Option<Found<'_>> {
        let name = std::str::from_utf8(name.as_ref()).ok()?.as_bytes();
        let marker = name.windows(ATTRIBUTES.len()).position(|part| part == ATTRIBUTES.as_bytes());
        // Without the marker the key is the whole name.
        let least = marker.map_or(name.len(), |at| at + ATTRIBUTES.len());
        let mut bound = name;
        loop {
            let below = self.last_up_to(bound)?;
            let key = below.attribute.key.as_bytes();
            if key.len() < least {
                return None;
            }
            if name.starts_with(key) {
                return Some(below);
            }
            // A key between that and `bound` would not begin with what both have
            // in common; one that `name` begins with is no longer than it.
            let common = key.iter().zip(name).take_while(|(a, b)| a == b).count();
            bound = &name[..common];
        }
    }

    /// The last attribute whose key is not behind `bound`.
    fn last_up_to(&self, bound: &[u8]) -> Option<Found<'_>> {
        let key = |place: &Place| self.found(*place).attribute.key.as_bytes();
        let behind = self.by_key.partition_point(|place| key(place) <= bound);
        Some(self.found(*self.by_key.get(behind.checked_sub(1)?)?))
    }

    /// The names of the tensors in `reader` that the attribute with the key `key`
    /// has: for a variable the key itself, for iterators and tables the names
    /// that begin with it. None where the checkpoint lacks them.
    ///
    /// # Errors
    /// `DataLoss` where the index is damaged.
    pub fn tensors_of(&self, key: &str, reader: &Reader) -> Result<Vec<Vec<u8>>> {
        let owned = |name: &[u8]| self.owner(name).is_some_and(|owner| owner.attribute.key == key);
        let tensors = reader.tensors_with_prefix(key);
        let names = tensors.map(|tensor| tensor.map(|tensor| tensor.name));
        names.filter(|name| name.as_ref().map_or(true, |name| owned(name))).collect()
    }
}

/// The one thing that is found, several of the same key counting as one.
fn only<'g>(name: &str, found: impl Iterator<Item = Found<'g>>) -> Result<Option<Found<'g>>> {
    let mut found: Vec<Found<'_>> = found.collect();
    found.sort_by_key(|one| &one.attribute.key);
    found.dedup_by_key(|one| &one.attribute.key);
    if found.len() < 2 {
        return Ok(found.pop());
    }
    let keys: Vec<Vec<u8>> =
        found.iter().map(|one| one.attribute.key.clone().into_bytes()).collect();
    Err(Error::invalid(format!("'{name}' means {} tensors; take a key", keys.len()))
        .with_names(keys))
}
