"""State files mean to TensorFlow what tests/data/state says; the Rust tests hold us to it."""

import pathlib

import pytest
from google.protobuf import text_format
from tensorflow.python.training.checkpoint_state_pb2 import CheckpointState

VERDICTS = pathlib.Path(__file__).parents[1] / "data" / "state" / "verdicts.tsv"


def unescaped(column):
    """The bytes that a column of the table stands for."""
    return column.encode().decode("unicode_escape").encode("latin-1") if column != "-" else b""


def rows():
    for line in VERDICTS.read_text().splitlines():
        if not line.startswith("#"):
            text, verdict, result = line.split("\t")
            yield unescaped(text), verdict, result


def verdict_of(text):
    state = CheckpointState()
    try:
        text_format.Merge(text.decode(), state)
    except UnicodeDecodeError:
        return "crash", "-"
    except text_format.ParseError as error:
        return "error", f"{error.GetLine()}:{error.GetColumn()}"
    return "ok", text_format.MessageToString(state).encode()


@pytest.mark.parametrize("text, verdict, result", rows())
def test_tensorflow_agrees_with_the_table(text, verdict, result):
    expected = unescaped(result) if verdict == "ok" else result
    assert verdict_of(text) == (verdict, expected)
