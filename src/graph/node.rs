//! One node of a graph.
//!
//! ```text
//! NodeDef   = name 1, op 2, input 3 (repeated), device 4, attr 5 (map)
//! attr      = key 1, value 2
//! AttrValue = list 1 { s 2, … }, s 2, i 3, f 4, b 5, type 6, shape 7, tensor 8, func 10, …
//! ```
//! The head (name, op, inputs) is read into memory; attributes stay in the file,
//! however large a constant is, until somebody asks for one.

use super::input::{Fields, Input, each_field};
use super::wire::Span;
use crate::error::Result;

const NAME: u32 = 1;
const OP: u32 = 2;
const INPUT: u32 = 3;
const DEVICE: u32 = 4;
const ATTR: u32 = 5;

/// A node's head, and where its attributes lie. Read one after another into the
/// same object, nodes need no memory of their own.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// The whole field, its own head included.
    pub whole: Span,
    pub name: Vec<u8>,
    pub op: Vec<u8>,
    pub device: Vec<u8>,
    inputs: Vec<u8>,
    input_ends: Vec<usize>,
    attrs: Vec<Span>,
}

/// An attribute: where its value lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attr {
    pub entry: Span,
    pub value: Span,
}

impl Node {
    /// Reads the node whose message is `body`, within the field `whole`.
    pub(super) fn read(&mut self, input: &mut Input, whole: Span, body: Span) -> Result<()> {
        self.clear();
        self.whole = whole;
        each_field(input, body, |input, field| {
            let Some(span) = field.bytes() else { return Ok(()) };
            match field.number {
                NAME => replace(&mut self.name, input.view(span)?),
                OP => replace(&mut self.op, input.view(span)?),
                INPUT => self.push_input(input.view(span)?),
                DEVICE => replace(&mut self.device, input.view(span)?),
                ATTR => self.attrs.push(span),
                _ => {}
            }
            Ok(())
        })
    }

    fn clear(&mut self) {
        for bytes in [&mut self.name, &mut self.op, &mut self.device, &mut self.inputs] {
            bytes.clear();
        }
        self.input_ends.clear();
        self.attrs.clear();
    }

    fn push_input(&mut self, text: &[u8]) {
        self.inputs.extend_from_slice(text);
        self.input_ends.push(self.inputs.len());
    }

    pub(super) fn inputs(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.input_ends
            .iter()
            .map(move |&end| &self.inputs[std::mem::replace(&mut start, end)..end])
    }

    pub(super) fn has_inputs(&self) -> bool {
        !self.input_ends.is_empty()
    }

    /// Calls `each` with the key and the value of every attribute.
    pub(super) fn each_attr(
        &self,
        input: &mut Input,
        mut each: impl FnMut(&mut Input, &[u8], Attr) -> Result<()>,
    ) -> Result<()> {
        let mut key = Vec::new();
        for &entry in &self.attrs {
            key.clear();
            let mut value = Span { start: entry.end, end: entry.end };
            each_field(input, entry, |input, field| {
                match (field.number, field.bytes()) {
                    (1, Some(span)) => replace(&mut key, input.view(span)?),
                    (2, Some(span)) => value = span,
                    _ => {}
                }
                Ok(())
            })?;
            each(input, &key, Attr { entry, value })?;
        }
        Ok(())
    }

    /// Where the value of an attribute lies; `None` where the node hasn't got it.
    pub(super) fn attr(&self, input: &mut Input, wanted: &[u8]) -> Result<Option<Attr>> {
        let mut found = None;
        self.each_attr(input, |_, key, attr| {
            if key == wanted {
                found = Some(attr);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// How many bytes the value of a constant takes, and 0 of any other node.
    pub(super) fn constant_bytes(&self, input: &mut Input) -> Result<u64> {
        if self.op != b"Const" {
            return Ok(0);
        }
        Ok(self.attr(input, b"value")?.map_or(0, |attr| attr.value.len()))
    }
}

/// Where the name of the node whose message is `body` lies.
pub(super) fn name(input: &mut Input, body: Span) -> Result<Span> {
    Ok(bytes_of(input, body, NAME)?.unwrap_or(Span { start: body.start, end: body.start }))
}

fn replace(bytes: &mut Vec<u8>, with: &[u8]) {
    bytes.clear();
    bytes.extend_from_slice(with);
}

/// The content of the last field of `message` with this number.
pub(super) fn bytes_of(input: &mut Input, message: Span, number: u32) -> Result<Option<Span>> {
    let mut found = None;
    let mut fields = Fields::of(message);
    while let Some(field) = fields.next(input)? {
        if field.number == number {
            found = field.bytes().or(found);
        }
    }
    Ok(found)
}

/// The value of the last field of `message` with this number; 0 where it is not there.
pub(super) fn varint_of(input: &mut Input, message: Span, number: u32) -> Result<u64> {
    let mut found = 0;
    let mut fields = Fields::of(message);
    while let Some(field) = fields.next(input)? {
        if field.number == number {
            found = field.varint().unwrap_or(found);
        }
    }
    Ok(found)
}
