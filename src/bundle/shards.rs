//! The data files of a bundle, each opened when it is first read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use super::header::Header;
use super::names::data_path;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::storage::{Mapping, ReadFile, Storage};

/// How many data files stay open between reads: a process may have a thousand or
/// so files open in all.
const MAX_OPEN: usize = 128;

/// So many data files may be opened before anybody reads from them.
const MAX_HELD: u32 = 64;

/// The data files of a bundle. A header may promise two thousand million of
/// them: only those that were asked for take any memory.
#[derive(Debug)]
pub(super) struct Shards {
    storage: Arc<dyn Storage>,
    prefix: PathBuf,
    num_shards: u32,
    mapped: bool,
    open: RwLock<BTreeMap<u32, Arc<dyn ReadFile>>>,
    mappings: RwLock<BTreeMap<u32, Arc<Mapping>>>,
}

impl Shards {
    pub(super) fn new(
        storage: Arc<dyn Storage>,
        prefix: &Path,
        header: &Header,
        mapped: bool,
    ) -> Self {
        Self {
            storage,
            prefix: prefix.to_path_buf(),
            num_shards: header.num_shards,
            mapped,
            open: RwLock::default(),
            mappings: RwLock::default(),
        }
    }

    pub(super) fn path(&self, shard: u32) -> PathBuf {
        data_path(&self.prefix, shard, self.num_shards)
    }

    pub(super) fn exists(&self, path: &Path) -> Result<bool> {
        self.storage.exists(path)
    }

    /// The file of shard `shard`.
    pub(super) fn file(&self, shard: u32) -> Result<Arc<dyn ReadFile>> {
        cached(&self.open, shard, || {
            let file = self.storage.open(&self.path(shard))?;
            Ok(if self.mapped { Arc::new(MappedFile::new(file)?) } else { file })
        })
        .in_shard(shard)
    }

    /// Opens the files that are there, unless they are many: whoever has them open may
    /// read on when their names are removed. Returns the first that is not there.
    pub(super) fn hold(&self) -> Option<Error> {
        let mut missing = None;
        if self.num_shards > MAX_HELD {
            return None;
        }
        for shard in 0..self.num_shards {
            match self.file(shard) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    missing.get_or_insert(error);
                }
                // As many files are open as may be: others need them more.
                Err(_) => {
                    self.open.write().unwrap_or_else(|e| e.into_inner()).clear();
                    break;
                }
            }
        }
        missing
    }

    /// The file of shard `shard`, mapped.
    pub(super) fn mapping(&self, shard: u32) -> Result<Arc<Mapping>> {
        cached(&self.mappings, shard, || self.file(shard)?.map()).in_shard(shard)
    }
}

/// The value of `shard`, made if this is the first time. No lock is held while
/// it is made: two threads may make it, and one is kept.
fn cached<T: Clone>(
    cache: &RwLock<BTreeMap<u32, T>>,
    shard: u32,
    make: impl FnOnce() -> Result<T>,
) -> Result<T> {
    if let Some(value) = cache.read().unwrap_or_else(|e| e.into_inner()).get(&shard) {
        return Ok(value.clone());
    }
    let made = make()?;
    let mut cache = cache.write().unwrap_or_else(|e| e.into_inner());
    if cache.len() >= MAX_OPEN {
        // Reads go from shard to shard in rising order.
        cache.pop_first();
    }
    Ok(cache.entry(shard).or_insert(made).clone())
}

/// A file that is read through its mapping.
#[derive(Debug)]
struct MappedFile {
    file: Arc<dyn ReadFile>,
    mapping: Arc<Mapping>,
}

impl MappedFile {
    fn new(file: Arc<dyn ReadFile>) -> Result<Self> {
        let mapping = file.map()?;
        Ok(Self { file, mapping })
    }
}

impl ReadFile for MappedFile {
    fn path(&self) -> &Path {
        self.file.path()
    }

    fn len(&self) -> u64 {
        self.mapping.bytes().len() as u64
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        let bytes = self.mapped(offset, buf.len()).ok_or_else(|| {
            Error::data_loss(format!("the file ends within the {} bytes read", buf.len()))
                .in_file(self.path())
                .at_offset(offset)
        })?;
        buf.copy_from_slice(bytes);
        Ok(())
    }

    fn mapped(&self, offset: u64, len: usize) -> Option<&[u8]> {
        let start = usize::try_from(offset).ok()?;
        self.mapping.bytes().get(start..start.checked_add(len)?)
    }

    fn map(&self) -> Result<Arc<Mapping>> {
        Ok(self.mapping.clone())
    }
}
