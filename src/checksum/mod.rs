//! CRC-32C (Castagnoli), and the mask under which the format stores it.
//!
//! A checksum that is stored among the bytes it protects would make the CRC of
//! the whole weak; so every stored one is rotated and offset.
//!
//! Reading a checkpoint is little else than copying and this, so both are as quick as
//! the processor has them: where it multiplies 64 bytes at once without carry
//! (`wide`), twice as quick as with the instruction for CRC-32C, and in the same pass
//! that copies.

mod combine;
#[cfg(all(target_arch = "x86_64", not(miri)))]
mod wide;
#[cfg(not(all(target_arch = "x86_64", not(miri))))]
#[path = "narrow.rs"]
mod wide;

pub use combine::combine;

const MASK_DELTA: u32 = 0xa282_ead8;

/// Less than this is done before `wide` has begun.
const WIDE: usize = 512;

/// The CRC of `data`.
pub fn crc32c(data: &[u8]) -> u32 {
    extend(0, data)
}

/// The CRC of everything behind `crc` followed by `data`.
#[inline]
pub fn extend(crc: u32, data: &[u8]) -> u32 {
    if data.len() < WIDE { extend_few(crc, data) } else { extend_many(crc, data) }
}

fn extend_many(crc: u32, data: &[u8]) -> u32 {
    let (crc, rest) = wide::extend(crc, data).unwrap_or((crc, data));
    extend_few(crc, rest)
}

/// The same, and quickest of less than `wide` takes.
#[inline(always)]
fn extend_few(crc: u32, data: &[u8]) -> u32 {
    let few = if data.len() < WIDE { wide::extend_few(crc, data) } else { None };
    few.unwrap_or_else(|| crc32c::crc32c_append(crc, data))
}

/// Whether [`Copies`] leave the caches as they are, and take no longer than copying.
pub(crate) fn copies_past_cache() -> bool {
    wide::is_there()
}

/// Copies bytes past the caches, where that can be: for more than they hold that is much
/// quicker, as memory need not be read before it is written to, but what is written is
/// read from memory next. Other threads may be told of what was copied when this is gone.
pub(crate) struct Copies(());

impl Copies {
    /// For copies that are going to be made, the more the better.
    pub(crate) fn new() -> Self {
        Self(())
    }

    /// Copies `src` to `dst`, of the same length, and returns as [`extend`] the CRC.
    pub(crate) fn copy(&self, crc: u32, src: &[u8], dst: &mut [u8]) -> u32 {
        let (crc, done) = wide::copy(crc, src, dst).unwrap_or((crc, 0));
        let (src, dst) = (&src[done..], &mut dst[done..]);
        dst.copy_from_slice(src);
        extend_few(crc, src)
    }
}

impl Drop for Copies {
    /// Waits until all that was copied is in memory: once for all of them.
    fn drop(&mut self) {
        wide::fence();
    }
}

/// The form in which a CRC is stored.
pub fn mask(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(MASK_DELTA)
}

/// The CRC that was stored as `masked`.
pub fn unmask(masked: u32) -> u32 {
    masked.wrapping_sub(MASK_DELTA).rotate_left(15)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values() {
        // RFC 3720, B.4.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(extend(crc32c(b"1234"), b"56789"), 0xe306_9283);
    }

    #[test]
    fn mask_is_undone() {
        for crc in [0, 1, 0x8a91_36aa, u32::MAX] {
            assert_ne!(mask(crc), crc);
            assert_eq!(unmask(mask(crc)), crc);
        }
    }

    fn noise(len: usize) -> Vec<u8> {
        let step = |state: &mut u64| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            Some((*state >> 56) as u8)
        };
        std::iter::repeat_n((), len).scan(7, |state, ()| step(state)).collect()
    }

    /// Every length up to several blocks, at every place in a cache line.
    #[test]
    fn every_length_and_alignment() {
        let data = noise(2 * 1024 + 64);
        let mut target = vec![0; 2 * 1024 + 64];
        for len in (0..2 * 1024).step_by(if cfg!(debug_assertions) { 7 } else { 1 }) {
            let at = len % 64;
            let part = &data[at..at + len];
            let expected = crc32c::crc32c_append(9, part);
            assert_eq!(extend(9, part), expected, "{len} at {at}");
            let to = (len / 64) % 64;
            let target = &mut target[to..to + len];
            target.fill(0);
            assert_eq!(Copies::new().copy(9, part, target), expected, "{len} from {at} to {to}");
            assert_eq!(target, part);
        }
    }

    proptest! {
        #[test]
        fn as_the_plain_one(
            data in proptest::collection::vec(any::<u8>(), 0..20_000),
            from in 0usize..130,
            to in 0usize..130,
            crc: u32,
            cut in 0usize..20_000,
        ) {
            let data = &data[from.min(data.len())..];
            let expected = crc32c::crc32c_append(crc, data);
            prop_assert_eq!(extend(crc, data), expected);
            let mut target = vec![1; to + data.len() + 1];
            prop_assert_eq!(Copies::new().copy(crc, data, &mut target[to..to + data.len()]), expected);
            prop_assert_eq!(&target[to..to + data.len()], data);
            prop_assert!(target[..to].iter().all(|&byte| byte == 1));
            prop_assert_eq!(target[to + data.len()], 1);

            let (one, other) = data.split_at(cut.min(data.len()));
            let crcs = (extend(crc, one), crc32c(other));
            prop_assert_eq!(combine(crcs.0, crcs.1, other.len() as u64), expected);
        }
    }
}
