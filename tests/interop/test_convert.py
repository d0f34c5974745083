"""`tfckpt convert` against NumPy and safetensors themselves."""

import random

import numpy as np
import pytest
import safetensors
import safetensors.numpy
import tensorflow as tf

import ours
import tfckpt
import theirs
import values

BOTH = ("float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool "
        "complex64").split()
NUMPY = BOTH + ["complex128", "string"]
SAFETENSORS = BOTH + ["bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz",
                      "float8_e5m2fnuz"]


def pieces_of(names):
    """Tensors of these types in every class of shapes, by name."""
    dtypes = [tf.as_dtype(name) for name in names]
    pieces = [trimmed(piece) for piece in values.of_every_class() if piece.dtype in dtypes]
    pieces.append(values.piece(random.Random(4), "模型/权重", tf.float32, (2, 2)))
    return sorted(pieces, key=lambda piece: piece.name)


def trimmed(piece):
    """NumPy's strings never end in zeros."""
    if piece.dtype != tf.string:
        return piece
    return piece._replace(content=[element.rstrip(b"\0") for element in piece.content])


def array(piece):
    """The piece as NumPy has it, bit for bit."""
    if piece.dtype == tf.string:
        return np.array(piece.content, "S").reshape(piece.shape)
    return np.frombuffer(piece.content, piece.dtype.as_numpy_dtype).reshape(piece.shape)


def arrays(pieces):
    return {piece.name.decode(): array(piece) for piece in pieces}


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].dtype == value.dtype, name
        assert found[name].shape == value.shape, name
        assert found[name].tobytes() == value.tobytes(), name


@pytest.mark.parametrize("big_endian", [False, True])
def test_numpy_loads_ours(tmp_path, big_endian):
    pieces = pieces_of(NUMPY)
    ours.save(tmp_path / "ckpt", pieces, shards=3, big_endian=big_endian)
    tfckpt.command("convert", tmp_path / "ckpt", tmp_path / "ours.npz")
    with np.load(tmp_path / "ours.npz") as found:
        assert_same(dict(found), arrays(pieces))
    np.savez(tmp_path / "theirs.npz", **arrays(pieces))
    assert (tmp_path / "ours.npz").read_bytes() == (tmp_path / "theirs.npz").read_bytes()


def plain(value):
    return value


def other_byte_order(value):
    """The same values, the high byte first; strings have none."""
    if value.dtype.kind == "S":
        return value
    return value.byteswap().view(value.dtype.newbyteorder(">"))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("stored", [plain, other_byte_order, np.asfortranarray,
                                    lambda value: np.asfortranarray(other_byte_order(value))])
def test_we_read_what_numpy_saves(tmp_path, save, stored):
    pieces = pieces_of(NUMPY)
    save(tmp_path / "theirs.npz", **{name: stored(value) for name, value in arrays(pieces).items()})
    tfckpt.command("convert", tmp_path / "theirs.npz", tmp_path / "ckpt", "--shards", "2")
    # NumPy makes a vector of a scalar in Fortran's order.
    pieces = [piece._replace(shape=stored(array(piece)).shape) for piece in pieces]
    ours.assert_reads(tmp_path / "ckpt", pieces)
    theirs.assert_restores(tmp_path / "ckpt", pieces)


def test_strings_of_characters(tmp_path):
    words = ["", "é", "模型", "😀", "a\0b", "x" * 1000]
    for name, order in (("little", "<"), ("big", ">")):
        np.savez_compressed(tmp_path / f"{name}.npz",
                            words=np.array(words).astype(order + "U1000").reshape(2, 3))
        tfckpt.command("convert", tmp_path / f"{name}.npz", tmp_path / name)
        content = [word.encode() for word in words]
        piece = values.Piece(b"words", tf.string, (2, 3), content)
        theirs.assert_restores(tmp_path / name, [piece])


@pytest.mark.parametrize("big_endian", [False, True])
def test_safetensors_loads_ours(tmp_path, big_endian):
    pieces = pieces_of(SAFETENSORS)
    ours.save(tmp_path / "ckpt", pieces, shards=3, big_endian=big_endian)
    tfckpt.command("convert", tmp_path / "ckpt", tmp_path / "ours.safetensors")
    written = (tmp_path / "ours.safetensors").read_bytes()
    found = {name: (tuple(tensor["shape"]), bytes(tensor["data"]))
             for name, tensor in safetensors.deserialize(written)}
    assert found == {piece.name.decode(): (piece.shape, piece.content) for piece in pieces}
    assert written == safetensors.numpy.save(arrays(pieces))
    plain_pieces = pieces_of(BOTH)
    tfckpt.command("convert", tmp_path / "ckpt", tmp_path / "plain.safetensors", *(
        argument for name in BOTH + ["模型"] for argument in ("--filter", name + "/*")))
    assert_same(safetensors.numpy.load_file(tmp_path / "plain.safetensors"), arrays(plain_pieces))


def test_we_read_what_safetensors_saves(tmp_path):
    pieces = pieces_of(SAFETENSORS)
    safetensors.numpy.save_file(arrays(pieces), tmp_path / "theirs.safetensors",
                                metadata={"format": "np"})
    tfckpt.command("convert", tmp_path / "theirs.safetensors", tmp_path / "ckpt")
    ours.assert_reads(tmp_path / "ckpt", pieces)
    theirs.assert_restores(tmp_path / "ckpt", pieces)


def test_weights_changed_in_numpy_go_back_into_a_keras_model(tmp_path):
    """By way of a .npz, with the object graph of the checkpoint that it was made of."""
    keras = tf.keras
    model = keras.Sequential([keras.layers.Input([6]), keras.layers.Dense(5),
                              keras.layers.BatchNormalization(), keras.layers.Dense(2)])
    model.compile(optimizer="adam", loss="mse")
    model.train_on_batch(np.ones((4, 6), "f"), np.ones((4, 2), "f"))
    checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer)
    prefix = checkpoint.write(str(tmp_path / "before"))
    before = [weight.copy() for weight in model.get_weights()]

    tfckpt.command("convert", prefix, tmp_path / "before.npz")
    with np.load(tmp_path / "before.npz") as loaded:
        changed = {name: value + 1 if value.dtype == np.float32 else value
                   for name, value in loaded.items()}
    np.savez(tmp_path / "after.npz", **changed)
    tfckpt.command("convert", tmp_path / "after.npz", tmp_path / "values")
    tfckpt.command("merge", "--on-conflict", "first", "-o", tmp_path / "after",
                   tmp_path / "values", prefix)

    checkpoint.read(str(tmp_path / "after")).assert_consumed()
    for weight, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old + 1)
