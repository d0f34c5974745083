//! Nodes that do again what another node does, for nobody.
//!
//! ```text
//! w ◄── w/Assign ◄── init        lr ◄── Assign    ◄── Const
//! w_1 ◄─ w/Assign_1 ◄─ init_1    lr ◄── Assign_1  ◄── Const_1
//! an import of a graph into itself     an op made in a loop
//! ```
//! Two nodes are the same if they have the same label (op, device, attributes, name
//! but for numbers) and their inputs are the same. Of nodes that are the same one
//! stays. The others, where they hang together, can go as a whole if nothing that
//! stays uses any of them.
//!
//! What has an effect is cut: running the original has that effect too. What only
//! computes a value is left, unless asked for: somebody may fetch it by its name.
//! An import is told by the saver that comes with it, and by its order, which is that
//! of the originals. Then all goes that hangs together with that saver's copy or stands
//! in the run of copies around it, placeholders and variables too.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

use super::label::Labels;
use super::savers::is_seed;
use super::skeleton::{NodeSet, Ordinal, Skeleton};
use super::union::Parts;

/// A loop in the graph is told from another after so many rounds or not at all.
const MAX_ROUNDS: usize = 16;

/// Which nodes are cut that do what another node does already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Copies {
    /// None.
    Keep,
    /// Those that are run for their effect, and all that an import brought along.
    #[default]
    WithEffect,
    /// Also those that compute a value, which somebody may fetch by name.
    All,
}

/// The nodes that can go. `kept` are those that must stay, with all that they use;
/// `dead` go for other reasons.
pub(super) fn find(
    nodes: &Skeleton,
    labels: &Labels,
    kept: &NodeSet,
    dead: &NodeSet,
    wanted: Copies,
) -> NodeSet {
    let mut found = NodeSet::none(nodes.len());
    if wanted == Copies::Keep {
        return found;
    }
    let Some(numbers) = value_numbers(nodes, labels, kept) else { return found };
    let copies = Originals::find(nodes, &numbers, kept);
    drop(numbers);
    let mut groups = Groups::find(nodes, labels, &copies, dead);
    groups.find_imports(&copies, dead);
    for node in copies.copies() {
        if groups.can_go(node, wanted) {
            found.insert(node);
        }
    }
    found
}

/// A number for each node, such that nodes with the same number do the same; `None`
/// where loops don't let that be found out.
fn value_numbers(nodes: &Skeleton, labels: &Labels, kept: &NodeSet) -> Option<Vec<u64>> {
    let mut numbers: Vec<u64> = nodes.ordinals().map(|node| labels.of(node)).collect();
    let mut classes = 0;
    for _ in 0..MAX_ROUNDS {
        let has_loops = number_all(nodes, labels, kept, &mut numbers);
        if !has_loops {
            return Some(numbers);
        }
        // Each round tells more nodes apart, until one tells no more.
        let found = count_distinct(&numbers);
        if found == classes {
            return Some(numbers);
        }
        classes = found;
    }
    None
}

fn count_distinct(numbers: &[u64]) -> usize {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}

/// Numbers every node after its inputs; where a loop has none that comes first, the
/// number of the round before stands in. Says whether there are loops.
fn number_all(nodes: &Skeleton, labels: &Labels, kept: &NodeSet, numbers: &mut [u64]) -> bool {
    let mut begun = NodeSet::none(nodes.len());
    let mut done = NodeSet::none(nodes.len());
    let mut has_loops = false;
    let mut path: Vec<(Ordinal, usize)> = Vec::new();
    for start in nodes.ordinals() {
        if begun.insert(start) {
            path.push((start, 0));
        }
        while let Some((node, slot)) = path.last_mut() {
            let Some(edge) = nodes.edges(*node).get(*slot) else {
                numbers[*node as usize] = number(nodes, labels, kept, numbers, *node);
                done.insert(*node);
                path.pop();
                continue;
            };
            *slot += 1;
            let Some(used) = edge.target() else { continue };
            if begun.insert(used) {
                path.push((used, 0));
            } else {
                has_loops |= !done.has(used);
            }
        }
    }
    has_loops
}

fn number(
    nodes: &Skeleton,
    labels: &Labels,
    kept: &NodeSet,
    numbers: &[u64],
    node: Ordinal,
) -> u64 {
    let mut hasher = labels.keys().build_hasher();
    if labels.is_source(node) {
        origin(nodes, labels, kept, node).hash(&mut hasher);
        return hasher.finish();
    }
    labels.of(node).hash(&mut hasher);
    let mut unordered = 0u64;
    for edge in nodes.edges(node) {
        match edge.target().map(|used| numbers[used as usize]) {
            Some(number) if edge.is_data() => number.hash(&mut hasher),
            Some(number) => unordered = unordered.wrapping_add(number),
            // What it would use is unknown, so it is like no other.
            None => node.hash(&mut hasher),
        }
    }
    hasher.write_u64(unordered);
    hasher.finish()
}

/// The source that a source is a copy of by its name, or itself. One that must stay
/// is itself: it is there for its own sake.
fn origin(nodes: &Skeleton, labels: &Labels, kept: &NodeSet, source: Ordinal) -> Ordinal {
    let mut node = source;
    while let Some(base) = labels.source_base(node).filter(|_| !kept.has(node)) {
        match nodes.find_hash(base) {
            Some(base) if labels.is_source(base) && labels.of(base) == labels.of(node) => {
                node = base;
            }
            _ => break,
        }
    }
    node
}

/// For each node the one that stays of those that do the same: one that must stay,
/// or the first.
struct Originals(Vec<Ordinal>);

impl Originals {
    fn find(nodes: &Skeleton, numbers: &[u64], kept: &NodeSet) -> Self {
        let number = |node: Ordinal| numbers[node as usize];
        let mut order: Vec<Ordinal> = nodes.ordinals().collect();
        order.sort_unstable_by_key(|&node| (number(node), !kept.has(node), node));
        let mut originals: Vec<Ordinal> = nodes.ordinals().collect();
        for same in order.chunk_by(|&a, &b| number(a) == number(b)) {
            for &copy in same.iter().filter(|&&node| !kept.has(node)) {
                originals[copy as usize] = same[0];
            }
        }
        Self(originals)
    }

    fn of(&self, node: Ordinal) -> Ordinal {
        self.0[node as usize]
    }

    fn is_copy(&self, node: Ordinal) -> bool {
        self.of(node) != node
    }

    fn copies(&self) -> impl Iterator<Item = Ordinal> {
        (0..self.0.len() as Ordinal).filter(|&node| self.is_copy(node))
    }
}

/// What there is in copies that hang together, a bit each.
const USED: u8 = 1;
const EFFECT: u8 = 2;
const SAVER: u8 = 4;
const SOURCE: u8 = 8;
const NOT_IMPORTED: u8 = 16;

/// The copies that hang together.
struct Groups {
    parts: Parts,
    /// What there is in a part, at the node that stands for it.
    traits: Vec<u8>,
}

impl Groups {
    fn find(nodes: &Skeleton, labels: &Labels, copies: &Originals, dead: &NodeSet) -> Self {
        let parts = Parts::of_singles(nodes.len());
        let mut groups = Self { parts, traits: vec![0; nodes.len()] };
        for node in copies.copies() {
            for used in nodes.uses(node).filter(|&used| copies.is_copy(used)) {
                groups.parts.join(node, used);
            }
        }
        for node in nodes.ordinals() {
            if copies.is_copy(node) {
                groups.note(node, trait_of(nodes, labels, node));
            } else if !dead.has(node) {
                for used in nodes.uses(node).filter(|&used| copies.is_copy(used)) {
                    groups.note(used, USED);
                }
            }
        }
        groups
    }

    fn note(&mut self, node: Ordinal, found: u8) {
        let part = self.parts.find(node);
        self.traits[part as usize] |= found;
    }

    fn has(&mut self, node: Ordinal, wanted: u8) -> bool {
        let part = self.parts.find(node);
        self.traits[part as usize] & wanted != 0
    }

    fn is_import(&mut self, node: Ordinal) -> bool {
        self.has(node, SAVER) && !self.has(node, USED)
    }

    fn can_go(&mut self, node: Ordinal, wanted: Copies) -> bool {
        let for_itself =
            !self.has(node, SOURCE) && (self.has(node, EFFECT) || wanted == Copies::All);
        !self.has(node, USED)
            && (for_itself || self.has(node, SAVER) || !self.has(node, NOT_IMPORTED))
    }

    /// Notes which copies are in no run of copies that an import made.
    fn find_imports(&mut self, copies: &Originals, dead: &NodeSet) {
        let imported = self.imported(copies, dead);
        for node in copies.copies().filter(|&node| !imported.has(node)) {
            self.note(node, NOT_IMPORTED);
        }
    }

    /// The runs of copies that imports made: each from the copy of the first node to
    /// the last node that hangs together with the copy of a saver.
    fn imported(&mut self, copies: &Originals, dead: &NodeSet) -> NodeSet {
        let mut bounds: HashMap<Ordinal, (Ordinal, Ordinal)> = HashMap::new();
        for node in copies.copies() {
            if self.is_import(node) {
                bounds.entry(self.parts.find(node)).or_insert((node, node)).1 = node;
            }
        }
        let mut others_before: Vec<u32> = vec![0];
        for node in 0..copies.0.len() as Ordinal {
            let other = !copies.is_copy(node) && !dead.has(node);
            others_before.push(others_before[node as usize] + u32::from(other));
        }
        let mut imported = NodeSet::none(copies.0.len());
        for (first, last) in bounds.into_values() {
            let start = first.saturating_sub(copies.of(first));
            // What stands among copies and is none was not made by an import.
            if others_before[start as usize] == others_before[last as usize + 1] {
                (start..=last).for_each(|node| imported.add(node));
            }
        }
        imported
    }
}

fn trait_of(nodes: &Skeleton, labels: &Labels, node: Ordinal) -> u8 {
    let op = nodes.op(node);
    let mut found = 0;
    if is_seed(op) {
        found |= SAVER;
    }
    if op == b"NoOp" || writes(op) {
        found |= EFFECT;
    }
    if labels.is_source(node) {
        found |= SOURCE;
    }
    found
}

/// Whether an op changes a variable.
fn writes(op: &[u8]) -> bool {
    let has = |part: &[u8]| op.windows(part.len()).any(|window| window == part);
    has(b"Assign")
        || is_update(op)
        || (has(b"Scatter") && !op.starts_with(b"ScatterNd"))
        || matches!(op, b"ScatterNdUpdate" | b"ScatterNdAdd" | b"ScatterNdSub")
}

/// Whether an op is the step of an optimizer.
pub(super) fn is_update(op: &[u8]) -> bool {
    ["Apply", "ResourceApply", "SparseApply", "ResourceSparseApply"]
        .iter()
        .any(|prefix| op.starts_with(prefix.as_bytes()))
}
