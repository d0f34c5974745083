"""What TensorFlow writes, by whichever of its ways, this library reads."""

import hashlib
import json
import random

import numpy as np
import pytest
import tensorflow as tf

import ours
import tfckpt
import theirs
import values


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    pieces = values.of_every_class() + values.strings()
    prefix = tmp_path_factory.mktemp("saved") / "ckpt"
    theirs.save(prefix, pieces)
    return prefix, pieces


def test_every_dtype_and_shape(saved):
    ours.assert_reads(*saved)


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("threads", [1, 2])
def test_many_at_once(saved, mapped, threads):
    prefix, pieces = saved
    with tfckpt.Reader(prefix, mapped=mapped) as reader:
        tensors = [tensor for tensor in reader if not tensor.is_variable_length]
        random.Random(1).shuffle(tensors)
        contents = reader.read_many(tensors, threads)
    expected = {piece.name: piece.content for piece in pieces}
    for tensor, content in zip(tensors, contents, strict=True):
        assert content == expected[tensor.name], tensor.name


def test_the_command_lists_them(saved):
    prefix, pieces = saved
    listed = json.loads(tfckpt.command("ls", "--json", "--sha256", prefix))["tensors"]
    assert {tensor["name"]: tensor["sha256"] for tensor in listed} == {
        piece.name.decode(): digest(piece.content) for piece in pieces}
    tfckpt.command("verify", prefix)


def digest(content):
    if isinstance(content, list):
        content = b"".join(len(s).to_bytes(8, "little") + s for s in content)
    return hashlib.sha256(content).hexdigest()


def keras_model():
    keras = tf.keras
    keras.utils.set_random_seed(1)
    model = keras.Sequential([
        keras.layers.Input([6]), keras.layers.Dense(5, activation="relu"),
        keras.layers.BatchNormalization(), keras.layers.Dense(2)])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
    model.train_on_batch(np.ones((4, 6), "f"), np.ones((4, 2), "f"))
    return model


def test_a_keras_model_and_its_optimizer(tmp_path):
    model = keras_model()
    checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer)
    prefix = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=1).save()
    tensors = ours.assert_reads_as_tensorflow(prefix, tf.train.load_checkpoint(prefix))
    assert any(tensor.name == b"_CHECKPOINTABLE_OBJECT_GRAPH" for tensor in tensors)


def test_a_copy_of_a_keras_model_is_restored(tmp_path):
    model = keras_model()
    tf.train.Checkpoint(model=model).write(str(tmp_path / "theirs"))
    tfckpt.command("copy", "--shards", "2", tmp_path / "theirs", tmp_path / "copy")
    weights = [weight.copy() for weight in model.get_weights()]
    model.set_weights([np.zeros_like(weight) for weight in weights])
    tf.train.Checkpoint(model=model).read(str(tmp_path / "copy")).assert_consumed()
    for weight, expected in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_a_saved_model(tmp_path):
    model = keras_model()
    model.export(str(tmp_path / "model"), verbose=False)
    prefix = tmp_path / "model" / "variables" / "variables"
    ours.assert_reads_as_tensorflow(prefix, tf.train.load_checkpoint(str(prefix)))
    with tfckpt.Reader(tmp_path / "model") as by_directory, tfckpt.Reader(prefix) as by_prefix:
        assert list(by_directory) == list(by_prefix)


@pytest.mark.parametrize("size", [500, 2000])
def test_shards_of_a_largest_size(tmp_path, size):
    """Variables larger than that are cut into slices."""
    rng = np.random.RandomState(1)
    layers = {f"layer_{i}": tf.Variable(rng.randn(8 * (i + 1), 6).astype("f")) for i in range(5)}
    checkpoint = tf.train.Checkpoint(step=tf.Variable(3), words=tf.Variable(["a", "bc"]), **layers)
    policy = tf.train.experimental.MaxShardSizePolicy(max_shard_size=size)
    prefix = checkpoint.write(str(tmp_path / "ckpt"), tf.train.CheckpointOptions(
        experimental_sharding_callback=policy))
    tensors = ours.assert_reads_as_tensorflow(prefix, tf.train.load_checkpoint(prefix))
    assert any(tensor.slices for tensor in tensors)
    with tfckpt.Reader(prefix) as reader:
        assert reader.num_shards > 1


def test_a_sharded_tf1_saver(tmp_path):
    """Partitioned variables over three devices, a shard for each."""
    tf1 = tf.compat.v1
    values_of = tf1.random_normal_initializer(seed=1)
    with tf.Graph().as_default():
        for i in range(9):
            with tf1.device(f"/cpu:{i % 3}"):
                tf1.get_variable(f"tower_{i}", (7, i + 2), initializer=values_of,
                                 partitioner=tf1.fixed_size_partitioner(1 + i % 3, i % 2))
        saver = tf1.train.Saver(sharded=True)
        with tf1.Session(config=tf1.ConfigProto(device_count={"CPU": 3})) as session:
            session.run(tf1.global_variables_initializer())
            prefix = saver.save(session, str(tmp_path / "model.ckpt"), global_step=7)
    ours.assert_reads_as_tensorflow(prefix, tf.train.load_checkpoint(prefix))
    with tfckpt.Reader(prefix) as reader:
        assert reader.num_shards == 3
