//! Bundles in memory, for the benchmarks that read values.

use std::sync::Arc;

use tfckpt::bundle::{Reader, ReaderOptions, Writer, WriterOptions};
use tfckpt::storage::MemoryStorage;

const PREFIX: &str = "/model";

/// A reader of what `fill` wrote.
pub fn reader_of(fill: impl FnOnce(&mut Writer)) -> Reader {
    let storage = Arc::new(MemoryStorage::new());
    let options = WriterOptions { storage: storage.clone(), ..WriterOptions::default() };
    let mut writer = Writer::create_with(PREFIX, options).expect("a writer");
    fill(&mut writer);
    writer.finish().expect("a bundle");
    let options = ReaderOptions { storage, ..ReaderOptions::default() };
    Reader::open_with(PREFIX, &options).expect("a bundle")
}
