//! Any bytes as the index of a bundle and its data: the first two say how many are
//! of the index.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tfckpt_fuzz::{bounded, explore, forge};

fuzz_target!(|data: &[u8]| {
    let Some((len, rest)) = data.split_first_chunk() else { return };
    let len = usize::from(u16::from_le_bytes(*len)).min(rest.len());
    let (index, shard) = rest.split_at(len);
    look(index, shard);
    let mut fixed = index.to_vec();
    forge::fix_table(&mut fixed);
    look(&fixed, shard);
});

fn look(index: &[u8], shard: &[u8]) {
    bounded(index.len() + shard.len(), || {
        match explore::open(&explore::storage_of(index, &[shard.to_vec()])) {
            Ok(reader) => explore::bundle(&reader),
            Err(error) => explore::assert_about_files(&error),
        }
    });
}
