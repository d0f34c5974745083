//! Which keys an arena has.
//!
//! ```text
//! slot   16 bits of the key's hash | where its record is, plus 1; 0 where it is empty
//! ```

use std::hash::{BuildHasher, Hasher, RandomState};
use std::hint::black_box;

use super::arena::{Arena, At};

/// Which keys an arena has. Open addressing; at most three quarters of the slots are
/// taken.
#[derive(Debug)]
pub(super) struct Seen {
    slots: Box<[u64]>,
    taken: usize,
    /// Names may be somebody else's choice, so their hashes are not to be foreseen.
    secret: [u64; 2],
}

/// Where a key goes that is not there yet.
pub(super) struct Vacancy {
    slot: usize,
    tag: u64,
}

/// So many keys are looked at together.
pub(in crate::bundle::writer) const AHEAD: usize = 32;

const LEAST_SLOTS: usize = 1 << 10;

impl Default for Seen {
    fn default() -> Self {
        let secret = [(); 2].map(|()| RandomState::new().build_hasher().finish());
        Self { slots: Box::default(), taken: 0, secret }
    }
}

impl Seen {
    /// Makes room for so many keys more than `arena` has.
    pub(super) fn reserve(&mut self, arena: &Arena, more: usize) {
        let keys = arena.len().saturating_add(more);
        if self.slots.is_empty() || keys > self.slots.len() / 4 * 3 {
            // Not both at once.
            self.slots = Box::default();
            let slots = keys.saturating_add(keys / 2).next_power_of_two().max(LEAST_SLOTS);
            self.slots = vec![0; slots].into();
            self.taken = 0;
            for (at, record) in arena.iter() {
                if let Some(vacancy) = self.probe(arena, record.key) {
                    self.fill(vacancy, at);
                }
            }
        }
    }

    /// Whether `arena` has a record of that key.
    pub(super) fn contains(&self, arena: &Arena, key: &[u8]) -> bool {
        !self.slots.is_empty() && self.probe(arena, key).is_none()
    }

    /// Looks at these keys and where they would go, so that it is in the cache when each
    /// has its turn: to wait for memory for all of them together takes hardly longer than
    /// for one. So no step waits for the one before.
    pub(super) fn look_ahead(&self, keys: &[&[u8]]) {
        let mut hashes = [0; AHEAD];
        for key in keys {
            black_box(key.first().copied());
        }
        for (hash, key) in hashes.iter_mut().zip(keys) {
            *hash = self.hash(key);
        }
        let last = self.slots.len().wrapping_sub(1);
        for hash in &hashes[..keys.len().min(AHEAD)] {
            black_box(self.slots.get(*hash as usize & last).copied());
        }
    }

    /// Where a key would go; `None` where it is there.
    pub(super) fn vacancy(&mut self, arena: &Arena, key: &[u8]) -> Option<Vacancy> {
        if self.taken >= self.slots.len() / 4 * 3 {
            self.reserve(arena, 1);
        }
        self.probe(arena, key)
    }

    /// The key is there now, its record at `at`.
    pub(super) fn fill(&mut self, vacancy: Vacancy, at: At) {
        if let Some(slot) = self.slots.get_mut(vacancy.slot) {
            *slot = (vacancy.tag << At::BITS) | (at.to_bits() + 1);
            self.taken += 1;
        }
    }

    /// The first empty slot from that of the key's hash on, unless the key is found
    /// before. There are slots, and empty ones.
    fn probe(&self, arena: &Arena, key: &[u8]) -> Option<Vacancy> {
        let hash = self.hash(key);
        let tag = hash >> At::BITS;
        let last = self.slots.len() - 1;
        let mut slot = hash as usize & last;
        while self.slots[slot] != 0 {
            let found = self.slots[slot];
            if found >> At::BITS == tag && arena.get(record_at(found)).key == key {
                return None;
            }
            slot = (slot + 1) & last;
        }
        Some(Vacancy { slot, tag })
    }

    /// A fraction of the time that the hash of the standard library takes for a name.
    fn hash(&self, key: &[u8]) -> u64 {
        let [start, factor] = self.secret;
        let words = key.chunks_exact(8);
        let mut last = [0; 8];
        last[..words.remainder().len()].copy_from_slice(words.remainder());
        let word = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
        let mix = |hash: u64, word: u64| folded_product(hash ^ word, factor | 1);
        let hash = words.map(word).fold(start ^ key.len() as u64, mix);
        folded_product(mix(hash, u64::from_le_bytes(last)), start | 1)
    }
}

/// Both halves of the product on top of each other.
fn folded_product(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

fn record_at(slot: u64) -> At {
    At::from_bits((slot & ((1 << At::BITS) - 1)) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Keys(Arena, Seen);

    impl Keys {
        fn add(&mut self, key: &[u8]) -> bool {
            let vacancy = self.1.vacancy(&self.0, key);
            assert_eq!(vacancy.is_none(), self.1.contains(&self.0, key));
            let is_new = vacancy.is_some();
            if let Some(vacancy) = vacancy {
                let at = self.0.push(key, b"");
                self.1.fill(vacancy, at);
            }
            is_new
        }
    }

    #[test]
    fn many_keys_in_any_order() {
        let mut keys = Keys::default();
        keys.1.look_ahead(&[&b"x"[..]; AHEAD + 1]);
        let key = |n: u32| format!("{}/{n}", n.wrapping_mul(0x9e37_79b9) % 97).into_bytes();
        for n in 0..10_000 {
            assert!(keys.add(&key(n)));
            assert!(!keys.add(&key(n / 2)));
        }
        let mark = keys.0.mark();
        assert!(keys.add(b"x") && !keys.add(b"x"));
        keys.1.look_ahead(&[&b"x"[..], b"", b"y"]);
        keys.0.take_back(mark);
        keys.1 = Seen::default();
        assert!(!keys.1.contains(&keys.0, b"x"));
        keys.1.reserve(&keys.0, 7);
        assert!(keys.add(b"x") && (0..10_000).all(|n| !keys.add(&key(n))));
    }
}
