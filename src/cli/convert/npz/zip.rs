//! The ZIP archive that a `.npz` is, open for reading.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;

use flate2::read::DeflateDecoder;
use rawzip::{
    CompressionMethod, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder,
    ZipFileHeaderRecord as Record, ZipLocator,
};
use tfckpt::storage::ReadFile;
use tfckpt::{Error, Result};

use crate::convert::error::{data_loss, unsupported};

/// The most that a byte of DEFLATE can stand for.
const MOST_INFLATED: u64 = 1032;

/// An archive, and where in it its entries are.
pub struct Zip {
    archive: ZipArchive<Source>,
}

/// A file in the archive.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name, as its bytes are.
    pub name: Vec<u8>,
    /// How many bytes it has when it is unpacked.
    pub size: u64,
    /// Where in the archive its bytes begin.
    pub start: u64,
    /// Why it cannot be read.
    pub refused: Option<String>,
    packed: bool,
    place: ZipArchiveEntryWayfinder,
}

/// What is asked of `rawzip`'s reader, by what reads files here.
struct Source(Arc<dyn ReadFile>);

impl ReaderAt for Source {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let there = self.0.len().saturating_sub(offset);
        let len = usize::try_from(there).map_or(buf.len(), |there| there.min(buf.len()));
        let read = self.0.read_exact_at(&mut buf[..len], offset);
        read.map(|()| len).map_err(io::Error::other)
    }
}

impl Zip {
    /// Finds the directory of an archive.
    ///
    /// # Errors
    /// `DataLoss` where it is none; `Io`.
    pub fn open(file: Arc<dyn ReadFile>) -> Result<Self> {
        let len = file.len();
        let mut buf = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        match ZipLocator::new().locate_in_reader(Source(file), &mut buf, len) {
            Ok(archive) => Ok(Self { archive }),
            Err((_, error)) => Err(told(error)),
        }
    }

    pub fn file(&self) -> &dyn ReadFile {
        self.archive.get_ref().0.as_ref()
    }

    /// Lists the entries, folders left out, and checks where they are.
    ///
    /// # Errors
    /// `DataLoss` where the directory is damaged, or entries reach into each other or
    /// out of the file; `Io`.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let directory = self.archive.directory_offset();
        let at_directory = |error: Error| error.at_offset(directory);
        let mut buf = vec![0; rawzip::MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        let mut local_buf = vec![0; 2 * usize::from(u16::MAX)];
        let mut records = self.archive.entries(&mut buf);
        let (mut entries, mut count) = (Vec::new(), 0);
        let mut taken = BTreeMap::new();
        while let Some(record) = records.next_entry().map_err(told).map_err(at_directory)? {
            count += 1;
            let entry = self.entry(&record, &mut local_buf)?;
            let end = entry.start + record.compressed_size_hint();
            if taken.insert(record.local_header_offset(), end).is_some() {
                return Err(data_loss("two entries begin here").at_offset(entry.start));
            }
            if !record.is_dir() {
                entries.push(entry);
            }
        }
        let said = self.archive.entries_hint();
        if count != said {
            let message = format!("the directory has {count} entries, and says {said}");
            return Err(at_directory(data_loss(message)));
        }
        check_disjoint(&taken)?;
        Ok(entries)
    }

    fn entry(&self, record: &Record<'_>, local_buf: &mut [u8]) -> Result<Entry> {
        let here = |error: Error| error.at_offset(record.local_header_offset());
        let place = record.wayfinder();
        let found = self.archive.get_entry(place).map_err(told).map_err(here)?;
        let local = found.local_header(local_buf).map_err(told).map_err(here)?;
        let (start, end) = found.compressed_data_range();
        if local.file_path().as_ref() != record.file_path().as_ref() {
            return Err(here(data_loss("the directory has another name for this entry")));
        }
        if end > self.file().len() {
            return Err(here(data_loss("an entry reaches beyond the end of the file")));
        }
        check_size(record).map_err(here)?;
        Ok(Entry {
            name: record.file_path().as_ref().to_vec(),
            size: record.uncompressed_size_hint(),
            start,
            refused: refuse(record),
            packed: record.compression_method() == CompressionMethod::DEFLATE,
            place,
        })
    }

    /// The bytes of an entry, unpacked. When all have been read, and the end was seen,
    /// they have been checked.
    ///
    /// # Errors
    /// `Unsupported` for an entry that is refused; `DataLoss`; `Io`.
    pub fn read(&self, entry: &Entry) -> Result<Box<dyn Read + '_>> {
        if let Some(refused) = &entry.refused {
            return Err(unsupported(refused));
        }
        let found = self.archive.get_entry(entry.place).map_err(told)?;
        let reader = found.reader();
        Ok(if entry.packed {
            Box::new(found.verifying_reader(DeflateDecoder::new(reader)))
        } else {
            Box::new(found.verifying_reader(reader))
        })
    }
}

/// Refuses an entry that is to have more bytes than it can have.
fn check_size(record: &Record<'_>) -> Result<()> {
    let (stored, size) = (record.compressed_size_hint(), record.uncompressed_size_hint());
    let fits = match record.compression_method() {
        CompressionMethod::STORE => size == stored,
        CompressionMethod::DEFLATE => size / MOST_INFLATED <= stored,
        _ => true,
    };
    let message = || format!("an entry is to have {size} bytes, which its {stored} can't be");
    fits.then_some(()).ok_or_else(|| data_loss(message()))
}

/// Why an entry can't be read, sound though it may be.
fn refuse(record: &Record<'_>) -> Option<String> {
    let (flags, method) = (record.flags(), record.compression_method());
    let name = record.file_path();
    let is_utf8 = || flags.is_utf8() && std::str::from_utf8(name.as_ref()).is_ok();
    if flags.is_encrypted() {
        Some("is encrypted".to_string())
    } else if method != CompressionMethod::STORE && method != CompressionMethod::DEFLATE {
        Some(format!("is packed by method {}, not DEFLATE", method.as_u16()))
    } else if !name.as_ref().is_ascii() && !is_utf8() {
        Some("its name is not marked as UTF-8, or is not UTF-8".to_string())
    } else {
        None
    }
}

/// Refuses entries that share bytes: so a small file can't stand for a large one.
fn check_disjoint(taken: &BTreeMap<u64, u64>) -> Result<()> {
    let next = taken.keys().skip(1);
    let mut pairs = taken.values().zip(next);
    match pairs.find(|(end, next)| end > next) {
        Some((_, &next)) => Err(data_loss("an entry begins within another").at_offset(next)),
        None => Ok(()),
    }
}

/// What went wrong in a chain of readers: an error of the file at its bottom, or what
/// another of them says of the bytes.
pub fn from_io(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return data_loss("it ends too early");
    }
    let message = error.to_string();
    let Some(inner) = error.into_inner() else { return data_loss(message) };
    match inner.downcast::<Error>() {
        Ok(error) => *error,
        Err(inner) => inner.downcast().map_or_else(|_| data_loss(message), |error| told(*error)),
    }
}

fn told(error: rawzip::Error) -> Error {
    use rawzip::ErrorKind::*;
    match error.into_kind() {
        IO(error) => from_io(error),
        MissingEndOfCentralDirectory => data_loss("it is no ZIP archive, or its end is missing"),
        InvalidSignature { .. } => {
            data_loss("there is no header of a ZIP archive where one is to be")
        }
        InvalidChecksum { expected, actual } => data_loss(format!(
            "its bytes have checksum {actual:08x}, the archive says {expected:08x}"
        )),
        InvalidSize { expected, actual } => {
            data_loss(format!("it has {actual} bytes, the archive says {expected}"))
        }
        Eof => data_loss("the directory of the ZIP archive ends too early"),
        kind => data_loss(format!("the ZIP archive is damaged: {kind}")),
    }
}
