//! The arrays of a `.npz`.

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use tfckpt::storage::{LocalStorage, ReadFile, Storage};
use tfckpt::tensor::{Shape, Strings};
use tfckpt::{ErrorKind, Result};

use super::SUFFIX;
use super::descr::{Descr, Kind};
use super::fortran::to_c_order;
use super::header::Header;
use super::text;
use super::zip::{Entry, Zip, from_io};
use crate::convert::archive::{Archive, Array, Each, Wanted};
use crate::convert::error::{Refusals, data_loss, unsupported};

/// How many bytes are read and handed on at once: a multiple of every plain element.
const BLOCK: usize = 1 << 20;

/// A `.npz` of which all headers have been read.
pub struct Reader {
    zip: Zip,
    arrays: Vec<Array>,
    /// How each of them is stored.
    stored: Vec<Stored>,
}

struct Stored {
    entry: Entry,
    descr: Descr,
    fortran_order: bool,
    header_len: u64,
}

impl Reader {
    /// Reads the headers of the arrays that are wanted.
    ///
    /// # Errors
    /// `DataLoss`; `Unsupported` with a list of all arrays that no tensor can be;
    /// `NotFound` and `Io`.
    pub fn open(path: &Path, wanted: &Wanted<'_>) -> Result<Self> {
        let file = LocalStorage.open(path)?;
        Self::read_headers(file, wanted).map_err(|error| error.in_file(path))
    }

    pub(super) fn read_headers(file: Arc<dyn ReadFile>, wanted: &Wanted<'_>) -> Result<Self> {
        let zip = Zip::open(file)?;
        let (mut arrays, mut stored) = (Vec::new(), Vec::new());
        let (mut names, mut refusals) = (HashSet::new(), Refusals::default());
        for entry in zip.entries()? {
            let name = entry.name.strip_suffix(SUFFIX.as_bytes()).unwrap_or(&entry.name).to_vec();
            if !wanted(&name) {
                continue;
            }
            if !names.insert(name.clone()) {
                return Err(data_loss("there are two arrays of this name")
                    .for_tensor(&name)
                    .at_offset(entry.start));
            }
            match describe(&zip, entry, &name) {
                Ok((array, how)) => {
                    arrays.push(array);
                    stored.push(how);
                }
                Err(error) if error.kind() == ErrorKind::Unsupported => {
                    refusals.add(&name, error.message());
                }
                Err(error) => return Err(error.for_tensor(&name)),
            }
        }
        refusals.check("no tensor can be made of these; --filter leaves them out")?;
        Ok(Self { zip, arrays, stored })
    }

    /// Hands the elements of an array to `each`, as they are stored, but in this
    /// machine's byte order and in the order of C.
    fn elements(&self, at: usize, each: &mut Each<'_>) -> Result<()> {
        let (array, stored) = (&self.arrays[at], &self.stored[at]);
        let descr = stored.descr;
        let mut native = |block: &mut [u8]| {
            descr.to_native(block);
            each(block)
        };
        self.read_elements(array, stored, &mut native).map_err(|error| match error.file() {
            // Of what was being written.
            Some(_) => error,
            None => error
                .in_file(self.zip.file().path())
                .for_tensor(&array.name)
                .at_offset(stored.entry.start),
        })
    }

    fn read_elements(
        &self,
        array: &Array,
        stored: &Stored,
        each: &mut dyn FnMut(&mut [u8]) -> Result<()>,
    ) -> Result<()> {
        let mut reader = self.zip.read(&stored.entry)?;
        let mut buf = Vec::new();
        fill(&mut buf, reader.as_mut(), stored.header_len)?;
        if stored.fortran_order && array.bytes > 0 {
            fill(&mut buf, reader.as_mut(), array.bytes)?;
            let dims: Vec<usize> = array.shape.dims().iter().map(|&dim| dim as usize).collect();
            to_c_order(&buf, &dims, stored.descr.size, each)?;
        } else {
            let step = stored.descr.block(BLOCK);
            let mut left = array.bytes;
            while left > 0 {
                let len = left.min(step);
                fill(&mut buf, reader.as_mut(), len)?;
                each(&mut buf)?;
                left -= len;
            }
        }
        // What is checked at the end is checked only if the end is seen.
        match reader.read(&mut [0]).map_err(from_io)? {
            0 => Ok(()),
            _ => Err(data_loss("it has more bytes than the archive says")),
        }
    }
}

impl Archive for Reader {
    fn arrays(&self) -> &[Array] {
        &self.arrays
    }

    fn read(&self, at: usize, each: &mut Each<'_>) -> Result<()> {
        self.elements(at, each)
    }

    fn read_strings(&self, at: usize) -> Result<Strings> {
        let Descr { kind, size, .. } = self.stored[at].descr;
        let mut strings = Strings::default();
        self.elements(at, &mut |block| {
            for element in block.chunks_exact(size) {
                match kind {
                    Kind::Text => strings.push(text::from_text(element)?.as_bytes()),
                    _ => strings.push(text::from_bytes(element)),
                }
            }
            Ok(())
        })?;
        Ok(strings)
    }
}

/// Reads the header of an array, and checks that its elements are just what comes
/// behind.
fn describe(zip: &Zip, entry: Entry, name: &[u8]) -> Result<(Array, Stored)> {
    let placed = |error: tfckpt::Error| error.at_offset(entry.start);
    let header = zip.read(&entry).and_then(|mut reader| Header::read(reader.as_mut()));
    let header = header.map_err(placed)?;
    let descr = Descr::parse(&header.descr).ok_or_else(|| unsupported(no_type(&header.descr)))?;
    let shape = Shape::new(header.shape.as_slice());
    let shape = shape.map_err(|error| placed(data_loss(error.message())))?;
    let bytes = entry.size.saturating_sub(header.len);
    check_bytes(&header.descr, descr.size, &shape, bytes).map_err(placed)?;
    let array = Array { name: name.to_vec(), dtype: descr.dtype(), shape, bytes };
    let (fortran_order, header_len) = (header.fortran_order, header.len);
    Ok((array, Stored { entry, descr, fortran_order, header_len }))
}

/// Refuses an array that is not to have as many bytes as it has.
fn check_bytes(descr: &str, size: usize, shape: &Shape, there: u64) -> Result<()> {
    let elements = shape.num_elements();
    let bytes = elements.checked_mul(size as u64);
    if bytes != Some(there) {
        let bytes = bytes.map_or("more than 2^64".to_string(), |bytes| bytes.to_string());
        let message = format!("'{descr}' of shape {shape} takes {bytes} bytes, there are {there}");
        return Err(data_loss(message));
    }
    if size == 0 && elements > 0 {
        return Err(unsupported(format!("'{descr}' has elements of no bytes")));
    }
    Ok(())
}

/// Why there is no tensor of elements of a type.
fn no_type(descr: &str) -> String {
    let kind = descr.trim_start_matches(['<', '>', '=', '|']);
    match kind.get(..1) {
        Some("O") => format!("'{descr}': pickled Python objects, which are never loaded"),
        Some("V") => format!(
            "'{descr}': bytes of no type, which bfloat16 and float8 become in NumPy; save them \
             as float32, and --cast them back"
        ),
        _ => format!("'{descr}': no tensor has elements of this type"),
    }
}

/// Reads so many bytes. What is too much to be taken on trust is allocated as it
/// comes.
fn fill(buf: &mut Vec<u8>, reader: &mut dyn Read, len: u64) -> Result<()> {
    if len <= BLOCK as u64 {
        buf.resize(len as usize, 0);
        return reader.read_exact(buf).map_err(from_io);
    }
    buf.clear();
    let read = reader.take(len).read_to_end(buf).map_err(from_io)?;
    if read as u64 == len { Ok(()) } else { Err(data_loss("it ends too early")) }
}
