//! The value of every key but `""`: what a tensor is, and where its bytes are.

use prost::Message;

use super::header::Header;
use super::plain_entry;
use crate::error::{Error, ErrorKind, Result, ResultExt};
use crate::proto;
use crate::tensor::{DType, Extent, Shape, Slice};

/// What a tensor is, and where its bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The type of its elements.
    pub dtype: DType,
    /// Its shape.
    pub shape: Shape,
    /// The data shard that has its bytes, counted from 0.
    pub shard: u32,
    /// Where in that shard its bytes begin.
    pub offset: u64,
    /// How many bytes they are as stored.
    pub size: u64,
    /// The masked CRC-32C of the stored bytes.
    pub crc32c: u32,
    /// The slices in which a partitioned tensor is stored, each under a key of
    /// its own; the shard, offset, size and CRC above then mean nothing. Empty
    /// for a tensor that is stored whole.
    pub slices: Vec<Slice>,
}

/// A tensor's name and its [`Entry`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// The name: any bytes, in practice UTF-8.
    pub name: Vec<u8>,
    /// What it is.
    pub entry: Entry,
}

impl Entry {
    /// Parses the value of the key `name` and checks that it makes sense by
    /// itself and under `header`. What it can't know is whether the data shard
    /// is as long as it says.
    pub(super) fn parse(name: &[u8], value: &[u8], header: &Header) -> Result<Self> {
        Self::parse_checked(value, header).for_tensor(name)
    }

    fn parse_checked(value: &[u8], header: &Header) -> Result<Self> {
        if let Some(entry) = plain_entry::decode(value, header) {
            return Ok(entry);
        }
        Self::parse_message(value, header)
    }

    /// The same for whatever the message may be.
    pub(super) fn parse_message(value: &[u8], header: &Header) -> Result<Self> {
        let message = proto::BundleEntryProto::decode(value).map_err(|error| {
            Error::data_loss(format!("its entry is not a BundleEntryProto: {error}"))
        })?;
        let dtype = DType::from_number(message.dtype).ok_or_else(|| {
            Error::data_loss(format!("its entry says dtype {}, which is none", message.dtype))
        })?;
        let shape = parse_shape(message.shape.unwrap_or_default())?;
        let entry = Self {
            shard: parse_shard(message.shard_id, header)?,
            offset: parse_length("offset", message.offset)?,
            size: parse_length("size", message.size)?,
            crc32c: message.crc32c,
            slices: parse_slices(message.slices, &shape)?,
            dtype,
            shape,
        };
        if entry.slices.is_empty() {
            entry.check_size()?;
        }
        Ok(entry)
    }

    /// How many bytes the elements take in memory; `None` where they have no
    /// fixed size.
    pub fn byte_size(&self) -> Option<u64> {
        self.shape.byte_size(self.dtype.size()?).ok()
    }

    /// Whether it is stored as slices.
    pub fn is_partitioned(&self) -> bool {
        !self.slices.is_empty()
    }

    /// Refuses a size that dtype and shape contradict.
    fn check_size(&self) -> Result<()> {
        if has_right_size(self.dtype, &self.shape, self.size) {
            return Ok(());
        }
        let Self { dtype, shape, size, .. } = self;
        let (takes, at_least) = match dtype.size() {
            Some(element_size) => (shape.byte_size(element_size).map_err(as_data_loss)?.into(), ""),
            None if shape.num_elements() == 0 => (least_size(*dtype, shape), ""),
            None => (least_size(*dtype, shape), " at least"),
        };
        Err(Error::data_loss(format!(
            "its entry says {size} bytes, but {dtype} of shape {shape} takes {takes}{at_least}"
        )))
    }

    /// The value of the entry's key.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_to(&mut out);
        out
    }

    /// Appends the same to `out`.
    pub(super) fn encode_to(&self, out: &mut Vec<u8>) {
        plain_entry::encode(self, out);
        if !self.slices.is_empty() {
            let slices = self.slices.iter().map(encode_slice).collect();
            let rest = proto::BundleEntryProto { slices, ..Default::default() };
            out.extend_from_slice(&rest.encode_to_vec());
        }
    }
}

/// Whether dtype and shape don't contradict a size.
#[inline(always)]
pub(super) fn has_right_size(dtype: DType, shape: &Shape, size: u64) -> bool {
    match dtype.size() {
        Some(element_size) => shape.byte_size_if(element_size) == Some(size),
        None if dtype.is_variable_length() => {
            let (size, least) = (u128::from(size), least_size(dtype, shape));
            size == least || size > least && shape.num_elements() > 0
        }
        None => true,
    }
}

/// Each string takes a byte of length at least, and all together a CRC;
/// each variant a length and a CRC. So a size bounds the number of elements
/// before anything is allocated for them. Of no elements it is the size.
fn least_size(dtype: DType, shape: &Shape) -> u128 {
    let elements = u128::from(shape.num_elements());
    if dtype == DType::STRING { elements + 4 } else { elements * 5 }
}

/// What is a wrong argument from a caller is damage when a file says it.
fn as_data_loss(error: Error) -> Error {
    Error::new(ErrorKind::DataLoss, format!("its entry is contradictory: {}", error.message()))
}

pub(crate) fn parse_shape(message: proto::TensorShapeProto) -> Result<Shape> {
    if message.unknown_rank {
        return Err(Error::data_loss("its entry says that its rank is unknown"));
    }
    Shape::new(message.dim.iter().map(|dim| dim.size).collect::<Vec<_>>()).map_err(as_data_loss)
}

fn parse_shard(shard: i32, header: &Header) -> Result<u32> {
    u32::try_from(shard).ok().filter(|&shard| shard < header.num_shards).ok_or_else(|| {
        Error::data_loss(format!(
            "its entry says data shard {shard}, but there are {}, counted from 0",
            header.num_shards
        ))
    })
}

fn parse_length(what: &str, value: i64) -> Result<u64> {
    value.try_into().map_err(|_| Error::data_loss(format!("its entry says {what} {value}")))
}

fn parse_slices(messages: Vec<proto::TensorSliceProto>, shape: &Shape) -> Result<Vec<Slice>> {
    messages
        .iter()
        .map(|message| {
            let slice = parse_slice(message);
            slice.region(shape).map_err(as_data_loss)?;
            Ok(slice)
        })
        .collect()
}

pub(crate) fn parse_slice(message: &proto::TensorSliceProto) -> Slice {
    use proto::tensor_slice_proto::extent::HasLength;
    let extents = message.extent.iter().map(|extent| Extent {
        start: extent.start,
        length: extent.has_length.as_ref().map(|HasLength::Length(length)| *length),
    });
    Slice::new(extents.collect::<Vec<_>>())
}

pub(crate) fn encode_shape(shape: &Shape) -> proto::TensorShapeProto {
    let dim = |&size| proto::tensor_shape_proto::Dim { size, name: Vec::new() };
    proto::TensorShapeProto { dim: shape.dims().iter().map(dim).collect(), unknown_rank: false }
}

pub(crate) fn encode_slice(slice: &Slice) -> proto::TensorSliceProto {
    use proto::tensor_slice_proto::{Extent, extent::HasLength};
    let extent = slice.extents().iter().map(|extent| Extent {
        start: extent.start,
        has_length: extent.length.map(HasLength::Length),
    });
    proto::TensorSliceProto { extent: extent.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the message type itself would be encoded.
    fn encoded(entry: &Entry) -> Vec<u8> {
        proto::BundleEntryProto {
            dtype: entry.dtype.number(),
            shape: Some(encode_shape(&entry.shape)),
            shard_id: entry.shard as i32,
            offset: entry.offset as i64,
            size: entry.size as i64,
            crc32c: entry.crc32c,
            slices: entry.slices.iter().map(encode_slice).collect(),
        }
        .encode_to_vec()
    }

    /// Strings of which only the shape says that there are none were lost unnoticed.
    #[test]
    fn no_elements_take_no_bytes() {
        let is_right =
            |dtype, dims: &[i64], size| has_right_size(dtype, &Shape::new(dims).unwrap(), size);
        for (dtype, least_of_none, least_of_two) in [(DType::STRING, 4, 6), (DType::VARIANT, 0, 10)]
        {
            assert!(is_right(dtype, &[0], least_of_none) && is_right(dtype, &[2], least_of_two));
            assert!(is_right(dtype, &[2], least_of_two + 100));
            assert!(!is_right(dtype, &[0], least_of_none + 1));
            assert!(!is_right(dtype, &[2], least_of_two - 1));
        }
    }

    #[test]
    fn it_is_encoded_as_its_message_is() {
        let dims = [vec![], vec![0], vec![1, 127, 128], vec![i64::MAX], vec![2; 60], vec![1; 254]];
        let slices = [vec![], vec!["0,4:-".parse().unwrap(), "4,0:300,7".parse().unwrap()]];
        for (dims, slices) in dims.iter().zip(slices.iter().cycle()) {
            for (shard, offset, size, crc32c) in
                [(0, 0, 0, 0), (1, 127, 128, 1), (999, 1 << 40, i64::MAX as u64, u32::MAX)]
            {
                let (shape, slices) = (Shape::new(dims).unwrap(), slices.clone());
                let dtype = DType::FLOAT;
                let entry = Entry { dtype, shape, shard, offset, size, crc32c, slices };
                assert_eq!(entry.encode(), encoded(&entry), "{entry:?}");
                let mut place = Vec::new();
                plain_entry::encode_place(&entry, &mut place);
                assert!(entry.encode().starts_with(&place));
            }
        }
    }
}
