//! The list as one JSON document, written as it comes.

use std::borrow::Cow;

use serde::Serialize;
use tfckpt::bundle::Endianness;
use tfckpt::checkpoint::Reader;
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
    fn new(row: &'t Row) -> Self {
        let tensor = &row.tensor;
        let (name, name_b64) = name::json(&tensor.name);
        let slices = || tensor.slices.iter().map(Slice::to_string).collect();
        Self {
            name,
            name_b64,
            dtype: tensor.dtype.name(),
            shape: tensor.shape.dims(),
            bytes: row.bytes,
            stored_bytes: tensor.stored.map(|place| place.size),
            slices: tensor.is_partitioned().then(slices),
            shard: tensor.stored.map(|place| place.shard),
            offset: tensor.stored.map(|place| place.offset),
            crc32c: tensor.stored.map(|place| place.crc32c),
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

    pub fn add(&mut self, row: &Row, console: &mut Console) -> Result<()> {
        console.write(if self.empty { b"\n" } else { b",\n" })?;
        self.empty = false;
        console.json(&JsonRow::new(row))
    }

    pub fn end(self, reader: &Reader, problems: &[Error], console: &mut Console) -> Result<()> {
        console.write(b"\n],\"format\":")?;
        console.json(&reader.format().name())?;
        console.write(b",\"shards\":")?;
        console.json(&reader.num_shards())?;
        console.write(b",\"endianness\":")?;
        console.json(&reader.endianness().map(Endianness::name))?;
        if !problems.is_empty() {
            console.write(b",\"problems\":")?;
            console.json(&Problem::list(problems))?;
        }
        console.line("}")
    }
}
