"""What is left of a stripped .meta imports in TensorFlow, and restores the same values."""

import glob
import itertools
import json
import os
import pathlib
import subprocess

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2

import tfckpt

GOLDEN = pathlib.Path(__file__).parents[1] / "data" / "golden"
METAS = sorted(GOLDEN.glob("**/*.meta"))
OPTIONS = [(), ("--copies=all",), ("--training",), ("--constants=1",),
           ("--copies=all", "--training", "--constants=1")]

tf1 = tf.compat.v1


def meta(*args):
    command = [tfckpt.PREFIX / "bin" / "tfckpt", "meta", *map(str, args)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def parse(path):
    graph = meta_graph_pb2.MetaGraphDef()
    graph.ParseFromString(pathlib.Path(path).read_bytes())
    return graph


def prefix_of(path):
    """The checkpoint beside a graph, as saver.restore() takes it."""
    prefix = str(path)[:-len(".meta")]
    for shard in glob.glob(glob.escape(prefix) + "-00000-of-*"):
        return prefix + "-?????-of-" + shard[-5:]
    return prefix


def told(value):
    """A value of a collection in words that do not say where in memory it is."""
    return str(value.to_proto() if hasattr(value, "to_proto") else value)


class Imported:
    """The values that a graph restores, and the collections that it has then."""

    def __init__(self, path, prefix, again):
        devices = tf1.ConfigProto(device_count={"CPU": 8}, allow_soft_placement=True)
        with tf.Graph().as_default() as graph, tf1.Session(config=devices) as session:
            saver = tf1.train.import_meta_graph(str(path))
            saver.restore(session, prefix)
            self.values = {v.name: session.run(v) for v in tf1.global_variables()}
            self.collections = {
                key: {told(value) for value in tf1.get_collection(key)}
                for key in graph.get_all_collection_keys()}
            self.names = {operation.name for operation in graph.get_operations()}
            saver.save(session, str(again))

    def assert_same(self, other):
        assert self.values.keys() == other.values.keys()
        for name, value in self.values.items():
            assert value.tobytes() == other.values[name].tobytes(), name


def assert_kept_as_it_was(before, after):
    """What is left of the nodes is what it was, in the same order."""
    nodes = {node.name: node for node in before.graph_def.node}
    order = [node.name for node in before.graph_def.node]
    left = [node.name for node in after.graph_def.node]
    assert left == [name for name in order if name in set(left)]
    for node in after.graph_def.node:
        if node.op == "Identity" and nodes[node.name].op == "Const":
            assert nodes[node.input[0]].attr["value"] == nodes[node.name].attr["value"]
        else:
            assert node == nodes[node.name]
    assert before.saver_def == after.saver_def
    assert before.meta_info_def == after.meta_info_def
    assert before.signature_def == after.signature_def


@pytest.mark.parametrize("path", METAS, ids=lambda path: str(path.relative_to(GOLDEN)))
def test_golden_graphs_restore_the_same(path, tmp_path):
    before = Imported(path, prefix_of(path), tmp_path / "again")
    for number, options in enumerate(OPTIONS):
        out = tmp_path / f"{number}.meta"
        meta("strip", path, out, *options)
        after = Imported(out, prefix_of(path), tmp_path / "again")
        after.assert_same(before)
        assert_kept_as_it_was(parse(path), parse(out))
        differing = {key for key, values in before.collections.items()
                     if values != after.collections.get(key)}
        assert differing <= ({"train_op"} if "--training" in options else set())


def model(use_resource):
    """A model with all that a graph of TensorFlow 1 may have."""
    with tf1.variable_scope("", use_resource=use_resource):
        x = tf1.placeholder(tf.float32, [None, 4], name="x")
        weights = [tf1.get_variable(name, initializer=np.ones((4, 3), "f"))
                   for name in ("v", "v_1")]
        hidden = tf1.nn.relu(tf1.matmul(x, weights[0] + weights[1]))
        _, hidden = tf1.while_loop(lambda i, _: i < 3, lambda i, h: (i + 1, h * 2.0),
                                   [tf.constant(0), hidden])
        y = tf1.cond(tf1.reduce_sum(x) > 0, lambda: hidden + 1, lambda: hidden - 1)
        large = [tf1.constant(np.arange(2000, dtype="f"), name=name) for name in ("a", "b")]
        tf1.add(*map(tf1.reduce_sum, large), name="total")
        loss = tf1.reduce_mean(y, name="loss")
        tf1.summary.scalar("loss", loss)
        step = tf1.train.get_or_create_global_step()
        train = tf1.train.AdamOptimizer(0.1).minimize(loss, global_step=step, name="train")
        tf1.add_to_collection("train_op", train)
        initializer = tf1.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2])
        table = tf1.lookup.StaticHashTable(initializer, -1)
        tf1.identity(table.lookup(tf.constant(["a"])), name="looked_up")
        tf1.train.slice_input_producer([tf.constant([1, 2, 3])], num_epochs=2)


def save_reimported(session, prefix, times):
    saver = tf1.train.Saver()
    saver.save(session, prefix, global_step=0)
    for step in range(1, times + 1):
        saver = tf1.train.import_meta_graph(f"{prefix}-{step - 1}.meta")
        saver.restore(session, f"{prefix}-{step - 1}")
        saver.save(session, prefix, global_step=step)


def save_in_a_loop(session, prefix, times):
    variables = {variable.op.name: variable for variable in tf1.global_variables()}
    for step in range(times + 1):
        for name in ("v", "v_1"):
            session.run(tf1.assign(variables[name], np.ones((4, 3), "f")))
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, prefix, global_step=step)


@pytest.fixture
def control_flow_v1():
    """Functional loops can't be imported twice into one graph."""
    was_v2 = tf1.control_flow_v2_enabled()
    tf1.disable_control_flow_v2()
    yield
    if was_v2:
        tf1.enable_control_flow_v2()


TF115 = [GOLDEN / "tf115" / name / "model.ckpt-3.meta" for name in ("model", "resource")]


@pytest.mark.parametrize("path", TF115, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_what_tensorflow_1_made_computes_the_same(path, options, tmp_path):
    out = tmp_path / "out.meta"
    meta("strip", path, out, *options)
    assert out.stat().st_size < path.stat().st_size or options in [(), ("--copies=all",)]
    trains = "--training" not in options
    assert run_all(out, prefix_of(path), trains) == run_all(path, prefix_of(path), trains)


TF1_PYTHON = os.environ.get("TFCKPT_TF1_PYTHON")


@pytest.mark.skipif(not TF1_PYTHON, reason="TFCKPT_TF1_PYTHON names no Python with TensorFlow 1")
def test_tensorflow_1_imports_what_it_made_itself(tmp_path):
    graphs = [path for path in METAS if "tf115" in path.parts]
    pairs = []
    for number, (path, options) in enumerate(itertools.product(graphs, OPTIONS)):
        out = tmp_path / f"{number}.meta"
        meta("strip", path, out, *options)
        pairs += [(str(path), prefix_of(path)), (str(out), prefix_of(path))]
    script = pathlib.Path(__file__).with_name("restore_in_tf1.py")
    command = [TF1_PYTHON, script, json.dumps(pairs)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    restored = json.loads(run.stdout.splitlines()[-1])
    assert len(restored) == len(pairs) and all(restored)
    assert restored[0::2] == restored[1::2]


def run_all(path, prefix, trains=True):
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.train.import_meta_graph(str(path)).restore(session, prefix)
        session.run([tf1.tables_initializer(), tf1.local_variables_initializer()])
        feed = {"x:0": np.ones((2, 4), "f")}
        before = session.run(["loss:0", "total:0", "looked_up:0"], feed)
        if not trains:
            return before
        session.run("train", feed)
        return before, session.run("loss:0", feed)


@pytest.mark.parametrize("use_resource", [False, True])
@pytest.mark.parametrize("save", [save_reimported, save_in_a_loop])
def test_what_grew_comes_back_and_trains_on(save, use_resource, tmp_path, control_flow_v1):
    prefix = str(tmp_path / "model")
    with tf.Graph().as_default(), tf1.Session() as session:
        model(use_resource)
        session.run(tf1.global_variables_initializer())
        save(session, prefix, 4)
    first, last = f"{prefix}-0.meta", f"{prefix}-4.meta"
    cut = json.loads(meta("strip", "--json", last, tmp_path / "out.meta"))
    assert abs(cut["bytes_after"] - os.path.getsize(first)) <= os.path.getsize(first) / 50
    assert_kept_as_it_was(parse(last), parse(tmp_path / "out.meta"))
    assert run_all(tmp_path / "out.meta", f"{prefix}-4") == run_all(last, f"{prefix}-4")


@pytest.mark.parametrize("use_resource", [False, True])
@pytest.mark.parametrize("functional", [False, True])
def test_a_model_without_its_training(functional, use_resource, tmp_path, control_flow_v1):
    if functional:
        tf1.enable_control_flow_v2()
    prefix = str(tmp_path / "model")
    with tf.Graph().as_default(), tf1.Session() as session:
        model(use_resource)
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, prefix)
    out = tmp_path / "out.meta"
    cut = json.loads(
        meta("strip", "--json", prefix + ".meta", out, "--training", "--constants=1024"))["cut"]
    functions = [len(parse(path).graph_def.library.function) for path in (prefix + ".meta", out)]
    assert functions[0] - functions[1] == cut["functions"]["count"]
    assert (cut["functions"]["count"] > 0) == functional
    before = Imported(prefix + ".meta", prefix, tmp_path / "again")
    after = Imported(out, prefix, tmp_path / "again")
    after.assert_same(before)
    assert {"x", "loss", "total", "looked_up"} <= after.names
    assert "train" in before.names - after.names
    assert not any("Apply" in name for name in after.names)
