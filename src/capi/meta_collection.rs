//! A collection of a graph.

use std::ffi::c_char;

use super::arguments::{Text, put_len};
use crate::graph::{Collection, CollectionKind};

/// What the values of a collection are.
#[repr(i32)]
pub enum tfckpt_collection_kind {
    /// Nothing says so: the collection is empty.
    TFCKPT_COLLECTION_KIND_NONE = 0,
    /// Names of nodes and tensors.
    TFCKPT_COLLECTION_KIND_NODES = 1,
    /// Serialized messages, or any other bytes.
    TFCKPT_COLLECTION_KIND_BYTES = 2,
    /// Integers.
    TFCKPT_COLLECTION_KIND_INT64 = 3,
    /// Floating-point numbers.
    TFCKPT_COLLECTION_KIND_FLOAT = 4,
    /// Messages that tell their own type.
    TFCKPT_COLLECTION_KIND_ANY = 5,
}

/// A collection: how much it holds, and of what.
pub struct tfckpt_meta_collection {
    key: Text,
    collection: Collection,
}

impl From<(String, Collection)> for tfckpt_meta_collection {
    fn from((key, collection): (String, Collection)) -> Self {
        Self { key: Text::new(key), collection }
    }
}

/// Its key: "variables".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfckpt_meta_collection_key(
    collection: Option<&tfckpt_meta_collection>,
    len: *mut usize,
) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { put_len(collection.map(|collection| &collection.key), len) }
}

/// What its values are: a tfckpt_collection_kind.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_collection_kind(collection: Option<&tfckpt_meta_collection>) -> i32 {
    use tfckpt_collection_kind::*;
    let kind = match collection.map_or(CollectionKind::None, |one| one.collection.kind) {
        CollectionKind::None => TFCKPT_COLLECTION_KIND_NONE,
        CollectionKind::Nodes => TFCKPT_COLLECTION_KIND_NODES,
        CollectionKind::Bytes => TFCKPT_COLLECTION_KIND_BYTES,
        CollectionKind::Int64 => TFCKPT_COLLECTION_KIND_INT64,
        CollectionKind::Float => TFCKPT_COLLECTION_KIND_FLOAT,
        CollectionKind::Any => TFCKPT_COLLECTION_KIND_ANY,
    };
    kind as i32
}

/// How many values it has.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_collection_value_count(
    collection: Option<&tfckpt_meta_collection>,
) -> i64 {
    collection.map_or(0, |one| one.collection.values as i64)
}

/// How many bytes it takes.
#[unsafe(no_mangle)]
pub extern "C" fn tfckpt_meta_collection_byte_size(
    collection: Option<&tfckpt_meta_collection>,
) -> i64 {
    collection.map_or(0, |one| one.collection.bytes as i64)
}
