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
use std::collections::hash_map::RandomState;

use super::label::Sources;
use super::node_set::{NodeSet, Ordinal};
use super::numbering::by_number;
use super::roles::Roles;
use super::skeleton::Skeleton;
use super::union::Parts;

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

/// What the search for copies goes by.
pub(super) struct Search<'a> {
    pub nodes: &'a Skeleton,
    pub sources: &'a Sources,
    /// What must stay, with all that it uses.
    pub kept: &'a NodeSet,
    /// What goes for other reasons.
    pub dead: &'a NodeSet,
    pub keys: &'a RandomState,
}

impl Search<'_> {
    /// The nodes that can go; `labels` are those of all nodes.
    pub(super) fn find(&self, labels: Vec<u64>, wanted: Copies) -> NodeSet {
        let found = NodeSet::none(self.nodes.len());
        // A file that changes while it is read may give more of them, or fewer.
        if wanted == Copies::Keep || labels.len() != self.nodes.len() {
            return found;
        }
        let Some(numbers) = self.value_numbers(labels) else { return found };
        let copies = Originals::find(numbers, self.kept);
        let mut groups = Groups::find(self, &copies);
        groups.find_imports(&copies, self.dead);
        let goes = copies.copies().filter(|&node| groups.can_go(node, wanted));
        NodeSet::of(self.nodes.len(), goes)
    }
}

/// For each node the one that stays of those that do the same: one that must stay,
/// or the first.
struct Originals(Vec<Ordinal>);

impl Originals {
    fn find(numbers: Vec<u64>, kept: &NodeSet) -> Self {
        // There can be millions: each original takes the place of the number.
        let mut originals = numbers;
        let order = by_number(&originals);
        let mut rest = order.as_slice();
        while let Some(&first) = rest.first() {
            let number = originals[first as usize];
            let len = rest.iter().take_while(|&&node| originals[node as usize] == number).count();
            let (same, others) = rest.split_at(len);
            let original = same.iter().copied().find(|&node| kept.has(node)).unwrap_or(first);
            for &node in same {
                originals[node as usize] = if kept.has(node) { node } else { original }.into();
            }
            rest = others;
        }
        drop(order);
        Self(originals.into_iter().map(|node| node as Ordinal).collect())
    }

    fn of(&self, node: Ordinal) -> Ordinal {
        self.0[node as usize]
    }

    fn is_copy(&self, node: Ordinal) -> bool {
        self.of(node) != node
    }

    fn nodes(&self) -> std::ops::Range<Ordinal> {
        0..self.0.len() as Ordinal
    }

    fn copies(&self) -> impl Iterator<Item = Ordinal> {
        self.nodes().filter(|&node| self.is_copy(node))
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
    fn find(search: &Search<'_>, copies: &Originals) -> Self {
        let nodes = search.nodes;
        let mut parts = Parts::of_singles(nodes.len());
        let mut edges = nodes.walk();
        for node in copies.copies() {
            for used in edges.of(node).filter_map(|edge| edge.target) {
                if copies.is_copy(used) {
                    parts.join(node, used);
                }
            }
        }
        let mut groups = Self { parts, traits: vec![0; nodes.len()] };
        for node in nodes.ordinals() {
            if copies.is_copy(node) {
                groups.note(node, trait_of(search, node));
            } else if !search.dead.has(node) {
                for used in edges.of(node).filter_map(|edge| edge.target) {
                    if copies.is_copy(used) {
                        groups.note(used, USED);
                    }
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
        let runs = self.imported(copies, dead);
        let mut runs = runs.into_iter().peekable();
        for node in copies.copies() {
            while runs.next_if(|&(_, last)| last < node).is_some() {}
            if runs.peek().is_none_or(|&(first, _)| node < first) {
                self.note(node, NOT_IMPORTED);
            }
        }
    }

    /// The runs of copies that imports made, first and last node: each from the copy of
    /// the first node to the last node that hangs together with the copy of a saver.
    /// Joined where they overlap, in their order.
    fn imported(&mut self, copies: &Originals, dead: &NodeSet) -> Vec<(Ordinal, Ordinal)> {
        let mut bounds: HashMap<Ordinal, (Ordinal, Ordinal)> = HashMap::new();
        for node in copies.copies() {
            if self.is_import(node) {
                bounds.entry(self.parts.find(node)).or_insert((node, node)).1 = node;
            }
        }
        if bounds.is_empty() {
            return Vec::new();
        }
        // What stands among copies and is none was not made by an import.
        let other = |node| !copies.is_copy(node) && !dead.has(node);
        let others: Vec<Ordinal> = copies.nodes().filter(|&node| other(node)).collect();
        let before = |node| others.partition_point(|&other| other < node);
        let runs = bounds.into_values();
        let runs = runs.map(|(first, last)| (first.saturating_sub(copies.of(first)), last));
        join(runs.filter(|&(first, last)| before(first) == before(last + 1)).collect())
    }
}

/// Ranges in their order, those that overlap as one.
fn join(mut ranges: Vec<(Ordinal, Ordinal)>) -> Vec<(Ordinal, Ordinal)> {
    ranges.sort_unstable();
    let mut joined: Vec<(Ordinal, Ordinal)> = Vec::new();
    for (first, last) in ranges {
        match joined.last_mut() {
            Some(before) if first <= before.1 => before.1 = before.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    joined
}

fn trait_of(search: &Search<'_>, node: Ordinal) -> u8 {
    let roles = search.nodes.roles(node);
    let mut found = 0;
    for (roles_wanted, found_then) in [(Roles::SEED, SAVER), (Roles::EFFECT, EFFECT)] {
        if roles.are(roles_wanted) {
            found |= found_then;
        }
    }
    if search.sources.has(node) {
        found |= SOURCE;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn ranges_that_overlap_are_one() {
        assert_eq!(join(vec![(7, 9), (0, 3), (2, 5), (1, 2)]), [(0, 5), (7, 9)]);
    }
}
