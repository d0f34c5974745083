//! Collections without values that stand there twice, or name a node that is gone.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::collection::{self, CollectionKind};
use super::input::{Fields, Input};
use super::pieces::Pieces;
use super::roots;
use super::skeleton::{NodeSet, Skeleton};
use super::strip::Cut;
use super::wire::Span;
use crate::error::Result;

/// Which values stay.
pub(super) struct Keep<'a> {
    nodes: &'a Skeleton,
    cut: &'a NodeSet,
    once: bool,
    keys: [RandomState; 2],
    seen: HashSet<[u64; 2]>,
}

impl<'a> Keep<'a> {
    /// `once`: a value that names a node stays once.
    pub(super) fn new(nodes: &'a Skeleton, cut: &'a NodeSet, once: bool) -> Self {
        let keys = [RandomState::new(), RandomState::new()];
        Self { nodes, cut, once, keys, seen: HashSet::new() }
    }

    fn keeps(&mut self, kind: CollectionKind, value: &[u8]) -> bool {
        if kind == CollectionKind::Nodes {
            let node = roots::named(value, self.nodes);
            if node.is_some_and(|node| self.cut.has(node)) {
                return false;
            }
        }
        // Only what names nodes is a set by nature; a user's values may repeat.
        !self.once || !self.names_nodes(value) || self.is_new(value)
    }

    fn names_nodes(&self, value: &[u8]) -> bool {
        let mut names = false;
        roots::each_named(value, self.nodes, &mut |_| names = true);
        names
    }

    fn is_new(&mut self, value: &[u8]) -> bool {
        let [a, b] = &self.keys;
        self.seen.insert([a.hash_one(value), b.hash_one(value)])
    }
}

/// What is left of the entry `body`; `None` where that is nothing any more.
pub(super) fn rewrite(
    input: &mut Input,
    body: Span,
    mut keep: Keep<'_>,
    dropped: &mut Cut,
) -> Result<Option<Pieces>> {
    let mut pieces = Pieces::default();
    let mut left = Left::default();
    let mut fields = Fields::of(body);
    while let Some(field) = fields.next(input)? {
        match field.bytes() {
            Some(def) if field.number == collection::DEF => {
                let inner = rewrite_def(input, def, &mut keep, dropped, &mut left)?;
                pieces.put_message_or_copy(field.number, field.whole, def, inner);
            }
            _ => pieces.copy(field.whole),
        }
    }
    Ok((left.kept > 0 || left.dropped == 0).then_some(pieces))
}

#[derive(Default)]
struct Left {
    kept: u64,
    dropped: u64,
}

fn rewrite_def(
    input: &mut Input,
    def: Span,
    keep: &mut Keep<'_>,
    dropped: &mut Cut,
    left: &mut Left,
) -> Result<Pieces> {
    let mut pieces = Pieces::default();
    let mut fields = Fields::of(def);
    while let Some(field) = fields.next(input)? {
        match (collection::kind(field.number).filter(|kind| kind.names_nodes()), field.bytes()) {
            (Some(kind), Some(list)) => {
                let inner = rewrite_list(input, list, kind, keep, dropped, left)?;
                pieces.put_message_or_copy(field.number, field.whole, list, inner);
            }
            _ => {
                left.kept += 1;
                pieces.copy(field.whole);
            }
        }
    }
    Ok(pieces)
}

fn rewrite_list(
    input: &mut Input,
    list: Span,
    kind: CollectionKind,
    keep: &mut Keep<'_>,
    dropped: &mut Cut,
    left: &mut Left,
) -> Result<Pieces> {
    let mut pieces = Pieces::default();
    let mut fields = Fields::of(list);
    while let Some(field) = fields.next(input)? {
        let keeps = match field.bytes().filter(|_| field.number == collection::VALUE) {
            Some(value) => keep.keeps(kind, input.view(value)?),
            None => true,
        };
        if keeps {
            left.kept += 1;
            pieces.copy(field.whole);
        } else {
            left.dropped += 1;
            dropped.add(field.whole.len());
        }
    }
    Ok(pieces)
}
