//! Which graphs are opened.

use std::ffi::{CString, c_char};
use std::path::PathBuf;
use std::ptr::null;
use std::sync::LazyLock;

use tfckpt::graph::MetaFile;

use super::files::{c_path, data_dir, path, scratch};

/// Graphs that are sound, small ones first: files, prefixes of checkpoints with one beside
/// them, and what leads to such.
const SOUND: [&str; 18] = [
    "tf115/new_saver/model.ckpt-0.meta",
    "meta_growth/assign_in_loop/model.ckpt-1.meta",
    "tf115/reimport/model.ckpt-1.meta",
    "tf115/v1/model.ckpt-1",
    "tf115/sharded/model.ckpt-0.meta",
    "meta_growth/control/model.ckpt-0.meta",
    "meta_growth/assign_in_loop/model.ckpt-5.meta",
    "meta_growth/new_saver/model.ckpt-2.meta",
    "meta_growth/reimport/model.ckpt-2.meta",
    "sharded/tf1/model.ckpt-7",
    "v1_sliced/saver/model.ckpt.meta",
    "v1_saver/single",
    "partitioned/tf1/model.ckpt.meta",
    "saved_model/module",
    "saved_model/keras/saved_model.pb",
    "tf115/model/model.ckpt-3.meta",
    "tf115/resource/model.ckpt-3.meta",
    "meta_growth/reimport/model.ckpt-4.meta",
];

/// Miri takes seconds for each node of a graph.
pub const NUM_SOUND_METAS: usize = if cfg!(miri) { 2 } else { SOUND.len() };

/// Sound graphs, and what was made of them here.
static PATHS: LazyLock<Vec<CString>> = LazyLock::new(|| {
    let golden = data_dir().join("golden");
    let sound = SOUND.iter().take(NUM_SOUND_METAS).map(|path| golden.join(path));
    let made = [damaged(), stripped(), damaged(), stripped(), damaged(), scratch("made")];
    sound.chain(made).map(|path| c_path(&path)).collect()
});

/// A graph, or any of the checkpoints, most of which have none beside them; seldom NULL.
pub fn meta_path(which: u8) -> *const c_char {
    match which {
        0xff => null(),
        0xf0.. => path(which),
        _ => PATHS[usize::from(which) % PATHS.len()].as_ptr(),
    }
}

/// Where a graph is that was changed.
pub fn damaged() -> PathBuf {
    scratch("damaged.meta")
}

/// Where stripped graphs go.
pub fn stripped() -> PathBuf {
    scratch("stripped.meta")
}

/// Writes a graph with some bytes changed, and cut off now and then. There are no hostile
/// graphs in the repository: a graph has no checksum, and takes any change.
pub fn damage(which: u8, changes: &[(u16, u8)], cut: u16) {
    let path = data_dir().join("golden").join(SOUND[usize::from(which) % NUM_SOUND_METAS]);
    let file = MetaFile::find(&path).unwrap();
    let mut content = std::fs::read(file.path()).unwrap();
    for &(at, byte) in changes.iter().take(16) {
        let at = usize::from(at) % content.len();
        content[at] = byte;
    }
    if cut < 0x4000 {
        content.truncate(usize::from(cut));
    }
    // Whoever has the one before open keeps that.
    let next = scratch("damaged.next");
    std::fs::write(&next, content).unwrap();
    std::fs::rename(next, damaged()).unwrap();
}

pub fn remove_metas() {
    for made in [damaged(), stripped()] {
        let _ = std::fs::remove_file(made);
    }
}
