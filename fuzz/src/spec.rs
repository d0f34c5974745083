//! Bundles and damage in a form that the fuzzer can play with.

use std::path::Path;
use std::sync::Arc;

use arbitrary::Arbitrary;
use tfckpt::bundle::{Endianness, WriterOptions, encode_slice_key};
use tfckpt::storage::MemoryStorage;
use tfckpt::tensor::{DType, Extent, Slice};

use crate::index::Pairs;
use crate::model::{Cut, Model, Piece, without_collisions, write_bundle};
use crate::random::Random;

const MOST_TENSORS: usize = 6;
const MOST_CUTS: usize = 6;
/// All that V1 holds.
pub const V1_DTYPES: [DType; 16] = [
    DType::FLOAT,
    DType::DOUBLE,
    DType::INT32,
    DType::UINT8,
    DType::INT16,
    DType::INT8,
    DType::STRING,
    DType::COMPLEX64,
    DType::INT64,
    DType::BOOL,
    DType::QINT8,
    DType::QUINT8,
    DType::QINT32,
    DType::UINT16,
    DType::COMPLEX128,
    DType::HALF,
];
const NAMES: [&[u8]; 10] =
    [b"a", b"b", b"ab", b"a/b", b"a/b/c", b"\0", b"\0a\0\x01", b"\xff\0", b"\x01", b"zz"];

/// How a bundle is laid out.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Layout {
    shards: u8,
    alignment: u8,
}

#[derive(Arbitrary, Clone, Debug)]
pub struct TensorSpec {
    name: u8,
    /// Makes a name of it that looks like the key of a slice.
    slice_of_name: Option<(u8, u8)>,
    dtype: u8,
    rank: u8,
    dims: [u8; 4],
    cuts: Vec<Cut>,
    seed: u8,
}

impl TensorSpec {
    fn name(&self) -> Vec<u8> {
        let name = NAMES[usize::from(self.name) % NAMES.len()];
        match self.slice_of_name {
            Some((start, length)) => {
                let extent = Extent::new(i64::from(start % 4), i64::from(length % 4));
                encode_slice_key(name, &Slice::new([extent]))
            }
            None => name.to_vec(),
        }
    }

    fn dtype(&self) -> DType {
        let dtypes = [DType::STRING, DType::VARIANT, DType::HALF, DType::INT8, DType::COMPLEX128];
        match DType::ALL.get(usize::from(self.dtype)) {
            Some(dtype) if dtype.size().is_some() => *dtype,
            _ => dtypes[usize::from(self.dtype) % dtypes.len()],
        }
    }

    /// A tensor that the V1 format has a place for, but for its name and slices.
    fn v1_model(&self) -> Model {
        let dtype = V1_DTYPES[usize::from(self.dtype) % V1_DTYPES.len()];
        let mut model = Model { dtype, ..self.model() };
        if let Some(size) = dtype.size() {
            model.elements.iter_mut().for_each(|element| element.resize(size, self.seed));
        }
        if dtype == DType::BOOL {
            model.elements.iter_mut().flatten().for_each(|byte| *byte %= 2);
        }
        model
    }

    fn model(&self) -> Model {
        let rank = usize::from(self.rank % 4);
        let dims: Vec<i64> = self.dims[..rank].iter().map(|&dim| i64::from(dim % 6)).collect();
        let cuts = &self.cuts[..self.cuts.len().min(MOST_CUTS)];
        Model::new(self.name(), self.dtype(), &dims, cuts, self.seed.into())
    }
}

pub fn models(specs: &[TensorSpec]) -> Vec<Model> {
    without_collisions(specs.iter().take(MOST_TENSORS).map(TensorSpec::model).collect())
}

pub fn v1_models(specs: &[TensorSpec]) -> Vec<Model> {
    without_collisions(specs.iter().take(MOST_TENSORS).map(TensorSpec::v1_model).collect())
}

/// The pieces of all tensors, in some order.
pub fn shuffled<'m>(models: &'m [Model], random: &mut Random) -> Vec<Piece<'m>> {
    let mut pieces: Vec<Piece<'m>> = models.iter().flat_map(Model::pieces).collect();
    random.shuffle(&mut pieces);
    pieces
}

pub fn endianness(big: bool) -> Endianness {
    if big { Endianness::Big } else { Endianness::Little }
}

impl Layout {
    pub fn num_shards(self) -> u32 {
        u32::from(self.shards % 3) + 1
    }

    /// Writes a bundle of these pieces.
    pub fn write(self, storage: &MemoryStorage, prefix: &str, pieces: &[Piece<'_>], big: bool) {
        let alignments = [None, Some(1), Some(16)];
        let options = WriterOptions {
            storage: Arc::new(storage.clone()),
            num_shards: self.num_shards(),
            alignment: alignments[usize::from(self.alignment) % alignments.len()],
            endianness: endianness(big),
            ..WriterOptions::default()
        };
        write_bundle(Path::new(prefix), pieces, options);
    }
}

/// A change of some bytes; places are taken modulo what there is.
#[derive(Arbitrary, Clone, Debug)]
pub enum Change {
    Set(u16, u8),
    Flip(u16, u8),
    Insert(u16, u8),
    Cut(u16, u8),
    Append(Vec<u8>),
}

impl Change {
    pub fn apply(&self, bytes: &mut Vec<u8>) {
        let len = bytes.len();
        let place = |at: u16| usize::from(at) % len.max(1);
        match *self {
            Self::Set(at, value) => {
                bytes.iter_mut().skip(place(at)).take(1).for_each(|b| *b = value)
            }
            Self::Flip(at, mask) => {
                bytes.iter_mut().skip(place(at)).take(1).for_each(|b| *b ^= mask)
            }
            Self::Insert(at, value) => bytes.insert(place(at), value),
            Self::Cut(at, count) => {
                bytes.drain(place(at)..len.min(place(at) + usize::from(count)));
            }
            Self::Append(ref more) => bytes.extend_from_slice(more),
        }
    }
}

/// A change of one pair of a table; pairs are counted modulo how many there are.
#[derive(Arbitrary, Clone, Debug)]
pub struct Edit {
    pair: u8,
    what: What,
}

#[derive(Arbitrary, Clone, Debug)]
enum What {
    Key(Change),
    Value(Change),
    /// A field of the entry is another number.
    Number(u8, i64),
    CopyValueTo(u8),
    Remove,
}

impl Edit {
    pub fn apply(&self, pairs: &mut Pairs) {
        let count = pairs.len();
        if count == 0 {
            return;
        }
        let at = usize::from(self.pair) % count;
        match &self.what {
            What::Key(change) => change.apply(&mut pairs[at].0),
            What::Value(change) => change.apply(&mut pairs[at].1),
            What::Number(field, value) => set_number(&mut pairs[at].1, *field, *value),
            What::CopyValueTo(other) => {
                pairs[usize::from(*other) % count].1 = pairs[at].1.clone();
            }
            What::Remove => {
                pairs.remove(at);
            }
        }
    }
}

/// Of a field that occurs twice the last one counts.
fn set_number(message: &mut Vec<u8>, field: u8, value: i64) {
    message.push((field % 6 + 1) << 3);
    tfckpt::coding::put_varint(message, value as u64);
}
