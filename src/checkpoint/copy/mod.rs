//! A checkpoint into another: all of it or some, as it is or under other names, its
//! data written anew or kept.
//!
//! ```text
//! Reader ──Selection──► Plan ─┬─ rewrite: values ──Batch──► Writer
//!                             └─ keep: names ──► Assembly (index anew, data linked or copied)
//! ```

mod batch;
mod keep;
mod options;
mod plan;
mod rewrite;
mod select;

pub use options::{CopyData, CopyOptions, NameFilter};
pub use select::Selection;

use std::path::{Path, PathBuf};

use self::plan::Plan;
use super::reader::Reader;
use super::source::Beneath;
use crate::bundle::ReaderOptions;
use crate::error::{Error, Result};

/// Copies the checkpoint that the path `src` leads to, V2 or V1, into a V2
/// checkpoint at the prefix `dst`.
///
/// The copy appears whole or not at all, and nothing ever happens to the source.
/// Partitioned tensors stay partitioned; where slices are missing, as in one part of
/// a sharded save, those that are there are copied.
///
/// An object graph comes along and stays true, so that `tf.train.Checkpoint` restores
/// what is there: what it says of tensors that are left out goes, and its keys follow
/// the names. A name that can be no key, because it does not end as before from
/// `/.ATTRIBUTES/` on, is lost to it. Where nothing of it is left it is left out too.
///
/// ```
/// # use tfckpt::bundle::Writer;
/// # use tfckpt::tensor::{DType, Shape};
/// use tfckpt::checkpoint::{self, CopyData, CopyOptions, Glob, NameRule};
///
/// # fn main() -> tfckpt::Result<()> {
/// # let dir = tempfile::tempdir().unwrap();
/// # let (src, dst) = (dir.path().join("src"), dir.path().join("dst"));
/// # let mut writer = Writer::create(&src)?;
/// # writer.add("model/w", DType::UINT8, &Shape::new([2])?, &[1, 2])?;
/// # writer.add("step", DType::UINT8, &Shape::new([1])?, &[3])?;
/// # writer.finish()?;
/// let options = CopyOptions {
///     filters: vec![Glob::new("model/*")?.into()],
///     renames: vec![NameRule::prefix("model/", "encoder/")],
///     data: CopyData::Link,
///     ..CopyOptions::default()
/// };
/// checkpoint::copy(&dst, &src, &options)?;
/// assert_eq!(checkpoint::Reader::open(&dst)?.read("encoder/w")?, [1, 2]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// `InvalidArgument` for options that make no sense together; where `src` and `dst`
/// are the same; where data is to stay as it is and can't; where several tensors
/// would have the same name, with [all such names](Error::names); where there is no
/// object graph to tell optimizer state.
/// `NotFound` for a filter or a rule that fits no tensor. `AlreadyExists` where there
/// is a checkpoint at `dst`. `Io` where data can't be linked. `Cancelled`. Those of
/// [`Reader::open`] and of reading.
pub fn copy(dst: impl AsRef<Path>, src: impl AsRef<Path>, options: &CopyOptions) -> Result<()> {
    let reader_options = ReaderOptions {
        storage: options.storage.clone(),
        index: options.index.clone(),
        ..ReaderOptions::default()
    };
    copy_reader(dst, &Reader::open_with(src, &reader_options)?, options)
}

/// Copies what `reader` reads, of an [overlay](super::Overlay) the tensors of all
/// its checkpoints, as [`copy`] does.
///
/// # Errors
/// Those of [`copy`]. Where data stays as it is also
/// `InvalidArgument` for checkpoints of different byte order or version.
pub fn copy_reader(dst: impl AsRef<Path>, reader: &Reader, options: &CopyOptions) -> Result<()> {
    let dst = dst.as_ref();
    options.check()?;
    options.progress.check()?;
    let plan = Plan::new(reader, options)?;
    refuse_itself(dst, reader, &plan)?;
    match options.data {
        CopyData::Rewrite => rewrite::rewrite(dst, reader, &plan, options),
        CopyData::Copy | CopyData::Link => keep::keep(dst, reader, &plan, options),
    }
}

/// Refuses a checkpoint as the place for a copy of itself.
fn refuse_itself(dst: &Path, reader: &Reader, plan: &Plan) -> Result<()> {
    let dst = absolute(dst);
    let is_dst = |prefix: &Path| absolute(prefix) == dst;
    let mut last = None;
    let mut any_is_dst = is_dst(reader.prefix());
    for planned in &plan.tensors {
        for origin in reader.source().origins(&planned.tensor.name) {
            let Beneath::Bundle(bundle) = origin.beneath else { continue };
            if last.replace(origin.source) != Some(origin.source) {
                any_is_dst |= is_dst(bundle.prefix());
            }
        }
    }
    match any_is_dst {
        true => Err(Error::invalid("source and destination are the same").in_file(&dst)),
        false => Ok(()),
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
