#!/usr/bin/env python3
"""Writes golden/manifest.tsv, golden/meta.tsv, golden/object_graphs.tsv and
hostile/manifest.tsv, which the tests of every language loop over; README.md has their
columns.

    make_manifest.py            writes them
    make_manifest.py --check    only compares, and checks every file's digest

What TensorFlow read back is in each case's expected.json, and what this library
must make of the hostile cases in hostile/verdicts.tsv. Where TensorFlow cannot
say it, the digest is worked out here from the stored bytes.
"""

import base64
import hashlib
import json
import math
import pathlib
import struct
import sys

DATA = pathlib.Path(__file__).resolve().parent
STATUSES = {"OK", "NOT_FOUND", "DATA_LOSS", "UNSUPPORTED"}
DT_VARIANT = 21


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    stale = []
    for name, rows in (
        ("golden/manifest.tsv", golden_rows),
        ("golden/meta.tsv", meta_rows),
        ("golden/object_graphs.tsv", object_graph_rows),
        ("hostile/manifest.tsv", hostile_rows),
    ):
        path = DATA / name
        text = "".join("\t".join(map(str, row)) + "\n" for row in rows())
        if not check:
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            stale.append(f"{path} is not what make_manifest.py writes")
    stale += damaged_files()
    if stale:
        sys.exit("\n".join(stale))


def cases(folder):
    for path in sorted((DATA / folder).glob("*/expected.json")):
        yield path.parent, json.loads(path.read_text())


def damaged_files():
    """The files whose size or digest is not the one that expected.json has."""
    for folder in ("golden", "hostile"):
        for home, expected in cases(folder):
            for file in expected["files"]:
                path = home / file["path"]
                data = path.read_bytes() if path.is_file() else b""
                if len(data) != file["size"] or sha256(data) != file["sha256"]:
                    yield f"{path} is missing or not as it was made"


# The golden cases.


def golden_rows():
    for home, expected in cases("golden"):
        by_prefix = {c["prefix"]: c for c in expected["checkpoints"]}
        for checkpoint in expected["checkpoints"]:
            same = by_prefix.get(checkpoint.get("tensors_same_as"), checkpoint)
            yield checkpoint_row(home, checkpoint, same["tensors"])
            # The values of `same` are in the files of this checkpoint too.
            stored = {e["key_hex"]: e for e in checkpoint.get("slice_entries", [])}
            data = Shards(home, checkpoint)
            for tensor in same["tensors"]:
                yield from tensor_rows(tensor, stored, data)


def checkpoint_row(home, checkpoint, tensors):
    return (
        "checkpoint",
        f"{home.name}/{checkpoint['prefix']}",
        checkpoint["format"],
        checkpoint["shard_count"],
        checkpoint["endianness"] or "-",
        len(tensors),
        checkpoint.get("index_keys", "-"),
    )


def tensor_rows(tensor, stored, data):
    name = raw_name(tensor)
    whole = content(tensor, name, stored, data)
    yield (
        "tensor",
        escape(name),
        tensor["dtype_number"],
        dims(tensor["shape"]),
        *whole,
        *place(tensor.get("stored")),
    )
    for piece in tensor.get("slices", []):
        # A scalar of a V1 file has one slice of no dimensions: itself.
        digest = (piece["nbytes"], piece["sha256"]) if "sha256" in piece else whole
        yield (
            "slice",
            piece["spec"] or "-",
            tensor["dtype_number"],
            dims(piece["shape"]),
            *digest,
            *piece_place(piece, name, stored),
        )


def raw_name(tensor):
    if "name_b64" in tensor:
        return base64.b64decode(tensor["name_b64"])
    return tensor["name"].encode()


def escape(name):
    """Printable ASCII as it is; space, backslash and all else as \\xNN."""
    return "".join(chr(b) if 0x21 <= b <= 0x7E and b != 0x5C else f"\\x{b:02x}" for b in name)


def dims(shape):
    return "[" + ",".join(map(str, shape)) + "]"


def place(stored):
    if stored is None:
        return ("-",) * 4
    return tuple(stored[key] for key in ("shard_id", "offset", "size", "crc32c"))


def piece_place(piece, name, stored):
    if "file" not in piece:
        return place(stored[slice_key(name, piece).hex()])
    shard = int(piece["file"].rsplit("-of-", 1)[0][-5:]) if "-of-" in piece["file"] else 0
    return (shard, "-", "-", "-")


def content(tensor, name, stored, data):
    """How many bytes the tensor's content has, and their digest."""
    if tensor["sha256"] is not None:
        return tensor["nbytes"], tensor["sha256"]
    if tensor["dtype_number"] == DT_VARIANT:
        return length_and_sha256(join(variant_records(data.read(tensor["stored"]))))
    if sum(math.prod(p["shape"]) for p in tensor["slices"]) < math.prod(tensor["shape"]):
        return "-", "-"
    return length_and_sha256(assemble(tensor, name, stored, data))


def assemble(tensor, name, stored, data):
    """Puts together the slices of a tensor for which TensorFlow does not."""
    elements = [b""] * math.prod(tensor["shape"])
    for piece in tensor["slices"]:
        values = piece_elements(piece, data.read(stored[slice_key(name, piece).hex()]))
        assert sha256(b"".join(values)) == piece["sha256"], piece
        for at, value in zip(positions(tensor["shape"], piece), values):
            elements[at] = value
    return b"".join(elements)


def piece_elements(piece, raw):
    """The elements of a slice, each as it enters the digest."""
    if "strings_b64" in piece:
        return [join([base64.b64decode(s)]) for s in piece["strings_b64"]]
    width = len(raw) // math.prod(piece["shape"])
    return [raw[at : at + width] for at in range(0, len(raw), width)]


def positions(shape, piece):
    """Where in the whole tensor each element of the slice stands."""
    found = [0]
    for extent, start, length in zip(shape, piece["start"], piece["shape"]):
        found = [at * extent + start + i for at in found for i in range(length)]
    return found


class Shards:
    """The data files of one V2 checkpoint."""

    def __init__(self, home, checkpoint):
        self.name = f"{home / checkpoint['prefix']}.data-%05d-of-{checkpoint['shard_count']:05}"

    def read(self, stored):
        data = pathlib.Path(self.name % stored["shard_id"]).read_bytes()
        return data[stored["offset"] : stored["offset"] + stored["size"]]


def variant_records(raw):
    """The records: each has its length before it and a CRC of four bytes behind."""
    while raw:
        length, used = varint(raw)
        yield raw[used : used + length]
        raw = raw[used + length + 4 :]


def varint(raw):
    value = 0
    for at, byte in enumerate(raw):
        value |= (byte & 0x7F) << 7 * at
        if byte < 0x80:
            return value, at + 1
    raise ValueError("a varint that does not end")


def join(values):
    """What the digest of strings is over: their lengths, as u64, and their bytes."""
    return b"".join(struct.pack("<Q", len(value)) + value for value in values)


def length_and_sha256(data):
    return len(data), sha256(data)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def slice_key(name, piece):
    escaped = name.replace(b"\xff", b"\xff\x00").replace(b"\x00", b"\x00\xff")
    key = ordered_number(0) + escaped + b"\x00\x01" + ordered_number(len(piece["start"]))
    for start, length in zip(piece["start"], piece["length"]):
        key += ordered_signed(start) + ordered_signed(length)
    return key


def ordered_number(value):
    digits = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes([len(digits)]) + digits


def ordered_signed(value):
    """Up to eight bytes: none of the fixtures has an extent beyond 2^55."""
    length = 1
    while not -(1 << (7 * length - 1)) <= value < 1 << (7 * length - 1):
        length += 1
    header = ((1 << length) - 1) << (8 - length)
    encoded = bytearray((value % (1 << 8 * length)).to_bytes(length, "big"))
    encoded[0] ^= header
    return bytes(encoded)


# The graphs of the golden cases.


def meta_rows():
    for home, expected in cases("golden"):
        for meta in expected.get("meta_graphs", []):
            yield "file", f"{home.name}/{meta['path']}", meta["size"], "-", 1
            yield from graph_rows(meta)
        for model in expected.get("saved_models", []):
            graphs = model["meta_graphs"]
            path = f"{home.name}/{model['path']}"
            yield "file", path, model["size"], model["schema_version"], len(graphs)
            for graph in graphs:
                yield from graph_rows(graph)


def graph_rows(graph):
    yield (
        "graph",
        "|".join(graph.get("tags", [])) or "-",
        graph["tensorflow_version"],
        graph["nodes"],
        graph["functions"],
        graph.get("object_graph_nodes", "-"),
    )
    yield "ops", *(graph[f"{kind}_ops"] for kind in ("save", "restore", "merge", "variable", "assign"))
    saver = graph["saver_def"]
    yield "saver_def", *(text_or_number(saver.get(key, "-")) for key in SAVER_DEF)
    for key, values in graph.get("collections", {}).items():
        yield "collection", escape(key.encode()), values
    for key, signature in graph.get("signatures", {}).items():
        sides = ("|".join(signature[side]) or "-" for side in ("inputs", "outputs"))
        yield "signature", escape(key.encode()), signature["method_name"] or "-", *sides


SAVER_DEF = (
    "filename_tensor_name",
    "save_tensor_name",
    "restore_op_name",
    "max_to_keep",
    "sharded",
    "keep_checkpoint_every_n_hours",
    "version",
)


def text_or_number(value):
    """Truth as 1 and 0, whole numbers without a fraction."""
    if isinstance(value, (bool, float)) and value == int(value):
        return int(value)
    return value


# The object graphs of the golden cases.


def object_graph_rows():
    for home, expected in cases("golden"):
        for checkpoint in expected["checkpoints"]:
            nodes = checkpoint.get("object_graph")
            if nodes is None:
                continue
            yield "graph", f"{home.name}/{checkpoint['prefix']}", len(nodes)
            for number, node in enumerate(nodes):
                yield from node_rows(number, node)


def node_rows(number, node):
    has_values = {True: 1, False: 0, None: "-"}[node["has_checkpoint_values"]]
    yield "node", number, has_values
    for name, child in node.get("children", {}).items():
        yield "child", graph_name(name), child
    for one in node.get("attributes", []):
        yield ("attribute", *map(graph_name, (one["name"], one["full_name"], one["checkpoint_key"])))
    for one in node.get("slot_variables", []):
        variable, slot = one["original_variable_node_id"], one["slot_variable_node_id"]
        yield "slot", graph_name(one["slot_name"]), variable, slot


def graph_name(name):
    """`-` is for an empty one."""
    return {"": "-", "-": "\\x2d"}.get(name) or escape(name.encode())


# The hostile cases.


def hostile_rows():
    verdicts = read_verdicts()
    for home, expected in cases("hostile"):
        verdict = verdicts.pop(home.name, None) or sys.exit(f"no verdict on {home.name}")
        yield (
            "case",
            home.name,
            expected["kind"],
            f"{home.name}/{expected.get('prefix', expected.get('filename'))}",
            verdict["open"],
            verdict["list"],
            verdict["verify"],
            paths(home, verdict["file"]),
            expected["defect"] or "None: the good files that the others derive from.",
        )
        if "OK" in verdict["open"].split("|"):
            yield from hostile_tensor_rows(expected, tensor_verdicts(verdict["tensors"]))
    if verdicts:
        sys.exit(f"verdicts on cases that do not exist: {', '.join(verdicts)}")


def hostile_tensor_rows(expected, verdicts):
    others = verdicts.pop("*", ("OK", "OK"))
    for name, good in sorted(expected.get("good", {}).items()):
        info, read = verdicts.pop(name, others)
        digest = good["sha256"]
        if read == "OTHER":
            read, digest = "OK", "-"
        assert set(info.split("|")) | set(read.split("|")) <= STATUSES, (name, info, read)
        yield "tensor", escape(name.encode()), info, read, digest
    assert not verdicts, verdicts


def read_verdicts():
    lines = (DATA / "hostile" / "verdicts.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {row[0]: dict(zip(rows[0], row)) for row in rows[1:]}


def tensor_verdicts(text):
    """`name:info:read ...` as {name: (info, read)}; `-` is an empty list."""
    triples = [] if text == "-" else [item.split(":") for item in text.split(" ")]
    return {name: (info, read) for name, info, read in triples}


def paths(home, names):
    return "-" if names == "-" else "|".join(f"{home.name}/{n}" for n in names.split("|"))


if __name__ == "__main__":
    main()
