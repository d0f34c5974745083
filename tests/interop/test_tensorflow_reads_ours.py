"""What this library writes, TensorFlow reads."""

import random

import pytest
import tensorflow as tf

import ours
import tfckpt
import theirs
import values

LAYOUTS = [
    {"alignment": 1}, {"alignment": 0}, {"alignment": 64}, {"alignment": 4096},
    {"alignment": 1, "shards": 8}, {"alignment": 0, "shards": 8}, {"alignment": 64, "shards": 8},
]


def name_of(layout):
    return "-".join(f"{key}_{value}" for key, value in layout.items())


@pytest.fixture(scope="module")
def pieces():
    return values.of_every_class() + values.strings()


@pytest.mark.parametrize("layout", LAYOUTS, ids=name_of)
def test_every_dtype_and_shape_in_every_layout(tmp_path, pieces, layout):
    prefix = tmp_path / "ckpt"
    ours.save(prefix, pieces, **layout)
    with tfckpt.Reader(prefix) as reader:
        assert reader.num_shards == layout.get("shards", 1)
        shards = {tensor.shard for tensor in reader}
        assert shards == set(range(reader.num_shards))
        for tensor in reader:
            if layout["alignment"] and not tensor.is_variable_length:
                assert tensor.offset % layout["alignment"] == 0
    theirs.assert_restores(prefix, pieces)


@pytest.mark.parametrize("shards", [1, 8])
def test_through_load_checkpoint(tmp_path, pieces, shards):
    prefix = tmp_path / "ckpt"
    ours.save(prefix, pieces, shards=shards)
    reader = tf.train.load_checkpoint(str(prefix))
    shapes, dtypes = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
    assert len(shapes) == len(pieces)
    for piece in pieces:
        name = piece.name.decode()
        assert tuple(shapes[name]) == piece.shape
        assert dtypes[name] == piece.dtype
        assert theirs.content_of(reader.get_tensor(name)) == piece.content, name


@pytest.mark.parametrize("shards", [1, 8])
def test_big_endian(tmp_path, pieces, shards):
    prefix = tmp_path / "ckpt"
    ours.save(prefix, pieces, shards=shards, big_endian=True)
    with tfckpt.Reader(prefix) as reader:
        assert reader.is_big_endian
    theirs.assert_restores(prefix, [piece for piece in pieces if values.is_swapped(piece.dtype)])
    ours.assert_reads(prefix, pieces)


def test_tensorflow_swaps_no_float8_and_no_part_of_a_byte(tmp_path, pieces):
    """A limit of TensorFlow's: when it falls, the test before should have all dtypes."""
    prefix = tmp_path / "ckpt"
    ours.save(prefix, pieces, big_endian=True)
    for dtype in values.DTYPES:
        if not values.is_swapped(dtype):
            one = [piece for piece in pieces if piece.name.decode() == f"{dtype.name}/vector"]
            with pytest.raises(tf.errors.OpError):
                theirs.restore(prefix, one)


@pytest.mark.parametrize("big_endian", [False, True])
def test_tensors_that_came_in_pieces(tmp_path, big_endian):
    rng = random.Random(3)
    pieces = [values.piece(rng, f"{dtype.name}", dtype, (70001, 3)) for dtype in values.DTYPES
              if dtype != tf.string and (values.is_swapped(dtype) or not big_endian)]
    prefix = tmp_path / "ckpt"
    with tfckpt.Writer(prefix, big_endian=big_endian) as writer:
        for piece in pieces:
            cuts = sorted(rng.randrange(len(piece.content)) for _ in range(6))
            parts = [piece.content[a:b] for a, b in zip([0] + cuts, cuts + [None])]
            writer.stream(piece.name, piece.number, piece.shape, parts)
    theirs.assert_restores(prefix, pieces)


def test_names_of_any_bytes(tmp_path):
    names = ["模型/权重", "emoji/😀", " spaces ", "tab\there", "new\nline", "null\0inside", "//", ".",
             "prefix", "prefix/", "prefix/a", "prefix.a", "long/" + "x" * 100_000, "z" * 127,
             "z" * 128, "\x7f", "\uffff", "\U0010ffff"]
    names = [name.encode() for name in names] + [b"caf\xe9", b"\xff\xff", b"\x80", b"\x01"]
    pieces = [values.Piece(name, tf.int32, (2,), bytes([i]) * 8) for i, name in enumerate(names)]
    prefix = tmp_path / "ckpt"
    ours.save(prefix, pieces)
    theirs.assert_restores(prefix, pieces)
    theirs.save(tmp_path / "theirs", pieces)
    ours.assert_reads(tmp_path / "theirs", pieces)
