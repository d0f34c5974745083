//! Collections: lists under a key, of nodes, of messages, of numbers.
//!
//! ```text
//! entry         = key 1, value 2 (CollectionDef)
//! CollectionDef = node_list 1, bytes_list 2, int64_list 3, float_list 4, any_list 5;
//!                 in each of them value 1 (repeated, numbers packed)
//! ```

use std::collections::BTreeMap;

use super::input::{Field, Input, Value, each_bytes, each_field};
use super::names::shown;
use super::node::bytes_of;
use super::wire::Span;
use crate::error::Result;

pub(super) const KEY: u32 = 1;
pub(super) const DEF: u32 = 2;
const NODE_LIST: u32 = 1;
const BYTES_LIST: u32 = 2;
const INT64_LIST: u32 = 3;
const FLOAT_LIST: u32 = 4;
const ANY_LIST: u32 = 5;
pub(super) const VALUE: u32 = 1;

/// A collection: what it holds, how much of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collection {
    /// What its values are.
    pub kind: CollectionKind,
    /// How many values there are.
    pub values: u64,
    /// How many bytes of the file it takes.
    pub bytes: u64,
}

/// What the values of a collection are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CollectionKind {
    /// Nothing says so: the collection is empty.
    #[default]
    None,
    /// Names of nodes and tensors.
    Nodes,
    /// Serialized messages, or any other bytes.
    Bytes,
    /// Integers.
    Int64,
    /// Floating-point numbers.
    Float,
    /// Messages that tell their own type.
    Any,
}

impl CollectionKind {
    /// The name of the field that holds the values: `node_list`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Nodes => "node_list",
            Self::Bytes => "bytes_list",
            Self::Int64 => "int64_list",
            Self::Float => "float_list",
            Self::Any => "any_list",
        }
    }

    /// Whether a value may name a node of the graph.
    pub(super) fn names_nodes(self) -> bool {
        matches!(self, Self::Nodes | Self::Bytes | Self::Any)
    }
}

/// The kind whose list is the field `number` of a CollectionDef.
pub(super) fn kind(number: u32) -> Option<CollectionKind> {
    Some(match number {
        NODE_LIST => CollectionKind::Nodes,
        BYTES_LIST => CollectionKind::Bytes,
        INT64_LIST => CollectionKind::Int64,
        FLOAT_LIST => CollectionKind::Float,
        ANY_LIST => CollectionKind::Any,
        _ => return None,
    })
}

/// Reads the entry `body` of the map, the field of which takes `bytes`, into `all`.
pub(super) fn read(
    input: &mut Input,
    body: Span,
    bytes: u64,
    all: &mut BTreeMap<String, Collection>,
) -> Result<()> {
    let mut found = Collection { bytes, ..Collection::default() };
    each_list(input, body, |input, kind, list| {
        found.kind = kind;
        each_field(input, list, |input, field| {
            found.values += values_in(input, kind, &field)?;
            Ok(())
        })
    })?;
    let key = key(input, body)?;
    all.insert(shown(&key), found);
    Ok(())
}

pub(super) fn key(input: &mut Input, entry: Span) -> Result<Vec<u8>> {
    Ok(match bytes_of(input, entry, KEY)? {
        Some(span) => input.view(span)?.to_vec(),
        None => Vec::new(),
    })
}

fn values_in(input: &mut Input, kind: CollectionKind, field: &Field) -> Result<u64> {
    if field.number != VALUE {
        return Ok(0);
    }
    Ok(match (kind, field.value) {
        (CollectionKind::Int64, Value::Bytes(packed)) => {
            let mut numbers = 0;
            input.stream(packed, |bytes| {
                // Every varint has one last byte, and only that is below 0x80.
                numbers += bytes.iter().filter(|&&byte| byte < 0x80).count() as u64;
                Ok(())
            })?;
            numbers
        }
        (CollectionKind::Float, Value::Bytes(packed)) => packed.len() / 4,
        _ => 1,
    })
}

/// Calls `each` with every list in an entry of the map.
fn each_list(
    input: &mut Input,
    entry: Span,
    mut each: impl FnMut(&mut Input, CollectionKind, Span) -> Result<()>,
) -> Result<()> {
    each_bytes(input, entry, DEF, |input, def| {
        each_field(input, def, |input, field| match (kind(field.number), field.bytes()) {
            (Some(kind), Some(list)) => each(input, kind, list),
            _ => Ok(()),
        })
    })
}

/// Calls `each` with every value of an entry of the map that may name a node.
pub(super) fn each_value(
    input: &mut Input,
    entry: Span,
    mut each: impl FnMut(&mut Input, CollectionKind, Span) -> Result<()>,
) -> Result<()> {
    each_list(input, entry, |input, kind, list| {
        if !kind.names_nodes() {
            return Ok(());
        }
        each_bytes(input, list, VALUE, |input, value| each(input, kind, value))
    })
}
