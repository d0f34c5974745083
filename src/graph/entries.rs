//! Collections without values that stand there twice, or name a node that is gone.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;

use super::collection;
use super::input::{Fields, Input};
use super::node_set::NodeSet;
use super::pieces::Pieces;
use super::roots::Named;
use super::strip::Cut;
use super::wire::Span;
use crate::error::Result;

/// Which values stay, of one collection after another.
pub(super) struct Keep<'a> {
    cut: &'a NodeSet,
    once: bool,
    /// What the values that are still to come name.
    named: std::slice::Iter<'a, Named>,
    keys: [RandomState; 2],
    seen: HashSet<[u64; 2]>,
}

impl<'a> Keep<'a> {
    /// `once`: a value that names a node stays once in a collection.
    pub(super) fn new(named: &'a [Named], cut: &'a NodeSet, once: bool) -> Self {
        let keys = [RandomState::new(), RandomState::new()];
        Self { cut, once, named: named.iter(), keys, seen: HashSet::new() }
    }

    fn keeps(&mut self, input: &mut Input, value: Span) -> Result<bool> {
        let named = self.named.next().copied().unwrap_or(Named::NOTHING);
        if named.node().is_some_and(|node| self.cut.has(node)) {
            return Ok(false);
        }
        // Only what names nodes is a set by nature; a user's values may repeat.
        Ok(!self.once || named == Named::NOTHING || self.is_new(input, value)?)
    }

    fn is_new(&mut self, input: &mut Input, value: Span) -> Result<bool> {
        let [a, b] = &self.keys;
        let hashes = [input.hash(value, a)?, input.hash(value, b)?];
        Ok(self.seen.insert(hashes))
    }
}

/// What is left of the entry `body`; `None` where that is nothing any more.
pub(super) fn rewrite(
    input: &mut Input,
    body: Span,
    keep: &mut Keep<'_>,
    dropped: &mut Cut,
) -> Result<Option<Pieces>> {
    keep.seen.clear();
    let mut pieces = Pieces::default();
    let mut left = Left::default();
    let mut fields = Fields::of(body);
    while let Some(field) = fields.next(input)? {
        match field.bytes() {
            Some(def) if field.number == collection::DEF => {
                let inner = rewrite_def(input, def, keep, dropped, &mut left)?;
                pieces.put_field(&field, Some((def, inner)));
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
            (Some(_), Some(list)) => {
                let inner = rewrite_list(input, list, keep, dropped, left)?;
                pieces.put_field(&field, Some((list, inner)));
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
    keep: &mut Keep<'_>,
    dropped: &mut Cut,
    left: &mut Left,
) -> Result<Pieces> {
    let mut pieces = Pieces::default();
    let mut fields = Fields::of(list);
    while let Some(field) = fields.next(input)? {
        let keeps = match field.bytes().filter(|_| field.number == collection::VALUE) {
            Some(value) => keep.keeps(input, value)?,
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
