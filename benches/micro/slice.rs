//! Slices of a matrix of 16 MiB, gathered from what is stored.

use divan::Bencher;
use divan::counter::BytesCount;
use tfckpt::bundle::{ReadOptions, Reader, Writer};
use tfckpt::tensor::{DType, Extent, Shape, Slice};

use crate::bundle::reader_of;

const SIDE: i64 = 2048;
const NAME: &str = "matrix";

fn shape() -> Shape {
    Shape::new([SIDE, SIDE]).expect("a shape")
}

fn bytes_of(slice: &Slice) -> usize {
    slice.shape(&shape()).expect("a part of it").dims().iter().product::<i64>() as usize * 4
}

fn add_whole(writer: &mut Writer) {
    let bytes = vec![3; bytes_of(&Slice::full(2))];
    writer.add(NAME, DType::FLOAT, &shape(), &bytes).expect("a tensor");
}

/// In eight slices, side by side.
fn add_partitioned(writer: &mut Writer) {
    for part in 0..8 {
        let slice = Slice::new([Extent::FULL, Extent::new(part * SIDE / 8, SIDE / 8)]);
        let bytes = vec![part as u8; bytes_of(&slice)];
        writer.add_slice(NAME, DType::FLOAT, &shape(), &slice, &bytes).expect("a slice");
    }
}

fn read(bencher: Bencher<'_, '_>, reader: &Reader, slice: &Slice, verify: bool) {
    let options = ReadOptions { verify, ..ReadOptions::default() };
    let mut dst = vec![0; bytes_of(slice)];
    bencher
        .counter(BytesCount::new(dst.len()))
        .bench_local(|| reader.read_slice_into(NAME, slice, &mut dst, &options).expect("values"));
}

/// One piece of the file.
#[divan::bench(args = [true, false])]
fn rows(bencher: Bencher<'_, '_>, verify: bool) {
    let slice = Slice::new([Extent::new(SIDE / 2, SIDE / 100), Extent::FULL]);
    read(bencher, &reader_of(add_whole), &slice, verify);
}

/// A piece of each row.
#[divan::bench(args = [true, false])]
fn columns(bencher: Bencher<'_, '_>, verify: bool) {
    let slice = Slice::new([Extent::FULL, Extent::new(SIDE / 2, SIDE / 8)]);
    read(bencher, &reader_of(add_whole), &slice, verify);
}

/// All of a tensor whose stored slices each have a piece of each row.
#[divan::bench(args = [true, false])]
fn partitioned(bencher: Bencher<'_, '_>, verify: bool) {
    read(bencher, &reader_of(add_partitioned), &Slice::full(2), verify);
}
