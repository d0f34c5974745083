//! How a bundle is written.

use std::sync::Arc;

use crate::bundle::header::Endianness;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::storage::{LocalStorage, Storage};
use crate::tensor::DType;

/// From this size on a tensor begins at a multiple of [`LARGE_ALIGNMENT`].
const LARGE: u64 = 4 << 10;
/// A cache line, and what vector instructions want.
const LARGE_ALIGNMENT: u64 = 64;

/// How a bundle is written.
#[derive(Clone, Debug)]
pub struct WriterOptions {
    /// Where the files go. Default: the local file system.
    pub storage: Arc<dyn Storage>,
    /// How many data shards there are, 1 to [`MAX_SHARDS`](Self::MAX_SHARDS).
    /// Default: 1.
    pub num_shards: u32,
    /// At what multiple of bytes a tensor begins in its shard: a power of two, up
    /// to 1 MiB. 1 packs tensors as TensorFlow does, and the files are then byte
    /// for byte what TensorFlow writes for the same tensors in the same order.
    /// Default (`None`): 64 for tensors of 4 KiB and more, the element size for
    /// smaller ones. Strings and variants are never aligned.
    pub alignment: Option<u64>,
    /// The byte order in which values are stored. Default: little.
    pub endianness: Endianness,
    /// Whether [`finish`](super::Writer::finish) returns only when everything is
    /// on stable storage. Without, a power cut may leave a checkpoint that is not
    /// whole. Default: yes.
    pub sync: bool,
    /// Whether a bundle that is at the prefix already is replaced. At every instant
    /// of a crash one of the two is there, whole; only where the file system has no
    /// hard links it may be neither, though never a mixture. Default: no.
    pub replace: bool,
}

/// How many tensors are written at once.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// On how many threads, the caller's included. They end before the call does.
    /// Default: 1.
    pub threads: usize,
    /// How many bytes are held besides the values, all threads together; some 10 KiB for
    /// each in any case. Default: 8 MiB.
    pub max_in_flight: usize,
    /// How far the call is, and whether it goes on. Default: nobody watches.
    pub progress: Progress,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self { threads: 1, max_in_flight: 8 << 20, progress: Progress::none() }
    }
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            storage: LocalStorage::shared(),
            num_shards: 1,
            alignment: None,
            endianness: Endianness::Little,
            sync: true,
            replace: false,
        }
    }
}

impl WriterOptions {
    /// The most data shards a writer makes: each is an open file.
    pub const MAX_SHARDS: u32 = 1000;
    /// The largest alignment.
    pub const MAX_ALIGNMENT: u64 = 1 << 20;

    pub(crate) fn check(&self) -> Result<()> {
        if !(1..=Self::MAX_SHARDS).contains(&self.num_shards) {
            return Err(Error::invalid(format!(
                "{} data shards; 1 to {} are possible",
                self.num_shards,
                Self::MAX_SHARDS
            )));
        }
        match self.alignment {
            Some(n) if !n.is_power_of_two() || n > Self::MAX_ALIGNMENT => Err(Error::invalid(
                format!("alignment {n}; powers of two up to {} are possible", Self::MAX_ALIGNMENT),
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn alignment_of(&self, dtype: DType, size: u64) -> u64 {
        match self.alignment {
            Some(alignment) => alignment,
            None if size >= LARGE => LARGE_ALIGNMENT,
            None => dtype.size().unwrap_or(1) as u64,
        }
    }

    /// Every how many bytes are turned round on the way to the file; 1 for none.
    pub(super) fn swap_unit(&self, dtype: DType) -> usize {
        if self.endianness == Endianness::NATIVE { 1 } else { dtype.swap_unit() }
    }
}
