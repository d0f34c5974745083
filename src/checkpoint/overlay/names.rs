//! What tensors of a checkpoint are called in an overlay.

use std::collections::BTreeSet;

use super::rule::NameRule;
use crate::checkpoint::object_graph::OBJECT_GRAPH_KEY;

/// What tensors of a checkpoint are called in an overlay.
#[derive(Clone, Debug)]
pub struct NameMap {
    /// Each rule gives the tensors that it fits a name. A tensor that several fit
    /// has several names; rules that fit none are an error. They are not for the
    /// object graph, which follows the tensors.
    pub rules: Vec<NameRule>,
    /// Whether tensors that no rule fits keep their names; they are left out if
    /// not. Default: they do.
    pub keep_unmapped: bool,
}

impl Default for NameMap {
    fn default() -> Self {
        Self { rules: Vec::new(), keep_unmapped: true }
    }
}

impl NameMap {
    /// Whether all tensors keep their names.
    pub(crate) fn is_plain(&self) -> bool {
        self.rules.is_empty() && self.keep_unmapped
    }

    /// The names of a tensor; `note` is told the places of the rules that give them.
    pub(super) fn names_of(
        &self,
        original: &[u8],
        mut note: impl FnMut(usize),
    ) -> BTreeSet<Vec<u8>> {
        let mut names = BTreeSet::new();
        if original == OBJECT_GRAPH_KEY.as_bytes() {
            names.insert(original.to_vec());
            return names;
        }
        for (at, rule) in self.rules.iter().enumerate() {
            if let Some(name) = rule.apply(original) {
                note(at);
                names.insert(name);
            }
        }
        if names.is_empty() && self.keep_unmapped {
            names.insert(original.to_vec());
        }
        names
    }
}
