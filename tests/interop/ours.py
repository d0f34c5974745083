"""Whole checkpoints written, and read, by this library."""

import theirs
import tfckpt


def save(prefix, pieces, **options):
    with tfckpt.Writer(prefix, **options) as writer:
        for piece in pieces:
            writer.add(piece.name, piece.number, piece.shape, piece.content, piece.part)


def files(prefix):
    """The bytes of all files of a checkpoint, by what their names have behind the prefix."""
    found = prefix.parent.glob(prefix.name + ".*")
    return {path.name[len(prefix.name):]: path.read_bytes() for path in found}


def assert_reads(prefix, pieces):
    """This library lists and reads what the pieces have; no tensor is more or less."""
    assert tfckpt.problems(prefix) == []
    with tfckpt.Reader(prefix) as reader:
        tensors = {tensor.name: tensor for tensor in reader}
        assert set(tensors) == {piece.name for piece in pieces}
        for piece in pieces:
            tensor = tensors[piece.name]
            assert (tensor.dtype, tensor.shape) == (piece.number, piece.shape), piece.name
            assert reader.read(tensor, piece.part) == piece.content, (piece.name, piece.spec)


def assert_reads_as_tensorflow(prefix, theirs_reader):
    """This library reads each tensor as TensorFlow's CheckpointReader does."""
    assert tfckpt.problems(prefix) == []
    dtypes = theirs_reader.get_variable_to_dtype_map()
    shapes = theirs_reader.get_variable_to_shape_map()
    with tfckpt.Reader(prefix) as reader:
        tensors = list(reader)
        assert [tensor.name.decode() for tensor in tensors] == sorted(dtypes)
        for tensor in tensors:
            name = tensor.name.decode()
            assert tensor.dtype == dtypes[name].as_datatype_enum, name
            assert tensor.shape == tuple(shapes[name]), name
            assert reader.read(tensor) == theirs.content_of(theirs_reader.get_tensor(name)), name
    return tensors
