//! CRC-32C (Castagnoli), and the mask under which the format stores it.
//!
//! A checksum that is stored among the bytes it protects would make the CRC of
//! the whole weak; so every stored one is rotated and offset.

const MASK_DELTA: u32 = 0xa282_ead8;

/// The CRC of `data`.
pub fn crc32c(data: &[u8]) -> u32 {
    crc32c::crc32c(data)
}

/// The CRC of everything behind `crc` followed by `data`.
pub fn extend(crc: u32, data: &[u8]) -> u32 {
    crc32c::crc32c_append(crc, data)
}

/// The CRC of what has the CRC `first` followed by `len` bytes that have the CRC `second`.
pub fn combine(first: u32, second: u32, len: u64) -> u32 {
    crc32c::crc32c_combine(first, second, len as usize)
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
}
