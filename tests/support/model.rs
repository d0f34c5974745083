//! Tensors of random content, and how they are written.

use std::collections::BTreeSet;
use std::path::Path;

use tfckpt::Result;
use tfckpt::bundle::{Writer, WriterOptions, encode_slice_key};
use tfckpt::tensor::{DType, Extent, Shape, Slice, Strings};

use super::random::Random;

/// A tensor as it must come back.
#[derive(Debug)]
pub struct Model {
    pub name: Vec<u8>,
    pub dtype: DType,
    pub shape: Shape,
    /// The bytes of each element, in C order.
    pub elements: Vec<Vec<u8>>,
    /// The slices that it is stored as; none where it is stored whole.
    pub slices: Vec<Slice>,
    /// The sizes in which its bytes are written, again and again; all at once
    /// where there are none.
    pub streamed: Vec<usize>,
}

/// What is written in one go: a tensor, or a slice of it.
pub type Piece<'m> = (&'m Model, Option<&'m Slice>);

/// Which piece is cut, along which dimension, and where: each taken modulo what
/// there is.
pub type Cut = (u8, u8, u16);

impl Model {
    /// A tensor of random elements, cut into slices as `cuts` say.
    pub fn new(name: Vec<u8>, dtype: DType, dims: &[i64], cuts: &[Cut], seed: u64) -> Self {
        let mut random = Random(seed);
        let shape = Shape::new(dims).unwrap();
        let elements = (0..shape.num_elements())
            .map(|_| {
                let len = dtype.size().unwrap_or_else(|| string_len(&mut random));
                random.bytes(len)
            })
            .collect();
        let slices = partition(dims, cuts, &mut random);
        Self { name, dtype, shape, elements, slices, streamed: Vec::new() }
    }

    /// The keys that it takes in the index.
    pub fn keys(&self) -> Vec<Vec<u8>> {
        let slice_keys = self.slices.iter().map(|slice| encode_slice_key(&self.name, slice));
        std::iter::once(self.name.clone()).chain(slice_keys).collect()
    }

    pub fn pieces(&self) -> Vec<Piece<'_>> {
        match self.slices.is_empty() {
            true => vec![(self, None)],
            false => self.slices.iter().map(|slice| (self, Some(slice))).collect(),
        }
    }

    /// The elements of `slice`, asked for one by one.
    pub fn part(&self, slice: &Slice) -> Vec<&[u8]> {
        let mut found = vec![0];
        for (extent, &dim) in slice.extents().iter().zip(self.shape.dims()) {
            let length = extent.length.unwrap_or(dim);
            let along = |at: &i64| {
                let first = at * dim + extent.start;
                first..first + length
            };
            found = found.iter().flat_map(along).collect();
        }
        found.iter().map(|&at| self.elements[at as usize].as_slice()).collect()
    }

    pub fn random_slice(&self, random: &mut Random) -> Slice {
        let extents = self.shape.dims().iter().map(|&dim| {
            let start = random.up_to(dim);
            let length = random.up_to(dim - start);
            extent(start, length, dim, random.chance(2))
        });
        Slice::new(extents.collect::<Vec<_>>())
    }
}

/// Most are short; some are at the borders of varints.
fn string_len(random: &mut Random) -> usize {
    match random.below(40) {
        0 => 127 + random.below(3),
        1 => (1 << 14) - 1 + random.below(3),
        2..6 => random.below(300),
        6..12 => 0,
        _ => random.below(12),
    }
}

/// A whole dimension can be written in two ways.
fn extent(start: i64, length: i64, dim: i64, in_full: bool) -> Extent {
    match start == 0 && length == dim && in_full {
        true => Extent::FULL,
        false => Extent::new(start, length),
    }
}

/// Cuts a tensor in two, a piece of it in two, and so on; the pieces come in any
/// order. No cut at all leaves nothing: then it is stored whole.
fn partition(dims: &[i64], cuts: &[Cut], random: &mut Random) -> Vec<Slice> {
    let mut pieces = vec![dims.iter().map(|&dim| (0, dim)).collect::<Vec<_>>()];
    for (piece, dim, at) in cuts.iter().filter(|_| !dims.is_empty()) {
        let piece = usize::from(*piece) % pieces.len();
        let dim = usize::from(*dim) % dims.len();
        let (start, length) = pieces[piece][dim];
        // The first makes two parts of the whole, later ones may cut nothing off.
        let least = i64::from(pieces.len() == 1);
        if length < 2 * least {
            continue;
        }
        let length_before = least + i64::from(*at) % (length - 2 * least + 1);
        let mut before = pieces[piece].clone();
        let mut behind = before.clone();
        before[dim] = (start, length_before);
        behind[dim] = (start + length_before, length - length_before);
        if !pieces.contains(&before) && !pieces.contains(&behind) && before != behind {
            pieces[piece] = before;
            pieces.push(behind);
        }
    }
    if pieces.len() == 1 {
        return Vec::new();
    }
    random.shuffle(&mut pieces);
    let slice = |piece: &Vec<(i64, i64)>| {
        let extents = piece
            .iter()
            .zip(dims)
            .map(|(&(start, length), &dim)| extent(start, length, dim, random.chance(2)));
        Slice::new(extents.collect::<Vec<_>>())
    };
    pieces.iter().map(slice).collect()
}

/// Leaves out tensors that want a key which one before them has.
pub fn without_collisions(mut models: Vec<Model>) -> Vec<Model> {
    let mut taken = BTreeSet::new();
    models.retain(|model| {
        let keys = model.keys();
        let free = keys.iter().all(|key| !taken.contains(key));
        taken.extend(keys.into_iter().filter(|_| free));
        free
    });
    models
}

pub fn write_bundle(prefix: &Path, pieces: &[Piece<'_>], options: WriterOptions) {
    let mut writer = Writer::create_with(prefix, options).unwrap();
    for (model, slice) in pieces {
        write_piece(&mut writer, model, *slice).unwrap();
    }
    writer.finish().unwrap();
}

pub fn write_piece(writer: &mut Writer, model: &Model, slice: Option<&Slice>) -> Result<()> {
    let Model { name, dtype, shape, .. } = model;
    let whole = Slice::full(shape.rank());
    let elements = model.part(slice.unwrap_or(&whole));
    if dtype.is_variable_length() {
        let strings: Strings = elements.iter().collect();
        return match (slice, *dtype == DType::STRING) {
            (None, true) => writer.add_strings(name, shape, &strings),
            (None, false) => writer.add_variants(name, shape, &strings),
            (Some(slice), true) => writer.add_strings_slice(name, shape, slice, &strings),
            (Some(slice), false) => writer.add_variants_slice(name, shape, slice, &strings),
        };
    }
    let data = elements.concat();
    if model.streamed.is_empty() {
        return match slice {
            None => writer.add(name, *dtype, shape, &data),
            Some(slice) => writer.add_slice(name, *dtype, shape, slice, &data),
        };
    }
    let mut tensor = match slice {
        None => writer.begin(name, *dtype, shape)?,
        Some(slice) => writer.begin_slice(name, *dtype, shape, slice)?,
    };
    let mut rest = &data[..];
    for &size in model.streamed.iter().cycle() {
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        tensor.write(piece)?;
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    tensor.finish()
}
