//! Who wrote a graph, which versions it is for, and how it is saved.
//!
//! ```text
//! MetaInfoDef = meta_graph_version 1, stripped_op_list 2 { op 1 (repeated) }, tags 4 (repeated),
//!               tensorflow_version 5, tensorflow_git_version 6, stripped_default_attrs 7, …
//! VersionDef  = producer 1, min_consumer 2, bad_consumers 3 (repeated)
//! SaverDef    = filename_tensor_name 1, save_tensor_name 2, restore_op_name 3, max_to_keep 4,
//!               sharded 5, keep_checkpoint_every_n_hours 6 (float), version 7
//! ```

use super::input::{Field, Input, Value, each_bytes, each_field};
use super::names::shown;
use super::wire::Span;
use crate::coding;
use crate::error::Result;

/// Who wrote a graph, its tags and the ops it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// What the user calls this version of the graph, if anything.
    pub meta_graph_version: String,
    /// The TensorFlow that wrote it: `2.21.0`.
    pub tensorflow_version: String,
    /// The commit of that TensorFlow.
    pub tensorflow_git_version: String,
    /// The tags under which a SavedModel has it.
    pub tags: Vec<String>,
    /// How many ops it lists as needed, with their definitions.
    pub stripped_ops: u64,
    /// Whether attributes that have their default value were left out.
    pub stripped_default_attrs: bool,
}

/// The versions of a graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// The version of graphs that it was written as.
    pub producer: i64,
    /// The oldest version of the software that may read it.
    pub min_consumer: i64,
}

/// How to save and restore with a graph: TensorFlow's `SaverDef`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SaverDef {
    /// The tensor that the name of the file is fed to.
    pub filename_tensor_name: String,
    /// The tensor to run to save.
    pub save_tensor_name: String,
    /// The op to run to restore.
    pub restore_op_name: String,
    /// How many checkpoints are kept; 0 for all.
    pub max_to_keep: i32,
    /// Whether each device has files of its own.
    pub sharded: bool,
    /// Every how many hours a checkpoint is kept for good.
    pub keep_checkpoint_every_n_hours: f32,
    /// The format: 0 is older than numbers, 1 and 2 are V1 and V2.
    pub version: i32,
}

impl SaverDef {
    /// The name of the format as TensorFlow writes it: `V2`.
    pub fn version_name(&self) -> &'static str {
        match self.version {
            0 => "LEGACY",
            1 => "V1",
            2 => "V2",
            _ => "unknown",
        }
    }

    pub(super) fn read(&mut self, input: &mut Input, body: Span) -> Result<()> {
        each_field(input, body, |input, field| {
            match (field.number, field.value) {
                (1, Value::Bytes(span)) => self.filename_tensor_name = text(input, span)?,
                (2, Value::Bytes(span)) => self.save_tensor_name = text(input, span)?,
                (3, Value::Bytes(span)) => self.restore_op_name = text(input, span)?,
                (4, Value::Varint(value)) => self.max_to_keep = value as i32,
                (5, Value::Varint(value)) => self.sharded = value != 0,
                (6, Value::Other) => self.keep_checkpoint_every_n_hours = float(input, &field)?,
                (7, Value::Varint(value)) => self.version = value as i32,
                _ => {}
            }
            Ok(())
        })
    }
}

pub(super) fn read_info(input: &mut Input, body: Span, info: &mut Info) -> Result<()> {
    each_field(input, body, |input, field| {
        match (field.number, field.value) {
            (1, Value::Bytes(span)) => info.meta_graph_version = text(input, span)?,
            (2, Value::Bytes(span)) => each_bytes(input, span, 1, |_, _| {
                info.stripped_ops += 1;
                Ok(())
            })?,
            (4, Value::Bytes(span)) => info.tags.push(text(input, span)?),
            (5, Value::Bytes(span)) => info.tensorflow_version = text(input, span)?,
            (6, Value::Bytes(span)) => info.tensorflow_git_version = text(input, span)?,
            (7, Value::Varint(value)) => info.stripped_default_attrs = value != 0,
            _ => {}
        }
        Ok(())
    })
}

pub(super) fn read_versions(input: &mut Input, body: Span, versions: &mut Versions) -> Result<()> {
    each_field(input, body, |_, field| {
        match (field.number, field.varint()) {
            (1, Some(value)) => versions.producer = value as i64,
            (2, Some(value)) => versions.min_consumer = value as i64,
            _ => {}
        }
        Ok(())
    })
}

pub(super) fn text(input: &mut Input, span: Span) -> Result<String> {
    input.view(span).map(shown)
}

/// The value of a field that is a float; 0 where the field is something else.
fn float(input: &mut Input, field: &Field) -> Result<f32> {
    let bytes = input.view(field.whole)?;
    let bits = bytes.len().checked_sub(4).and_then(|at| coding::fixed32(bytes, at));
    Ok(bits.map_or(0.0, f32::from_bits))
}
