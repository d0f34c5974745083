//! One data file being written, from front to back.

use crate::bundle::header::Endianness;
use crate::bundle::variable::LengthCrc;
use crate::checksum;
use crate::coding;
use crate::error::Result;
use crate::storage::WriteFile;
use crate::tensor::{DType, StringsRef};

/// How much is collected before it is written; of many shards each gets less.
const BUFFER: usize = 1 << 20;
const ALL_BUFFERS: usize = 4 << 20;
const LEAST_BUFFER: usize = 16 << 10;
/// Larger data go past the buffer, in pieces of which the CRC is taken while
/// they are in the cache.
const PIECE: usize = 256 << 10;

/// One data file being written.
#[derive(Debug)]
pub(in crate::bundle) struct DataShard {
    file: Box<dyn WriteFile>,
    buf: Vec<u8>,
    capacity: usize,
    /// How much is in the file; the buffer comes behind.
    written: u64,
}

/// Where something was written, and its masked CRC.
pub(in crate::bundle) struct Place {
    pub(in crate::bundle) offset: u64,
    pub(in crate::bundle) size: u64,
    pub(in crate::bundle) crc32c: u32,
}

impl DataShard {
    pub(in crate::bundle) fn new(file: Box<dyn WriteFile>, num_shards: u32) -> Self {
        let capacity = (ALL_BUFFERS / num_shards as usize).clamp(LEAST_BUFFER, BUFFER);
        Self { file, buf: Vec::new(), capacity, written: 0 }
    }

    /// How many bytes there are so far.
    pub(in crate::bundle) fn len(&self) -> u64 {
        self.written + self.buf.len() as u64
    }

    /// Pads to a multiple of `alignment`, and says where that is.
    pub(in crate::bundle) fn begin(&mut self, alignment: u64) -> Result<u64> {
        let padding = self.len().next_multiple_of(alignment) - self.len();
        for _ in 0..padding / PIECE as u64 {
            self.write(&[0; PIECE])?;
        }
        self.write(&vec![0; (padding % PIECE as u64) as usize])?;
        Ok(self.len())
    }

    /// Appends `data`, and returns `crc` continued over it.
    pub(in crate::bundle) fn append(&mut self, data: &[u8], mut crc: u32) -> Result<u32> {
        for piece in data.chunks(PIECE) {
            crc = checksum::extend(crc, piece);
            self.write(piece)?;
        }
        Ok(crc)
    }

    fn write(&mut self, data: &[u8]) -> Result<()> {
        if self.buf.len() + data.len() > self.capacity {
            self.flush()?;
        }
        if data.len() >= self.capacity / 2 {
            self.flush()?;
            self.file.write_all_at(data, self.written)?;
            self.written += data.len() as u64;
        } else {
            self.buf.extend_from_slice(data);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if !self.buf.is_empty() {
            self.file.write_all_at(&self.buf, self.written)?;
            self.written += self.buf.len() as u64;
            self.buf.clear();
        }
        Ok(())
    }

    /// Writes what is still in the buffer.
    pub(in crate::bundle) fn finish(&mut self, sync: bool) -> Result<()> {
        self.flush()?;
        if sync { self.file.sync() } else { Ok(()) }
    }

    /// Writes elements of varying length, laid out as `variable` reads them.
    pub(in crate::bundle) fn add_variable(
        &mut self,
        dtype: DType,
        strings: StringsRef<'_>,
        endianness: Endianness,
    ) -> Result<Place> {
        let offset = self.len();
        let crc = if dtype == DType::STRING {
            self.add_strings(strings, endianness)?
        } else {
            self.add_records(strings, endianness)?
        };
        Ok(Place { offset, size: self.len() - offset, crc32c: checksum::mask(crc) })
    }

    fn add_strings(&mut self, strings: StringsRef<'_>, endianness: Endianness) -> Result<u32> {
        let mut lengths_crc = LengthCrc::new(endianness);
        let mut lengths = Vec::with_capacity(PIECE);
        for element in strings.iter() {
            let length = element.len() as u64;
            coding::put_varint(&mut lengths, length);
            lengths_crc.add_string_length(length);
            if lengths.len() > PIECE - coding::MAX_VARINT_LEN {
                self.write(&lengths)?;
                lengths.clear();
            }
        }
        self.write(&lengths)?;
        let crc = self.add_crc(lengths_crc.finish(), endianness)?;
        self.append(strings.data(), crc)
    }

    fn add_records(&mut self, records: StringsRef<'_>, endianness: Endianness) -> Result<u32> {
        let mut crc = 0;
        let mut varint = Vec::with_capacity(coding::MAX_VARINT_LEN);
        for record in records.iter() {
            let length = record.len() as u64;
            varint.clear();
            coding::put_varint(&mut varint, length);
            self.write(&varint)?;
            crc = checksum::extend(crc, &endianness.u64_bytes(length));
            crc = self.append(record, crc)?;
            crc = self.add_crc(crc, endianness)?;
        }
        Ok(crc)
    }

    /// Stores `crc`, masked, and returns it continued over the stored bytes.
    fn add_crc(&mut self, crc: u32, endianness: Endianness) -> Result<u32> {
        self.append(&endianness.u32_bytes(checksum::mask(crc)), crc)
    }
}
