//! How a V1 checkpoint is written.

use std::sync::Arc;

use crate::bundle;
use crate::error::{Error, Result};
use crate::storage::{LocalStorage, Storage};

/// How a V1 checkpoint is written.
#[derive(Clone, Debug)]
pub struct WriterOptions {
    /// Where the files go. Default: the local file system.
    pub storage: Arc<dyn Storage>,
    /// How many files there are, 1 to [`MAX_FILES`](Self::MAX_FILES). Each tensor,
    /// or slice of one, goes to the one with the fewest bytes so far. Default: 1.
    pub num_files: u32,
    /// Whether [`finish`](super::Writer::finish) returns only when everything is
    /// on stable storage. Without, a power cut may leave a checkpoint that is not
    /// whole. Default: yes.
    pub sync: bool,
    /// Whether a V1 checkpoint that is at the prefix already is replaced. Of one
    /// file by one, at every instant of a crash one of the two is there, whole; of
    /// several it may be neither. Default: no.
    pub replace: bool,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self { storage: LocalStorage::shared(), num_files: 1, sync: true, replace: false }
    }
}

impl WriterOptions {
    /// The most files a writer makes.
    pub const MAX_FILES: u32 = bundle::WriterOptions::MAX_SHARDS;

    pub(super) fn check(&self) -> Result<()> {
        if (1..=Self::MAX_FILES).contains(&self.num_files) {
            return Ok(());
        }
        let most = Self::MAX_FILES;
        Err(Error::invalid(format!("{} files; 1 to {most} are possible", self.num_files)))
    }
}
