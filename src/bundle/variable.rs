//! Elements of varying length: strings, and the serialized records of variants.
//!
//! ```text
//! strings    varint LENGTH × n | crc of lengths (4, masked) | bytes × n
//! variants   (varint LENGTH | bytes | crc so far (4, masked)) × n
//! ```
//! The checksums take a length not as its varint but as a fixed integer in the
//! bundle's byte order: of strings as 4 bytes, 8 where it does not fit; of
//! variants always as 8. Each stored checksum enters the running one as stored.

use super::header::Endianness;
use super::plan::{Part, Plan};
use super::reader::ReadOptions;
use super::shards::Shards;
use super::stored::{PIECE, Stored};
use crate::checksum;
use crate::coding::{self, MAX_VARINT_LEN};
use crate::error::{Error, Result};
use crate::progress::UNWATCHED;
use crate::storage;
use crate::tensor::{DType, Strings};

/// Carries out a plan for elements of varying length.
pub(super) fn read(
    shards: &Shards,
    endianness: Endianness,
    plan: &Plan,
    options: &ReadOptions,
) -> Result<Strings> {
    check_dtype(plan.dtype)?;
    let decode_part = |part: &Part| {
        let stored = Stored::open(shards, &part.entry, endianness, &options.progress)?;
        decode(&stored, part.entry.dtype, part.entry.shape.num_elements(), options.verify)
    };
    if let Some(part) = plan.single() {
        return decode_part(part);
    }
    let decoded = plan.parts.iter().map(decode_part).collect::<Result<Vec<_>>>()?;
    Ok(Strings::gather(plan.parts.iter().map(|part| &part.overlap), &decoded))
}

/// Refuses types whose elements have a fixed size, or no form in a file.
pub(crate) fn check_dtype(dtype: DType) -> Result<()> {
    match dtype.size() {
        _ if dtype.is_variable_length() => Ok(()),
        Some(_) => Err(Error::invalid(format!("{dtype} has elements of a fixed size"))),
        None => Err(Error::unsupported(format!("{dtype} has no values in a file"))),
    }
}

/// Reads and checks all elements of one entry. `Entry::parse` has seen to it
/// that `elements` is less than the entry's size.
fn decode(stored: &Stored<'_>, dtype: DType, elements: u64, verify: bool) -> Result<Strings> {
    let mut strings = Strings::with_capacity(elements as usize, 0);
    let crc = if dtype == DType::STRING {
        decode_strings(stored, elements, verify, &mut strings)?
    } else {
        decode_variants(stored, elements, verify, &mut strings)?
    };
    if verify {
        stored.check(crc)?;
    }
    Ok(strings)
}

/// How many bytes the strings that a plan names have in all.
pub(super) fn string_bytes_of_plan(
    shards: &Shards,
    endianness: Endianness,
    plan: &Plan,
) -> Result<u64> {
    if plan.dtype != DType::STRING {
        return Err(Error::invalid(format!("{} is not a string tensor", plan.dtype)));
    }
    plan.parts.iter().try_fold(0, |total, part| {
        let stored = Stored::open(shards, &part.entry, endianness, &UNWATCHED)?;
        Ok(total + string_bytes(&stored, part.entry.shape.num_elements())?)
    })
}

/// How many bytes the strings of one entry have in all, lengths left out. Reads
/// only the lengths, and checks them against the size of the entry.
fn string_bytes(stored: &Stored<'_>, elements: u64) -> Result<u64> {
    // Without the bytes themselves no checksum is whole.
    take_lengths(&mut Stream::new(stored), elements, false, None).map(|(_, total)| total)
}

/// Checks all elements of one entry, and keeps none of them.
pub(super) fn check(stored: &Stored<'_>, dtype: DType, elements: u64) -> Result<()> {
    let mut stream = Stream::new(stored);
    let crc = if dtype == DType::STRING {
        let (crc, total) = take_lengths(&mut stream, elements, true, None)?;
        stream.pass_over(total, crc)?
    } else {
        (0..elements).try_fold(0, |crc, _| {
            let length = stream.take_record_length()?;
            let crc = checksum::extend(crc, &stored.endianness.u64_bytes(length));
            let crc = stream.pass_over(length, crc)?;
            stream.check_crc(crc, true, "records so far")
        })?
    };
    stream.check_end()?;
    stored.check(crc)
}

/// Takes the lengths of strings and their checksum. Adds to `ends` where each
/// element ends; returns the checksum so far, and the length of all together,
/// which is what is left of the entry.
fn take_lengths(
    stream: &mut Stream<'_>,
    elements: u64,
    verify: bool,
    mut ends: Option<&mut Vec<i64>>,
) -> Result<(u32, u64)> {
    let mut crc = LengthCrc::new(stream.stored.endianness);
    let (mut total, mut left) = (0u64, elements);
    while left > 0 {
        let short = stream.short_lengths(left, total)?;
        if short.is_empty() {
            let length = stream.take_length()?;
            total = length
                .checked_add(total)
                .filter(|&total| total <= stream.stored.size)
                .ok_or_else(|| stream.too_long())?;
            if let Some(ends) = &mut ends {
                ends.push(total as i64);
            }
            crc.add_string_length(length);
            left -= 1;
            continue;
        }
        let end = |length: &u8| {
            total += u64::from(*length);
            total as i64
        };
        match &mut ends {
            Some(ends) => ends.extend(short.iter().map(end)),
            None => short.iter().map(end).for_each(drop),
        }
        crc.add_short_lengths(short);
        let count = short.len();
        left -= count as u64;
        stream.unread.start += count;
    }
    let crc = stream.check_crc(crc.finish(), verify, "lengths")?;
    if total != stream.left() {
        return Err(stream.wrong_total(total));
    }
    Ok((crc, total))
}

fn decode_strings(
    stored: &Stored<'_>,
    elements: u64,
    verify: bool,
    strings: &mut Strings,
) -> Result<u32> {
    let mut stream = Stream::new(stored);
    let (offsets, data) = strings.parts_mut();
    let (crc, total) = take_lengths(&mut stream, elements, verify, Some(offsets))?;
    // No longer than what is left of the entry, which lies within its file.
    *data = storage::zeros(total as usize);
    data.chunks_mut(PIECE).try_fold(crc, |crc, piece| {
        stream.take_into(piece)?;
        Ok(if verify { checksum::extend(crc, piece) } else { crc })
    })
}

fn decode_variants(
    stored: &Stored<'_>,
    elements: u64,
    verify: bool,
    strings: &mut Strings,
) -> Result<u32> {
    let mut stream = Stream::new(stored);
    let mut crc = 0;
    let (offsets, data) = strings.parts_mut();
    for _ in 0..elements {
        let length = stream.take_record_length()?;
        let start = data.len();
        data.resize(start + length as usize, 0);
        stream.take_into(&mut data[start..])?;
        offsets.push(data.len() as i64);
        crc = checksum::extend(crc, &stored.endianness.u64_bytes(length));
        crc = checksum::extend(crc, &data[start..]);
        crc = stream.check_crc(crc, verify, "records so far")?;
    }
    stream.check_end()?;
    Ok(crc)
}

/// So many lengths are looked at together. Most strings are short, and their lengths are
/// a byte each.
pub(super) const BLOCK: usize = 1024;

/// The checksum of string lengths, taken a block at a time.
pub(super) struct LengthCrc {
    endianness: Endianness,
    crc: u32,
    pending: Vec<u8>,
}

impl LengthCrc {
    pub(super) fn new(endianness: Endianness) -> Self {
        Self { endianness, crc: 0, pending: Vec::with_capacity(4096) }
    }

    pub(super) fn add_string_length(&mut self, length: u64) {
        match u32::try_from(length) {
            Ok(length) => self.pending.extend(self.endianness.u32_bytes(length)),
            Err(_) => self.pending.extend(self.endianness.u64_bytes(length)),
        }
        if self.pending.len() > 4096 - 8 {
            self.flush();
        }
    }

    /// The same for up to [`BLOCK`] lengths.
    pub(super) fn add_short_lengths(&mut self, lengths: &[u8]) {
        self.flush();
        let mut fixed = [[0; 4]; BLOCK];
        let ends = fixed.iter_mut().zip(lengths);
        match self.endianness {
            Endianness::Little => ends.for_each(|(fixed, &length)| fixed[0] = length),
            Endianness::Big => ends.for_each(|(fixed, &length)| fixed[3] = length),
        }
        let fixed = fixed.get(..lengths.len()).unwrap_or(&fixed);
        self.crc = checksum::extend(self.crc, fixed.as_flattened());
    }

    fn flush(&mut self) {
        self.crc = checksum::extend(self.crc, &self.pending);
        self.pending.clear();
    }

    pub(super) fn finish(mut self) -> u32 {
        self.flush();
        self.crc
    }
}

/// The bytes of an entry from front to back.
struct Stream<'s> {
    stored: &'s Stored<'s>,
    buf: Vec<u8>,
    /// What of `buf` was not taken yet.
    unread: std::ops::Range<usize>,
    /// The byte of the entry behind the end of `buf`.
    next: u64,
}

impl<'s> Stream<'s> {
    fn new(stored: &'s Stored<'s>) -> Self {
        let buf = vec![0; stored.size.min(PIECE as u64) as usize];
        Self { stored, buf, unread: 0..0, next: 0 }
    }

    fn left(&self) -> u64 {
        self.stored.size - self.next + self.unread.len() as u64
    }

    fn position(&self) -> u64 {
        self.stored.offset + self.stored.size - self.left()
    }

    /// Makes `least` bytes ready, or as many as there are.
    fn fill(&mut self, least: usize) -> Result<()> {
        if self.unread.len() >= least {
            return Ok(());
        }
        self.buf.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        let room = (self.buf.len() - self.unread.end) as u64;
        let count = room.min(self.stored.size - self.next) as usize;
        let end = self.unread.end + count;
        self.stored.read_range(&mut self.buf[self.unread.end..end], self.next)?;
        self.unread.end = end;
        self.next += count as u64;
        Ok(())
    }

    /// The next lengths that are a byte each, of those ready; none where the first is
    /// longer, or where with `total` they come to more than the entry has.
    fn short_lengths(&mut self, most: u64, total: u64) -> Result<&[u8]> {
        self.fill(MAX_VARINT_LEN)?;
        let ready = self.buf.get(self.unread.clone()).unwrap_or_default();
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(BLOCK);
        let ready = ready.get(..most).unwrap_or(ready);
        let short = match ready.iter().fold(0, |all, byte| all | byte) < 0x80 {
            true => ready,
            false => ready.split(|byte| *byte >= 0x80).next().unwrap_or_default(),
        };
        let sum: u64 = short.iter().map(|&length| u64::from(length)).sum();
        Ok(if total + sum <= self.stored.size { short } else { &[] })
    }

    fn take_length(&mut self) -> Result<u64> {
        self.fill(MAX_VARINT_LEN)?;
        let (value, len) = coding::varint(&self.buf[self.unread.clone()])
            .ok_or_else(|| self.damaged("the length of an element is no varint"))?;
        self.unread.start += len;
        Ok(value)
    }

    /// The length of a variant, no more than there are bytes left.
    fn take_record_length(&mut self) -> Result<u64> {
        let length = self.take_length()?;
        if length > self.left() { Err(self.too_long()) } else { Ok(length) }
    }

    /// Goes past the next `count` bytes, which the caller knows to be there, and
    /// continues `crc` over them.
    fn pass_over(&mut self, count: u64, mut crc: u32) -> Result<u32> {
        let mut left = count;
        while left > 0 {
            self.fill(1)?;
            let piece = self.unread.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            crc = checksum::extend(crc, &self.buf[self.unread.start..][..piece]);
            self.unread.start += piece;
            left -= piece as u64;
        }
        Ok(crc)
    }

    fn check_end(&self) -> Result<()> {
        match self.left() {
            0 => Ok(()),
            left => Err(self.damaged(format!("{left} bytes of the entry are behind its elements"))),
        }
    }

    fn take_array(&mut self) -> Result<[u8; 4]> {
        let mut array = [0; 4];
        if self.left() < 4 {
            return Err(self.damaged("the entry ends within a checksum"));
        }
        self.take_into(&mut array)?;
        Ok(array)
    }

    /// Fills `dst`; the caller knows that so much is left.
    fn take_into(&mut self, dst: &mut [u8]) -> Result<()> {
        let ready = dst.len().min(self.unread.len());
        let (head, rest) = dst.split_at_mut(ready);
        head.copy_from_slice(&self.buf[self.unread.start..][..ready]);
        self.unread.start += ready;
        self.stored.read_range(rest, self.next)?;
        self.next += rest.len() as u64;
        Ok(())
    }

    /// Takes a stored checksum, which should be `crc`, and goes on from there.
    fn check_crc(&mut self, crc: u32, verify: bool, of: &str) -> Result<u32> {
        let bytes = self.take_array()?;
        let expected = self.stored.endianness.u32_from(bytes);
        if verify && checksum::mask(crc) != expected {
            return Err(self.damaged(format!(
                "the checksum of the {of} is {:08x}, {expected:08x} is stored",
                checksum::mask(crc)
            )));
        }
        Ok(checksum::extend(crc, &bytes))
    }

    fn damaged(&self, message: impl Into<String>) -> Error {
        let error = Error::data_loss(message).in_file(self.stored.file.path());
        error.at_offset(self.position())
    }

    fn too_long(&self) -> Error {
        self.damaged(format!(
            "an element is longer than the {} bytes of the entry",
            self.stored.size
        ))
    }

    fn wrong_total(&self, total: u64) -> Error {
        self.damaged(format!(
            "the elements take {total} bytes by their lengths, the entry has {} left for them",
            self.left()
        ))
    }
}
