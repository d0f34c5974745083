"""Tensors to be written, and the random ones of every dtype and shape class."""

import random
from typing import NamedTuple

import tensorflow as tf

import tfckpt

# All that SaveV2 takes, variants aside.
DTYPES = [tf.as_dtype(name) for name in (
    "float32 float64 int32 uint8 int16 int8 string complex64 int64 bool qint8 quint8 qint32 "
    "bfloat16 qint16 quint16 uint16 complex128 float16 uint32 uint64 float8_e5m2 "
    "float8_e4m3fn float8_e4m3fnuz float8_e4m3b11fnuz float8_e5m2fnuz int4 uint4 int2 uint2 "
    "float4_e2m1fn").split()]

# How many values the one byte of an element takes where that is not 256.
_VALUES = {"bool": 2, "int4": 16, "uint4": 16, "int2": 4, "uint2": 4, "float4_e2m1fn": 16}
_PART_OF_A_BYTE = {"int4", "uint4", "int2", "uint2", "float4_e2m1fn"}

SHAPES = {
    "scalar": (), "vector": (11,), "matrix": (3, 5), "empty": (0,), "empty_matrix": (4, 0),
    "ones": (1, 1, 1), "rank6": (2, 1, 3, 2, 1, 2), "rank20": (1,) * 19 + (2,),
}


class Piece(NamedTuple):
    """A tensor, or a slice of one of which `shape` is that of the whole."""

    name: bytes
    dtype: tf.DType
    shape: tuple
    # The elements in C order; of strings, a list of them.
    content: object
    part: tfckpt.Slice | None = None

    @property
    def number(self):
        return self.dtype.as_datatype_enum

    @property
    def own_shape(self):
        return self.shape if self.part is None else self.part.shape(self.shape)

    @property
    def spec(self):
        """What SaveV2 and RestoreV2 take for it in shape_and_slices."""
        if self.part is None:
            return ""
        extents = ("-" if length < 0 else f"{start},{length}"
                   for start, length in zip(self.part.starts, self.part.lengths))
        return " ".join(map(str, self.shape)) + " " + ":".join(extents)


def element_size(dtype):
    return 1 if dtype.name in _VALUES else dtype.size


def is_swapped(dtype):
    """Whether TensorFlow reads values of this type from a big-endian bundle."""
    return not dtype.name.startswith("float8") and dtype.name not in _PART_OF_A_BYTE


def num_elements(shape):
    count = 1
    for n in shape:
        count *= n
    return count


def content(rng, dtype, shape):
    """Random values: every bit pattern may come, and strings of any bytes."""
    count = num_elements(shape)
    if dtype == tf.string:
        return [rng.randbytes(rng.choice((0, 1, 7, 130))) for _ in range(count)]
    data = rng.randbytes(count * element_size(dtype))
    values = _VALUES.get(dtype.name)
    return data.translate(bytes(i % values for i in range(256))) if values else data


def piece(rng, name, dtype, shape):
    return Piece(name.encode(), dtype, tuple(shape), content(rng, dtype, shape))


def of_every_class(seed=1):
    """Every dtype in every class of shapes, and larger than a buffer of anybody."""
    rng = random.Random(seed)
    pieces = [piece(rng, f"{dtype.name}/{what}", dtype, shape)
              for dtype in DTYPES for what, shape in SHAPES.items()]
    for dtype in DTYPES:
        if dtype != tf.string:
            rows = (1 << 20) // element_size(dtype) // 8 + 1
            pieces.append(piece(rng, f"{dtype.name}/large", dtype, (rows, 9)))
    return pieces


def strings(seed=2):
    """String tensors: empty, binary, at the borders of varints, long, many."""
    rng = random.Random(seed)
    lengths = (0, 1, 127, 128, 129, 16383, 16384, 16385)
    elements = {
        "scalar": b"hello",
        "scalar_empty": b"",
        "empty_ones": [b""] * 5,
        "binary": [b"", b"\0", b"\0\0x\0", b"\xff\xfe\x80", b"caf\xe9", "模型".encode()],
        "borders": [rng.randbytes(n) for n in lengths],
        "long": [b"before", rng.randbytes(3 << 20), b"after"],
        "many": [b"token_%05d" % i for i in range(5000)],
        "none": [],
    }
    pieces = []
    for name, value in elements.items():
        shape = () if isinstance(value, bytes) else (len(value),)
        value = [value] if isinstance(value, bytes) else value
        pieces.append(Piece(b"strings/" + name.encode(), tf.string, shape, value))
    return pieces


def cut(whole, parts):
    """The slices `parts` of a tensor."""
    size = 1 if whole.dtype == tf.string else element_size(whole.dtype)
    return [whole._replace(part=part, content=_cut(whole.content, whole.shape, part, size))
            for part in parts]


def _cut(data, shape, part, size):
    if not shape:
        return data
    start = part.starts[0]
    count = shape[0] if part.lengths[0] < 0 else part.lengths[0]
    row = size * num_elements(shape[1:])
    rest = tfckpt.Slice(part.starts[1:], part.lengths[1:])
    rows = [_cut(data[i * row:(i + 1) * row], shape[1:], rest, size)
            for i in range(start, start + count)]
    return sum(rows, []) if isinstance(data, list) else b"".join(rows)


def random_parts(rng, shape):
    """Slices that cover a shape without overlap: cut at random, then mixed."""
    cuts = [_random_extents(rng, n) for n in shape]
    parts = [((), ())]
    for extents in cuts:
        parts = [(starts + (start,), lengths + (length,))
                 for starts, lengths in parts for start, length in extents]
    rng.shuffle(parts)
    return [tfckpt.Slice(*part) for part in parts]


def _random_extents(rng, n):
    if n < 2 or rng.random() < 0.3:
        return [rng.choice(((0, -1), (0, n)))]
    borders = sorted(rng.sample(range(1, n), min(n - 1, rng.randint(1, 2))))
    return [(a, b - a) for a, b in zip([0] + borders, borders + [n])]
