//! What of a graph is for training alone.
//!
//! ```text
//! x ──► h ──► loss ──► gradients/… ──► ApplyAdam ──► train
//! the model    │       cut: nothing else needs it     cut: it comes of an update
//!              └── an end of the model: stays, with all that it needs
//! ```
//! The steps of optimizers are training, and so is what comes of them. The rest goes
//! by need. A signature, the saver or a collection may need a node; and where there
//! are no signatures to say what the model gives, every end of the model does: a node
//! that no other of the model uses, gradients being no part of it. Slots of optimizers
//! stay, since the saver restores them.

use super::edges::EdgeKind;
use super::names;
use super::node_set::NodeSet;
use super::roles::Roles;
use super::roots::Roots;
use super::skeleton::Skeleton;

/// Whether a name is under a scope of gradients.
pub(super) fn is_gradient(name: &[u8]) -> bool {
    let stem = names::stem(names::scope(name));
    stem.split(|&byte| byte == b'/').any(|part| part == b"gradients")
}

/// The steps of optimizers, and all that comes of them.
pub(super) fn find(nodes: &Skeleton) -> NodeSet {
    let mut found = NodeSet::of(nodes.len(), nodes.all(Roles::UPDATE));
    nodes.spread(&mut found, |_, edge| edge.kind != EdgeKind::Colocation);
    found
}

/// What nothing but training needs. `cut` goes anyway.
pub(super) fn unneeded(
    nodes: &Skeleton,
    training: &NodeSet,
    gradients: &NodeSet,
    roots: &Roots,
    cut: &NodeSet,
) -> NodeSet {
    let is_model = |node| !(training.has(node) || gradients.has(node) || cut.has(node));
    let mut used = NodeSet::none(nodes.len());
    let mut edges = nodes.walk();
    for node in nodes.ordinals() {
        // What an optimizer alone uses, such as its rate, is no end of the model.
        if is_model(node) || nodes.is(node, Roles::UPDATE) {
            for edge in edges.of(node).filter(|edge| edge.kind != EdgeKind::Colocation) {
                edge.target.map(|target| used.insert(target));
            }
        }
    }
    let is_end = |node| !roots.has_signatures && is_model(node) && !used.has(node);
    let needed = nodes.ordinals().filter(|&node| is_end(node) || roots.has(node));
    let mut needed = NodeSet::of(nodes.len(), needed);
    nodes.close(&mut needed);
    NodeSet::of(nodes.len(), nodes.ordinals().filter(|&node| !needed.has(node)))
}
