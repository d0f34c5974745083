//! The tensors of a `.safetensors`.

use std::path::Path;
use std::sync::Arc;

use safetensors::tensor::{Metadata, TensorInfo};
use tfckpt::Result;
use tfckpt::storage::{LocalStorage, ReadFile, Storage};
use tfckpt::tensor::{Shape, Strings};

use super::{LENGTH, MAX_HEADER, dtype, header};
use crate::convert::archive::{Archive, Array, Each, Wanted};
use crate::convert::elements::{self, LITTLE};
use crate::convert::error::{Refusals, data_loss, invalid};

/// How many bytes are read and handed on at once: a multiple of every element.
const BLOCK: u64 = 1 << 20;

/// A `.safetensors` whose header has been read.
pub struct Reader {
    file: Arc<dyn ReadFile>,
    arrays: Vec<Array>,
    /// Where in the file each of them begins.
    offsets: Vec<u64>,
    /// The keys of what it says besides.
    metadata: Vec<String>,
}

impl Reader {
    /// Reads the header.
    ///
    /// # Errors
    /// `DataLoss`; `Unsupported` with a list of all tensors that are wanted and have
    /// types that no checkpoint has; `NotFound` and `Io`.
    pub fn open(path: &Path, wanted: &Wanted<'_>) -> Result<Self> {
        let file = LocalStorage.open(path)?;
        Self::read(file, wanted).map_err(|error| error.in_file(path))
    }

    fn read(file: Arc<dyn ReadFile>, wanted: &Wanted<'_>) -> Result<Self> {
        let text = read_text(file.as_ref())?;
        let header = header::parse(&text)?;
        let start = LENGTH + text.len() as u64;
        check_len(file.len() - start, &header)?;
        let mut reader =
            Self { file, arrays: Vec::new(), offsets: Vec::new(), metadata: keys(&header) };
        let mut refusals = Refusals::default();
        for name in header.offset_keys().iter().filter(|name| wanted(name.as_bytes())) {
            if let Some(info) = header.info(name) {
                reader.add(name, info, start, &mut refusals)?;
            }
        }
        refusals.check("no checkpoint has tensors of these types; --filter leaves them out")?;
        Ok(reader)
    }

    fn add(
        &mut self,
        name: &str,
        info: &TensorInfo,
        start: u64,
        refusals: &mut Refusals,
    ) -> Result<()> {
        let Some(dtype) = dtype::from_file(info.dtype) else {
            refusals.add(name.as_bytes(), &info.dtype.to_string());
            return Ok(());
        };
        let dims = info.shape.iter().map(|&dim| i64::try_from(dim).unwrap_or(-1));
        let shape = Shape::new(dims.collect::<Vec<_>>()).map_err(|error| {
            data_loss(error.message()).for_tensor(name.as_bytes()).at_offset(LENGTH)
        })?;
        let (from, to) = info.data_offsets;
        let (name, bytes) = (name.as_bytes().to_vec(), (to - from) as u64);
        self.arrays.push(Array { name, dtype, shape, bytes });
        self.offsets.push(start + from as u64);
        Ok(())
    }
}

impl Archive for Reader {
    fn arrays(&self) -> &[Array] {
        &self.arrays
    }

    fn read(&self, at: usize, each: &mut Each<'_>) -> Result<()> {
        let (array, start) = (&self.arrays[at], self.offsets[at]);
        let mut buf = Vec::new();
        let mut done = 0;
        while done < array.bytes {
            let len = (array.bytes - done).min(BLOCK);
            buf.resize(len as usize, 0);
            let read = self.file.read_exact_at(&mut buf, start + done);
            read.map_err(|error| error.for_tensor(&array.name))?;
            if !LITTLE {
                elements::swap(&mut buf, elements::swap_unit(array.dtype));
            }
            each(&buf)?;
            done += len;
        }
        Ok(())
    }

    fn read_strings(&self, at: usize) -> Result<Strings> {
        Err(invalid("there are no strings in such a file").for_tensor(&self.arrays[at].name))
    }

    fn left_behind(&self) -> Option<String> {
        let keys = self.metadata.join(", ");
        (!keys.is_empty()).then(|| format!("the metadata of the file ({keys})"))
    }
}

/// Reads the text of the header.
fn read_text(file: &dyn ReadFile) -> Result<Vec<u8>> {
    let mut len = [0; LENGTH as usize];
    let room = file.len().checked_sub(LENGTH);
    let room = room.ok_or_else(|| data_loss("it is too short to have a header").at_offset(0))?;
    file.read_exact_at(&mut len, 0)?;
    let len = u64::from_le_bytes(len);
    if len > room || len > MAX_HEADER {
        let message = if len > MAX_HEADER {
            format!("its header is to have {len} bytes; {MAX_HEADER} are possible")
        } else {
            format!("its header is to have {len} bytes, but only {room} come behind")
        };
        return Err(data_loss(message).at_offset(0));
    }
    let mut text = vec![0; len as usize];
    file.read_exact_at(&mut text, LENGTH)?;
    Ok(text)
}

fn check_len(there: u64, header: &Metadata) -> Result<()> {
    let said = header.data_len() as u64;
    if there == said {
        return Ok(());
    }
    Err(data_loss(format!("its header is about {said} bytes of data, but there are {there}"))
        .at_offset(LENGTH))
}

/// What the file says besides its tensors.
fn keys(header: &Metadata) -> Vec<String> {
    let mut keys: Vec<String> =
        header.metadata().iter().flatten().map(|(k, _)| k.clone()).collect();
    keys.sort();
    keys
}

#[cfg(test)]
mod tests {
    use tfckpt::storage::MemoryFile;

    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let reader = Reader::read(Arc::new(MemoryFile::new("file", bytes)), &|_| true)?;
        let tensor = |at: usize| {
            let mut data = Vec::new();
            reader.read(at, &mut |block| {
                data.extend_from_slice(block);
                Ok(())
            })?;
            Ok((reader.arrays[at].name.clone(), data))
        };
        (0..reader.arrays.len()).map(tensor).collect()
    }

    fn good() -> Vec<u8> {
        let header = concat!(
            r#"{"__metadata__":{"a":"b"},"t":{"dtype":"U8","shape":[3],"data_offsets":[4,7]},"#,
            r#""u":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}"#
        );
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &[1, 0, 0, 0, 7, 8, 9]].concat()
    }

    #[test]
    fn tensors_come_as_they_are_stored() {
        let one = 1i32.to_ne_bytes().to_vec();
        let expected = [(b"u".to_vec(), one), (b"t".to_vec(), vec![7, 8, 9])];
        assert_eq!(read(&good()).unwrap(), expected);
    }

    /// There is no checksum: what matters is that it ends.
    #[test]
    fn whatever_is_damaged_it_ends() {
        let bytes = good();
        for at in 0..bytes.len() {
            assert!(read(&bytes[..at]).is_err(), "{at}");
            for byte in 0..=255 {
                let mut bad = bytes.clone();
                bad[at] = byte;
                let _ = read(&bad);
            }
        }
    }
}
