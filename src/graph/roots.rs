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
use super::input::Input;
use super::meta::{self, MetaGraph};
use super::name_table::NameTable;
use super::names;
use super::node_set::{NodeSet, Ordinal};
use super::texts::{self, each_text};
use super::wire::Span;
use crate::error::Result;

/// The nodes that something outside the graph names.
pub(super) struct Roots {
    /// By `saver_def`; `None` where there is none.
    pub saver: Option<NodeSet>,
    /// By a signature.
    pub signatures: NodeSet,
    pub has_signatures: bool,
    /// By a collection, an asset or the object graph.
    pub others: NodeSet,
    /// What each value of a collection names that may name something, in the order of
    /// the file.
    pub values: Vec<Named>,
}

/// What a value of a collection names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Named(Ordinal);

impl Named {
    pub(super) const NOTHING: Self = Self(Ordinal::MAX);
    /// Nodes, somewhere in a message.
    const SOMETHING: Self = Self(Ordinal::MAX - 1);

    /// The node of which it is the name, and nothing more.
    pub(super) fn node(self) -> Option<Ordinal> {
        (self != Self::NOTHING && self != Self::SOMETHING).then_some(self.0)
    }
}

impl Roots {
    /// Finds them. A node in `training` is not there for the sake of a list of nodes
    /// such as `train_op`, which only says where it is.
    pub(super) fn find(
        graph: &MetaGraph,
        input: &mut Input,
        names: &NameTable,
        training: Option<&NodeSet>,
    ) -> Result<Self> {
        let none = NodeSet::none(names.len());
        let mut roots = Self {
            saver: None,
            signatures: none.clone(),
            has_signatures: false,
            others: none.clone(),
            values: Vec::new(),
        };
        graph.each_part(input, |input, field, body| match field.number {
            meta::SAVER => {
                let saver = roots.saver.get_or_insert_with(|| none.clone());
                each_named(input, body, names, |node| saver.add(node))
            }
            meta::SIGNATURE => {
                roots.has_signatures = true;
                each_named(input, body, names, |node| roots.signatures.add(node))
            }
            meta::COLLECTION => each_value(input, body, |input, kind, value| {
                roots.take_value(input, kind, value, names, training)
            }),
            meta::ASSET | meta::OBJECT_GRAPH => {
                each_named(input, body, names, |node| roots.others.add(node))
            }
            _ => Ok(()),
        })?;
        Ok(roots)
    }

    fn take_value(
        &mut self,
        input: &mut Input,
        kind: CollectionKind,
        value: Span,
        names: &NameTable,
        training: Option<&NodeSet>,
    ) -> Result<()> {
        let mut found = Named::NOTHING;
        if kind == CollectionKind::Nodes {
            if let Some(node) = texts::short(input, value)?.and_then(|text| named(text, names)) {
                found = Named(node);
                if !training.is_some_and(|training| training.has(node)) {
                    self.others.add(node);
                }
            }
        } else {
            each_named(input, value, names, |node| {
                found = Named::SOMETHING;
                self.others.add(node);
            })?;
        }
        self.values.push(found);
        Ok(())
    }

    pub(super) fn has(&self, node: Ordinal) -> bool {
        self.is_saver(node) || self.signatures.has(node) || self.others.has(node)
    }

    pub(super) fn is_saver(&self, node: Ordinal) -> bool {
        self.saver.as_ref().is_some_and(|saver| saver.has(node))
    }
}

/// Calls `each` with every node that a string in `span` names.
fn each_named(
    input: &mut Input,
    span: Span,
    names: &NameTable,
    mut each: impl FnMut(Ordinal),
) -> Result<()> {
    each_text(input, span, &mut |text| {
        if let Some(node) = named(text, names) {
            each(node);
        }
    })
}

/// The node that a string names, if it does.
fn named(text: &[u8], names: &NameTable) -> Option<Ordinal> {
    if text.is_empty() {
        return None;
    }
    names.find(names::node_of(text)).or_else(|| names.find(text))
}
