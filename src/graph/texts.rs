//! The strings in a message, whatever its type.
//!
//! Nothing in the wire format tells a string from a message. So a string is a message
//! too where it looks like one, and a message a string.

use super::input::{CHUNK, Fields, Input};
use super::wire::{self, Span};
use crate::error::{ErrorKind, Result};

/// Messages nest less deep than this wherever TensorFlow names something.
const MAX_DEPTH: usize = 12;

/// Calls `each` with what `span` holds, and with every field of the message that it
/// is, at any depth; what is longer than any name is looked through only.
pub(super) fn each_text(input: &mut Input, span: Span, each: &mut impl FnMut(&[u8])) -> Result<()> {
    each_to(MAX_DEPTH, input, span, each)
}

/// What `span` holds, if it can be a name.
pub(super) fn short(input: &mut Input, span: Span) -> Result<Option<&[u8]>> {
    if span.len() > CHUNK as u64 {
        return Ok(None);
    }
    input.view(span).map(Some)
}

fn each_to(
    depth: usize,
    input: &mut Input,
    span: Span,
    each: &mut impl FnMut(&[u8]),
) -> Result<()> {
    if let Some(bytes) = short(input, span)? {
        each_within(depth, bytes, each);
        return Ok(());
    }
    if depth == 0 {
        return Ok(());
    }
    let mut fields = Fields::of(span);
    loop {
        match fields.next(input) {
            Ok(Some(field)) => {
                if let Some(body) = field.bytes() {
                    each_to(depth - 1, input, body, each)?;
                }
            }
            Ok(None) => return Ok(()),
            // It is no message after all.
            Err(error) if error.kind() == ErrorKind::DataLoss => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

fn each_within(depth: usize, bytes: &[u8], each: &mut impl FnMut(&[u8])) {
    each(bytes);
    if depth > 0 {
        for (_, content) in wire::byte_fields(bytes) {
            each_within(depth - 1, content, each);
        }
    }
}
