//! String and variant tensors that were tampered with, their checksums right: what
//! comes out is what an independent reading finds, or an error where it finds none.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tfckpt::bundle::{ReadOptions, verify};
use tfckpt::coding::put_varint;
use tfckpt::table::TableWriterOptions;
use tfckpt::tensor::DType;
use tfckpt::{ErrorKind, Result};
use tfckpt_fuzz::forge::{EntryProto, Payload, fix_strings, fix_variants, vector_shape};
use tfckpt_fuzz::spec::Change;
use tfckpt_fuzz::{bounded, explore, index};

#[derive(Arbitrary, Debug)]
struct Input {
    elements: Vec<Vec<u8>>,
    /// How many more elements the shape has.
    more: i16,
    changes: Vec<Change>,
    variants: bool,
    big: bool,
    /// Bytes of the file in front of the tensor.
    offset: u8,
}

fuzz_target!(|input: Input| {
    let count = (input.elements.len() as u64).saturating_add_signed(input.more.into());
    let mut bytes = encoded(&input.elements, input.variants);
    input.changes.iter().for_each(|change| change.apply(&mut bytes));
    let payload = match input.variants {
        true => fix_variants(&mut bytes, count, input.big),
        false => fix_strings(&mut bytes, count, input.big),
    };
    let dtype = if input.variants { DType::VARIANT } else { DType::STRING };
    let (offset, size) = (u64::from(input.offset), bytes.len() as u64);
    let shape = vector_shape(count);
    let entry = EntryProto::new(dtype.number(), shape, 0, offset, size, payload.crc);
    let shard = [vec![0; input.offset.into()], bytes].concat();
    let index = index(input.big, &entry.encode());
    bounded(shard.len() * 10, || look(&index, shard.clone(), count, &payload, dtype));
});

/// The elements as they are stored, but for the checksums.
fn encoded(elements: &[Vec<u8>], variants: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for element in elements {
        put_varint(&mut bytes, element.len() as u64);
        if variants {
            bytes.extend_from_slice(element);
            bytes.extend_from_slice(&[0; 4]);
        }
    }
    if !variants {
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend(elements.concat());
    }
    bytes
}

fn index(big: bool, entry: &[u8]) -> Vec<u8> {
    let header = (Vec::new(), vec![8, 1, 16, big.into(), 26, 2, 8, 1]);
    let pairs = vec![header, (b"x".to_vec(), entry.to_vec())];
    index::table(&pairs, &TableWriterOptions::default())
}

fn look(index: &[u8], shard: Vec<u8>, count: u64, payload: &Payload, dtype: DType) {
    let reader = explore::open(&explore::storage_of(index, &[shard])).unwrap();
    let report = verify(&reader, &tfckpt::Progress::none()).unwrap();
    assert_eq!(report.is_ok(), payload.elements.is_some(), "{:?}", report.problems);
    explore::bundle(&reader);
    // Of no elements nothing is read.
    if count == 0 {
        return;
    }
    let read = |verify| reader.read_strings("x", &ReadOptions { verify, ..Default::default() });
    let bytes = || reader.string_bytes("x");
    match &payload.elements {
        Some(elements) => {
            for verify in [true, false] {
                assert!(read(verify).unwrap().iter().eq(elements));
            }
            if dtype == DType::STRING {
                assert_eq!(bytes().unwrap(), elements.concat().len() as u64);
            }
        }
        None => {
            assert_lost(read(true));
            assert_lost(read(false));
            assert!(dtype != DType::STRING || bytes().is_err());
        }
    }
}

fn assert_lost<T>(result: Result<T>) {
    assert_eq!(result.err().map(|error| error.kind()), Some(ErrorKind::DataLoss));
}
