//! Archives of others in memory, whole and damaged in every way.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use tfckpt::Result;
use tfckpt::storage::MemoryFile;
use tfckpt::tensor::{DType, Shape};

use super::Reader;
use super::header::Header;
use crate::convert::archive::{Archive, Array};

/// What is in an archive: name, type, shape and content of each array.
type Content = Vec<(Vec<u8>, DType, Shape, Vec<u8>)>;

fn read(bytes: Vec<u8>) -> Result<Content> {
    let file = Arc::new(MemoryFile::new(Path::new("file.npz"), bytes));
    let reader = Reader::read_headers(file, &|_| true)?;
    let array = |at: usize| {
        let Array { name, dtype, shape, .. } = reader.arrays()[at].clone();
        let mut data = Vec::new();
        if dtype == DType::STRING {
            let strings = reader.read_strings(at)?;
            strings.iter().for_each(|string| data.extend([string, &b"|"[..]].concat()));
        } else {
            reader.read(at, &mut |block| {
                data.extend_from_slice(block);
                Ok(())
            })?;
        }
        Ok((name, dtype, shape, data))
    };
    (0..reader.arrays().len()).map(array).collect()
}

fn npy(descr: &str, fortran_order: bool, shape: &[i64], data: &[u8]) -> Vec<u8> {
    let header = Header::bytes(descr, shape);
    let header = String::from_utf8_lossy(&header[10..]).into_owned();
    let header = header.replace("False", if fortran_order { "True " } else { "False" });
    let len = (header.len() as u16).to_le_bytes();
    [&b"\x93NUMPY\x01\x00"[..], &len, header.as_bytes(), data].concat()
}

fn archive(entries: &[(&str, bool, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipArchiveWriter::new(Vec::new());
    for (name, packed, data) in entries {
        let method = if *packed { CompressionMethod::DEFLATE } else { CompressionMethod::STORE };
        let (mut entry, config) = zip.new_file(*name).compression_method(method).start().unwrap();
        let descriptor = if *packed {
            let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::default()));
            writer.write_all(data).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            descriptor
        } else {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(data).unwrap();
            writer.finish().unwrap().1
        };
        entry.finish(descriptor).unwrap();
    }
    zip.finish().unwrap()
}

fn good() -> Vec<u8> {
    archive(&[
        ("a.npy", true, npy("<i4", true, &[2, 3], &[7; 24])),
        ("b/c.npy", false, npy(">f8", false, &[1], &1.5f64.to_be_bytes())),
        ("s.npy", true, npy("|S3", false, &[2], b"ab\0cde")),
        ("u.npy", false, npy("<U1", false, &[1], b"x\0\0\0")),
    ])
}

/// Entries may say behind their bytes what they are, rather than before.
#[test]
fn sizes_behind_the_bytes() {
    let content = read(good()).unwrap();
    let data: Vec<&[u8]> = content.iter().map(|(.., data)| data.as_slice()).collect();
    assert_eq!(data, [&[7; 24][..], &1.5f64.to_ne_bytes(), b"ab|cde|", b"x|"]);
}

#[test]
fn whatever_bit_is_flipped_nothing_else_is_read() {
    let (bytes, content) = (good(), read(good()).unwrap());
    let mut refused = 0;
    for bit in 0..bytes.len() * 8 {
        let mut bad = bytes.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        match read(bad) {
            Ok(read) => assert!(read == content, "bit {bit}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > bytes.len() * 4, "{refused} of {}", bytes.len() * 8);
}

#[test]
fn wherever_it_is_cut_nothing_is_read() {
    let bytes = good();
    for len in 0..bytes.len() {
        assert!(read(bytes[..len].to_vec()).is_err(), "{len}");
    }
}

#[test]
fn numbers_that_lie() {
    let bytes = good();
    for at in 0..bytes.len() - 8 {
        for lie in [0, 1, u64::from(u16::MAX), u64::from(u32::MAX), u64::MAX, 1 << 63] {
            for len in [2, 4, 8] {
                let mut bad = bytes.clone();
                bad[at..at + len].copy_from_slice(&lie.to_le_bytes()[..len]);
                // It ends, and does not take what is not there.
                let _ = read(bad);
            }
        }
    }
}
