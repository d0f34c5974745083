"""TensorFlow's CheckpointManager and ours keep a directory alike, by one state file."""

import os
import pathlib
import shutil
import struct
import time

import pytest
import tensorflow as tf

import managers
import tfckpt
from values import Piece

KEY = "x/.ATTRIBUTES/VARIABLE_VALUE"
HOUR = 3600
GOLDEN = pathlib.Path(__file__).parent.parent / "data" / "golden"


def save_theirs(directory, step, max_to_keep, hours=None):
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(x=tf.Variable(float(step))), str(directory), max_to_keep,
        keep_checkpoint_every_n_hours=hours)
    manager.save(checkpoint_number=step)
    return manager.checkpoints


def piece(step):
    return Piece(KEY.encode(), tf.float32, (), struct.pack("=f", step))


def prefixes(directory):
    return sorted(str(path)[:-len(".index")] for path in directory.glob("*.index"))


def assert_same_state(directory):
    """Both read the same from the state file, and agree on the latest."""
    theirs, ours = tf.train.get_checkpoint_state(str(directory)), managers.State(directory)

    def absolute(path):
        return os.path.join(directory, path)

    assert absolute(ours.latest) == theirs.model_checkpoint_path
    assert [absolute(path) for path in ours.paths] == list(theirs.all_model_checkpoint_paths)
    times = list(theirs.all_model_checkpoint_timestamps)
    assert ours.timestamps == (times or [-1] * len(ours.paths))
    assert ours.last_preserved_timestamp == theirs.last_preserved_timestamp
    assert str(managers.latest(directory)) == tf.train.latest_checkpoint(str(directory))


@pytest.mark.parametrize("stays_open", [False, True])
@pytest.mark.parametrize("ours_first", [False, True])
def test_in_turns(tmp_path, stays_open, ours_first):
    """Theirs reads the state file only when it is made; ours hears of others while it lives."""
    ours = managers.Manager(tmp_path, max_to_keep=3)
    saved = []
    for step in range(1, 11):
        if (step % 2 == 1) == ours_first:
            manager = ours if stays_open else managers.Manager(tmp_path, max_to_keep=3)
            prefix = str(manager.save([piece(step)]))
            kept = [str(path) for path in manager.checkpoints]
            assert str(manager.latest) == prefix
        else:
            kept = save_theirs(tmp_path, step, max_to_keep=3)
            prefix = kept[-1]
        saved.append(prefix)
        assert prefix == str(tmp_path / f"ckpt-{step}")
        assert kept == saved[-3:]
        assert prefixes(tmp_path) == sorted(kept)
        assert_same_state(tmp_path)
        assert tfckpt.problems(prefix) == []
        assert tf.train.load_checkpoint(prefix).get_tensor(KEY) == step
    # No file is left of any other checkpoint, and nothing temporary.
    assert len(list(tmp_path.iterdir())) == 3 * 2 + 1


@pytest.mark.parametrize("last_preserved", [0, 2 * HOUR, 5.5 * HOUR])
def test_the_same_stay_for_good(tmp_path, last_preserved):
    """Of old checkpoints, both keep one of every so many hours and remove the others."""
    results = []
    for who in ("theirs", "ours"):
        directory = tmp_path / who
        for step in range(1, 9):
            save_theirs(directory, step, max_to_keep=None)
        paths = [str(directory / f"ckpt-{step}") for step in range(1, 9)]
        tf.compat.v1.train.update_checkpoint_state(
            str(directory), paths[-1], paths,
            all_model_checkpoint_timestamps=[step * HOUR for step in range(1, 9)],
            last_preserved_timestamp=last_preserved)
        assert_same_state(directory)
        if who == "theirs":
            save_theirs(directory, 9, max_to_keep=2, hours=1.5)
        else:
            managers.Manager(directory, max_to_keep=2, hours=1.5).save([piece(9)])
        assert_same_state(directory)
        state = managers.State(directory)
        left, named = ([os.path.basename(path) for path in paths]
                       for paths in (prefixes(directory), state.paths))
        results.append((left, named, state.timestamps[:-1], state.last_preserved_timestamp))
    assert results[0] == results[1]
    assert len(results[0][0]) < 9


@pytest.mark.parametrize("case, latest", [
    ("single", "model.ckpt-300"), ("sharded", "model.ckpt-300-?????-of-00003")])
def test_v1_checkpoints_are_let_go_of(tmp_path, case, latest):
    """One on the list with a time counts; when its turn comes its files stay."""
    results = []
    for who in ("theirs", "ours"):
        directory = tmp_path / who
        shutil.copytree(GOLDEN / "v1_saver" / case, directory)
        now = time.time()
        tf.compat.v1.train.update_checkpoint_state(
            str(directory), str(directory / latest), [str(directory / latest)],
            all_model_checkpoint_timestamps=[now - 9], last_preserved_timestamp=now - 99)
        seen = []
        for step in (301, 302, 303):
            if who == "theirs":
                save_theirs(directory, step, max_to_keep=2)
            else:
                managers.Manager(directory, max_to_keep=2).save([piece(step)])
            assert_same_state(directory)
            seen.append((managers.State(directory).paths, sorted(os.listdir(directory))))
        results.append(seen)
    assert results[0] == results[1]
    assert results[0][0][0] == [latest, "ckpt-301"]
    assert results[0][2][0] == ["ckpt-302", "ckpt-303"]


@pytest.mark.parametrize("max_to_keep", [1, None])
@pytest.mark.parametrize("name", ["ckpt", "sub/model", "a-b"])
def test_names_and_numbers_of_kept(tmp_path, max_to_keep, name):
    """The same files are left whatever is kept, and whatever it is called."""
    results = []
    for who in ("theirs", "ours"):
        directory = tmp_path / who
        for step in (1, 2, 3):
            if who == "theirs":
                manager = tf.train.CheckpointManager(
                    tf.train.Checkpoint(x=tf.Variable(float(step))), str(directory), max_to_keep,
                    checkpoint_name=name)
                manager.save(checkpoint_number=step)
            else:
                manager = managers.Manager(directory, max_to_keep or -1, name=name)
                manager.save([piece(step)])
        assert_same_state(directory)
        left = sorted(str(path.relative_to(directory)) for path in directory.rglob("*")
                      if path.is_file())
        results.append((left, managers.State(directory).paths))
    assert results[0] == results[1]
    assert len(results[0][1]) == (max_to_keep or 3)


def test_max_to_keep_of_none_at_all(tmp_path):
    """Neither takes 0, and both take a limit over from none."""
    with pytest.raises(ValueError, match="max_to_keep"):
        save_theirs(tmp_path / "theirs", 1, max_to_keep=0)
    with pytest.raises(tfckpt.Error, match="max_to_keep"):
        managers.Manager(tmp_path / "ours", max_to_keep=0)
    results = []
    for who in ("theirs", "ours"):
        directory = tmp_path / who
        for step in range(1, 5):
            save_theirs(directory, step, max_to_keep=None)
        if who == "theirs":
            save_theirs(directory, 5, max_to_keep=2)
        else:
            managers.Manager(directory, max_to_keep=2).save([piece(5)])
        results.append([os.path.basename(path) for path in prefixes(directory)])
    assert results == [["ckpt-4", "ckpt-5"]] * 2


@pytest.mark.parametrize("times, last_preserved", [
    ([1e10, 2e10], 5),       # saved by a clock that was ahead
    ([1e10, 2e10], 1.5e10),  # and preserved by it
    ([5], 1),                # fewer times than checkpoints
    ([], 1),                 # none
])
def test_odd_times(tmp_path, times, last_preserved):
    """What is on the roll of a new manager, whatever times the file has."""
    for step in (1, 2):
        save_theirs(tmp_path, step, max_to_keep=None)
    lines = ['model_checkpoint_path: "ckpt-2"']
    lines += [f'all_model_checkpoint_paths: "ckpt-{step}"' for step in (1, 2)]
    lines += [f"all_model_checkpoint_timestamps: {time}" for time in times]
    lines += [f"last_preserved_timestamp: {last_preserved}"]
    (tmp_path / "checkpoint").write_text("\n".join(lines))
    theirs = tf.train.CheckpointManager(tf.train.Checkpoint(), str(tmp_path), 5)
    ours = managers.Manager(tmp_path, max_to_keep=5)
    assert [str(path) for path in ours.checkpoints] == theirs.checkpoints
    assert str(ours.latest) == theirs.latest_checkpoint


def test_a_repaired_state_file(tmp_path):
    """TensorFlow takes up from a file that was repaired."""
    for step in range(1, 4):
        save_theirs(tmp_path, step, max_to_keep=3)
    (tmp_path / "checkpoint").write_text("model_checkpoint_path: \"ckpt-")
    os.remove(tmp_path / "ckpt-3.index")
    assert managers.repair(tmp_path) == tmp_path / "ckpt-2"
    assert_same_state(tmp_path)
    assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "ckpt-2")
    assert save_theirs(tmp_path, 4, max_to_keep=1) == [str(tmp_path / "ckpt-4")]
    # What was on no roll with times belongs to nobody.
    assert prefixes(tmp_path) == [str(tmp_path / f"ckpt-{step}") for step in (1, 2, 4)]


def test_a_directory_that_moved(tmp_path):
    """Absolute paths lead TensorFlow astray, and us to what lies beside the state file."""
    here, there = tmp_path / "here", tmp_path / "there"
    prefix = managers.Manager(here, max_to_keep=1).save([piece(1)])
    tf.compat.v1.train.update_checkpoint_state(str(here), str(prefix))
    shutil.move(here, there)
    assert tf.train.latest_checkpoint(str(there)) is None
    assert managers.latest(there) == there / "ckpt-1"
    managers.repair(there)
    assert tf.train.latest_checkpoint(str(there)) == str(there / "ckpt-1")
