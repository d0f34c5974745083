//! What is opened, and where is written to.

use std::ffi::{CString, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Checkpoints that are sound, of every kind, and folders of such; small ones first.
const SOUND: [&str; 14] = [
    "shapes_and_empties/ckpt",
    "variant/lists/ckpt",
    "big_endian/big_sharded/ckpt",
    "partitioned/blocks/ckpt",
    "v1_sliced/blocks.ckpt",
    "odd_keys/ckpt",
    "all_dtypes/ckpt",
    "sharded/manual/ckpt",
    "big_endian/big/ckpt",
    "snappy_index/mixed/ckpt",
    "object_based/keras/ckpt-50",
    "object_based/keras",
    "saved_model/keras",
    "v1_saver/single",
];

/// How many of the paths are those of sound checkpoints, which come first. For Miri they are
/// all there are: a file that is to be unpacked to megabytes takes it minutes.
pub const NUM_SOUND: usize = if cfg!(miri) { 3 } else { SOUND.len() };

/// Which of the paths have object graphs, where there are as many.
pub const OBJECT_BASED: [u8; 3] = [10, 11, 12];

/// Sound checkpoints, what was made here, and all hostile cases; as many as a byte can name.
pub static PATHS: LazyLock<Vec<CString>> = LazyLock::new(|| {
    let data = data_dir();
    let sound = SOUND.iter().take(NUM_SOUND).map(|path| data.join("golden").join(path));
    let made = ["made", "made/ckpt", "managed", "copied/ckpt", "merged/ckpt"].map(scratch);
    let cases = data.join("hostile").read_dir().unwrap().map(|entry| entry.unwrap().path());
    let cases = cases.filter(|case| case.is_dir() && !cfg!(miri));
    let mut hostile: Vec<PathBuf> = cases.map(|case| path_of(&case)).collect();
    hostile.sort();
    let paths: Vec<CString> = sound.chain(made).chain(hostile).map(|path| c_path(&path)).collect();
    assert!(paths.len() <= 256, "{} paths", paths.len());
    paths
});

/// The fuzz targets are in a folder of their own, below.
pub fn data_dir() -> PathBuf {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.map(|dir| dir.join("tests/data")).find(|data| data.is_dir()).unwrap()
}

/// The prefix of a case, or the folder where there is but a state file.
fn path_of(case: &Path) -> PathBuf {
    let name = ["model.ckpt", "checkpoint"].into_iter().find(|name| case.join(name).exists());
    match name {
        Some("checkpoint") => case.to_path_buf(),
        name => case.join(name.unwrap_or("ckpt")),
    }
}

pub fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

/// Each process writes in a folder of its own, in memory where there is one.
pub fn scratch(name: &str) -> PathBuf {
    let dir = scratch_dir();
    std::fs::create_dir_all(&dir).unwrap();
    dir.join(name)
}

pub fn remove_scratch() {
    std::fs::remove_dir_all(scratch_dir()).unwrap();
}

fn scratch_dir() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
    base.join(format!("tfckpt-calls-{}", std::process::id()))
}

pub fn path(which: u8) -> *const c_char {
    PATHS[usize::from(which) % PATHS.len()].as_ptr()
}
