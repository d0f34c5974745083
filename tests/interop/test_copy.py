"""Copies and merges of what TensorFlow saved: it restores them by their objects, and
reads all their values, whatever became of the data and the names."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfckpt
import theirs
import values
from test_object_graph import (OPTIMIZERS, assert_same_weights, keras_2, keras_3, model,
                               tensorflow_1, tree)

DATA = ["rewrite", "copy", "link"]
EVERYTHING = ("--rename", "*=new/*")
SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"


def copy(src, dst, *arguments):
    """A sound copy."""
    tfckpt.command("copy", str(src), str(dst), *arguments)
    assert tfckpt.problems(dst) == []
    return str(dst)


def all_values(prefix):
    reader = tf.train.load_checkpoint(str(prefix))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_dtype_map()
            if name != "_CHECKPOINTABLE_OBJECT_GRAPH"}


def assert_same_values(ours, theirs_):
    assert ours.keys() == theirs_.keys()
    for name, value in ours.items():
        np.testing.assert_array_equal(value, theirs_[name], name)


def values_after_restore(checkpoint, tmp_path):
    return all_values(checkpoint.write(str(tmp_path / "again")))


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("make", [tree, tensorflow_1, keras_2, keras_3])
def test_objects_are_restored_under_other_names(tmp_path, make, data):
    saved = make(1.).save(str(tmp_path / "theirs"))
    ours = copy(saved, tmp_path / "ours", "--data", data, *EVERYTHING)
    expected = all_values(saved)
    assert_same_values(all_values(ours), {"new/" + name: v for name, v in expected.items()})
    restored = make(5.)
    restored.restore(ours).assert_consumed()
    assert_same_values(values_after_restore(restored, tmp_path), expected)


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_model_without_its_optimizer(tmp_path, optimizer, data):
    trained = model(1, OPTIMIZERS[optimizer]())
    saved = tf.train.Checkpoint(model=trained, optimizer=trained.optimizer)
    saved = saved.save(str(tmp_path / "theirs"))
    ours = copy(saved, tmp_path / "ours", "--drop-optimizer-state", "--data", data, *EVERYTHING)
    assert len(all_values(ours)) == len(trained.weights) + 1

    plain = model(2)
    tf.train.Checkpoint(model=plain).restore(ours).assert_consumed()
    assert_same_weights(plain, trained)

    other = model(3, OPTIMIZERS[optimizer]())
    fresh = [variable.numpy() for variable in other.optimizer.variables]
    status = tf.train.Checkpoint(model=other, optimizer=other.optimizer).restore(ours)
    status.assert_nontrivial_match().expect_partial()
    assert_same_weights(other, trained)
    for variable, value in zip(other.optimizer.variables, fresh, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


@pytest.mark.parametrize("make", [tensorflow_1, keras_2])
def test_slots_are_left_out(tmp_path, make):
    saved = make(1.).save(str(tmp_path / "theirs"))
    ours = copy(saved, tmp_path / "ours", "--drop-optimizer-state", "--data", "link")
    assert sorted(all_values(ours)) == ["save_counter" + SUFFIX, "w" + SUFFIX]
    restored = tf.train.Checkpoint(w=tf.Variable([0., 0.]))
    restored.restore(ours).assert_consumed()
    np.testing.assert_array_equal(restored.w, all_values(saved)["w" + SUFFIX])


@pytest.mark.parametrize("data", DATA)
def test_a_part_is_restored_and_the_rest_stays(tmp_path, data):
    saved = tf.train.Checkpoint(a=tf.Variable([1., 2.]), b=tf.Variable(3), c=tf.Variable(4))
    ours = copy(saved.save(str(tmp_path / "theirs")), tmp_path / "ours", "--filter", "[acs]*",
                "--rename", "c/*=x/*", "--data", data)
    part = tf.train.Checkpoint(a=tf.Variable([0., 0.]), c=tf.Variable(0))
    part.restore(ours).assert_consumed()
    np.testing.assert_array_equal(part.a, [1., 2.])
    assert part.c.numpy() == 4

    whole = tf.train.Checkpoint(a=tf.Variable([0., 0.]), b=tf.Variable(7), c=tf.Variable(0))
    status = whole.restore(ours)
    status.expect_partial()
    with pytest.raises(AssertionError):
        status.assert_existing_objects_matched()
    assert (whole.b.numpy(), whole.c.numpy()) == (7, 4)


@pytest.mark.parametrize("data", DATA)
def test_names_of_a_name_based_saver(tmp_path, data):
    """A name that is no key is lost to the objects, and to them alone."""
    saved = tf.train.Checkpoint(a=tf.Variable([1., 2.]), b=tf.Variable(3))
    prefix = saved.write(str(tmp_path / "theirs"))
    ours = copy(prefix, tmp_path / "one", "--rename", "b/*=b", "--data", data)
    part = tf.train.Checkpoint(a=tf.Variable([0., 0.]), b=tf.Variable(7))
    part.restore(ours).expect_partial()
    np.testing.assert_array_equal(part.a, [1., 2.])
    assert part.b.numpy() == 7

    ours = copy(prefix, tmp_path / "all", "--rename", "*" + SUFFIX + "=*", "--data", data)
    assert_same_values(all_values(ours), {"a": np.float32([1, 2]), "b": np.int32(3)})
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        variables = [tf.compat.v1.get_variable("a", [2]),
                     tf.compat.v1.get_variable("b", [], tf.int32)]
        tf.compat.v1.train.Saver(variables).restore(session, ours)
        np.testing.assert_array_equal(session.run(variables[0]), [1., 2.])


@pytest.mark.parametrize("data", DATA)
def test_iterators_and_tables(tmp_path, data):
    def make():
        iterator = iter(tf.data.Dataset.range(9))
        table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
        return tf.train.Checkpoint(iterator=iterator, table=table, v=tf.Variable(0))

    saved = make()
    next(saved.iterator), next(saved.iterator)
    saved.table.insert(["x"], tf.constant([5], tf.int64))
    saved.v.assign(6)
    prefix = saved.write(str(tmp_path / "theirs"))
    ours = copy(prefix, tmp_path / "ours", "--data", data, *EVERYTHING)
    restored = make()
    restored.read(ours).assert_consumed()
    assert next(restored.iterator).numpy() == 2
    assert restored.table.lookup(["x", "y"]).numpy().tolist() == [5, -1]

    # Half a table is none.
    ours = copy(prefix, tmp_path / "half", "--data", data, "--filter", "table/*-keys", "--filter",
                "v/*")
    restored = tf.train.Checkpoint(v=tf.Variable(0))
    restored.read(ours).assert_consumed()
    assert restored.v.numpy() == 6


@pytest.mark.parametrize("data", ["copy", "link"])
@pytest.mark.parametrize("big_endian", [False, True])
def test_every_dtype_of_data_that_stays(tmp_path, data, big_endian):
    pieces = [piece for piece in values.of_every_class() + values.strings()
              if not big_endian or values.is_swapped(piece.dtype)]
    with tfckpt.Writer(tmp_path / "src", shards=3, big_endian=big_endian) as writer:
        for piece in pieces:
            writer.add(piece.name, piece.number, piece.shape, piece.content)
    copy(tmp_path / "src", tmp_path / "dst", "--data", data, "--rename", "*=x/*", "--filter",
         "[!q]*")
    pieces = [piece._replace(name=b"x/" + piece.name) for piece in pieces
              if not piece.name.startswith(b"q")]
    theirs.assert_restores(tmp_path / "dst", pieces)


def test_partitioned_tensors_of_tensorflow(tmp_path):
    rng = random.Random(1)
    whole = values.piece(rng, "table", tf.float32, (7, 5))
    parts = values.cut(whole, values.random_parts(rng, whole.shape))
    theirs.save(tmp_path / "src", parts)
    copy(tmp_path / "src", tmp_path / "dst", "--data", "link", "--rename", "table=new/table")
    name = b"new/table"
    theirs.assert_restores(tmp_path / "dst", [part._replace(name=name) for part in parts])
    theirs.assert_restores(tmp_path / "dst", [whole._replace(name=name)])


@pytest.mark.parametrize("data", ["copy", "link", "move"])
def test_merged_objects_are_all_restored(tmp_path, data):
    encoder, head = model(1), model(2, keras.optimizers.Adam(.01))
    one = tf.train.Checkpoint(encoder=encoder, step=tf.Variable(3))
    other = tf.train.Checkpoint(head=head, optimizer=head.optimizer)
    merged = str(tmp_path / "merged")
    tfckpt.command("merge", "-o", merged, one.save(str(tmp_path / "one")),
                   other.save(str(tmp_path / "other")), "--data", data)
    assert tfckpt.problems(merged) == []

    new_encoder, new_head = model(3), model(4, keras.optimizers.Adam(.01))
    both = tf.train.Checkpoint(encoder=new_encoder, step=tf.Variable(0), head=new_head,
                               optimizer=new_head.optimizer)
    both.restore(merged).assert_consumed()
    assert_same_weights(new_encoder, encoder)
    assert_same_weights(new_head, head)
    assert both.step.numpy() == 3
    for ours, value in zip(new_head.optimizer.variables, head.optimizer.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), value.numpy(), ours.path)
    part = tf.train.Checkpoint(encoder=model(5))
    part.restore(merged).expect_partial()
    assert_same_weights(part.encoder, encoder)


def test_what_two_checkpoints_have_is_a_conflict(tmp_path):
    def make(a, b):
        return tf.train.Checkpoint(shared=tf.Variable(a), **{b: tf.Variable(a)})

    sources = [make(1, "one").save(str(tmp_path / "one")),
               make(2, "other").save(str(tmp_path / "other"))]
    with pytest.raises(AssertionError, match="shared" + SUFFIX):
        tfckpt.command("merge", "-o", str(tmp_path / "all"), *sources)
    for which, value in [("first", 1), ("last", 2)]:
        dst = str(tmp_path / which)
        tfckpt.command("merge", "-o", dst, *sources, "--on-conflict", which)
        both = tf.train.Checkpoint(shared=tf.Variable(0), one=tf.Variable(0), other=tf.Variable(0))
        both.restore(dst).assert_consumed()
        assert [both.shared.numpy(), both.one.numpy(), both.other.numpy()] == [value, 1, 2]

    # Other names are no conflict. Of the one object that both have the first is restored.
    dst = str(tmp_path / "renamed")
    tfckpt.command("merge", "-o", dst, sources[0], sources[1], "--rename", "*=second/*")
    both = tf.train.Checkpoint(shared=tf.Variable(0), one=tf.Variable(0), other=tf.Variable(0))
    both.restore(dst).assert_consumed()
    assert [both.shared.numpy(), both.one.numpy(), both.other.numpy()] == [1, 1, 2]
    assert all_values(dst)["second/shared" + SUFFIX] == 2
