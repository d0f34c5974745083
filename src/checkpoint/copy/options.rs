//! How a checkpoint is copied.

use std::fmt::{self, Debug};
use std::sync::Arc;

use crate::bundle::WriterOptions;
use crate::checkpoint::{Glob, NameRule};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::shown::shown;
use crate::storage::{LocalStorage, Storage};
use crate::table::TableOptions;
use crate::tensor::{Cast, DType};

/// How a checkpoint is copied.
#[derive(Clone, Debug)]
pub struct CopyOptions {
    /// Where the files are. Default: the local file system.
    pub storage: Arc<dyn Storage>,
    /// Limits and cache of the source's index.
    pub index: TableOptions,
    /// Only tensors that one of these fits are copied; all where there are none. A
    /// filter that fits none is an error.
    pub filters: Vec<NameFilter>,
    /// New names: of a tensor, the one that the first rule gives that fits it; else
    /// it keeps its own. Rules that fit none of the tensors that are copied are an
    /// error.
    pub renames: Vec<NameRule>,
    /// Whether to leave out what is an optimizer's alone, as the object graph tells:
    /// what it keeps for the variables, its counters, its learning rate. Default: no.
    pub drop_optimizer_state: bool,
    /// What becomes of the data.
    pub data: CopyData,
    /// The floating type that tensors of all other floating types are turned into.
    /// Values are rounded once, to the nearest, ties to even; what is too large
    /// becomes infinity, or NaN in types without infinity. Default: none.
    pub cast: Option<DType>,
    /// How many data shards the copy has, of about equal size. Default: as many as
    /// the source, up to [`WriterOptions::MAX_SHARDS`].
    pub num_shards: Option<u32>,
    /// At what multiple of bytes a tensor begins: see
    /// [`WriterOptions::alignment`].
    pub alignment: Option<u64>,
    /// Whether a copy returns only when everything is on stable storage.
    /// Default: yes.
    pub sync: bool,
    /// Whether a checkpoint that is at the destination already is replaced: see
    /// [`WriterOptions::replace`]. Default: no.
    pub replace: bool,
    /// On how many threads, the caller's included; they end before the call does. The
    /// bytes of the copy don't depend on it. Default: 1.
    pub threads: usize,
    /// How many bytes of data are held at once, all threads together; some 100 KiB for
    /// each in any case, and of V1 a stored slice, which is decoded as a whole. Default:
    /// 64 MiB.
    pub max_in_flight: usize,
    /// How far the copy is, in bytes of values as they are stored, or where data stays
    /// as it is in bytes of data files; and whether it goes on. Default: nobody watches.
    pub progress: Progress,
}

impl Default for CopyOptions {
    fn default() -> Self {
        Self {
            storage: LocalStorage::shared(),
            index: TableOptions::default(),
            filters: Vec::new(),
            renames: Vec::new(),
            drop_optimizer_state: false,
            data: CopyData::default(),
            cast: None,
            num_shards: None,
            alignment: None,
            sync: true,
            replace: false,
            threads: 1,
            max_in_flight: 64 << 20,
            progress: Progress::none(),
        }
    }
}

impl CopyOptions {
    /// Whether all tensors are copied, under the names that they have.
    pub(super) fn takes_all(&self) -> bool {
        self.filters.is_empty() && self.renames.is_empty() && !self.drop_optimizer_state
    }

    /// How the copy is written where the source has `num_shards`.
    pub(super) fn writer_options(&self, num_shards: u32) -> WriterOptions {
        let default = num_shards.clamp(1, WriterOptions::MAX_SHARDS);
        WriterOptions {
            storage: self.storage.clone(),
            num_shards: self.num_shards.unwrap_or(default),
            alignment: self.alignment,
            sync: self.sync,
            replace: self.replace,
            ..WriterOptions::default()
        }
    }

    /// Refuses what makes no sense, whatever the source.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub fn check(&self) -> Result<()> {
        self.cast.map_or(Ok(()), |dtype| Cast::to(dtype).map(drop))?;
        self.writer_options(1).check()?;
        let reasons = [
            (self.cast.is_some(), "values are to be cast"),
            (self.num_shards.is_some(), "a number of data shards is given"),
            (self.alignment.is_some(), "an alignment is given"),
        ];
        let reasons: Vec<&str> =
            reasons.iter().filter(|(given, _)| *given).map(|(_, reason)| *reason).collect();
        if self.data == CopyData::Rewrite || reasons.is_empty() {
            return Ok(());
        }
        Err(not_as_it_is(&reasons.join(" and ")))
    }
}

/// Why data has to be rewritten.
pub(super) fn not_as_it_is(reason: &str) -> Error {
    Error::invalid(format!("the data can't stay as it is: {reason}; let it be rewritten"))
}

/// What becomes of the data of a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CopyData {
    /// It is written anew: every byte is checked on the way, what was left out takes
    /// no room, and the copy is little-endian.
    #[default]
    Rewrite,
    /// Only the index is written; the data files are copied as they are, unchecked,
    /// with all that is in them. The index keeps the checksums, so damage is told by
    /// whoever reads the copy, as it is of the source.
    Copy,
    /// Only the index is written; the data files get a second name, as hard links: no
    /// bytes are moved or checked, and either checkpoint may be removed without harm to
    /// the other. The index keeps the checksums. An error where the file system has no links, or the copy is to be on
    /// another.
    Link,
}

/// Says which tensors are wanted, by the names that they have in the source.
#[derive(Clone)]
pub struct NameFilter(Kind);

#[derive(Clone)]
enum Kind {
    Glob(Glob),
    Predicate(Arc<Predicate>),
}

type Predicate = dyn Fn(&[u8]) -> bool + Send + Sync;

impl NameFilter {
    /// Those that `wanted` says.
    pub fn new(wanted: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Self {
        Self(Kind::Predicate(Arc::new(wanted)))
    }

    /// Whether it fits the name.
    pub fn fits(&self, name: &[u8]) -> bool {
        match &self.0 {
            Kind::Glob(glob) => glob.matches(name),
            Kind::Predicate(wanted) => wanted(name),
        }
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        match &self.0 {
            Kind::Glob(glob) => format!("'{}'", shown(glob.text())),
            Kind::Predicate(_) => "a function".into(),
        }
    }
}

/// Those that are as the pattern.
impl From<Glob> for NameFilter {
    fn from(glob: Glob) -> Self {
        Self(Kind::Glob(glob))
    }
}

impl Debug for NameFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NameFilter").field(&self.text()).finish()
    }
}
