"""Object-based checkpoints: made here, restored by tf.train.Checkpoint and by Keras."""

import collections
import importlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import trackable_object_graph_pb2
from tensorflow.python.saved_model import registration

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


def keras_2(optimizer):
    """The optimizers of the Keras 2 that TensorFlow still has in it."""
    def make(value):
        package = "tensorflow.python.keras."
        module, name, options = optimizer
        made = getattr(importlib.import_module(f"{package}optimizer_v2.{module}"), name)(**options)
        if optimizer is SCALED:
            mixed = importlib.import_module(package + "mixed_precision.loss_scale_optimizer")
            made = mixed.LossScaleOptimizer(made)
        variable = tf.Variable([value, 2.], name="w")
        made.apply_gradients([(tf.constant([value, 1.]), variable)])
        return tf.train.Checkpoint(optimizer=made, w=variable)
    make.__name__ = "keras_2_" + ("scaled" if optimizer is SCALED else optimizer[0])
    return make


SCALED = ("adam", "Adam", {"learning_rate": .1})
# TensorFlow of today can't restore this one any more; its checkpoints are still around.
KERAS_2_SCALED = keras_2(SCALED)
KERAS_2 = [keras_2(optimizer) for optimizer in (
    ("adam", "Adam", {"learning_rate": .1, "amsgrad": True}),
    ("gradient_descent", "SGD", {"learning_rate": .1}),
    ("rmsprop", "RMSprop", {"momentum": .5, "centered": True}), ("ftrl", "Ftrl", {}))]


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


def nested(value):
    """Dictionaries, lists and tuples in one another, of which some have no variables."""
    def variable(name=None):
        return tf.Variable([value], name=name)

    module = tf.Module()
    module.layers = {"a": [variable("w"), {"b": (variable(), [variable("w")])}], "none": []}
    module.pair = (variable(), (variable(), {"deep": variable()}))
    module.same = module.layers["a"]
    module.plain = {"number": 3, "text": "x", "none": None}
    return tf.train.Checkpoint(module=module, list=[module, variable()], empty={})


# What would mean something in a path or a key, if it were not written otherwise.
ODD = [".", "/", "..", ".S", "S.", "a/b.c", "a.Sb", "/.ATTRIBUTES/", "//", " ", "/.OPTIMIZER_SLOT/",
       ".OPTIMIZER_SLOT", "VARIABLE_VALUE", "x/.ATTRIBUTES/VARIABLE_VALUE",
       "\u6a21\u578b", "e\u0301", "\U0001f600", "\n", "%", "\\", "_CHECKPOINTABLE_OBJECT_GRAPH"]


def odd_names(value):
    root = tf.Module()
    root.table = {name: tf.Variable(value, name="v") for name in ODD}
    root.deep = {"/": {"/": {".": tf.Variable(value)}}}
    return tf.train.Checkpoint(**{name: tf.Variable(value) for name in ODD}, root=root)


def unrestorable(value):
    """TensorFlow writes this name, and misreads the key when it restores it."""
    return tf.train.Checkpoint(table={".ATTRIBUTES": tf.Variable(value), "x": tf.Variable(value)})


def root_variable(value):
    """The root is a variable itself, so its path is empty."""
    return tf.train.Checkpoint(root=tf.Variable(value, name="alone"))


def generator(value):
    """Variables of the types that no model has."""
    made = tf.random.Generator.from_seed(int(value))
    return tf.train.Checkpoint(generator=made, flag=tf.Variable([value > 2.]),
                               half=tf.Variable(value, dtype=tf.bfloat16))


def several_optimizers(value):
    """Each has slots for the same variables, and one is kept in a list."""
    first, second = tf.Variable([value, 2.], name="w"), tf.Variable([value], name="w")
    momentum = tf.compat.v1.train.MomentumOptimizer(.1, .9)
    adam = tf.compat.v1.train.AdamOptimizer(.1)
    for optimizer in (momentum, adam):
        optimizer.minimize(lambda: tf.reduce_sum(first**2) + tf.reduce_sum(second**2),
                           var_list=[first, second])
    return tf.train.Checkpoint(optimizers=[momentum, {"a/d": adam}], w=first, **{"x.y": second})


def every_optimizer(value):
    """Those of Keras 3, side by side over one variable."""
    made = {}
    weights = keras.Variable([value, 2.], name="w")
    for name in ("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lion",
                 "Nadam", "RMSprop", "SGD"):
        made[name] = getattr(keras.optimizers, name)(.1)
        made[name].build([weights])
        made[name].apply([tf.constant([value, 1.])], [weights])
    return tf.train.Checkpoint(optimizers=made, weights=weights.value)


class Subclassed(keras.Model):
    """A model with layers in a list, a dictionary and another model."""

    def __init__(self, depth=1):
        super().__init__()
        self.hidden = [keras.layers.Dense(3) for _ in range(2)]
        self.by_name = {"norm": keras.layers.LayerNormalization(), "out": keras.layers.Dense(2)}
        self.inner = Subclassed(depth - 1) if depth else None

    def call(self, inputs):
        for layer in self.hidden:
            inputs = layer(inputs)
        inputs = inputs if self.inner is None else self.inner(inputs)
        return self.by_name["out"](self.by_name["norm"](inputs))


def subclassed(seed):
    keras.utils.set_random_seed(int(seed))
    made = Subclassed()
    made.compile(keras.optimizers.Lion(.01), "mse")
    train(made)
    return tf.train.Checkpoint(model=made, optimizer=made.optimizer)


MAKERS = [tree, nested, odd_names, root_variable, generator, tensorflow_1, several_optimizers,
          *KERAS_2, keras_3, every_optimizer, subclassed]


@pytest.mark.parametrize("make", MAKERS)
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


@pytest.mark.parametrize("make", [tensorflow_1, *KERAS_2, KERAS_2_SCALED])
def test_slots_are_left_out(tmp_path, make):
    names = without_optimizer(make(1.).save(str(tmp_path / "theirs")), tmp_path / "ours")
    assert names == ["save_counter/.ATTRIBUTES/VARIABLE_VALUE", "w/.ATTRIBUTES/VARIABLE_VALUE"]
    restored = tf.train.Checkpoint(w=tf.Variable([0., 0.]))
    restored.restore(str(tmp_path / "ours")).assert_consumed()
    assert restored.w.numpy().any()


@pytest.mark.parametrize("make", MAKERS + [KERAS_2_SCALED, unrestorable])
def test_each_name_finds_the_tensor(tmp_path, make):
    """Path, key and full name lead to one another; the key has TensorFlow made."""
    prefix = make(1.).save(str(tmp_path / "ckpt"))
    theirs, _ = graph_of(prefix)
    by_full_name = collections.defaultdict(set)
    for attribute in (attribute for node in theirs.nodes for attribute in node.attributes):
        by_full_name[attribute.full_name].add(attribute.checkpoint_key)
    by_full_name.pop("", None)
    with tfckpt.Reader(prefix) as reader, Graph.of(reader) as graph:
        tensors = {tensor.name.decode() for tensor in reader}
        assert len(graph) == len(theirs.nodes)
        names = set(by_full_name)
        for i, node in enumerate(theirs.nodes):
            paths = graph.paths(i)
            names.update(paths)
            assert all(graph.find_node(path) == i for path in paths)
            assert graph.has_values(i) == node.has_checkpoint_values.value
            for attribute in node.attributes:
                key = attribute.checkpoint_key
                assert key == f"{paths[0]}/.ATTRIBUTES/{attribute.name}" and key in tensors
                for name in [key] + [f"{path}/.ATTRIBUTES/{attribute.name}" for path in paths]:
                    assert graph.find(name) == key, name
        for name in names:
            node = graph.find_node(name)
            keys = by_full_name[name] | set(graph.keys(node) if node >= 0 else [])
            assert found(graph, name) == keys, name


def found(graph, name):
    """The key that a name means, or those that it does not tell apart."""
    try:
        return {graph.find(name)}
    except tfckpt.Error as error:
        if error.status == tfckpt.NOT_FOUND:
            return set()
        assert error.status == tfckpt.INVALID_ARGUMENT
        return {name.decode() for name in error.names}


def test_a_path_through_a_keras_model(tmp_path):
    saved = keras_3(1.)
    prefix = saved.save(str(tmp_path / "ckpt"))
    with tfckpt.Reader(prefix) as reader, Graph.of(reader) as graph:
        kernel = graph.find("model/_functional/_operations/1/_kernel")
        values = {tensor.name.decode(): reader.read(tensor) for tensor in reader}
    assert values[kernel] == saved.model.layers[0].kernel.numpy().tobytes()


def test_what_is_no_variable(tmp_path):
    """Iterators and tables have tensors whose names only begin with the key."""
    dataset = iter(tf.data.Dataset.range(10))
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    next(dataset)
    table.insert(["a", "b"], [1, 2])
    prefix = tf.train.Checkpoint(iterator=dataset, table=table, w=tf.Variable(1.)).save(
        str(tmp_path / "ckpt"))
    theirs, _ = graph_of(prefix)
    with tfckpt.Reader(prefix) as reader, Graph.of(reader) as graph:
        for tensor in reader:
            name = tensor.name.decode()
            if name != KEY:
                owner = graph.owner(tensor.name)
                assert name.startswith(owner) and owner in {
                    attribute.checkpoint_key for node in theirs.nodes
                    for attribute in node.attributes}
        assert graph.find("iterator") == "iterator/.ATTRIBUTES/ITERATOR"
        assert graph.owner(b"table/.ATTRIBUTES/table-keys") == graph.find("table")


class Saved(tf.Module):
    """An object that a function of its own saves."""

    def __init__(self, value):
        super().__init__()
        self.value = tf.Variable(value)


def _save(trackables, file_prefix):
    prefixes = []
    for name, one in trackables.items():
        prefixes.append(tf.strings.join([file_prefix, "_", name]))
        tf.raw_ops.SaveV2(prefix=prefixes[-1], tensor_names=[f"registered/{name}"],
                          shape_and_slices=[""], tensors=[one.value])
    return prefixes


def _restore(trackables, merged_prefix):
    raise NotImplementedError


registration.register_checkpoint_saver(
    name="Saver", package="Tests", predicate=lambda one: isinstance(one, Saved),
    save_fn=_save, restore_fn=_restore)


def test_registered_savers_are_told(tmp_path):
    prefix = tf.train.Checkpoint(saved=Saved(1.), w=tf.Variable(2.)).write(
        str(tmp_path / "ckpt"))
    theirs, data = graph_of(prefix)
    with tfckpt.Reader(prefix) as reader, Graph.of(reader) as graph, \
            tfckpt.Writer(tmp_path / "again") as writer:
        told = [graph.saver(i) for i in range(len(graph))]
        graph.write_to(writer)
    assert told == [(node.registered_saver.name, node.registered_saver.object_name)
                    if node.registered_saver.name else None for node in theirs.nodes]
    assert told.count(None) == len(told) - 1
    assert graph_of(tmp_path / "again")[1] == data


def test_the_variables_of_a_saved_model(tmp_path):
    """The bundle in a SavedModel written anew: the model loads, with our values."""
    module = tf.Module()
    module.weights = {"a.b": tf.Variable([1., 2.]), "c": [tf.Variable(3)]}
    module.call = tf.function(lambda x: x * module.weights["a.b"],
                              input_signature=[tf.TensorSpec([2])])
    tf.saved_model.save(module, str(tmp_path / "model"))
    variables = tmp_path / "model" / "variables"
    variables.rename(tmp_path / "theirs")
    saved_again(tmp_path / "theirs" / "variables", variables / "variables")
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.weights["a.b"], [1.5, 3.])
    np.testing.assert_array_equal(loaded.call(tf.constant([2., 2.])), [3., 6.])
    assert loaded.weights["c"][0].numpy() == 4


def test_an_object_graph_in_the_v1_format(tmp_path):
    """TensorFlow restores it from there as well."""
    prefix = nested(1.).save(str(tmp_path / "theirs"))
    with tfckpt.Reader(prefix) as reader, Graph.of(reader) as graph, \
            tfckpt.Writer(tmp_path / "ours", format=tfckpt.V1) as writer:
        for tensor in reader:
            if tensor.name != KEY.encode():
                writer.add(tensor.name, tensor.dtype, tensor.shape, reader.read(tensor))
        graph.write_to(writer)
    assert (tmp_path / "ours").is_file()
    restored = nested(5.)
    restored.restore(str(tmp_path / "ours")).assert_consumed()
    assert restored.module.pair[1][1]["deep"].numpy() == [1.]
    with tfckpt.Reader(tmp_path / "ours") as reader, Graph.of(reader) as graph:
        assert graph.find("module/pair/1/1/deep").endswith("deep/.ATTRIBUTES/VARIABLE_VALUE")
