"""The same lies told to TensorFlow's reader and to this one. What both read is equal, and what
this one finds nothing wrong with does TensorFlow no harm. Where one reads and the other refuses,
it is for a reason that stands here.

TFCKPT_LIES says how many, TFCKPT_FIRST_LIE which is the first: each is made of its number.
"""

import collections
import os
import pathlib
import re
import shutil
import tempfile

import lies
import tfckpt
from child import Child, digest

_COUNT = int(os.environ.get("TFCKPT_LIES", "150"))
_FIRST = int(os.environ.get("TFCKPT_FIRST_LIE", "0"))
_ROOM = 1 << 26

# What is refused here though TensorFlow opens the file: what the error says, and why.
_FILES_REFUSED = {
    r"there is no header":
        "TensorFlow takes the first pair for the header, whatever its key is; without one neither "
        "byte order nor shards are known",
    r"the header is not a BundleHeaderProto":
        "the first pair is that of a tensor; protobuf passes over fields of other types, so that "
        "TensorFlow goes by defaults",
    r"the header says -?\d+ data shards":
        "no files can be called so; TensorFlow opens it, and reads no tensor",
    r"the metadata say nothing of tensors":
        "V1 without its metadata; TensorFlow opens it, and finds no tensor",
    r"the metadata are no SavedTensorSliceMeta":
        "metadata with fields of other types, which protobuf passes over",
    r"a tensor without a name":
        "TensorFlow lists it, and finds it by no name",
}

# What TensorFlow does not open, and is read here but for the tensors that are damaged, which
# verify tells.
_FILES_READ = {
    r"codec can't decode byte":
        "of Python: slices that no tensor lists are listed by their keys, which are no text",
    r"does not correspond to a valid tensorflow::DataType":
        "of Python: it has no name for the type that one tensor says it has",
    r"Overlapping slices":
        "V1: the slices of one tensor; here the others are read",
    r"Failed to find the saved tensor slices at the beginning":
        "V1: the metadata name a tensor that is none; here the others are read",
}

# Tensors refused here though TensorFlow reads them.
_TENSORS_REFUSED = {
    r"the values of its slice '.*' are those of":
        "V1: the values say that they are of another tensor or slice, at which TensorFlow does not "
        "look",
    r"its entry says .* bytes, but the data shard has .* in all":
        "strings: TensorFlow goes by their lengths, and not by the size in the entry",
    r"its entry says .* bytes, but DT_STRING of shape .* takes":
        "the same",
    r"the elements take .* bytes by their lengths, the entry has .* left":
        "the same",
    r"an element is longer than the .* bytes of the entry":
        "the same",
    r"its entry is not a BundleEntryProto":
        "a field of another type, which protobuf passes over, so that TensorFlow goes by defaults",
    r"its slice '.*' should be .*, but is stored as":
        "TensorFlow copies what is stored into the slice, though it is of another shape",
}

# Tensors read here though TensorFlow refuses them; verify finds fault with them.
_TENSORS_READ = {
    r"Sliced checkpoints are not supported":
        "V1: what CheckpointReader does not do, be it sound or not",
    r"not found in checkpoint file":
        "V1: a tensor that says it has no elements, of which nothing is read",
}


def ours(prefix, names):
    """As Child.read() has it, with these names; and whether all is sound, which verify tells."""
    try:
        with tfckpt.Reader(prefix) as reader:
            told = {_text(tensor.name): [tensor.dtype, list(tensor.shape), _content(reader, tensor)]
                    for tensor in reader.walk() if not isinstance(tensor, tfckpt.Error)}
            for name in set(names) - set(told):
                told[name] = [None, None, _damage(reader, name)]
    except tfckpt.Error as error:
        return {"end": "error", "message": str(error)}, False
    return {"end": "read", "tensors": told}, not tfckpt.problems(prefix)


def _text(name):
    return name.decode(errors="surrogateescape")


def _content(reader, tensor):
    try:
        if not tensor.is_variable_length and reader.read_size(tensor.name) > _ROOM:
            return {"error": "too large for this test"}
        return digest(reader.read(tensor))
    except tfckpt.Error as error:
        return {"error": str(error)}


def _damage(reader, name):
    """What is wrong with a tensor that is not listed."""
    try:
        reader.read_size(name.encode(errors="surrogateescape"))
    except tfckpt.Error as error:
        return {"error": str(error)}
    return "is not listed, but found"


class Comparison:
    """What became of one checkpoint with each of the two."""

    def __init__(self, theirs, mine, is_sound):
        self.kinds, self.complaints = [], []
        self._is_sound = is_sound
        ends = theirs["end"], mine["end"]
        self.end = ", ".join(ends)
        if theirs["end"] in ("crash", "hang"):
            self._faulty(f"TensorFlow: {theirs['end']}")
        elif ends == ("read", "error"):
            self._differs("file refused", _FILES_REFUSED, mine["message"])
        elif ends == ("error", "read"):
            self._differs("file read", _FILES_READ, theirs["message"])
            self._faulty(f"TensorFlow: {theirs['message']}")
        elif ends == ("read", "read"):
            for name, tensor in theirs["tensors"].items():
                self._compare(name, tensor, mine["tensors"][name])

    def _compare(self, name, theirs, mine):
        are_errors = isinstance(theirs[2], dict), isinstance(mine[2], dict)
        if are_errors == (False, True):
            self._differs("tensor refused", _TENSORS_REFUSED, f"{name}: {mine[2]['error']}")
        elif are_errors == (True, False):
            error = theirs[2]["error"]
            if self._differs("tensor read", _TENSORS_READ, f"{name}: {error}") != _SLICED:
                self._faulty(f"TensorFlow does not read {name}: {error}")
        elif are_errors == (False, False) and theirs != mine:
            self.complaints.append(f"{name} differs: {theirs} {mine}")

    def _differs(self, what, known, error):
        """Which of the known kinds it is."""
        for kind in known:
            if re.search(kind, error):
                self.kinds.append(f"{what}: {kind}")
                return kind
        self.complaints.append(f"{what}, and no reason is known: {error}")
        return None

    def _faulty(self, complaint):
        """What only may be where there is something wrong."""
        if self._is_sound:
            self.complaints.append(f"{complaint}, and verify finds no fault")


_SLICED = next(iter(_TENSORS_READ))


def test_lies_are_told_alike():
    ends, kinds, wrong = collections.Counter(), collections.Counter(), []
    with Child() as child:
        for seed in range(_FIRST, _FIRST + _COUNT):
            folder = pathlib.Path(tempfile.mkdtemp())
            prefix, what = lies.write(seed, folder)
            theirs = child.read(prefix)
            seen = Comparison(theirs, *ours(prefix, theirs.get("tensors", ())))
            ends[seen.end] += 1
            kinds.update(seen.kinds)
            wrong.extend(f"{seed}, {what}: {complaint}" for complaint in seen.complaints)
            shutil.rmtree(folder)
    print(dict(ends))
    for kind, count in sorted(kinds.items()):
        print(f"{count:6} {kind}")
    assert not wrong, "\n".join(wrong)
    # Some are harmless, some not: else nothing was compared.
    assert _COUNT // 10 < ends["read, read"] < _COUNT, ends
