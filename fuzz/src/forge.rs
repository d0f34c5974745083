//! Checksums made right again in files that were tampered with.

use tfckpt::checksum::{crc32c, extend, mask};
use tfckpt::coding::{fixed32, put_varint, take_varint};
use tfckpt::tensor::DType;

const FOOTER_LEN: usize = 48;
const TRAILER_LEN: usize = 5;
const MAGIC: u64 = 0xdb47_7524_8b80_fb57;

/// Gives a table its magic number and every block that can be found its checksum.
pub fn fix_table(file: &mut [u8]) {
    let Some(footer_at) = file.len().checked_sub(FOOTER_LEN) else { return };
    let (blocks, footer) = file.split_at_mut(footer_at);
    footer[FOOTER_LEN - 8..].copy_from_slice(&MAGIC.to_le_bytes());
    let mut handles = &footer[..FOOTER_LEN - 8];
    let Some(metaindex) = Handle::take(&mut handles) else { return };
    let Some(index) = Handle::take(&mut handles) else { return };
    // The index last: the others may overlap it.
    let mut all = index.contents(blocks).map(data_blocks).unwrap_or_default();
    all.extend([metaindex, index]);
    all.iter().for_each(|handle| handle.fix(blocks));
}

struct Handle {
    offset: usize,
    size: usize,
}

impl Handle {
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        let offset = usize::try_from(take_varint(bytes)?).ok()?;
        let size = usize::try_from(take_varint(bytes)?).ok()?;
        Some(Self { offset, size })
    }

    fn end(&self) -> Option<usize> {
        self.offset.checked_add(self.size)
    }

    fn contents<'f>(&self, file: &'f [u8]) -> Option<&'f [u8]> {
        file.get(self.offset..self.end()?)
    }

    fn fix(&self, file: &mut [u8]) {
        let end = self.end().and_then(|end| end.checked_add(TRAILER_LEN));
        let Some(block) = end.and_then(|end| file.get_mut(self.offset..end)) else { return };
        let (covered, crc) = block.split_at_mut(block.len() - 4);
        crc.copy_from_slice(&mask(crc32c(covered)).to_le_bytes());
    }
}

/// The handles in an index block, as far as it can be followed.
fn data_blocks(contents: &[u8]) -> Vec<Handle> {
    let mut handles = Vec::new();
    let restarts = contents.len().checked_sub(4).and_then(|at| fixed32(contents, at));
    let tail = restarts.and_then(|count| (count as usize).checked_mul(4)?.checked_add(4));
    let entries_end = tail.and_then(|tail| contents.len().checked_sub(tail));
    let mut rest = &contents[..entries_end.unwrap_or(0)];
    while let Some(handle) = next_value(&mut rest).and_then(|mut value| Handle::take(&mut value)) {
        handles.push(handle);
    }
    handles
}

fn next_value<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let _shared = take_varint(rest)?;
    let unshared = usize::try_from(take_varint(rest)?).ok()?;
    let value_len = usize::try_from(take_varint(rest)?).ok()?;
    let (_key, behind) = rest.split_at_checked(unshared)?;
    let (value, behind) = behind.split_at_checked(value_len)?;
    *rest = behind;
    Some(value)
}

/// A `BundleEntryProto`, field by field.
pub struct EntryProto(Vec<(u64, Field)>);

enum Field {
    Varint(u64),
    Fixed32(u32),
    Bytes(Vec<u8>),
}

impl EntryProto {
    /// Takes a message apart; `None` where it is none, or has fields of another form.
    pub fn parse(mut bytes: &[u8]) -> Option<Self> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let tag = take_varint(&mut bytes)?;
            let field = match tag & 7 {
                0 => Field::Varint(take_varint(&mut bytes)?),
                2 => Field::Bytes(take_bytes(&mut bytes)?),
                5 => {
                    let value = fixed32(bytes, 0)?;
                    bytes = &bytes[4..];
                    Field::Fixed32(value)
                }
                _ => return None,
            };
            fields.push((tag >> 3, field));
        }
        Some(Self(fields))
    }

    /// An entry of these numbers; `slices` are encoded slice messages.
    pub fn new(dtype: i32, shape: Vec<u8>, shard: u64, offset: u64, size: u64, crc: u32) -> Self {
        Self(vec![
            (1, Field::Varint(dtype as u64)),
            (2, Field::Bytes(shape)),
            (3, Field::Varint(shard)),
            (4, Field::Varint(offset)),
            (5, Field::Varint(size)),
            (6, Field::Fixed32(crc)),
        ])
    }

    fn number(&self, wanted: u64) -> u64 {
        let found = self.0.iter().rev().find_map(|(number, field)| match field {
            Field::Varint(value) if *number == wanted => Some(*value),
            _ => None,
        });
        found.unwrap_or(0)
    }

    /// Makes the checksum that of the bytes which the entry names, if they are there.
    /// Those of strings and variants are of another kind, and stay.
    pub fn fix(&mut self, shards: &[Vec<u8>]) {
        let dtype = i32::try_from(self.number(1)).ok().and_then(DType::from_number);
        if dtype.is_some_and(DType::is_variable_length) {
            return;
        }
        let range = || {
            let start = usize::try_from(self.number(4)).ok()?;
            let end = start.checked_add(usize::try_from(self.number(5)).ok()?)?;
            shards.get(usize::try_from(self.number(3)).ok()?)?.get(start..end)
        };
        if let Some(crc) = range().map(|bytes| mask(crc32c(bytes))) {
            self.0.retain(|(number, _)| *number != 6);
            self.0.push((6, Field::Fixed32(crc)));
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (number, field) in &self.0 {
            match field {
                Field::Varint(value) => {
                    put_varint(&mut out, number << 3);
                    put_varint(&mut out, *value);
                }
                Field::Bytes(bytes) => {
                    put_varint(&mut out, number << 3 | 2);
                    put_varint(&mut out, bytes.len() as u64);
                    out.extend_from_slice(bytes);
                }
                Field::Fixed32(value) => {
                    put_varint(&mut out, number << 3 | 5);
                    out.extend_from_slice(&value.to_le_bytes());
                }
            }
        }
        out
    }
}

fn take_bytes(bytes: &mut &[u8]) -> Option<Vec<u8>> {
    let len = usize::try_from(take_varint(bytes)?).ok()?;
    let (taken, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(taken.to_vec())
}

/// The message `TensorShapeProto` of a shape of one dimension.
pub fn vector_shape(len: u64) -> Vec<u8> {
    let mut dim = vec![8];
    put_varint(&mut dim, len);
    [&[18, dim.len() as u8], &dim[..]].concat()
}

/// What strings or variants that were tampered with stand for, once their
/// checksums are made right; an independent reading of the format.
pub struct Payload {
    /// `None` where they stand for nothing.
    pub elements: Option<Vec<Vec<u8>>>,
    /// The checksum that their entry must have.
    pub crc: u32,
}

/// Makes the checksum of the lengths right, if there is one.
pub fn fix_strings(bytes: &mut [u8], count: u64, big: bool) -> Payload {
    let mut rest = &bytes[..];
    let mut lengths = Vec::new();
    let mut crc = 0;
    for _ in 0..count {
        let Some(length) = take_varint(&mut rest) else {
            return Payload { elements: None, crc: 0 };
        };
        crc = match u32::try_from(length) {
            Ok(length) => extend(crc, &u32_bytes(length, big)),
            Err(_) => extend(crc, &u64_bytes(length, big)),
        };
        lengths.push(length);
    }
    let crc_at = bytes.len() - rest.len();
    let crc_bytes = u32_bytes(mask(crc), big);
    let Some(data_at) = fill(bytes, crc_at, &crc_bytes) else {
        return Payload { elements: None, crc: 0 };
    };
    let data = &bytes[data_at..];
    let crc = mask(extend(extend(crc, &crc_bytes), data));
    Payload { elements: split(data, &lengths), crc }
}

/// Cuts `data` into elements that take all of it.
fn split(mut data: &[u8], lengths: &[u64]) -> Option<Vec<Vec<u8>>> {
    let mut elements = Vec::new();
    for &length in lengths {
        let (element, rest) = data.split_at_checked(usize::try_from(length).ok()?)?;
        elements.push(element.to_vec());
        data = rest;
    }
    data.is_empty().then_some(elements)
}

/// Makes the checksum behind each record right.
pub fn fix_variants(bytes: &mut [u8], count: u64, big: bool) -> Payload {
    let mut crc = 0;
    let mut at = 0;
    let mut elements = Vec::new();
    for _ in 0..count {
        let mut rest = &bytes[at..];
        let Some(length) = take_varint(&mut rest) else { break };
        let record_at = bytes.len() - rest.len();
        let record = usize::try_from(length).ok().and_then(|length| rest.get(..length));
        let Some(record) = record.map(<[u8]>::to_vec) else { break };
        crc = extend(extend(crc, &u64_bytes(length, big)), &record);
        let crc_bytes = u32_bytes(mask(crc), big);
        let Some(next) = fill(bytes, record_at + record.len(), &crc_bytes) else { break };
        crc = extend(crc, &crc_bytes);
        elements.push(record);
        at = next;
    }
    let whole = elements.len() as u64 == count && at == bytes.len();
    Payload { elements: whole.then_some(elements), crc: mask(crc) }
}

/// Puts `value` at byte `at`, and says where it ends; `None` where there is no room.
fn fill(bytes: &mut [u8], at: usize, value: &[u8]) -> Option<usize> {
    let end = at + value.len();
    bytes.get_mut(at..end)?.copy_from_slice(value);
    Some(end)
}

fn u32_bytes(value: u32, big: bool) -> [u8; 4] {
    if big { value.to_be_bytes() } else { value.to_le_bytes() }
}

fn u64_bytes(value: u64, big: bool) -> [u8; 8] {
    if big { value.to_be_bytes() } else { value.to_le_bytes() }
}
