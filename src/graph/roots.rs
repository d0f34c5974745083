//! What outside the graph names nodes in it: the reasons for a node to stay.
//!
//! ```text
//! SaverDef     = filename_tensor_name 1, save_tensor_name 2, restore_op_name 3, …
//! SignatureDef = inputs 1 (map), outputs 2 (map), …; in both TensorInfo { name 1, … }
//! ```
//! Collections hold messages of many types, those of users among them: variables,
//! savers, queue runners, contexts of loops. They all name nodes by strings, so
//! any string anywhere in one that is the name of a node, or of a tensor, counts.
//! At worst that keeps a node for which there is no reason.

use super::collection::{CollectionKind, each_value};
use super::input::{Input, each_field};
use super::meta::{self, MetaGraph};
use super::names;
use super::skeleton::{NodeSet, Ordinal, Skeleton};
use super::wire::{self, Span};
use crate::error::Result;

/// Messages nest less deep than this wherever TensorFlow names a node.
const MAX_DEPTH: usize = 12;

/// The nodes that something outside the graph names.
pub(super) struct Roots {
    /// By `saver_def`; `None` where there is none.
    pub saver: Option<NodeSet>,
    /// By a signature.
    pub signatures: NodeSet,
    pub has_signatures: bool,
    /// By a collection, an asset or the object graph.
    pub others: NodeSet,
}

impl Roots {
    /// Finds them. A node in `training` is not there for the sake of a list of nodes
    /// such as `train_op`, which only says where it is.
    pub(super) fn find(
        graph: &MetaGraph,
        input: &mut Input,
        nodes: &Skeleton,
        training: Option<&NodeSet>,
    ) -> Result<Self> {
        let none = NodeSet::none(nodes.len());
        let mut roots = Self {
            saver: None,
            signatures: none.clone(),
            has_signatures: false,
            others: none.clone(),
        };
        graph.each_part(input, |input, field, body| match field.number {
            meta::SAVER => {
                mark(input, body, nodes, roots.saver.get_or_insert_with(|| none.clone()))
            }
            meta::SIGNATURE => {
                roots.has_signatures = true;
                mark(input, body, nodes, &mut roots.signatures)
            }
            meta::ASSET => mark(input, body, nodes, &mut roots.others),
            meta::COLLECTION => each_value(input, body, |input, kind, value| {
                let training = training.filter(|_| kind == CollectionKind::Nodes);
                each_named(input.view(value)?, nodes, &mut |node| {
                    if !training.is_some_and(|training| training.has(node)) {
                        roots.others.insert(node);
                    }
                });
                Ok(())
            }),
            // One object at a time: the whole can be large.
            meta::OBJECT_GRAPH => each_field(input, body, |input, field| match field.bytes() {
                Some(object) => mark(input, object, nodes, &mut roots.others),
                None => Ok(()),
            }),
            _ => Ok(()),
        })?;
        Ok(roots)
    }

    pub(super) fn has(&self, node: Ordinal) -> bool {
        self.is_saver(node) || self.signatures.has(node) || self.others.has(node)
    }

    pub(super) fn is_saver(&self, node: Ordinal) -> bool {
        self.saver.as_ref().is_some_and(|saver| saver.has(node))
    }
}

fn mark(input: &mut Input, message: Span, nodes: &Skeleton, found: &mut NodeSet) -> Result<()> {
    each_named(input.view(message)?, nodes, &mut |node| {
        found.insert(node);
    });
    Ok(())
}

/// Calls `each` with every node that a string in `bytes` names: `bytes` itself,
/// or a field of the message that it is, at any depth.
pub(super) fn each_named(bytes: &[u8], nodes: &Skeleton, each: &mut impl FnMut(Ordinal)) {
    each_named_within(bytes, nodes, MAX_DEPTH, each);
}

fn each_named_within(bytes: &[u8], nodes: &Skeleton, depth: usize, each: &mut impl FnMut(Ordinal)) {
    if let Some(node) = named(bytes, nodes) {
        each(node);
    }
    if depth > 0 {
        for (_, content) in wire::byte_fields(bytes) {
            each_named_within(content, nodes, depth - 1, each);
        }
    }
}

/// The node that a string names, if it does.
pub(super) fn named(text: &[u8], nodes: &Skeleton) -> Option<Ordinal> {
    if text.is_empty() {
        return None;
    }
    nodes.find(names::node_of(text)).or_else(|| nodes.find(text))
}
