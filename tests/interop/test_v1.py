"""The V1 format, both ways: what one writes the other reads, and the bytes are the same."""

import random

import numpy as np
import pytest
import tensorflow as tf

import ours
import tfckpt
import theirs
import values
from tfckpt import Slice

tf1 = tf.compat.v1

# All that Save and SaveSlices take.
DTYPES = [tf.as_dtype(name) for name in (
    "float32 float64 int32 uint8 int16 int8 string complex64 int64 bool qint8 quint8 qint32 "
    "uint16 complex128 float16").split()]

# TensorFlow has no V1 tensors of more than 8 dimensions: it writes them, and crashes as it
# reads them.
SHAPES = {what: shape for what, shape in values.SHAPES.items() if len(shape) <= 8} | {
    "rank8": (1, 2, 1, 1, 3, 1, 1, 2), "none_of_five": (2, 0, 5)}


def of_every_class(seed=21):
    rng = random.Random(seed)
    pieces = [values.piece(rng, f"{dtype.name}/{what}", dtype, shape)
              for dtype in DTYPES for what, shape in SHAPES.items()]
    pieces += [values.piece(rng, f"{dtype.name}/large", dtype, (30_000, 9))
               for dtype in DTYPES if dtype != tf.string]
    return pieces + values.strings()


def partitioned(seed=22):
    """Slices of every dtype, in the order of nobody."""
    rng = random.Random(seed)
    wholes = [values.piece(rng, f"{dtype.name}/{shape}", dtype, shape)
              for dtype in DTYPES for shape in ((9,), (6, 8), (3, 1, 5), (2, 3, 2, 2))]
    cut = [piece for whole in wholes
           for piece in values.cut(whole, values.random_parts(rng, whole.shape))]
    rng.shuffle(cut)
    return wholes, cut


def save(path, pieces, **options):
    ours.save(path, pieces, format=tfckpt.V1, **options)


def assert_same(tmp_path, pieces):
    theirs.save_v1(tmp_path / "theirs", pieces)
    save(tmp_path / "ours", in_their_order(tmp_path / "theirs", pieces))
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def in_their_order(path, pieces):
    """The pieces, the slices of each tensor as TensorFlow has them: it sorts by name alone,
    and what has the same name comes out in any order."""
    with tfckpt.Reader(path) as reader:
        places = {(tensor.name, part): place
                  for tensor in reader for place, part in enumerate(tensor.slices)}
    return sorted(pieces, key=lambda piece: places.get((piece.name, piece.part), 0))


@pytest.fixture(scope="module")
def whole_pieces():
    return of_every_class()


@pytest.fixture(scope="module")
def cut_pieces():
    return partitioned()


def test_same_bytes(tmp_path, whole_pieces, cut_pieces):
    assert_same(tmp_path, whole_pieces + cut_pieces[1])


def test_same_bytes_in_any_order(tmp_path, whole_pieces):
    pieces = whole_pieces[:]
    random.Random(23).shuffle(pieces)
    assert_same(tmp_path, pieces)


def test_same_bytes_of_save(tmp_path, whole_pieces):
    tf.raw_ops.Save(filename=str(tmp_path / "theirs"),
                    tensor_names=[piece.name for piece in whole_pieces],
                    data=[theirs.to_tensor(piece) for piece in whole_pieces])
    save(tmp_path / "ours", whole_pieces)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_same_bytes_of_tensors_that_came_in_pieces(tmp_path, whole_pieces):
    pieces = [piece for piece in whole_pieces if piece.dtype != tf.string]
    theirs.save_v1(tmp_path / "theirs", pieces)
    with tfckpt.Writer(tmp_path / "ours", format=tfckpt.V1) as writer:
        for piece in pieces:
            data = piece.content
            writer.stream(piece.name, piece.number, piece.shape,
                          [data[:1], data[1:100], data[100:70001], data[70001:]])
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


@pytest.mark.parametrize("seed", range(40))
def test_random_checkpoints(tmp_path, seed):
    """Names that begin alike, in blocks of the table that end anywhere."""
    rng = random.Random(seed)
    pieces = []
    stems = [rng.choice("ab") * rng.randrange(1, 9) for _ in range(rng.choice((1, 5, 300)))]
    for name in {(stem + rng.choice(["", chr(rng.randrange(0xd800))])).encode() for stem in stems}:
        dtype = rng.choice(DTYPES)
        shape = tuple(rng.choice((1, 2, 5, 17)) for _ in range(rng.randrange(5)))
        whole = values.Piece(name, dtype, shape, values.content(rng, dtype, shape))
        sliced = shape and rng.random() < 0.4
        pieces += values.cut(whole, values.random_parts(rng, shape)) if sliced else [whole]
    rng.shuffle(pieces)
    assert_same(tmp_path, pieces)
    ours.assert_reads(tmp_path / "theirs", pieces)


@pytest.mark.parametrize("shards", [1, 3])
def test_tensorflow_restores_ours(tmp_path, whole_pieces, cut_pieces, shards):
    wholes, cut = cut_pieces
    save(tmp_path / "ckpt", whole_pieces + cut, shards=shards)
    pattern = tmp_path / ("ckpt" if shards == 1 else "ckpt-?????-of-00003")
    assert len(list(tmp_path.iterdir())) == shards
    theirs.assert_restores_v1(pattern, whole_pieces + cut)
    theirs.assert_restores_v1(pattern, wholes)
    # Programs of today come by RestoreV2, whatever the format.
    theirs.assert_restores(pattern, whole_pieces)
    reader = tf.train.load_checkpoint(str(pattern))
    assert reader.get_variable_to_shape_map() == {
        piece.name.decode(): list(piece.shape) for piece in whole_pieces + wholes}


ACROSS = [Slice((1, 2), (4, 5)), Slice((3, 0), (2, -1)), Slice((0, 2), (-1, 4))]


def test_any_slice_of_ours_and_theirs(tmp_path):
    rng = random.Random(24)
    wholes = [values.piece(rng, dtype.name, dtype, (6, 8)) for dtype in DTYPES]
    cut = [piece for whole in wholes
           for piece in values.cut(whole, values.random_parts(rng, whole.shape))]
    across = [piece for whole in wholes for piece in values.cut(whole, ACROSS)]
    save(tmp_path / "ours", cut)
    theirs.assert_restores_v1(tmp_path / "ours", across)
    theirs.save_v1(tmp_path / "theirs", cut)
    ours.assert_reads(tmp_path / "theirs", cut + across + wholes)


def test_ours_reads_theirs(tmp_path, whole_pieces, cut_pieces):
    wholes, cut = cut_pieces
    theirs.save_v1(tmp_path / "ckpt", whole_pieces + cut)
    ours.assert_reads(tmp_path / "ckpt", whole_pieces + cut + wholes)


@pytest.mark.parametrize("count", [2, 7])
def test_slices_over_files(tmp_path, whole_pieces, cut_pieces, count):
    """The slices of a tensor lie in several files; one file has nothing but such."""
    wholes, cut = cut_pieces
    dealt = [cut[number::count] for number in range(count)]
    dealt[0] = dealt[0] + whole_pieces
    for number, pieces in enumerate(dealt):
        theirs.save_v1(theirs.shard(tmp_path / "ckpt", number, count), pieces)
    everything = whole_pieces + cut + wholes
    for path in ("ckpt", f"ckpt-?????-of-{count:05}", f"ckpt-00001-of-{count:05}"):
        ours.assert_reads(tmp_path / path, everything)
    copied = tmp_path / "copied" / "ckpt"
    tfckpt.command("copy", tmp_path / "ckpt", copied)
    ours.assert_reads(copied, everything)


def test_odd_names(tmp_path):
    """Names at the borders of ordered code, longer than a block, with every byte."""
    rng = random.Random(25)
    names = [chr(byte).encode() for byte in range(256)] + [
        b"a\0", b"\0\0", b"a" * 300_000, b"a/b:0", "模型".encode(), "\U0010ffff".encode()]
    pieces = [values.Piece(name, tf.int16, (2,), rng.randbytes(4)) for name in names]
    assert_same(tmp_path, pieces)
    ours.assert_reads(tmp_path / "theirs", pieces)
    theirs.assert_restores_v1(tmp_path / "ours", pieces)


def test_names_that_are_not_utf_8(tmp_path):
    """TensorFlow writes them, and then reads nothing of the file. This library does."""
    pieces = [values.Piece(name, tf.int16, (), b"ab") for name in (b"a", b"\xff\0\x01", b"\xff" * 9)]
    theirs.save_v1(tmp_path / "theirs", pieces)
    with pytest.raises(tf.errors.InternalError):
        theirs.assert_restores_v1(tmp_path / "theirs", pieces[:1])
    ours.assert_reads(tmp_path / "theirs", pieces)
    with tfckpt.Writer(tmp_path / "ours", format=tfckpt.V1) as writer:
        with pytest.raises(tfckpt.Error) as error:
            writer.add(pieces[1].name, pieces[1].number, (), b"ab")
        assert error.value.status == tfckpt.UNSUPPORTED


def test_slices_of_what_is_huge(tmp_path):
    """A shape that nobody has the elements of: its slices read, the whole does not."""
    far = [1, 63, 64, 8191, 8192, 1 << 20, 1 << 27, 1 << 34, 1 << 41, 1 << 48]
    pieces = [values.Piece(b"far", tf.uint8, ((1 << 48) + 1,), bytes([i]), Slice((at,), (1,)))
              for i, at in enumerate(far)]
    assert_same(tmp_path, pieces)
    theirs.assert_restores_v1(tmp_path / "ours", pieces)
    with tfckpt.Reader(tmp_path / "theirs") as reader:
        tensor, = reader
        assert tensor.shape == ((1 << 48) + 1,)
        for piece in pieces:
            assert reader.read(tensor, piece.part) == piece.content
        with pytest.raises(tfckpt.Error) as error:
            reader.read(tensor, Slice((0,), (8192,)))
        assert error.value.status == tfckpt.DATA_LOSS


def test_what_tensorflow_does_not_take(tmp_path):
    held = {dtype.as_datatype_enum for dtype in DTYPES}
    others = [dtype for dtype in values.DTYPES if dtype.as_datatype_enum not in held]
    assert len(others) == 15
    rng = random.Random(26)
    with tfckpt.Writer(tmp_path / "ckpt", format=tfckpt.V1) as writer:
        for dtype in others:
            piece = values.piece(rng, dtype.name, dtype, (2,))
            with pytest.raises(tf.errors.OpError):
                theirs.save_v1(tmp_path / "theirs", [piece])
            with pytest.raises(tfckpt.Error) as error:
                writer.add(piece.name, piece.number, piece.shape, piece.content)
            assert error.value.status == tfckpt.UNSUPPORTED
            assert dtype.name in str(error.value)


class Model:
    """Variables in a graph of TensorFlow 1, some of them partitioned."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        scope = {"partitioner": tf1.fixed_size_partitioner(3)}
        self.expected = {}
        for name, value, options in (
                ("rows", rng.normal(size=(10, 4)).astype(np.float32), scope),
                ("columns", rng.integers(-9, 9, (4, 10)), {
                    "partitioner": tf1.fixed_size_partitioner(4, axis=1)}),
                ("half", rng.normal(size=7).astype(np.float16), {}),
                ("words", np.array([b"", b"\xff\0", b"abc"], object), {}),
                ("scalar", np.int64(seed), {}), ("flag", np.array([True, False]), {}),
                ("complex", (rng.normal(size=3) + 1j).astype(np.complex64), {})):
            with tf1.variable_scope("scope", use_resource=False, **options):
                tf1.get_variable(name, value.shape, tf.as_dtype(value.dtype),
                                 initializer=self._part_of(value))
            self.expected[f"scope/{name}".encode()] = value

    @staticmethod
    def _part_of(value):
        def make(shape, dtype, partition_info=None):
            start = partition_info.var_offset if partition_info else [0] * len(shape)
            part = tuple(slice(at, at + n) for at, n in zip(start, shape))
            return tf.constant(value[part], dtype)
        return make


@pytest.mark.parametrize("sharded", [False, True])
def test_savers(tmp_path, sharded):
    """tf.train.Saver of the V1 format writes what we read, and restores what we write."""
    with tf.Graph().as_default(), tf1.Session() as session:
        model = Model(1)
        saver = tf1.train.Saver(write_version=tf1.train.SaverDef.V1, sharded=sharded)
        session.run(tf1.global_variables_initializer())
        # The path that it gives is a pattern for several files.
        path = saver.save(session, str(tmp_path / "theirs"), write_meta_graph=False)
        assert_has(path, model.expected)
        # The directory, by its state file.
        assert_has(tmp_path, model.expected)
        prefix = tmp_path / "ours"
        copy_as_v1(path, prefix, shards=2 if sharded else 1)
        session.run([variable.initializer for variable in tf1.global_variables()])
        zeros = [variable.assign(tf.zeros_like(variable)) for variable in tf1.global_variables()
                 if variable.dtype.base_dtype != tf.string]
        session.run(zeros)
        saver.restore(session, f"{prefix}-?????-of-00002" if sharded else str(prefix))
        for variable in tf1.global_variables():
            read = session.run(variable)
            whole = model.expected[variable.op.name.split("/part_")[0].encode()]
            info = variable._get_save_slice_info()
            if info is not None:
                whole = whole[tuple(slice(at, at + n)
                                    for at, n in zip(info.var_offset, info.var_shape))]
            np.testing.assert_array_equal(read, whole, variable.op.name)


def assert_has(path, expected):
    assert tfckpt.problems(path) == []
    with tfckpt.Reader(path) as reader:
        tensors = {tensor.name: tensor for tensor in reader}
        assert set(tensors) == set(expected)
        for name, value in expected.items():
            assert tensors[name].shape == np.shape(value)
            assert reader.read(tensors[name]) == theirs.content_of(value), name


def copy_as_v1(path, dst, shards):
    """The same tensors, in the slices in which they are stored, as V1 of ours."""
    with tfckpt.Reader(path) as reader, \
            tfckpt.Writer(dst, format=tfckpt.V1, shards=shards) as writer:
        for tensor in reader:
            for part in tensor.slices or (None,):
                writer.add(tensor.name, tensor.dtype, tensor.shape, reader.read(tensor, part), part)
