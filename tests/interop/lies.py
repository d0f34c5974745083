"""Checkpoints that are whole but for one lie, at random: their checksums are right."""

import pathlib
import random
import struct
import sys

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
sys.path.insert(0, str(DATA))

from hostile_files import masked_crc, read_table, table, varint  # noqa: E402

_HOSTILE = DATA / "hostile"
BASES = ("good_v2", "good_v2_blocks", "good_v2_shards", "good_v1")
# What is likely to be at some border.
_NUMBERS = [0, 1, 2, 3, 4, 7, 12, 48, 100, 101, 127, 128, 255, 256, (1 << 31) - 1, 1 << 31,
            (1 << 32) - 1, 1 << 32, (1 << 32) + 1, 1 << 40, (1 << 62) + 1, (1 << 63) - 1,
            1 << 63, (1 << 64) - 1, (1 << 64) - 48]
_VARINT, _BYTES, _FIXED32 = 0, 2, 5


def write(seed, folder):
    """Makes the checkpoint of a seed there. Its prefix, and what was done to it."""
    rng = random.Random(seed)
    base = rng.choice(BASES)
    files = {path.name: path.read_bytes() for path in (_HOSTILE / base).glob("*")
             if path.name != "expected.json"}
    lie = rng.choice((_in_a_value, _in_a_value, _in_a_value, _among_keys, _in_a_byte, _in_the_data))
    what = lie(rng, files)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder / ("model.ckpt" if base == "good_v1" else "ckpt"), f"{base}: {what}"


def _table_of(files):
    return next(name for name in files if name in ("ckpt.index", "model.ckpt"))


def _in_a_value(rng, files):
    """A field of an entry is another number, or gone, or there twice."""
    name = _table_of(files)
    pairs = read_table(files[name])
    at = rng.randrange(len(pairs))
    key, value = pairs[at]
    fields = _fields(value)
    where = _some_field(rng, fields)
    what = rng.choice(("number", "number", "number", "remove", "repeat"))
    changed = _changed(rng, fields, where, what)
    pairs[at] = (key, changed)
    files[name] = table(pairs)
    return f"{what} at {where} of {key!r}"


def _some_field(rng, fields):
    """The way to a field, by the places in the messages on it."""
    at = rng.randrange(len(fields)) if fields else 0
    if fields and fields[at][1] == _BYTES and rng.random() < 0.8:
        inner = _fields(fields[at][2])
        if inner:
            return (at, *_some_field(rng, inner))
    return (at,)


def _changed(rng, fields, where, what):
    fields = list(fields)
    if not fields:
        fields.append((rng.randrange(1, 8), _VARINT, rng.choice(_NUMBERS)))
        return _message(fields)
    at, *rest = where
    number, wire, value = fields[at]
    if rest:
        fields[at] = (number, wire, _changed(rng, _fields(value), tuple(rest), what))
    elif what == "remove":
        del fields[at]
    elif what == "repeat":
        fields.insert(at, fields[at])
    elif wire == _BYTES:
        fields[at] = (number, wire, bytes(rng.randrange(256) for _ in range(rng.randrange(9))))
    else:
        fields[at] = (number, wire, rng.choice(_NUMBERS))
    return _message(fields)


def _fields(content):
    """The fields of a message; none of what is not one."""
    found, at = [], 0
    try:
        while at < len(content):
            tag, at = _varint(content, at)
            wire = tag & 7
            if wire == _VARINT:
                value, at = _varint(content, at)
            elif wire == _FIXED32:
                value, at = struct.unpack_from("<I", content, at)[0], at + 4
            elif wire == _BYTES:
                size, at = _varint(content, at)
                value, at = content[at:at + size], at + size
            else:
                return []
            found.append((tag >> 3, wire, value))
    except (IndexError, struct.error):
        return []
    return found if at == len(content) else []


def _varint(content, at):
    value = shift = 0
    while True:
        value |= (content[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if content[at - 1] < 128:
            return value, at


def _message(fields):
    out = b""
    for number, wire, value in fields:
        out += varint(number << 3 | wire)
        if wire == _VARINT:
            out += varint(value)
        elif wire == _FIXED32:
            out += struct.pack("<I", value & 0xFFFFFFFF)
        else:
            out += varint(len(value)) + value
    return out


def _among_keys(rng, files):
    """A pair is gone, or the value of one is that of another."""
    name = _table_of(files)
    pairs = read_table(files[name])
    at = rng.randrange(len(pairs))
    if rng.random() < 0.5 and len(pairs) > 1:
        del pairs[at]
        what = f"pair {at} is gone"
    else:
        other = rng.randrange(len(pairs))
        pairs[at] = (pairs[at][0], pairs[other][1])
        what = f"pair {at} has the value of {other}"
    files[name] = table(pairs)
    return what


def _in_a_byte(rng, files):
    """A byte of an entry is another; the checksum of the block is right."""
    name = _table_of(files)
    pairs = read_table(files[name])
    at = rng.randrange(len(pairs))
    value = bytearray(pairs[at][1])
    where = rng.randrange(len(value)) if value else 0
    if value:
        value[where] = rng.randrange(256)
    pairs[at] = (pairs[at][0], bytes(value))
    files[name] = table(pairs)
    return f"byte {where} of the value of pair {at}"


def _in_the_data(rng, files):
    """Bytes of a data file are others, and the checksums of all that were right there too."""
    name = rng.choice(sorted(set(files) - {_table_of(files)}) or [_table_of(files)])
    data = bytearray(files[name])
    where = rng.randrange(len(data))
    data[where] ^= 1 << rng.randrange(8)
    files[name] = bytes(data)
    if name != _table_of(files) and rng.random() < 0.7:
        _mend_checksums(files)
    return f"byte {where} of {name}"


def _mend_checksums(files):
    """Of plain tensors; that of strings is begun by their lengths."""
    name = _table_of(files)
    pairs = read_table(files[name])
    shards = sorted(set(files) - {name})
    for at, (key, value) in enumerate(pairs):
        fields = {number: value for number, _, value in _fields(value)}
        if not key or fields.get(1) == 7 or 5 not in fields or 6 not in fields:
            continue
        offset = fields.get(4, 0)
        stored = files[shards[fields.get(3, 0)]][offset:offset + fields[5]]
        mended = [(n, w, masked_crc(stored) if n == 6 else v) for n, w, v in _fields(value)]
        pairs[at] = (key, _message(mended))
    files[name] = table(pairs)
