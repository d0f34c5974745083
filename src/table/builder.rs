//! The bytes of a table, block by block.
//!
//! ```text
//! data block, trailer      in key order
//! ...
//! metaindex block, trailer   no entries: nothing uses it
//! index block, trailer     for each data block a separator and its handle
//! footer
//! ```
//!
//! A separator is a short key that is not below the last key of its block, and
//! below the first of the next.

use std::fmt;

use super::block_builder::{BlockBuilder, Value};
use super::compression::pack;
use super::format::{BlockHandle, FOOTER_LEN, Footer, put_trailer};
use super::writer::TableWriterOptions;
use crate::coding;
use crate::error::{Error, Result};

/// The largest block size, which is also what readers take unless told.
const MAX_BLOCK_SIZE: usize = 1 << 30;

/// The longest block that its 32-bit offsets and lengths can speak of. One entry
/// can make a block larger than the block size.
const MAX_BLOCK_LEN: usize = u32::MAX as usize;

/// The most that an entry takes beside its key and value: three varints, a restart.
const MAX_ENTRY_HEAD: usize = 3 * 5 + 4;

/// A table on its way to wherever its bytes go: each call is given a function that takes
/// the next of them and where they belong, and may keep the vector that they are in.
pub(crate) struct TableBuilder {
    options: TableWriterOptions,
    position: u64,
    data: BlockBuilder,
    index: BlockBuilder,
    /// Empty before the first key, which may be empty too.
    last_key: Vec<u8>,
    is_empty: bool,
    /// The last block written, until the first key after it is known.
    unindexed: Option<BlockHandle>,
}

impl TableBuilder {
    /// # Errors
    /// `InvalidArgument` for a restart interval of 0 or a block size above 1 GiB.
    pub(crate) fn new(options: &TableWriterOptions) -> Result<Self> {
        if options.restart_interval == 0 {
            return Err(Error::invalid("a restart interval of 0"));
        }
        if options.block_size > MAX_BLOCK_SIZE {
            return Err(Error::invalid("a block size of more than 1 GiB"));
        }
        Ok(Self {
            options: options.clone(),
            position: 0,
            data: BlockBuilder::new(options.restart_interval),
            index: BlockBuilder::new(1),
            last_key: Vec::new(),
            is_empty: true,
            unindexed: None,
        })
    }

    /// How many bytes were given out.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The last key that was added.
    pub(crate) fn last_key(&self) -> &[u8] {
        &self.last_key
    }

    /// Adds an entry behind all others.
    ///
    /// # Errors
    /// `InvalidArgument` where `key` is not above the last key, or the entry does
    /// not fit a block of 4 GiB; those of `out`.
    #[inline]
    pub(crate) fn add(
        &mut self,
        key: &[u8],
        value: &(impl Value + ?Sized),
        out: impl FnMut(&mut Vec<u8>, u64) -> Result<()>,
    ) -> Result<()> {
        let shared = common_prefix(&self.last_key, key);
        let is_above = key.get(shared) > self.last_key.get(shared) || self.is_empty;
        if !is_above {
            return Err(Error::invalid("a key that is not above the last one"));
        }
        let entry_len = key.len().saturating_add(value.len());
        if entry_len >= self.options.block_size || self.unindexed.is_some() {
            return self.add_between(key, value, out);
        }
        self.put(key, shared, value, out)
    }

    /// The same at the start of a block, or where an entry may be too large.
    #[cold]
    fn add_between(
        &mut self,
        key: &[u8],
        value: &(impl Value + ?Sized),
        mut out: impl FnMut(&mut Vec<u8>, u64) -> Result<()>,
    ) -> Result<()> {
        let entry_len = key.len().saturating_add(value.len());
        if entry_len > MAX_BLOCK_LEN - MAX_ENTRY_HEAD - self.data.len() {
            return Err(Error::invalid("an entry too large for a block"));
        }
        // An entry of twice the block size does not join those before it.
        if entry_len >= self.options.block_size.saturating_mul(2) {
            self.end_data_block(&mut out)?;
        }
        if let Some(handle) = self.unindexed.take() {
            self.index_block(&separator(&self.last_key, key), handle);
        }
        self.put(key, common_prefix(&self.last_key, key), value, out)
    }

    #[inline]
    fn put(
        &mut self,
        key: &[u8],
        shared: usize,
        value: &(impl Value + ?Sized),
        mut out: impl FnMut(&mut Vec<u8>, u64) -> Result<()>,
    ) -> Result<()> {
        self.data.add(key, shared, value);
        self.last_key.truncate(shared);
        self.last_key.extend_from_slice(&key[shared..]);
        self.is_empty = false;
        if self.data.len() >= self.options.block_size {
            self.end_data_block(&mut out)?;
        }
        Ok(())
    }

    /// Gives out what is left, the index and the footer.
    ///
    /// # Errors
    /// `InvalidArgument` where the keys that separate the blocks do not fit an
    /// index block of 4 GiB; those of `out`.
    pub(crate) fn finish(
        &mut self,
        mut out: impl FnMut(&mut Vec<u8>, u64) -> Result<()>,
    ) -> Result<()> {
        self.end_data_block(&mut out)?;
        let mut nothing = BlockBuilder::new(1);
        let metaindex = self.give(nothing.finish(), &mut out)?;
        if let Some(handle) = self.unindexed.take() {
            self.index_block(&successor(&self.last_key), handle);
        }
        if self.index.len() > MAX_BLOCK_LEN {
            return Err(Error::invalid("more blocks than an index block of 4 GiB has room for"));
        }
        let mut index = std::mem::replace(&mut self.index, BlockBuilder::new(1));
        let index = self.give(index.finish(), &mut out)?;
        let mut footer = Footer { metaindex, index }.encode();
        out(&mut footer, self.position)?;
        self.position += FOOTER_LEN as u64;
        Ok(())
    }

    fn end_data_block(
        &mut self,
        out: &mut impl FnMut(&mut Vec<u8>, u64) -> Result<()>,
    ) -> Result<()> {
        if !self.data.is_empty() {
            let mut data = std::mem::replace(&mut self.data, BlockBuilder::new(0));
            let given = self.give(data.finish(), out);
            data.clear();
            self.data = data;
            self.unindexed = Some(given?);
        }
        Ok(())
    }

    fn index_block(&mut self, separator: &[u8], handle: BlockHandle) {
        let mut value = Vec::new();
        handle.put(&mut value);
        self.index.add(separator, 0, &value[..]);
    }

    /// Gives out a block with these contents.
    fn give(
        &mut self,
        block: &mut Vec<u8>,
        out: &mut impl FnMut(&mut Vec<u8>, u64) -> Result<()>,
    ) -> Result<BlockHandle> {
        let kind = pack(block, self.options.compression)?;
        let handle = BlockHandle { offset: self.position, size: block.len() as u64 };
        put_trailer(block, kind);
        self.position += block.len() as u64;
        out(block, handle.offset)?;
        Ok(handle)
    }
}

impl fmt::Debug for TableBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableBuilder")
            .field("options", &self.options)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// How many bytes two keys begin with alike.
#[inline]
pub(crate) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let len = a.len().min(b.len());
    let (a, b) = (&a[..len], &b[..len]);
    let mut at = 0;
    while at + 8 <= len {
        match first_difference(a, b, at) {
            Some(differs) => return differs,
            None => at += 8,
        }
    }
    match len.checked_sub(8) {
        // What is looked at twice is alike.
        Some(last) => first_difference(a, b, last).unwrap_or(len),
        None => a.iter().zip(b).take_while(|(a, b)| a == b).count(),
    }
}

/// Where among the eight bytes from `at` on, which both have, two keys differ.
#[inline]
fn first_difference(a: &[u8], b: &[u8], at: usize) -> Option<usize> {
    let differ = coding::fixed64(a, at)? ^ coding::fixed64(b, at)?;
    (differ != 0).then(|| at + differ.trailing_zeros() as usize / 8)
}

/// The key from `last` up to, but not including, `next` that index blocks have.
/// It is `last`, unless raising the first byte in which the two differ gives a
/// shorter key that is still below `next`.
fn separator(last: &[u8], next: &[u8]) -> Vec<u8> {
    let differs = last.iter().zip(next).position(|(a, b)| a != b);
    match differs {
        Some(at) if last[at] < 0xff && last[at] + 1 < next[at] => raised(last, at),
        _ => last.to_vec(),
    }
}

/// The key not below `last` that index blocks have at their end.
fn successor(last: &[u8]) -> Vec<u8> {
    match last.iter().position(|&byte| byte != 0xff) {
        Some(at) => raised(last, at),
        None => last.to_vec(),
    }
}

/// `key` up to byte `at`, which is one more.
fn raised(key: &[u8], at: usize) -> Vec<u8> {
    let mut raised = key[..=at].to_vec();
    raised[at] += 1;
    raised
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn separators_are_short() {
        for (last, next, expected) in [
            (&b"abc"[..], &b"abf"[..], &b"abd"[..]),
            (b"abcx", b"abf", b"abd"),
            (b"abc", b"abd", b"abc"),
            (b"abcx", b"abd", b"abcx"),
            (b"ab", b"abc", b"ab"),
            (b"", b"a", b""),
            (b"a\xff", b"c", b"b"),
            (b"\xfe", b"\xff\x00", b"\xfe"),
        ] {
            assert_eq!(separator(last, next), expected, "{last:?} {next:?}");
            assert!(last <= expected && expected < next);
        }
    }

    #[test]
    fn successors_are_short() {
        for (last, expected) in [
            (&b"abc"[..], &b"b"[..]),
            (b"\xff\xffab", b"\xff\xffb"),
            (b"\xff\xff", b"\xff\xff"),
            (b"", b""),
        ] {
            assert_eq!(successor(last), expected);
        }
    }

    proptest! {
        #[test]
        fn a_common_prefix_is_the_longest(
            a in proptest::collection::vec(0..2u8, 0..40),
            b in proptest::collection::vec(0..2u8, 0..40),
            cut in 0usize..40,
        ) {
            let b = [&a[..cut.min(a.len())], &b[..]].concat();
            let expected = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
            prop_assert_eq!(common_prefix(&a, &b), expected);
        }
    }
}
