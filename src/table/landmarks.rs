//! Where in a block a search begins.

use std::cmp::Ordering;
use std::ops::Range;

use super::block::Block;

/// The keys of every fourth restart, as far as sixteen bytes tell them apart.
///
/// A search that steps from restart to restart meets with each step a line of memory that
/// the processor's caches have not: these stand so close together that they have them.
#[derive(Default)]
pub(super) struct Landmarks {
    /// What all keys of the block begin with.
    prefix: Vec<u8>,
    /// What comes behind that.
    marks: Vec<u128>,
}

/// So many restarts there are from one to the next.
const STRIDE: usize = 4;

impl Landmarks {
    /// Those of a block; none where it is small or any of its restarts makes no sense.
    pub(super) fn of(block: &Block) -> Self {
        if block.restart_count() < 4 * STRIDE {
            return Self::default();
        }
        Self::found_in(block).unwrap_or_default()
    }

    /// How much memory those of so many restarts take, but for the prefix.
    pub(super) fn memory(restarts: usize) -> usize {
        restarts.div_ceil(STRIDE) * size_of::<u128>()
    }

    fn found_in(block: &Block) -> Option<Self> {
        let (first, last) = (block.first_key().ok()?, block.last_key().ok()?);
        let shared = std::iter::zip(first, last.as_slice()).take_while(|(a, b)| a == b).count();
        let prefix = first.get(..shared)?.to_vec();
        let restarts = (0..block.restart_count()).step_by(STRIDE);
        let mark_of = |number| Some(mark(block.restart_key(number).ok()?.get(shared..)?));
        Some(Self { prefix, marks: restarts.map(mark_of).collect::<Option<_>>()? })
    }

    /// How many of `restarts` have keys not above `key`: as many at least and at most.
    pub(super) fn not_above(&self, key: &[u8], restarts: usize) -> Range<usize> {
        if self.marks.is_empty() {
            return 0..restarts;
        }
        let (front, rest) = key.split_at_checked(self.prefix.len()).unwrap_or((key, &[]));
        match front.cmp(&self.prefix) {
            Ordering::Less => 0..0,
            Ordering::Equal => self.not_above_rest(mark(rest), restarts),
            Ordering::Greater => restarts..restarts,
        }
    }

    fn not_above_rest(&self, wanted: u128, restarts: usize) -> Range<usize> {
        let below = self.marks.partition_point(|&mark| mark < wanted);
        let alike = self.marks.iter().skip(below).take_while(|&&mark| mark == wanted).count();
        let least = below.checked_sub(1).map_or(0, |last| STRIDE * last + 1);
        least..restarts.min(STRIDE * (below + alike))
    }
}

/// The first bytes of a key, such that what is above has none that are below.
fn mark(key: &[u8]) -> u128 {
    if let Some(bytes) = key.first_chunk() {
        return u128::from_be_bytes(*bytes);
    }
    let mut bytes = [0; size_of::<u128>()];
    std::iter::zip(&mut bytes, key).for_each(|(to, from)| *to = *from);
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table::testing::contents;

    proptest! {
        #[test]
        #[cfg_attr(miri, ignore = "regular expressions take Miri minutes")]
        fn they_lead_to_the_right_restarts(
            keys in proptest::collection::btree_set("[ab]{0,4}(aaaaaaaaaaaaaaaa)?[ab]{0,4}", 1..150),
            (prefix, interval) in ("[ab]{0,3}", 1..4usize),
            wanted in proptest::collection::vec("[ab]{0,9}(aaaaaaaaaaaaaaaa)?[ab]{0,4}", 1..20),
        ) {
            let keys: Vec<_> =
                keys.iter().map(|key| format!("{prefix}{key}").into_bytes()).collect();
            let entries: Vec<_> = keys.iter().map(|key| (&key[..], &b""[..])).collect();
            let block = Block::new(contents(interval, &entries)).unwrap();
            let landmarks = Landmarks::of(&block);
            let restarts = block.restart_count();
            prop_assert_eq!(landmarks.marks.is_empty(), restarts < 4 * STRIDE);
            let wanted = wanted.iter().map(|key| key.as_bytes());
            for key in wanted.chain(keys.iter().map(Vec::as_slice)) {
                let not_above =
                    keys.iter().step_by(interval).filter(|&at| at.as_slice() <= key).count();
                let found = landmarks.not_above(key, restarts);
                prop_assert!(found.start <= not_above && not_above <= found.end);
                prop_assert!(found.end <= restarts);
            }
        }
    }

    #[test]
    fn few_restarts_are_left_to_be_looked_at() {
        let keys: Vec<_> = (0..400).map(|number| format!("layer_{number:03}/kernel")).collect();
        let entries: Vec<_> = keys.iter().map(|key| (key.as_bytes(), &b""[..])).collect();
        let block = Block::new(contents(2, &entries)).unwrap();
        let landmarks = Landmarks::of(&block);
        for key in &keys {
            assert!(landmarks.not_above(key.as_bytes(), block.restart_count()).len() < 2 * STRIDE);
        }
    }
}
