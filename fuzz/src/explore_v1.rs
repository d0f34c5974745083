//! Every way to look at a V1 checkpoint, whatever it is; all must agree.

use std::path::PathBuf;
use std::sync::Arc;

use tfckpt::Progress;
use tfckpt::bundle::{ReadOptions, ReadRequest, ReaderOptions};
use tfckpt::checkpoint::{Format, Reader, Tensor};
use tfckpt::storage::MemoryStorage;
use tfckpt::tensor::{DType, Slice, Strings};
use tfckpt::v1::file_path;
use tfckpt::{Error, Result};

use crate::explore::{PREFIX, assert_about_files, places, slices};
use crate::model::Model;

/// How many tensors of a checkpoint are looked at closely.
const MOST_TENSORS: usize = 64;

const OPTIONS: ReadOptions =
    ReadOptions { verify: true, threads: 1, max_in_flight: 8 << 20, progress: Progress::none() };

pub fn paths(num_files: u32) -> Vec<PathBuf> {
    (0..num_files).map(|file| file_path(PREFIX.as_ref(), file, num_files)).collect()
}

pub fn open(files: &[Vec<u8>]) -> Result<Reader> {
    let storage = MemoryStorage::new();
    for (path, bytes) in paths(files.len() as u32).into_iter().zip(files) {
        storage.put(path, bytes.clone());
    }
    let options = ReaderOptions { storage: Arc::new(storage), ..Default::default() };
    Reader::open_with(PREFIX, &options)
}

/// What a tensor holds.
#[derive(Debug, PartialEq)]
enum Content {
    Plain(Vec<u8>),
    Strings(Strings),
}

/// Looks at a checkpoint; says whether nothing is wrong with it.
pub fn checkpoint(reader: &Reader) -> bool {
    assert_eq!(reader.format(), Format::V1);
    let report = reader.verify(&Progress::none()).unwrap();
    report.problems.iter().for_each(assert_about_files);
    let tensors: Vec<Tensor> = reader.tensors().collect::<Result<_>>().unwrap();
    assert!(tensors.windows(2).all(|two| two[0].name < two[1].name), "names must rise");
    assert_eq!(reader.len().unwrap(), tensors.len() as u64);
    let mut plain = Vec::new();
    for (position, tensor) in (0..).zip(&tensors).take(MOST_TENSORS) {
        assert_eq!(reader.at(position).unwrap().as_ref(), Some(tensor));
        assert_eq!(reader.find(&tensor.name).unwrap().as_ref(), Some(tensor));
        let content = content(reader, tensor);
        assert!(content.is_ok() || !report.is_ok(), "verify missed it");
        match content {
            Ok(Content::Plain(data)) => plain.push((tensor, data)),
            Ok(Content::Strings(_)) => {}
            Err(error) => assert_lost(&error, tensor),
        }
    }
    check_many(reader, &plain);
    report.is_ok()
}

fn assert_lost(error: &Error, tensor: &Tensor) {
    assert_about_files(error);
    assert_eq!(error.tensor(), Some(&tensor.name[..]));
}

/// What a tensor holds, read in every way.
fn content(reader: &Reader, tensor: &Tensor) -> Result<Content> {
    pieces(reader, tensor);
    let name = &tensor.name;
    if tensor.dtype == DType::STRING {
        let whole = reader.read_strings(name, &OPTIONS)?;
        for slice in slices(&tensor.shape) {
            let places = places(&tensor.shape, &slice);
            let expected: Strings = places.iter().map(|&at| whole.get(at).unwrap()).collect();
            assert_eq!(reader.read_strings_slice(name, &slice, &OPTIONS).unwrap(), expected);
        }
        return Ok(Content::Strings(whole));
    }
    let size = reader.read_size(name, None);
    let mut small = [0; 64];
    let _ = reader.read_into(name, &mut small, &OPTIONS);
    let whole = reader.read(name)?;
    assert_eq!(size.unwrap(), whole.len() as u64);
    let element = tensor.dtype.size().unwrap();
    for slice in slices(&tensor.shape) {
        let places = places(&tensor.shape, &slice);
        let expected: Vec<u8> =
            places.iter().flat_map(|at| &whole[at * element..][..element]).copied().collect();
        let size = reader.read_size(name, Some(&slice)).unwrap() as usize;
        let mut data = vec![0; size];
        assert_eq!(reader.read_slice_into(name, &slice, &mut data, &OPTIONS).unwrap(), size);
        assert!(data == expected, "slice {slice}");
    }
    Ok(Content::Plain(whole))
}

/// Each stored piece by itself is what a read of its slice gives, if that can be read.
fn pieces(reader: &Reader, tensor: &Tensor) {
    let Ok(pieces) = reader.pieces(tensor) else { return };
    for piece in pieces.iter().filter(|_| tensor.dtype != DType::STRING) {
        let mut data = Vec::new();
        let read = reader.read_piece(tensor, piece, |part| {
            data.extend_from_slice(part);
            Ok(())
        });
        let whole = Slice::full(tensor.shape.rank());
        let slice = piece.slice.as_ref().unwrap_or(&whole);
        match (read, reader.read_size(&tensor.name, Some(slice))) {
            (Ok(()), Ok(size)) => {
                let mut again = vec![0; size as usize];
                reader.read_slice_into(&tensor.name, slice, &mut again, &OPTIONS).unwrap();
                assert_eq!(data, again);
            }
            (Ok(()), Err(error)) | (Err(error), _) => assert_lost(&error, tensor),
        }
    }
}

fn check_many(reader: &Reader, tensors: &[(&Tensor, Vec<u8>)]) {
    let mut buffers: Vec<Vec<u8>> = tensors.iter().map(|(_, data)| vec![0; data.len()]).collect();
    let mut requests: Vec<ReadRequest<'_>> = tensors
        .iter()
        .zip(&mut buffers)
        .rev()
        .map(|((tensor, _), dst)| ReadRequest {
            name: &tensor.name,
            slice: None,
            dst,
            dst_strides: None,
        })
        .collect();
    reader.read_many(&mut requests, &OPTIONS).unwrap();
    assert!(tensors.iter().zip(&buffers).all(|((_, data), read)| data == read));
}

/// Checks that a checkpoint has just these tensors.
pub fn assert_has(reader: &Reader, models: &[&Model]) {
    assert!(checkpoint(reader), "{:?}", reader.verify(&Progress::none()).unwrap().problems);
    assert_eq!(reader.len().unwrap(), models.len() as u64);
    for model in models {
        let tensor = reader.tensor(&model.name).unwrap();
        assert_eq!((tensor.dtype, &tensor.shape), (model.dtype, &model.shape));
        assert_eq!(tensor.slices.len(), model.slices.len());
        let expected = match model.dtype {
            DType::STRING => Content::Strings(model.elements.iter().collect()),
            _ => Content::Plain(model.elements.concat()),
        };
        assert_eq!(content(reader, &tensor).unwrap(), expected);
    }
}
