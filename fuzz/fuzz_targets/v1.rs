//! A V1 checkpoint: any bytes as its file, or one of several files that is whole, or
//! with damage that no checksum shows. The first byte says which.
#![no_main]

use std::sync::Arc;

use arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use tfckpt::storage::{MemoryStorage, Storage};
use tfckpt::table::{Compression, Table, TableOptions, TableWriterOptions};
use tfckpt::tensor::{Slice, Strings};
use tfckpt::v1::{Writer, WriterOptions};
use tfckpt::{ErrorKind, Result};
use tfckpt_fuzz::explore::{self, PREFIX};
use tfckpt_fuzz::index::{self, Pairs};
use tfckpt_fuzz::model::{Model, Piece};
use tfckpt_fuzz::random::Random;
use tfckpt_fuzz::spec::{Edit, TensorSpec, shuffled, v1_models};
use tfckpt_fuzz::{bounded, explore_v1, forge};

#[derive(Arbitrary, Debug)]
struct Input {
    tensors: Vec<TensorSpec>,
    num_files: u8,
    seed: u64,
    /// Of which file, and what.
    edits: Vec<(u8, Edit)>,
    block_size: u8,
    snappy: bool,
}

fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((0, file)) => {
            look(&[file.to_vec()]);
            let mut fixed = file.to_vec();
            forge::fix_table(&mut fixed);
            look(&[fixed]);
        }
        Some((_, rest)) => {
            if let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(rest)) {
                built(&input);
            }
        }
        None => {}
    }
});

fn look(files: &[Vec<u8>]) {
    bounded(files.iter().map(Vec::len).sum(), || match explore_v1::open(files) {
        Ok(reader) => {
            explore_v1::checkpoint(&reader);
        }
        Err(error) => explore::assert_about_files(&error),
    });
}

fn built(input: &Input) {
    let mut random = Random(input.seed);
    let models = v1_models(&input.tensors);
    let (held, refused): (Vec<Model>, Vec<Model>) = models.into_iter().partition(is_held);
    let storage = MemoryStorage::new();
    let num_files = u32::from(input.num_files % 3) + 1;
    write(&storage, num_files, &shuffled(&held, &mut random), &refused);
    let files: Vec<Pairs> =
        explore_v1::paths(num_files).iter().map(|path| pairs(&storage, path)).collect();
    if input.edits.is_empty() {
        let reader = explore_v1::open(&tables(files, input)).unwrap();
        return explore_v1::assert_has(&reader, &held.iter().collect::<Vec<_>>());
    }
    let mut files = files;
    for (file, edit) in &input.edits {
        edit.apply(&mut files[usize::from(*file) % num_files as usize]);
    }
    look(&tables(files, input));
}

/// Whether TensorFlow, and so the writer, has a place for the name and the slices.
fn is_held(model: &Model) -> bool {
    let is_empty = |slice: &Slice| slice.extents().iter().any(|extent| extent.length == Some(0));
    std::str::from_utf8(&model.name).is_ok() && !model.slices.iter().any(is_empty)
}

fn write(storage: &MemoryStorage, num_files: u32, pieces: &[Piece<'_>], refused: &[Model]) {
    let options =
        WriterOptions { storage: Arc::new(storage.clone()), num_files, ..Default::default() };
    let mut writer = Writer::create_with(PREFIX, options).unwrap();
    for piece in pieces {
        write_piece(&mut writer, piece).unwrap();
    }
    for model in refused {
        let results = model.pieces().into_iter().map(|piece| write_piece(&mut writer, &piece));
        let error = results.filter_map(Result::err).next().expect("one is refused");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.tensor(), Some(&model.name[..]));
    }
    if refused.is_empty() {
        return writer.finish().unwrap();
    }
    // Pieces of what was refused may be in it.
    drop(writer);
    write(storage, num_files, pieces, &[]);
}

fn write_piece(writer: &mut Writer, &(model, slice): &Piece<'_>) -> Result<()> {
    let Model { name, dtype, shape, .. } = model;
    let whole = Slice::full(shape.rank());
    let elements = model.part(slice.unwrap_or(&whole));
    if dtype.is_variable_length() {
        let strings: Strings = elements.iter().collect();
        return match slice {
            None => writer.add_strings(name, shape, &strings),
            Some(slice) => writer.add_strings_slice(name, shape, slice, &strings),
        };
    }
    match slice {
        None => writer.add(name, *dtype, shape, &elements.concat()),
        Some(slice) => {
            let mut tensor = writer.begin_slice(name, *dtype, shape, slice)?;
            elements.iter().try_for_each(|element| tensor.write(element))?;
            tensor.finish()
        }
    }
}

fn pairs(storage: &MemoryStorage, path: &std::path::Path) -> Pairs {
    let table = Table::open(storage.open(path).unwrap(), &TableOptions::default()).unwrap();
    let mut cursor = table.cursor();
    let mut pairs = Pairs::new();
    while cursor.next().unwrap() {
        pairs.push((cursor.key().to_vec(), cursor.value().to_vec()));
    }
    pairs
}

fn tables(files: Vec<Pairs>, input: &Input) -> Vec<Vec<u8>> {
    let options = TableWriterOptions {
        block_size: usize::from(input.block_size),
        compression: if input.snappy { Compression::Snappy } else { Compression::None },
        ..TableWriterOptions::default()
    };
    let table = |mut pairs: Pairs| {
        pairs.sort();
        pairs.dedup_by(|next, pair| next.0 == pair.0);
        index::table(&pairs, &options)
    };
    files.into_iter().map(table).collect()
}
