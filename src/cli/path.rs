//! From what the user gives as a path to a checkpoint open for reading, or to the
//! prefix of one to be written.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use tfckpt::checkpoint::Reader;
use tfckpt::{Error, ErrorKind, Result};

/// What a path may be, for the help.
pub const HELP: &str = "The checkpoint: a prefix, one of its files (PREFIX.index, PREFIX.data-*, \
     PREFIX.meta, a V1 file), a state file ('checkpoint'), a directory (its latest), or that of a \
     SavedModel";

/// The sizes of more data shards than this are not looked up for a progress bar.
const MANY_SHARDS: u32 = 10_000;

/// Opens the checkpoint that `path` leads to.
pub fn open(path: &Path) -> Result<Reader> {
    Reader::open(path)
}

/// Refuses a destination that looks like a file or a directory: its files would
/// get names that nobody expects.
pub fn check_destination(prefix: &Path) -> Result<()> {
    let bytes = prefix.as_os_str().as_bytes();
    // Of a prefix that is called as a directory beside it nobody could tell them apart.
    let message = if bytes.ends_with(b"/") || prefix.is_dir() {
        "is a directory; the files need a name in it, as in 'dir/model'"
    } else if is_checkpoint_file_name(prefix) {
        "is to be a prefix: the name of the files without '.index', '.meta' or '.data-…'"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::InvalidArgument, message).in_file(prefix))
}

/// Whether only a file of a checkpoint has such a name.
pub fn is_checkpoint_file_name(path: &Path) -> bool {
    let name = path.file_name().map_or(&b""[..], OsStr::as_bytes);
    let is_data = || name.windows(6).any(|part| part == b".data-");
    name.ends_with(b".index") || name.ends_with(b".meta") || is_data()
}

/// How many bytes the data shards have, as far as that can be told.
pub fn data_bytes(reader: &Reader) -> Option<u64> {
    let shards = reader.num_shards();
    let size = |shard| {
        let file = reader.shard_path(shard).and_then(|path| std::fs::metadata(path).ok());
        file.map_or(0, |file| file.len())
    };
    (shards <= MANY_SHARDS).then(|| (0..shards).map(size).sum())
}
