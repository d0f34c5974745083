//! What tensors an overlay has: each name, the checkpoint it is taken from, and
//! the name there.

use std::collections::{BTreeSet, HashSet};

use super::join::{Held, Outcome, Verdict, join};
use super::joined::{Holder, Joined};
use super::{Layer, NameRule};
use crate::bundle::{OnConflict, conflict};
use crate::checkpoint::source::not_found;
use crate::checkpoint::tensor::Tensor;
use crate::error::{Error, Result, ResultExt};

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
    fn of(holder: Holder, name: Box<[u8]>, is_partitioned: bool) -> Self {
        let original = (holder.name != name).then_some(holder.name);
        Self { name, original, layer: holder.layer, is_partitioned, joined: None }
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
#[derive(Debug, Default)]
pub(super) struct Catalog {
    items: Vec<Item>,
    /// The tensors of the checkpoints that may lack slices, because others have them.
    may_lack: HashSet<Holder>,
    /// Whether some slices count only in part, or not at all, because others overlap
    /// them: no index of what the checkpoints store can say so.
    pub(super) has_overlaps: bool,
}

impl Catalog {
    /// Of all `items`, one of each name. That several have one of `shared` is no
    /// conflict.
    pub(super) fn new(
        items: Vec<Item>,
        layers: &[Layer],
        on_conflict: OnConflict,
        shared: &BTreeSet<Vec<u8>>,
    ) -> Result<Self> {
        let mut catalog = Self::default();
        catalog.resolve(items, layers, on_conflict, shared)?;
        Ok(catalog)
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
        !self.may_lack.is_empty() && self.may_lack.contains(&Holder { layer, name: name.into() })
    }

    /// Takes one item of each name. `items` are sorted, and those of one name by layer.
    fn resolve(
        &mut self,
        items: Vec<Item>,
        layers: &[Layer],
        on_conflict: OnConflict,
        shared: &BTreeSet<Vec<u8>>,
    ) -> Result<()> {
        let mut conflicts: Vec<Vec<u8>> = Vec::new();
        let mut holders: Vec<u32> = Vec::new();
        let mut items = items.into_iter().peekable();
        while let Some(first) = items.next() {
            let mut group = vec![first];
            while let Some(next) = items.next_if(|next| next.name == group[0].name) {
                group.push(next);
            }
            let name = group[0].name.to_vec();
            if conflicts.is_empty() {
                holders = group.iter().map(|item| item.layer).collect();
            }
            let taken = match on_conflict {
                _ if group.len() > 1 && group.iter().any(|item| item.is_partitioned) => {
                    self.join_group(group, layers, on_conflict)?
                }
                OnConflict::Last => group.pop(),
                OnConflict::Error if group.len() > 1 && !shared.contains(&name) => None,
                OnConflict::First | OnConflict::Error => group.into_iter().next(),
            };
            match taken {
                Some(item) => self.items.push(item),
                None => conflicts.push(name),
            }
        }
        if conflicts.is_empty() {
            return Ok(());
        }
        let holders = holders.into_iter().filter_map(|layer| layers.get(layer as usize));
        Err(conflict(conflicts, holders.map(|layer| layer.reader.prefix())))
    }

    /// The item of a name that all in `group` have, some as slices; `None` where that is
    /// a conflict.
    fn join_group(
        &mut self,
        group: Vec<Item>,
        layers: &[Layer],
        on_conflict: OnConflict,
    ) -> Result<Option<Item>> {
        let Some(name) = group.first().map(|item| item.name.clone()) else { return Ok(None) };
        let held = group.iter().map(|item| hold(item, layers)).collect::<Result<_>>()?;
        let Outcome { verdict, lenders, has_overlaps } =
            join(held, on_conflict).for_tensor(&name)?;
        self.has_overlaps |= has_overlaps;
        let (holder, joined) = match verdict {
            Verdict::Conflict => return Ok(None),
            Verdict::One(holder) => (holder, None),
            Verdict::Joined(joined) => (joined.holders[0].clone(), Some(Box::new(joined))),
        };
        // One that has it by itself must have all of it.
        let lacking = lenders.into_iter().filter(|lender| joined.is_some() || *lender != holder);
        self.may_lack.extend(lacking);
        Ok(Some(Item { joined, ..Item::of(holder, name, true) }))
    }

    /// Takes a tensor out.
    pub(super) fn remove(&mut self, name: &[u8]) {
        if let Ok(at) = self.position(name) {
            self.items.remove(at);
        }
    }

    /// Says that a tensor is taken from the layer of that number, where it has the
    /// same name.
    pub(super) fn put(&mut self, name: &[u8], layer: u32) {
        let item = Item::of(Holder { layer, name: name.into() }, name.into(), false);
        match self.position(name) {
            Ok(at) => self.items[at] = item,
            Err(at) => self.items.insert(at, item),
        }
    }
}

/// Adds the tensors of a checkpoint under the names that they get.
fn add_layer(layer: &Layer, number: u32, items: &mut Vec<Item>) -> Result<()> {
    let mut used = vec![false; layer.names.rules.len()];
    for tensor in layer.reader.tensors() {
        let tensor = tensor?;
        let names = layer.names.names_of(&tensor.name, |rule| used[rule] = true);
        refuse_nameless(&names, &tensor.name)?;
        let holder = Holder { layer: number, name: tensor.name.as_slice().into() };
        items.extend(
            names
                .into_iter()
                .map(|name| Item::of(holder.clone(), name.into(), tensor.is_partitioned())),
        );
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

/// The tensor as it is where it is from.
fn hold<'l>(item: &Item, layers: &'l [Layer]) -> Result<Held<'l>> {
    let layer = layers.get(item.layer as usize);
    let found = layer.map_or(Ok(None), |layer| layer.reader.find(item.original()))?;
    let home = layer.and_then(|layer| layer.reader.source().home());
    let tensor = found.ok_or_else(|| not_found(home, vec![item.original().to_vec()]))?;
    let holder = Holder { layer: item.layer, name: item.original().into() };
    Ok(Held { holder, tensor, home })
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
