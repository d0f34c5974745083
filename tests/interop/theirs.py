"""What these tests ask of TensorFlow."""

import pathlib

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2

# One call per so many tensors.
_BATCH = 500


def to_tensor(piece):
    """The piece as TensorFlow's tensor, bit for bit."""
    proto = tensor_pb2.TensorProto(
        dtype=piece.number, tensor_shape=tf.TensorShape(piece.own_shape).as_proto())
    if piece.dtype == tf.string:
        proto.string_val.extend(piece.content)
    else:
        proto.tensor_content = piece.content
    return tf.io.parse_tensor(proto.SerializeToString(), piece.dtype)


def content_of(value):
    """The elements of a tensor, or of what get_tensor() gives, as a Piece has them."""
    value = value.numpy() if tf.is_tensor(value) else value
    if isinstance(value, bytes):
        return [value]
    array = np.asarray(value)
    if array.dtype == object or array.dtype.kind == "S":
        return list(array.ravel())
    return array.tobytes()


def save(prefix, pieces):
    """SaveV2: writes the pieces in the order in which they are given."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    tf.raw_ops.SaveV2(prefix=str(prefix), tensor_names=[piece.name for piece in pieces],
                      shape_and_slices=[piece.spec for piece in pieces],
                      tensors=[to_tensor(piece) for piece in pieces])


def restore(prefix, pieces):
    """RestoreV2: the content of each piece, and its shape."""
    out = []
    for start in range(0, len(pieces), _BATCH):
        batch = pieces[start:start + _BATCH]
        tensors = tf.raw_ops.RestoreV2(
            prefix=str(prefix), tensor_names=[piece.name for piece in batch],
            shape_and_slices=[piece.spec for piece in batch],
            dtypes=[piece.dtype for piece in batch])
        out.extend((tuple(tensor.shape), content_of(tensor)) for tensor in tensors)
    return out


def assert_restores(prefix, pieces):
    """RestoreV2 gives what the pieces have."""
    for piece, (shape, content) in zip(pieces, restore(prefix, pieces), strict=True):
        assert shape == piece.own_shape, piece.name
        assert content == piece.content, (piece.name, piece.spec)


def save_v1(path, pieces):
    """SaveSlices: writes the pieces into one file of the V1 format."""
    tf.raw_ops.SaveSlices(filename=str(path), tensor_names=[piece.name for piece in pieces],
                          shapes_and_slices=[piece.spec for piece in pieces],
                          data=[to_tensor(piece) for piece in pieces])


def shard(prefix, number, count):
    """The path that ShardedFilename gives."""
    name = tf.raw_ops.ShardedFilename(basename=str(prefix), shard=number, num_shards=count)
    return pathlib.Path(name.numpy().decode())


def assert_restores_v1(pattern, pieces):
    """RestoreSlice, and Restore for whole tensors, give what the pieces have."""
    for piece in pieces:
        where = {"file_pattern": str(pattern), "tensor_name": piece.name, "dt": piece.dtype}
        tensors = [tf.raw_ops.RestoreSlice(shape_and_slice=piece.spec, **where)]
        if piece.part is None:
            tensors.append(tf.raw_ops.Restore(**where))
        for tensor in tensors:
            assert tuple(tensor.shape) == piece.own_shape, piece.name
            assert content_of(tensor) == piece.content, (piece.name, piece.spec)


def merge(dst, sources):
    """MergeV2Checkpoints. It renames the data files of its inputs, and removes the rest."""
    tf.raw_ops.MergeV2Checkpoints(
        checkpoint_prefixes=[str(source) for source in sources], destination_prefix=str(dst),
        delete_old_dirs=False)
