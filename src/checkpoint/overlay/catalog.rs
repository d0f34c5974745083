//! What tensors an overlay has: each name, the checkpoint it is taken from, and
//! the name there.

use std::collections::{BTreeSet, HashSet};

use super::Layer;
use super::join::{Held, Outcome, Verdict, join};
use super::joined::{Joined, Origin};
use crate::bundle::OnConflict;
use crate::checkpoint::source::not_found;
use crate::checkpoint::tensor::Tensor;
use crate::error::{Error, ErrorKind, Result, ResultExt};

/// A tensor of an overlay.
#[derive(Debug)]
pub(super) struct Item {
    name: Box<[u8]>,
    /// The name in the checkpoint, where it is another.
    original: Option<Box<[u8]>>,
    /// Which of the checkpoints.
    pub(super) layer: u32,
    is_partitioned: bool,
    /// Where several checkpoints have slices of it. The layer is the first of them.
    joined: Option<Box<Joined>>,
}

impl Item {
    fn of(origin: Origin, name: Box<[u8]>, is_partitioned: bool) -> Self {
        let original = (origin.name != name).then_some(origin.name);
        Self { name, original, layer: origin.layer, is_partitioned, joined: None }
    }

    pub(super) fn name(&self) -> &[u8] {
        &self.name
    }

    pub(super) fn original(&self) -> &[u8] {
        self.original.as_deref().unwrap_or(&self.name)
    }

    /// The tensor under the name that it has in its checkpoint.
    pub(super) fn tensor_there(&self, tensor: &Tensor) -> Tensor {
        Tensor { name: self.original().to_vec(), ..tensor.clone() }
    }

    pub(super) fn joined(&self) -> Option<&Joined> {
        self.joined.as_deref()
    }
}

/// The tensors of an overlay by name.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    items: Vec<Item>,
    /// The tensors of the checkpoints that may lack slices, because others have them.
    may_lack: HashSet<Origin>,
    /// Whether some slices count only in part, or not at all, because others overlap
    /// them: no index of what the checkpoints store can say so.
    pub(super) has_overlaps: bool,
}

impl Catalog {
    pub(super) fn of(layers: &[Layer], on_conflict: OnConflict) -> Result<Self> {
        let mut items = Vec::new();
        for (number, layer) in (0..).zip(layers) {
            add_layer(layer, number, &mut items)?;
        }
        items.sort_by(|a, b| (&a.name, a.layer).cmp(&(&b.name, b.layer)));
        refuse_twins(&items, layers)?;
        resolve(items, layers, on_conflict)
    }

    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    /// The place of a name; of one that is not there, where it would be.
    pub(super) fn position(&self, name: &[u8]) -> std::result::Result<usize, usize> {
        self.items.binary_search_by(|item| (*item.name).cmp(name))
    }

    pub(super) fn find(&self, name: &[u8]) -> Option<&Item> {
        self.position(name).ok().and_then(|at| self.items.get(at))
    }

    pub(super) fn may_lack(&self, layer: u32, name: &[u8]) -> bool {
        !self.may_lack.is_empty() && self.may_lack.contains(&Origin { layer, name: name.into() })
    }
}

/// Adds the tensors of a checkpoint under the names that they get.
fn add_layer(layer: &Layer, number: u32, items: &mut Vec<Item>) -> Result<()> {
    let rules = &layer.names.rules;
    let mut used = vec![false; rules.len()];
    for tensor in layer.reader.tensors() {
        let tensor = tensor?;
        let (original, is_partitioned) = (&tensor.name, tensor.is_partitioned());
        let origin = Origin { layer: number, name: original.as_slice().into() };
        let mut names: BTreeSet<Vec<u8>> = BTreeSet::new();
        for (rule, used) in rules.iter().zip(&mut used) {
            if let Some(name) = rule.apply(original) {
                *used = true;
                names.insert(name);
            }
        }
        if names.is_empty() && layer.names.keep_unmapped {
            items.push(Item::of(origin, original.as_slice().into(), is_partitioned));
            continue;
        }
        refuse_nameless(&names, original)?;
        let names = names.into_iter();
        items.extend(names.map(|name| Item::of(origin.clone(), name.into(), is_partitioned)));
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
fn resolve(items: Vec<Item>, layers: &[Layer], on_conflict: OnConflict) -> Result<Catalog> {
    let mut catalog = Catalog::default();
    let mut conflicts: Vec<Vec<u8>> = Vec::new();
    let mut items = items.into_iter().peekable();
    while let Some(first) = items.next() {
        let mut group = vec![first];
        while let Some(next) = items.next_if(|next| next.name == group[0].name) {
            group.push(next);
        }
        let name = group[0].name.to_vec();
        match resolve_one(group, layers, on_conflict, &mut catalog)? {
            Some(item) => catalog.items.push(item),
            None => conflicts.push(name),
        }
    }
    if conflicts.is_empty() {
        return Ok(catalog);
    }
    Err(refusal("it is in more than one of the checkpoints", conflicts))
}

/// The item of a name that all in `group` have; `None` where that is a conflict.
fn resolve_one(
    mut group: Vec<Item>,
    layers: &[Layer],
    on_conflict: OnConflict,
    catalog: &mut Catalog,
) -> Result<Option<Item>> {
    if group.len() > 1 && group.iter().any(|item| item.is_partitioned) {
        return join_group(group, layers, on_conflict, catalog);
    }
    Ok(match on_conflict {
        OnConflict::Error if group.len() > 1 => None,
        OnConflict::Last => group.pop(),
        _ => group.into_iter().next(),
    })
}

fn join_group(
    group: Vec<Item>,
    layers: &[Layer],
    on_conflict: OnConflict,
    catalog: &mut Catalog,
) -> Result<Option<Item>> {
    let Some(name) = group.first().map(|item| item.name.clone()) else { return Ok(None) };
    let held = group.iter().map(|item| hold(item, layers)).collect::<Result<_>>()?;
    let Outcome { verdict, lenders, has_overlaps } = join(held, on_conflict).for_tensor(&name)?;
    catalog.has_overlaps |= has_overlaps;
    let (origin, joined) = match verdict {
        Verdict::Conflict => return Ok(None),
        Verdict::One(origin) => (origin, None),
        Verdict::Joined(joined) => (joined.holders[0].clone(), Some(Box::new(joined))),
    };
    // One that has it by itself must have all of it.
    let lacking = lenders.into_iter().filter(|lender| joined.is_some() || *lender != origin);
    catalog.may_lack.extend(lacking);
    Ok(Some(Item { joined, ..Item::of(origin, name, true) }))
}

/// The tensor as it is where it is from.
fn hold<'l>(item: &Item, layers: &'l [Layer]) -> Result<Held<'l>> {
    let layer = layers.get(item.layer as usize);
    let found = layer.map_or(Ok(None), |layer| layer.reader.find(item.original()))?;
    let home = layer.and_then(|layer| layer.reader.source().home());
    let tensor = found.ok_or_else(|| not_found(home, vec![item.original().to_vec()]))?;
    let origin = Origin { layer: item.layer, name: item.original().into() };
    Ok(Held { origin, tensor, home })
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
