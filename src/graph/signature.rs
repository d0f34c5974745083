//! Signatures: what a model takes and gives, by name.
//!
//! ```text
//! entry        = key 1, value 2 (SignatureDef)
//! SignatureDef = inputs 1 (map), outputs 2 (map), method_name 3, …
//! TensorInfo   = name 1, dtype 2, tensor_shape 3, coo_sparse 4, composite_tensor 5
//! TensorShape  = dim 2 (repeated) { size 1, … }, unknown_rank 3
//! ```

use std::collections::BTreeMap;

use super::info::text;
use super::input::{Input, Value, each_bytes, each_field};
use super::node::varint_of;
use super::wire::Span;
use crate::error::Result;
use crate::tensor::{DType, Shape};

/// What a model takes and gives under one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// What it is for: `tensorflow/serving/predict`.
    pub method_name: String,
    /// What it takes, by key.
    pub inputs: BTreeMap<String, TensorInfo>,
    /// What it gives, by key.
    pub outputs: BTreeMap<String, TensorInfo>,
    /// How many bytes of the file it takes.
    pub bytes: u64,
}

/// A tensor of a graph, as signatures speak of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name in the graph; empty where it is made of several tensors (a sparse
    /// one, a composite one).
    pub name: String,
    /// The type of its elements, as far as it is told and known.
    pub dtype: Option<DType>,
    /// Its shape.
    pub shape: PartialShape,
}

/// A shape of which parts may be open until the graph runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartialShape {
    /// The dimensions, −1 for one that is open; `None` where even their number is.
    pub dims: Option<Vec<i64>>,
}

impl std::fmt::Display for PartialShape {
    /// `[?,224,224,3]`; `<unknown>` where even the rank is open.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(dims) = &self.dims else { return f.write_str("<unknown>") };
        let dims: Vec<String> = dims
            .iter()
            .map(|&dim| if dim < 0 { "?".to_string() } else { dim.to_string() })
            .collect();
        write!(f, "[{}]", dims.join(","))
    }
}

/// Reads the entry `body` of the map, the field of which takes `bytes`, into `all`.
pub(super) fn read(
    input: &mut Input,
    body: Span,
    bytes: u64,
    all: &mut BTreeMap<String, Signature>,
) -> Result<()> {
    let mut signature = Signature { bytes, ..Signature::default() };
    let key = read_entry(input, body, |input, value| {
        each_field(input, value, |input, field| match (field.number, field.bytes()) {
            (1, Some(entry)) => read_tensor(input, entry, &mut signature.inputs),
            (2, Some(entry)) => read_tensor(input, entry, &mut signature.outputs),
            (3, Some(span)) => {
                signature.method_name = text(input, span)?;
                Ok(())
            }
            _ => Ok(()),
        })
    })?;
    all.insert(key, signature);
    Ok(())
}

/// Reads an entry of a map: its key; the value goes to `value`.
fn read_entry(
    input: &mut Input,
    entry: Span,
    mut value: impl FnMut(&mut Input, Span) -> Result<()>,
) -> Result<String> {
    let mut key = String::new();
    each_field(input, entry, |input, field| match (field.number, field.bytes()) {
        (1, Some(span)) => {
            key = text(input, span)?;
            Ok(())
        }
        (2, Some(span)) => value(input, span),
        _ => Ok(()),
    })?;
    Ok(key)
}

fn read_tensor(
    input: &mut Input,
    entry: Span,
    all: &mut BTreeMap<String, TensorInfo>,
) -> Result<()> {
    let mut tensor = TensorInfo::default();
    let key = read_entry(input, entry, |input, value| {
        each_field(input, value, |input, field| {
            match (field.number, field.value) {
                (1, Value::Bytes(span)) => tensor.name = text(input, span)?,
                (2, Value::Varint(number)) => tensor.dtype = dtype(number),
                (3, Value::Bytes(span)) => tensor.shape = read_shape(input, span)?,
                _ => {}
            }
            Ok(())
        })
    })?;
    all.insert(key, tensor);
    Ok(())
}

pub(super) fn dtype(number: u64) -> Option<DType> {
    i32::try_from(number).ok().and_then(DType::from_number)
}

pub(super) fn read_shape(input: &mut Input, body: Span) -> Result<PartialShape> {
    if varint_of(input, body, 3)? != 0 {
        return Ok(PartialShape { dims: None });
    }
    let mut dims = Vec::new();
    each_bytes(input, body, 2, |input, dim| {
        if dims.len() == Shape::MAX_RANK {
            return Err(input.damaged(dim.start, "more dimensions than a shape can have"));
        }
        dims.push((varint_of(input, dim, 1)? as i64).max(-1));
        Ok(())
    })?;
    Ok(PartialShape { dims: Some(dims) })
}
