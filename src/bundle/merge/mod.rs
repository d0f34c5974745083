//! Several bundles into one.
//!
//! ```text
//! Source × n ──check──► merged index (a temporary file) ─┐
//!      data files ──link or copy──► temporary files ─────┴─► Staging::commit
//!                                              a move removes its sources after that
//! ```

mod join;
mod options;
mod source;
mod transfer;
mod walk;

pub use options::{MergeOptions, OnConflict, Transfer};

use std::path::Path;

use self::source::Source;
use super::header::Header;
use super::names::index_path;
use crate::error::{Error, Result};
use crate::storage::{Staging, refuse_existing};

/// Merges the bundles at the prefixes `sources` into one at the prefix `dst`.
///
/// Everything is checked before anything is written: that all data shards are
/// there and as long as their entries say, that byte orders and versions agree,
/// that no tensor is in two bundles except as different slices of one
/// partitioned tensor. The merged bundle has the data shards of all sources, and
/// for the same sources its index is byte for byte the one that TensorFlow makes.
///
/// Where the merge fails every source is as before, and nothing is left at `dst`.
///
/// # Errors
/// `InvalidArgument` where there are no sources, where they don't agree, or
/// where tensors are in several of them, with [all their names](Error::names);
/// `AlreadyExists` where there is a bundle at `dst`; `NotFound`, `DataLoss`,
/// `Unsupported` and `Io` about a source. After a move whose sources can't be
/// removed the error says that the merged bundle is whole.
pub fn merge(
    dst: impl AsRef<Path>,
    sources: &[impl AsRef<Path>],
    options: &MergeOptions,
) -> Result<()> {
    let dst = dst.as_ref();
    let sources = sources
        .iter()
        .map(|prefix| Source::open(prefix.as_ref(), options))
        .collect::<Result<Vec<_>>>()?;
    let header = common_header(&sources)?;
    refuse_existing(options.storage.as_ref(), &index_path(dst))?;
    let sources = source::number_shards(sources)?;

    let mut staging = Staging::beside(options.storage.clone(), dst)?;
    let sync = options.sync || options.transfer == Transfer::Move;
    let index = staging.create_seal(&index_path(dst))?;
    walk::write_index(index.as_ref(), &header, &sources, options.on_conflict)?;
    if sync {
        index.sync()?;
    }
    drop(index);
    transfer::stage_data(&mut staging, dst, header.num_shards, &sources, options, sync)?;
    staging.commit(sync, &[])?;
    if options.transfer == Transfer::Move {
        transfer::remove_sources(&sources, options)?;
    }
    Ok(())
}

/// The header of the merged bundle.
fn common_header(sources: &[Source]) -> Result<Header> {
    let Some((first, others)) = sources.split_first() else {
        return Err(Error::invalid("there is nothing to merge"));
    };
    let mut header = first.header().clone();
    for other in others {
        let theirs = other.header();
        if theirs.endianness != header.endianness || theirs.version != header.version {
            return Err(Error::invalid(format!(
                "byte order or version is not that of {}",
                first.index().path().display()
            ))
            .in_file(other.index().path()));
        }
        header.num_shards = header
            .num_shards
            .checked_add(theirs.num_shards)
            .filter(|&shards| i32::try_from(shards).is_ok())
            .ok_or_else(|| Error::invalid("the bundles have more than 2^31 data shards"))?;
    }
    Ok(header)
}
