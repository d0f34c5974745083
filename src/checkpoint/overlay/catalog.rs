//! What tensors an overlay has: each name, the checkpoint it is taken from, and
//! the name there.

use std::collections::BTreeSet;

use super::{Layer, NameRule};
use crate::bundle::OnConflict;
use crate::error::{Error, Result, ResultExt};

/// A tensor of an overlay.
#[derive(Debug)]
pub(super) struct Item {
    name: Box<[u8]>,
    /// The name in the checkpoint, where it is another.
    original: Option<Box<[u8]>>,
    /// Which of the checkpoints.
    pub(super) layer: u32,
}

impl Item {
    pub(super) fn name(&self) -> &[u8] {
        &self.name
    }

    pub(super) fn original(&self) -> &[u8] {
        self.original.as_deref().unwrap_or(&self.name)
    }
}

/// The tensors of all checkpoints under the names that they get, by name and then
/// by checkpoint.
pub(super) fn all_items(layers: &[Layer]) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for (number, layer) in (0..).zip(layers) {
        add_layer(layer, number, &mut items)?;
    }
    items.sort_by(|a, b| (&a.name, a.layer).cmp(&(&b.name, b.layer)));
    refuse_twins(&items, layers)?;
    Ok(items)
}

/// The tensors of an overlay by name.
#[derive(Debug)]
pub(super) struct Catalog(Vec<Item>);

impl Catalog {
    /// Of all `items`, one of each name. That several have one of `shared` is no
    /// conflict.
    pub(super) fn new(
        items: Vec<Item>,
        on_conflict: OnConflict,
        shared: &BTreeSet<Vec<u8>>,
    ) -> Result<Self> {
        resolve(items, on_conflict, shared).map(Self)
    }

    pub(super) fn items(&self) -> &[Item] {
        &self.0
    }

    /// The place of a name; of one that is not there, where it would be.
    pub(super) fn position(&self, name: &[u8]) -> std::result::Result<usize, usize> {
        self.0.binary_search_by(|item| (*item.name).cmp(name))
    }

    pub(super) fn find(&self, name: &[u8]) -> Option<&Item> {
        self.position(name).ok().and_then(|at| self.0.get(at))
    }

    /// Takes a tensor out.
    pub(super) fn remove(&mut self, name: &[u8]) {
        if let Ok(at) = self.position(name) {
            self.0.remove(at);
        }
    }

    /// Says that a tensor is taken from the layer of that number, where it has the
    /// same name.
    pub(super) fn put(&mut self, name: &[u8], layer: u32) {
        let item = Item { name: name.into(), original: None, layer };
        match self.position(name) {
            Ok(at) => self.0[at] = item,
            Err(at) => self.0.insert(at, item),
        }
    }
}

/// Adds the tensors of a checkpoint under the names that they get.
fn add_layer(layer: &Layer, number: u32, items: &mut Vec<Item>) -> Result<()> {
    let mut used = vec![false; layer.names.rules.len()];
    for tensor in layer.reader.tensors() {
        let original = tensor?.name;
        let names = layer.names.names_of(&original, |rule| used[rule] = true);
        refuse_nameless(&names, &original)?;
        items.extend(names.into_iter().map(|name| {
            let other = (name != original).then(|| original.as_slice().into());
            Item { name: name.into(), original: other, layer: number }
        }));
    }
    NameRule::refuse_unused(&layer.names.rules, &used).in_file(layer.reader.prefix())
}

/// A prefix taken off may leave nothing.
fn refuse_nameless(names: &BTreeSet<Vec<u8>>, original: &[u8]) -> Result<()> {
    match names.first() {
        Some(name) if name.is_empty() => {
            Err(Error::invalid("a rule leaves nothing of its name").for_tensor(original))
        }
        _ => Ok(()),
    }
}

/// Two tensors of one checkpoint must not get one name, whatever is to happen
/// where two checkpoints have one. `items` are sorted.
fn refuse_twins(items: &[Item], layers: &[Layer]) -> Result<()> {
    let is_twin = |pair: &&[Item]| pair[0].name == pair[1].name && pair[0].layer == pair[1].layer;
    let mut twins: Vec<&Item> =
        items.windows(2).filter(is_twin).filter_map(|pair| pair.first()).collect();
    let Some(first) = twins.first() else { return Ok(()) };
    let layer = first.layer;
    twins.retain(|item| item.layer == layer);
    let error = refusal("two tensors would have this name", names(&twins));
    match layers.get(layer as usize) {
        Some(layer) => Err(error.in_file(layer.reader.prefix())),
        None => Err(error),
    }
}

/// Leaves one item of each name. `items` are sorted, and those of one name by
/// layer.
fn resolve(
    items: Vec<Item>,
    on_conflict: OnConflict,
    shared: &BTreeSet<Vec<u8>>,
) -> Result<Vec<Item>> {
    let mut resolved: Vec<Item> = Vec::with_capacity(items.len());
    let mut conflicts: Vec<Vec<u8>> = Vec::new();
    for item in items {
        match resolved.last_mut().filter(|last| last.name == item.name) {
            None => resolved.push(item),
            Some(last) if on_conflict == OnConflict::Last => *last = item,
            Some(_) if on_conflict == OnConflict::First => {}
            Some(last) if shared.contains(&*last.name) => {}
            Some(_) => conflicts.push(item.name.into()),
        }
    }
    conflicts.dedup();
    if conflicts.is_empty() {
        return Ok(resolved);
    }
    Err(refusal("it is in more than one of the checkpoints", conflicts))
}

fn names(items: &[&Item]) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = items.iter().map(|item| item.name.to_vec()).collect();
    names.dedup();
    names
}

fn refusal(what: &str, names: Vec<Vec<u8>>) -> Error {
    let message = match names.len() {
        0 | 1 => what.to_string(),
        count => format!("{what}, and so are {} others", count - 1),
    };
    let error = Error::invalid(message);
    match names.first().cloned() {
        Some(first) => error.for_tensor(&first).with_names(names),
        None => error,
    }
}
