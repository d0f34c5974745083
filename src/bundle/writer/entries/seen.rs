//! Which keys an arena has.
//!
//! Keys that come in ascending order need no more than the last one. From the first
//! on that does not, a table of hashes is kept:
//!
//! ```text
//! slot   16 bits of the key's hash | where its record is, plus 1; 0 where it is empty
//! ```

use std::hash::{BuildHasher, Hasher, RandomState};

use super::arena::{Arena, At};

/// Which keys an arena has.
#[derive(Debug, Default)]
pub(super) enum Seen {
    #[default]
    Nothing,
    /// All keys ascend up to this one.
    Ascending(At),
    Hashed(Table),
}

/// Open addressing; at most three quarters of the slots are taken.
#[derive(Debug)]
pub(super) struct Table {
    slots: Box<[u64]>,
    taken: usize,
    /// Names may be somebody else's choice, so their hashes are not to be foreseen.
    secret: [u64; 2],
}

const LEAST_SLOTS: usize = 1 << 10;

impl Seen {
    /// Whether `arena` has a record of that key.
    pub(super) fn contains(&mut self, arena: &Arena, key: &[u8]) -> bool {
        match self {
            Self::Nothing => false,
            Self::Ascending(last) => match arena.get(*last).key.cmp(key) {
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Equal => true,
                std::cmp::Ordering::Greater => {
                    let table = Table::of(arena);
                    let found = table.contains(arena, key);
                    *self = Self::Hashed(table);
                    found
                }
            },
            Self::Hashed(table) => table.contains(arena, key),
        }
    }

    /// The record at `at` was added, whose key was not there.
    pub(super) fn insert(&mut self, arena: &Arena, at: At) {
        let key = arena.get(at).key;
        match self {
            Self::Nothing => *self = Self::Ascending(at),
            Self::Ascending(last) if arena.get(*last).key < key => *last = at,
            Self::Ascending(_) => *self = Self::Hashed(Table::of(arena)),
            Self::Hashed(table) => table.insert(arena, key, at),
        }
    }

    /// The same for an arena that was taken back.
    pub(super) fn renew(&mut self, arena: &Arena) {
        let last = || arena.iter().last().map(|(at, _)| at);
        *self = match self {
            Self::Hashed(_) => Self::Hashed(Table::of(arena)),
            _ => last().map_or(Self::Nothing, Self::Ascending),
        };
    }

    /// Whether the keys came in ascending order.
    pub(super) fn is_ascending(&self) -> bool {
        !matches!(self, Self::Hashed(_))
    }
}

impl Table {
    /// The table of all records.
    fn of(arena: &Arena) -> Self {
        let slots = (arena.len() * 2).next_power_of_two().max(LEAST_SLOTS);
        let secret = [(); 2].map(|()| RandomState::new().build_hasher().finish());
        let mut table = Self { slots: vec![0; slots].into(), taken: 0, secret };
        arena.iter().for_each(|(at, record)| table.put(record.key, at));
        table
    }

    fn contains(&self, arena: &Arena, key: &[u8]) -> bool {
        let hash = self.hash(key);
        self.probe(hash).any(|slot| {
            let is_like = slot >> At::BITS == tag(hash);
            is_like && arena.get(record_at(slot)).key == key
        })
    }

    fn insert(&mut self, arena: &Arena, key: &[u8], at: At) {
        if self.taken < self.slots.len() / 4 * 3 {
            return self.put(key, at);
        }
        // Not both at once.
        self.slots = Box::default();
        *self = Self::of(arena);
    }

    /// Takes a slot; there are free ones.
    fn put(&mut self, key: &[u8], at: At) {
        let hash = self.hash(key);
        let slot = (self.first(hash) + self.probe(hash).count()) % self.slots.len();
        self.slots[slot] = (tag(hash) << At::BITS) | (at.to_bits() + 1);
        self.taken += 1;
    }

    /// The slots from where a hash is looked for to the first that is empty.
    fn probe(&self, hash: u64) -> impl Iterator<Item = u64> {
        let (before, from) = self.slots.split_at(self.first(hash));
        from.iter().chain(before).copied().take_while(|&slot| slot != 0)
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

    fn first(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len() - 1)
    }
}

/// Both halves of the product on top of each other.
fn folded_product(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

fn tag(hash: u64) -> u64 {
    hash >> At::BITS
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
            let is_new = !self.1.contains(&self.0, key);
            if is_new {
                let at = self.0.push(key, b"");
                self.1.insert(&self.0, at);
            }
            is_new
        }
    }

    #[test]
    fn ascending_keys_need_no_table() {
        let mut keys = Keys::default();
        for key in [&b""[..], b"a", b"a\0", b"b"] {
            assert!(keys.add(key) && !keys.add(key), "{key:?}");
        }
        assert!(keys.1.is_ascending());
        assert!(!keys.add(b"a") && !keys.1.is_ascending());
        assert!(keys.add(b"ab") && !keys.add(b"ab") && !keys.add(b""));
    }

    #[test]
    fn many_keys_in_any_order() {
        let mut keys = Keys::default();
        let key = |n: u32| format!("{}/{n}", n.wrapping_mul(0x9e37_79b9) % 97).into_bytes();
        for n in 0..10_000 {
            assert!(keys.add(&key(n)));
            assert!(!keys.add(&key(n / 2)));
        }
        let mark = keys.0.mark();
        assert!(keys.add(b"x") && !keys.add(b"x"));
        keys.0.take_back(mark);
        keys.1.renew(&keys.0);
        assert!(keys.add(b"x") && (0..10_000).all(|n| !keys.add(&key(n))));
    }
}
