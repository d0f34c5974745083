//! Tables of blocks: walked along, looked into, and made.

use std::path::Path;
use std::sync::Arc;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use tfckpt::storage::{MemoryFile, MemoryStorage, Storage};
use tfckpt::table::{Table, TableOptions, TableWriter, TableWriterOptions};

const ENTRIES: usize = 10_000;
const PATH: &str = "/table";

/// As in the index of a checkpoint: names that share much, and some twenty bytes each.
fn entries() -> Vec<(String, [u8; 20])> {
    let entry = |i: usize| (format!("encoder/block_{:05}/kernel_{:03}", i / 100, i % 100), [9; 20]);
    (0..ENTRIES).map(entry).collect()
}

fn write(storage: &MemoryStorage, entries: &[(String, [u8; 20])]) {
    let file = storage.create(Path::new(PATH)).expect("a new file");
    let mut writer = TableWriter::new(&*file, &TableWriterOptions::default()).expect("a writer");
    for (name, value) in entries {
        writer.add(name.as_bytes(), value).expect("keys that rise");
    }
    writer.finish().expect("a table");
}

/// The table, with nothing of it decoded.
fn table(cache_bytes: usize) -> Table {
    let storage = MemoryStorage::new();
    write(&storage, &entries());
    let bytes = storage.bytes(PATH).expect("a file");
    let options = TableOptions { cache_bytes, ..TableOptions::default() };
    Table::open(Arc::new(MemoryFile::new(PATH, bytes)), &options).expect("a table")
}

/// Each block read, checked and parsed.
#[divan::bench]
fn walk(bencher: Bencher<'_, '_>) {
    let table = table(0);
    bencher.counter(ItemsCount::new(ENTRIES)).bench(|| {
        let mut cursor = table.cursor();
        let mut bytes = 0;
        while cursor.next().expect("an entry") {
            bytes += cursor.key().len() + cursor.value().len();
        }
        bytes
    });
}

/// A look-up in a block that is there already.
#[divan::bench]
fn get(bencher: Bencher<'_, '_>) {
    let table = table(16 << 20);
    let name = &entries()[ENTRIES / 3].0;
    bencher.bench(|| table.get(black_box(name.as_bytes())).expect("a sound block"));
}

#[divan::bench(name = "write")]
fn write_table(bencher: Bencher<'_, '_>) {
    let entries = entries();
    bencher
        .counter(ItemsCount::new(ENTRIES))
        .with_inputs(MemoryStorage::new)
        .bench_refs(|storage| write(storage, &entries));
}
