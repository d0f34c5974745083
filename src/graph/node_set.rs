//! Sets of nodes.

/// The position of a node in the order of the file.
pub(super) type Ordinal = u32;

/// A set of nodes, a bit each. A node that the graph has not got is in no set.
#[derive(Clone, Debug)]
pub(super) struct NodeSet(Vec<u64>);

impl NodeSet {
    pub(super) fn none(nodes: usize) -> Self {
        Self(vec![0; nodes.div_ceil(64)])
    }

    pub(super) fn of(nodes: usize, members: impl IntoIterator<Item = Ordinal>) -> Self {
        let mut set = Self::none(nodes);
        members.into_iter().for_each(|node| set.add(node));
        set
    }

    pub(super) fn has(&self, node: Ordinal) -> bool {
        self.0.get(node as usize / 64).is_some_and(|word| (word >> (node % 64)) & 1 == 1)
    }

    pub(super) fn add(&mut self, node: Ordinal) {
        self.insert(node);
    }

    /// Whether it was not there before.
    pub(super) fn insert(&mut self, node: Ordinal) -> bool {
        let Some(word) = self.0.get_mut(node as usize / 64) else { return false };
        let before = *word;
        *word |= 1 << (node % 64);
        *word != before
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    pub(super) fn remove_all(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= !other;
        }
    }
}
