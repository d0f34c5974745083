//! What is opened, and where is written to.

use std::ffi::{CString, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// All cases that there are, and folders, and what is not there.
pub static PATHS: LazyLock<Vec<CString>> = LazyLock::new(|| {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
    let hostile = std::fs::read_dir(data.join("hostile")).unwrap();
    let mut found: Vec<PathBuf> = hostile.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found.extend(
        ["object_based/keras/ckpt-50", "sharded", "big_endian"]
            .map(|path| data.join("golden").join(path)),
    );
    found.push(scratch("made"));
    found.into_iter().flat_map(|path| paths_in(&path)).collect()
});

pub fn paths_in(path: &Path) -> [CString; 2] {
    let name = if path.join("model.ckpt").exists() { "model.ckpt" } else { "ckpt" };
    [path.to_path_buf(), path.join(name)].map(|path| c_path(&path))
}

pub fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

/// Each process writes in a folder of its own, in memory where there is one.
pub fn scratch(name: &str) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
    let dir = base.join(format!("tfckpt-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir.join(name)
}

pub fn path(which: u8) -> *const c_char {
    PATHS[usize::from(which) % PATHS.len()].as_ptr()
}
