//! The one error type of the crate: what kind of failure, in words, and where.
//!
//! A layer that detects a problem says what is wrong; the layers above add the
//! place they know (file, tensor, shard), and never overwrite a place that is
//! already there: the innermost is the exact one.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::shown::{shown, shown_path};

/// Shorthand for a result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of failure an [`Error`] is. The numbers are those of the C API's
/// `tfckpt_status`; they are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller asked for something that makes no sense.
    InvalidArgument = 1,
    /// There is no such file, or no such tensor.
    NotFound = 2,
    /// The operating system refused a read, a write or a look at a directory.
    Io = 3,
    /// The bytes are not what they should be: damaged, cut short, contradictory.
    DataLoss = 4,
    /// The file is sound but asks for what this version does not do.
    Unsupported = 5,
    /// The caller's buffer is smaller than what is to go into it.
    BufferTooSmall = 6,
    /// What was to be created is there already.
    AlreadyExists = 7,
    /// The caller called it off.
    Cancelled = 8,
    /// A limit that the caller may raise was crossed.
    ResourceLimit = 9,
    /// A defect of this library.
    Internal = 99,
}

impl ErrorKind {
    /// The name as the C API spells it, without its prefix: `DATA_LOSS`.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::NotFound => "NOT_FOUND",
            Self::Io => "IO",
            Self::DataLoss => "DATA_LOSS",
            Self::Unsupported => "UNSUPPORTED",
            Self::BufferTooSmall => "BUFFER_TOO_SMALL",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::Cancelled => "CANCELLED",
            Self::ResourceLimit => "RESOURCE_LIMIT",
            Self::Internal => "INTERNAL",
        }
    }
}

/// A failure: its [kind](Error::kind), a message, and where it applies the file,
/// the tensor, the shard and the byte offset.
///
/// One pointer wide, so that a `Result` stays small on the good path.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    place: Place,
    names: Vec<Vec<u8>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Default)]
struct Place {
    file: Option<PathBuf>,
    tensor: Option<Vec<u8>>,
    shard: Option<u32>,
    offset: Option<u64>,
}

impl Error {
    /// An error with no place yet.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            place: Place::default(),
            names: Vec::new(),
            source: None,
        }))
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    pub(crate) fn data_loss(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::DataLoss, message)
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// What the operating system said when `action` ("read", "rename to …") was
    /// tried on `file`. A missing file is `NotFound`, one in the way
    /// `AlreadyExists`, everything else `Io`.
    pub(crate) fn io(action: &str, file: &Path, source: std::io::Error) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            std::io::ErrorKind::AlreadyExists => ErrorKind::AlreadyExists,
            _ => ErrorKind::Io,
        };
        let mut error = Self::new(kind, format!("cannot {action}: {source}")).in_file(file);
        error.0.source = Some(Box::new(source));
        error
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What is wrong, in words, without the place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The file it is about.
    pub fn file(&self) -> Option<&Path> {
        self.0.place.file.as_deref()
    }

    /// The name of the tensor it is about; names are bytes, in practice UTF-8.
    pub fn tensor(&self) -> Option<&[u8]> {
        self.0.place.tensor.as_deref()
    }

    /// The data shard it is about, counted from 0.
    pub fn shard(&self) -> Option<u32> {
        self.0.place.shard
    }

    /// The byte offset in [`file`](Error::file) at which it was noticed.
    pub fn offset(&self) -> Option<u64> {
        self.0.place.offset
    }

    /// All the names, where one error speaks of several tensors.
    pub fn names(&self) -> &[Vec<u8>] {
        &self.0.names
    }

    /// Says which file it is about, unless that is known already.
    pub fn in_file(mut self, file: &Path) -> Self {
        self.0.place.file.get_or_insert_with(|| file.to_path_buf());
        self
    }

    /// Says which tensor it is about, unless that is known already.
    pub fn for_tensor(mut self, name: &[u8]) -> Self {
        self.0.place.tensor.get_or_insert_with(|| name.to_vec());
        self
    }

    /// Says which shard it is about, unless that is known already.
    pub fn in_shard(mut self, shard: u32) -> Self {
        self.0.place.shard.get_or_insert(shard);
        self
    }

    /// Says at which byte offset of the file it was noticed, unless that is
    /// known already.
    pub fn at_offset(mut self, offset: u64) -> Self {
        self.0.place.offset.get_or_insert(offset);
        self
    }

    /// Lists all the names that it speaks of.
    pub fn with_names(mut self, names: Vec<Vec<u8>>) -> Self {
        self.0.names = names;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.0.place;
        if let Some(file) = &place.file {
            write!(f, "{}: ", shown_path(file))?;
        }
        if let Some(tensor) = &place.tensor {
            write!(f, "tensor '{}': ", shown(tensor))?;
        }
        f.write_str(&self.0.message)?;
        if let Some(offset) = place.offset {
            write!(f, " (at byte {offset})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.0.kind.name())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// The same words on a result, for use with `?`.
pub(crate) trait ResultExt<T> {
    fn in_file(self, file: &Path) -> Result<T>;
    fn for_tensor(self, name: &[u8]) -> Result<T>;
    fn in_shard(self, shard: u32) -> Result<T>;
    fn at_offset(self, offset: u64) -> Result<T>;
}

impl<T> ResultExt<T> for Result<T> {
    fn in_file(self, file: &Path) -> Result<T> {
        self.map_err(|error| error.in_file(file))
    }

    fn for_tensor(self, name: &[u8]) -> Result<T> {
        self.map_err(|error| error.for_tensor(name))
    }

    fn in_shard(self, shard: u32) -> Result<T> {
        self.map_err(|error| error.in_shard(shard))
    }

    fn at_offset(self, offset: u64) -> Result<T> {
        self.map_err(|error| error.at_offset(offset))
    }
}
