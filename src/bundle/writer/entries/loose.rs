//! Entries whose keys come in any order: they are kept until all are there.

use super::arena::{Arena, Cursor, Mark, Record};
use super::order;
use super::seen::{AHEAD, Seen};
use crate::bundle::plain_entry::{crc_field, without_empty_crc};
use crate::error::Result;

/// Keys and encoded entries.
#[derive(Debug, Default)]
pub(super) struct Loose {
    stored: Arena,
    /// Which keys there are; forgotten when nothing more comes.
    seen: Seen,
}

impl Loose {
    /// Makes room for so many entries more.
    pub(super) fn reserve(&mut self, more: usize) {
        self.seen.reserve(&self.stored, more);
    }

    /// These keys, [`AHEAD`] at most, are going to be inserted.
    pub(super) fn look_ahead(&self, keys: &[&[u8]]) {
        self.seen.look_ahead(keys);
    }

    pub(super) fn contains(&self, key: &[u8]) -> bool {
        self.seen.contains(&self.stored, key)
    }

    /// Adds an entry, unless there is one of that key.
    pub(super) fn insert(&mut self, key: &[u8], value: &[u8]) -> bool {
        let Some(vacancy) = self.seen.vacancy(&self.stored, key) else { return false };
        let at = self.stored.push(key, value);
        self.seen.fill(vacancy, at);
        true
    }

    /// The state as it is now.
    pub(super) fn mark(&self) -> Mark {
        self.stored.mark()
    }

    /// Forgets all that was inserted since.
    pub(super) fn take_back(&mut self, mark: Mark) {
        self.stored.take_back(mark);
        self.seen = Seen::default();
        self.reserve(0);
    }

    /// Gives the next entries from `cursor` on their CRCs, masked.
    pub(super) fn set_crcs(&mut self, cursor: &mut Cursor, crcs: impl Iterator<Item = u32>) {
        for crc in crcs {
            let value = self.stored.next_value(cursor);
            if let Some(field) = value.and_then(|value| value.last_chunk_mut()) {
                *field = crc_field(crc);
            }
        }
    }

    /// Hands every key and value to `each`, in the order of the keys; nothing can be
    /// added any more.
    pub(super) fn each(&mut self, mut each: impl FnMut(&[u8], &[u8]) -> Result<()>) -> Result<()> {
        // Its memory is needed for the order.
        self.seen = Seen::default();
        let sorted = order::sorted(&self.stored);
        let mut records = [Record { key: &[], value: &[] }; AHEAD];
        for items in sorted.chunks(AHEAD) {
            for (record, item) in records.iter_mut().zip(items) {
                let Record { key, value } = self.stored.get(item.1);
                // Which looks at its end, too.
                *record = Record { key, value: without_empty_crc(value) };
            }
            for record in records.iter().take(items.len()) {
                each(record.key, record.value)?;
            }
        }
        Ok(())
    }
}
