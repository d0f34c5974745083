//! The list as one JSON document, written as it comes.

use std::borrow::Cow;

use serde::Serialize;
use tfckpt::bundle::Header;
use tfckpt::tensor::Slice;
use tfckpt::{Error, Result};

use super::Row;
use crate::console::Console;
use crate::name;
use crate::problem::Problem;

/// The document, of which the list is open.
pub struct JsonList {
    empty: bool,
}

#[derive(Serialize)]
struct JsonRow<'t> {
    name: Cow<'t, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_b64: Option<String>,
    dtype: &'static str,
    shape: &'t [i64],
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slices: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crc32c: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Option<&'t str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl<'t> JsonRow<'t> {
    fn new(row: &'t Row<'_>) -> Self {
        let entry = &row.tensor.entry;
        let (name, name_b64) = name::json(&row.tensor.name);
        let stored = !entry.is_partitioned();
        Self {
            name,
            name_b64,
            dtype: entry.dtype.name(),
            shape: entry.shape.dims(),
            bytes: row.bytes,
            stored_bytes: stored.then_some(entry.size),
            slices: (!stored).then(|| entry.slices.iter().map(Slice::to_string).collect()),
            shard: stored.then_some(entry.shard),
            offset: stored.then_some(entry.offset),
            crc32c: stored.then_some(entry.crc32c),
            sha256: row.sha256.as_ref().map(|sha256| sha256.as_ref().ok()?.as_deref()),
            error: row.sha256.as_ref().and_then(|sha256| Some(sha256.as_ref().err()?.to_string())),
        }
    }
}

impl JsonList {
    pub fn begin(console: &mut Console) -> Result<Self> {
        console.write(b"{\"tensors\":[")?;
        Ok(Self { empty: true })
    }

    pub fn add(&mut self, row: &Row<'_>, console: &mut Console) -> Result<()> {
        console.write(if self.empty { b"\n" } else { b",\n" })?;
        self.empty = false;
        console.json(&JsonRow::new(row))
    }

    pub fn end(self, header: &Header, problems: &[Error], console: &mut Console) -> Result<()> {
        console.write(b"\n],\"format\":\"V2\",\"shards\":")?;
        console.json(&header.num_shards)?;
        console.write(b",\"endianness\":")?;
        console.json(&header.endianness.name())?;
        if !problems.is_empty() {
            console.write(b",\"problems\":")?;
            console.json(&Problem::list(problems))?;
        }
        console.line("}")
    }
}
