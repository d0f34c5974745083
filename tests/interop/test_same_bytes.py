"""Packed, the files are those of TensorFlow, byte for byte: index and data."""

import random

import pytest
import tensorflow as tf

import ours
import tfckpt
import theirs
import values
from tfckpt import Slice

# Of the index, as TensorFlow writes it.
BLOCK = 256 << 10


def assert_same(tmp_path, pieces):
    """As written by both, and as TensorFlow's copied by the command."""
    theirs.save(tmp_path / "theirs", pieces)
    expected = ours.files(tmp_path / "theirs")
    assert sorted(expected) == [".data-00000-of-00001", ".index"]
    ours.save(tmp_path / "ours", pieces, alignment=1)
    assert ours.files(tmp_path / "ours") == expected
    tfckpt.command("copy", "--align", "1", "--shards", "1", tmp_path / "theirs", tmp_path / "copy")
    assert ours.files(tmp_path / "copy") == expected
    return expected


def test_every_dtype_and_shape(tmp_path):
    assert_same(tmp_path, values.of_every_class() + values.strings())


def test_the_order_is_that_of_writing(tmp_path):
    pieces = values.of_every_class()
    random.Random(6).shuffle(pieces)
    assert_same(tmp_path, pieces)


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 100])
def test_few_tensors(tmp_path, count):
    rng = random.Random(count)
    assert_same(tmp_path, [values.piece(rng, f"t{i}", tf.float32, (i % 3,)) for i in range(count)])


def test_many_tensors_in_several_blocks_of_the_index(tmp_path):
    rng = random.Random(7)
    pieces = [values.piece(rng, f"tower_{i % 7}/block_{i // 8:03d}/{rng.randbytes(60).hex()}_{i}",
                           values.DTYPES[i % 31], ((), (3,), (2, 2), (1, 4))[i % 4])
              for i in range(5000)]
    index = assert_same(tmp_path, pieces)[".index"]
    assert len(index) > 2 * BLOCK


def test_long_names(tmp_path):
    """Names longer than a block, and such that share nearly all of it with the next."""
    names = ["x" * n for n in (1, 127, 128, 16383, 16384, 300_000)]
    names += ["y" * 300_000 + end for end in ("", "\0", "a", "b", "\u00ff")]
    rng = random.Random(8)
    assert_same(tmp_path, [values.piece(rng, name, tf.int8, (2,)) for name in names])


@pytest.mark.parametrize("seed", range(8))
def test_names_at_which_a_block_ends(tmp_path, seed):
    """Between the last name of a block and the first of the next the index block has the
    shortest that fits, which depends on where they differ and on bytes of 255 there."""
    rng = random.Random(seed)
    ends = [b"a", b"b", b"b\0", b"c\xff", b"c\xff\xff", b"d\xff\x01", b"\xfe", b"\xff", b"\xff\xff"]
    names = [stem + end for stem in (rng.randbytes(10_000) for _ in range(60)) for end in ends]
    pieces = [values.Piece(b"n" + name, tf.uint8, (), rng.randbytes(1)) for name in names]
    index = assert_same(tmp_path, pieces)[".index"]
    assert len(index) > 3 * BLOCK


def test_partitioned(tmp_path):
    rng = random.Random(10)
    pieces = []
    for dtype in values.DTYPES:
        for shape in ((9,), (6, 8), (3, 1, 5), (2, 3, 2, 2)):
            whole = values.piece(rng, f"{dtype.name}/{shape}", dtype, shape)
            pieces += values.cut(whole, values.random_parts(rng, shape))
            pieces.append(values.piece(rng, f"{dtype.name}/{shape}/own", dtype, (2,)))
    assert_same(tmp_path, pieces)


def test_slices_far_from_the_start(tmp_path):
    """Starts and lengths of one to nine bytes in the keys of the slices."""
    far = [1, 63, 64, 8191, 8192, 1 << 20, 1 << 27, 1 << 34, 1 << 41, 1 << 48]
    parts = [Slice((start,), (1,)) for start in far]
    pieces = [values.Piece(b"far", tf.uint8, ((1 << 48) + 1,), bytes([i]), part)
              for i, part in enumerate(parts)]
    theirs.save(tmp_path / "theirs", pieces)
    ours.save(tmp_path / "ours", pieces, alignment=1)
    assert ours.files(tmp_path / "ours") == ours.files(tmp_path / "theirs")


def test_tensors_that_came_in_pieces(tmp_path):
    pieces = [piece for piece in values.of_every_class() if piece.dtype != tf.string]
    theirs.save(tmp_path / "theirs", pieces)
    with tfckpt.Writer(tmp_path / "ours", alignment=1) as writer:
        for piece in pieces:
            data = piece.content
            writer.stream(piece.name, piece.number, piece.shape,
                          [data[:1], data[1:100], data[100:70001], data[70001:]])
    assert ours.files(tmp_path / "ours") == ours.files(tmp_path / "theirs")


@pytest.mark.parametrize("seed", range(100))
def test_random_checkpoints(tmp_path, seed):
    assert_same(tmp_path, random_checkpoint(random.Random(seed)))


def random_checkpoint(rng):
    pieces = []
    for name in random_names(rng):
        dtype = rng.choice(values.DTYPES)
        shape = tuple(rng.choice((0, 1, 2, 3, 5)) for _ in range(rng.randrange(5)))
        whole = values.Piece(name, dtype, shape, values.content(rng, dtype, shape))
        sliced = values.num_elements(shape) > 1 and rng.random() < 0.3
        pieces += values.cut(whole, values.random_parts(rng, shape)) if sliced else [whole]
    rng.shuffle(pieces)
    return pieces


def random_names(rng):
    """Different names, many of which begin alike; none begins as the key of a slice."""
    names = set()
    for _ in range(rng.choice((1, 5, 40, 300))):
        stem = rng.choice(sorted(names) or [b"a"])[:rng.randrange(1, 20)]
        names.add(stem + rng.randbytes(rng.choice((1, 2, 30))))
    return sorted(names)
