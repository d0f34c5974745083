//! Records in the order of their keys.
//!
//! Names of tensors begin alike, and most comparisons would walk the same bytes again
//! and again. So the keys are sorted by eight bytes at a time, which lie beside the
//! record's place: first by those behind what all have in common; then each run that
//! they leave equal by the next ones.

use super::arena::{Arena, At};

/// Runs up to this length are sorted by comparing whole keys.
const SHORT: usize = 8;

/// And so are keys that have so many words in common, beyond what all have.
const MAX_DEPTH: usize = 32;

/// The next bytes of a key, and where its record is.
type Item = (u64, At);

/// All records of an arena by key; no two keys are equal.
pub(super) fn sorted(arena: &Arena) -> Vec<Item> {
    let skip = common_prefix(arena);
    let mut items = Vec::with_capacity(arena.len());
    items.extend(arena.iter().map(|(at, record)| (word(record.key, skip), at)));
    items.sort_unstable_by_key(|item| item.0);
    sort_runs(arena, &mut items, skip + 8, 1);
    items
}

/// How many bytes all keys begin with.
fn common_prefix(arena: &Arena) -> usize {
    let mut keys = arena.iter().map(|(_, record)| record.key);
    let first = keys.next().unwrap_or_default();
    let shared = |len: usize, key: &[u8]| {
        let same = first.iter().zip(key).take(len).take_while(|(a, b)| a == b);
        if key.starts_with(&first[..len]) { len } else { same.count() }
    };
    keys.fold(first.len(), shared)
}

/// Sorts each run of equal words by what comes from byte `at` on.
fn sort_runs(arena: &Arena, items: &mut [Item], at: usize, depth: usize) {
    for run in items.chunk_by_mut(|a, b| a.0 == b.0) {
        match run.len() {
            1 => {}
            len if len <= SHORT || depth == MAX_DEPTH => {
                run.sort_unstable_by(|a, b| arena.get(a.1).key.cmp(arena.get(b.1).key));
            }
            _ => sort_run(arena, run, at, depth),
        }
    }
}

fn sort_run(arena: &Arena, run: &mut [Item], at: usize, depth: usize) {
    // A key that ended before stands first, however many zeros the next ones have there.
    let ended = partition_ended(arena, run, at);
    let (ended, rest) = run.split_at_mut(ended);
    ended.sort_unstable_by_key(|item| arena.get(item.1).key.len());
    for item in rest.iter_mut() {
        item.0 = word(arena.get(item.1).key, at);
    }
    rest.sort_unstable_by_key(|item| item.0);
    sort_runs(arena, rest, at + 8, depth + 1);
}

/// Brings the keys of at most `at` bytes to the front, and counts them. Of a run that is
/// equal up to there they differ in nothing but the number of zeros at their end.
fn partition_ended(arena: &Arena, run: &mut [Item], at: usize) -> usize {
    let mut ended = 0;
    for next in 0..run.len() {
        if arena.get(run[next].1).key.len() <= at {
            run.swap(ended, next);
            ended += 1;
        }
    }
    ended
}

/// The eight bytes of a key from byte `at` on, zeros where it ends, as a number that
/// sorts as they do.
fn word(key: &[u8], at: usize) -> u64 {
    let rest = key.get(at..).unwrap_or_default();
    if let Some(first) = rest.first_chunk() {
        return u64::from_be_bytes(*first);
    }
    let mut bytes = [0; 8];
    bytes[..rest.len()].copy_from_slice(rest);
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn check(keys: BTreeSet<Vec<u8>>, turn: usize) {
        let mut arena = Arena::default();
        let mut shuffled: Vec<_> = keys.iter().collect();
        shuffled.rotate_left(turn % keys.len().max(1));
        shuffled.reverse();
        for key in shuffled {
            arena.push(key, b"");
        }
        let sorted = sorted(&arena);
        assert!(
            sorted.iter().map(|item| arena.get(item.1).key).eq(keys.iter().map(|key| &key[..]))
        );
    }

    #[test]
    fn names_as_models_have_them() {
        let name = |n: usize| format!("model/layer_{}/block_{:04}/w", n % 7, n / 3).into_bytes();
        check((0..3000).map(name).collect(), 1234);
        check(BTreeSet::new(), 0);
    }

    #[test]
    fn zeros_at_the_end_count() {
        let zeros = (0..500).map(|len| vec![0; len]);
        let ones = (0..500).map(|len| [&vec![0; len][..], &[1]].concat());
        check(zeros.chain(ones).collect(), 17);
    }

    proptest! {
        #[test]
        fn any_keys(
            keys in proptest::collection::btree_set(proptest::collection::vec(0..2u8, 0..24), 0..200),
            turn in 0..200usize,
        ) {
            check(keys, turn);
        }
    }
}
