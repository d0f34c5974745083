"""State files and object graphs of tests/data/golden are, through the C API, what their
expected.json says. The tensors are held to it by the tests of every language."""

import json
import pathlib

import pytest

import managers
import objects
import tfckpt

GOLDEN = pathlib.Path(__file__).parents[1] / "data" / "golden"
CASES = {home.parent.name: json.loads(home.read_text())
         for home in sorted(GOLDEN.glob("*/expected.json"))}

STATES = [(case, state) for case, expected in CASES.items()
          for state in expected.get("state_files") or []]
CHECKPOINTS = [(case, checkpoint) for case, expected in CASES.items()
               for checkpoint in expected["checkpoints"]]


def joined(directory, path):
    """A path of a state file as TensorFlow returns it to who stands in the case's folder."""
    return path if path.startswith("/") else f"{directory}/{path}"


@pytest.mark.parametrize("case, expected", STATES,
                         ids=[f"{case}/{state['path']}" for case, state in STATES])
def test_state_file(case, expected):
    state, directory = expected["state"], expected["directory"]
    place = GOLDEN / case / directory, expected["latest_filename"]
    said = managers.State(*place)
    assert joined(directory, said.latest) == state["model_checkpoint_path"]
    assert ([joined(directory, path) for path in said.paths]
            == state["all_model_checkpoint_paths"])
    times = state["all_model_checkpoint_timestamps"]
    assert [time for time in said.timestamps if time != -1] == times
    assert said.last_preserved_timestamp == state["last_preserved_timestamp"]
    if expected["latest_checkpoint"]:
        assert managers.latest(*place) == GOLDEN / case / expected["latest_checkpoint"]


@pytest.mark.parametrize("case, expected", CHECKPOINTS,
                         ids=[f"{case}/{one['prefix']}" for case, one in CHECKPOINTS])
def test_object_graph(case, expected):
    with tfckpt.Reader(GOLDEN / case / expected["prefix"]) as reader:
        if not expected.get("object_graph"):
            with pytest.raises(tfckpt.Error) as caught:
                objects.Graph.of(reader)
            assert caught.value.status == tfckpt.NOT_FOUND
            return
        graph = objects.Graph.of(reader)
        nodes = [graph.node(number) for number in range(len(graph))]
    assert nodes == expected["object_graph"]
