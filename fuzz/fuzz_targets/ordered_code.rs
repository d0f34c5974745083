//! Ordered code: what can be decoded encodes to the same bytes again; what is
//! encoded comes back, and sorts as the values do.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tfckpt::bundle::{decode_slice_key, encode_slice_key};
use tfckpt::ordered_code::{put_num, put_signed, put_string, take_num, take_signed, take_string};
use tfckpt::tensor::{Extent, Slice};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    numbers: [u64; 2],
    strings: [&'a [u8]; 2],
    signed: [i64; 2],
    /// Takes so many bits off the numbers: short ones are as likely as long ones.
    shift: u8,
    extents: Vec<(i64, Option<i64>)>,
    raw: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let shift = input.shift % 64;
    both_ways(input.numbers.map(|n| n >> shift), put_num, take_num);
    both_ways(input.signed.map(|n| n >> shift), put_signed, take_signed);
    let put = |out: &mut Vec<u8>, value: Vec<u8>| put_string(out, &value);
    both_ways(input.strings.map(<[u8]>::to_vec), put, take_string);
    again(input.raw, put_num, take_num);
    again(input.raw, put_signed, take_signed);
    again(input.raw, put, take_string);

    let extents = input.extents.iter().map(|&(start, length)| Extent {
        start,
        // That is how a whole dimension is written.
        length: length.filter(|&length| length != -1),
    });
    let slice = Slice::new(extents.collect::<Vec<_>>());
    let key = encode_slice_key(input.strings[0], &slice);
    assert_eq!(decode_slice_key(&key), Some((input.strings[0].to_vec(), slice)));
    // The first byte says that it is a slice.
    for key in [input.raw.to_vec(), [&[0], input.raw].concat()] {
        if let Some((name, slice)) = decode_slice_key(&key) {
            assert_eq!(encode_slice_key(&name, &slice), key);
        }
    }
});

fn both_ways<T: Clone + Ord + std::fmt::Debug>(
    values: [T; 2],
    put: impl Fn(&mut Vec<u8>, T),
    take: impl Fn(&mut &[u8]) -> Option<T>,
) {
    let coded = values.clone().map(|value| {
        let mut out = Vec::new();
        put(&mut out, value.clone());
        let mut rest = &out[..];
        assert_eq!(take(&mut rest), Some(value));
        assert!(rest.is_empty());
        out
    });
    assert_eq!(values[0].cmp(&values[1]), coded[0].cmp(&coded[1]), "{values:?}");
}

fn again<T>(bytes: &[u8], put: impl Fn(&mut Vec<u8>, T), take: impl Fn(&mut &[u8]) -> Option<T>) {
    let mut rest = bytes;
    match take(&mut rest) {
        Some(value) => {
            let mut out = Vec::new();
            put(&mut out, value);
            assert_eq!(out, &bytes[..bytes.len() - rest.len()]);
        }
        None => assert_eq!(rest, bytes),
    }
}
