//! A message made of ranges of another file and of new bytes.

use std::path::Path;
use std::sync::Arc;

use super::input::{CHUNK, Field, Input};
use super::wire::{self, Span};
use crate::error::{Error, Result};
use crate::storage::{Mapping, ReadFile, WriteFile};

/// What a message is to be made of, in order. Neighbouring ranges are one, so its
/// size is that of the changes, not of the file.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    list: Vec<Piece>,
    len: u64,
}

#[derive(Debug)]
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

    /// As a file that has not been written.
    pub(super) fn into_file(self, source: Arc<dyn ReadFile>) -> Arc<dyn ReadFile> {
        let mut ends = Vec::with_capacity(self.list.len());
        let mut end = 0;
        for piece in &self.list {
            end += piece.len();
            ends.push(end);
        }
        Arc::new(Stitched { source, ends, pieces: self })
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

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::Copy(span) => span.len(),
            Self::New(bytes) => bytes.len() as u64,
        }
    }
}

/// The file that pieces of another make up.
#[derive(Debug)]
struct Stitched {
    source: Arc<dyn ReadFile>,
    pieces: Pieces,
    /// Where each of them ends.
    ends: Vec<u64>,
}

impl Stitched {
    /// Reads from a piece, from its byte `at` on; how much that is.
    fn read_piece(&self, piece: &Piece, at: u64, buf: &mut [u8]) -> Result<usize> {
        let left = usize::try_from(piece.len() - at).unwrap_or(usize::MAX);
        let len = left.min(buf.len());
        match piece {
            Piece::Copy(span) => self.source.read_exact_at(&mut buf[..len], span.start + at)?,
            Piece::New(bytes) => buf[..len].copy_from_slice(&bytes[at as usize..][..len]),
        }
        Ok(len)
    }
}

impl ReadFile for Stitched {
    fn path(&self) -> &Path {
        self.source.path()
    }

    fn len(&self) -> u64 {
        self.pieces.len
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        let mut at = self.ends.partition_point(|&end| end <= offset);
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        let (mut rest, mut within) = (buf, offset - start);
        while !rest.is_empty() {
            let Some(piece) = self.pieces.list.get(at) else {
                let what = format!("the file ends {} bytes too early", rest.len());
                return Err(Error::data_loss(what).in_file(self.path()).at_offset(offset));
            };
            let read = self.read_piece(piece, within, rest)?;
            rest = &mut rest[read..];
            (at, within) = (at + 1, 0);
        }
        Ok(())
    }

    fn map(&self) -> Result<Arc<Mapping>> {
        Err(Error::unsupported("a file that has not been written cannot be mapped"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryFile;

    #[test]
    fn what_is_not_written_yet_reads_as_it_will() {
        let source: Arc<dyn ReadFile> = Arc::new(MemoryFile::new("m", &b"0123456789"[..]));
        let mut pieces = Pieces::default();
        pieces.copy(Span { start: 2, end: 5 });
        pieces.put(b"ab".to_vec());
        pieces.put(Vec::new());
        pieces.copy(Span { start: 0, end: 1 });
        pieces.copy(Span { start: 9, end: 10 });
        let file = pieces.into_file(source);
        let whole = b"234ab09";
        assert_eq!(file.len(), whole.len() as u64);
        for start in 0..=whole.len() {
            for end in start..=whole.len() {
                let mut read = vec![0; end - start];
                file.read_exact_at(&mut read, start as u64).unwrap();
                assert_eq!(read, whole[start..end]);
            }
        }
        assert!(file.read_exact_at(&mut [0; 2], 6).is_err());
        assert!(file.read_exact_at(&mut [0], u64::MAX).is_err());
        assert!(file.map().is_err());
    }
}
