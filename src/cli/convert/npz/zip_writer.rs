//! The ZIP archive that a `.npz` is, being written.
//!
//! ```text
//! local header, name, sizes │ bytes   one after the other
//! directory: a header for each        at the end
//! ```
//! Nothing is packed. Byte for byte it is what `numpy.savez` makes of the same entries:
//! the sizes in the local header always take 64 bits, all else that can takes 32 bits.
//! The checksum in front of the bytes is filled in behind them, so the archive can be
//! read without its directory too.

use rawzip::Crc32;
use tfckpt::Result;

use crate::convert::error::unsupported;
use crate::convert::output::Output;

const LOCAL_HEADER: u32 = 0x0403_4b50;
const DIRECTORY_HEADER: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const END_64_LOCATOR: u32 = 0x0706_4b50;

/// What sizes of 64 bits ask of a reader.
const VERSION: u16 = 45;
const UNIX: u16 = 3;
/// Says that a name is UTF-8.
const UTF8: u16 = 1 << 11;
const STORED: u16 = 0;
/// The first of January 1980, at which the calendar of ZIP begins.
const DATE: u16 = (1 << 5) | 1;
/// Readable and writable by its owner.
const MODE: u32 = 0o600 << 16;
/// The extra field for what needs 64 bits.
const SIZES_64: u16 = 1;
/// Where a local header has the checksum.
const CRC_AT: u64 = 14;
/// Readers of old take sizes and offsets to have a sign.
const MOST_32: u64 = i32::MAX as u64;
const MOST_ENTRIES: u64 = u16::MAX as u64;

/// An archive being written. Entries come one after the other.
pub struct ZipWriter {
    output: Output,
    /// The directory, as far as it is known.
    directory: Vec<u8>,
    count: u64,
    open: Open,
}

/// The entry that is being written.
#[derive(Default)]
struct Open {
    name: String,
    header: u64,
    size: u64,
    crc: Crc32,
}

/// The longest name that an entry can have, in bytes.
pub const MAX_NAME: usize = u16::MAX as usize;

impl ZipWriter {
    pub fn new(output: Output) -> Self {
        Self { output, directory: Vec::new(), count: 0, open: Open::default() }
    }

    /// Begins an entry of so many bytes.
    pub fn begin(&mut self, name: &str, size: u64) -> Result<()> {
        let header = self.output.position();
        self.open = Open { name: name.to_string(), header, size, crc: Crc32::new() };
        let mut bytes = Vec::new();
        put_u32(&mut bytes, LOCAL_HEADER);
        self.open.put_common(&mut bytes, 0, u64::MAX)?;
        put_u16(&mut bytes, 20);
        bytes.extend_from_slice(name.as_bytes());
        put_extra(&mut bytes, &[size, size]);
        self.output.write(&bytes)
    }

    pub fn write(&mut self, data: &[u8]) -> Result<()> {
        self.open.crc.update(data);
        self.output.write(data)
    }

    /// Ends an entry of which all bytes have come.
    pub fn end(&mut self) -> Result<()> {
        let Open { name, header, size, crc } = &self.open;
        let crc = crc.checksum();
        self.output.mend(header + CRC_AT, &crc.to_le_bytes())?;
        let large = if *size > MOST_32 { &[*size, *size][..] } else { &[] };
        let far = if *header > MOST_32 { &[*header][..] } else { &[] };
        let extra = [large, far].concat();
        let directory = &mut self.directory;
        put_u32(directory, DIRECTORY_HEADER);
        put_u16(directory, (UNIX << 8) | VERSION);
        self.open.put_common(directory, crc, *size)?;
        put_u16(directory, if extra.is_empty() { 0 } else { 4 + 8 * extra.len() as u16 });
        // No comment, the first disk, bytes rather than text.
        put_all_u16(directory, &[0, 0, 0]);
        put_u32(directory, MODE);
        put_u32(directory, low(*header));
        directory.extend_from_slice(name.as_bytes());
        if !extra.is_empty() {
            put_extra(directory, &extra);
        }
        self.count += 1;
        Ok(())
    }

    /// Writes the directory, and makes the file appear.
    pub fn finish(mut self) -> Result<()> {
        let (start, len) = (self.output.position(), self.directory.len() as u64);
        self.output.write(&self.directory)?;
        let mut end = Vec::new();
        if self.count > MOST_ENTRIES || start > MOST_32 || len > MOST_32 {
            put_end_64(&mut end, self.count, start, len);
        }
        let count = self.count.min(MOST_ENTRIES) as u16;
        put_u32(&mut end, END);
        put_all_u16(&mut end, &[0, 0, count, count]);
        put_u32(&mut end, end_low(len));
        put_u32(&mut end, end_low(start));
        put_u16(&mut end, 0);
        self.output.write(&end)?;
        self.output.commit()
    }
}

impl Open {
    /// What both headers have between their beginning and the name's length, that
    /// included.
    fn put_common(&self, bytes: &mut Vec<u8>, crc: u32, size: u64) -> Result<()> {
        let name_len = u16::try_from(self.name.len())
            .map_err(|_| unsupported(format!("a name has at most {MAX_NAME} bytes")))?;
        let flags = if self.name.is_ascii() { 0 } else { UTF8 };
        put_all_u16(bytes, &[VERSION, flags, STORED, 0, DATE]);
        put_u32(bytes, crc);
        put_u32(bytes, low(size));
        put_u32(bytes, low(size));
        put_u16(bytes, name_len);
        Ok(())
    }
}

/// In 32 bits, or what says that it stands elsewhere in 64.
fn low(value: u64) -> u32 {
    if value > MOST_32 { u32::MAX } else { value as u32 }
}

/// In 32 bits if it fits at all: the end of the archive has all in 64 besides.
fn end_low(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn put_end_64(bytes: &mut Vec<u8>, count: u64, start: u64, len: u64) {
    put_u32(bytes, END_64);
    // What comes behind this number.
    put_u64(bytes, 44);
    put_all_u16(bytes, &[VERSION, VERSION]);
    put_u64(bytes, 0);
    for number in [count, count, len, start] {
        put_u64(bytes, number);
    }
    put_u32(bytes, END_64_LOCATOR);
    put_u32(bytes, 0);
    put_u64(bytes, start + len);
    put_u32(bytes, 1);
}

fn put_extra(bytes: &mut Vec<u8>, values: &[u64]) {
    put_all_u16(bytes, &[SIZES_64, 8 * values.len() as u16]);
    values.iter().for_each(|&value| put_u64(bytes, value));
}

fn put_u16(bytes: &mut Vec<u8>, value: u16) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

fn put_all_u16(bytes: &mut Vec<u8>, values: &[u16]) {
    values.iter().for_each(|&value| put_u16(bytes, value));
}

fn put_u32(bytes: &mut Vec<u8>, value: u32) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

fn put_u64(bytes: &mut Vec<u8>, value: u64) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use tfckpt::storage::{LocalStorage, Storage};

    use super::super::zip::{Entry, Zip};
    use super::*;

    fn written(write: impl FnOnce(&mut ZipWriter)) -> (tempfile::TempDir, Zip, Vec<Entry>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file.zip");
        let mut zip = ZipWriter::new(Output::create(&path).unwrap());
        write(&mut zip);
        zip.finish().unwrap();
        let zip = Zip::open(LocalStorage.open(&path).unwrap()).unwrap();
        let entries = zip.entries().unwrap();
        (dir, zip, entries)
    }

    fn add(zip: &mut ZipWriter, name: &str, data: &[u8]) {
        zip.begin(name, data.len() as u64).unwrap();
        zip.write(data).unwrap();
        zip.end().unwrap();
    }

    fn read(zip: &Zip, entry: &Entry) -> Vec<u8> {
        let mut data = Vec::new();
        zip.read(entry).unwrap().read_to_end(&mut data).unwrap();
        data
    }

    #[test]
    fn entries_and_places_beyond_four_gigabytes() {
        const LARGE: u64 = 5 << 30;
        let (_dir, zip, entries) = written(|zip| {
            add(zip, "first", b"abc");
            // A hole in the file, and no checksum of it.
            zip.begin("large", LARGE).unwrap();
            zip.output.leave_hole(LARGE);
            zip.end().unwrap();
            add(zip, "最后", b"defg");
        });
        let sizes: Vec<u64> = entries.iter().map(|entry| entry.size).collect();
        assert_eq!(sizes, [3, LARGE, 4]);
        assert!(entries[2].start > LARGE && entries.iter().all(|entry| entry.refused.is_none()));
        assert_eq!(read(&zip, &entries[0]), b"abc");
        assert_eq!(
            (entries[2].name.as_slice(), read(&zip, &entries[2])),
            ("最后".as_bytes(), b"defg".to_vec())
        );
    }

    #[test]
    fn more_entries_than_16_bits_can_count() {
        for count in [65_534, 65_535, 65_536, 70_000] {
            let (_dir, zip, entries) = written(|zip| {
                (0..count).for_each(|number| add(zip, &number.to_string(), &[number as u8]));
            });
            assert_eq!(entries.len(), count);
            let last = entries.last().unwrap();
            assert_eq!((read(&zip, last), last.refused.clone()), (vec![(count - 1) as u8], None));
        }
    }

    #[test]
    fn names_have_a_longest() {
        let (_dir, _, entries) = written(|zip| {
            add(zip, &"x".repeat(MAX_NAME), b"");
            assert!(zip.begin(&"x".repeat(MAX_NAME + 1), 0).is_err());
        });
        assert_eq!(entries[0].name.len(), MAX_NAME);
    }
}
