//! Walking through the messages of a file of any size.
//!
//! Nothing but a window of the file is in memory, and the one string or message
//! that the caller asks to [see](Input::view) whole. Every length is checked
//! against the message around it, so against the file, before anything is read.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use super::wire::{self, Body, MAX_GROUP_DEPTH, MAX_HEAD, Span};
use crate::error::{Error, Result, ResultExt};
use crate::storage::ReadFile;

/// How much is read at once where fields are small.
const WINDOW: usize = 64 << 10;
/// How much is read at once where content is streamed.
pub(super) const CHUNK: usize = 1 << 20;

/// A file, and the part of it that is in memory.
#[derive(Debug)]
pub(super) struct Input {
    file: Arc<dyn ReadFile>,
    window: Vec<u8>,
    window_at: u64,
    large: Vec<u8>,
}

impl Input {
    pub(super) fn new(file: Arc<dyn ReadFile>) -> Self {
        Self { file, window: Vec::new(), window_at: 0, large: Vec::new() }
    }

    /// What is wrong with the bytes at `at`.
    pub(super) fn damaged(&self, at: u64, what: impl Into<String>) -> Error {
        Error::data_loss(what).in_file(self.file.path()).at_offset(at)
    }

    /// That the file is not what it was a moment ago: nobody may write to it meanwhile.
    pub(super) fn changed(&self) -> Error {
        Error::data_loss("the file changed while it was read").in_file(self.file.path())
    }

    /// All the bytes of `span`, which must lie within the file.
    pub(super) fn view(&mut self, span: Span) -> Result<&[u8]> {
        let len = usize::try_from(span.len())
            .map_err(|_| self.damaged(span.start, "more bytes than memory has addresses"))?;
        if len > WINDOW {
            self.large.clear();
            if len <= CHUNK {
                // One large message must not cost its memory for ever.
                self.large.shrink_to(CHUNK);
            }
            self.large.resize(len, 0);
            self.file.read_exact_at(&mut self.large, span.start)?;
            return Ok(&self.large);
        }
        self.load(span.start, len)?;
        let from = (span.start - self.window_at) as usize;
        Ok(&self.window[from..from + len])
    }

    /// Brings `len` bytes from `at` on, a window's at most, into the window.
    fn load(&mut self, at: u64, len: usize) -> Result<()> {
        let end = at.saturating_add(len as u64);
        if at >= self.window_at && end <= self.window_at + self.window.len() as u64 {
            return Ok(());
        }
        let available = self.file.len().saturating_sub(at).min(WINDOW as u64) as usize;
        self.window.resize(available.max(len), 0);
        self.window_at = at;
        let read = self.file.read_exact_at(&mut self.window, at);
        if read.is_err() {
            self.window.clear();
        }
        read.in_file(self.file.path())
    }

    /// Hands the bytes of `span` on in pieces, holding one at a time.
    pub(super) fn stream(
        &mut self,
        span: Span,
        mut take: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut at = span.start;
        while at < span.end {
            let len = (span.end - at).min(CHUNK as u64);
            take(self.view(Span { start: at, end: at + len })?)?;
            at += len;
        }
        Ok(())
    }

    /// A hash of the bytes of `span`.
    pub(super) fn hash(&mut self, span: Span, keys: &RandomState) -> Result<u64> {
        let mut hasher = keys.build_hasher();
        hasher.write_u64(span.len());
        self.stream(span, |bytes| {
            hasher.write(bytes);
            Ok(())
        })?;
        Ok(hasher.finish())
    }

    pub(super) fn file(&self) -> &Arc<dyn ReadFile> {
        &self.file
    }
}

/// A field of a message: its number, where it lies with its head, and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub number: u32,
    pub whole: Span,
    pub value: Value,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    Varint(u64),
    Bytes(Span),
    /// A fixed number or a group: nothing that we look into.
    Other,
}

impl Field {
    /// Where its content lies, if it is a string or a message.
    pub(super) fn bytes(&self) -> Option<Span> {
        match self.value {
            Value::Bytes(span) => Some(span),
            _ => None,
        }
    }

    pub(super) fn varint(&self) -> Option<u64> {
        match self.value {
            Value::Varint(value) => Some(value),
            _ => None,
        }
    }
}

/// Where we are in a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    at: u64,
    end: u64,
}

impl Fields {
    pub(super) fn of(message: Span) -> Self {
        Self { at: message.start, end: message.end }
    }

    /// The next field; `None` at the end of the message.
    pub(super) fn next(&mut self, input: &mut Input) -> Result<Option<Field>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let start = self.at;
        let (number, body) = self.head(input)?;
        let value = match body {
            Body::Varint(value) => Value::Varint(value),
            Body::Bytes(len) => Value::Bytes(self.skip(input, start, len)?),
            Body::Fixed(len) => self.skip(input, start, len).map(|_| Value::Other)?,
            Body::GroupStart => self.skip_group(input, number).map(|()| Value::Other)?,
            Body::GroupEnd => return Err(input.damaged(start, "a group ends that never began")),
        };
        Ok(Some(Field { number, whole: Span { start, end: self.at }, value }))
    }

    fn head(&mut self, input: &mut Input) -> Result<(u32, Body)> {
        let len = (self.end - self.at).min(MAX_HEAD as u64);
        let bytes = input.view(Span { start: self.at, end: self.at + len })?;
        match wire::head(bytes) {
            Ok(head) => {
                self.at += head.len as u64;
                Ok((head.number, head.body))
            }
            Err(what) => Err(input.damaged(self.at, what)),
        }
    }

    /// Passes the `len` bytes that the field that starts at `start` holds.
    fn skip(&mut self, input: &Input, start: u64, len: u64) -> Result<Span> {
        let left = self.end - self.at;
        if len > left {
            let what = format!("a field of {len} bytes, where its message has {left} left");
            return Err(input.damaged(start, what));
        }
        let span = Span { start: self.at, end: self.at + len };
        self.at = span.end;
        Ok(span)
    }

    fn skip_group(&mut self, input: &mut Input, number: u32) -> Result<()> {
        let mut open = vec![number];
        while let Some(&innermost) = open.last() {
            let at = self.at;
            if at >= self.end {
                return Err(input.damaged(at, "a group does not end"));
            }
            let (number, body) = self.head(input)?;
            match body {
                Body::Varint(_) => {}
                Body::Bytes(len) | Body::Fixed(len) => drop(self.skip(input, at, len)?),
                Body::GroupStart if open.len() < MAX_GROUP_DEPTH => open.push(number),
                Body::GroupStart => return Err(input.damaged(at, "groups nest too deep")),
                Body::GroupEnd if number == innermost => drop(open.pop()),
                Body::GroupEnd => return Err(input.damaged(at, "another group ends than began")),
            }
        }
        Ok(())
    }
}

/// Calls `each` with every field of `message`.
pub(super) fn each_field(
    input: &mut Input,
    message: Span,
    mut each: impl FnMut(&mut Input, Field) -> Result<()>,
) -> Result<()> {
    let mut fields = Fields::of(message);
    while let Some(field) = fields.next(input)? {
        each(input, field)?;
    }
    Ok(())
}

/// Calls `each` with the content of every field of `message` that has this
/// number and holds a string or a message.
pub(super) fn each_bytes(
    input: &mut Input,
    message: Span,
    number: u32,
    mut each: impl FnMut(&mut Input, Span) -> Result<()>,
) -> Result<()> {
    each_field(input, message, |input, field| match field.bytes() {
        Some(span) if field.number == number => each(input, span),
        _ => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryFile;

    fn walk(bytes: &[u8]) -> Result<Vec<(u32, u64)>> {
        let mut input = Input::new(Arc::new(MemoryFile::new("m", bytes)));
        let mut found = Vec::new();
        let all = Span { start: 0, end: bytes.len() as u64 };
        each_field(&mut input, all, |_, field| {
            found.push((field.number, field.whole.len()));
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn every_kind_of_field_is_passed() {
        let message = [
            &[0x08, 1][..],
            &[0x11, 1, 2, 3, 4, 5, 6, 7, 8],
            &[0x1a, 1, 9],
            &[0x23, 0x08, 1, 0x24],
            &[0x2d, 1, 2, 3, 4],
        ]
        .concat();
        assert_eq!(walk(&message).unwrap(), [(1, 2), (2, 9), (3, 3), (4, 4), (5, 5)]);
    }

    #[test]
    fn lies_are_told_with_their_place() {
        for (bytes, at) in [
            (&[0x08, 1, 0x12, 5, 0][..], 2),
            (&[0x0c], 0),
            (&[0x0b, 0x0b, 0x14], 2),
            (&[0x0b], 1),
            (&[0x08], 0),
            (&[0x0d, 1], 0),
        ] {
            let error = walk(bytes).unwrap_err();
            assert_eq!(error.offset(), Some(at), "{bytes:?}: {error}");
        }
        assert!(walk(&[0x0b; 5000]).unwrap_err().message().contains("too deep"));
    }
}
