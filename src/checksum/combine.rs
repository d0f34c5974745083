//! The CRC of two stretches of bytes from the CRCs of each.
//!
//! A CRC is the remainder of the bytes, as a polynomial over one bit, by a fixed one.
//! Bytes that follow multiply it by a power of x, which takes a squaring for each bit
//! of their number; no byte is looked at.

/// The polynomial of CRC-32C; the lowest bit stands for the highest power.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// The polynomial 1.
const ONE: u32 = 1 << 31;

/// x to the power 8 · 2^i, for each i.
const POWERS: [u32; 64] = powers();

/// The CRC of a first stretch of bytes with `first` for its CRC, followed by one of
/// `len` bytes whose own CRC is `second`.
pub fn combine(first: u32, second: u32, len: u64) -> u32 {
    let bits = (0..u64::BITS).filter(|bit| (len >> bit) & 1 == 1);
    let shift = bits.fold(ONE, |shift, bit| multiply(shift, POWERS[bit as usize]));
    multiply(first, shift) ^ second
}

const fn powers() -> [u32; 64] {
    let mut powers = [0; 64];
    let mut power = ONE >> 8;
    let mut i = 0;
    while i < powers.len() {
        powers[i] = power;
        power = multiply(power, power);
        i += 1;
    }
    powers
}

/// The product of two, and its remainder.
pub(super) const fn multiply(a: u32, mut b: u32) -> u32 {
    let mut product = 0;
    let mut bit = ONE;
    while bit != 0 {
        if a & bit != 0 {
            product ^= b;
        }
        b = if b & 1 == 1 { (b >> 1) ^ POLYNOMIAL } else { b >> 1 };
        bit >>= 1;
    }
    product
}

/// x to the power `n`.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
pub(super) const fn power(n: u32) -> u32 {
    let mut power = ONE;
    let mut i = 0;
    while i < n {
        power = if power & 1 == 1 { (power >> 1) ^ POLYNOMIAL } else { power >> 1 };
        i += 1;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::{crc32c, extend};

    #[test]
    fn nothing_changes_nothing() {
        assert_eq!(combine(77, 0, 0), 77);
        assert_eq!(combine(0, 77, 5), 77);
    }

    /// As many zeros as no memory holds, doubled from few.
    #[test]
    fn long_stretches() {
        let mut crc = crc32c(&[0; 1 << 10]);
        for log in 10..40 {
            if log == 20 {
                assert_eq!(crc, extend(0, &vec![0; 1 << 20]));
            }
            let both = combine(crc, crc, 1 << log);
            let thrice = combine(combine(crc, crc, 1 << log), crc, 1 << log);
            assert_eq!(combine(crc, both, 2 << log), thrice);
            crc = both;
        }
    }
}
