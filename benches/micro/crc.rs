//! CRC-32C, from what a tiny tensor has to what no cache holds.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use tfckpt::checksum;

#[divan::bench(args = [16, 256, 4 << 10, 64 << 10, 1 << 20, 64 << 20])]
fn crc32c(bencher: Bencher<'_, '_>, size: usize) {
    let data = vec![7u8; size];
    bencher.counter(BytesCount::new(size)).bench(|| checksum::crc32c(black_box(&data)));
}
