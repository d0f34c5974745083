//! Keys and values one behind the other, in the order in which they came.
//!
//! ```text
//! record   varint key length | varint value length | key | value
//! ```
//! A million entries are then some chunks of memory and not some million pieces of it.

use crate::coding;

/// A chunk has room for so much; one that holds a larger record has it alone.
const CHUNK: usize = 1 << CHUNK_BITS;
const CHUNK_BITS: u32 = 20;
/// The first chunk: most bundles have few tensors.
const FIRST_CHUNK: usize = 4 << 10;

/// Records that stay where they are.
#[derive(Debug, Default)]
pub(super) struct Arena {
    chunks: Vec<Vec<u8>>,
    count: usize,
    bytes: usize,
}

/// Where a record is: the number of its chunk, and its place in there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At(u64);

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
}

/// A place between two records.
#[derive(Clone, Copy, Debug)]
pub(in crate::bundle::writer) struct Cursor {
    chunk: usize,
    offset: usize,
}

/// The state of an arena, to which it can be taken back.
#[derive(Clone, Copy, Debug)]
pub(in crate::bundle::writer) struct Mark {
    chunks: usize,
    last_len: usize,
    count: usize,
    bytes: usize,
}

impl Mark {
    /// Stands at the first record that came after.
    pub(in crate::bundle::writer) fn cursor(self) -> Cursor {
        Cursor { chunk: self.chunks.saturating_sub(1), offset: self.last_len }
    }
}

impl At {
    /// A number below 2^[`BITS`](Self::BITS).
    pub(super) fn to_bits(self) -> u64 {
        self.0
    }

    pub(super) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Enough for 256 TiB.
    pub(super) const BITS: u32 = 48;

    fn new(chunk: usize, offset: usize) -> Self {
        Self(((chunk as u64) << CHUNK_BITS) | offset as u64)
    }

    fn chunk(self) -> usize {
        (self.0 >> CHUNK_BITS) as usize
    }

    fn offset(self) -> usize {
        (self.0 & (CHUNK as u64 - 1)) as usize
    }
}

impl Arena {
    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Appends a record.
    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) -> At {
        let len = key.len() + value.len() + 2 * coding::MAX_VARINT_LEN;
        let at = self.room_for(len);
        let chunk = &mut self.chunks[at.chunk()];
        coding::put_varint(chunk, key.len() as u64);
        coding::put_varint(chunk, value.len() as u64);
        chunk.extend_from_slice(key);
        chunk.extend_from_slice(value);
        self.bytes += chunk.len() - at.offset();
        self.count += 1;
        at
    }

    /// The end of a chunk that has room for `len` bytes more.
    fn room_for(&mut self, len: usize) -> At {
        match self.chunks.last() {
            Some(last) if last.capacity() - last.len() >= len && last.len() < CHUNK => {}
            _ => {
                let usual = self.bytes.clamp(FIRST_CHUNK, CHUNK);
                self.chunks.push(Vec::with_capacity(usual.max(len)));
            }
        }
        let last = self.chunks.len() - 1;
        At::new(last, self.chunks[last].len())
    }

    /// The record that is there.
    pub(super) fn get(&self, at: At) -> Record<'_> {
        let chunk = self.chunks.get(at.chunk()).map_or(&[][..], Vec::as_slice);
        let record = chunk.get(at.offset()..).unwrap_or_default();
        take(record).map_or(Record { key: &[], value: &[] }, |(record, _)| record)
    }

    /// The record at which a cursor stands; it then stands at the next.
    fn next(&self, cursor: &mut Cursor) -> Option<(At, Record<'_>)> {
        loop {
            let chunk = self.chunks.get(cursor.chunk)?;
            if let Some((record, len)) = take(chunk.get(cursor.offset..)?) {
                let at = At::new(cursor.chunk, cursor.offset);
                cursor.offset += len;
                return Some((at, record));
            }
            *cursor = Cursor { chunk: cursor.chunk + 1, offset: 0 };
        }
    }

    /// The value of the record at which a cursor stands, to be changed; it then stands at
    /// the next.
    pub(super) fn next_value(&mut self, cursor: &mut Cursor) -> Option<&mut [u8]> {
        let len = self.next(cursor)?.1.value.len();
        let before = self.chunks.get_mut(cursor.chunk)?.get_mut(..cursor.offset)?;
        let start = before.len() - len;
        Some(&mut before[start..])
    }

    /// All records in the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (At, Record<'_>)> {
        let mut cursor = Cursor { chunk: 0, offset: 0 };
        std::iter::from_fn(move || self.next(&mut cursor))
    }

    /// The state as it is now.
    pub(super) fn mark(&self) -> Mark {
        let last_len = self.chunks.last().map_or(0, Vec::len);
        Mark { chunks: self.chunks.len(), last_len, count: self.count, bytes: self.bytes }
    }

    /// Forgets all records that came after `mark` was made.
    pub(super) fn take_back(&mut self, mark: Mark) {
        self.chunks.truncate(mark.chunks);
        if let Some(last) = self.chunks.last_mut() {
            last.truncate(mark.last_len);
        }
        self.count = mark.count;
        self.bytes = mark.bytes;
    }
}

/// The record at the start of `bytes`, and how long it is.
fn take(bytes: &[u8]) -> Option<(Record<'_>, usize)> {
    let (key_len, value_len, head) = lengths(bytes)?;
    let (key, rest) = bytes.get(head..)?.split_at_checked(key_len)?;
    let value = rest.get(..value_len)?;
    Some((Record { key, value }, head + key_len + value_len))
}

fn lengths(bytes: &[u8]) -> Option<(usize, usize, usize)> {
    if let [key_len, value_len, ..] = *bytes {
        if (key_len | value_len) < 0x80 {
            return Some((key_len.into(), value_len.into(), 2));
        }
    }
    let mut rest = bytes;
    let key_len = coding::take_varint(&mut rest)? as usize;
    let value_len = coding::take_varint(&mut rest)? as usize;
    Some((key_len, value_len, bytes.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Filled = (Arena, Vec<(At, Vec<u8>, Vec<u8>)>);

    fn filled() -> Filled {
        let mut arena = Arena::default();
        let lens = [0, 1, 127, 128, 5000, CHUNK - 30, CHUNK + 1, 0, 3 * CHUNK, 2];
        let records = lens.iter().enumerate().map(|(n, &len)| {
            let (key, value) = (vec![n as u8; len], vec![!(n as u8); 7 * n]);
            (arena.push(&key, &value), key, value)
        });
        let records = records.collect();
        (arena, records)
    }

    #[test]
    fn records_come_back() {
        let (mut arena, records) = filled();
        assert_eq!(arena.len(), records.len());
        assert!(arena.iter().map(|(at, _)| at).eq(records.iter().map(|(at, ..)| *at)));
        let mut cursor = Arena::default().mark().cursor();
        for (at, key, value) in &records {
            let found = arena.get(*at);
            assert!(found.key == key && found.value == value);
            arena.next_value(&mut cursor).unwrap().fill(0x11);
            assert!(arena.get(*at).key == key && arena.get(*at).value == vec![0x11; value.len()]);
        }
        assert!(arena.next_value(&mut cursor).is_none());
    }

    #[test]
    fn it_can_be_taken_back() {
        let (mut arena, records) = filled();
        let mark = arena.mark();
        for len in [3, CHUNK, 9] {
            arena.push(&vec![0xff; len], b"more");
        }
        let mut cursor = mark.cursor();
        for _ in 0..3 {
            assert_eq!(arena.next_value(&mut cursor).unwrap(), b"more");
        }
        arena.take_back(mark);
        assert!(arena.next_value(&mut mark.cursor()).is_none());
        assert_eq!((arena.len(), arena.iter().count()), (records.len(), records.len()));
        let at = arena.push(b"key", b"value");
        assert_eq!(arena.iter().last().unwrap().0, at);
        assert_eq!(arena.next_value(&mut mark.cursor()).unwrap(), b"value");
    }
}
