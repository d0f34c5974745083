//! Entries as writers write them, decoded and encoded without taking memory.
//!
//! ```text
//! 08 dtype | 12 len (12 len (08 size))* | 18 shard | 20 offset | 28 size | 35 crc32c
//! ```
//! in this order, any of them left out where it is 0. Whatever else an entry may be,
//! with slices, with fields that nobody knows, or wrong, is left to the decoder of the
//! message, which takes several times as long.

use super::entry::{Entry, has_right_size};
use super::header::Header;
use crate::coding;
use crate::table::Value;
use crate::tensor::{DType, FEW, Shape};

/// What an entry says of a tensor that is stored whole, but for its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain {
    pub(crate) dtype: DType,
    pub(crate) shard: u32,
    pub(crate) offset: u64,
    pub(crate) size: u64,
    pub(crate) crc32c: u32,
}

impl Plain {
    /// What `entry` says, if its tensor is stored whole.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let &Entry { dtype, shard, offset, size, crc32c, .. } = entry;
        (!entry.is_partitioned()).then_some(Self { dtype, shard, offset, size, crc32c })
    }
}

/// Decodes entries one after the other: where one begins as the last one did, it has the
/// same type, shape and shard. Of many small tensors most have.
#[derive(Default)]
pub(crate) struct Decoder {
    around: Option<Around>,
    /// The shape of the last one.
    shape: Shape,
}

/// What stands around the offset of the last one, and what that one was.
struct Around {
    last: Plain,
    /// The fields before it and its tag, in sixteen bytes at most.
    before: u128,
    before_mask: u128,
    before_len: usize,
    /// The size, and the tag of the CRC: the last bytes of eight.
    behind: u64,
    behind_mask: u64,
    /// How long that is, with the CRC.
    behind_len: usize,
}

const CRC_LEN: usize = 4;

impl Decoder {
    /// What `value` says, if it is an entry as writers write them.
    #[inline]
    pub(crate) fn decode(&mut self, value: &[u8], num_shards: u32) -> Option<Plain> {
        self.decode_alike(value).or_else(|| self.decode_another(value, num_shards))
    }

    /// The shape of what was decoded last.
    #[inline]
    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The same, but only where it is as the last one was but for offset and CRC.
    #[inline(always)]
    pub(crate) fn decode_alike(&self, value: &[u8]) -> Option<Plain> {
        let around = self.around.as_ref()?;
        if first_16(value)? & around.before_mask != around.before
            || before_crc(value)? & around.behind_mask != around.behind
        {
            return None;
        }
        let (offset, end) = varint(value, around.before_len)?;
        let crc32c = coding::fixed32(value, value.len() - CRC_LEN)?;
        let is_all = end + around.behind_len == value.len() && offset <= i64::MAX as u64;
        is_all.then_some(Plain { offset, crc32c, ..around.last })
    }

    /// The same where it begins otherwise.
    #[inline(never)]
    pub(crate) fn decode_another(&mut self, value: &[u8], num_shards: u32) -> Option<Plain> {
        let mut front = 0;
        // Should it fail, the shape is none.
        self.around = None;
        let take = |plain, len| {
            front = len;
            plain
        };
        let last = decode_fields(value, num_shards, &mut self.shape, take)?;
        self.around = Around::of(value, front, last);
        Some(last)
    }
}

impl Around {
    /// Of `value`, the offset of which comes after `front` bytes, if it has offset and CRC,
    /// and neither of both parts is long.
    fn of(value: &[u8], front: usize, last: Plain) -> Option<Self> {
        let before_len = front + 1;
        let (offset, end) = number(value, front, 0x20)?;
        let behind_len = value.len() - end;
        // Without the bytes of the CRC there are those of its tag and of the size.
        let behind = behind_len.checked_sub(CRC_LEN).filter(|&len| len > 0)?;
        if offset == 0 || last.crc32c == 0 {
            return None;
        }
        let before_mask = u128::MAX >> (8 * size_of::<u128>().checked_sub(before_len)?);
        let behind_mask = u64::MAX << (8 * size_of::<u64>().checked_sub(behind)?);
        Some(Self {
            last,
            before: first_16(value)? & before_mask,
            before_mask,
            before_len,
            behind: before_crc(value)? & behind_mask,
            behind_mask,
            behind_len,
        })
    }
}

#[inline(always)]
fn first_16(value: &[u8]) -> Option<u128> {
    Some(u128::from_le_bytes(*value.first_chunk()?))
}

/// The eight bytes before the last four.
#[inline(always)]
fn before_crc(value: &[u8]) -> Option<u64> {
    let (front, _) = value.split_last_chunk::<CRC_LEN>()?;
    Some(u64::from_le_bytes(*front.last_chunk()?))
}

/// The entry that `value` is; `None` where it is not such a one, or makes no sense.
pub(super) fn decode(value: &[u8], header: &Header) -> Option<Entry> {
    let mut shape = Shape::default();
    let plain = decode_into(value, header.num_shards, &mut shape, |plain| plain)?;
    let Plain { dtype, shard, offset, size, crc32c } = plain;
    Some(Entry { dtype, shape, shard, offset, size, crc32c, slices: Vec::new() })
}

/// The same, where the shape has a place already, and what `take` is given gets one: to
/// move what was just put together takes longer than all the rest. The shape means
/// nothing where the answer is `None`.
#[inline(always)]
pub(crate) fn decode_into<T>(
    value: &[u8],
    num_shards: u32,
    shape: &mut Shape,
    take: impl FnOnce(Plain) -> T,
) -> Option<T> {
    decode_fields(value, num_shards, shape, |plain, _| take(plain))
}

/// The same; told with it is how long the fields before the offset are.
#[inline(always)]
fn decode_fields<T>(
    value: &[u8],
    num_shards: u32,
    shape: &mut Shape,
    take: impl FnOnce(Plain, usize) -> T,
) -> Option<T> {
    let (dtype, at) = number(value, 0, 0x08)?;
    let at = take_shape(value, at, shape)?;
    let (shard, front) = number(value, at, 0x18)?;
    let (offset, size, crc32c) = take_place(value, front)?;
    let dtype = DType::from_number(i32::try_from(dtype).ok()?)?;
    let shard = u32::try_from(shard).ok().filter(|&shard| shard < num_shards)?;
    has_right_size(dtype, shape, size)
        .then(|| take(Plain { dtype, shard, offset, size, crc32c }, front))
}

/// The last fields, offset, size and CRC, if that is what stands from `at` on.
#[inline(always)]
fn take_place(value: &[u8], at: usize) -> Option<(u64, u64, u32)> {
    let (offset, at) = number(value, at, 0x20)?;
    let (size, at) = number(value, at, 0x28)?;
    let (crc32c, at) = fixed32(value, at, 0x35)?;
    let are_possible = offset.max(size) <= i64::MAX as u64;
    (at == value.len() && are_possible).then_some((offset, size, crc32c))
}

/// Appends what an entry is, its slices left out.
pub(super) fn encode(entry: &Entry, out: &mut Vec<u8>) {
    put_front(out, entry.dtype, entry.shape.dims(), entry.shard);
    put_number(out, 0x20, entry.offset);
    put_number(out, 0x28, entry.size);
    if entry.crc32c != 0 {
        out.extend_from_slice(&crc_field(entry.crc32c));
    }
}

/// Encodes entries one after the other: where one has the type, shape, shard and size of
/// the last one, it begins alike.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    /// The fields before the offset.
    front: Vec<u8>,
    /// `None` before the first.
    dtype: Option<DType>,
    dims: Vec<i64>,
    shard: u32,
    size: u64,
    size_field: Option<Field>,
}

/// An entry on its way to where entries are: to bring it together before would be to wait
/// for what was just written.
pub(super) struct Encoded<'e> {
    front: &'e [u8],
    /// Offset, size and CRC, the first bytes lowest.
    last: [u64; 4],
    len: usize,
}

impl Encoder {
    /// The entry as it stands in the file, where fields that are 0 are left out.
    #[inline(always)]
    pub(super) fn encode(&mut self, place: &Plain, dims: &[i64]) -> Encoded<'_> {
        let encoded = self.encode_with_crc(place, dims);
        let empty = if place.crc32c == 0 { crc_field(0).len() } else { 0 };
        Encoded { len: encoded.len - empty, ..encoded }
    }

    /// The same with the field of its CRC at the end even where that is 0.
    #[inline(always)]
    pub(super) fn encode_with_crc(&mut self, place: &Plain, dims: &[i64]) -> Encoded<'_> {
        let Plain { dtype, shard, size, .. } = *place;
        let is_alike = self.dtype == Some(dtype) && self.shard == shard && self.size == size;
        if !is_alike || !self.dims.iter().eq(dims) {
            self.begin(place, dims);
        }
        let (last, len) = self.short_fields(place).unwrap_or_else(|| long_fields(place));
        Encoded { front: &self.front, last, len }
    }

    #[cold]
    fn begin(&mut self, place: &Plain, dims: &[i64]) {
        (self.dtype, self.shard) = (Some(place.dtype), place.shard);
        dims.clone_into(&mut self.dims);
        (self.size, self.size_field) = (place.size, Field::new(0x28, place.size));
        self.front.clear();
        put_front(&mut self.front, place.dtype, dims, place.shard);
    }

    /// The last fields, if they take sixteen bytes at most.
    #[inline(always)]
    fn short_fields(&self, place: &Plain) -> Option<([u64; 4], usize)> {
        let (offset, size) = (Field::new(0x20, place.offset)?, self.size_field?);
        let before = offset.len + size.len;
        let len = before + crc_field(0).len();
        if len > size_of::<u128>() {
            return None;
        }
        let size = u128::from(size.bytes) << (8 * offset.len);
        let crc = (0x35 | (u128::from(place.crc32c) << 8)) << (8 * before);
        let fields = u128::from(offset.bytes) | size | crc;
        Some(([fields as u64, (fields >> 64) as u64, 0, 0], len))
    }
}

#[cold]
fn long_fields(place: &Plain) -> ([u64; 4], usize) {
    let mut put = Vec::new();
    put_number(&mut put, 0x20, place.offset);
    put_number(&mut put, 0x28, place.size);
    put.extend_from_slice(&crc_field(place.crc32c));
    let len = put.len();
    put.resize(32, 0);
    ([0, 8, 16, 24].map(|at| coding::fixed64(&put, at).unwrap_or(0)), len)
}

impl Value for Encoded<'_> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.front.len() + self.len
    }

    #[inline(always)]
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.front);
        let end = out.len() + self.len;
        // To add whole words and take some away is quicker than to add some bytes.
        for word in &self.last[..if self.len > 16 { 4 } else { 2 }] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.truncate(end);
    }
}

/// A field that takes eight bytes at most, the first of them the lowest.
#[derive(Clone, Copy, Debug)]
struct Field {
    bytes: u64,
    len: usize,
}

impl Field {
    /// That of `number`, of which none is left where it is 0; `None` where it takes more.
    /// The inverse of [`long_varint`].
    #[inline(always)]
    fn new(tag: u8, number: u64) -> Option<Self> {
        match number {
            0 => return Some(Self { bytes: 0, len: 0 }),
            1..0x2_0000_0000_0000 => {}
            _ => return None,
        }
        let word = (number & 0x0fff_ffff) | ((number & 0x00ff_ffff_f000_0000) << 4);
        let word = (word & 0x0000_3fff_0000_3fff) | ((word & 0x0fff_c000_0fff_c000) << 2);
        let word = (word & 0x007f_007f_007f_007f) | ((word & 0x3f80_3f80_3f80_3f80) << 1);
        let len = coding::varint_len(number);
        let all_but_last = 0x0080_8080_8080_8080 >> (8 * (8 - len));
        Some(Self { bytes: u64::from(tag) | ((word | all_but_last) << 8), len: 1 + len })
    }
}

/// Appends the fields before the offset.
fn put_front(out: &mut Vec<u8>, dtype: DType, dims: &[i64], shard: u32) {
    put_number(out, 0x08, i64::from(dtype.number()) as u64);
    put_shape(out, dims);
    put_number(out, 0x18, shard.into());
}

/// Appends `value`, which `plain` and `shape` were decoded of, as that of a tensor in data
/// shard `shard`: the bytes around that number stay as they are. Only where these are as
/// [`encode`] makes them, which is told by their length, for nothing says the same in
/// fewer bytes; otherwise nothing is done.
#[inline]
pub(super) fn put_in_shard(
    value: &[u8],
    plain: &Plain,
    shape: &Shape,
    shard: u32,
    out: &mut Vec<u8>,
) -> bool {
    let dims = shape.dims().iter().map(|&size| 2 + number_len(size as u64)).sum::<usize>();
    let dtype = number_len(plain.dtype.number() as u64);
    let before = dtype + 2 + dims;
    let crc_len = if plain.crc32c == 0 { 0 } else { 5 };
    let behind = number_len(plain.offset) + number_len(plain.size) + crc_len;
    let len = before + number_len(plain.shard.into()) + behind;
    // The length of a longer shape takes more than a byte.
    if dims >= 0x80 || value.len() != len || value.get(dtype) != Some(&0x12) {
        return false;
    }
    let Some((before, rest)) = value.split_at_checked(before) else { return false };
    let Some(behind) = rest.len().checked_sub(behind).and_then(|at| rest.get(at..)) else {
        return false;
    };
    out.extend_from_slice(before);
    put_number(out, 0x18, shard.into());
    out.extend_from_slice(behind);
    true
}

/// How many bytes [`put_number`] takes.
#[inline]
fn number_len(number: u64) -> usize {
    if number == 0 { 0 } else { 1 + coding::varint_len(number) }
}

/// The field of a CRC, the last one.
pub(super) fn crc_field(crc32c: u32) -> [u8; 5] {
    let [a, b, c, d] = crc32c.to_le_bytes();
    [0x35, a, b, c, d]
}

/// What stands in the file: fields that are 0 are left out there.
#[inline]
pub(super) fn without_empty_crc(encoded: &[u8]) -> &[u8] {
    encoded.strip_suffix(&crc_field(0)).unwrap_or(encoded)
}

fn put_shape(out: &mut Vec<u8>, dims: &[i64]) {
    let sizes = dims.iter().map(|&size| size as u64);
    out.push(0x12);
    // A dimension is eleven bytes at most.
    coding::put_varint(out, sizes.clone().map(|size| 2 + number_len(size) as u64).sum());
    for size in sizes {
        out.extend_from_slice(&[0x12, number_len(size) as u8]);
        put_number(out, 0x08, size);
    }
}

fn put_number(out: &mut Vec<u8>, tag: u8, number: u64) {
    if number != 0 {
        out.push(tag);
        coding::put_varint(out, number);
    }
}

/// The number of the field `tag`, 0 if that is not what stands at `at`; and where the
/// next one begins.
#[inline(always)]
fn number(value: &[u8], at: usize, tag: u8) -> Option<(u64, usize)> {
    if value.get(at) == Some(&tag) { varint(value, at + 1) } else { Some((0, at)) }
}

#[inline(always)]
fn fixed32(value: &[u8], at: usize, tag: u8) -> Option<(u32, usize)> {
    match value.get(at) == Some(&tag) {
        true => Some((coding::fixed32(value, at + 1)?, at + 5)),
        false => Some((0, at)),
    }
}

/// The shape, that of a scalar if none stands at `at`.
#[inline(always)]
fn take_shape(value: &[u8], at: usize, shape: &mut Shape) -> Option<usize> {
    if value.get(at) != Some(&0x12) {
        return shape.set_few(|_| Some(0)).then_some(at);
    }
    let (len, at) = varint(value, at + 1)?;
    let end = at.checked_add(usize::try_from(len).ok()?)?;
    let message = value.get(..end)?;
    shape.set_few(|dims| take_dims(message, at, dims)).then_some(end)
}

#[inline(always)]
fn take_dims(shape: &[u8], mut at: usize, dims: &mut [i64; FEW]) -> Option<usize> {
    let mut rank = 0;
    while let Some(&tag) = shape.get(at) {
        let (len, begins) = varint(shape, at + 1)?;
        let end = begins.checked_add(usize::try_from(len).ok()?)?;
        let (size, ends) = number(shape.get(..end)?, begins, 0x08)?;
        if tag != 0x12 || ends != end {
            return None;
        }
        *dims.get_mut(rank)? = size.try_into().ok()?;
        (rank, at) = (rank + 1, end);
    }
    Some(rank)
}

/// The number at `at`, and where it ends.
#[inline(always)]
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let &first = bytes.get(at)?;
    if first < 0x80 { Some((first.into(), at + 1)) } else { long_varint(bytes, at) }
}

/// Eight bytes are taken at once: which of them are the number's is known from their
/// highest bits, and the groups of seven bits are then moved together.
#[inline(always)]
fn long_varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    const LAST: u64 = 0x8080_8080_8080_8080;
    let word = coding::fixed64(bytes, at).unwrap_or(LAST);
    let ends = !word & LAST;
    if ends == 0 {
        return any_varint(bytes, at);
    }
    let word = word & (ends ^ (ends - 1)) & !LAST;
    let word = (word & 0x007f_007f_007f_007f) | ((word & 0x7f00_7f00_7f00_7f00) >> 1);
    let word = (word & 0x0000_3fff_0000_3fff) | ((word & 0x3fff_0000_3fff_0000) >> 2);
    let word = (word & 0x0fff_ffff) | ((word & 0x0fff_ffff_0000_0000) >> 4);
    Some((word, at + ends.trailing_zeros() as usize / 8 + 1))
}

#[inline(never)]
fn any_varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let (number, len) = coding::varint(bytes.get(at..)?)?;
    Some((number, at + len))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message;

    use super::*;
    use crate::bundle::Endianness;
    use crate::proto::{BundleEntryProto, TensorShapeProto, tensor_shape_proto::Dim};

    fn header() -> Header {
        Header::written(3, Endianness::Little)
    }

    fn some_number() -> impl Strategy<Value = i64> {
        prop_oneof![0..5i64, 0..300i64, any::<i64>(), Just(1 << 40), Just(i64::MAX)]
    }

    prop_compose! {
        fn some_message()(
            dtype in prop_oneof![0..36i32, any::<i32>()],
            dims in proptest::option::of(proptest::collection::vec((some_number(), 0..20u8), 0..9)),
            unknown_rank in prop_oneof![9 => Just(false), 1 => Just(true)],
            shard_id in prop_oneof![0..4i32, any::<i32>()],
            (offset, size, is_right) in (some_number(), some_number(), any::<bool>()),
            crc32c in any::<u32>(),
        ) -> BundleEntryProto {
            let dim = |&(size, name): &(i64, u8)| {
                Dim { size, name: if name == 0 { b"x".to_vec() } else { Vec::new() } }
            };
            let sizes = dims.iter().flatten().map(|(size, _)| *size);
            let elements = sizes.fold(1i64, i64::wrapping_mul);
            let bytes = DType::from_number(dtype).and_then(DType::size).unwrap_or(1) as i64;
            let shape = dims.map(|dims| {
                TensorShapeProto { dim: dims.iter().map(dim).collect(), unknown_rank }
            });
            let size = if is_right { elements.wrapping_mul(bytes) } else { size };
            BundleEntryProto { dtype, shape, shard_id, offset, size, crc32c, slices: Vec::new() }
        }
    }

    /// Two that have all or nothing in common but where the tensor lies, and its bytes.
    fn some_neighbours() -> impl Strategy<Value = (BundleEntryProto, BundleEntryProto)> {
        (some_message(), some_message(), any::<bool>()).prop_map(|(before, mut message, alike)| {
            if alike {
                let (offset, crc32c) = (message.offset, message.crc32c);
                message = BundleEntryProto { offset, crc32c, ..before.clone() };
            }
            (before, message)
        })
    }

    /// Shape and type of strings contradict no size but one that is too small.
    #[test]
    fn no_size_is_negative() {
        let dtype = DType::STRING.number();
        let message = BundleEntryProto { dtype, size: -1, ..BundleEntryProto::default() };
        assert!(decode(&message.encode_to_vec(), &header()).is_none());
    }

    #[test]
    fn varints_of_any_length() {
        for shift in 0..64 {
            for value in
                [1u64 << shift, (1 << shift) - 1, u64::MAX >> shift, 0x5555_5555_5555_5555 >> shift]
            {
                for behind in [&[][..], &[0xff; 9], &[0; 9]] {
                    let mut bytes = Vec::new();
                    coding::put_varint(&mut bytes, value);
                    bytes.extend(behind);
                    let len = bytes.len() - behind.len();
                    assert_eq!(varint(&bytes, 0), Some((value, len)));
                }
            }
        }
        assert_eq!(varint(&[0x80; 7], 0), None);
        assert_eq!(varint(&[0x80; 11], 0), None);
    }

    #[test]
    fn one_after_the_other_is_encoded_as_alone() {
        let mut encoder = Encoder::default();
        let shapes: [&[i64]; 4] = [&[], &[1], &[0], &[300, 7, 1 << 40]];
        let turns = (0..400usize).map(|turn| (turn / 2 % 4, turn / 5 % 3, turn / 7 % 2, turn % 3));
        for (shape, shard, dtype, at) in turns {
            let shape = Shape::new(shapes[shape]).unwrap();
            let dtype = [DType::FLOAT, DType::INT8][dtype];
            let (shard, offset, size) = (shard as u32, [0, 5, 1 << 50][at], [0, 1 << 20, 7][at]);
            let crc32c = [0, u32::MAX][usize::from(size == 7)];
            let place = Plain { dtype, shard, offset, size, crc32c };
            let (mut with_crc, mut encoded) = (Vec::new(), Vec::new());
            encoder.encode_with_crc(&place, shape.dims()).put(&mut with_crc);
            encoder.encode(&place, shape.dims()).put(&mut encoded);
            let entry = Entry { dtype, shape, shard, offset, size, crc32c, slices: Vec::new() };
            assert_eq!(encoded, entry.encode());
            assert_eq!(without_empty_crc(&with_crc), encoded);
            assert!(with_crc.ends_with(&crc_field(crc32c)));
        }
    }

    #[test]
    fn short_fields_are_what_is_put() {
        let powers = (0..64).flat_map(|shift| [1u64 << shift, (1 << shift) - 1]);
        for number in powers {
            let mut expected = Vec::new();
            put_number(&mut expected, 0x20, number);
            let field = Field::new(0x20, number);
            assert_eq!(field.is_some(), expected.len() <= 8);
            if let Some(Field { bytes, len }) = field {
                assert_eq!(bytes.to_le_bytes()[..len], expected);
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_decoded_here_is_what_the_message_says(
            (before, message) in some_neighbours(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..2),
            twice in any::<bool>(),
        ) {
            let mut value = message.encode_to_vec();
            if twice {
                value.extend(value.clone());
            }
            for (at, byte) in changes {
                if !value.is_empty() {
                    let at = at.index(value.len());
                    value[at] = byte;
                }
            }
            let slow = Entry::parse_message(&value, &header());
            if let Ok(entry) = &slow {
                let (dtype, shard_id) = (entry.dtype.number(), entry.shard as i32);
                let (offset, size) = (entry.offset as i64, entry.size as i64);
                let shape = Some(crate::bundle::entry::encode_shape(&entry.shape));
                let message = BundleEntryProto {
                    dtype, shape, shard_id, offset, size, crc32c: entry.crc32c, slices: Vec::new(),
                };
                prop_assert_eq!(entry.encode(), message.encode_to_vec());
            }
            let mut shape = Shape::default();
            if let Some(plain) = decode_into(&value, 3, &mut shape, |plain| plain) {
                for shard in [0, 1, 300] {
                    let mut out = b"before".to_vec();
                    let is_put = put_in_shard(&value, &plain, &shape, shard, &mut out);
                    let entry = slow.as_ref().unwrap();
                    prop_assert_eq!(is_put, value == entry.encode());
                    let moved = Entry { shard, ..entry.clone() }.encode();
                    let moved = if is_put { moved } else { Vec::new() };
                    prop_assert_eq!(out, [b"before".as_slice(), &moved].concat());
                }
            }
            let mut decoder = Decoder::default();
            decoder.decode(&before.encode_to_vec(), header().num_shards);
            for _ in 0..2 {
                let plain = decoder.decode(&value, header().num_shards);
                let entry = decode(&value, &header());
                if let Some(entry) = &entry {
                    prop_assert_eq!(decoder.shape(), &entry.shape);
                }
                let expected = entry.as_ref().and_then(Plain::of);
                prop_assert_eq!(plain, expected);
            }
            match (decode(&value, &header()), slow) {
                (Some(entry), slow) => prop_assert_eq!(Some(entry), slow.ok()),
                (None, Ok(entry)) => {
                    // Nothing that is usual is left to the slow way.
                    let usual = message.shape.is_some_and(|shape| shape.dim.len() <= FEW
                        && shape.dim.iter().all(|dim| dim.name.is_empty()));
                    let encoded = entry.encode();
                    prop_assert!(!usual || twice || value != encoded, "{entry:?}");
                }
                (None, Err(_)) => {}
            }
        }
    }
}
