"""Object-based checkpoints: made here, restored by tf.train.Checkpoint and by Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import trackable_object_graph_pb2

import tfckpt
from objects import Builder, Graph

KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"


def graph_of(prefix):
    """The object graph that TensorFlow finds, parsed and as it stands there."""
    data = tf.train.load_checkpoint(str(prefix)).get_tensor(KEY)
    graph = trackable_object_graph_pb2.TrackableObjectGraph()
    graph.ParseFromString(data)
    return graph, data


def rebuilt(theirs):
    """What TensorFlow's graph says, without its keys, said to a builder."""
    builder = Builder()
    slots = {slot.slot_variable_node_id for node in theirs.nodes for slot in node.slot_variables}
    plain = [i for i in range(len(theirs.nodes)) if i not in slots]
    for node in plain[1:]:
        assert builder.add_node() == node
    for i in plain:
        for child in theirs.nodes[i].children:
            builder.add_child(i, child.local_name, child.node_id)
        for attribute in theirs.nodes[i].attributes:
            builder.add_attribute(i, attribute.name, attribute.full_name)
    for i, node in enumerate(theirs.nodes):
        for slot in node.slot_variables:
            full_name = theirs.nodes[slot.slot_variable_node_id].attributes[0].full_name
            assert builder.add_slot(i, slot.original_variable_node_id, slot.slot_name,
                                    full_name) == slot.slot_variable_node_id
    return builder.build()


def changed(value):
    return value + 1 if value.dtype.kind in "iu" else (value * 1.5).astype(value.dtype)


def saved_again(prefix, dst):
    """A checkpoint with the objects of TensorFlow's and other values, by key."""
    theirs, data = graph_of(prefix)
    reader = tf.train.load_checkpoint(str(prefix))
    values = {}
    with rebuilt(theirs) as graph, tfckpt.Writer(dst) as writer:
        for i, node in enumerate(theirs.nodes):
            assert graph.keys(i) == [attribute.checkpoint_key for attribute in node.attributes]
            for key in graph.keys(i):
                value = values[key] = np.asarray(changed(reader.get_tensor(key)))
                writer.add(key.encode(), tf.as_dtype(value.dtype).as_datatype_enum, value.shape,
                           value.tobytes())
        graph.write_to(writer)
    assert graph_of(dst)[1] == data
    return values


def without_optimizer(prefix, dst):
    """A copy without what optimizers keep; returns the names that are left."""
    names = []
    with tfckpt.Reader(prefix) as reader, Graph.of(reader) as graph, \
            tfckpt.Writer(dst) as writer:
        for tensor in reader:
            if tensor.name != KEY.encode() and not graph.is_optimizer_state(tensor.name):
                names.append(tensor.name.decode())
                writer.add(tensor.name, tensor.dtype, tensor.shape, reader.read(tensor))
        with graph.without_optimizer_state() as pruned:
            pruned.write_to(writer)
    return names


def tree(value):
    """Shared objects, cycles, lists, dictionaries, names with dots and slashes."""
    root, nested = tf.Module(), tf.Module()
    root.vector = tf.Variable([value, 2.], name="vector")
    root.list = [tf.Variable(value), tf.Variable(int(value))]
    root.table = {"x.y/z": tf.Variable(value), "..": tf.Variable(value), "é": tf.Variable(value)}
    root.nested, nested.back, nested.shared = nested, root, root.vector
    return tf.train.Checkpoint(root=nested, other=root)


def tensorflow_1(value):
    variable = tf.Variable([value, 2.], name="w")
    optimizer = tf.compat.v1.train.AdamOptimizer(.1)
    optimizer.minimize(lambda: tf.reduce_sum(variable**2), var_list=[variable])
    return tf.train.Checkpoint(optimizer=optimizer, w=variable)


def keras_2(value):
    from tensorflow.python.keras.optimizer_v2 import adam
    variable = tf.Variable([value, 2.], name="w")
    optimizer = adam.Adam(.1)
    optimizer.minimize(lambda: tf.reduce_sum(variable**2), var_list=[variable])
    return tf.train.Checkpoint(optimizer=optimizer, w=variable)


def model(seed, optimizer=None):
    keras.utils.set_random_seed(seed)
    layers = [keras.Input((3,)), keras.layers.Dense(4, activation="relu"),
              keras.layers.BatchNormalization(), keras.layers.Dense(2)]
    made = keras.Sequential(layers)
    if optimizer is not None:
        made.compile(optimizer, "mse")
        train(made)
    return made


def train(made):
    made.fit(np.random.rand(16, 3), np.random.rand(16, 2), epochs=2, verbose=0)


def keras_3(seed):
    made = model(int(seed), keras.optimizers.Adam(.01))
    return tf.train.Checkpoint(model=made, optimizer=made.optimizer)


@pytest.mark.parametrize("make", [tree, tensorflow_1, keras_2, keras_3])
def test_tensorflow_restores_ours(tmp_path, make):
    theirs = make(1.).save(str(tmp_path / "theirs"))
    values = saved_again(theirs, tmp_path / "ours")
    restored = make(5.)
    restored.restore(str(tmp_path / "ours")).assert_consumed()
    again = tf.train.load_checkpoint(restored.write(str(tmp_path / "again")))
    for key, value in values.items():
        np.testing.assert_array_equal(again.get_tensor(key), value, key)


OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(.1),
    "schedule": lambda: keras.optimizers.Adam(
        keras.optimizers.schedules.ExponentialDecay(.1, 10, .9)),
    "average": lambda: keras.optimizers.Adam(use_ema=True),
    "accumulated": lambda: keras.optimizers.AdamW(gradient_accumulation_steps=2),
    "scaled": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(.1, momentum=.9)),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_model_restores_without_its_optimizer(tmp_path, optimizer):
    trained = model(1, OPTIMIZERS[optimizer]())
    saved = tf.train.Checkpoint(model=trained, optimizer=trained.optimizer)
    names = without_optimizer(saved.save(str(tmp_path / "theirs")), tmp_path / "ours")
    assert len(names) == len(trained.weights) + 1

    plain = model(2)
    tf.train.Checkpoint(model=plain).restore(str(tmp_path / "ours")).assert_consumed()
    assert_same_weights(plain, trained)

    # A fresh optimizer beside the restored weights goes on.
    other = model(3, OPTIMIZERS[optimizer]())
    status = tf.train.Checkpoint(model=other, optimizer=other.optimizer).restore(
        str(tmp_path / "ours"))
    status.assert_nontrivial_match().expect_partial()
    assert_same_weights(other, trained)
    train(other)


def assert_same_weights(one, other):
    for ours, theirs in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), ours.path)


@pytest.mark.parametrize("make", [tensorflow_1, keras_2])
def test_slots_are_left_out(tmp_path, make):
    names = without_optimizer(make(1.).save(str(tmp_path / "theirs")), tmp_path / "ours")
    assert names == ["save_counter/.ATTRIBUTES/VARIABLE_VALUE", "w/.ATTRIBUTES/VARIABLE_VALUE"]
    restored = tf.train.Checkpoint(w=tf.Variable([0., 0.]))
    restored.restore(str(tmp_path / "ours")).assert_consumed()
    assert restored.w.numpy().any()


def test_each_name_finds_the_tensor(tmp_path):
    saved = keras_3(1.)
    prefix = saved.save(str(tmp_path / "ckpt"))
    theirs, _ = graph_of(prefix)
    with tfckpt.Reader(prefix) as reader, Graph.of(reader) as graph:
        assert len(graph) == len(theirs.nodes)
        for i, node in enumerate(theirs.nodes):
            for attribute in node.attributes:
                for name in [attribute.checkpoint_key, attribute.full_name, *graph.paths(i)]:
                    assert graph.find(name) == attribute.checkpoint_key, name
        kernel = graph.find("model/_functional/_operations/1/_kernel")
        values = {tensor.name.decode(): reader.read(tensor) for tensor in reader}
    assert values[kernel] == saved.model.layers[0].kernel.numpy().tobytes()
