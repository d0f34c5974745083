//! String tensors: lengths, checksums and bytes apart and together.

use divan::Bencher;
use divan::counter::ItemsCount;
use tfckpt::bundle::ReadOptions;
use tfckpt::tensor::{Shape, Strings};

use crate::bundle::reader_of;

const COUNT: usize = 100_000;
const NAME: &str = "words";

fn strings(size: usize) -> Strings {
    (0..COUNT).map(|i| vec![b'a' + (i % 26) as u8; size]).collect()
}

fn shape() -> Shape {
    Shape::new([COUNT as i64]).expect("a shape")
}

#[divan::bench(args = [4, 16, 200])]
fn decode(bencher: Bencher<'_, '_>, size: usize) {
    let reader = reader_of(|writer| {
        writer.add_strings(NAME, &shape(), &strings(size)).expect("strings");
    });
    let options = ReadOptions::default();
    bencher
        .counter(ItemsCount::new(COUNT))
        .bench(|| reader.read_strings(NAME, &options).expect("strings"));
}

#[divan::bench(args = [4, 16, 200])]
fn encode(bencher: Bencher<'_, '_>, size: usize) {
    let strings = strings(size);
    bencher.counter(ItemsCount::new(COUNT)).bench(|| {
        reader_of(|writer| writer.add_strings(NAME, &shape(), &strings).expect("strings"))
    });
}
