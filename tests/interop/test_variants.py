"""Variants: copied as they are, TensorFlow makes its objects of them again."""

import pytest
import tensorflow as tf

import ours
import tfckpt

LAYOUTS = [{"alignment": 1}, {"alignment": 0}, {"alignment": 4096, "shards": 3}]


def copy_through_the_api(source, dst, **layout):
    """Reads every tensor and writes it; returns how many variants there were."""
    variants = 0
    with tfckpt.Reader(source) as reader, tfckpt.Writer(dst, **layout) as writer:
        for tensor in sorted(reader, key=lambda tensor: tensor.offset):
            content = reader.read(tensor)
            if tensor.dtype == tfckpt.DT_VARIANT:
                writer.add_variants(tensor.name, tensor.shape, content)
                variants += 1
            else:
                writer.add(tensor.name, tensor.dtype, tensor.shape, content)
    return variants


def copy_by_command(source, dst, alignment, shards=1):
    layout = ["--shards", str(shards)] + (["--align", str(alignment)] if alignment else [])
    tfckpt.command("copy", *layout, source, dst)


def lists():
    """Lists of tensors, of strings, of lists, none, and what holds a ragged tensor."""
    ops = tf.raw_ops
    floats = ops.TensorListFromTensor(tensor=tf.constant([[1., 2.], [3., 4.]]), element_shape=[2])
    words = ops.TensorListFromTensor(tensor=tf.constant(["a", "bc", "", "x" * 70000]),
                                     element_shape=tf.constant([], tf.int32))
    empty = ops.EmptyTensorList(element_shape=[3], max_num_elements=5, element_dtype=tf.float32)
    nested = ops.TensorListPushBack(
        input_handle=ops.EmptyTensorList(element_shape=tf.constant([], tf.int32),
                                         max_num_elements=-1, element_dtype=tf.variant),
        tensor=floats)
    ragged = tf.ragged.constant([[1, 2, 3], [], [4]], dtype=tf.int32)
    rows = ops.RaggedTensorToVariant(rt_nested_splits=[ragged.row_splits],
                                     rt_dense_values=ragged.values, batched_input=True)
    return {"floats": floats, "words": words, "empty": empty, "nested": nested, "rows": rows,
            "several": tf.stack([floats, words, empty]), "plain": tf.constant([1, 2, 3])}


def assert_lists(prefix):
    names = ["floats", "words", "empty", "nested", "rows", "several"]
    got = dict(zip(names, tf.raw_ops.RestoreV2(
        prefix=str(prefix), tensor_names=names, shape_and_slices=[""] * len(names),
        dtypes=[tf.variant] * len(names))))

    def stack(handle, shape, dtype):
        return tf.raw_ops.TensorListStack(input_handle=handle, element_shape=shape,
                                          element_dtype=dtype).numpy().tolist()

    assert stack(got["floats"], [2], tf.float32) == [[1, 2], [3, 4]]
    scalar = tf.constant([], tf.int32)
    words = [b"a", b"bc", b"", b"x" * 70000]
    assert stack(got["words"], scalar, tf.string) == words
    assert tf.raw_ops.TensorListLength(input_handle=got["empty"]).numpy() == 0
    inner = tf.raw_ops.TensorListGetItem(input_handle=got["nested"], index=0,
                                         element_shape=scalar, element_dtype=tf.variant)
    assert stack(inner, [2], tf.float32) == [[1, 2], [3, 4]]
    assert stack(got["several"][1], scalar, tf.string) == words
    rows = tf.raw_ops.RaggedTensorFromVariant(
        encoded_ragged=got["rows"], input_ragged_rank=0, output_ragged_rank=1, Tvalues=tf.int32)
    assert rows.output_dense_values.numpy().tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_tensor_lists(tmp_path, layout):
    saved = lists()
    source = tmp_path / "theirs"
    tf.raw_ops.SaveV2(prefix=str(source), tensor_names=list(saved),
                      shape_and_slices=[""] * len(saved), tensors=list(saved.values()))
    assert_lists(source)
    assert copy_through_the_api(source, tmp_path / "api", **layout) == len(saved) - 1
    copy_by_command(source, tmp_path / "command", **layout)
    for copy in (tmp_path / "api", tmp_path / "command"):
        assert_lists(copy)
        assert tfckpt.problems(copy) == []
        if layout == {"alignment": 1}:
            assert ours.files(copy) == ours.files(source)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_state_of_an_iterator(tmp_path, layout):
    dataset = tf.data.Dataset.range(40).shuffle(8, seed=1).map(
        lambda x: (x, tf.strings.as_string(x))).batch(3)
    iterator = iter(dataset)
    for _ in range(4):
        next(iterator)
    source = tmp_path / "theirs"
    tf.train.Checkpoint(iterator=iterator).write(str(source))
    rest = [batch[0].numpy().tolist() for batch in iterator]
    assert copy_through_the_api(source, tmp_path / "api", **layout) >= 1
    copy_by_command(source, tmp_path / "command", **layout)
    for copy in (tmp_path / "api", tmp_path / "command"):
        again = iter(dataset)
        tf.train.Checkpoint(iterator=again).read(str(copy)).assert_consumed()
        assert [batch[0].numpy().tolist() for batch in again] == rest
