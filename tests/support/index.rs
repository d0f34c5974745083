//! The index of a bundle as the pairs of keys and values that it is.

use std::path::Path;

use tfckpt::bundle::index_path;
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::table::{Table, TableOptions, TableWriter, TableWriterOptions};

pub type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// What is in the index of the bundle at `prefix`.
pub fn pairs(storage: &MemoryStorage, prefix: &Path) -> Pairs {
    let file = storage.open(&index_path(prefix)).unwrap();
    let table = Table::open(file, &TableOptions::default()).unwrap();
    let mut cursor = table.cursor();
    let mut pairs = Pairs::new();
    while cursor.next().unwrap() {
        pairs.push((cursor.key().to_vec(), cursor.value().to_vec()));
    }
    pairs
}

/// The bytes of an index of these pairs, which are in order.
pub fn table(pairs: &Pairs, options: &TableWriterOptions) -> Vec<u8> {
    let storage = MemoryStorage::new();
    let file = storage.create(Path::new("index")).unwrap();
    let mut table = TableWriter::new(&*file, options).unwrap();
    pairs.iter().for_each(|(key, value)| table.add(key, value).unwrap());
    table.finish().unwrap();
    storage.bytes("index").unwrap()
}
