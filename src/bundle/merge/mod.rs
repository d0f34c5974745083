//! Several bundles into one.

mod options;

pub use options::{MergeOptions, OnConflict, Transfer};

use std::path::Path;

use crate::error::{Error, Result};

/// Merges the bundles at the prefixes `sources` into one at the prefix `dst`.
pub fn merge(
    dst: impl AsRef<Path>,
    sources: &[impl AsRef<Path>],
    options: &MergeOptions,
) -> Result<()> {
    let _ = (dst.as_ref(), sources.len(), options);
    Err(Error::unsupported("being written"))
}
