//! Integers as the format writes them: varints, and little-endian fixed ones.

/// The longest varint of a `u64`.
pub const MAX_VARINT_LEN: usize = 10;

/// Appends `value` in groups of seven bits, lowest first.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// How many bytes [`put_varint`] takes for `value`.
pub fn varint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Reads a varint at the start of `bytes`: its value and its length. `None`
/// where it does not end within `bytes`, or does not fit 64 bits.
pub fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().take(MAX_VARINT_LEN).enumerate() {
        let group = u64::from(byte & 0x7f);
        if at == MAX_VARINT_LEN - 1 && group > 1 {
            return None;
        }
        value |= group << (7 * at);
        if byte < 0x80 {
            return Some((value, at + 1));
        }
    }
    None
}

/// Takes a varint off the front of `bytes`.
pub fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let (value, len) = varint(bytes)?;
    *bytes = &bytes[len..];
    Some(value)
}

/// Takes a varint that must fit 32 bits off the front of `bytes`.
pub fn take_varint32(bytes: &mut &[u8]) -> Option<u32> {
    take_varint(bytes)?.try_into().ok()
}

/// The `u32` at byte `at`, little-endian.
#[inline]
pub fn fixed32(bytes: &[u8], at: usize) -> Option<u32> {
    let end = at.checked_add(4)?;
    Some(u32::from_le_bytes(bytes.get(at..end)?.try_into().ok()?))
}

/// The `u64` at byte `at`, little-endian.
#[inline]
pub fn fixed64(bytes: &[u8], at: usize) -> Option<u64> {
    let end = at.checked_add(8)?;
    Some(u64::from_le_bytes(bytes.get(at..end)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_come_back() {
        for shift in 0..64 {
            for value in [1u64 << shift, (1 << shift) - 1, u64::MAX >> shift] {
                let mut out = Vec::new();
                put_varint(&mut out, value);
                assert_eq!(out.len(), varint_len(value), "{value}");
                assert_eq!(varint(&out), Some((value, out.len())));
                assert_eq!(varint(&out[..out.len() - 1]), None);
            }
        }
    }

    #[test]
    fn overlong_varints_are_refused() {
        assert_eq!(varint(&[0x80; 11]), None);
        let mut two_to_64 = [0x80; 10];
        two_to_64[9] = 2;
        assert_eq!(varint(&two_to_64), None);
        assert_eq!(take_varint32(&mut &[0xff, 0xff, 0xff, 0xff, 0x1f][..]), None);
    }

    #[test]
    fn fixed_stays_within() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(fixed32(&bytes, 4), Some(0x0807_0605));
        assert_eq!(fixed32(&bytes, 5), None);
        assert_eq!(fixed64(&bytes, usize::MAX), None);
    }
}
