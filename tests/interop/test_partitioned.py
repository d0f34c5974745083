"""Tensors stored as slices, both ways."""

import random

import pytest
import tensorflow as tf

import ours
import tfckpt
import theirs
import values
from tfckpt import Slice

SHAPE = (6, 8)
PARTITIONS = {
    "rows": [Slice((0, 0), (1, -1)), Slice((1, 0), (3, -1)), Slice((4, 0), (2, -1))],
    "columns": [Slice((0, 5), (-1, 3)), Slice((0, 0), (-1, 5))],
    "blocks": [Slice((0, 0), (4, 3)), Slice((0, 3), (4, 5)), Slice((4, 0), (2, 6)),
               Slice((4, 6), (2, 2))],
    "explicit": [Slice((0, 0), (3, 8)), Slice((3, 0), (3, 8))],
}
# Each reaches over several of the stored ones.
ACROSS = [Slice((1, 2), (4, 5)), Slice((3, 0), (2, -1)), Slice((0, 2), (-1, 4))]

# RestoreV2 puts no slices of these together; it does read one stored slice.
NOT_GATHERED = {"float16", "uint16", "uint32", "uint64", "qint16", "quint16", "float8_e5m2",
                "float8_e4m3fn", "float8_e4m3fnuz", "float8_e4m3b11fnuz", "float8_e5m2fnuz",
                "int2", "uint2", "float4_e2m1fn", "string"}


@pytest.fixture(scope="module")
def wholes():
    rng = random.Random(4)
    return [values.piece(rng, f"{dtype.name}/{how}", dtype, SHAPE)
            for dtype in values.DTYPES for how in PARTITIONS]


def parts_of(whole):
    return PARTITIONS[whole.name.decode().split("/")[1]]


@pytest.fixture(scope="module")
def slices(wholes):
    return [piece for whole in wholes for piece in values.cut(whole, parts_of(whole))]


def gathered(pieces):
    return [piece for piece in pieces if piece.dtype.name not in NOT_GATHERED]


def across(wholes):
    return [piece for whole in wholes for piece in values.cut(whole, ACROSS)]


@pytest.mark.parametrize("shards", [1, 8])
@pytest.mark.parametrize("alignment", [0, 1, 4096])
def test_tensorflow_reads_ours(tmp_path, wholes, slices, shards, alignment):
    prefix = tmp_path / "ckpt"
    ours.save(prefix, slices, shards=shards, alignment=alignment)
    theirs.assert_restores(prefix, slices)
    theirs.assert_restores(prefix, gathered(wholes))
    theirs.assert_restores(prefix, gathered(across(wholes)))
    ours.assert_reads(prefix, wholes)


def test_what_tensorflow_does_not_gather(tmp_path, wholes, slices):
    """A limit of TensorFlow's, not of the files: this library reads them from its own."""
    theirs.save(tmp_path / "ckpt", slices)
    for whole in wholes:
        if whole.dtype.name in NOT_GATHERED:
            with pytest.raises(tf.errors.OpError):
                theirs.restore(tmp_path / "ckpt", [whole])


def test_we_read_theirs_whole_and_across_slices(tmp_path, wholes, slices):
    prefix = tmp_path / "ckpt"
    theirs.save(prefix, slices)
    for pieces in (wholes, slices, across(wholes)):
        ours.assert_reads(prefix, pieces)


def test_big_endian(tmp_path, wholes, slices):
    prefix = tmp_path / "ckpt"
    ours.save(prefix, slices, big_endian=True)
    swapped = [piece for piece in wholes if values.is_swapped(piece.dtype)]
    theirs.assert_restores(prefix, gathered(swapped))
    theirs.assert_restores(
        prefix, [piece for piece in slices if values.is_swapped(piece.dtype)])
    ours.assert_reads(prefix, wholes)


def test_a_slice_that_is_the_whole_is_no_slice(tmp_path):
    whole = values.piece(random.Random(5), "x", tf.float32, SHAPE)
    for part in (Slice((0, 0), (-1, -1)), Slice((0, 0), (6, 8)), Slice((0, 0), (6, -1))):
        prefix = tmp_path / f"{part.lengths}"
        ours.save(prefix, values.cut(whole, [part]), alignment=1)
        theirs.save(tmp_path / "theirs", values.cut(whole, [part]))
        assert ours.files(prefix) == ours.files(tmp_path / "theirs")
        theirs.assert_restores(prefix, [whole])


def test_slices_that_came_in_pieces(tmp_path, wholes):
    prefix = tmp_path / "ckpt"
    wholes = gathered(wholes)
    with tfckpt.Writer(prefix) as writer:
        for whole in wholes:
            for piece in values.cut(whole, parts_of(whole)):
                data = piece.content
                writer.stream(piece.name, piece.number, piece.shape,
                              [data[:3], data[3:4], data[4:]], piece.part)
    theirs.assert_restores(prefix, wholes)


def test_tf1_saver_with_partitioners(tmp_path):
    tf1 = tf.compat.v1
    prefix = tmp_path / "model.ckpt"
    with tf.Graph().as_default():
        for name, shape, slices, axis in (("rows", (10, 4), 3, 0), ("columns", (3, 9), 4, 1),
                                          ("vector", (5,), 2, 0), ("cube", (2, 5, 3), 2, 1)):
            with tf1.variable_scope(name, partitioner=tf1.fixed_size_partitioner(slices, axis)):
                tf1.get_variable("v", shape, initializer=tf1.random_normal_initializer(seed=1))
        tf1.get_variable("whole", (2, 2), initializer=tf1.random_normal_initializer(seed=1))
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            tf1.train.Saver().save(session, str(prefix), write_state=False)
    tensors = ours.assert_reads_as_tensorflow(prefix, tf.train.load_checkpoint(str(prefix)))
    assert {tensor.name.decode(): len(tensor.slices) for tensor in tensors} == {
        "rows/v": 3, "columns/v": 4, "vector/v": 2, "cube/v": 2, "whole": 0}
