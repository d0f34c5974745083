//! A message made of ranges of another file and of new bytes.

use super::input::{CHUNK, Field, Input};
use super::wire::{self, Span};
use crate::error::Result;
use crate::storage::WriteFile;

/// What a message is to be made of, in order. Neighbouring ranges are one, so its
/// size is that of the changes, not of the file.
#[derive(Default)]
pub(super) struct Pieces {
    list: Vec<Piece>,
    len: u64,
}

enum Piece {
    Copy(Span),
    New(Vec<u8>),
}

impl Pieces {
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn copy(&mut self, span: Span) {
        self.len += span.len();
        match self.list.last_mut() {
            Some(Piece::Copy(last)) if last.end == span.start => last.end = span.end,
            _ => self.list.push(Piece::Copy(span)),
        }
    }

    pub(super) fn put(&mut self, bytes: Vec<u8>) {
        self.len += bytes.len() as u64;
        self.list.push(Piece::New(bytes));
    }

    /// Adds a field that holds `content`.
    fn put_message(&mut self, number: u32, content: Pieces) {
        let mut head = Vec::new();
        wire::put_bytes_head(&mut head, number, content.len);
        self.put(head);
        self.len += content.len;
        self.list.extend(content.list);
    }

    /// Adds a field. With new `content` in the place of the span that it held, unless
    /// that is the same: then it stays as it was, head and all.
    pub(super) fn put_field(&mut self, field: &Field, content: Option<(Span, Pieces)>) {
        match content {
            Some((body, content)) if !content.is(body) => self.put_message(field.number, content),
            _ => self.copy(field.whole),
        }
    }

    fn is(&self, span: Span) -> bool {
        match self.list.as_slice() {
            [] => span.len() == 0,
            [Piece::Copy(only)] => *only == span,
            _ => false,
        }
    }

    /// Writes it all to a new file.
    pub(super) fn write(&self, input: &mut Input, out: &dyn WriteFile) -> Result<()> {
        let mut out = Output { out, buffer: Vec::with_capacity(CHUNK), at: 0 };
        for piece in &self.list {
            match piece {
                Piece::Copy(span) => input.stream(*span, |bytes| out.put(bytes))?,
                Piece::New(bytes) => out.put(bytes)?,
            }
        }
        out.flush()
    }
}

/// Gathers small pieces into large writes.
struct Output<'a> {
    out: &'a dyn WriteFile,
    buffer: Vec<u8>,
    at: u64,
}

impl Output<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if self.buffer.len() + bytes.len() > CHUNK {
            self.flush()?;
        }
        if bytes.len() >= CHUNK {
            self.out.write_all_at(bytes, self.at)?;
            self.at += bytes.len() as u64;
            return Ok(());
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.out.write_all_at(&self.buffer, self.at)?;
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
