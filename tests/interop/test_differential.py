"""The same lies told to TensorFlow's reader and to this one. What both read is equal, and what
this one finds nothing wrong with does TensorFlow no harm.

TFCKPT_LIES says how many, TFCKPT_FIRST_LIE which is the first: each is made of its number.
"""

import collections
import os
import pathlib
import shutil
import tempfile

import lies
import tfckpt
from child import Child, digest

_COUNT = int(os.environ.get("TFCKPT_LIES", "150"))
_FIRST = int(os.environ.get("TFCKPT_FIRST_LIE", "0"))
_ROOM = 1 << 26
# What TensorFlow's CheckpointReader does not do of V1, be it sound or not.
_NOT_DONE = "Sliced checkpoints are not supported"


def ours(prefix):
    """As Child.read() has it; and whether anything at all is wrong, which verify tells."""
    try:
        with tfckpt.Reader(prefix) as reader:
            tensors, problems = {}, []
            try:
                for tensor in reader:
                    tensors[tensor.name.decode(errors="surrogateescape")] = tensor
            except tfckpt.Error as error:
                problems.append(str(error))
            read = {name: _content(reader, tensor) for name, tensor in tensors.items()}
    except tfckpt.Error as error:
        return {"end": "error", "message": str(error)}, False
    told = {name: [tensor.dtype, list(tensor.shape), read[name]] for name, tensor in tensors.items()}
    is_sound = not problems and not tfckpt.problems(prefix)
    return {"end": "read", "tensors": told}, is_sound


def _content(reader, tensor):
    try:
        if not tensor.is_variable_length and reader.read_size(tensor) > _ROOM:
            return {"error": "too large for this test"}
        return digest(reader.read(tensor))
    except tfckpt.Error as error:
        return {"error": str(error)}


def compare(theirs, mine, is_sound):
    """What kind of case it is, or what is wrong with it."""
    if theirs["end"] in ("crash", "hang"):
        return theirs["end"], f"TensorFlow: {theirs['end']}" if is_sound else None
    if theirs["end"] == "error" or mine["end"] == "error":
        kind = f"{theirs['end']}, {mine['end']}"
        return kind + (", sound" if is_sound else ""), None
    other = 0
    for name, (dtype, shape, content) in theirs["tensors"].items():
        if name not in mine["tensors"]:
            continue
        dtype_of_ours, shape_of_ours, content_of_ours = mine["tensors"][name]
        if isinstance(content, dict) or isinstance(content_of_ours, dict):
            other += isinstance(content, dict) and content["error"] != _NOT_DONE
            continue
        if [dtype, shape, content] != [dtype_of_ours, shape_of_ours, content_of_ours]:
            return "read", f"{name} differs: {[dtype, shape, content]} {mine['tensors'][name]}"
    if is_sound and other:
        return "read", f"TensorFlow does not read all: {theirs['tensors']}"
    return "read", None


def test_lies_are_told_alike():
    outcomes, wrong = collections.Counter(), []
    with Child() as child:
        for seed in range(_FIRST, _FIRST + _COUNT):
            folder = pathlib.Path(tempfile.mkdtemp())
            prefix, what = lies.write(seed, folder)
            theirs = child.read(prefix)
            kind, complaint = compare(theirs, *ours(prefix))
            outcomes[kind] += 1
            if complaint:
                wrong.append(f"{seed}, {what}: {complaint}")
            shutil.rmtree(folder)
    print(dict(outcomes))
    assert not wrong, "\n".join(wrong)
    # Some are harmless, some not: else nothing was compared.
    assert outcomes["read"] > _COUNT // 10 and outcomes["read"] < _COUNT, outcomes
