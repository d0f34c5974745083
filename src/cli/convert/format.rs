//! The formats beside a checkpoint's own.

use std::path::Path;

use tfckpt::checkpoint::{Reader, impostor_of};
use tfckpt::storage::{LocalStorage, ReadFile, Storage};
use tfckpt::tensor::{DType, Shape};
use tfckpt::{Error, ErrorKind, Result};

use super::archive::{Archive, Wanted};
use super::error::Refusals;
use super::sink::{Outgoing, Sink};
use super::{npz, safetensors};

/// A format that is one file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Format {
    Safetensors,
    Npz,
}

impl Format {
    /// What a path ends in, whatever is there.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?;
        let is = |wanted| extension.eq_ignore_ascii_case(wanted);
        if is("safetensors") { Some(Self::Safetensors) } else { is("npz").then_some(Self::Npz) }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Safetensors => ".safetensors",
            Self::Npz => ".npz",
        }
    }

    /// Opens a file, and checks what it says of the tensors that are wanted.
    pub fn open(self, path: &Path, wanted: &Wanted<'_>) -> Result<Box<dyn Archive>> {
        let opened = match self {
            Self::Safetensors => {
                safetensors::Reader::open(path, wanted).map(|reader| Box::new(reader) as _)
            }
            Self::Npz => npz::Reader::open(path, wanted).map(|reader| Box::new(reader) as _),
        };
        opened.map_err(|error| unmask(self, path, error))
    }

    /// Begins a file of these tensors, none of which is refused.
    pub fn create(self, path: &Path, tensors: &mut [Outgoing]) -> Result<Box<dyn Sink>> {
        Ok(match self {
            Self::Safetensors => {
                safetensors::sort(tensors);
                Box::new(safetensors::Writer::create(path, tensors)?)
            }
            Self::Npz => Box::new(npz::Writer::create(path)?),
        })
    }

    /// Why a file has no tensors of this type and shape.
    pub fn refuse_dtype(self, dtype: DType, shape: &Shape) -> Option<String> {
        match self {
            Self::Safetensors => safetensors::refuse_dtype(dtype),
            Self::Npz => npz::refuse_dtype(dtype, shape),
        }
    }

    /// Why a file has no tensor of this name.
    pub fn refuse_name(self, name: &str) -> Option<String> {
        match self {
            Self::Safetensors => safetensors::refuse_name(name),
            Self::Npz => npz::refuse_name(name),
        }
    }

    /// Refuses what only shows from the values, or from all the names together.
    pub fn refuse_more(
        self,
        reader: &Reader,
        tensors: &[Outgoing],
        refusals: &mut Refusals,
    ) -> Result<()> {
        match self {
            Self::Safetensors => Ok(()),
            Self::Npz => npz::refuse_more(reader, tensors, refusals),
        }
    }
}

/// Says of a damaged file that it is something else, where that shows.
fn unmask(format: Format, path: &Path, error: Error) -> Error {
    if error.kind() != ErrorKind::DataLoss {
        return error;
    }
    match LocalStorage.open(path).and_then(|file| impostor(format, file.as_ref())) {
        Ok(Some(what)) => {
            let message = format!("it is {what}: {}", error.message());
            Error::new(ErrorKind::DataLoss, message).in_file(path)
        }
        _ => error,
    }
}

fn impostor(format: Format, file: &dyn ReadFile) -> Result<Option<&'static str>> {
    let mut start = [0; 2];
    file.read_exact_at(&mut start, 0)?;
    // A damaged ZIP archive is no impostor of one.
    if format == Format::Npz && start == *b"PK" { Ok(None) } else { impostor_of(file) }
}
