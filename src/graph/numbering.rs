//! Numbers for nodes, such that those with the same number do the same.

use std::hash::{BuildHasher, Hash, Hasher};

use super::copies::Search;
use super::edges::{EdgeKind, Edges};
use super::node_set::{NodeSet, Ordinal};

/// A loop in the graph is told from another after so many rounds or not at all.
const MAX_ROUNDS: usize = 16;

impl Search<'_> {
    /// A number for each node, such that nodes with the same number do the same; `None`
    /// where loops don't let that be found out.
    pub(super) fn value_numbers(&self, labels: Vec<u64>) -> Option<Vec<u64>> {
        let mut numbers = labels;
        self.number_sources(&mut numbers);
        let mut classes = 0;
        for _ in 0..MAX_ROUNDS {
            let has_loops = self.number_all(&mut numbers);
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

    fn number_sources(&self, labels: &mut [u64]) {
        let origins: Vec<(Ordinal, Ordinal)> =
            self.sources.iter().map(|source| (source, self.origin(labels, source))).collect();
        for (source, origin) in origins {
            labels[source as usize] = self.keys.hash_one(origin);
        }
    }

    /// The source that a source is a copy of by its name, or itself. One that must stay
    /// is itself: it is there for its own sake.
    fn origin(&self, labels: &[u64], source: Ordinal) -> Ordinal {
        let label = |node: Ordinal| labels[node as usize];
        let mut node = source;
        while let Some(base) = self.sources.base(node).filter(|_| !self.kept.has(node)) {
            if base == node || !self.sources.has(base) || label(base) != label(node) {
                break;
            }
            node = base;
        }
        node
    }

    /// Numbers every node after its inputs; where a loop has none that comes first, the
    /// number of the round before stands in. Says whether there are loops.
    fn number_all(&self, numbers: &mut [u64]) -> bool {
        let mut begun = NodeSet::none(numbers.len());
        let mut done = NodeSet::none(numbers.len());
        let mut has_loops = false;
        let (mut here, mut again) = (self.nodes.walk(), self.nodes.walk());
        let mut path: Vec<(Ordinal, Edges<'_>)> = Vec::new();
        for start in self.nodes.ordinals() {
            if begun.insert(start) {
                path.push((start, here.of(start).clone()));
            }
            while let Some((node, edges)) = path.last_mut() {
                let Some(edge) = edges.next() else {
                    numbers[*node as usize] = self.number(numbers, *node, again.of(*node));
                    done.add(*node);
                    path.pop();
                    continue;
                };
                let Some(used) = edge.target else { continue };
                if begun.insert(used) {
                    path.push((used, here.of(used).clone()));
                } else {
                    has_loops |= !done.has(used);
                }
            }
        }
        has_loops
    }

    fn number(&self, numbers: &[u64], node: Ordinal, edges: &mut Edges<'_>) -> u64 {
        if self.sources.has(node) {
            return numbers[node as usize];
        }
        let mut hasher = self.keys.build_hasher();
        numbers[node as usize].hash(&mut hasher);
        let mut unordered = 0u64;
        for edge in edges {
            match edge.target.map(|used| numbers[used as usize]) {
                Some(number) if edge.kind == EdgeKind::Data => number.hash(&mut hasher),
                Some(number) => unordered = unordered.wrapping_add(number),
                // What it would use is unknown, so it is like no other.
                None => node.hash(&mut hasher),
            }
        }
        hasher.write_u64(unordered);
        hasher.finish()
    }
}

fn count_distinct(numbers: &[u64]) -> usize {
    let order = by_number(numbers);
    order.chunk_by(|&a, &b| numbers[a as usize] == numbers[b as usize]).count()
}

/// All nodes, those with the same number beside each other, in their order.
pub(super) fn by_number(numbers: &[u64]) -> Vec<Ordinal> {
    let mut order: Vec<Ordinal> = (0..numbers.len() as Ordinal).collect();
    order.sort_unstable_by_key(|&node| (numbers[node as usize], node));
    order
}
