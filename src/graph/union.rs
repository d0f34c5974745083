//! Which nodes hang together.

use super::node_set::Ordinal;

/// A partition of the nodes: at first each is alone, then parts are joined.
pub(super) struct Parts(Vec<Ordinal>);

impl Parts {
    pub(super) fn of_singles(nodes: usize) -> Self {
        Self((0..nodes as Ordinal).collect())
    }

    /// The node that stands for the part that `node` is in.
    pub(super) fn find(&mut self, mut node: Ordinal) -> Ordinal {
        while self.0[node as usize] != node {
            // Halving the way keeps later searches short.
            let above = self.0[node as usize];
            self.0[node as usize] = self.0[above as usize];
            node = above;
        }
        node
    }

    pub(super) fn join(&mut self, a: Ordinal, b: Ordinal) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b) as usize] = a.min(b);
    }

    /// The first node of the part that each is in, which is the one that stands for it.
    pub(super) fn into_firsts(mut self) -> Vec<Ordinal> {
        for node in 0..self.0.len() as Ordinal {
            self.0[node as usize] = self.find(node);
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_parts_have_one_representative() {
        let mut parts = Parts::of_singles(6);
        for (a, b) in [(4, 5), (1, 2), (5, 2)] {
            parts.join(a, b);
        }
        let found: Vec<_> = (0..6).map(|node| parts.find(node)).collect();
        assert_eq!(found, [0, 1, 1, 3, 1, 1]);
        assert_eq!(parts.into_firsts(), found);
    }
}
