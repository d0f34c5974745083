//! Files of others, byte by byte.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// A `.npy`.
pub fn npy(descr: &str, fortran_order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let text =
        format!("{{'descr': '{descr}', 'fortran_order': {fortran_order}, 'shape': {shape}, }}\n");
    npy_of(1, &text, data)
}

/// A `.npy` of any text, in a version of the format.
pub fn npy_of(version: u8, text: &str, data: &[u8]) -> Vec<u8> {
    let len = (text.len() as u32).to_le_bytes();
    let len = if version == 1 { &len[..2] } else { &len[..] };
    [&b"\x93NUMPY"[..], &[version, 0], len, text.as_bytes(), data].concat()
}

/// Bytes of numbers, the low byte first.
macro_rules! le {
    ($($value:expr),* $(,)?) => {
        [$($value.to_le_bytes().to_vec()),*].concat()
    };
}
/// Bytes of numbers, the high byte first.
macro_rules! be {
    ($($value:expr),* $(,)?) => {
        [$($value.to_be_bytes().to_vec()),*].concat()
    };
}
pub(crate) use {be, le};

/// An entry of a ZIP archive, of which everything can be a lie.
#[derive(Clone)]
pub struct Entry {
    pub name: Vec<u8>,
    pub local_name: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    /// How many bytes it is said to have as stored, and unpacked.
    pub stored: u32,
    pub size: u32,
    /// Where it is, if not behind the one before.
    pub at: Option<u32>,
    pub bytes: Vec<u8>,
}

impl Entry {
    pub fn stored(name: &str, data: &[u8]) -> Self {
        Self {
            name: name.into(),
            local_name: name.into(),
            flags: if name.is_ascii() { 0 } else { 1 << 11 },
            method: 0,
            crc: rawzip::crc32(data),
            stored: data.len() as u32,
            size: data.len() as u32,
            at: None,
            bytes: data.to_vec(),
        }
    }

    pub fn packed(name: &str, data: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        let bytes = encoder.finish().unwrap();
        let stored = bytes.len() as u32;
        Self { method: 8, bytes, stored, ..Self::stored(name, data) }
    }

    fn put_common(&self, out: &mut Vec<u8>) {
        for number in [20, self.flags, self.method, 0, 33] {
            out.extend(u16::to_le_bytes(number));
        }
        for number in [self.crc, self.stored, self.size] {
            out.extend(u32::to_le_bytes(number));
        }
    }
}

/// A ZIP archive.
pub fn zip(entries: &[Entry]) -> Vec<u8> {
    zip_saying(entries, entries.len() as u16)
}

/// A ZIP archive that says how many entries it has.
pub fn zip_saying(entries: &[Entry], count: u16) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = entry.at.unwrap_or(out.len() as u32);
        out.extend(b"PK\x03\x04");
        entry.put_common(&mut out);
        out.extend(le![entry.local_name.len() as u16, 0u16]);
        out.extend(&entry.local_name);
        out.extend(&entry.bytes);
        directory.extend(b"PK\x01\x02\x14\x03");
        entry.put_common(&mut directory);
        directory.extend(le![entry.name.len() as u16, 0u16, 0u16, 0u16, 0u16, 0u32, at]);
        directory.extend(&entry.name);
    }
    let (start, len) = (out.len() as u32, directory.len() as u32);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(le![count, count, len, start, 0u16]);
    out
}

/// A `.safetensors`.
pub fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}
