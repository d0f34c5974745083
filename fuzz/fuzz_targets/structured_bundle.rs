//! A bundle that is whole, or with damage that no checksum shows.
#![no_main]

use std::path::Path;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tfckpt::bundle::data_path;
use tfckpt::storage::MemoryStorage;
use tfckpt::table::{Compression, TableWriterOptions};
use tfckpt_fuzz::explore::{self, PREFIX};
use tfckpt_fuzz::forge::EntryProto;
use tfckpt_fuzz::index::{self, Pairs};
use tfckpt_fuzz::random::Random;
use tfckpt_fuzz::spec::{Change, Edit, Layout, TensorSpec, models, shuffled};
use tfckpt_fuzz::{bounded, check};

#[derive(Arbitrary, Debug)]
struct Input {
    tensors: Vec<TensorSpec>,
    layout: Layout,
    big: bool,
    seed: u64,
    edits: Vec<Edit>,
    data_edits: Vec<(u8, Change)>,
    /// Whether the checksums of the data are made right as well.
    fix_data: bool,
    block_size: u8,
    snappy: bool,
}

fuzz_target!(|input: Input| {
    let mut random = Random(input.seed);
    let models = models(&input.tensors);
    let storage = MemoryStorage::new();
    let pieces = shuffled(&models, &mut random);
    input.layout.write(&storage, PREFIX, &pieces, input.big);
    let prefix = Path::new(PREFIX);
    let num_shards = input.layout.num_shards();
    let shard_path = |shard| data_path(prefix, shard, num_shards);
    let mut shards: Vec<Vec<u8>> =
        (0..num_shards).map(|shard| storage.bytes(shard_path(shard)).unwrap()).collect();
    for (shard, change) in &input.data_edits {
        change.apply(&mut shards[usize::from(*shard) % num_shards as usize]);
    }
    let index = edited(index::pairs(&storage, prefix), &input, &shards);
    let size = index.len() + shards.iter().map(Vec::len).sum::<usize>();
    let is_whole = input.edits.is_empty() && input.data_edits.is_empty();
    bounded(size, || match explore::open(&explore::storage_of(&index, &shards)) {
        Ok(reader) if is_whole => check::check_bundle(&reader, &models, &mut random),
        Ok(reader) => explore::bundle(&reader),
        Err(error) => explore::assert_about_files(&error),
    });
});

/// The index after all edits, as a sound table.
fn edited(mut pairs: Pairs, input: &Input, shards: &[Vec<u8>]) -> Vec<u8> {
    input.edits.iter().for_each(|edit| edit.apply(&mut pairs));
    if input.fix_data {
        pairs.iter_mut().filter(|(key, _)| !key.is_empty()).for_each(|(_, value)| {
            if let Some(mut entry) = EntryProto::parse(value) {
                entry.fix(shards);
                *value = entry.encode();
            }
        });
    }
    pairs.sort();
    pairs.dedup_by(|next, pair| next.0 == pair.0);
    let options = TableWriterOptions {
        block_size: usize::from(input.block_size),
        compression: if input.snappy { Compression::Snappy } else { Compression::None },
        ..TableWriterOptions::default()
    };
    index::table(&pairs, &options)
}
