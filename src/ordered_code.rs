//! Ordered code: numbers and strings as bytes that sort as the values do.
//!
//! The keys of tensor slices are made of it. Three kinds of item, none of which
//! tells its kind:
//!
//! ```text
//! num      n, then the n big-endian bytes of the value, no leading zero
//! string   the bytes, 00 as 00 FF and FF as FF 00, closed by 00 01
//! signed   n bytes: the value as big-endian two's complement, its first n bits
//!          flipped; n is the least with -2^(7n-1) <= value < 2^(7n-1)
//! ```
//!
//! The flipped bits of a `signed` tell its length: n ones and a zero start a
//! value of n bytes, n zeros and a one a negative value of n bytes.
//!
//! Every decoder takes exactly what its encoder writes: what it accepts, encoded
//! again, gives the same bytes. On `None` the input stays where it was.

/// Appends a number.
pub fn put_num(out: &mut Vec<u8>, value: u64) {
    let len = 8 - value.leading_zeros() as usize / 8;
    out.push(len as u8);
    out.extend_from_slice(&value.to_be_bytes()[8 - len..]);
}

/// Appends a string of any bytes.
pub fn put_string(out: &mut Vec<u8>, value: &[u8]) {
    for &byte in value {
        match byte {
            0x00 => out.extend_from_slice(&[0x00, 0xff]),
            0xff => out.extend_from_slice(&[0xff, 0x00]),
            _ => out.push(byte),
        }
    }
    out.extend_from_slice(&[0x00, 0x01]);
}

/// Appends a signed number.
pub fn put_signed(out: &mut Vec<u8>, value: i64) {
    let len = signed_len(value);
    let flipped = i128::from(value) as u128 ^ leading_bits(len);
    out.extend_from_slice(&flipped.to_be_bytes()[16 - len..]);
}

/// Takes a number off the front of `bytes`.
pub fn take_num(bytes: &mut &[u8]) -> Option<u64> {
    let (&len, rest) = bytes.split_first()?;
    let (digits, rest) = rest.split_at_checked(usize::from(len))?;
    if digits.len() > 8 || digits.first() == Some(&0) {
        return None;
    }
    *bytes = rest;
    Some(digits.iter().fold(0, |value, &digit| (value << 8) | u64::from(digit)))
}

/// Takes a string off the front of `bytes`.
pub fn take_string(bytes: &mut &[u8]) -> Option<Vec<u8>> {
    let mut value = Vec::new();
    let mut rest = *bytes;
    loop {
        match *rest {
            [0x00, 0x01, ref after @ ..] => {
                *bytes = after;
                return Some(value);
            }
            [0x00, 0xff, ref after @ ..] => {
                value.push(0x00);
                rest = after;
            }
            [0xff, 0x00, ref after @ ..] => {
                value.push(0xff);
                rest = after;
            }
            [byte, ref after @ ..] if byte != 0x00 && byte != 0xff => {
                value.push(byte);
                rest = after;
            }
            _ => return None,
        }
    }
}

/// Takes a signed number off the front of `bytes`.
pub fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    let len = told_len(bytes)?;
    let (coded, rest) = bytes.split_at_checked(len)?;
    let flipped = coded.iter().fold(0, |value, &byte| (value << 8) | u128::from(byte));
    let value = sign_extended(flipped ^ leading_bits(len), len).try_into().ok()?;
    if signed_len(value) != len {
        return None;
    }
    *bytes = rest;
    Some(value)
}

/// A signed number takes at most this many bytes.
const MAX_SIGNED_LEN: usize = 10;

/// Each byte has room for seven bits of the value, its sign among them.
fn signed_len(value: i64) -> usize {
    let magnitude = value ^ (value >> 63);
    (65 - magnitude.leading_zeros() as usize).div_ceil(7)
}

/// The first `len` bits of a number of `len` bytes.
fn leading_bits(len: usize) -> u128 {
    ((1 << len) - 1) << (7 * len)
}

/// The length that the first bits of a coded signed number tell.
fn told_len(bytes: &[u8]) -> Option<usize> {
    let head = u16::from_be_bytes([*bytes.first()?, bytes.get(1).copied().unwrap_or(0)]);
    let same_bits = if head >> 15 == 1 { head } else { !head };
    let len = same_bits.leading_ones() as usize;
    (len <= MAX_SIGNED_LEN).then_some(len)
}

/// `value` taken as two's complement of `len` bytes.
fn sign_extended(value: u128, len: usize) -> i128 {
    let unused = 128 - 8 * len;
    (value << unused) as i128 >> unused
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn num(value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        put_num(&mut out, value);
        out
    }

    fn string(value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_string(&mut out, value);
        out
    }

    fn signed(value: i64) -> Vec<u8> {
        let mut out = Vec::new();
        put_signed(&mut out, value);
        out
    }

    /// All that `take` takes off `bytes`, which it must take whole.
    fn whole<T>(take: impl Fn(&mut &[u8]) -> Option<T>, mut bytes: &[u8]) -> Option<T> {
        let value = take(&mut bytes)?;
        bytes.is_empty().then_some(value)
    }

    #[test]
    fn a_slice_key_that_tensorflow_wrote() {
        // Rows 0 to 3 and columns 4 to 8 of `blocks/bfloat16`, rank 2.
        let mut key = num(0);
        put_string(&mut key, b"blocks/bfloat16");
        put_num(&mut key, 2);
        for extent in [0, 4, 4, -1] {
            put_signed(&mut key, extent);
        }
        assert_eq!(key, b"\x00blocks/bfloat16\x00\x01\x01\x02\x80\x84\x84\x7f");
    }

    #[test]
    fn numbers_have_one_form() {
        assert_eq!(num(0), [0]);
        assert_eq!(num(0x0100), [2, 1, 0]);
        assert_eq!(num(u64::MAX), [8, 255, 255, 255, 255, 255, 255, 255, 255]);
        for bytes in [&[][..], &[1], &[1, 0], &[2, 0, 1], &[9, 1, 2, 3, 4, 5, 6, 7, 8, 9]] {
            assert_eq!(take_num(&mut &*bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn strings_have_one_form() {
        assert_eq!(string(b"a\x00\xff"), b"a\x00\xff\xff\x00\x00\x01");
        for bytes in [&b""[..], b"a", b"a\x00", b"a\x00\x02", b"\xff\xff\x00\x01", b"\xff"] {
            assert_eq!(take_string(&mut &*bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn signed_numbers_have_one_form() {
        for (value, bytes) in [
            (0, &[0x80][..]),
            (-1, &[0x7f]),
            (63, &[0xbf]),
            (64, &[0xc0, 0x40]),
            (-64, &[0x40]),
            (-65, &[0x3f, 0xbf]),
            (i64::MAX, &[0xff, 0xc0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            (i64::MIN, &[0x00, 0x3f, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ] {
            assert_eq!(signed(value), bytes, "{value}");
        }
        // 1 in two bytes, 2^63 in ten, eleven bytes, cut short.
        let two_to_63 = [0xff, 0xc0, 0x80, 0, 0, 0, 0, 0, 0, 0];
        for bytes in [&[0xc0, 0x01][..], &two_to_63, &[0xff; 16], &[0; 16], &[0xc0], &[]] {
            assert_eq!(take_signed(&mut &*bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn signed_numbers_at_every_border() {
        for shift in 0..63 {
            for value in [1i64 << shift, (1 << shift) - 1, -(1 << shift), -(1 << shift) - 1] {
                assert_eq!(whole(take_signed, &signed(value)), Some(value));
                assert!(signed(value) < signed(value + 1), "{value}");
            }
        }
    }

    /// Numbers of every length alike.
    fn any_length() -> impl Strategy<Value = i64> {
        (any::<i64>(), 0..64).prop_map(|(value, shift)| value >> shift)
    }

    /// Strings rich in the bytes that are escaped.
    fn any_string() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![Just(0x00), Just(0x01), Just(0xfe), Just(0xff), any::<u8>()];
        proptest::collection::vec(byte, 0..12)
    }

    proptest! {
        #[test]
        fn numbers_sort_and_come_back(a in any_length(), b in any_length()) {
            prop_assert_eq!(signed(a).cmp(&signed(b)), a.cmp(&b));
            prop_assert_eq!(whole(take_signed, &signed(a)), Some(a));
            let (a, b) = (a as u64, b as u64);
            prop_assert_eq!(num(a).cmp(&num(b)), a.cmp(&b));
            prop_assert_eq!(whole(take_num, &num(a)), Some(a));
        }

        #[test]
        fn strings_sort_and_come_back(a in any_string(), b in any_string()) {
            prop_assert_eq!(string(&a).cmp(&string(&b)), a.cmp(&b));
            prop_assert_eq!(whole(take_string, &string(&a)), Some(a));
        }

        #[test]
        fn what_is_taken_encodes_to_the_same_bytes(bytes in any_string()) {
            let mut rest = &bytes[..];
            if let Some(value) = take_num(&mut rest) {
                prop_assert_eq!(&num(value), &bytes[..bytes.len() - rest.len()]);
            }
            let mut rest = &bytes[..];
            if let Some(value) = take_string(&mut rest) {
                prop_assert_eq!(&string(&value), &bytes[..bytes.len() - rest.len()]);
            }
            let mut rest = &bytes[..];
            if let Some(value) = take_signed(&mut rest) {
                prop_assert_eq!(&signed(value), &bytes[..bytes.len() - rest.len()]);
            }
        }
    }
}
