//! How bundles are merged.

use std::sync::Arc;

use crate::progress::Progress;
use crate::storage::{LocalStorage, Storage};
use crate::table::TableOptions;

/// What happens where two bundles have a tensor of the same name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnConflict {
    /// Nothing is merged, and the error lists all such names.
    #[default]
    Error,
    /// The tensor of the bundle that was named first is taken.
    First,
    /// The tensor of the bundle that was named last is taken.
    Last,
}

/// What becomes of the data files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transfer {
    /// They are copied.
    #[default]
    Copy,
    /// They get a second name, as hard links: no bytes are moved, and each bundle
    /// may be removed without harm to the other. Copied where the file system
    /// has no links or the destination is on another.
    Link,
    /// As links; then, when the merged bundle is on stable storage, the sources
    /// are removed.
    Move,
}

/// How bundles are merged.
#[derive(Clone, Debug)]
pub struct MergeOptions {
    /// Where the files are. Default: the local file system.
    pub storage: Arc<dyn Storage>,
    /// What happens where two bundles have a tensor of the same name.
    pub on_conflict: OnConflict,
    /// What becomes of the data files.
    pub transfer: Transfer,
    /// Limits and cache of the sources' indices.
    pub index: TableOptions,
    /// Whether [`merge`](super::merge) returns only when the result is on stable
    /// storage. Default: yes. A move is always synced.
    pub sync: bool,
    /// On how many threads, the caller's included; they end before the call does. What
    /// comes of it doesn't depend on that. Default: 1.
    pub threads: usize,
    /// How many bytes of data are held at once, all threads together; some 100 KiB for
    /// each in any case, and of V1 a stored slice, which is decoded as a whole. Default:
    /// 64 MiB.
    pub max_in_flight: usize,
    /// How far the merge is, in bytes of data files, be they copied or linked, and
    /// whether it goes on. Default: nobody watches.
    pub progress: Progress,
}

impl Default for MergeOptions {
    fn default() -> Self {
        Self {
            storage: LocalStorage::shared(),
            on_conflict: OnConflict::default(),
            transfer: Transfer::default(),
            index: TableOptions::default(),
            sync: true,
            threads: 1,
            max_in_flight: 64 << 20,
            progress: Progress::none(),
        }
    }
}
