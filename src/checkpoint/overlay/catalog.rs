//! What tensors an overlay has: each name, the checkpoint it is taken from, and
//! the name there.

use std::collections::BTreeSet;

use super::Layer;
use crate::bundle::OnConflict;
use crate::error::{Error, ErrorKind, Result};

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

/// The tensors of an overlay by name.
#[derive(Debug)]
pub(super) struct Catalog(Vec<Item>);

impl Catalog {
    pub(super) fn of(layers: &[Layer], on_conflict: OnConflict) -> Result<Self> {
        let mut items = Vec::new();
        for (number, layer) in (0..).zip(layers) {
            add_layer(layer, number, &mut items)?;
        }
        items.sort_by(|a, b| (&a.name, a.layer).cmp(&(&b.name, b.layer)));
        refuse_twins(&items, layers)?;
        let items = resolve(items, on_conflict)?;
        Ok(Self(items))
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
}

/// Adds the tensors of a checkpoint under the names that they get.
fn add_layer(layer: &Layer, number: u32, items: &mut Vec<Item>) -> Result<()> {
    let rules = &layer.names.rules;
    let mut used = vec![false; rules.len()];
    for tensor in layer.reader.tensors() {
        let original = tensor?.name;
        let mut names: BTreeSet<Vec<u8>> = BTreeSet::new();
        for (rule, used) in rules.iter().zip(&mut used) {
            if let Some(name) = rule.apply(&original) {
                *used = true;
                names.insert(name);
            }
        }
        if names.is_empty() && layer.names.keep_unmapped {
            items.push(Item { name: original.into(), original: None, layer: number });
            continue;
        }
        refuse_nameless(&names, &original)?;
        items.extend(names.into_iter().map(|name| {
            let other = (name != original).then(|| original.as_slice().into());
            Item { name: name.into(), original: other, layer: number }
        }));
    }
    refuse_unused(layer, &used)
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

fn refuse_unused(layer: &Layer, used: &[bool]) -> Result<()> {
    let unused = layer.names.rules.iter().zip(used).filter(|(_, used)| !**used);
    let unused: Vec<String> =
        unused.map(|(rule, _)| format!("'{}'", rule.text().escape_ascii())).collect();
    if unused.is_empty() {
        return Ok(());
    }
    let message = format!("rules that fit no tensor's name: {}", unused.join(", "));
    Err(Error::new(ErrorKind::NotFound, message).in_file(layer.reader.prefix()))
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
fn resolve(items: Vec<Item>, on_conflict: OnConflict) -> Result<Vec<Item>> {
    let mut resolved: Vec<Item> = Vec::with_capacity(items.len());
    let mut conflicts: Vec<Vec<u8>> = Vec::new();
    for item in items {
        match resolved.last_mut().filter(|last| last.name == item.name) {
            None => resolved.push(item),
            Some(last) if on_conflict == OnConflict::Last => *last = item,
            Some(_) if on_conflict == OnConflict::First => {}
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
