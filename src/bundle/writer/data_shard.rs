//! One data file being written, from front to back.

use crate::bundle::header::Endianness;
use crate::bundle::variable::{BLOCK, LengthCrc};
use crate::checksum;
use crate::coding;
use crate::error::Result;
use crate::storage::WriteFile;
use crate::tensor::{DType, StringsRef, swap_bytes};

/// How much is collected before it is written; of many shards each gets less.
const BUFFER: usize = 1 << 20;
const ALL_BUFFERS: usize = 4 << 20;
const LEAST_BUFFER: usize = 16 << 10;
/// Less than this is put into the buffer with no further ado.
const FEW: usize = 4 << 10;
/// Data of this size go past the buffer.
pub(super) const DIRECT: usize = 64 << 10;
/// In pieces of this size, of which the CRC is taken while they are in the cache. They
/// end at multiples of it, for the page cache takes large pages where it can.
pub(super) const PIECE: usize = 1 << 20;
/// Room is made for so much more than there is, where nobody says how much will come.
const LEAST_AHEAD: u64 = 1 << 20;
const MOST_AHEAD: u64 = 64 << 20;
/// Every so many bytes are sent on to the disk.
const WRITE_BACK: u64 = 4 << 20;

/// One data file being written.
#[derive(Debug)]
pub(in crate::bundle) struct DataShard {
    file: Box<dyn WriteFile>,
    buf: Vec<u8>,
    capacity: usize,
    /// How much is in the file; the buffer comes behind.
    written: u64,
    /// Up to where the file has been given room.
    allocated: u64,
    /// Whether it is going to be synced.
    sync: bool,
    /// Up to where it is on its way to the disk.
    sent: u64,
}

/// Where something was written, and its masked CRC.
pub(in crate::bundle) struct Place {
    pub(in crate::bundle) offset: u64,
    pub(in crate::bundle) size: u64,
    pub(in crate::bundle) crc32c: u32,
}

impl DataShard {
    pub(in crate::bundle) fn new(file: Box<dyn WriteFile>, num_shards: u32, sync: bool) -> Self {
        let capacity = (ALL_BUFFERS / num_shards as usize).clamp(LEAST_BUFFER, BUFFER);
        // Of which the pieces that go past the buffer are a multiple.
        let capacity = 1 << capacity.ilog2();
        Self { file, buf: Vec::new(), capacity, written: 0, allocated: 0, sync, sent: 0 }
    }

    /// How many bytes there are so far.
    pub(in crate::bundle) fn len(&self) -> u64 {
        self.written + self.buf.len() as u64
    }

    /// Pads to a multiple of `alignment`, and says where that is. `size` bytes will
    /// follow.
    pub(in crate::bundle) fn begin(&mut self, alignment: u64, size: u64) -> Result<u64> {
        let offset = self.len().next_multiple_of(alignment);
        self.pad_to(offset)?;
        if size > MOST_AHEAD {
            self.expect(offset.saturating_add(size));
        }
        Ok(offset)
    }

    /// Adds zeros up to byte `offset`.
    pub(super) fn pad_to(&mut self, offset: u64) -> Result<()> {
        const ZEROS: [u8; 4096] = [0; 4096];
        while let missing @ 1.. = offset.saturating_sub(self.len()) {
            self.write(&ZEROS[..missing.min(ZEROS.len() as u64) as usize])?;
        }
        Ok(())
    }

    /// The file will have bytes up to `end`.
    pub(super) fn expect(&mut self, end: u64) {
        let start = self.allocated.max(self.written);
        if end >= start.saturating_add(LEAST_AHEAD) {
            self.file.allocate(start..end);
            self.allocated = end;
        }
    }

    /// Adds `data` at byte `offset`, zeros before it, each `swap_unit` bytes of it turned
    /// round, and returns its CRC.
    #[inline]
    pub(super) fn append_at(&mut self, offset: u64, data: &[u8], swap_unit: usize) -> Result<u32> {
        if offset == self.len() && swap_unit == 1 && data.len() < self.room().min(FEW) {
            self.buf.extend_from_slice(data);
            return Ok(checksum::crc32c(data));
        }
        self.pad_to(offset)?;
        self.append_as(data, swap_unit)
    }

    /// Appends `data`, each `swap_unit` bytes of it turned round, and returns its CRC.
    pub(super) fn append_as(&mut self, data: &[u8], swap_unit: usize) -> Result<u32> {
        if swap_unit == 1 {
            return self.append(data, 0);
        }
        let mut buf = Vec::new();
        data.chunks(DIRECT).try_fold(0, |crc, piece| {
            buf.clear();
            buf.extend_from_slice(piece);
            swap_bytes(&mut buf, swap_unit);
            self.append(&buf, crc)
        })
    }

    /// Appends `data`, and returns `crc` continued over it.
    pub(in crate::bundle) fn append(&mut self, mut data: &[u8], mut crc: u32) -> Result<u32> {
        while !data.is_empty() {
            let room = PIECE - (self.len() % PIECE as u64) as usize;
            let (piece, rest) = data.split_at(room.min(data.len()));
            crc = checksum::extend(crc, piece);
            self.write(piece)?;
            data = rest;
        }
        Ok(crc)
    }

    /// Up to here the buffer is filled before it is written, so that it ends at a multiple
    /// of its size.
    #[inline]
    fn room(&self) -> usize {
        self.capacity - (self.len() as usize & (self.capacity - 1))
    }

    fn write(&mut self, mut data: &[u8]) -> Result<()> {
        loop {
            if data.len() >= DIRECT.min(self.capacity) {
                self.flush()?;
                return self.write_out(data);
            }
            let room = self.room();
            if data.len() < room {
                self.buf.extend_from_slice(data);
                return Ok(());
            }
            let (first, rest) = data.split_at(room);
            self.buf.extend_from_slice(first);
            self.flush()?;
            data = rest;
        }
    }

    /// Writes what is in the buffer.
    pub(super) fn flush(&mut self) -> Result<()> {
        if !self.buf.is_empty() {
            let mut buf = std::mem::take(&mut self.buf);
            self.write_out(&buf)?;
            buf.clear();
            self.buf = buf;
        }
        Ok(())
    }

    fn write_out(&mut self, data: &[u8]) -> Result<()> {
        let end = self.written + data.len() as u64;
        if end > self.allocated {
            self.expect(end.max(self.written + self.written.min(MOST_AHEAD)));
        }
        self.file.write_all_at(data, self.written)?;
        self.written = end;
        if self.sync && end - self.sent >= WRITE_BACK {
            self.file.start_write_back(self.sent..end);
            self.sent = end;
        }
        Ok(())
    }

    /// The file, whose next byte is the one of [`len`](Self::len) when it was
    /// [flushed](Self::flush).
    pub(super) fn file(&self) -> &dyn WriteFile {
        self.file.as_ref()
    }

    /// Others have written up to `end`.
    pub(super) fn skip_to(&mut self, end: u64) {
        self.written = end;
        self.sent = end;
    }

    /// Whether what is written goes to the disk at once.
    pub(super) fn is_synced(&self) -> bool {
        self.sync
    }

    /// Writes what is still in the buffer.
    pub(in crate::bundle) fn finish(&mut self) -> Result<()> {
        self.flush()?;
        if self.allocated > self.written {
            self.file.end_allocation(self.written);
        }
        if self.sync { self.file.sync() } else { Ok(()) }
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
        let mut crc = LengthCrc::new(endianness);
        let offsets = strings.offsets();
        for first in (0..strings.len()).step_by(BLOCK) {
            let block = &offsets[first..=strings.len().min(first + BLOCK)];
            self.add_lengths(block, &mut crc)?;
        }
        let crc = self.add_crc(crc.finish(), endianness)?;
        self.append(strings.data(), crc)
    }

    /// Writes the lengths of the elements between [`BLOCK`] + 1 offsets at most.
    fn add_lengths(&mut self, offsets: &[i64], crc: &mut LengthCrc) -> Result<()> {
        let lengths = || offsets.windows(2).map(|pair| (pair[1] - pair[0]) as u64);
        if lengths().fold(0, |all, length| all | length) < 0x80 {
            let mut short = [0; BLOCK];
            short.iter_mut().zip(lengths()).for_each(|(short, length)| *short = length as u8);
            let short = &short[..offsets.len() - 1];
            crc.add_short_lengths(short);
            return self.write(short);
        }
        let mut varints = Vec::with_capacity(2 * BLOCK);
        for length in lengths() {
            coding::put_varint(&mut varints, length);
            crc.add_string_length(length);
        }
        self.write(&varints)
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
