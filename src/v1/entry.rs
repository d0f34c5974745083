//! A stored slice of a tensor: the value of every key but `""`.
//!
//! ```text
//! SavedTensorSlices {
//!   2: data SavedSlice {
//!     1: name     the tensor's
//!     2: slice    TensorSliceProto
//!     3: data     TensorProto, of which only the typed field with the values
//!   }
//! }
//! ```

use prost::Message;

use super::values::Elements;
use super::wire::{Field, Fields, Value, not_a_message};
use crate::bundle::parse_slice;
use crate::error::{Error, Result};
use crate::proto::TensorSliceProto;
use crate::shown::shown;
use crate::tensor::{Shape, Slice};

pub(super) const DATA: u32 = 2;
pub(super) const NAME: u32 = 1;
pub(super) const SLICE: u32 = 2;
pub(super) const TENSOR: u32 = 3;

/// An entry, where it lies.
#[derive(Debug)]
pub(super) struct SavedSlice<'a> {
    name: &'a [u8],
    /// What it says that it is of the tensor.
    slice: Option<Slice>,
    pub(super) elements: Elements<'a>,
}

impl<'a> SavedSlice<'a> {
    /// # Errors
    /// `DataLoss` where the bytes are no such message, or one without data.
    pub(super) fn parse(value: &'a [u8]) -> Result<Self> {
        let mut name: &[u8] = &[];
        let mut slice: Option<TensorSliceProto> = None;
        let mut elements = Vec::new();
        let mut is_there = false;
        for data in Fields::new(value).bytes(DATA) {
            is_there = true;
            for field in Fields::new(data?) {
                match field? {
                    Field { number: NAME, value: Value::Bytes(bytes) } => name = bytes,
                    Field { number: SLICE, value: Value::Bytes(bytes) } => {
                        let merged = slice.get_or_insert_default().merge(bytes);
                        merged.map_err(|error| not_a_message(&error.to_string()))?;
                    }
                    Field { number: TENSOR, value: Value::Bytes(bytes) } => elements.push(bytes),
                    _ => {}
                }
            }
        }
        if !is_there {
            return Err(Error::data_loss("an entry has no values"));
        }
        let slice = slice.as_ref().map(parse_slice);
        Ok(Self { name, slice, elements: Elements::new(elements) })
    }

    /// Checks that it is what its key says: this slice of the tensor of this name
    /// and shape.
    pub(super) fn check_is(&self, name: &[u8], slice: &Slice, shape: &Shape) -> Result<()> {
        if self.name != name {
            let other = shown(self.name);
            return Err(Error::data_loss(format!(
                "the values of its slice '{slice}' are those of '{other}'"
            )));
        }
        let Some(other) = &self.slice else { return Ok(()) };
        // A dimension in full may be written in two ways.
        if other.region(shape).ok() == Some(slice.region(shape)?) {
            return Ok(());
        }
        Err(Error::data_loss(format!(
            "the values of its slice '{slice}' are those of its slice '{other}'"
        )))
    }
}
