//! Several bundles into one.
//!
//! ```text
//! Source × n ──► Walk ──► merged index (a temporary file) ─┐
//!      data files ──link or copy──► temporary files ───────┴─► Staging::commit
//!                                              a move removes its sources after that
//! ```

mod choose;
mod file_copy;
mod index;
mod join;
mod made;
mod numbering;
mod options;
mod source;
mod transfer;
mod walk;

pub use options::{MergeOptions, OnConflict, Transfer};

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use self::choose::Policy;
use self::made::MadeShard;
pub(crate) use self::numbering::Numbering;
use self::source::Source;
use super::header::{Endianness, Header};
use super::names::index_path;
use super::replaced::{self, replaced_files};
use crate::error::{Error, Result};
use crate::shown::shown_path;
use crate::storage::{Staging, refuse_existing};
use crate::tensor::Strings;

/// Merges the bundles at the prefixes `sources` into one at the prefix `dst`.
///
/// Everything is checked before a data file is touched: that all data shards are
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
/// `Unsupported` and `Io` about a source; `Cancelled`. After a move whose sources can't be
/// removed the error says that the merged bundle is whole.
pub fn merge(
    dst: impl AsRef<Path>,
    sources: &[impl AsRef<Path>],
    options: &MergeOptions,
) -> Result<()> {
    let parts = sources.iter().map(|prefix| Part::whole(prefix.as_ref())).collect();
    assemble(dst.as_ref(), &Assembly { parts, ..Assembly::default() }, options)
}

/// From the names of tensors to those that they get, one or several.
pub(crate) type Names = BTreeMap<Vec<u8>, Vec<Vec<u8>>>;

/// What a bundle is made of whose data files are there already.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    pub(crate) parts: Vec<Part>,
    /// Scalar string tensors that stand in the place of what the parts have under
    /// their names. They get a data file of their own.
    pub(crate) made: Vec<(Vec<u8>, Strings)>,
    /// Names that several parts may have, whatever is to happen with others: where
    /// that is an error, the part that comes first has it.
    pub(crate) shared: BTreeSet<Vec<u8>>,
    pub(crate) numbering: Numbering,
    /// Whether a data file that can't be linked is an error, rather than copied.
    pub(crate) strict_links: bool,
    /// Whether a bundle that is at the prefix already is replaced.
    pub(crate) replace: bool,
}

/// A bundle that goes into an assembly.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) prefix: PathBuf,
    /// The tensors that are taken, each under its new names, no two the same;
    /// `None` for all as they are. Data files of which nothing is taken are left
    /// behind.
    pub(crate) names: Option<Names>,
}

impl Part {
    pub(crate) fn whole(prefix: &Path) -> Self {
        Self { prefix: prefix.to_path_buf(), names: None }
    }
}

/// Makes a bundle at the prefix `dst` of data files that are there already: only
/// its index is written.
pub(crate) fn assemble(dst: &Path, assembly: &Assembly, options: &MergeOptions) -> Result<()> {
    options.progress.check()?;
    let parts = assembly.parts.iter();
    let mut sources = parts.map(|part| Source::open(part, options)).collect::<Result<Vec<_>>>()?;
    let mut header = common_header(&sources)?;
    if !assembly.replace {
        refuse_existing(options.storage.as_ref(), &index_path(dst))?;
    }
    let num_taken = numbering::number_shards(&mut sources, assembly.numbering)?;
    let made = MadeShard::new(&assembly.made, num_taken, header.endianness);
    header.num_shards = check_num_shards(num_taken.checked_add(made.count()))?;

    let mut staging = Staging::beside(options.storage.clone(), dst)?;
    let sync = options.sync || options.transfer == Transfer::Move;
    let made = made.stage(&mut staging, dst, header.num_shards, sync)?;
    let index = staging.create_seal(&index_path(dst))?;
    let policy = Policy { on_conflict: options.on_conflict, shared: &assembly.shared };
    index::write_index(index.as_ref(), &header, &sources, &made, &policy)?;
    if sync {
        index.sync()?;
    }
    drop(index);
    let transfer = transfer::Transport { options, strict: assembly.strict_links, sync };
    transfer.stage_data(&mut staging, dst, header.num_shards, &sources)?;
    options.progress.check()?;
    staging.take_turn()?;
    let replaced = replaced_files(options.storage.as_ref(), dst, assembly.replace)?;
    let how = (sync, &replaced[..]);
    replaced::commit(staging, options.storage.as_ref(), dst, &header, how, |index, header| {
        index::write_index(index, header, &sources, &made, &policy)
    })?;
    if options.transfer == Transfer::Move {
        transfer::remove_sources(&sources, options)?;
    }
    Ok(())
}

/// The header of the merged bundle, but for the number of its data shards.
fn common_header(sources: &[Source]) -> Result<Header> {
    let Some((first, others)) = sources.split_first() else {
        return Ok(Header::written(0, Endianness::default()));
    };
    let header = first.header().clone();
    for other in others {
        let theirs = other.header();
        if theirs.endianness != header.endianness || theirs.version != header.version {
            return Err(Error::invalid(format!(
                "byte order or version is not that of {}",
                shown_path(first.index().path())
            ))
            .in_file(other.index().path()));
        }
    }
    Ok(header)
}

fn check_num_shards(num_shards: Option<u32>) -> Result<u32> {
    match num_shards {
        Some(0) => Err(Error::invalid("there is nothing to merge")),
        Some(number) if i32::try_from(number).is_ok() => Ok(number),
        _ => Err(Error::invalid("the bundles have more than 2^31 data shards")),
    }
}
