#!/usr/bin/env python3
"""Writes the hostile cases that are made here, each from one of the good ones by a single lie.

    make_hostile.py            writes their files and expected.json
    make_hostile.py --check    only compares

Those that have had a number of their own in TensorFlow's advisories name it; most are what
CVE-2021-41203 is about, checkpoints of which nothing was checked. What TensorFlow 2.21.0 does
with each is kept where expected.json has it already. A case needs its line in
hostile/verdicts.tsv, and make_manifest.py after that.
"""

import hashlib
import json
import pathlib
import struct
import sys

from hostile_files import (
    SNAPPY, block, ended, fixed32, footer, handle, masked_crc, message, number, read_table, shape,
    slice_key, table, table_of_blocks, take_varint, tensor_slice, varint,
)

HOSTILE = pathlib.Path(__file__).resolve().parent / "hostile"
INDEX, DATA, V1 = "ckpt.index", "ckpt.data-00000-of-00001", "model.ckpt"
KERNEL, NAMES, TABLE = b"alpha/kernel", b"alpha/names", b"gamma/table"
FLOAT, STRING, VARIANT = 1, 7, 21
MAX = (1 << 63) - 1

CASES = []


def add(name, base, defect, change):
    CASES.append((name, base, defect, change))


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    stale = [name for name, *rest in CASES if not make(name, *rest, check)]
    if stale:
        sys.exit(f"not as make_hostile.py writes them: {', '.join(stale)}")


def make(name, base, defect, change, check):
    """Writes a case, or says whether it is as it would be written."""
    home = HOSTILE / name
    files = read_case(base)
    change(files)
    found = {path.name: path.read_bytes() for path in home.glob("*") if path.name != "expected.json"}
    if check:
        return found == files
    home.mkdir(exist_ok=True)
    for path, content in files.items():
        (home / path).write_bytes(content)
    write_expected(home, base, defect, files)
    return True


def read_case(base):
    if base == "state":
        return {}
    files = (HOSTILE / base).glob("*")
    return {path.name: path.read_bytes() for path in files if path.name != "expected.json"}


def write_expected(home, base, defect, files):
    path = home / "expected.json"
    before = json.loads(path.read_text()) if path.exists() else {}
    kind = {"good_v1": "v1", "state": "state"}.get(base, "v2")
    expected = {
        "schema": 1,
        "case": f"corrupt/{home.name}",
        "defect": defect,
        "derived_from": None if kind == "state" else base,
        "kind": kind,
        "made_with": {"how": "changed byte by byte by make_hostile.py"},
        "files": [
            {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        ],
    }
    if kind == "state":
        expected |= {"directory": "", "filename": "checkpoint"}
    else:
        good = json.loads((HOSTILE / base / "expected.json").read_text())
        expected |= {"prefix": good["prefix"], "good": good["good"]}
    expected |= {key: before[key] for key in ("judged_with", "tf", "tf_summary") if key in before}
    path.write_text(json.dumps(expected, indent=1) + "\n")


# What the cases change.


def pairs_of(files, name=INDEX):
    return read_table(files[name])


def put_entry(files, key, value):
    """`value` may be a function of what is there."""
    pairs = pairs_of(files)
    at = [pair[0] for pair in pairs].index(key)
    pairs[at] = (key, value(pairs[at][1]) if callable(value) else value)
    files[INDEX] = table(pairs)


def and_then(*fields):
    """Of a field that is there twice the last one counts; repeated ones are joined."""
    return lambda value: value + b"".join(fields)


def kernel(*dims, size=48, offset=0, dtype=FLOAT):
    """An entry like that of alpha/kernel, of another shape."""
    return lambda old: b"".join(
        [number(1, dtype), shape(2, *dims), number(4, offset), number(5, size), old[-5:]]
    )


def put_kernel(*dims, **others):
    return lambda files: put_entry(files, KERNEL, kernel(*dims, **others))


def header(*fields):
    return lambda files: put_entry(files, b"", b"".join(fields))


def one_block(contents_of, kind=0):
    """The index with one block, whose contents are made of the pairs."""

    def change(files):
        pairs = pairs_of(files)
        files[INDEX] = table_of_blocks([(pairs[-1][0] + b"~", contents_of(pairs), kind)])

    return change


# Shapes.

add("entry_shape_2_40_elements", "good_v2",
    "alpha/kernel has 2^40 elements and the size that goes with them.",
    put_kernel(1 << 20, 1 << 20, size=1 << 42))
add("entry_shape_product_wraps", "good_v2",
    "The shape of alpha/kernel is [2^31, 2^31, 4]: 2^64 elements, none in 64 bits.",
    put_kernel(1 << 31, 1 << 31, 4, size=0))
add("entry_shape_min", "good_v2",
    "A dimension of alpha/kernel is the lowest number of 64 bits.", put_kernel(-MAX - 1, 4))
add("entry_shape_zero_and_huge", "good_v2",
    "The shape of alpha/kernel is [0, 2^62, 2^62]: no elements, by way of more than there can be.",
    put_kernel(0, 1 << 62, 1 << 62, size=0))
add("entry_shape_bytes_wrap", "good_v2",
    "The shape of alpha/kernel is [2^62, 4]: its bytes wrap to 0.", put_kernel(1 << 62, 4, size=0))
add("entry_shape_many_negatives", "good_v2",
    "The shape of alpha/kernel is [-3, -4]: 12 elements, were it one.", put_kernel(-3, -4))
add("entry_shape_254_dimensions_of_two", "good_v2",
    "alpha/kernel has 254 dimensions of two.", put_kernel(*[2] * 254))

# Entries: how their bytes lie about themselves.

add("entry_size_max", "good_v2", "The size of alpha/kernel is 2^63 - 1.", put_kernel(3, 4, size=MAX))
add("entry_overlaps_strings", "good_v2",
    "alpha/kernel begins in its own data and ends in that of the next tensor.",
    put_kernel(3, 4, offset=30))
add("entry_endless_varint", "good_v2", "A number of the entry of alpha/kernel has eleven bytes.",
    lambda files: put_entry(files, KERNEL, and_then(b"\x28" + b"\x80" * 10 + b"\x01")))
add("entry_length_beyond", "good_v2", "The shape of alpha/kernel says it is longer than its entry.",
    lambda files: put_entry(files, KERNEL, and_then(b"\x12\xff\xff\xff\xff\x07")))
add("entry_deep_groups", "good_v2",
    "The entry of alpha/kernel has an unknown group in a group, and so on, 5,000 deep.",
    lambda files: put_entry(files, KERNEL, and_then(b"\x7b" * 5000 + b"\x7c" * 5000)))
add("entry_deep_shape", "good_v2",
    "The shape of alpha/kernel has a message in a message, and so on, 2,000 deep.",
    lambda files: put_entry(files, KERNEL, and_then(nested(2000))))
add("entry_group_not_closed", "good_v2", "The entry of alpha/kernel begins a group and ends.",
    lambda files: put_entry(files, KERNEL, and_then(b"\x7b")))
add("entry_other_wire_type", "good_v2", "The shape of alpha/kernel is a number.",
    lambda files: put_entry(files, KERNEL, number(1, 1) + number(2, 12) + number(5, 48)))
add("entry_field_zero", "good_v2", "The entry of alpha/kernel has a field of number 0.",
    lambda files: put_entry(files, KERNEL, and_then(b"\x00\x00")))
add("entry_dtype_2_32", "good_v2",
    "The dtype of alpha/kernel is 2^32 + 1, which is 1 where only 32 bits are looked at.",
    lambda files: put_entry(files, KERNEL, and_then(number(1, (1 << 32) + 1))))


def nested(depth):
    content = b""
    for _ in range(depth):
        content = message(2, content)
    return content


# The header.

add("header_million_shards", "good_v2", "The header says there are a million data shards.",
    header(number(1, 1000000), message(3, number(1, 1))))
add("header_many_bad_consumers", "good_v2", "The header lists 2,000 readers that misread it, and this one.",
    header(number(1, 1), message(3, number(1, 1), *(number(3, 2000 - n) for n in range(2000)))))
add("header_deep_groups", "good_v2", "The header has groups in groups, 5,000 deep.",
    header(number(1, 1), b"\x7b" * 5000 + b"\x7c" * 5000))
add("header_shards_2_32", "good_v2",
    "The header says there are 2^32 + 1 data shards, which is 1 where only 32 bits are looked at.",
    header(number(1, (1 << 32) + 1), message(3, number(1, 1))))

# Slices.

BOTH = [((0, 1), (0, None)), ((1, 3), (0, None))]


def table_entry(*slices, dims=(4, 6)):
    return number(1, FLOAT) + shape(2, *dims) + b"".join(tensor_slice(7, *one) for one in slices)


def put_slices(*slices, dims=(4, 6)):
    return lambda files: put_entry(files, TABLE, table_entry(*slices, dims=dims))


add("slices_repeated", "good_v2", "gamma/table lists each of its slices a hundred times.",
    put_slices(*BOTH * 100))
add("slice_start_and_length_wrap", "good_v2",
    "A slice of gamma/table starts at 2^63 - 1 and has 3 rows: its end wraps.",
    put_slices(BOTH[0], ((MAX, 3), (0, None))))
add("slice_length_negative", "good_v2", "A slice of gamma/table has -3 rows.",
    put_slices(BOTH[0], ((1, -3), (0, None))))
add("slice_length_max", "good_v2", "A slice of gamma/table has 2^63 - 1 rows.",
    put_slices(BOTH[0], ((1, MAX), (0, None))))
add("slice_254_dimensions", "good_v2", "The slices of gamma/table have 254 dimensions, itself two.",
    put_slices(((0, None),) * 254))
add("slices_of_a_huge_shape", "good_v2",
    "The two slices of gamma/table are those of a tensor of 2^40 rows.",
    put_slices(*BOTH, dims=(1 << 40, 6)))
add("slice_with_slices", "good_v2",
    "The entry of a slice lists slices itself, of which it is one.",
    lambda files: put_entry(files, slice_key(TABLE, *BOTH[0]), table_entry(BOTH[0], dims=(1, 6))))
add("slice_data_of_the_whole", "good_v2",
    "The entry of the first slice of gamma/table says it has the data of all of it.",
    lambda files: put_entry(files, slice_key(TABLE, *BOTH[0]), and_then(number(5, 96))))
add("slices_and_data", "good_v2", "alpha/kernel lists a slice, and has data of its own.",
    lambda files: put_entry(files, KERNEL, and_then(tensor_slice(7, (0, 1), (0, None)))))
add("slice_deep", "good_v2", "A slice of gamma/table has messages in messages, 2,000 deep.",
    lambda files: put_entry(files, TABLE, table_entry(*BOTH) + message(7, nested(2000))))

# Strings.

def put_strings(files, lengths, rest=b"", dims=(4,)):
    """Other data for alpha/names, behind what there is; its own checksum is right."""
    data = b"".join(map(varint, lengths))
    wide = any(length >> 32 for length in lengths)
    crc = struct.pack("<I", masked_crc(b"".join(struct.pack("<Q" if wide else "<I", n) for n in lengths)))
    offset = len(files[DATA])
    files[DATA] += data + crc + rest
    entry = [number(1, STRING), shape(2, *dims), number(4, offset), number(5, len(data) + 4 + len(rest)),
             fixed32(6, masked_crc(crc + rest))]
    put_entry(files, NAMES, b"".join(entry))


add("strings_lengths_wrap", "good_v2",
    "The lengths of alpha/names add up to 2^64 + 4, which is 4 in 64 bits.",
    lambda files: put_strings(files, [1 << 63, 1 << 63, 0, 4], b"abcd"))
add("strings_length_max", "good_v2", "A string of alpha/names has 2^64 - 1 bytes.",
    lambda files: put_strings(files, [(1 << 64) - 1, 0, 0, 5], b"abcd"))
add("strings_2_40_elements", "good_v2", "alpha/names has 2^40 strings in 20 bytes.",
    lambda files: put_strings(files, [4] * 4, b"a" * 16, dims=(1 << 20, 1 << 20)))
add("strings_one_beyond", "good_v2", "The last string of alpha/names ends one byte beyond its entry.",
    lambda files: put_strings(files, [1, 1, 1, 2], b"abcd"))
add("variants_for_floats", "good_v2", "alpha/kernel is said to be of variants.",
    put_kernel(3, 4, dtype=VARIANT))

# Blocks: restarts, keys, compression.

add("restart_count_wraps", "good_v2",
    "The block has 2^30 + 1 restarts, whose bytes are 4 where 32 bits wrap.",
    one_block(lambda pairs: ended(block(pairs)[:-4 * (len(pairs) + 1)], [0], count=(1 << 30) + 1)))
add("restart_count_max", "good_v2", "The block has 2^32 - 1 restarts.",
    one_block(lambda pairs: ended(block(pairs)[:-4 * (len(pairs) + 1)], [0], count=0xFFFFFFFF)))
add("restarts_within_an_entry", "good_v2", "The second restart of the block is in the middle of an entry.",
    one_block(lambda pairs: block(pairs, [0, 3])))
add("restarts_backwards", "good_v2", "The restarts of the block go backwards.",
    one_block(lambda pairs: block(pairs, [len(block(pairs[:1])) - 8, 0])))
add("restarts_all_the_same", "good_v2", "The block has 500 restarts, all of the first entry.",
    one_block(lambda pairs: block(pairs, [0] * 500)))
add("restart_shares_its_key", "good_v2", "The entry at a restart shares a key with nothing before it.",
    one_block(lambda pairs: ended(b"\x05\x01\x00a", [0])))
add("entry_key_length_max", "good_v2", "A key of the block has 2^32 - 1 bytes.",
    one_block(lambda pairs: ended(b"\0" + varint(0xFFFFFFFF) + b"\x01ab", [0])))
add("entry_lengths_wrap", "good_v2",
    "The lengths of a key and its value are 2^32 - 1 and 2: 1 where 32 bits wrap.",
    one_block(lambda pairs: ended(b"\0" + varint(0xFFFFFFFF) + b"\x02ab", [0])))
add("entry_value_into_restarts", "good_v2", "The last value of the block takes the restarts in.",
    one_block(lambda pairs: ended(b"\0\x00\x06" + b"\x08\x01", [0])))


def snappy(length, *parts):
    return varint(length) + b"".join(parts)


def literal(data):
    return bytes([60 << 2, len(data) - 1]) + data


def copy(offset, length):
    return bytes([(length - 1) << 2 | 2]) + struct.pack("<H", offset)


def snappy_block(defect, name, compressed):
    add(name, "good_v2", defect, one_block(lambda pairs: compressed(block(pairs)), SNAPPY))


snappy_block("A snappy copy repeats the byte before it 64 times over, beyond the length of the block.",
             "block_snappy_overlap", lambda raw: snappy(10, literal(b"a"), copy(1, 64)))
snappy_block("A snappy copy is of what is 0 bytes back.", "block_snappy_offset_zero",
             lambda raw: snappy(5, literal(b"a"), copy(0, 4)))
snappy_block("A snappy literal is longer than the block.", "block_snappy_literal_beyond",
             lambda raw: snappy(100, b"\xfc\xff\xff\xff\x7fab"))
snappy_block("A snappy block of 12 KB becomes 256 KB of one byte.", "block_snappy_bomb",
             lambda raw: snappy(1 + 64 * 4096, literal(b"\0"), copy(1, 64) * 4096))
snappy_block("A snappy block says it has fewer bytes than it becomes.", "block_snappy_length_short",
             lambda raw: snappy(len(raw) - 1, *(literal(raw[at : at + 200]) for at in range(0, len(raw), 200))))
snappy_block("The length of a snappy block is a varint of eleven bytes.", "block_snappy_varint_overrun",
             lambda raw: b"\xff" * 10 + b"\x01" + literal(b"a"))

# Handles.


def handles(change):
    def go(files):
        pairs = pairs_of(files)
        half = len(pairs) // 2
        blocks = [(part[-1][0], block(part), 0) for part in (pairs[:half], pairs[half:])]
        files[INDEX] = table_of_blocks(blocks, handles=change)

    return go


add("handle_of_the_index", "good_v2", "The handle of the second block is that of the index block itself.",
    handles(lambda found, out: [found[0], (found[1][0], handle(len(out), 60))]))
add("handles_twice_the_same", "good_v2", "Both handles are of the first block.",
    handles(lambda found, out: [found[0], (found[1][0], found[0][1])]))
add("handles_overlap", "good_v2", "The second block begins within the first.",
    handles(lambda found, out: [found[0], (found[1][0], handle(take_varint(found[1][1], 0)[0] - 9, 40))]))
add("handle_end_wraps", "good_v2", "The second block begins at 2^64 - 8 and has 64 bytes.",
    handles(lambda found, out: [found[0], (found[1][0], handle((1 << 64) - 8, 64))]))
add("handle_varint_overrun", "good_v2", "The offset of the second block has eleven bytes.",
    handles(lambda found, out: [found[0], (found[1][0], b"\xff" * 10 + b"\x01\x20")]))
add("handle_500_times", "good_v2", "The index has the first block 500 times.",
    handles(lambda found, out: [(found[0][0] + bytes([n >> 8, n & 255]), found[0][1]) for n in range(500)]))


def whole_table(**how):
    def go(files):
        pairs = pairs_of(files)
        files[INDEX] = table_of_blocks([(pairs[-1][0] + b"~", block(pairs), 0)], **how)

    return go


add("footer_handles_swapped", "good_v2", "The footer has the handle of the index for that of the metaindex.",
    whole_table(end=lambda meta, index: footer(index, meta)))
add("footer_index_is_the_footer", "good_v2", "The index block is said to begin in the footer.",
    whole_table(end=lambda meta, index: footer(meta, handle(take_varint(index, 0)[0] + 40, 60))))
add("footer_metaindex_past_eof", "good_v2", "The metaindex block is beyond the end of the file.",
    whole_table(end=lambda meta, index: footer(handle(1 << 40, 8), index)))
add("footer_alone", "good_v2", "The file is a footer, whose blocks have no bytes.",
    lambda files: files.update({INDEX: footer(handle(0, 0), handle(0, 0))}))
add("index_block_without_restarts", "good_v2", "The index block ends where its restarts should be.",
    whole_table(index=lambda pairs: block(pairs)[:-4]))

# V1.


def v1_pairs(change):
    def go(files):
        pairs = read_table(files[V1])
        files[V1] = table(change(pairs) or pairs)

    return go


def v1_tensor(name, kind, dims, *slices):
    fields = [message(1, name), shape(2, *dims), number(3, kind)]
    return message(1, *fields, *(tensor_slice(4, *one) for one in slices))


def v1_meta(*more):
    """Further tensors in the metadata."""
    return v1_pairs(lambda pairs: [(b"", message(1, *more, message(2, number(1, 1)))), *pairs[1:]])


def v1_first(*parts):
    """The value under the key of tensor a is made of these."""
    def change(pairs):
        at = next(n for n, (key, _) in enumerate(pairs) if key.startswith(b"\0a\0"))
        pairs[at] = (pairs[at][0], message(2, message(1, b"a"), tensor_slice(2, (0, None), (0, None)), *parts))
    return v1_pairs(change)


A = v1_tensor(b"a", FLOAT, (2, 3), ((0, None), (0, None)))
WHOLE = ((0, None), (0, None))
add("v1_shape_2_40_elements", "good_v1", "Tensor a has 2^40 elements.",
    v1_meta(v1_tensor(b"a", FLOAT, (1 << 20, 1 << 20), WHOLE)))
add("v1_shape_product_wraps", "good_v1", "Tensor a has 2^64 + 6 elements, were they counted in 64 bits.",
    v1_meta(v1_tensor(b"a", FLOAT, (1 << 32, 1 << 32), WHOLE)))
add("v1_slice_out_of_bounds", "good_v1", "The slice of tensor a in the metadata has 9 of its 2 rows.",
    v1_meta(v1_tensor(b"a", FLOAT, (2, 3), ((0, 9), (0, None)))))
add("v1_slice_negative", "good_v1", "The slice of tensor a in the metadata starts at -2.",
    v1_meta(v1_tensor(b"a", FLOAT, (2, 3), ((-2, 2), (0, None)))))
add("v1_slice_wraps", "good_v1", "The slice of tensor a in the metadata ends beyond 2^63.",
    v1_meta(v1_tensor(b"a", FLOAT, (2, 3), ((MAX, 2), (0, None)))))
add("v1_slice_rank", "good_v1", "The slice of tensor a in the metadata has three dimensions.",
    v1_meta(v1_tensor(b"a", FLOAT, (2, 3), WHOLE + ((0, None),))))
add("v1_slices_repeated", "good_v1", "The metadata list the slice of tensor a 200 times.",
    v1_meta(v1_tensor(b"a", FLOAT, (2, 3), *[WHOLE] * 200)))
add("v1_tensor_twice", "good_v1", "The metadata have tensor a twice, of different shapes.",
    v1_meta(A, v1_tensor(b"a", FLOAT, (3, 2), WHOLE)))
add("v1_no_slices", "good_v1", "The metadata list no slice of tensor a.",
    v1_meta(v1_tensor(b"a", FLOAT, (2, 3))))
add("v1_data_of_another_slice", "good_v1", "The values under the key of tensor a are said to be of another slice.",
    v1_pairs(lambda pairs: lie_about_the_slice(pairs)))
add("v1_values_length_beyond", "good_v1", "The values of tensor a say they are longer than their message.",
    v1_first(message(3, b"\x2a\xff\xff\xff\xff\x07")))
add("v1_values_not_whole", "good_v1", "The values of tensor a have 23 bytes, and floats four.",
    v1_first(message(3, message(5, b"\0" * 23))))
add("v1_values_of_another_type", "good_v1", "The values of tensor a are doubles.",
    v1_first(message(3, message(6, b"\0" * 48))))
add("v1_values_missing", "good_v1", "The entry of tensor a has no values at all (CVE-2021-41203).",
    v1_first())
add("v1_values_deep", "good_v1", "The values of tensor a have messages in messages, 2,000 deep.",
    v1_first(message(3, nested(2000))))


def lie_about_the_slice(pairs):
    at = next(n for n, (key, _) in enumerate(pairs) if key.startswith(b"\0a\0"))
    values = message(3, message(5, struct.pack("<6f", *range(6))))
    pairs[at] = (pairs[at][0], message(2, message(1, b"a"), tensor_slice(2, (0, 1), (0, None)), values))


# State files.


def state(name, defect, text):
    add(f"state_{name}", "state", defect, lambda files: files.update(checkpoint=text))


PATH = b'model_checkpoint_path: "ckpt"\n'
state("deep", "A message in a message, and so on, 5,000 deep.", PATH + b"a { " * 5000 + b"}" * 5000)
state("endless_string", "A string of 100 KB does not end.", b'model_checkpoint_path: "' + b"a" * 100000)
state("many_braces", "100 KB of braces that open and nothing else.", b"{" * 100000)
state("number_of_4000_digits", "A timestamp of 4,000 digits.", PATH + b"last_preserved_timestamp: " + b"9" * 4000 + b"x")
state("points_at_its_directory", "The latest checkpoint is the directory.", b'model_checkpoint_path: "."\n')
state("nul_in_path", "The path has a NUL.", b'model_checkpoint_path: "a\\000b"\n')
state("2000_paths", "The state file lists 2,000 checkpoints, none of which is there.",
      PATH + b'all_model_checkpoint_paths: "x"\n' * 2000)
state("escape_cut_short", "The text ends within an escape.", b'model_checkpoint_path: "\\x')


if __name__ == "__main__":
    main()
